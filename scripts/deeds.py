"""What somebody in a town can do: each deed picks who, and asks the home for the transaction, or calls the contract.

A deed raises Idle when nobody can do it now, and Declined when the home or the contract refused.
"""

from collections.abc import Callable
from typing import Any

from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from sqlmodel import col

from indexer.deployments import load_abi
from indexer.tables.badges import BadgeLedger
from indexer.tables.crowdsale import Contribution, Sale
from indexer.tables.membership import Membership
from indexer.tables.renewals import Funds
from indexer.tables.store import CreatorLedger, Product
from scripts.town import HOUR, Idle, Town

VISITOR, RESIDENT, GUEST = 1, 2, 3
NOBODY, NOTHING = "0x" + "00" * 20, b"\0" * 32
FOR_EVER = 2**40 - 1
MILLI = 10**15
STORE_BPS = 1_000

Deed = Callable[[Town], None]


def join(town: Town) -> None:
    town.ask(town.outsider(), "join", tier_id=town.rng.choice([VISITOR, VISITOR, RESIDENT, GUEST]))


def join_invited(town: Town) -> None:
    _, inviting = town.member(col(Membership.tier_id) != GUEST)
    tier_id = town.rng.choice([VISITOR, RESIDENT])
    town.ask(town.outsider(), "join", tier_id=tier_id, badge=inviting.token_id)


def gift(town: Town) -> None:
    recipients = list({town.outsider().account.address for _ in range(town.rng.randint(1, 3))})
    town.ask(town.anybody(), "gift", tier_id=VISITOR, recipients=recipients)


def renew(town: Town) -> None:
    row = town.one(Membership, col(Membership.contract) == town.place.membership, col(Membership.tier_id) != GUEST)
    town.ask(town.by_address.get(row.holder) or town.anybody(), "renew", token_id=row.token_id)


def change_tier(town: Town) -> None:
    person, row = town.member(col(Membership.tier_id) == VISITOR)
    fields: dict[str, Any] = {"tier_id": RESIDENT, "periods": 1, "pays": "0", "min_expires_at": 0}
    town.ask(person, "change-tier", token_id=row.token_id, **fields)


def cancel(town: Town) -> None:
    person, row = town.member(col(Membership.tier_id) != GUEST)
    town.ask(person, "cancel", token_id=row.token_id)


def burn(town: Town) -> None:
    person, row = town.member(col(Membership.tier_id) != GUEST)
    town.call(person, "Membership", "burn", row.token_id, person.account.address)


def transfer(town: Town) -> None:
    person, row = town.member()
    town.ask(person, "transfer", token_id=row.token_id, to=town.outsider().account.address)


def agree(town: Town) -> None:
    person, row = town.member(col(Membership.tier_id) == VISITOR)
    price = town.tier(VISITOR).price
    town.ask(person, "auto-renew", token_id=row.token_id, max_price=str(price), periods=town.rng.randint(1, 4))
    if town.rng.random() < 0.7:
        town.ask(person, "add-funds", amount=str(price * town.rng.randint(1, 3)))


def withdraw_funds(town: Town) -> None:
    row = _of_ours(town, Funds, col(Funds.contract) == town.place.membership, col(Funds.amount) > 0)
    town.ask(town.by_address[row.account], "withdraw-funds", amount=str(row.amount // town.rng.randint(1, 2)))


def grant(town: Town) -> None:
    recipient = town.outsider().account.address
    grants = [{"recipient": recipient, "tier_id": VISITOR, "seconds": town.rng.randint(1, 9) * HOUR}]
    town.ask(town.founder, "grant", grants=grants)


def revoke(town: Town) -> None:
    _, row = town.member(col(Membership.tier_id) != GUEST)
    town.ask(town.founder, "revoke", token_id=row.token_id)


def settle(town: Town) -> None:
    rows = town.rows(Membership, col(Membership.contract) == town.place.membership, col(Membership.unearned) > 0)
    if not rows:
        raise Idle
    ids = [row.token_id for row in town.rng.sample(list(rows), min(len(rows), 10))]
    town.ask(town.anybody(), "settle", token_ids=ids)


def claim_badge(town: Town) -> None:
    row = _badge(town, col(BadgeLedger.income) > col(BadgeLedger.claimed))
    town.ask(town.by_address[row.owner], "badge-claim", badges=[row.badge])


def give_badge(town: Town) -> None:
    row = _badge(town, col(BadgeLedger.minted).is_(True))
    town.ask(town.by_address[row.owner], "badge-give", token_id=str(row.badge), to=town.anybody().account.address)


def collect(town: Town) -> None:
    source = town.rng.choice([town.place.membership, town.place.membership, town.place.store, NOBODY])
    town.ask(town.rng.choice(town.people[:3]), "collect", source=source)


def send_coins(town: Town) -> None:
    """What a community is sent belongs to those who share in it."""
    town.send(town.anybody(), town.place.address, value=town.rng.randint(1, MILLI))


def list_product(town: Town) -> None:
    person, row = town.member(col(Membership.tier_id) != GUEST)
    price, period = town.rng.randint(1, 9) * MILLI + town.rng.randint(0, 99), town.rng.choice([0, HOUR])
    label = f"Work {town.rng.randint(1, 999)}".encode().ljust(32, b"\0")
    product = (1, label, b"\7" * 32, price, period, 0, 0, person.account.address, STORE_BPS)
    town.call(person, "Store", "list", product, row.token_id)


def buy_license(town: Town) -> None:
    person, row = town.member()
    product = town.one(Product, col(Product.contract) == town.place.store)
    quantity = town.rng.randint(1, 3)
    fields = (product.product_id, quantity, product.price, NOBODY, product.version, person.account.address)
    town.call(person, "Store", "buy", (*fields, row.token_id), value=product.price * quantity)


def tip(town: Town) -> None:
    person, row = town.member()
    amount = town.rng.randint(1, MILLI)
    gift_ = (town.anybody().account.address, 0, amount, NOBODY, row.token_id, NOTHING)
    town.call(person, "Store", "tip", gift_, value=amount)


def claim_sales(town: Town) -> None:
    row = _of_ours(town, CreatorLedger, col(CreatorLedger.credited) > col(CreatorLedger.claimed))
    town.call(town.anybody(), "Store", "claim", to_checksum_address(row.account), to_checksum_address(row.account))


def open_sale(town: Town) -> None:
    goal = 10 * MILLI
    ends = town.now + town.rng.randint(1, 3) * HOUR
    steps = [(2 * goal, MILLI), (4 * goal, 2 * MILLI)]
    head = (town.rng.randbytes(32), 1, 0, ends, goal, 0, 0, NOTHING, steps)
    terms = (*head, 0, 0, 0, 0, 0, 2 * HOUR, 5_000, 10**18, 0, "Day Token", "DAYT")
    town.call(town.founder, "Community", "openSale", terms)


def contribute(town: Town) -> None:
    sale = town.one(Sale, col(Sale.ends_at) > town.now, col(Sale.raised) < col(Sale.cap))
    amount = town.rng.randint(1, 9) * MILLI + town.rng.randint(0, 999)
    town.ask(town.anybody(), "contribute", sale=sale.address, amount=amount, price=2 * MILLI)


def finalize(town: Town) -> None:
    sale = town.one(Sale, col(Sale.finalized_at) == 0, col(Sale.raised) >= col(Sale.goal))
    town.ask(town.anybody(), "finalize-sale", sale=sale.address)


def release(town: Town) -> None:
    sale = town.one(Sale, col(Sale.finalized_at) > 0)
    town.ask(town.anybody(), "release-sale", sale=sale.address)


def refund(town: Town) -> None:
    missed = [
        sale.address for sale in town.rows(Sale, col(Sale.ends_at) <= town.now, col(Sale.raised) < col(Sale.goal))
    ]
    stopped = [sale.address for sale in town.rows(Sale, col(Sale.stopped_at) > 0)]
    here = (col(Contribution.contract).in_(missed + stopped), col(Contribution.refunded) == 0)
    row = _of_ours(town, Contribution, *here, col(Contribution.amount) > 0)
    town.ask(town.by_address[row.account], "refund-contribution", sale=row.contract)


def claim_tokens(town: Town) -> None:
    row = _of_ours(town, Contribution, col(Contribution.amount) > 0)
    town.ask(town.by_address[row.account], "claim-tokens", sale=row.contract)


def vote_stop(town: Town) -> None:
    row = _of_ours(town, Contribution, col(Contribution.amount) > 0, col(Contribution.voted).is_(False))
    town.ask(town.by_address[row.account], "vote-stop", sale=row.contract)


def sell_badge(town: Town) -> None:
    """The owner lists its badge by a signature, and somebody buys it in the same minute."""
    row = _badge(town, col(BadgeLedger.minted).is_(True))
    seller, buyer = town.by_address[row.owner], town.anybody()
    town.call(seller, "Badges", "setApprovalForAll", town.market, True)
    price = town.rng.randint(5, 50) * MILLI
    listing = _listing(town, seller.account.address, row, price)
    components = next(each for each in load_abi("Market") if each.get("name") == "buy")["inputs"][0]["components"]
    domain = {"name": "Koinon Market", "version": "1", "chainId": town.chain_id, "verifyingContract": town.market}
    types = {"Listing": [{"name": each["name"], "type": each["type"]} for each in components]}
    named = dict(zip((each["name"] for each in components), listing, strict=True))
    signature = bytes(seller.account.sign_message(encode_typed_data(domain, types, named)).signature)
    town.call(buyer, "Market", "buy", listing, signature, NOBODY, 0, value=price)


def pay_out(town: Town) -> None:
    page = town.people[3].account.address
    badges, membership = (to_checksum_address(each) for each in (town.place.badges, town.place.membership))
    town.call(town.anybody(), "Market", "payOut", badges, membership, [page])


def market_funds(town: Town) -> None:
    person = town.anybody()
    amount = town.rng.randint(1, MILLI)
    town.call(person, "Market", "addFunds", person.account.address, value=amount)
    if town.rng.random() < 0.5:
        town.call(person, "Market", "withdrawFunds", person.account.address, amount // 2)


def _listing(town: Town, seller: str, row: BadgeLedger, price: int) -> tuple[Any, ...]:
    badges, membership = (to_checksum_address(each) for each in (town.place.badges, town.place.membership))
    money = (NOBODY, price, 0, town.people[3].account.address, 100, NOBODY)
    counts = (0, FOR_EVER, row.transfer_count, 0, 0, 0, 0, False, 0, town.rng.getrandbits(64))
    return seller, badges, membership, row.badge, *money, *counts


def _badge(town: Town, *where: Any) -> Any:
    here = (col(BadgeLedger.contract) == town.place.membership, *where)
    found = [row for row in town.rows(BadgeLedger, *here) if row.owner in town.by_address]
    if not found:
        raise Idle
    return town.rng.choice(found)


def _of_ours(town: Town, model: Any, *where: Any) -> Any:
    """A row of one of the people."""
    found = [row for row in town.rows(model, *where) if row.account in town.by_address]
    if not found:
        raise Idle
    return town.rng.choice(found)


DEEDS: dict[str, tuple[int, Deed]] = {
    "join": (9, join),
    "join by invitation": (10, join_invited),
    "gift": (2, gift),
    "renew": (9, renew),
    "change tier": (3, change_tier),
    "cancel": (3, cancel),
    "burn": (1, burn),
    "transfer a membership": (3, transfer),
    "agree to auto-renewal": (6, agree),
    "withdraw funds": (2, withdraw_funds),
    "grant": (2, grant),
    "revoke": (1, revoke),
    "settle": (5, settle),
    "claim a badge's income": (5, claim_badge),
    "give a badge": (1, give_badge),
    "sell a badge": (3, sell_badge),
    "pay out royalties": (1, pay_out),
    "pay into the market": (2, market_funds),
    "collect": (3, collect),
    "send coins": (1, send_coins),
    "list a product": (2, list_product),
    "buy a license": (5, buy_license),
    "tip": (4, tip),
    "claim sales": (2, claim_sales),
    "open a crowdsale": (1, open_sale),
    "contribute": (9, contribute),
    "finalize": (2, finalize),
    "release": (2, release),
    "refund": (3, refund),
    "claim tokens": (3, claim_tokens),
    "vote to stop": (1, vote_stop),
}
"""Each with its weight."""
