"""The whole story without a browser."""

from rich.console import Console

from scripts.playground.supervisor import Playground


class TourFailed(Exception):
    """A step did not go as it must; the message says which and how."""


def play(playground: Playground, out: Console) -> None:
    """The story has been played, each step checked."""
