"""`make demo ARGS=--tour`: the whole story, and that it leaves nothing behind."""

import re

from tests.fixtures.demo import run_demo
from tests.fixtures.tools import find_tool, missing


def test_tour_plays_the_whole_story() -> None:
    if find_tool("anvil") is None:
        missing("anvil")

    done = run_demo("--tour")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^ ?\d+ ", done.stdout, re.MULTILINE)) == 20
    assert re.findall(r"refused +403, ([a-z-]+)", done.stdout) == [
        "membership-missing",
        "membership-expired",
        "membership-missing",
    ]
    assert len(re.findall(r"tx +0x[0-9a-f]{64}", done.stdout)) == 11
    assert "The whole story holds." in done.stdout
