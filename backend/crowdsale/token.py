"""Tokens that crowdsales sold: their state, and what an account holds of one."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.token import IncomeDistribution, Token, TokenHolder

PAGE = 20


@dataclass(frozen=True)
class TokenView:
    """A token of a community. Amounts are base units: 10**18 are one whole token; `distributed` of the currency."""

    chain_id: int
    address: str
    community: str
    sale: str
    name: str
    symbol: str
    restricted: bool
    maximum: int
    supply: int
    locked_until: int
    attestor: str | None
    distributed: int
    at: int

    @property
    def locked(self) -> bool:
        return self.at < self.locked_until


@dataclass(frozen=True)
class HolderView:
    """What an account holds of a token, and what is noted about it."""

    account: str
    balance: int
    attested_until: int
    frozen: bool
    claimed: int
    at: int

    @property
    def attested(self) -> bool:
        return self.at < self.attested_until


@dataclass(frozen=True)
class DistributionView:
    """Income that the holders of that moment shared."""

    payer: str
    amount: int
    supply: int
    at: int


def token_of(session: Session, chain_id: int, community: str, address: str, *, at: int) -> TokenView:
    """A token that a sale of this community sold. Raises NotFound."""
    row = session.get(Token, (chain_id, address.lower()))
    if row is None or row.community != community:
        raise NotFound("There is no such token in this community.")
    return TokenView(
        chain_id=chain_id,
        address=row.address,
        community=row.community,
        sale=row.sale,
        name=row.name,
        symbol=row.symbol,
        restricted=row.restricted,
        maximum=row.maximum,
        supply=row.supply,
        locked_until=row.locked_until,
        attestor=None if row.attestor == ZERO_ADDRESS else row.attestor,
        distributed=row.distributed,
        at=at,
    )


def holder_of(session: Session, token: TokenView, account: str) -> HolderView:
    """What the account holds; nothing yet is all zeros."""
    row = session.get(TokenHolder, (token.chain_id, token.address, account.lower()))
    return _holder(row, token.at) if row else HolderView(account.lower(), 0, 0, False, 0, token.at)


def holders_of(session: Session, token: TokenView, *, after: tuple[int, str] | None = None) -> list[HolderView]:
    """PAGE accounts, who holds most first; `after`: balance and account of the last one of the page before."""
    table = TokenHolder
    statement = select(table).where(col(table.chain_id) == token.chain_id, col(table.contract) == token.address)
    if after is not None:
        balance, account = after
        same = and_(col(table.balance) == balance, col(table.account) > account)
        statement = statement.where(or_(col(table.balance) < balance, same))
    ordered = statement.order_by(col(table.balance).desc(), col(table.account)).limit(PAGE)
    return [_holder(row, token.at) for row in session.execute(ordered).scalars()]


def holder_count(session: Session, token: TokenView) -> int:
    """How many accounts hold some of it."""
    statement = select(func.count()).where(
        col(TokenHolder.chain_id) == token.chain_id,
        col(TokenHolder.contract) == token.address,
        col(TokenHolder.balance) > 0,
    )
    count: int = session.execute(statement).scalar_one()
    return count


def distributions_of(session: Session, token: TokenView) -> list[DistributionView]:
    """The newest PAGE payments that holders shared."""
    table = IncomeDistribution
    statement = select(table).where(col(table.chain_id) == token.chain_id, col(table.contract) == token.address)
    ordered = statement.order_by(col(table.block_number).desc(), col(table.log_index).desc()).limit(PAGE)
    return [DistributionView(row.payer, row.amount, row.supply, row.at) for row in session.execute(ordered).scalars()]


def _holder(row: TokenHolder, at: int) -> HolderView:
    return HolderView(row.account, row.balance, row.attested_until, row.frozen, row.claimed, at)
