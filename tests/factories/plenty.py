"""So many rows of everything that a page can list, for one community and for the account that owns it."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import SQLModel, col, select

from backend import clock
from backend.content.tables import Post, ScheduledPost
from backend.discussion.tables import Reply
from backend.gates.tables import GateVersion
from backend.identity.people import Person
from backend.market.messages import message_of
from backend.market.tables import SignedListing, SignedOffer
from backend.membership.tables import AllowListEntry, SignedVoucher
from backend.notices.tables import Notice
from backend.renewals.tables import RenewalTry
from indexer.tables.badges import BadgeRates
from indexer.tables.columns import ZERO_ADDRESS, ZERO_HASH
from indexer.tables.community import Collection, Community, CommunityRole
from indexer.tables.membership import Payment
from indexer.tables.renewals import Consent, Funds
from tests.factories.goods import STORE, license_row, product_row, purchase_row, tip_row
from tests.factories.home import (
    BADGES,
    CHAIN_ID,
    COMMUNITY,
    MEMBERSHIP,
    TestHome,
    community_rows,
    membership_row,
    tier_row,
)
from tests.factories.mirrored_badges import achievement, claimed, funds, ledger, rates, sale, settlement, token
from tests.factories.sales import contribution_row, holder_row, payment_row, sale_rows

PRICE = 10**16
YEAR = 365 * 86_400


def account(number: int) -> str:
    return f"0x{number:08x}" + "ac" * 16


def grow(home: TestHome, numbers: Iterable[int], post: str) -> None:
    """Rows with these numbers stand beside what there is. `post`: which gets the replies."""
    now = clock.now()
    makers = (_members, _goods, _elsewhere)
    home.write(*(row for number in numbers for make in makers for row in make(home, number, now)))
    for number in numbers:
        _kept(home, number, now)
    _spoken(home, numbers, post)


def _members(home: TestHome, number: int, now: int) -> list[SQLModel]:
    held = membership_row(number, account(number), 1 + number % 3, now + number * 3_600, 1)
    held.unearned, held.settled_at, held.earned_at, held.badge = PRICE, now - 86_400 * 2, now + 86_400, 1
    past = membership_row(1_000 + number, account(1_000 + number), 1, now - number * 3_600, 1)
    return [
        held,
        past,
        payment(number, account(number), now),
        settlement(PRICE // 10, now, badge=1, block=number),
        Consent(
            chain_id=CHAIN_ID,
            contract=MEMBERSHIP,
            token_id=number,
            holder=account(number),
            tier_id=1 + number % 3,
            max_price=PRICE,
            periods_left=3,
            until=now + YEAR,
            block_number=1,
        ),
        Funds(chain_id=CHAIN_ID, contract=MEMBERSHIP, account=account(number), amount=PRICE, block_number=1),
        tier_row(10 + number),
        Collection(
            chain_id=CHAIN_ID,
            community=COMMUNITY,
            block_number=number,
            log_index=0,
            source=MEMBERSHIP,
            account=home.owner.account,
            currency=ZERO_ADDRESS,
            amount=PRICE,
            taken=PRICE,
            tx_hash=ZERO_HASH,
            at=number,
        ),
        CommunityRole(chain_id=CHAIN_ID, community=COMMUNITY, account=account(number), roles=2),
    ]


def payment(number: int, holder: str, now: int, contract: str = MEMBERSHIP) -> Payment:
    return Payment(
        chain_id=CHAIN_ID,
        contract=contract,
        block_number=number,
        log_index=1,
        token_id=number,
        kind="join",
        holder=holder,
        payer=holder,
        tier_id=1 + number % 3,
        previous_tier_id=0,
        badge=0,
        amount=PRICE,
        tip=0,
        periods=1,
        expires_at=now + number * 3_600,
        tx_hash=f"0x{number:064x}",
        at=now - number,
    )


def _goods(home: TestHome, number: int, now: int) -> list[SQLModel]:
    owner = home.owner.account
    address = f"0x{number:08x}" + "5a" * 16
    return [
        ledger(account(number), number, income=PRICE, counted=1),
        ledger(owner, 2_000 + number, income=PRICE, counted=1),
        claimed(owner, PRICE, at=now, block=number),
        achievement(number),
        token(account(number), number),
        token(owner, 1, number),
        funds(account(number), 10 * PRICE),
        sale(PRICE, block=number, token_id=number, seller=account(number), buyer=owner),
        product_row(number, creator=owner),
        license_row(owner, number),
        license_row(account(number), 1),
        purchase_row(account(number), 1, block=number),
        tip_row(owner, account(number), PRICE).model_copy(update={"block_number": number}),
        *sale_rows(at=now, address=address, token=address),
        contribution_row(account(number), PRICE),
        payment_row(account(number), PRICE, number=number),
        holder_row(account(number), PRICE),
    ]


def _elsewhere(home: TestHome, number: int, now: int) -> list[SQLModel]:
    """Another community, in which the owner is a member."""
    rows = community_rows(home.owner.account, home.host.home.address)
    names = {COMMUNITY: "c2", MEMBERSHIP: "3d", BADGES: "bd", STORE: "58"}
    other = {address: f"0x{number:08x}" + digits * 16 for address, digits in names.items()}
    for row in rows:
        for name, value in row.model_dump().items():
            setattr(row, name, other.get(value, value) if isinstance(value, str) else value)
        if isinstance(row, Community):
            row.name, row.opened_block = f"Circle {number}", number
    held = membership_row(1, home.owner.account, 1, now + number * 3_600, 1)
    held.contract, held.earned_at = other[MEMBERSHIP], now
    agreed = Consent(
        chain_id=CHAIN_ID,
        contract=held.contract,
        token_id=1,
        holder=held.holder,
        tier_id=1,
        max_price=PRICE,
        periods_left=3,
        until=now + YEAR,
        block_number=1,
    )
    share = rates().model_copy(update={"contract": held.contract})
    return [*rows, BadgeRates(**share.model_dump()), held, agreed, payment(number, held.holder, now, held.contract)]


def _kept(home: TestHome, number: int, now: int) -> None:
    """What only this home keeps."""
    key: dict[str, Any] = {"chain_id": CHAIN_ID, "community": COMMUNITY}
    digest, owner = f"0x{number:064x}", home.owner.account
    voucher: dict[str, Any] = {"kind": 0, "value": 1, "recipient": ZERO_ADDRESS, "uses": 1, "nonce": number}
    voucher |= {"digest": digest, "issuer": owner, "tier_id": 1, "signature": b"", "note": "", "created_at": number}
    tried: dict[str, Any] = {"reason": "balance-too-low", "price": PRICE, "tried_at": now, "next_at": now + 60}
    tried |= {"contract": MEMBERSHIP, "token_id": number, "holder": account(number), "tier_id": 1 + number % 3}
    notice: dict[str, Any] = {"kind": "income", "key": f"income {number}", "params": {"amount": str(PRICE)}}
    later: dict[str, Any] = {"act_id": f"act {number}", "title": "Later", "act": b"", "publish_at": now}
    with home.host.database.writing() as session:
        session.add_all(
            [
                *_signed(number, digest, now),
                SignedVoucher(**key, **voucher, deadline=now + YEAR),
                AllowListEntry(**key, root=digest, account=account(number), proof=b""),
                RenewalTry(**key, **tried, expires_at=now + number * 3_600),
                Notice(**key, **notice, account=owner, path="/account", at=now, block_number=1),
                ScheduledPost(**key, **later, author=owner, created_at=now),
            ]
        )


def _signed(number: int, digest: str, now: int) -> list[SQLModel]:
    """A listing of a badge, one of a membership, and an offer."""
    key: dict[str, Any] = {"chain_id": CHAIN_ID, "community": COMMUNITY, "digest": digest}
    key |= {"currency": ZERO_ADDRESS, "price": PRICE, "deadline": now + YEAR, "counter": 0}
    key |= {"signature": "0x" + "11" * 65, "kept_at": now + number}
    terms: dict[str, Any] = {"starts_at": 0, "transfer_count": 0, "buyer": ZERO_ADDRESS, "seller": account(number)}
    other = key | {"digest": "0x" + digest[2:][::-1]}
    ask = message_of("Listing", seller=account(number), tokenId=number, price=PRICE)
    bid = message_of("Offer", buyer=account(number), tokenId=0, price=PRICE)
    return [
        SignedListing(**key, **terms, badge=number, token_id=number, message=dict(ask)),
        SignedListing(**other, **terms, badge=0, membership=number, token_id=number, message=dict(ask)),
        SignedOffer(**key, buyer=account(number), token_id=0, level=0, message=dict(bid)),
    ]


def _spoken(home: TestHome, numbers: Iterable[int], post: str) -> None:
    """Copies of the newest post, of its reply, of its author's name and of the gate."""
    with home.host.database.writing() as session:
        for model, key in ((Post, "id"), (Reply, "id"), (Person, "account"), (GateVersion, "gate")):
            of_post = [col(Reply.post_id) == post] if model is Reply else []
            row = session.execute(select(model).where(*of_post).limit(1)).scalar_one().model_dump()
            for number in numbers:
                named = {"id": name_of(number), "account": account(number), "gate": f"gate-{number}"}
                more = {"author": account(number)} if "author" in row else {}
                session.add(model(**{**row, **more, key: named[key], "seq": 1_000 + number}))


def name_of(number: int) -> str:
    """What looks like the id of an act."""
    return "b" + "a" * 50 + f"{number:08d}".translate(str.maketrans("0123456789", "abcdefghij"))
