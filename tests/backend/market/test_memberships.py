"""Which listings of memberships stand as far as the mirror knows, what they say, and what is taken in."""

from typing import Any

import pytest
from sqlmodel import Session, select

from backend import clock
from backend.badges.queries import contracts_of
from backend.market.keeping import keep_announced
from backend.market.queries import listings_on, royalties_waiting, sales_of
from backend.market.tables import SignedListing
from backend.membership.reading import membership_goods
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.market import Listing, Offer, Till
from tests.backend.market.test_queries import ALICE, BOB, announced, listed, listing_body, standing
from tests.factories.home import BADGES, CHAIN_ID, COMMUNITY, MARKET, MEMBERSHIP, TestHome, membership_row, tier_row
from tests.factories.mirrored_badges import BADGE, UNIT, bound, ledger, rates, sale

MONTH = 30 * 86_400


def for_sale(home: TestHome, number: int = 1, **changes: Any) -> str:
    return listed(home, number, **{"membership": BADGE, "badge": 0, **changes})


def held(home: TestHome, holder: str = ALICE, **changes: Any) -> None:
    """The membership is somebody's, for a month."""
    row = membership_row(BADGE, holder, 2, clock.now() + MONTH, 1)
    for name, value in changes.items():
        setattr(row, name, value)
    home.write(row)


def test_a_membership_is_for_sale_while_its_holder_has_it_unmoved_and_unexpired(home: TestHome) -> None:
    held(home)
    digest = for_sale(home)

    assert standing(home) == [digest]
    held(home, transfer_count=2)
    assert standing(home) == []
    held(home, expires_at=clock.now())
    assert standing(home) == []
    held(home, BOB)
    assert standing(home) == []


def test_the_badge_of_a_membership_is_another_thing_to_sell(home: TestHome) -> None:
    held(home)
    home.write(rates(), ledger(ALICE))
    membership, badge = for_sale(home, 1), listed(home, 2)

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        [one] = listings_on(session, CHAIN_ID, MARKET, contracts, BADGE, at=clock.now(), membership=True)
        [other] = listings_on(session, CHAIN_ID, MARKET, contracts, BADGE, at=clock.now())

    assert (one.digest, one.membership, other.digest, other.membership) == (membership, BADGE, badge, 0)
    home.write(ledger(BOB))
    assert standing(home) == [membership]


@pytest.mark.parametrize("minted", [False, True])
def test_what_goes_with_a_membership_is_what_the_chain_would_move(home: TestHome, *, minted: bool) -> None:
    now = clock.now()
    paid = {"unearned": 1_000, "settled_at": now - 10, "earned_at": now + 10_000, "expires_at": now + 10_000}
    home.write(rates(), bound(BADGE, ALICE, badge=7, **paid), ledger(ALICE, minted=minted, income=50, claimed=20))

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        goods = membership_goods(session, CHAIN_ID, contracts, [BADGE, 99], at=now)

    assert list(goods) == [BADGE]
    good = goods[BADGE]
    assert (good.unearned, good.membership.badge, good.brings_badge, good.sellable) == (999, 7, not minted, True)
    assert 900 < good.least < good.unearned
    assert good.badge is not None
    assert good.badge.accrued == 30


@pytest.mark.parametrize(("changes", "soulbound"), [({"expires_at": 1}, False), ({}, True)], ids=str)
def test_expired_and_soulbound_memberships_cannot_be_sold(
    home: TestHome, changes: dict[str, Any], *, soulbound: bool
) -> None:
    held(home, **changes)
    home.write(tier_row(2, soulbound=soulbound))

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        good = membership_goods(session, CHAIN_ID, contracts, [BADGE], at=clock.now())[BADGE]

    assert not good.sellable


def test_an_announced_listing_of_a_membership_is_kept_and_an_offer_on_one_is_not(home: TestHome) -> None:
    held(home)
    ours, never, beyond = ("0x" + each * 32 for each in ("d1", "d2", "d3"))
    promise = {"tier_id": 2, "min_expires_at": 5, "with_badge": True}
    home.write(
        announced(ours, Listing, seller=ALICE, collection=MEMBERSHIP, **promise),
        announced(never, Offer, buyer=BOB, collection=MEMBERSHIP),
        announced(beyond, Listing, seller=ALICE, collection=MEMBERSHIP, token_id=1 << 40),
    )

    with home.host.database.writing() as session:
        for kind, digest in (("listing", ours), ("offer", never), ("listing", beyond)):
            keep_announced(session, CHAIN_ID, kind, market=MARKET, digest=digest, at=clock.now())
        [kept] = session.exec(select(SignedListing)).all()

    assert standing(home) == [ours]
    assert (kept.membership, kept.badge, kept.message["minExpiresAt"], kept.message["withBadge"]) == (
        *(BADGE, 0),
        *("5", True),
    )


def test_sales_of_memberships_stand_beside_those_of_badges(home: TestHome) -> None:
    of_badge = sale(1, block=1, seller=ALICE, buyer=BOB)
    of_membership = sale(2, block=2, seller=ALICE, buyer=BOB)
    of_membership.collection = MEMBERSHIP
    home.write(of_badge, of_membership)

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        everything = sales_of(session, CHAIN_ID, contracts)
        [badge] = sales_of(session, CHAIN_ID, contracts, token_id=BADGE)
        [membership] = sales_of(session, CHAIN_ID, contracts, token_id=BADGE, membership=True)

    assert [(each.price, each.is_membership) for each in everything] == [(2, True), (1, False)]
    assert (badge.price, membership.price) == (1, 2)
    [told] = home.client().get(f"/api/communities/{COMMUNITY}/market/sales?kind=membership&token_id={BADGE}").json()
    assert (told["kind"], told["price"]) == ("membership", "2")


def test_royalties_wait_for_each_collection(home: TestHome) -> None:
    for collection, royalties in ((BADGES, 3), (MEMBERSHIP, 4)):
        home.write(
            Till(
                chain_id=CHAIN_ID,
                contract=MARKET,
                collection=collection,
                fee_recipient=ZERO_ADDRESS,
                community=COMMUNITY,
                royalty_bps=500,
                royalties=royalties,
                fees=0,
                block_number=1,
            )
        )

    with Session(home.host.database.engine) as session:
        contracts = contracts_of(session, CHAIN_ID, COMMUNITY)
        assert royalties_waiting(session, CHAIN_ID, MARKET, contracts) == {BADGES: 3, MEMBERSHIP: 4}


@pytest.mark.parametrize(
    "changes",
    [
        {"token_id": 1 << 40},
        {"membership": {"tier_id": 0, "min_expires_at": 1}},
        {"membership": {"tier_id": 2}},
        {"membership": {"tier_id": 2, "min_expires_at": 1 << 40}},
        {"membership": {"tier_id": 2, "min_expires_at": 1, "min_unearned": str(UNIT * 2**96)}},
    ],
    ids=str,
)
def test_malformed_listings_of_memberships_are_refused(home: TestHome, changes: dict[str, Any]) -> None:
    body = listing_body(**{"membership": {"tier_id": 2, "min_expires_at": 1}, **changes})

    assert home.client().post(f"/api/communities/{COMMUNITY}/market/listings", json=body).status_code == 422
