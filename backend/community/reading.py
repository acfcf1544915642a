"""What an owner asks of a community, from several slices' tables and the node: what it still lacks, what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from backend.chain import CallFailed, ChainUnavailable
from backend.community.queries import CommunityView, OfficeView, roles_of
from backend.content.queries import post_count
from backend.host import Host
from backend.keys.custody import LEAST_RECOVERY_KEYS, recovery_keys
from backend.membership.queries import tiers_of
from backend.transactions import NATIVE, call_data

PUBLISHER = 8

StepName = Literal["words", "keys", "post", "plan", "anchor", "invite"]


@dataclass(frozen=True)
class Step:
    """One thing to do next, and whether it is done."""

    name: StepName
    done: bool


def next_steps(session: Session, view: CommunityView, *, at: int) -> Sequence[Step]:
    """What a community needs to be whole; empty once all is there."""
    tiers = [tier for tier in tiers_of(session, view.chain_id, view.membership, at=at) if tier.state != "retired"]
    roles = {each.account: each.roles for each in roles_of(session, view.chain_id, view.address)}
    done: dict[StepName, bool] = {
        "words": bool(view.tagline or view.about),
        "keys": len(recovery_keys(session, view.chain_id, view.address)) >= LEAST_RECOVERY_KEYS,
        "post": post_count(session, view.chain_id, view.address) > 0,
        "plan": any(tier.price for tier in tiers) and any(not tier.price for tier in tiers),
        "anchor": bool(roles.get(view.home_key, 0) & PUBLISHER) or view.owner == view.home_key,
        "invite": view.members > 0,
    }
    return [] if all(done.values()) else [Step(name, value) for name, value in done.items()]


def due_of(host: Host, view: CommunityView, source: str, account: str) -> int:
    """What `collect` would pay the account of this source now, base units; 0 when the node does not say."""
    try:
        return int.from_bytes(host.chain.call(view.address, call_data("Community", "dueOf", source, account))[:32])
    except (CallFailed, ChainUnavailable):
        return 0


def source_currency(view: CommunityView, office: OfficeView, source: str) -> str | None:
    """In which currency a source of income pays; None is the native coin."""
    if source in (view.membership, office.store):
        return view.currency
    return None if source == NATIVE else source


def owner_bps(view: CommunityView, office: OfficeView) -> int:
    """What is left to the owner of all that is earned, 1/10 000."""
    return 10_000 - view.operator_bps - view.parent_bps - sum(each.bps for each in office.splits)
