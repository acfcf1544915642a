"""Events of Membership about renewals by keepers -> rows."""

from collections.abc import Iterable
from typing import Any

from indexer.events import Position
from indexer.events.membership import AutoRenewSet, FundsSet
from indexer.projections.days import consent_counted
from indexer.projections.money import funds_are
from indexer.projections.rows import Rows, Wanted
from indexer.tables.bulk import Row
from indexer.tables.membership import Membership
from indexer.tables.renewals import Consent, Funds


def auto_renew_set(rows: Rows, event: AutoRenewSet, at: Position) -> None:
    """Tier 0: the consent ended. With a tier and no periods left it lives on, used up."""
    if event.tier_id == 0:
        consent_ended(rows, at, event.token_id)
        return
    key = (at.contract, event.token_id)
    before = rows.find(Consent, key)
    rows.put(
        Consent,
        contract=at.contract,
        token_id=event.token_id,
        holder=event.holder,
        tier_id=event.tier_id,
        max_price=event.consent.max_price,
        periods_left=event.consent.periods_left,
        until=event.consent.until,
        block_number=at.block_number,
    )
    _count(rows, at, event.token_id, before=before)
    _tell(rows, at, event.token_id)


def consent_ended(rows: Rows, at: Position, token_id: int) -> None:
    """No keeper may renew the membership any more."""
    before = rows.find(Consent, (at.contract, token_id))
    if before is not None:
        rows.remove(Consent, (at.contract, token_id))
        _count(rows, at, token_id, before=before)
        _tell(rows, at, token_id)


def funds_set(rows: Rows, event: FundsSet, at: Position) -> None:
    funds_are(rows, at, event.account, event.funds)


def _count(rows: Rows, at: Position, token_id: int, *, before: Row | None) -> None:
    """The day on which its membership ends follows the consent, which was `before`."""
    key = (at.contract, token_id)
    membership = rows.find(Membership, key)
    consent_counted(rows, at, before=(membership, before), after=(membership, rows.find(Consent, key)))


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
