"""`make demo ARGS=--day`: a tenth of it, on a day that once broke when an early reorg took people's coins away."""

from tests.fixtures.demo import run_demo
from tests.fixtures.tools import find_tool, missing


def test_a_random_day_ends_with_books_that_hold() -> None:
    if find_tool("anvil") is None:
        missing("anvil")

    done = run_demo("--day", "--seed", "790093", "--actions", "50")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "difference 0 wei" in done.stdout
    assert "reorg" in done.stdout
    assert "The day's books hold" in done.stdout
