"""Linking over HTTP: who may link whom, what each of the two sees, and that nobody else sees anything of it."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from fastapi.testclient import TestClient

from backend import clock
from backend.identity import linking_api, siwe
from backend.identity.limits import Allowance
from tests.backend.portability.test_own_data import downloaded
from tests.backend.test_statements import addresses, begin
from tests.factories.home import BASE_URL, CHAIN_ID, Author, TestHome
from tests.factories.identity import link_text, sign


def ask(client: TestClient, wallet: Author) -> dict[str, Any]:
    answer = client.post("/api/wallets/nonce", json={"address": wallet.wallet.address})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def signed(wallet: Author, text: str) -> dict[str, str]:
    return {"message": text, "signature": "0x" + sign(wallet.wallet, text).hex()}


def link(client: TestClient, wallet: Author) -> dict[str, Any]:
    answer = client.post("/api/wallets", json=signed(wallet, link_text(ask(client, wallet))))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_both_see_the_link_and_either_ends_it(home: TestHome) -> None:
    account, wallet, other = home.author(2), home.author(3), home.author(4)
    mine, theirs, others = home.client(account), home.client(wallet), home.client(other)

    made = link(mine, wallet)

    assert made["address"] == wallet.wallet.address
    assert mine.get("/api/wallets").json() == {"wallets": [made], "counts_for": None, "most": 8}
    seen = theirs.get("/api/wallets").json()
    assert (seen["wallets"], seen["counts_for"]["address"]) == ([], account.wallet.address)
    assert others.get("/api/wallets").json() == {"wallets": [], "counts_for": None, "most": 8}
    assert mine.get("/api/session").json()["address"] == account.wallet.address
    assert theirs.get("/api/session").json()["address"] == wallet.wallet.address

    assert others.delete(f"/api/wallets/{wallet.account}").status_code == 404
    assert mine.delete(f"/api/wallets/{wallet.wallet.address}").status_code == 204
    assert mine.delete(f"/api/wallets/{wallet.account}").status_code == 404
    link(mine, wallet)
    assert theirs.delete(f"/api/wallets/{wallet.account}").status_code == 204
    assert mine.get("/api/wallets").json()["wallets"] == []


def test_linking_takes_a_session_of_our_own_pages(home: TestHome) -> None:
    account, wallet = home.author(2), home.author(3)
    mine = home.client(account)
    body = signed(wallet, link_text(ask(mine, wallet)))

    outsider = home.client()
    for method, path, json in (
        ("GET", "/api/wallets", None),
        ("POST", "/api/wallets/nonce", {"address": wallet.account}),
        ("POST", "/api/wallets", body),
        ("DELETE", f"/api/wallets/{wallet.account}", None),
    ):
        answer = outsider.request(method, path, json=json)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-required")
        if method != "GET":
            crossing = mine.request(method, path, json=json, headers={"sec-fetch-site": "cross-site"})
            assert (crossing.status_code, crossing.json()["type"]) == (403, "/problems/cross-origin")
    assert mine.get("/api/wallets").json()["wallets"] == []


def test_a_signature_links_once_and_for_one_account_and_never_signs_in(home: TestHome) -> None:
    account, wallet, thief = home.author(2), home.author(3), home.author(4)
    mine, theirs, stolen = home.client(account), home.client(), home.client(thief)
    body = signed(wallet, link_text(ask(mine, wallet)))

    signing_in = theirs.post("/api/session", json=body)
    assert (signing_in.status_code, signing_in.json()["type"]) == (401, "/problems/delegation-wrong")
    taking = stolen.post("/api/wallets", json=body)
    assert (taking.status_code, taking.json()["type"]) == (401, "/problems/link-refused")
    assert mine.post("/api/wallets", json=body).status_code == 201
    again = mine.post("/api/wallets", json=body)

    assert (again.status_code, again.json()["type"]) == (401, "/problems/siwe-nonce")


def test_a_sign_in_s_signature_links_nothing(home: TestHome) -> None:
    account, wallet = home.author(2), home.author(3)
    mine = home.client(account)
    fields = mine.post("/api/session/nonce", json={"address": wallet.wallet.address}).json()["message_fields"]
    now = clock.now()
    message = siwe.compose(
        wallet.account,
        base_url=BASE_URL,
        chain_id=CHAIN_ID,
        nonce=fields["nonce"],
        issued_at=now,
        expires_at=now + 600,
    )

    answer = mine.post("/api/wallets", json=signed(wallet, message))

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/link-refused")


def test_what_is_in_the_way_has_a_code_and_names_no_account(home: TestHome) -> None:
    one, two, three = (home.author(number) for number in (2, 3, 4))
    first, second, third = (home.client(each) for each in (one, two, three))
    link(first, two)

    def refused(client: TestClient, wallet: Author) -> Any:
        answer = client.post("/api/wallets", json=signed(wallet, link_text(ask(client, wallet))))
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/cannot-link")
        assert one.account not in answer.text.lower()
        return answer.json()["reason"]

    assert refused(first, two) == "link-there"
    assert refused(third, two) == "link-elsewhere"
    assert refused(second, three) == "link-counts"
    assert refused(third, one) == "link-chain"
    itself = first.post("/api/wallets/nonce", json={"address": one.account})
    assert (itself.status_code, itself.json()["reason"]) == (409, "link-itself")


def test_a_nonce_tells_nothing_of_the_wallet(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    one, two, three, four = (home.author(number) for number in (2, 3, 4, 5))
    link(home.client(one), two)
    client = home.client(three)

    answers = [ask(client, each) for each in (one, two, four)]

    for answer in answers:
        del answer["message_fields"]["nonce"], answer["message_fields"]["address"]
    assert answers[0] == answers[1] == answers[2]


def test_linking_is_limited_in_the_database(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking_api, "NONCES", Allowance("link-nonce", most=2, seconds=600))
    monkeypatch.setattr(linking_api, "ATTEMPTS", Allowance("link-attempt", most=2, seconds=600))
    client = home.client(home.author(2))

    for path, body in (
        ("/api/wallets/nonce", {"address": "0x" + "22" * 20}),
        ("/api/wallets", {"message": "wrong", "signature": "0x00"}),
    ):
        statuses = [client.post(path, json=body).status_code for _ in range(3)]
        assert [status == 429 for status in statuses] == [False, False, True]


def test_own_data_of_both_names_the_link_and_no_others_does(home: TestHome) -> None:
    account, wallet, other = home.author(2), home.author(3), home.author(4)
    mine = home.client(account)
    made = link(mine, wallet)

    for client in (mine, home.client(wallet)):
        (row,) = downloaded(client)["wallets"]
        assert row == {"wallet": wallet.account, "account": account.account, "linked_at": made["linked_at"]}
    assert downloaded(home.client(other))["wallets"] == []


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The wall clock stands still from when this is called."""

    def stop() -> None:
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now)

    return stop


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_no_page_and_no_answer_changes_for_anybody_else(home: TestHome, still: Callable[[], None]) -> None:
    """Every route that shows something: for nobody, a member, the owner; and what the linked wallet itself sees."""
    post = begin(home)
    account, wallet, member = home.author(2), home.author(3), home.author(4)
    home.member(wallet, tier=2, token_id=3)
    home.member(member, tier=1, token_id=4)
    still()
    mine, theirs = home.client(account), home.client(wallet)
    watchers = [home.client(), home.client(member), home.client(home.owner)]
    paths = [path for path in addresses(post) if not path.startswith("/api/account/data.zip")]
    before = [{path: client.get(path).text for path in paths} for client in watchers]
    own = {path: theirs.get(path).text for path in paths}

    link(mine, wallet)

    for client, pages in zip(watchers, before, strict=True):
        changed = [path for path, text in pages.items() if client.get(path).text != text]
        assert changed == []
    noticed = {path for path, text in own.items() if theirs.get(path).text != text}
    assert noticed == {"/account/settings", "/fragments/account/wallets", "/api/wallets"}
    assert Account.from_key((2).to_bytes(32)).address in theirs.get("/account/settings").text
