"""IMembership.claim"""

from typing import Any

import pytest

from tests.factories.communities import FREE, MONTH, PRICE, World
from tests.factories.contracts import NATIVE, Receipt
from tests.factories.memberships import gain, invited, join_by, ledger_of, transfer

SHARE = PRICE * 500 // 10_000  # of a bronze badge in one payment


def claim(world: World, *badges: int, to: str = "", sender: str = "") -> Receipt:
    sender = sender or world.other
    return world.chain.send(world.membership.claim, list(badges), to or sender, sender=sender)


def mint(world: World, badge: int, to: str = "") -> None:
    """The badge becomes a token, and goes to `to`."""
    owner = world.membership.badgeOwnerOf(badge)
    world.chain.send(world.badges.mint, badge, sender=owner)
    if to:
        world.chain.send(world.badges.transferFrom, owner, to, badge, sender=owner)


@pytest.fixture
def earned(world: World) -> tuple[World, int]:
    """`other` has a badge that earned its share of one payment; it is no token yet."""
    badge, token_id = invited(world)
    world.chain.advance(MONTH)
    world.settle(token_id)
    return world, badge


def test_claim_pays_what_a_badge_has_earned(earned: tuple[World, int]) -> None:
    world, badge = earned
    before = ledger_of(world, badge)
    assert world.membership.accruedOf(badge) == SHARE

    got, receipt = gain(world, world.other, lambda: claim(world, badge))

    assert got == SHARE
    assert receipt.only("BadgeClaimed") == {
        "badge": badge,
        "owner": world.other,
        "to": world.other,
        "amount": SHARE,
        "claimed": SHARE,
    }
    assert ledger_of(world, badge) == before | {"claimed": SHARE, "minted": True}
    assert (world.membership.accruedOf(badge), ledger_of(world, badge)["income"]) == (0, SHARE)


def test_claim_mints_a_badge_that_is_no_token_yet(earned: tuple[World, int]) -> None:
    world, badge = earned

    receipt = claim(world, badge)

    assert receipt.only("BadgeLedgerSet")["ledger"]["minted"] == 1
    assert world.badges.ownerOf(badge) == world.other


def test_claim_by_the_owner_goes_to_any_account(earned: tuple[World, int]) -> None:
    world, badge = earned

    got, receipt = gain(world, world.stranger, lambda: claim(world, badge, to=world.stranger))

    assert (got, receipt.only("BadgeClaimed")["to"]) == (SHARE, world.stranger)


def test_claim_twice_pays_nothing_twice(earned: tuple[World, int]) -> None:
    world, badge = earned
    claim(world, badge)

    with world.chain.reverts("NothingToClaim", badge=badge):
        claim(world, badge)


def test_claim_of_one_badge_twice_in_a_call_counts_it_once(earned: tuple[World, int]) -> None:
    world, badge = earned

    assert gain(world, world.other, lambda: claim(world, badge, badge))[0] == SHARE


def test_claim_goes_on_as_the_badge_earns(native: World) -> None:
    badge, token_id = invited(native)
    total = 0
    for _ in range(3):
        native.chain.advance(MONTH)
        native.settle(token_id)
        total += SHARE
        assert claim(native, badge).only("BadgeClaimed")["claimed"] == total
        native.renew(token_id)


def test_claim_of_many_badges_pays_their_sum_at_once(world: World) -> None:
    badges = [world.join(sender=account) for account in (world.other, world.founder)]
    for badge, account in zip(badges, world.chain.accounts[6:8], strict=True):
        join_by(world, badge, sender=account, periods=2)
    for badge in badges:
        mint(world, badge, world.stranger if badge == badges[0] else "")
    world.chain.send(world.badges.transferFrom, world.founder, world.stranger, badges[1], sender=world.founder)
    third = world.join(sender=world.stranger)
    world.chain.advance(2 * MONTH)
    world.settle(*[(1 << 24) + number for number in range(1, 6)])

    got, receipt = gain(world, world.stranger, lambda: claim(world, *badges, third, sender=world.stranger))

    assert got == 4 * SHARE
    assert receipt.names().count("BadgeClaimed") == 2  # the third has earned nothing: skipped, and minted
    assert world.badges.ownerOf(third) == world.stranger


def test_claim_answers_the_amount(world: World) -> None:
    reader = world.chain.accounts[0]
    badge = world.join(sender=reader)
    token_id = join_by(world, badge)
    world.chain.advance(MONTH)
    world.settle(token_id)

    assert world.chain.read(world.membership.claim, [badge], reader) == SHARE


def test_claim_pays_the_owner_of_the_day(earned: tuple[World, int]) -> None:
    """A badge is sold with what it has earned, and with what it will."""
    world, badge = earned
    mint(world, badge, world.stranger)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.other):
        claim(world, badge)
    assert gain(world, world.stranger, lambda: claim(world, badge, sender=world.stranger))[0] == SHARE


def test_badge_that_is_no_token_goes_with_its_membership(earned: tuple[World, int]) -> None:
    world, badge = earned
    world.renew(badge, sender=world.other)
    transfer(world, badge, world.other, world.stranger)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.other):
        claim(world, badge)
    assert gain(world, world.stranger, lambda: claim(world, badge, sender=world.stranger))[0] == SHARE


def test_badge_that_is_a_token_stays_when_its_membership_goes(earned: tuple[World, int]) -> None:
    world, badge = earned
    mint(world, badge)
    world.renew(badge, sender=world.other)
    transfer(world, badge, world.other, world.stranger)

    assert gain(world, world.other, lambda: claim(world, badge))[0] == SHARE


def test_claim_of_an_expired_members_badge(earned: tuple[World, int]) -> None:
    """Its membership has ended; its badge has not."""
    world, badge = earned
    world.chain.advance(10 * MONTH)

    assert gain(world, world.other, lambda: claim(world, badge))[0] == SHARE


# Approved accounts


@pytest.mark.parametrize("approval", ["approve", "setApprovalForAll"])
def test_claim_by_an_approved_account_goes_to_the_owner(earned: tuple[World, int], approval: str) -> None:
    world, badge = earned
    mint(world, badge)
    arguments = (world.stranger, badge) if approval == "approve" else (world.stranger, True)
    world.chain.send(getattr(world.badges, approval), *arguments, sender=world.other)

    got, receipt = gain(world, world.other, lambda: claim(world, badge, to=world.other, sender=world.stranger))

    assert (got, receipt.only("BadgeClaimed")["owner"]) == (SHARE, world.other)


def test_claim_by_an_approved_account_goes_nowhere_else(earned: tuple[World, int]) -> None:
    world, badge = earned
    mint(world, badge)
    world.chain.send(world.badges.setApprovalForAll, world.stranger, True, sender=world.other)

    for to in (world.stranger, world.founder):
        with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.stranger):
            claim(world, badge, to=to, sender=world.stranger)


def test_claim_by_a_stranger_pays_not_even_the_owner(earned: tuple[World, int]) -> None:
    """When it is paid is the owner's to say: a sale may promise what has accrued."""
    world, badge = earned
    mint(world, badge)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.stranger):
        claim(world, badge, to=world.other, sender=world.stranger)


def test_approval_of_the_membership_is_none_of_its_badge(earned: tuple[World, int]) -> None:
    world, badge = earned
    world.chain.send(world.membership.setApprovalForAll, world.stranger, True, sender=world.other)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.stranger):
        claim(world, badge, to=world.other, sender=world.stranger)


def test_approval_in_badges_acts_once_the_badge_is_a_token(earned: tuple[World, int]) -> None:
    world, badge = earned
    world.chain.send(world.badges.setApprovalForAll, world.stranger, True, sender=world.other)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=world.stranger):
        claim(world, badge, to=world.other, sender=world.stranger)


# Reverts


@pytest.mark.parametrize("caller", ["member", "stranger", "founder"])
def test_claim_reverts_when_the_caller_does_not_own_the_badge(earned: tuple[World, int], caller: str) -> None:
    world, badge = earned
    account = getattr(world, caller)

    with world.chain.reverts("NotBadgeOwner", badge=badge, caller=account):
        claim(world, badge, sender=account)


def test_claim_reverts_when_one_of_many_is_not_ones_own(earned: tuple[World, int]) -> None:
    world, badge = earned
    token_id = (1 << 24) + 2

    with world.chain.reverts("NotBadgeOwner", badge=token_id, caller=world.other):
        claim(world, badge, token_id)
    assert world.membership.accruedOf(badge) == SHARE


def test_claim_reverts_when_nothing_was_earned(native: World) -> None:
    badge = native.join(sender=native.other)

    with native.chain.reverts("NothingToClaim", badge=badge):
        claim(native, badge)
    assert not ledger_of(native, badge)["minted"]


def test_claim_reverts_when_no_badge_is_named(native: World) -> None:
    with native.chain.reverts("NothingToClaim", badge=0):
        claim(native)


def test_claim_reverts_when_there_is_no_such_badge(native: World) -> None:
    with native.chain.reverts("NotBadgeOwner", badge=99, caller=native.other):
        claim(native, 99)


def test_claim_reverts_when_the_membership_was_never_paid(native: World) -> None:
    badge = native.join(FREE, sender=native.other)

    with native.chain.reverts("BadgeUnknown", badge=badge):
        claim(native, badge)


def test_claim_reverts_when_the_recipient_refuses(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(MONTH)
    native.settle(token_id)
    account: Any = native.chain.deploy("HostileAccount")
    native.chain.send(account.misbehave, 1, NATIVE, b"", sender=native.stranger)

    with native.chain.reverts("ETHTransferFailed"):
        claim(native, badge, to=account.address)
    assert native.membership.accruedOf(badge) == SHARE
