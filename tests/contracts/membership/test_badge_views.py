"""What Membership answers about badges, royalties and itself"""

import base64
import json

import pytest

from tests.factories.communities import DAY, FREE, MONTH, PRICE, RATES, World, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.memberships import invited, ledger_of, set_rates, transfer

NOTHING = {
    "income": 0,
    "claimed": 0,
    "volume": 0,
    "counted": 0,
    "level": 0,
    "version": 0,
    "used": False,
    "minted": False,
}


def test_ledger_of_a_badge_that_was_never_used_is_empty(native: World) -> None:
    badge = native.join(sender=native.other)

    for each in (badge, 0, 99, 2**40 - 1):
        assert ledger_of(native, each) == NOTHING


def test_ledger_of_a_badge_that_invited(world: World) -> None:
    badge, token_id = invited(world)
    assert ledger_of(world, badge) == NOTHING | {"used": True}
    world.chain.advance(15 * DAY)
    world.settle(token_id)

    share = PRICE // 2 * 500 // 10_000
    assert ledger_of(world, badge) == NOTHING | {"income": share, "volume": PRICE // 2, "counted": 1, "used": True}
    assert world.membership.accruedOf(badge) == share


def test_accrued_of_leaves_out_what_a_settlement_would_add(native: World) -> None:
    badge, token_id = invited(native)
    native.chain.advance(MONTH)

    assert native.membership.accruedOf(badge) == 0
    native.settle(token_id)
    assert native.membership.accruedOf(badge) == PRICE // 20


def test_rate_of_a_badge_that_was_never_used_is_the_newest(native: World) -> None:
    badge = native.join(sender=native.other)

    assert native.membership.rateOf(badge) == RATES["bronzeBps"]
    set_rates(native)
    assert (native.membership.rateOf(badge), native.membership.rateOf(99)) == (600, 600)


def test_badge_owner_of_follows_the_membership_until_it_is_minted(native: World) -> None:
    badge = native.join(sender=native.other)
    assert native.membership.badgeOwnerOf(badge) == native.other

    transfer(native, badge, native.other, native.member)
    assert native.membership.badgeOwnerOf(badge) == native.member
    native.chain.send(native.badges.mint, badge, sender=native.member)
    transfer(native, badge, native.member, native.stranger)
    assert native.membership.badgeOwnerOf(badge) == native.member
    native.chain.send(native.badges.transferFrom, native.member, native.founder, badge, sender=native.member)
    assert native.membership.badgeOwnerOf(badge) == native.founder


def test_badge_owner_of_what_is_no_badge_is_nobody(native: World) -> None:
    free = native.join(FREE)

    assert [native.membership.badgeOwnerOf(badge) for badge in (0, 99, free)] == [NATIVE] * 3


def test_badge_exists_also_when_its_membership_has_expired(native: World) -> None:
    badge = native.join(sender=native.other)
    native.chain.advance(10 * MONTH)

    assert native.membership.badgeOwnerOf(badge) == native.other


# Royalties, metadata


@pytest.mark.parametrize(("price", "royalty"), [(0, 0), (19, 0), (20, 1), (PRICE, PRICE // 20)])
def test_royalty_goes_to_the_community(world: World, price: int, royalty: int) -> None:
    """5 % at the opening; rounded down."""
    answer = world.chain.read(world.membership.royaltyInfo, world.join(), price)

    assert answer == {"receiver": world.community.address, "amount": royalty}
    assert world.membership.royaltyBps() == 500


def test_royalty_may_be_nothing(ledger: Chain, factory: object) -> None:
    world = community_of(ledger, factory, royaltyBps=0)

    assert ledger.read(world.membership.royaltyInfo, 1, PRICE) == {"receiver": world.community.address, "amount": 0}


def test_contract_uri_is_json_that_names_the_community(ledger: Chain, factory: object) -> None:
    world = community_of(ledger, factory, name='A "B" \\ C', symbol="Q")

    kind, _, body = str(world.membership.contractURI()).partition(",")

    assert kind == "data:application/json;base64"
    shown = json.loads(base64.b64decode(body))
    assert (shown["name"], shown["symbol"]) == ('A "B" \\ C', "Q")


def test_metadata_is_the_token_uri(native: World) -> None:
    token_id = native.join()

    assert native.membership.metadataOf(token_id) == native.membership.tokenURI(token_id)


def test_siblings_are_those_of_the_opening(world: World) -> None:
    assert world.membership.badges() == world.badges.address
    assert world.membership.store() == world.store.address
