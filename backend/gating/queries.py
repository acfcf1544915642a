"""What gates there are, and what rules can speak of: frozen values from the log and the mirror."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.gates.rule import Rule, RuleMalformed, parse_rule
from backend.gates.tables import GateVersion
from indexer.tables.badges import Achievement
from indexer.tables.community import Community
from indexer.tables.crowdsale import Sale
from indexer.tables.membership import Membership, Tier
from indexer.tables.store import Product
from indexer.tables.token import Token

MOST_CHOICES = 200
"""Of a kind, that the editor offers, the newest first."""


@dataclass(frozen=True)
class GateView:
    """A gate with its rule in force. `versions`: how often it was set."""

    gate: str
    rule: Rule
    versions: int
    at: int


@dataclass(frozen=True)
class Things:
    """What rules of a community can name, with what it is called."""

    tiers: Mapping[int, str] = field(default_factory=dict)
    achievements: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    sales: Mapping[str, str] = field(default_factory=dict)
    coins: Mapping[str, str] = field(default_factory=dict)
    """Symbols of the community's own tokens by address."""
    sold_by: Mapping[str, str] = field(default_factory=dict)
    """The crowdsale of each of these."""


def gate_views(session: Session, chain_id: int, community: str) -> list[GateView]:
    """Every gate of the community by name."""
    here = (col(GateVersion.chain_id) == chain_id, col(GateVersion.community) == community)
    newest = (
        select(col(GateVersion.gate), func.max(col(GateVersion.seq)).label("seq"), func.count().label("versions"))
        .where(*here)
        .group_by(col(GateVersion.gate))
        .subquery()
    )
    statement = select(GateVersion, newest.c.versions).join(
        newest, (newest.c.gate == col(GateVersion.gate)) & (newest.c.seq == col(GateVersion.seq))
    )
    rows = session.execute(statement.where(*here).order_by(col(GateVersion.gate))).all()
    return [GateView(row.gate, rule, versions, row.at) for row, versions in rows if (rule := _rule(row)) is not None]


def _rule(row: GateVersion) -> Rule | None:
    try:
        return parse_rule(row.rule)
    except RuleMalformed:  # of a later version than this program: then nobody passes, and nothing can be said
        return None


def things_of(session: Session, chain_id: int, community: str) -> Things:
    """The newest things of each kind, as the editor offers them."""
    row = session.get(Community, (chain_id, community))
    if row is None:
        return Things()
    tiers = _named(session, Tier, chain_id, row.membership, "tier_id")
    sales = select(Sale, col(Token.symbol)).outerjoin(
        Token, (col(Token.chain_id) == col(Sale.chain_id)) & (col(Token.address) == col(Sale.token))
    )
    made = session.execute(
        sales.where(col(Sale.chain_id) == chain_id, col(Sale.community) == community)
        .order_by(col(Sale.made_at).desc())
        .limit(MOST_CHOICES)
    ).all()
    return Things(
        tiers=tiers,
        achievements=_named(session, Achievement, chain_id, row.badges, "achievement_id"),
        products=_named(session, Product, chain_id, row.store, "product_id"),
        sales={sale.address: sale.token_name or tiers.get(sale.tier_id, "") for sale, _ in made},
        coins={sale.token: symbol for sale, symbol in made if symbol},
        sold_by={sale.token: sale.address for sale, symbol in made if symbol},
    )


def _named(
    session: Session, table: type[Tier] | type[Achievement] | type[Product], chain_id: int, contract: str, key: str
) -> dict[int, str]:
    number = getattr(table, key)
    statement = (
        select(number, col(table.label))
        .where(col(table.chain_id) == chain_id, col(table.contract) == contract)
        .order_by(number.desc())
        .limit(MOST_CHOICES)
    )
    return dict(sorted((int(found), str(label)) for found, label in session.execute(statement).all()))


def newest_members(session: Session, chain_id: int, contract: str, *, at: int, limit: int) -> Sequence[str]:
    """The wallets that became members last and still are."""
    statement = (
        select(col(Membership.holder))
        .where(
            col(Membership.chain_id) == chain_id,
            col(Membership.contract) == contract,
            col(Membership.expires_at) > at,
        )
        .order_by(col(Membership.token_id).desc())
        .limit(limit)
    )
    return session.execute(statement).scalars().all()
