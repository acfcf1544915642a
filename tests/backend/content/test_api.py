"""Every refusal of the API is problem+json with the right status and a reason; nothing is half done."""

import base64
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import event
from sqlmodel import select

from backend.log.tables import LogRecord, StagedBody
from tests.factories.home import COMMUNITY, POST_TYPE, TestHome, body_of

API = f"/api/communities/{COMMUNITY}"
SALT = base64.urlsafe_b64encode(b"s" * 16).decode()
UNKNOWN = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"


def problem(answer: Response, status: int) -> dict[str, Any]:
    """The problem of the answer, which has this status and says so."""
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"]) == (status, status)
    assert body["type"].startswith("/problems/")
    assert body["title"]
    return body


def send(client: TestClient, text: str, **fields: str) -> Response:
    form = {"type": "text/markdown", "salt": SALT, **fields}
    answer: Response = client.post(f"{API}/bodies", data=form, files={"file": ("body", text.encode())})
    return answer


def staged(home: TestHome) -> int:
    with home.host.database.reading() as session:
        return len(session.exec(select(StagedBody)).all())


def gated_post(home: TestHome) -> str:
    home.set_recovery()
    home.open_gate()
    return home.publish("Gated", "Teaser", rest="The words", gate="members").act


def test_the_feed_shows_titles_and_teasers_only(home: TestHome) -> None:
    post = gated_post(home)

    (found,) = home.client().get(f"{API}/posts").json()

    assert (found["id"], found["title"], found["teaser"], found["gate"]) == (post, "Gated", "Teaser", "members")
    assert "The words" not in home.client().get(f"{API}/posts").text


def test_the_feed_is_paged_by_record(home: TestHome) -> None:
    posts = [home.publish(f"Post {number}") for number in range(23)]
    client = home.client()

    first = client.get(f"{API}/posts").json()
    second = client.get(f"{API}/posts", params={"before": first[-1]["seq"]}).json()

    assert [post["id"] for post in first + second] == [receipt.act for receipt in reversed(posts)]
    assert len(first) == 20


def test_a_closed_gate_is_a_problem_with_conditions(home: TestHome) -> None:
    post = gated_post(home)

    body = problem(home.client(home.author(2)).get(f"{API}/posts/{post}/body"), 403)

    assert body["type"] == "/problems/gate-denied"
    assert body["conditions"][0]["code"] == "membership-missing"
    assert body["conditions"][0]["need"] == {"op": "holds_tier", "tiers": [1, 2]}


def test_who_is_refused_holds_no_lock(home: TestHome) -> None:
    post = gated_post(home)
    client = home.client()
    asked: list[str] = []
    event.listen(home.host.database.engine, "before_cursor_execute", lambda *details: asked.append(details[2]))

    for part in ("body", "replies"):
        problem(client.get(f"{API}/posts/{post}/{part}"), 403)

    assert asked
    assert "BEGIN IMMEDIATE" not in asked


def test_who_has_not_signed_in_is_told_to(home: TestHome) -> None:
    post = gated_post(home)

    body = problem(home.client().get(f"{API}/posts/{post}/body"), 403)

    assert body["conditions"][0]["next"] == "sign-in"


def test_a_member_gets_the_words_and_what_proves_them(home: TestHome) -> None:
    post = gated_post(home)
    member = home.author(2)
    home.member(member, tier=1)
    client = home.client(member)

    answer = client.get(f"{API}/posts/{post}/body")
    read = client.get(f"{API}/posts/{post}").json()

    assert (answer.json()["text"], answer.json()["type"]) == ("The words", "text/markdown")
    assert answer.headers["cache-control"].startswith("private")
    assert read["access"]["allowed"] is True


def test_a_stale_mirror_closes_every_gate(home: TestHome) -> None:
    post = gated_post(home)
    client = home.client(home.owner)
    home.stand_still(61)

    body = problem(client.get(f"{API}/posts/{post}/body"), 503)

    assert body["type"] == "/problems/mirror-stale"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing", 404),
        (f"{API}/posts/{UNKNOWN}", 404),
        (f"{API}/posts/{UNKNOWN}/body", 404),
        (f"{API}/posts/{UNKNOWN}/replies", 404),
        (f"{API}/posts/not-a-cid", 422),
        (f"{API}/posts?before=0", 422),
        ("/api/communities/0x12", 422),
        ("/api/communities/0x" + "11" * 20, 404),
    ],
)
def test_what_is_not_there_is_a_problem(home: TestHome, path: str, status: int) -> None:
    problem(home.client().get(path), status)


def test_a_method_that_a_route_lacks_is_a_problem(home: TestHome) -> None:
    problem(home.client().delete(f"{API}/posts"), 405)


@pytest.mark.parametrize("act", [b"", b"\xff\xff", b"{}", b"\xa0"])
def test_what_is_no_act_is_malformed(home: TestHome, act: bytes) -> None:
    headers = {"content-type": "application/vnd.ipld.dag-cbor"}

    problem(home.client().post(f"{API}/acts", content=act, headers=headers), 422)

    with home.host.database.reading() as session:
        assert session.exec(select(LogRecord)).all() == []


def test_an_act_gets_a_receipt(home: TestHome) -> None:
    data = {"gate": "members", "rule": {"op": "holds_tier", "tiers": [1]}}
    act = home.act(home.owner, "gate.set", wallet=True, data=data)
    headers = {"content-type": "application/vnd.ipld.dag-cbor"}
    client = home.client()

    first = client.post(f"{API}/acts", content=act, headers=headers)
    again = client.post(f"{API}/acts", content=act, headers=headers)

    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["seq"] == 1


def test_an_act_with_a_wrong_signature_is_refused(home: TestHome) -> None:
    act = bytearray(home.act(home.owner, "post.remove", subject=UNKNOWN))
    act[act.index(b"sig") + 10] ^= 1
    headers = {"content-type": "application/vnd.ipld.dag-cbor"}

    body = problem(home.client().post(f"{API}/acts", content=bytes(act), headers=headers), 401)

    assert body["type"] == "/problems/signature-wrong"


def test_bodies_need_a_signed_in_sender(home: TestHome) -> None:
    problem(send(home.client(), "words"), 401)
    assert staged(home) == 0


def test_bodies_of_strangers_are_refused(home: TestHome) -> None:
    post = home.publish("Free").act

    body = problem(send(home.client(home.author(2)), "words", reply_to=post), 403)

    assert body["reason"] == "members-only"
    assert staged(home) == 1


def test_a_reply_is_a_short_text(home: TestHome) -> None:
    post = home.publish("Free").act
    friend = home.author(2)
    home.member(friend, tier=1)
    client = home.client(friend)

    problem(send(client, "[" * 8001, reply_to=post), 413)
    problem(send(client, "a picture", reply_to=post, type="image/png"), 422)

    assert staged(home) == 1
    assert send(client, "[" * 8000, reply_to=post).status_code == 201


def test_a_member_does_not_write_behind_a_closed_gate(home: TestHome) -> None:
    post = gated_post(home)
    friend = home.author(2)
    home.member(friend, tier=3)

    body = problem(send(home.client(friend), "words", reply_to=post), 403)

    assert body["reason"] == "gate-closed"


@pytest.mark.parametrize(
    "fields",
    [
        {"salt": "short"},
        {"salt": base64.urlsafe_b64encode(b"x" * 15).decode()},
        {"type": "nonsense"},
        {"gate": "NOT A GATE"},
        {"type": POST_TYPE},
    ],
)
def test_malformed_bodies_are_refused(home: TestHome, fields: dict[str, str]) -> None:
    problem(send(home.client(home.owner), "not json", **fields), 422)
    assert staged(home) == 0


def test_a_body_for_an_unknown_gate_is_refused(home: TestHome) -> None:
    problem(send(home.client(home.owner), "words", gate="nowhere"), 404)


def test_a_gated_body_before_recovery_keys_is_refused(home: TestHome) -> None:
    home.open_gate()

    body = problem(send(home.client(home.owner), "words", gate="members"), 409)

    assert (body["type"], body["have"], body["need"]) == ("/problems/recovery-keys-missing", 0, 2)


def test_requests_of_other_sites_are_refused(home: TestHome) -> None:
    client = home.client(home.owner)

    answer = client.post(f"{API}/bodies", data={}, headers={"origin": "https://evil.example"})

    problem(answer, 403)


def test_a_daily_quota_ends_spam(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.content.api.BODIES_A_DAY", 2)
    client = home.client(home.owner)

    answers = [send(client, f"words {number}") for number in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]


def test_files_are_served_so_that_they_cannot_run(home: TestHome) -> None:
    client = home.client(home.owner)
    sent = {}
    for kind in ("image/png", "image/svg+xml", "text/html"):
        form = {"type": kind, "salt": SALT}
        sent[kind] = client.post(f"{API}/bodies", data=form, files={"file": ("f", kind.encode())}).json()
    files = [
        {"cid": each["cid"], "size": each["size"], "type": kind, "commit": bytes.fromhex(each["commit"])}
        for kind, each in sent.items()
    ]
    words = home.stage(home.owner, '{"title": "Files", "text": ""}', media_type=POST_TYPE)
    post = home.say(home.owner, "post.create", body=body_of(words), data={"files": files}).act

    for kind, each in sent.items():
        answer = client.get(f"{API}/posts/{post}/files/{each['cid']}")
        assert answer.content == kind.encode()
        assert answer.headers["content-disposition"] == ("inline" if kind == "image/png" else "attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_log_comes_as_a_car_of_whole_records(home: TestHome) -> None:
    gated_post(home)

    answer = home.client().get(f"{API}/log", params={"after": 1})

    assert answer.headers["content-type"] == "application/vnd.ipld.car"
    assert b"The words" not in answer.content
    assert len(answer.content) > 500


@pytest.mark.parametrize("path", [f"{API}/posts?before=", f"{API}/log?after=", f"/c/{COMMUNITY}?before="])
def test_a_number_that_no_record_has_breaks_nothing(home: TestHome, path: str) -> None:
    assert home.client().get(f"{path}{10**30}").status_code == 422


def test_only_bodies_may_be_large(home: TestHome) -> None:
    headers = {"content-type": "application/vnd.ipld.dag-cbor"}

    problem(home.client().post(f"{API}/acts", content=b"x" * 300_000, headers=headers), 413)


def test_a_request_that_is_too_large_is_refused(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.app.MAX_REQUEST_BYTES", 1000)

    answer = send(home.client(home.owner), "x" * 2000)

    assert answer.status_code == 413
    assert staged(home) == 0
