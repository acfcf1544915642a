"""Transactions that a home sends by keys of its own: each is written down before it is sent, and none is sent twice.

A transaction is known by what it is for (`purpose`). It is signed once with a nonce that no other row has; after a
crash or a reorg the very same bytes are sent again, which the chain executes at most once.
"""

from contextlib import suppress
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from sqlalchemy import BigInteger, Column, LargeBinary, UniqueConstraint, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, col

from backend.chain import CallFailed, Chain, GasTooDear, NodeRefused, Receipt, TransactionRefused
from backend.db import AppTable, Database
from indexer.tables.columns import Address, Hash32, Uint256

SENT, MINED, REVERTED, REPLACED = "sent", "mined", "reverted", "replaced"
NONCE_ATTEMPTS = 5
PATIENCE_SECONDS = 600
"""A transaction that no block took for so long is signed anew with the same nonce and a higher fee."""
RAISE_PERCENT = 25
"""Of its fee then; nodes want at least 10."""
FOLLOWED_AT_ONCE = 100


class RevertedBefore(Exception):
    """The chain has reverted this before: no other is sent before `again_at` (unix seconds)."""

    def __init__(self, again_at: int) -> None:
        super().__init__(f"The chain reverted it; it is not sent again before {again_at}.")
        self.again_at = again_at


class OwnTransaction(AppTable, table=True):
    """A transaction that this home has signed, and what became of it. No two have the same signer and nonce."""

    __tablename__ = "transactions"
    __table_args__ = (UniqueConstraint("chain_id", "purpose"), {"schema": "app"})

    chain_id: int = Field(primary_key=True, sa_type=BigInteger)
    signer: str = Field(primary_key=True, sa_type=Address)
    nonce: int = Field(primary_key=True, sa_type=BigInteger)
    purpose: str
    to: str = Field(sa_type=Address)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """As it was signed."""
    tx_hash: str = Field(sa_type=Hash32)
    max_fee: int = Field(sa_type=Uint256)
    """Wei of a unit of gas."""
    sent_at: int = Field(sa_type=BigInteger)
    """When it was signed; of a reverted one, when that was seen."""
    state: str = SENT
    """`sent`, `mined`, `reverted`, or `replaced` by another transaction of that nonce."""
    block_number: int | None = Field(default=None, sa_type=BigInteger)
    settled: bool = Field(default=False, index=True)
    """No reorg changes its state any more."""


@dataclass(frozen=True)
class Order:
    """What to send, what for (once for each purpose), how many units of gas it may burn, and the most that a unit may
    cost (0: no limit). `pause`: seconds from one that the chain reverted to the next, doubled each time.
    """

    purpose: str
    to: str
    data: bytes
    most_gas: int
    most_fee: int = 0
    pause: int = 0


def submit(database: Database, chain: Chain, signer: LocalAccount, order: Order, *, at: int) -> str:
    """The hash of the transaction with this purpose, which the node has now, or which is mined.

    One that was reverted or replaced is followed by another. Raises RevertedBefore when it is too early for that,
    CallFailed when it would revert, GasTooDear, TransactionRefused when the node does not take it, ChainUnavailable
    when nobody knows.
    """
    with database.reading() as session:
        row = _by_purpose(session, chain.chain_id, order.purpose)
    if row is not None:
        refresh(database, chain, signer, row, at=at, most_fee=order.most_fee)
        with database.reading() as session:
            row, again_at = _by_purpose(session, chain.chain_id, order.purpose), _again_at(session, chain, order)
        if row is not None and row.state in (SENT, MINED):
            return row.tx_hash
        if at < again_at:
            raise RevertedBefore(again_at)
    row = _signed(database, chain, signer, order, at)
    try:
        chain.broadcast(row.raw)
    except TransactionRefused:
        with database.writing() as session:
            session.delete(row)
        raise
    return row.tx_hash


def follow(
    database: Database, chain: Chain, signer: LocalAccount, *, at: int, final_number: int, most_fee: int = 0
) -> int:
    """What became of the signer's transactions is written down; what the chain has lost is sent again.

    Returns how many still wait for a block.
    """
    with database.reading() as session:
        rows = unsettled(session, chain.chain_id, signer.address.lower())
    waiting = 0
    for row in rows:
        waiting += refresh(database, chain, signer, row, at=at, final_number=final_number, most_fee=most_fee) == SENT
    return waiting


def unsettled(session: Session, chain_id: int, signer: str) -> list[OwnTransaction]:
    """Transactions that a reorg can still change, in the order of their nonces."""
    statement = select(OwnTransaction).where(
        col(OwnTransaction.chain_id) == chain_id,
        col(OwnTransaction.signer) == signer,
        col(OwnTransaction.settled).is_(False),
    )
    return list(session.execute(statement.order_by(col(OwnTransaction.nonce)).limit(FOLLOWED_AT_ONCE)).scalars())


def purpose_state(session: Session, chain_id: int, purpose: str) -> str | None:
    """What became of the transaction with this purpose; None if there is none."""
    row = _by_purpose(session, chain_id, purpose)
    return row.state if row else None


def refresh(
    database: Database,
    chain: Chain,
    signer: LocalAccount,
    row: OwnTransaction,
    *,
    at: int,
    final_number: int = -1,
    most_fee: int = 0,
) -> str:
    """The state of one transaction, asked anew; a lost one is sent again."""
    receipt = chain.receipt(row.tx_hash)
    if receipt is None and chain.nonce(row.signer, pending=False) > row.nonce:
        receipt = chain.receipt(row.tx_hash)  # it may have been mined between the two questions
        if receipt is None:
            _note(database, row, state=REPLACED, block_number=None, settled=True)
            return REPLACED
    if receipt is not None:
        return _mined(database, row, receipt, final_number, at)
    if row.state != SENT:
        _note(database, row, state=SENT, block_number=None)
    if at - row.sent_at > PATIENCE_SECONDS:
        _dearer(database, chain, signer, row, at, most_fee)
    with suppress(TransactionRefused):  # it is sent again and again, until a block holds it or another of its nonce
        chain.broadcast(row.raw)
    return SENT


def _mined(database: Database, row: OwnTransaction, receipt: Receipt, final_number: int, at: int) -> str:
    state = MINED if receipt.succeeded else REVERTED
    settled = row.settled or receipt.block_number <= final_number
    if (row.state, row.block_number, row.settled) != (state, receipt.block_number, settled):
        sent_at = at if state == REVERTED != row.state else row.sent_at
        _note(database, row, state=state, block_number=receipt.block_number, settled=settled, sent_at=sent_at)
    return state


def _dearer(
    database: Database, chain: Chain, signer: LocalAccount, row: OwnTransaction, at: int, most_fee: int
) -> None:
    """The same transaction with a fee that blocks take; as it was, if it would revert now or a limit is reached."""
    least = row.max_fee + row.max_fee * RAISE_PERCENT // 100
    if most_fee and least > most_fee:
        return
    with suppress(CallFailed, GasTooDear, NodeRefused):
        limits = {"most_fee": most_fee, "least_fee": least, "most_gas": _gas_limit(row.raw)}
        signed = chain.sign(signer, to=row.to, data=row.data, nonce=row.nonce, **limits)
        row.raw = signed.raw
        _note(database, row, raw=signed.raw, tx_hash=signed.tx_hash, max_fee=signed.max_fee, sent_at=at)


def _gas_limit(raw: bytes) -> int:
    """Of a signed transaction."""
    return int(TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["gas"])


def _signed(database: Database, chain: Chain, signer: LocalAccount, order: Order, at: int) -> OwnTransaction:
    """The transaction, signed with a nonce of its own and written down."""
    address = signer.address.lower()
    clash: IntegrityError | None = None
    for _ in range(NONCE_ATTEMPTS):
        with database.reading() as session:
            taken = select(func.max(col(OwnTransaction.nonce))).where(
                col(OwnTransaction.chain_id) == chain.chain_id,
                col(OwnTransaction.signer) == address,
                col(OwnTransaction.state) == SENT,
            )
            newest = session.execute(taken).scalar_one_or_none()
        nonce = max(chain.nonce(address), -1 if newest is None else newest + 1)
        try:
            limits = {"most_fee": order.most_fee, "most_gas": order.most_gas}
            signed = chain.sign(signer, to=order.to, data=order.data, nonce=nonce, **limits)
        except NodeRefused as error:
            raise TransactionRefused(error.words) from error
        row = OwnTransaction(
            chain_id=chain.chain_id,
            signer=address,
            nonce=nonce,
            purpose=order.purpose,
            to=order.to,
            data=order.data,
            raw=signed.raw,
            tx_hash=signed.tx_hash,
            max_fee=signed.max_fee,
            sent_at=at,
        )
        try:
            _write(database, row)
        except IntegrityError as error:
            taken_by = _by_nonce(database, row)
            if taken_by is not None:  # a reorg has set the nonce free: it belongs to what was sent with it first
                refresh(database, chain, signer, taken_by, at=at)
            clash = error
        else:
            return row
    raise TransactionRefused("Others take the nonces of this key.") from clash


def _write(database: Database, row: OwnTransaction) -> None:
    """An older one of this purpose, which has failed, leaves it to this one."""
    same_purpose = (col(OwnTransaction.chain_id) == row.chain_id, col(OwnTransaction.purpose) == row.purpose)
    with database.writing() as session:
        older = session.execute(select(OwnTransaction).where(*same_purpose)).scalar_one_or_none()
        if older is not None and older.state in (REVERTED, REPLACED):
            older.purpose, older.settled = f"{older.purpose}#{older.nonce}", True
            session.flush()
        session.add(row)


def _by_purpose(session: Session, chain_id: int, purpose: str) -> OwnTransaction | None:
    statement = select(OwnTransaction).where(
        col(OwnTransaction.chain_id) == chain_id, col(OwnTransaction.purpose) == purpose
    )
    return session.execute(statement).scalar_one_or_none()


def _again_at(session: Session, chain: Chain, order: Order) -> int:
    """When what was reverted for this purpose may be followed by another."""
    purpose = col(OwnTransaction.purpose)
    statement = select(func.count(), func.max(col(OwnTransaction.sent_at))).where(
        col(OwnTransaction.chain_id) == chain.chain_id,
        or_(purpose == order.purpose, purpose.startswith(f"{order.purpose}#", autoescape=True)),
        col(OwnTransaction.state) == REVERTED,
    )
    times, last = session.execute(statement).one()
    return int(last) + (order.pause << times - 1) if times else 0


def _by_nonce(database: Database, row: OwnTransaction) -> OwnTransaction | None:
    with database.reading() as session:
        return session.get(OwnTransaction, (row.chain_id, row.signer, row.nonce))


def _note(database: Database, row: OwnTransaction, **values: object) -> None:
    here = (col(OwnTransaction.chain_id) == row.chain_id, col(OwnTransaction.signer) == row.signer)
    with database.writing() as session:
        session.execute(update(OwnTransaction).where(*here, col(OwnTransaction.nonce) == row.nonce).values(**values))
