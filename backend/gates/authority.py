"""Who may act: what the slices' acts ask on append and again on replay, always as of the act's own block.

Rules need no block: at replay the projection holds exactly the rules that stand before the act."""

from sqlmodel import Session

from backend.gates.access import rule_of
from backend.gates.decision import Allowed, decide
from backend.gates.holdings import holdings_at, is_member, owner_at
from backend.log.kinds import Placed


def owner_only(session: Session, placed: Placed) -> str | None:
    """Refuses everybody but the owner of the community at the act's block."""
    return None if governs(session, placed) else "owner-only"


def governs(session: Session, placed: Placed) -> bool:
    """Whether the author owned the community at the act's block."""
    act = placed.act
    return owner_at(session, act.chain_id, act.community, placed.as_of.number) == act.author


def may_take_part(session: Session, placed: Placed, gate: str | None) -> str | None:
    """Refuses who was no member, of a free tier at least, or could not pass the gate at the act's block."""
    act = placed.act
    rule = None if gate is None else rule_of(session, act.chain_id, act.community, gate)
    holdings = holdings_at(session, act.chain_id, act.community, act.author, placed.as_of.number, rule)
    if holdings.governs:
        return None
    if not is_member(holdings, at=placed.at):
        return "members-only"
    if gate is None or (rule is not None and isinstance(decide(rule, holdings, at=placed.at), Allowed)):
        return None
    return "gate-closed"
