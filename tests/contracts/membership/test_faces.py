"""The four contracts behind the address of a Membership: who answers which call"""

from collections import Counter
from typing import Any

import pytest

from tests.factories.communities import World, tier
from tests.factories.contracts import Reverted

PARTS = ("Membership", "MembershipDesk", "MembershipHolder", "MembershipOffice")
FACES = ("IMembership", "IMembershipDesk", "IMembershipHolder", "IMembershipOffice")


def functions(project: Any, name: str) -> set[str]:
    return {entry.selector for entry in project.contracts[name].contract_type.abi if entry.type == "function"}


def test_no_function_of_a_face_stands_in_another(project: Any) -> None:
    shared = functions(project, "IMembershipBase")
    counts = Counter(selector for face in FACES for selector in functions(project, face) - shared)

    assert [selector for selector, count in counts.items() if count > 1] == []


def test_every_function_of_the_faces_is_answered_at_the_address(project: Any) -> None:
    answered = functions(project, "Membership")

    for face in FACES:
        assert functions(project, face) <= answered


@pytest.mark.parametrize("name", PARTS)
def test_a_contract_behind_the_clones_belongs_to_nobody(native: World, name: str) -> None:
    """It has no community to ask: whatever needs an owner, a role or a member ends in a revert."""
    part = native.chain.deploy(name, native.membership.address)
    office = native.chain.at("Membership", part.address)

    with pytest.raises((Reverted, RuntimeError)):
        native.chain.send(office.createTier, tier(), sender=native.founder)


@pytest.mark.parametrize(("data", "value"), [(b"", 1), (b"\x12\x34\x56\x78", 0)], ids=["coins", "unknown"])
def test_unknown_calls_and_plain_coins_are_refused(native: World, data: bytes, value: int) -> None:
    account = native.chain.deploy("HostileAccount")

    with pytest.raises(Reverted, match="ExecutionFailed"):
        native.chain.send(account.execute, native.membership.address, data, sender=native.stranger, value=value)
