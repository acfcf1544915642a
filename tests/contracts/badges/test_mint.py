"""IBadges.mint"""

from typing import Any

import pytest

from tests.factories.badges import minted
from tests.factories.communities import FREE, MONTH, World
from tests.factories.contracts import NATIVE, Chain


def test_mint_makes_the_badge_a_token_of_the_member(world: World) -> None:
    badge = world.join()

    receipt = world.chain.send(world.badges.mint, badge, sender=world.member)

    assert receipt.names() == ["BadgeLedgerSet", "Transfer", "Unlocked"]
    assert receipt.only("Transfer") == {"from": NATIVE, "to": world.member, "id": badge}
    assert receipt.only("Unlocked") == {"tokenId": badge}
    assert (world.badges.ownerOf(badge), world.badges.balanceOf(world.member)) == (world.member, 1)
    assert (world.badges.transferCountOf(badge), world.badges.locked(badge)) == (0, False)
    assert world.chain.read(world.membership.ledgerOf, badge)["minted"]


def test_mint_is_for_the_holder_of_the_day(native: World) -> None:
    badge = native.join()
    native.chain.send(native.membership.transferFrom, native.member, native.other, badge, sender=native.member)

    with native.chain.reverts("NotHolder", tokenId=badge, caller=native.member):
        native.chain.send(native.badges.mint, badge, sender=native.member)
    native.chain.send(native.badges.mint, badge, sender=native.other)

    assert native.badges.ownerOf(badge) == native.other


def test_mint_is_possible_after_the_membership_expired(native: World) -> None:
    badge = native.join()
    native.chain.advance(2 * MONTH)

    native.chain.send(native.badges.mint, badge, sender=native.member)

    assert native.badges.ownerOf(badge) == native.member


def test_mint_asks_no_leave_of_a_contract_that_refuses_tokens(ledger: Chain, native: World) -> None:
    account = ledger.deploy("HostileAccount")
    badge = native.join(recipient=account.address)
    ledger.send(account.misbehave, 1, NATIVE, b"", sender=native.stranger)

    call = native.badges.mint.encode_input(badge)
    ledger.send(account.execute, native.badges.address, call, sender=native.stranger)

    assert native.badges.ownerOf(badge) == account.address


@pytest.mark.parametrize("caller", ["founder", "other"])
def test_mint_reverts_when_the_caller_is_not_the_holder(native: World, caller: str) -> None:
    badge = native.join()

    with native.chain.reverts("NotHolder", tokenId=badge, caller=getattr(native, caller)):
        native.chain.send(native.badges.mint, badge, sender=getattr(native, caller))


def test_mint_reverts_when_the_membership_was_never_paid(native: World) -> None:
    badge = native.join(FREE)

    with native.chain.reverts("BadgeUnknown", badge=badge):
        native.chain.send(native.badges.mint, badge, sender=native.member)


def test_mint_reverts_when_there_is_no_such_membership(native: World) -> None:
    with native.chain.reverts("BadgeUnknown", badge=1):
        native.chain.send(native.badges.mint, 1, sender=native.member)


def test_mint_reverts_when_the_badge_is_a_token_already(native: World) -> None:
    badge = minted(native)

    with native.chain.reverts("BadgeUnknown", badge=badge):
        native.chain.send(native.badges.mint, badge, sender=native.member)


def test_mint_reverts_for_the_member_of_another_community(native: World, hosted: World) -> None:
    badge = hosted.join()

    with native.chain.reverts("BadgeUnknown", badge=badge):
        native.chain.send(native.badges.mint, badge, sender=native.member)


def test_the_implementation_does_nothing_for_anybody(ledger: Chain) -> None:
    badges: Any = ledger.deploy("Badges", ledger.deploy("BadgeArt").address)

    for method, arguments in [
        (badges.mint, (1,)),
        (badges.mintFor, (1, ledger.accounts[3])),
        (badges.createAchievement, ((b"x" * 32, 0, False, ledger.accounts[4], 0, "", ""),)),
        (badges.grantAchievement, (1, [ledger.accounts[3]])),
        (badges.setAchievementText, (1, "", "")),
        (badges.setAchievementIssuer, (1, ledger.accounts[4], 1)),
    ]:
        with ledger.reverts("unknown", data=b""):
            ledger.send(method, *arguments, sender=ledger.accounts[3])
