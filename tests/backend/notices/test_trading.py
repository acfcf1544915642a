"""Owners of badges hear of income, levels, offers and ended listings: once each."""

from functools import partial
from typing import Any

from sqlmodel import Session, select

from backend import clock
from backend.feed import consume
from backend.market.messages import message_of
from backend.market.tables import SignedListing, SignedOffer
from backend.notices import jobs
from indexer.tables.chain import Change
from indexer.tables.holdings import HoldingChange, badge_asset
from tests.backend.notices.conftest import DAY, member, notices
from tests.factories.home import BADGES, CHAIN_ID, COMMUNITY, MEMBERSHIP, Author, TestHome
from tests.factories.mirrored_badges import BADGE, UNIT, ZERO, funds, ledger, rates, sale, spent

BUYER = "0x" + "bb" * 20


def test_level_that_rose_is_told_once_to_who_owned_the_badge(home: TestHome) -> None:
    author, buyer = member(home, 7), member(home, 8)
    rose(home, author, level=1)
    changed(home)
    changed(home)

    [notice] = notices(home, author)
    assert (notice.kind, notice.params["level"], notice.path) == ("level", 1, f"/c/{COMMUNITY}/badges/{BADGE}")
    assert "has become silver" in home.client(author).get("/account/inbox").text

    home.mine()
    home.write(ledger(buyer.account, level=1), held(home, buyer, 2))
    changed(home)
    assert notices(home, buyer) == []


def test_reorg_takes_back_a_level_and_tells_it_again_once(home: TestHome) -> None:
    author = member(home, 7)
    rose(home, author, level=1)
    changed(home)
    changed(home, removed=True)
    undone = notices(home, author)
    changed(home)
    changed(home)

    assert undone == []
    assert len(notices(home, author)) == 1


def test_offer_on_a_badge_is_told_once_to_its_owner_if_the_money_is_there(home: TestHome) -> None:
    author = member(home, 7)
    home.write(rates(), ledger(author.account))
    jobs.collect(home.host)
    offered(home, 1)
    jobs.collect(home.host)
    poor = notices(home, author)
    home.write(funds(BUYER, 2 * UNIT))
    offered(home, 2, price=2 * UNIT)
    jobs.collect(home.host)
    jobs.collect(home.host)

    told = [notice for notice in notices(home, author) if notice.params["price"] == str(2 * UNIT)]
    assert poor == []
    assert [(each.kind, each.path) for each in told] == [("offer", f"/c/{COMMUNITY}/badges/{BADGE}")]
    assert "Somebody offers 0.02 ETH for No. 2-1 of yours" in home.client(author).get("/account/inbox").text


def test_offer_outlives_a_reorg_and_can_be_switched_off(home: TestHome) -> None:
    author, deaf = member(home, 7), member(home, 8)
    home.client(deaf).post("/account/inbox/choices", data={"on": ["income"]})
    home.write(rates(), ledger(author.account), ledger(deaf.account, BADGE + 1), funds(BUYER, UNIT))
    jobs.collect(home.host)
    offered(home, 1)
    offered(home, 2, token_id=BADGE + 1)
    jobs.collect(home.host)
    changed(home, removed=True)
    jobs.collect(home.host)

    assert [each.kind for each in notices(home, author)] == ["offer"]
    assert notices(home, deaf) == []


def test_listing_that_ended_is_told_once_unless_it_was_sold(home: TestHome) -> None:
    author = member(home, 7)
    home.write(rates(), ledger(author.account), ledger(author.account, BADGE + 1))
    jobs.collect(home.host)
    listed(home, author, 1)
    gone = listed(home, author, 2, token_id=BADGE + 1, badge=BADGE + 1)
    home.write(spent(author.account, gone, "sold"))
    jobs.collect(home.host)
    early = notices(home, author)
    home.mine(at=clock.now() + 2 * DAY)
    jobs.collect(home.host)
    jobs.collect(home.host)

    assert early == []
    assert [each.key for each in notices(home, author)] == [f"listing:0x{1:064x}"]
    assert "nobody bought it" in home.client(author).get("/account/inbox").text


def test_listing_of_a_membership_that_ended_leads_to_the_membership(home: TestHome) -> None:
    author, giver = member(home, 7), member(home, 8)
    home.write(rates(), ledger(author.account, 8))  # who bought the badge of a membership does not own that
    jobs.collect(home.host)
    listed(home, author, 1, token_id=7, membership=7)
    listed(home, giver, 2, token_id=7, membership=7)
    home.mine(at=clock.now() + 2 * DAY)
    jobs.collect(home.host)

    [notice] = notices(home, author)
    assert (notice.key, notice.path) == (f"listing:0x{1:064x}", f"/c/{COMMUNITY}/membership")
    assert "Your listing of membership #7 in The Test" in home.client(author).get("/account/inbox").text
    assert notices(home, giver) == []


def test_a_sale_is_told_once_to_who_listed_it_and_ends_what_was_to_claim(home: TestHome) -> None:
    author, buyer = member(home, 7), member(home, 8)
    home.write(rates(), ledger(author.account, income=UNIT))
    changed(home)
    home.write(
        ledger(buyer.account, income=UNIT), sale(UNIT, block=home.head, seller=author.account, buyer=buyer.account)
    )
    sold(home)
    sold(home)

    told = {notice.kind: notice for notice in notices(home, author)}
    assert told.keys() == {"income", "trade"}
    assert told["income"].read_at is not None
    assert told["trade"].path == "/account/payments"
    assert "No. 2-1 of yours in The Test was bought for" in home.client(author).get("/account/inbox").text
    assert notices(home, buyer) == []


def test_an_offer_that_was_taken_is_told_to_who_made_it(home: TestHome) -> None:
    author, buyer = member(home, 7), member(home, 8)
    made = sale(UNIT, block=home.head, seller=author.account, buyer=buyer.account)
    made.kind = "offer"
    home.write(rates(), ledger(buyer.account), made)
    sold(home)
    sold(home, removed=True)
    undone = notices(home, buyer)
    sold(home)

    assert undone == []
    assert [each.path for each in notices(home, buyer)] == [f"/c/{COMMUNITY}/badges/{BADGE}"]
    assert "was taken: it is yours" in home.client(buyer).get("/account/inbox").text
    assert notices(home, author) == []


def test_dust_is_not_told(home: TestHome) -> None:
    author = member(home, 7)
    home.write(rates(), ledger(author.account, income=UNIT // 100 - 1))
    changed(home)
    dust = notices(home, author)
    home.write(ledger(author.account, income=UNIT // 100))
    changed(home)

    assert dust == []
    assert [each.kind for each in notices(home, author)] == ["income"]


def test_notice_is_read_once_it_was_followed_by_its_own_account(home: TestHome) -> None:
    author = member(home, 7)
    home.write(rates(), ledger(author.account, income=UNIT))
    changed(home)
    [notice] = notices(home, author)
    client = home.client(author)

    other = home.client(member(home, 8)).get(f"/account/inbox/{notice.id}", follow_redirects=False)
    followed = client.get(f"/account/inbox/{notice.id}", follow_redirects=False)

    assert other.status_code == 404
    assert (followed.status_code, followed.headers["location"]) == (303, "/account/badges")
    assert client.get("/api/notices/unread").json() == {"unread": 0}


def rose(home: TestHome, author: Author, *, level: int) -> None:
    """The author's badge rose in the newest block."""
    home.write(rates(), ledger(author.account, level=level), held(home, author, level))
    home.mine()
    home.write(held(home, author, level + 1))


def held(home: TestHome, author: Author, value: int) -> HoldingChange:
    return HoldingChange(
        chain_id=CHAIN_ID,
        account=author.account,
        asset=badge_asset(MEMBERSHIP, BADGE),
        block_number=home.head,
        log_index=0,
        value=value,
        expires_at=2**40 - 1,
    )


def changed(home: TestHome, *, removed: bool = False) -> None:
    """The feed says that the badge changed in the newest block, and is followed."""
    followed(home, "badge", {"contract": MEMBERSHIP, "badge": BADGE}, removed=removed)


def sold(home: TestHome, *, removed: bool = False) -> None:
    """The same of a sale of the badge."""
    followed(home, "resale", {"collection": BADGES, "token_id": BADGE}, removed=removed)


def followed(home: TestHome, kind: str, ids: dict[str, object], *, removed: bool) -> None:
    with Session(home.mirror) as session:
        seq = len(session.exec(select(Change)).all()) + 1
        row = Change(chain_id=CHAIN_ID, seq=seq, block_number=home.head, kind=kind, ids={"community": COMMUNITY} | ids)
        row.removed = removed
        session.add(row)
        session.commit()
    with home.host.database.writing() as session:
        consume(session, "notices.chain", partial(jobs.follow_chain, home.host), CHAIN_ID)


def offered(home: TestHome, number: int, **changes: Any) -> str:
    at = clock.now()
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "buyer": BUYER,
        "token_id": BADGE,
        "level": 0,
        "currency": ZERO,
        "price": UNIT,
        "deadline": at + DAY,
        "counter": 0,
        "message": dict(message_of("Offer", buyer=BUYER, price=UNIT)),
        "signature": "0x" + "11" * 65,
        "kept_at": at,
    }
    digest = f"0x{number:064x}"
    with home.host.database.writing() as session:
        session.add(SignedOffer(chain_id=CHAIN_ID, digest=digest, **{**fields, **changes}))
    return digest


def listed(home: TestHome, author: Author, number: int, **changes: Any) -> str:
    at = clock.now()
    fields: dict[str, Any] = {
        "community": COMMUNITY,
        "seller": author.account,
        "token_id": BADGE,
        "badge": BADGE,
        "buyer": ZERO,
        "currency": ZERO,
        "price": UNIT,
        "starts_at": 0,
        "deadline": at + DAY,
        "transfer_count": 0,
        "counter": 0,
        "message": dict(message_of("Listing", seller=author.account, tokenId=BADGE, price=UNIT)),
        "signature": "0x" + "11" * 65,
        "kept_at": at,
    }
    digest = f"0x{number:064x}"
    with home.host.database.writing() as session:
        session.add(SignedListing(chain_id=CHAIN_ID, digest=digest, **{**fields, **changes}))
    return digest
