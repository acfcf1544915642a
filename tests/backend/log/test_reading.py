"""The log is sent as it is read: neither a long one nor a slow reader holds memory or a connection."""

from io import BytesIO

from sqlalchemy import event

from backend.ipfs.car import read_car
from backend.log.reading import log_car
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome


def test_the_log_is_read_record_by_record(home: TestHome) -> None:
    for number in range(3):
        home.publish(f"Post {number}")
    asked: list[str] = []
    event.listen(home.host.database.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))

    pieces = log_car(home.host.database, CHAIN_ID, COMMUNITY, after=0)
    first = [next(pieces), next(pieces)]
    early = len(asked)

    assert home.host.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    _, blocks = read_car(BytesIO(b"".join([*first, *pieces])))
    assert len(list(blocks)) == 3 * 4  # record, act, delegation, body
    assert len(asked) > early
