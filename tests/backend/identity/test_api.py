"""The routes of sign-in, over HTTP and both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from httpx import Response

from backend import clock
from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.identity import api
from backend.identity.api import router
from backend.identity.limits import Allowance, network_of, spend
from backend.identity.login import Challenge
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer
from backend.problems import Problem, TooMuch
from tests.factories.identity import DAY, NOW, message_for, session_key, sign

BASE = "http://koinon.test:8000"


@pytest.fixture(autouse=True)
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seam: it stands still at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def make_app(store: Database, chain: Chain, settings: Settings) -> FastAPI:
    app = FastAPI(dependencies=[Depends(require_same_origin)])
    app.state.settings, app.state.database, app.state.chain = settings, store, chain
    app.include_router(router)

    @app.get("/who")
    def who(viewer: CurrentViewer) -> str | None:
        return viewer.account if viewer else None

    @app.post("/write")
    def write(viewer: CurrentViewer) -> str | None:
        return viewer.account if viewer else None

    @app.exception_handler(Problem)
    async def problem(request: Request, problem: Problem) -> JSONResponse:
        return JSONResponse(problem.body(request.url.path), problem.status)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({}, 422)

    return app


@pytest.fixture
def client(store: Database, no_chain: Chain, settings: Settings) -> Iterator[TestClient]:
    with TestClient(make_app(store, no_chain, settings), base_url=BASE) as client:
        yield client


@pytest.fixture
def other_client(client: TestClient) -> Iterator[TestClient]:
    """Another browser of the same host."""
    with TestClient(client.app, base_url=BASE) as other:
        yield other


def ask_message(client: TestClient, wallet: LocalAccount, **changes: Any) -> str:
    """The message to sign, as a client makes it from the answer."""
    answer = client.post("/api/session/nonce", json={"address": wallet.address}).json()
    fields = answer["message_fields"]
    challenge = Challenge(
        fields["address"], fields["uri"], fields["chain_id"], fields["nonce"], NOW, answer["key_expires_at"]
    )
    message = message_for(challenge, key=session_key(), **changes)
    for name, title in {"issued_at": "Issued At", "expiration_time": "Expiration Time", "statement": ""}.items():
        assert (f"{title}: " if title else "\n") + fields[name] + "\n" in message
    return message


def sign_in(client: TestClient, wallet: LocalAccount, **headers: str) -> Response:
    message = ask_message(client, wallet)
    body = {"message": message, "signature": "0x" + sign(wallet, message).hex()}
    answer: Response = client.post("/api/session", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_sign_in_sets_a_cookie_that_names_the_viewer(client: TestClient, wallet: LocalAccount) -> None:
    answer = sign_in(client, wallet)

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("koinon_session=")
    assert {"httponly", "samesite=lax", "path=/", f"max-age={30 * DAY}"} <= set(cookie.split("; "))
    assert "secure" not in cookie
    assert "domain" not in cookie
    session = client.get("/api/session")
    assert session.json() == answer.json()
    assert session.json()["address"] == wallet.address
    assert session.json()["key"].startswith("bafyrei")
    assert session.json()["key_expires_at"] == session.json()["expires_at"] == NOW + 30 * DAY
    assert session.headers["cache-control"] == "private, no-store"
    assert client.get("/who").json() == wallet.address.lower()


def test_sign_in_over_tls_sets_a_host_cookie(
    store: Database, no_chain: Chain, settings: Settings, wallet: LocalAccount
) -> None:
    secure = settings.model_copy(update={"base_url": "https://koinon.test"})
    with TestClient(make_app(store, no_chain, secure), base_url="https://koinon.test") as client:
        answer = sign_in(client, wallet)

        cookie = answer.headers["set-cookie"].lower()
        token = client.cookies["__Host-koinon"]
        client.cookies.clear()
        plain = client.get("/who", headers={"cookie": f"koinon_session={token}"})

    assert cookie.startswith("__host-koinon=")
    assert {"httponly", "samesite=lax", "path=/", "secure"} <= set(cookie.split("; "))
    assert plain.json() is None


def test_session_asks_to_sign_in_when_nobody_has(client: TestClient) -> None:
    for path in ("/api/session", "/api/sessions"):
        answer = client.get(path, headers={"cookie": "koinon_session=guessed"})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-required")


def test_sign_in_refuses_a_replay_with_a_problem(client: TestClient, wallet: LocalAccount) -> None:
    message = ask_message(client, wallet)
    body = {"message": message, "signature": "0x" + sign(wallet, message).hex()}
    assert client.post("/api/session", json=body).status_code == 200

    answer = client.post("/api/session", json=body)

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/siwe-nonce")
    assert "set-cookie" not in answer.headers


def test_sign_in_answers_503_when_the_chain_is_away(client: TestClient, wallet: LocalAccount) -> None:
    message = ask_message(client, wallet)
    stranger = Account.from_key(b"\x12" * 32)

    answer = client.post("/api/session", json={"message": message, "signature": "0x" + sign(stranger, message).hex()})

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/chain-unavailable")


MALFORMED: list[dict[str, Any]] = [
    {},
    {"message": "x"},
    {"message": "x", "signature": "zz"},
    {"message": "x", "signature": "0x123"},
    {"message": "x", "signature": "0x" + "00" * 9000},
    {"message": "x" * 1501, "signature": "0x00"},
    {"message": "x", "signature": "0x00"},
    {"message": None, "signature": None},
    {"message": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "signature": "0x00"},
]


def test_sign_in_answers_422_when_the_body_is_malformed(client: TestClient) -> None:
    assert {client.post("/api/session", json=body).status_code for body in MALFORMED} == {422}
    for content in (b"", b"{", b"[]", b'{"message":"\\ud800","signature":"0x00"}'):
        answer = client.post("/api/session", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 422


NO_ADDRESSES = ["", "0x", "0x" + "22" * 19, "0x" + "zz" * 20, "0X" + "22" * 20, "0x" + "22" * 20 + "\n", None, 5]


def test_nonce_answers_422_when_the_address_is_none(client: TestClient) -> None:
    answers = [client.post("/api/session/nonce", json={"address": address}) for address in NO_ADDRESSES]

    assert {answer.status_code for answer in answers} == {422}


def test_nonce_refuses_an_address_with_a_wrong_checksum(client: TestClient, wallet: LocalAccount) -> None:
    answer = client.post("/api/session/nonce", json={"address": "0x" + wallet.address[2:].swapcase()})

    assert answer.status_code == 422


def test_nonce_takes_domain_and_uri_from_the_settings_and_not_from_the_host(client: TestClient) -> None:
    headers = {"host": "evil.test", "x-forwarded-host": "evil.test", "forwarded": "host=evil.test"}

    answer = client.post("/api/session/nonce", json={"address": "0x" + "22" * 20}, headers=headers)

    fields = answer.json()["message_fields"]
    assert (fields["domain"], fields["uri"]) == ("koinon.test:8000", BASE)


def test_nonces_do_not_tell_who_has_signed_in_before(client: TestClient, wallet: LocalAccount) -> None:
    sign_in(client, wallet)

    known = client.post("/api/session/nonce", json={"address": wallet.address}).json()
    unknown = client.post("/api/session/nonce", json={"address": "0x" + "22" * 20}).json()

    for answer in (known, unknown):
        del answer["message_fields"]["address"], answer["message_fields"]["nonce"]
    assert known == unknown


def test_sign_out_forgets_the_session(client: TestClient, wallet: LocalAccount) -> None:
    sign_in(client, wallet)
    token = client.cookies["koinon_session"]

    answer = client.delete("/api/session")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "koinon_session" not in client.cookies
    assert client.get("/who", headers={"cookie": f"koinon_session={token}"}).json() is None
    assert client.delete("/api/session").status_code == 204


def test_sign_in_gives_a_new_token_and_ends_the_one_before(
    client: TestClient, other_client: TestClient, wallet: LocalAccount
) -> None:
    """Session fixation: a token that somebody planted never becomes the viewer's."""
    attacker = Account.from_key(b"\x12" * 32)
    sign_in(other_client, attacker)
    planted = f"koinon_session={other_client.cookies['koinon_session']}"

    answer = sign_in(client, wallet, cookie=planted)

    assert planted not in answer.headers["set-cookie"]
    assert client.get("/who").json() == wallet.address.lower()
    assert other_client.get("/who").json() is None


def test_sessions_lists_the_viewers_own_and_revokes_any(
    client: TestClient, other_client: TestClient, wallet: LocalAccount
) -> None:
    sign_in(client, wallet, **{"user-agent": "Desk"})
    sign_in(other_client, wallet, **{"user-agent": "Phone"})
    with TestClient(client.app, base_url=BASE) as strangers:
        sign_in(strangers, Account.from_key(b"\x12" * 32))

        listed = {item["user_agent"]: item for item in client.get("/api/sessions").json()["sessions"]}
        assert set(listed) == {"Desk", "Phone"}
        assert (listed["Desk"]["current"], listed["Phone"]["current"]) == (True, False)
        path = f"/api/sessions/{listed['Phone']['id']}"
        assert strangers.delete(path).status_code == 404
        assert other_client.get("/who").json() == wallet.address.lower()
        for nothing in ("x", "%00", "0" * 64, listed["Phone"]["id"].upper()):
            assert client.delete(f"/api/sessions/{nothing}").status_code == 404
        assert client.delete(path).status_code == 204

    assert other_client.get("/who").json() is None
    assert client.delete(path).status_code == 404
    assert client.get("/who").json() == wallet.address.lower()


def test_session_is_seen_again_after_an_hour(
    client: TestClient, wallet: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, wallet)

    seen = []
    for later in (api.SEEN_SECONDS - 1, api.SEEN_SECONDS):
        monkeypatch.setattr(clock, "now", lambda later=later: NOW + later)
        assert client.get("/api/session").status_code == 200
        seen.append(client.get("/api/sessions").json()["sessions"][0]["last_seen_at"])

    assert seen == [NOW, NOW + api.SEEN_SECONDS]


ORIGINS: list[tuple[dict[str, str], int]] = [
    ({}, 200),
    ({"sec-fetch-site": "same-origin"}, 200),
    ({"origin": BASE}, 200),
    ({"origin": BASE, "sec-fetch-site": "same-origin"}, 200),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "none"}, 403),
    ({"origin": "http://evil.test"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": ""}, 403),
    ({"origin": "https://koinon.test:8000"}, 403),
    ({"origin": "http://koinon.test"}, 403),
    ({"origin": BASE, "sec-fetch-site": "cross-site"}, 403),
    ({"origin": "http://evil.test", "sec-fetch-site": "same-origin"}, 403),
]


def test_unsafe_requests_come_from_our_own_pages_or_from_no_browser(client: TestClient, wallet: LocalAccount) -> None:
    sign_in(client, wallet)

    for headers, status in ORIGINS:
        assert (client.post("/write", headers=headers).status_code, headers) == (status, headers)
        assert client.get("/who", headers=headers).status_code == 200


def test_sign_in_takes_no_body_that_a_form_can_send(client: TestClient, wallet: LocalAccount) -> None:
    message = ask_message(client, wallet)
    body = {"message": message, "signature": "0x" + sign(wallet, message).hex()}
    text = client.build_request("POST", "/api/session", json=body).content

    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post("/api/session", content=text, headers={"content-type": content_type})
        assert answer.status_code == 422


def test_routes_answer_429_when_one_network_asks_too_often(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "NONCES", Allowance("nonce", most=2, seconds=600))
    monkeypatch.setattr(api, "SIGN_INS", Allowance("sign-in", most=2, seconds=600))
    asked: dict[str, dict[str, str]] = {
        "/api/session/nonce": {"address": "0x" + "22" * 20},
        "/api/session": {"message": "wrong", "signature": "0x00"},
    }

    for path, body in asked.items():
        answers = [client.post(path, json=body) for _ in range(3)]
        assert [answer.status_code == 429 for answer in answers] == [False, False, True]
        assert answers[2].json()["type"] == "/problems/too-much"
        assert 0 < answers[2].json()["retry_after"] <= 600


def test_spend_counts_each_name_and_window_by_itself(store: Database) -> None:
    twice = Allowance("test", most=2, seconds=60)
    start = NOW - NOW % 60

    for who in ("one", "one", "two", "two"):
        spend(store, twice, who=who, at=start)
    with pytest.raises(TooMuch) as caught:
        spend(store, twice, who="one", at=start + 59)
    spend(store, Allowance("other", most=1, seconds=60), who="one", at=start)
    spend(store, twice, who="one", at=start + 60)

    assert caught.value.extensions["retry_after"] == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        (None, "local"),
    ],
)
def test_network_of_counts_a_holder_of_ipv6_once(address: str | None, network: str) -> None:
    assert network_of(address) == network
