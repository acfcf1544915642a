"""A decision becomes a content key, and leaves one audit row. The only way from a gate to a key."""

from sqlmodel import Session

from backend.gates.access import Access, GateDenied
from backend.gates.decision import Allowed, Denied
from backend.keys.custody import MasterKey
from backend.keys.tables import Release


def require_allowed(access: Access) -> Allowed:
    """The decision if it allowed, else GateDenied. Asked before a transaction that writes, so that those whom the gate
    is closed to, who may be many, hold no lock."""
    decision = access.decision
    if isinstance(decision, Denied):
        raise GateDenied(
            "This part is for members.",
            gate=access.gate,
            conditions=[condition.encode() for condition in decision.conditions],
        )
    return decision


def release(
    session: Session, master: MasterKey, items: list[str], *, chain_id: int, community: str, access: Access
) -> dict[str, bytes]:
    """The content keys of these items of one gate, if the decision allowed; else GateDenied with its conditions.

    An item that was erased has no key and no audit row.
    """
    until = require_allowed(access).until
    keys = master.content_keys(session, items)
    for item in keys:
        session.add(
            Release(
                at=access.at,
                chain_id=chain_id,
                community=community,
                item=item,
                account=access.account,
                gate=access.gate,
                until=until,
                block_number=access.as_of.number,
                block_hash=access.as_of.hash,
            )
        )
    return keys
