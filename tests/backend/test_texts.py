"""How long a membership lasts, in words."""

import pytest

from backend.texts import Say

DAY = 86_400


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "for life"),
        (1, "for a day"),
        (7, "for 7 days"),
        (30, "for a month"),
        (90, "for 3 months"),
        (360, "for 12 months"),
        (365, "for a year"),
        (6 * 365, "for 6 years"),
        (12 * 365, "for 12 years"),
    ],
)
def test_length_is_said_in_the_largest_unit_that_fits(days: int, words: str) -> None:
    assert Say("en").length(days * DAY) == words
