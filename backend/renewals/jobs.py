"""The keeper's work: a job that renews what is due, a few at a time, and settles; and what makes it try again."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from backend import clock
from backend.chain import CallFailed, ChainUnavailable, GasTooDear, TransactionRefused
from backend.db import insert_into
from backend.feed import MirrorStale, Tip, time_of, tip
from backend.host import Host
from backend.jobs import enqueue
from backend.renewals.keeper import Outcome, load_keeper, renew, settle
from backend.renewals.queries import Due, due_memberships, settleable, to_settle
from backend.renewals.tables import RenewalTry
from backend.sending import follow, purpose_state, unsettled
from indexer.tables.chain import Change

PAUSE_SECONDS = 3
"""Between two runs."""
LOOKED_AT_ONCE = 50
MOST_IN_FLIGHT = 20
"""Transactions of the keeper that wait for a block: a bound of what a fault can cost."""
SETTLED_AT_ONCE = 100
SETTLE_SECONDS = 86_400
"""Between two settlements of a community, of the chain's time."""
UNSETTLED_SECONDS = 30 * 86_400
"""Income that nobody has settled for so long is settled, though more of it is to be earned."""
AGAIN_SECONDS = {"sent": 60, "gas-too-dear": 300, "node-away": 60, "keeper-without-gas": 300}
SETTLE_PAUSE_SECONDS = 60
LATER_SECONDS = 600
"""Until a try after any other reason; a change on chain that may have mended it brings it forward."""


def schedule(host: Host) -> bool:
    """Chore: the job stands in the table while there is something due, or on its way."""
    if not host.settings.keeper:
        return False
    chain_id, keeper = host.settings.chain_id, load_keeper(host.settings)
    with host.database.reading() as session:
        newest = _tip(session, chain_id)
        wanted = newest is not None and (
            bool(_due(host, session, time_of(newest), limit=LOOKED_AT_ONCE))
            or bool(unsettled(session, chain_id, keeper.address.lower()))
        )
    at = clock.now()
    with host.database.writing() as session:
        if wanted:
            enqueue(session, "renewals.run", key=f"renewals.run:{chain_id}", run_at=at + PAUSE_SECONDS)
        enqueue(session, "renewals.settle", key=f"renewals.settle:{chain_id}", run_at=at + SETTLE_PAUSE_SECONDS)
    return False


def run(host: Host, payload: dict[str, Any]) -> None:  # noqa: ARG001 - the form of every job
    """Job: what was sent is followed, and what is due is renewed, a few at a time."""
    if not host.settings.keeper:
        return
    keeper, chain_id = load_keeper(host.settings), host.settings.chain_id
    with host.database.reading() as session:
        newest = tip(session, chain_id)
        at = time_of(newest)
        due = _due(host, session, at, limit=LOOKED_AT_ONCE)
    try:
        waiting = follow(
            host.database,
            host.chain,
            keeper,
            at=clock.now(),
            final_number=newest.final_number,
            most_fee=host.settings.keeper_max_gas_wei,
        )
        room = MOST_IN_FLIGHT - waiting
        for each in due:
            outcome = renew(host, keeper, each, at=clock.now()) if room > 0 else None
            if outcome is not None:
                room -= outcome.reason == "sent"
                _record(host, each, outcome, at=at)
    except ChainUnavailable:
        for each in due:
            _record(host, each, Outcome("node-away"), at=at)
        raise


def settle_all(host: Host, payload: dict[str, Any]) -> None:  # noqa: ARG001 - the form of every job
    """Job: what has long been earned is income, of each community once a day and a bounded number of memberships."""
    if not host.settings.keeper:
        return
    chain_id, home_key = host.settings.chain_id, host.home.address
    with host.database.reading() as session:
        at = time_of(tip(session, chain_id))
        since = at - UNSETTLED_SECONDS
        found = settleable(session, chain_id, home_key, at=at, since=since)
        waiting = {
            contract: to_settle(session, chain_id, contract, at=at, since=since, limit=SETTLED_AT_ONCE)
            for community, contract in found
            if host.keeps(community, home_key) and purpose_state(session, chain_id, _purpose(contract, at)) is None
        }
    for contract, token_ids in waiting.items():
        with suppress(CallFailed, GasTooDear, TransactionRefused):  # the others need not wait for this one
            settle(
                host, load_keeper(host.settings), contract, token_ids, at=clock.now(), purpose=_purpose(contract, at)
            )


def again(host: Host, session: Session, changes: Sequence[Change]) -> None:
    """Consumer: who paid in, or agreed anew, or whose tier changed, is tried again at once."""
    for change in changes:
        here = [col(RenewalTry.chain_id) == host.settings.chain_id, col(RenewalTry.reason) != "sent"]
        ids = change.ids
        if change.kind == "consent":
            here += [col(RenewalTry.contract) == ids["contract"], col(RenewalTry.token_id) == ids["token_id"]]
        elif change.kind == "funds":
            here += [col(RenewalTry.contract) == ids["contract"], col(RenewalTry.holder) == ids["account"]]
        elif change.kind == "tier":
            here += [col(RenewalTry.community) == ids["community"], col(RenewalTry.tier_id) == ids["tier_id"]]
        else:
            continue
        session.execute(update(RenewalTry).where(*here).values(next_at=0))


def _due(host: Host, session: Session, at: int, *, limit: int) -> list[Due]:
    """Of the communities that this home serves."""
    found = due_memberships(session, host.settings.chain_id, host.home.address, at=at, limit=limit)
    return [each for each in found if host.keeps(each.community, each.home_key)]


def _record(host: Host, due: Due, outcome: Outcome, *, at: int) -> None:
    """What came of the try; a transaction that was sent before is remembered."""
    wait = AGAIN_SECONDS.get(outcome.reason, LATER_SECONDS)
    values = {
        "community": due.community,
        "holder": due.holder,
        "tier_id": due.tier_id,
        "expires_at": due.expires_at,
        "reason": outcome.reason,
        "price": outcome.price,
        "tried_at": at,
        "next_at": max(at + wait, outcome.opens_at),
    }
    if outcome.tx_hash is not None:
        values["tx_hash"] = outcome.tx_hash
    key = {"chain_id": host.settings.chain_id, "contract": due.contract, "token_id": due.token_id}
    with host.database.writing() as session:
        fresh = insert_into(session, RenewalTry).values(**key, **values)
        session.execute(fresh.on_conflict_do_update(index_elements=list(key), set_=values))


def _purpose(contract: str, at: int) -> str:
    return f"settle:{contract}:{at // SETTLE_SECONDS}"


def _tip(session: Session, chain_id: int) -> Tip | None:
    try:
        return tip(session, chain_id)
    except MirrorStale:
        return None
