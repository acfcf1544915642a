"""Allow-lists of tiers: joinWith, renewWith, join, renew and giftMany by proof"""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.communities import MONTH, MONTHLY, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import GRACE, join_with, leaf_of, listed, pay, renew_with


@pytest.fixture
def gated(ledger: Chain, factory: Any) -> tuple[World, dict[str, list[bytes]]]:
    """A tier for four accounts, the member and the founder among them, and their proofs."""
    accounts = [ledger.accounts[number] for number in (3, 1, 6, 7)]
    root, proofs = listed(*accounts)
    return community_of(ledger, factory, tiers=[tier(allowRoot=root), tier()]), proofs


def test_join_with_proof_opens_a_listed_tier(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated

    for account, proof in proofs.items():
        assert join_with(world, sender=account, proof=proof).only("MembershipJoined")["holder"] == account


def test_gift_needs_the_proof_of_its_recipient(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated

    joined = join_with(world, sender=world.stranger, recipient=world.member, proof=proofs[world.member])

    assert joined.only("MembershipJoined")["holder"] == world.member
    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.other):
        join_with(world, sender=world.founder, recipient=world.other, proof=proofs[world.founder])


@pytest.mark.parametrize("fault", ["none", "of another", "too long", "altered"])
def test_join_with_wrong_proof_reverts(gated: tuple[World, dict[str, list[bytes]]], fault: str) -> None:
    world, proofs = gated
    own = proofs[world.member]
    proof = {
        "none": [],
        "of another": proofs[world.founder],
        "too long": [*own, b"\1" * 32],
        "altered": [own[0], bytes(32)],
    }[fault]

    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
        join_with(world, proof=proof)


def test_account_that_is_not_listed_has_no_proof(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated

    for proof in proofs.values():
        with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.stranger):
            join_with(world, sender=world.stranger, proof=proof)


def test_leaf_that_is_hashed_once_is_no_leaf(ledger: Chain, factory: Any) -> None:
    """A list made by the old way, which confuses leaves with inner nodes, admits nobody."""
    member = ledger.accounts[3]
    world = community_of(ledger, factory, tiers=[tier(allowRoot=keccak(bytes.fromhex(member[2:]).rjust(32, b"\0")))])

    with ledger.reverts("NotAllowed", tierId=MONTHLY, account=member):
        join_with(world)


def test_plain_join_opens_a_list_of_one(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(allowRoot=leaf_of(ledger.accounts[3]))])

    assert world.send_join().only("MembershipJoined")["holder"] == world.member
    with ledger.reverts("NotAllowed", tierId=MONTHLY, account=world.other):
        world.join(sender=world.other)


def test_plain_join_of_a_listed_tier_reverts(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, _ = gated

    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
        world.join()


def test_renewal_within_the_grace_needs_no_proof(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated
    token_id = join_with(world, proof=proofs[world.member]).only("MembershipJoined")["tokenId"]
    world.chain.advance(MONTH + GRACE - 1)

    assert world.renew(token_id).only("MembershipRenewed")["holder"] == world.member


def test_renewal_after_the_grace_needs_the_holders_proof(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated
    token_id = join_with(world, proof=proofs[world.member]).only("MembershipJoined")["tokenId"]
    world.chain.advance(MONTH + GRACE)

    for proof in ([], proofs[world.founder]):
        with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
            renew_with(world, token_id, proof=proof)
    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
        world.renew(token_id)
    renewed = renew_with(world, token_id, proof=proofs[world.member]).only("MembershipRenewed")
    assert renewed["state"]["expiresAt"] == world.chain.now + MONTH


def test_change_into_a_listed_tier_needs_a_proof(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, proofs = gated
    token_id = world.join(2)
    arguments = (token_id, 1, 0, PRICE, world.currency, 0)

    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
        world.chain.send(world.membership.changeTier, *arguments, [], sender=world.member)
    world.chain.send(world.membership.changeTier, *arguments, proofs[world.member], sender=world.member)
    assert world.state(token_id)["tierId"] == MONTHLY


def test_gift_to_many_takes_no_proofs(gated: tuple[World, dict[str, list[bytes]]]) -> None:
    world, _ = gated
    recipients = [world.member]

    with world.chain.reverts("NotAllowed", tierId=MONTHLY, account=world.member):
        pay(world, world.membership.giftMany, MONTHLY, 1, PRICE, world.currency, recipients, amount=PRICE)
