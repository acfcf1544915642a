"""scripts/mutation: which mutants a contract has, and that each changes nothing until it is woken"""

from itertools import pairwise

import pytest

from scripts.mutation.__main__ import accepted, chosen, faults_of
from scripts.mutation.mutants import Mutant, mutants_of
from scripts.mutation.play import CONTRACTS, FOLDERS, SLOW, Outcome, order
from scripts.mutation.weave import ASLEEP, affected, alone, woven
from scripts.solc import artifacts, sources
from tests.factories.contracts import Reverted
from tests.factories.evm import Evm
from tests.fixtures.tools import ROOT

FILE = "contracts/store/Till.sol"
TILL = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

contract Till {
    uint256 private _paid;
    address private _owner = msg.sender;

    error TooMuch(uint256 amount);
    error NotOwner();

    modifier onlyOwner() {
        if (msg.sender != _owner) revert NotOwner();
        _;
    }

    function pay(uint256 amount) external {
        if (amount > 100) revert TooMuch(amount);
        _paid += amount;
    }

    function reset() external onlyOwner {
        _paid = 0;
    }

    function paid() external view returns (uint256) {
        return _paid;
    }

    function shareOf(uint256 amount) external pure returns (uint256) {
        return (amount * 500) / 10_000;
    }

    function colorOf(uint256 number) external pure returns (uint256) {
        return number + 7;
    }
}
"""
OUTSIDE = {"events", "invariants"}  # folders of which SLOW names what notices mutants, or nothing does


@pytest.fixture(scope="module")
def pragma() -> str:
    """Of our contracts."""
    text = sources()["contracts/community/Community.sol"]
    return next(line for line in text.splitlines() if line.startswith("pragma"))


@pytest.fixture(scope="module")
def till(pragma: str) -> dict[str, str]:
    """The sources of one contract."""
    return {FILE: TILL.replace("pragma solidity 0.8.30;", pragma)}


@pytest.fixture(scope="module")
def everything() -> list[Mutant]:
    """All mutants of our contracts."""
    return mutants_of(sources())


def mutant(file: str = FILE, function: str = "pay", after: str = "false") -> Mutant:
    return Mutant(file, function, 1, "no guard", "amount > 100", after, 0, 12)


def said_by(chain: Evm) -> list[object]:
    """All that can be seen of a till: what it takes, has, divides and forgets."""
    contract = chain.deploy("Till")
    seen: list[object] = []
    for amount in (60, 100, 101):
        try:
            chain.send(contract.pay, amount, sender=chain.accounts[1])
        except Reverted as error:
            seen.append(error.name)
    seen += [contract.paid(), contract.shareOf(1_000)]
    chain.send(contract.reset, sender=chain.accounts[0])
    return [*seen, contract.paid()]


def test_line_that_moves_money_has_one_mutant_and_no_other_line_has(till: dict[str, str]) -> None:
    found = mutants_of(till)

    lines = {each.line: till[FILE].splitlines()[each.line - 1].strip() for each in found}
    assert len(found) == len(lines)
    assert list(lines.values()) == [
        "if (amount > 100) revert TooMuch(amount);",
        "_paid += amount;",
        "function reset() external onlyOwner {",
        "_paid = 0;",
        "return (amount * 500) / 10_000;",
    ]


def test_mutant_keeps_its_name_when_other_functions_change(till: dict[str, str]) -> None:
    before = mutants_of(till)

    after = mutants_of({FILE: till[FILE].replace("number + 7", "(number + 7) * number").replace("\n\n", "\n\n\n")})

    assert [each.name for each in after] == [each.name for each in before]
    assert [each.line for each in after] != [each.line for each in before]


def test_contracts_that_draw_or_only_declare_have_no_mutants(till: dict[str, str]) -> None:
    for name in ("contracts/membership/MembershipArt.sol", "contracts/store/IStore.sol", "contracts/mocks/Till.sol"):
        assert mutants_of({name: till[FILE]}) == []


def test_money_moving_lines_of_every_domain_have_mutants(everything: list[Mutant]) -> None:
    tenth = [each for each in everything if each.in_the_tenth]

    assert len(everything) >= 500
    assert len({each.name for each in everything}) == len(everything)
    assert len(everything) / 15 < len(tenth) < len(everything) / 7
    domains = {"badges", "community", "crowdsale", "market", "membership", "store"}
    assert {each.file.split("/")[1] for each in tenth} == domains


def test_woven_contract_is_as_before_until_one_mutant_is_woken(
    till: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = sources() | till
    wrong = [each for each in mutants_of(till) if each.woven]
    made = artifacts(affected(texts, wrong), changed=woven(texts, wrong), keep=False)
    seen = []
    for awake in (ASLEEP, *(each.wakes_at for each in wrong)):
        monkeypatch.setattr(Evm, "awake", awake)
        seen.append(said_by(Evm(artifacts() | made)))

    assert seen[0] == ["TooMuch", 160, 50, 0]
    assert seen.count(seen[0]) == 1


def test_modifier_is_taken_away_in_sources_of_their_own(till: dict[str, str]) -> None:
    bare = next(each for each in mutants_of(till) if each.operator == "no modifier")

    assert not bare.woven
    assert alone(till, bare) == {FILE: till[FILE].replace("external onlyOwner {", "external  {")}


def test_tests_named_after_the_function_come_first_and_slow_ones_last() -> None:
    paths = [*SLOW, "market/test_buy.py", "store/test_tip.py", "store/test_buy_with.py", "store/test_buy.py"]

    ordered = order(paths, mutant(function="buyWith"))

    assert ordered[:4] == ["store/test_buy_with.py", "store/test_tip.py", "store/test_buy.py", "market/test_buy.py"]
    assert ordered[4] == "store/test_split_properties.py"
    assert all(first in SLOW for first, _ in pairwise(ordered[4:]))


def test_every_folder_of_contract_tests_notices_mutants() -> None:
    folders = {path.name for path in (ROOT / CONTRACTS).iterdir() if any(path.glob("test_*.py"))}

    assert folders == {*FOLDERS, *OUTSIDE}
    assert [path for path in SLOW if not (ROOT / CONTRACTS / path).exists()] == []


def test_names_and_parts_of_paths_choose_mutants(everything: list[Mutant]) -> None:
    first, second = mutant(), mutant(file="contracts/market/Market.sol")

    assert chosen([first, second], tenth=False, words=[first.name]) == [first]
    assert chosen([first, second], tenth=False, words=["Market"]) == [second]
    assert all(each.in_the_tenth for each in chosen(everything, tenth=True, words=[]))


def test_survivor_fails_unless_it_is_listed_with_its_reason() -> None:
    killed, survivor, listed = mutant(after="a"), mutant(after="b"), mutant(after="c")
    outcomes = [Outcome(killed, "test", 1), Outcome(survivor, "", 1), Outcome(listed, "", 1)]
    names = {each.name for each in (killed, survivor, listed)}

    assert faults_of(outcomes, {listed.name: "It changes nothing."}, names) == [f"survived: {survivor}"]


def test_list_of_survivors_may_not_name_what_dies_or_is_gone() -> None:
    killed = mutant()
    known = {killed.name: "It was thought to change nothing.", "00000000": "It was here once."}

    assert faults_of([Outcome(killed, "test", 1)], known, {killed.name}) == [
        f"survivors.toml has it, but it was killed: {killed}",
        "survivors.toml has 00000000, which there is no more",
    ]


def test_every_listed_survivor_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in accepted().values())
