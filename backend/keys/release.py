"""A decision becomes a content key, and leaves one audit row. The only way from a gate to a key."""

from sqlmodel import Session

from backend.gates.access import Access, GateDenied
from backend.gates.decision import Denied
from backend.keys.custody import MasterKey
from backend.keys.tables import Release


def release(
    session: Session, master: MasterKey, items: list[str], *, chain_id: int, community: str, access: Access
) -> dict[str, bytes]:
    """The content keys of these items of one gate, if the decision allowed; else GateDenied with its conditions.

    An item that was erased has no key and no audit row.
    """
    decision = access.decision
    if isinstance(decision, Denied):
        raise GateDenied(
            "This part is for members.",
            gate=access.gate,
            conditions=[condition.encode() for condition in decision.conditions],
        )
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
                until=decision.until,
                block_number=access.as_of.number,
                block_hash=access.as_of.hash,
            )
        )
    return keys
