"""The gate of an item, its rule in force, and the decision for a viewer, with the block that it rests on."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlmodel import Session, col

from backend.db import afterwards
from backend.feed import Tip, fresh_tip, time_of, tip
from backend.gates.decision import Decision, Denied, Holdings, decide
from backend.gates.rule import Rule, parse_rule
from backend.gates.tables import GateVersion
from backend.gates.wallets import holdings_of_wallets, together
from backend.gates.watching import contracts_of, needed, told, watch
from backend.problems import Malformed, Problem

MOST_CONTRACTS = 20
"""Of outside tokens, that the gates of a community name: the indexer follows the transfers of each."""


class GateDenied(Problem):
    """The gate is closed to this viewer; `conditions` say what it takes and what to do next."""

    slug, title, status = "gate-denied", "This is for members", 403


@dataclass(frozen=True)
class Access:
    """A decision and what it rests on: kept in the audit row of a release, by the account and never by the wallet."""

    decision: Decision
    account: str | None
    gate: str | None
    as_of: Tip
    at: int


def access(session: Session, chain_id: int, community: str, *, gate: str | None, account: str | None) -> Access:
    """Whether the account, by what its wallets hold together, may pass the gate now. Fails closed: MirrorStale when the
    chain is out of sight.

    An unknown gate is open to the owner alone; no gate is open even while the indexer stands still.
    """
    newest = fresh_tip(session, chain_id) if gate is not None else tip(session, chain_id)
    at = time_of(newest)
    if gate is None:
        return Access(decide(None, Holdings(None), at=at), account, None, newest, at)
    rule = rule_of(session, chain_id, community, gate)
    wallets = holdings_of_wallets(session, chain_id, community, account, rule)
    holdings = together(wallets)
    for each in wallets if not holdings.governs else ():
        have_watched(session, chain_id, community, rule, each, at)
    decision = Denied(()) if rule is None and not holdings.governs else decide(rule, holdings, at=at)
    return Access(decision, account, gate, newest, at)


def have_watched(
    session: Session, chain_id: int, community: str, rule: Rule | None, holdings: Holdings, at: int
) -> None:
    """The indexer will know the balances of outside tokens that this decision had to do without, or soon would."""
    assets, account = needed(rule, holdings, at=at), holdings.account
    if account is None or not assets or told(session, chain_id, community, account, assets, at=at):
        return
    noted = partial(watch, chain_id=chain_id, community=community, account=account, assets=assets, at=at)
    afterwards(session, noted)


def rule_of(session: Session, chain_id: int, community: str, gate: str) -> Rule | None:
    """The rule of the gate's newest version; None for a gate that was never set."""
    statement = (
        select(GateVersion)
        .where(
            col(GateVersion.chain_id) == chain_id,
            col(GateVersion.community) == community,
            col(GateVersion.gate) == gate,
        )
        .order_by(col(GateVersion.seq).desc())
        .limit(1)
    )
    row = session.execute(statement).scalar_one_or_none()
    return parse_rule(row.rule) if row else None


def gates_of(session: Session, chain_id: int, community: str) -> dict[str, Rule]:
    """Every gate of the community with its rule in force."""
    statement = (
        select(GateVersion)
        .where(col(GateVersion.chain_id) == chain_id, col(GateVersion.community) == community)
        .order_by(col(GateVersion.seq))
    )
    return {row.gate: parse_rule(row.rule) for row in session.execute(statement).scalars()}


def require_few_contracts(session: Session, chain_id: int, community: str, gate: str | None, rule: Rule) -> None:
    """The gates of the community do not name too many outside tokens once this one has the rule."""
    others = gates_of(session, chain_id, community)
    others.pop(gate or "", None)
    named, wanted = contracts_of(others.values()), contracts_of([rule])
    if not wanted <= named and len(wanted | named) > MOST_CONTRACTS:
        raise Malformed(
            f"The gates of a community name at most {MOST_CONTRACTS} contracts of other tokens.",
            reason="too-many-tokens",
            limit=MOST_CONTRACTS,
        )
