"""What a person can mend, told in one line with its remedy."""


class Trouble(Exception):
    """The playground cannot go on; `remedy` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy
