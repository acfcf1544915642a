"""A database that is closed lets what is under way end, and leaves no connection behind."""

import threading

from sqlalchemy import text

from tests.factories.home import TestHome


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
