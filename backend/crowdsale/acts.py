"""Acts on sales: `sale.update` counts a post among the news that a sale's page shows, or no longer does."""

from pydantic import Field
from sqlmodel import Session

from backend.content.queries import post_of
from backend.crowdsale.tables import SaleUpdate
from backend.gates.authority import owner_only
from backend.log.kinds import ActData, Kind, Placed
from backend.problems import NotFound


class UpdateData(ActData):
    """The act's subject is the post. `shown` False takes it off the sale's page."""

    sale: str = Field(pattern=r"^0x[0-9a-f]{40}$")
    shown: bool


def _may(session: Session, placed: Placed) -> str | None:
    try:
        post_of(session, placed.act.chain_id, placed.act.community, placed.act.subject or "")
    except NotFound:
        return "post-unknown"
    return owner_only(session, placed)


def _project(session: Session, placed: Placed) -> None:
    act, data = placed.act, UpdateData.model_validate(placed.act.data)
    key = (act.chain_id, act.community, data.sale, act.subject)
    row = session.get(SaleUpdate, key)
    if data.shown and row is None:
        chain_id, community, sale, post_id = key
        session.add(
            SaleUpdate(chain_id=chain_id, community=community, sale=sale, post_id=post_id or "", seq=placed.seq)
        )
    elif not data.shown and row is not None:
        session.delete(row)
    session.flush()


KINDS = [Kind("sale.update", UpdateData, _may, _project)]
