"""scripts/check_contracts.py: what Slither finds in the contracts, and what explains it"""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import check_contracts
from scripts.check_contracts import explains_itself, found, unexplained
from scripts.solc import sources
from tests.fixtures.tools import ROOT

NAME = "Token.sol"
TOKEN = sources()["contracts/mocks/NoReturnToken.sol"]  # what an ERC-20 must not be: `transfer` gives nothing back
WHY = "// It gives nothing back: that is the point.\n"
DISABLE = "// slither-disable-next-line erc20-interface\n"


def checks(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Check and place of all that is found in one file."""
    (folder / NAME).write_text(text)
    monkeypatch.setattr(check_contracts, "ROOT", folder)
    monkeypatch.chdir(folder)
    return sorted({(each["check"], each["where"]) for each in found({NAME: text})})


def test_slither_finds_nothing_unexplained_in_the_contracts() -> None:
    command = [sys.executable, "-m", "scripts.check_contracts"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Slither finds nothing unexplained in ")


def test_slither_finds_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = TOKEN[: TOKEN.index("contract ")].count("\n") + 1

    assert checks(TOKEN, tmp_path, monkeypatch) == [("erc20-interface", f"{NAME}:{line}")]


def test_comment_silences_the_next_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TOKEN.replace("contract ", f"{WHY}{DISABLE}contract ")

    assert checks(text, tmp_path, monkeypatch) == []
    assert unexplained({NAME: text}) == []


def test_comment_that_silences_nothing_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = TOKEN.replace("contract ", f"{WHY}{DISABLE}contract ").replace(
        "    function mint", f"{DISABLE}    function mint"
    )
    line = text[: text.rindex(DISABLE)].count("\n") + 1

    assert checks(text, tmp_path, monkeypatch) == [("comment", f"{NAME}:{line}")]


@pytest.mark.parametrize(
    "text",
    [
        f"\n{DISABLE}contract A {{}}\n",
        f"{WHY}{DISABLE}{DISABLE}contract A {{}}\n",
        f"{WHY}// slither-disable-start all\ncontract A {{}}\n",
        f"{DISABLE}contract A {{}}\n",
    ],
    ids=["no words", "words for the other", "everything", "first line"],
)
def test_comment_must_say_why_and_for_one_line(text: str) -> None:
    assert len(unexplained({NAME: text})) == 1


@pytest.mark.parametrize(
    ("check", "code", "silent"),
    [
        ("incorrect-equality", "if (amount == 0) return 0;", True),
        ("incorrect-equality", "if (owner == address(0) || state.badge == 0) return;", True),
        ("incorrect-equality", "if (state.expiresAt == TierLib.FOR_LIFE) return;", True),
        ("incorrect-equality", "if (token.balanceOf(account) == 0) return;", False),
        ("incorrect-equality", "if (address(this).balance == 0) return;", False),
        ("incorrect-equality", "if (block.timestamp == since) return;", False),
        ("incorrect-equality", "if (amount == 0 || amount == 1) return;", False),
        ("incorrect-equality", "if (amount == 0x10) return;", False),
        ("unused-return", "(earned,) = sibling.earnings();", True),
        ("unused-return", "(Status status, uint96 price,,) = statusOf(id);", True),
        ("unused-return", "(, uint256 withdrawn) = sibling.earnings();", True),
        ("unused-return", "sibling.earnings();", False),
        ("unused-return", "if ((a, b) == c) f(x,);", False),
        ("uninitialized-local", "uint256 total;", True),
        ("uninitialized-state", "uint256 total;", False),
        ("reentrancy-eth", "if (amount == 0) (x,) = f();", False),
    ],
)
def test_finding_explains_itself(check: str, code: str, silent: bool) -> None:
    assert explains_itself({"check": check, "code": code}) is silent
