"""A request gives back the connection that it read from, whatever becomes of it."""

from tests.backend.conftest import in_use
from tests.factories.home import COMMUNITY, TestHome


def test_a_page_that_tells_an_error_keeps_no_connection(home: TestHome) -> None:
    client = home.client(home.author(3))

    answers = [client.get(path).status_code for path in ("/c/0x" + "11" * 20, f"/c/{COMMUNITY}/manage", "/none")]

    assert answers == [404, 403, 404]
    assert in_use(home) == 0
