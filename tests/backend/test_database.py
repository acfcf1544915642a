"""A database that is closed lets what is under way end, and leaves no connection behind."""

import threading

from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from tests.factories.home import COMMUNITY, TestHome


def test_closing_waits_for_the_transactions_that_are_under_way(home: TestHome) -> None:
    database = home.host.database
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def read() -> None:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
            begun.set()
            go_on.wait(timeout=30)
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(timeout=30)
    closer = threading.Thread(target=database.close)
    closer.start()
    assert closer.is_alive()
    go_on.set()
    closer.join(timeout=30)

    assert ended.wait(timeout=30)
    assert not closer.is_alive()
    reader.join(timeout=30)


def test_a_page_that_tells_an_error_keeps_no_connection(home: TestHome) -> None:
    client = home.client(home.author(3))

    answers = [client.get(path).status_code for path in ("/c/0x" + "11" * 20, f"/c/{COMMUNITY}/manage", "/none")]

    assert answers == [404, 403, 404]
    assert in_use(home) == 0


def in_use(home: TestHome) -> int:
    pool = home.host.database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()
