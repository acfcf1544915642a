"""Posts that wait for their time, previews, and pages seen with others' eyes."""

import json
from typing import Any

from httpx import Response
from sqlmodel import select

from backend import clock
from backend.community.jobs import sweep
from backend.content.scheduling import publish_due
from backend.log.tables import StagedBody
from tests.factories.home import COMMUNITY, POST_TYPE, Author, TestHome, body_of

API = f"/api/communities/{COMMUNITY}"
HOUR = 3600
HEADERS = {"content-type": "application/vnd.ipld.dag-cbor"}


def waiting_act(home: TestHome, author: Author, *, at: int, title: str = "Later", **fields: Any) -> bytes:
    staged = home.stage(author, json.dumps({"title": title, "text": "Words"}), media_type=POST_TYPE)
    return home.act(author, "post.create", at=at, body=body_of(staged), **fields)


def send(home: TestHome, author: Author, act: bytes) -> Response:
    answer: Response = home.client(author).post(f"{API}/scheduled", content=act, headers=HEADERS)
    return answer


def titles(home: TestHome) -> list[str]:
    return [post["title"] for post in home.client().get(f"{API}/posts").json()]


def test_a_post_is_published_at_its_time_and_not_before(home: TestHome) -> None:
    at = clock.now() + 2 * HOUR
    client = home.client(home.owner)

    kept = send(home, home.owner, waiting_act(home, home.owner, at=at))
    publish_due(home.host)

    assert kept.status_code == 201, kept.text
    assert titles(home) == []
    assert "Later" in client.get(f"/c/{COMMUNITY}/write").text

    home.mine(at=at + 5)
    publish_due(home.host)

    assert titles(home) == ["Later"]
    assert client.get(f"{API}/scheduled").json() == []


def test_the_bodies_of_a_post_that_waits_are_not_swept(home: TestHome) -> None:
    act = waiting_act(home, home.owner, at=clock.now() + 2 * HOUR)
    assert send(home, home.owner, act).status_code == 201
    with home.host.database.writing() as session:
        for row in session.exec(select(StagedBody)).all():
            row.created_at -= 3 * 86_400

    sweep(home.host, {})

    with home.host.database.reading() as session:
        assert len(session.exec(select(StagedBody)).all()) == 1
        (act_id,) = [each["act"] for each in home.client(home.owner).get(f"{API}/scheduled").json()]

    assert home.client(home.author(2)).delete(f"{API}/scheduled/{act_id}").status_code == 404
    assert home.client(home.owner).delete(f"{API}/scheduled/{act_id}").status_code == 204
    sweep(home.host, {})

    with home.host.database.reading() as session:
        assert session.exec(select(StagedBody)).all() == []


def test_a_post_whose_time_was_slept_through_says_so(home: TestHome) -> None:
    at = clock.now() + 2 * HOUR
    send(home, home.owner, waiting_act(home, home.owner, at=at))

    home.mine(at=at + 2 * HOUR)
    publish_due(home.host)
    publish_due(home.host)

    assert titles(home) == []
    assert [each["fault"] for each in home.client(home.owner).get(f"{API}/scheduled").json()] == ["too-late"]
    assert "was not running at that time" in home.client(home.owner).get(f"/c/{COMMUNITY}/write").text


def test_only_an_own_post_with_a_time_ahead_and_a_key_of_its_own_waits(home: TestHome) -> None:
    now, stranger = clock.now(), home.author(2)

    assert send(home, stranger, waiting_act(home, stranger, at=now + HOUR)).json()["reason"] == "owner-only"
    assert send(home, home.owner, waiting_act(home, stranger, at=now + HOUR)).status_code == 422
    assert send(home, home.owner, waiting_act(home, home.owner, at=now)).json()["reason"] == "time-wrong"
    late = waiting_act(home, home.owner, at=now + 2 * 86_400)
    assert send(home, home.owner, late).json()["reason"] == "time-wrong"
    assert send(home, home.owner, b"nonsense").status_code == 422
    unsent = home.act(home.owner, "post.erase", at=now + HOUR, subject="b" + "a" * 58)
    assert send(home, home.owner, unsent).status_code == 422
    assert send(home, home.owner, waiting_act(home, home.owner, at=now + HOUR, title="Mine")).status_code == 201
    twice = waiting_act(home, home.owner, at=now + 2 * HOUR, title="Twice")
    assert send(home, home.owner, twice).json()["reason"] == "key-used"
    assert home.client(stranger).get(f"{API}/scheduled").status_code == 403


def test_a_preview_is_clean_and_for_the_owner(home: TestHome) -> None:
    path, words = f"/fragments/c/{COMMUNITY}/preview", "**bold** <script>x</script> [a](javascript:x)"

    page = home.client(home.owner).post(path, data={"text": words}).text

    assert "<strong>bold</strong>" in page
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert home.client(home.author(2)).post(path, data={"text": words}).status_code == 403
    assert home.client().post(path, data={"text": words}).status_code == 401


def test_an_owner_sees_pages_as_others_do_and_nobody_else_can(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate(tiers=(2,))
    post = home.publish("Gated", "Teaser", rest="the-secret-word", gate="members").act
    path, owner = f"/c/{COMMUNITY}/posts/{post}", home.client(home.owner)

    seen = {who: owner.get(path, params={"as": who}).text for who in ("outsider", "expired", "tier-1", "tier-2")}

    assert {who: "the-secret-word" in page for who, page in seen.items()} == {
        "outsider": False,
        "expired": False,
        "tier-1": False,
        "tier-2": True,
    }
    assert "a membership that expired" in seen["expired"]
    assert all("inert" in page and "data-partial" not in page for page in seen.values())
    assert "the-secret-word" in owner.get(path).text
    assert home.client(home.author(2)).get(path, params={"as": "tier-2"}).status_code == 403
    assert home.client().get(path, params={"as": "tier-2"}).status_code in (401, 403)
    assert owner.get(path, params={"as": "god"}).status_code == 422
    front = owner.get(f"/c/{COMMUNITY}", params={"as": "tier-2"}).text
    assert "You see this page as:" in front
    assert home.client(home.author(2)).get(f"/c/{COMMUNITY}", params={"as": "outsider"}).status_code == 403
