"""Events of Store -> rows."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any

from indexer.events import Position
from indexer.events.store import (
    CreatorPaid,
    EarningsWithdrawn,
    LicenseBought,
    LicenseSeatReleased,
    Payment,
    PolicySet,
    ProductSet,
    Swept,
    Tipped,
    TransferBatch,
    TransferSingle,
)
from indexer.events.store import Product as ProductState
from indexer.events.text import label_text
from indexer.projections.holdings import holds_now
from indexer.projections.money import swept_by
from indexer.projections.rows import Rows, Wanted
from indexer.tables.bulk import Row
from indexer.tables.columns import FOR_LIFE, ZERO_ADDRESS
from indexer.tables.holdings import license_asset
from indexer.tables.membership import Earnings
from indexer.tables.store import CreatorLedger, CreatorPayment, License, Product, Purchase, StorePolicy, Tip

FIRST_COMMUNITY_BPS = 1_000
"""Of the policy before the first PolicySet; members may list then (IStore)."""
PRODUCT_FIELDS = tuple(field.name for field in fields(ProductState))
_product_values = attrgetter(*PRODUCT_FIELDS)


def store_begins(rows: Rows, at: Position, *, contract: str) -> None:
    """A store that was just made has the first policy."""
    _put_policy(rows, at, contract, community_bps=FIRST_COMMUNITY_BPS, members_may_list=True)


def policy_set(rows: Rows, event: PolicySet, at: Position) -> None:
    _put_policy(rows, at, at.contract, **asdict(event))
    rows.tell("store", community=at.community, contract=at.contract)


def product_set(rows: Rows, event: ProductSet, at: Position) -> None:
    key = (at.contract, event.product_id)
    before = rows.find(Product, key)
    values = dict(zip(PRODUCT_FIELDS, _product_values(event.product), strict=True))
    values["label"] = label_text(event.product.label)
    rows.put(
        Product,
        contract=at.contract,
        product_id=event.product_id,
        listed_at=at.at if before is None else before["listed_at"],
        block_number=at.block_number,
        **values,
    )
    _tell_product(rows, at, event.product_id)


def license_bought(rows: Rows, event: LicenseBought, at: Position) -> None:
    product = rows.change(Product, (at.contract, event.product_id), units=event.units, block_number=at.block_number)
    if product["period_seconds"]:
        _license(rows, at, event.product_id, event.recipient, valid_until=event.valid_until, released=False)
        asset = license_asset(at.contract, event.product_id)
        holds_now(rows, at, account=event.recipient, asset=asset, value=1, expires_at=event.valid_until)
    rows.append(
        Purchase,
        product_id=event.product_id,
        recipient=event.recipient,
        payer=event.payer,
        membership_id=event.membership_id,
        version=event.version,
        quantity=event.quantity,
        valid_until=event.valid_until,
        **_paid(rows, at, event.payment),
    )
    _tell_product(rows, at, event.product_id)


def seat_released(rows: Rows, event: LicenseSeatReleased, at: Position) -> None:
    rows.change(Product, (at.contract, event.product_id), units=event.units, block_number=at.block_number)
    _license(rows, at, event.product_id, event.account, released=True)


def tipped(rows: Rows, event: Tipped, at: Position) -> None:
    rows.append(
        Tip,
        payer=event.payer,
        product_id=event.product_id,
        membership_id=event.membership_id,
        subject=event.subject,
        **_paid(rows, at, event.payment),
    )
    rows.tell("tip", community=at.community, contract=at.contract, payee=event.payee)


def transferred(rows: Rows, event: TransferSingle, at: Position) -> None:
    _transfer(rows, at, event.from_, event.to, [(event.id, event.amount)])


def transferred_many(rows: Rows, event: TransferBatch, at: Position) -> None:
    _transfer(rows, at, event.from_, event.to, list(zip(event.ids, event.amounts, strict=True)))


def creator_paid(rows: Rows, event: CreatorPaid, at: Position) -> None:
    rows.change(CreatorLedger, (at.contract, event.account), claimed=event.claimed, block_number=at.block_number)
    rows.append(
        CreatorPayment,
        contract=at.contract,
        account=event.account,
        block_number=at.block_number,
        log_index=at.log_index,
        paid_to=event.to,
        amount=event.amount,
        claimed=event.claimed,
        tx_hash=at.tx_hash,
        at=at.at,
    )
    _tell_creator(rows, at, event.account)


def earnings_withdrawn(rows: Rows, event: EarningsWithdrawn, at: Position) -> None:
    _earn(rows, at, withdrawn_total=event.withdrawn_total)


def swept(rows: Rows, event: Swept, at: Position) -> None:
    swept_by(rows, at, token=event.token, to=event.to, amount=event.amount)


def _put_policy(rows: Rows, at: Position, contract: str, **values: Any) -> None:
    rows.put(StorePolicy, contract=contract, block_number=at.block_number, **values)


def _paid(rows: Rows, at: Position, payment: Payment) -> Row:
    """The columns of a payment; what its receivers have been credited with is as it says."""
    if payment.payee_share:
        key = (at.contract, payment.payee)
        before = rows.find(CreatorLedger, key)
        rows.put(
            CreatorLedger,
            contract=at.contract,
            account=payment.payee,
            credited=payment.payee_total,
            claimed=0 if before is None else before["claimed"],
            block_number=at.block_number,
        )
        _tell_creator(rows, at, payment.payee)
    if payment.community_share:
        _earn(rows, at, earned_total=payment.community_total)
    values = asdict(payment)
    del values["payee_total"], values["community_total"]
    place = {"contract": at.contract, "block_number": at.block_number, "log_index": at.log_index}
    return values | place | {"tx_hash": at.tx_hash, "at": at.at}


def _transfer(rows: Rows, at: Position, from_: str, to: str, moves: list[tuple[int, int]]) -> None:
    """Licenses went from one account to another; those with a period were only made, and their purchase told more."""
    if from_ == to:
        return
    changed: dict[tuple[str, int], None] = {}
    for product_id, amount in moves:
        for account, by in ((from_, -amount), (to, amount)):
            if account == ZERO_ADDRESS or amount == 0:
                continue
            before = rows.find(License, (at.contract, product_id, account))
            _license(rows, at, product_id, account, units=(0 if before is None else before["units"]) + by)
            changed[account, product_id] = None
    for account, product_id in changed:
        if not rows.get(Product, (at.contract, product_id))["period_seconds"]:
            units = rows.get(License, (at.contract, product_id, account))["units"]
            holds_now(rows, at, account=account, asset=license_asset(at.contract, product_id), value=units)


def _license(rows: Rows, at: Position, product_id: int, account: str, **values: Any) -> None:
    """The account's license has these values; one that did not exist is for good until a purchase says otherwise."""
    before = rows.find(License, (at.contract, product_id, account))
    first = {
        "contract": at.contract,
        "product_id": product_id,
        "account": account,
        "units": 0,
        "valid_until": FOR_LIFE,
        "released": False,
    }
    rows.put(License, **(before or first) | values | {"block_number": at.block_number})
    rows.tell("license", community=at.community, contract=at.contract, product_id=product_id, holders=[account])


def _earn(rows: Rows, at: Position, **totals: int) -> None:
    rows.change(Earnings, (at.contract,), **totals)
    rows.tell("earnings", community=at.community, contract=at.contract)


def _tell_product(rows: Rows, at: Position, product_id: int) -> None:
    rows.tell("product", community=at.community, contract=at.contract, product_id=product_id)


def _tell_creator(rows: Rows, at: Position, account: str) -> None:
    rows.tell("creator", community=at.community, contract=at.contract, account=account)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    contract = at.contract
    if isinstance(event, PolicySet):
        yield StorePolicy, (contract,)
    elif isinstance(event, ProductSet):
        yield Product, (contract, event.product_id)
    elif isinstance(event, LicenseBought | LicenseSeatReleased):
        account = event.recipient if isinstance(event, LicenseBought) else event.account
        yield Product, (contract, event.product_id)
        yield License, (contract, event.product_id, account)
    elif isinstance(event, TransferSingle | TransferBatch):
        ids = (event.id,) if isinstance(event, TransferSingle) else event.ids
        for product_id in ids:
            yield Product, (contract, product_id)
            yield from (
                (License, (contract, product_id, account))
                for account in (event.from_, event.to)
                if account != ZERO_ADDRESS
            )
    elif isinstance(event, CreatorPaid):
        yield CreatorLedger, (contract, event.account)
    if isinstance(event, LicenseBought | Tipped):
        yield CreatorLedger, (contract, event.payment.payee)
    if isinstance(event, LicenseBought | Tipped | EarningsWithdrawn):
        yield Earnings, (contract,)


PROJECTIONS = {
    PolicySet: policy_set,
    ProductSet: product_set,
    LicenseBought: license_bought,
    LicenseSeatReleased: seat_released,
    Tipped: tipped,
    CreatorPaid: creator_paid,
    EarningsWithdrawn: earnings_withdrawn,
    Swept: swept,
    TransferSingle: transferred,
    TransferBatch: transferred_many,
}
