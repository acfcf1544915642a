"""No page and no API asks the database more often because there is more to show."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import event

from backend import catalog
from tests.factories.goods import open_store
from tests.factories.home import COMMUNITY, TestHome, body_of, open_test_home
from tests.factories.mirrored_badges import rates
from tests.factories.plenty import account, grow
from tests.factories.sales import SALE, TOKEN, sale_rows, token_row
from tests.fakes.node import answering_zero

FEW, MANY = 3, 30
NEVER_ENDS = "/api/communities/{community}/events"
NO_LISTS = {
    *("/art/{kind}/{address}.svg", "/qr.svg", "/mail/confirm", "/mail/off", "/c/{community}/membership/move"),
    *("/api/transactions/{tx_hash}", "/api/transactions/{tx_hash}/community", "/api/currencies/{address}"),
    *("/c/{community}/manage/vouchers/{digest}.svg", "/api/communities/{community}/posts/{post_id}/files/{cid}"),
    *("/api/communities/{community}/people/{account}/pictures/{cid}", "/c/{community}/receipts/{tx_hash}"),
    *("/api/communities/{community}/memberships/{token_id}/changes/{tier_id}", "/api/communities/{community}/strays"),
    *("/api/communities/{community}/badges/{token_id}/recipient", "/c/{community}/badges/{token_id}/picture.svg"),
}
"""They show one thing, whatever there is beside it."""
PERSON = "application/vnd.koinon.person+json"
QUERIES = {"amount": "1000", "account": account(1)}


@pytest.fixture
def home(home_database: str, data_folder: Path) -> Iterator[TestHome]:
    """A home whose node answers, so that no page ends early."""
    with answering_zero() as rpc:
        opened = open_test_home(home_database, data_folder, rpc=rpc)
        yield opened
        opened.close()


def begin(home: TestHome) -> str:
    """One of everything that is spoken; the owner is a member. The post that has replies."""
    open_store(home)
    home.set_recovery()
    home.open_gate()
    home.member(home.owner, tier=1, token_id=900)
    home.write(rates(), token_row(), *sale_rows(at=0))
    name = home.stage(home.owner, json.dumps({"name": "Ada"}), media_type=PERSON)
    home.say(home.owner, "person.create", body=body_of(name))
    post = home.publish("A post", "For all", rest="For members", gate="members").act
    home.reply(home.owner, post, "Hello", gate="members")
    return post


def listing_routes() -> list[APIRoute]:
    routes = [route for router in catalog.ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    shown = [route for route in routes if "GET" in (route.methods or ())]
    assert NO_LISTS | {NEVER_ENDS} <= {route.path for route in shown}
    alone = {route.path for route in shown if not route.path.startswith("/fragments")} | NO_LISTS | {NEVER_ENDS}
    parts = [route for route in shown if route.path.removeprefix("/fragments") not in alone]
    return [route for route in shown if route.path in alone - NO_LISTS - {NEVER_ENDS}] + parts


def addresses(post: str) -> list[str]:
    """The address of each route that may list something, and of each part of it."""
    values = {"community": COMMUNITY, "post_id": post, "gate": "members", "account": account(1)}
    values |= dict.fromkeys(("token_id", "tier_id", "badge", "product_id", "achievement_id", "notice_id"), "1") | {
        "tx_hash": f"0x{1:064x}"
    }
    found = []
    for route in listing_routes():
        for part in ("progress", "mine", "terms", "story") if "{part}" in route.path else ("",):
            known = {**values, "part": part, "address": TOKEN if "/tokens/{" in route.path else SALE}
            path = route.path.format_map(known)
            asked = [each.alias for each in route.dependant.query_params if each.field_info.is_required()]
            found.append(path + "".join(f"{'&' if n else '?'}{key}={QUERIES[key]}" for n, key in enumerate(asked)))
    return [
        *found,
        "/?q=circle&free=true",
        f"/c/{COMMUNITY}?as=outsider",
        f"/c/{COMMUNITY}/manage/people?state=all&q=0x",
    ]


def statements(home: TestHome, client: TestClient, path: str) -> tuple[int, int]:
    """Status of the answer, and how many statements it took."""
    asked: list[str] = []

    def note(*details: Any) -> None:
        asked.append(details[2])

    event.listen(home.host.database.engine, "before_cursor_execute", note)
    status = client.get(path).status_code
    event.remove(home.host.database.engine, "before_cursor_execute", note)
    return status, len(asked)


def test_the_number_of_statements_does_not_grow_with_what_there_is(home: TestHome) -> None:
    post = begin(home)
    client = home.client(home.owner)
    grow(home, range(1, FEW + 1), post)
    few = {path: statements(home, client, path) for path in addresses(post)}

    grow(home, range(FEW + 1, MANY + 1), post)
    many = {path: statements(home, client, path) for path in few}

    assert {path: status for path, (status, _) in few.items() if status not in (200, 303)} == {}
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}
