"""Events of Membership about renewals by keepers -> rows."""

from collections.abc import Iterable
from typing import Any

from indexer.events import Position
from indexer.events.membership import AutoRenewSet, FundsSet
from indexer.projections.days import consent_counted
from indexer.projections.money import funds_are
from indexer.projections.rows import Rows, Wanted
from indexer.tables.bulk import Row
from indexer.tables.columns import FOR_LIFE
from indexer.tables.membership import Membership
from indexer.tables.renewals import Consent, Funds


def auto_renew_set(rows: Rows, event: AutoRenewSet, at: Position) -> None:
    """Tier 0: the consent ended. With a tier and no periods left it lives on, used up."""
    if event.tier_id == 0:
        consent_ended(rows, at, event.token_id)
        return
    consent = {
        "contract": at.contract,
        "token_id": event.token_id,
        "holder": event.holder,
        "tier_id": event.tier_id,
        "max_price": event.consent.max_price,
        "periods_left": event.consent.periods_left,
        "until": event.consent.until,
        "block_number": at.block_number,
    }
    membership = rows.find(Membership, (at.contract, event.token_id))
    _save(rows, at, before=_of(rows, at, event.token_id), after=consent | {"expires_at": _end(membership, consent)})
    _tell(rows, at, event.token_id)


def consent_followed(rows: Rows, at: Position, token_id: int, membership: Row | None) -> None:
    """Its consent, if any, says when the membership ends as it is now; None: it is no more."""
    before = _of(rows, at, token_id)
    if before is not None and before["expires_at"] != (end := _end(membership, before)):
        _save(rows, at, before=before, after=before | {"expires_at": end})


def consent_ended(rows: Rows, at: Position, token_id: int) -> None:
    """No keeper may renew the membership any more."""
    before = _of(rows, at, token_id)
    if before is not None:
        rows.remove(Consent, (at.contract, token_id))
        consent_counted(rows, at, before=before, after=None)
        _tell(rows, at, token_id)


def funds_set(rows: Rows, event: FundsSet, at: Position) -> None:
    funds_are(rows, at, event.account, event.funds)


def _of(rows: Rows, at: Position, token_id: int) -> Row | None:
    return rows.find(Consent, (at.contract, token_id))


def _save(rows: Rows, at: Position, *, before: Row | None, after: Row) -> None:
    rows.put(Consent, **after)
    consent_counted(rows, at, before=before, after=after)


def _end(membership: Row | None, consent: Row) -> int | None:
    """When the membership ends, if a keeper may then renew it."""
    if membership is None or membership["expires_at"] >= FOR_LIFE:
        return None
    same = all(membership[name] == consent[name] for name in ("holder", "tier_id"))
    return int(membership["expires_at"]) if same else None


def _tell(rows: Rows, at: Position, token_id: int) -> None:
    rows.tell("consent", community=at.community, contract=at.contract, token_id=token_id)


def reads(event: Any, at: Position) -> Iterable[Wanted]:
    """Rows that the event will look at, so that they can be read in bulk."""
    if isinstance(event, FundsSet):
        yield Funds, (at.contract, event.account)
    else:
        yield Consent, (at.contract, event.token_id)
        yield Membership, (at.contract, event.token_id)


PROJECTIONS = {AutoRenewSet: auto_renew_set, FundsSet: funds_set}
