"""Pages as a browser without JavaScript reads them: what they tell, and what they never let out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from eth_utils.address import to_checksum_address
from fastapi.testclient import TestClient

from backend import clock
from backend.app import create_app
from backend.identity.viewer import cookie_name
from tests.factories.home import BASE_URL, COMMUNITY, Author, TestHome
from tests.factories.identity import challenge, message_for, sign

MARKER = "the-word-for-members"
GATED, FREE = "A gated title", "A free title"


@pytest.fixture
def browser(home: TestHome) -> Iterator[TestClient]:
    """A browser that has not signed in."""
    with TestClient(create_app(home.host), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def gated(home: TestHome) -> str:
    """Path of a post whose rest tiers 1 and 2 read."""
    home.set_recovery()
    home.open_gate()
    return f"/c/{COMMUNITY}/posts/{home.publish(GATED, 'Teaser.', rest=MARKER, gate='members').act}"


def sign_in(browser: TestClient, author: Author) -> None:
    """The browser has the author's session."""
    answer = browser.post("/api/session/nonce", json={"address": author.account}).json()
    fields = answer["message_fields"]
    message = message_for(
        challenge(
            author.wallet,
            base_url=fields["uri"],
            chain_id=fields["chain_id"],
            nonce=fields["nonce"],
            issued_at=clock.now(),
            expires_at=clock.now() + 600,
        )
    )
    signature = "0x" + sign(author.wallet, message).hex()
    assert browser.post("/api/session", json={"message": message, "signature": signature}).status_code == 200


def test_pages_never_show_an_outsider_what_is_for_members(browser: TestClient, gated: str) -> None:
    pages = ["/", f"/c/{COMMUNITY}", gated, f"/fragments{gated}/body", f"/fragments{gated}/replies", gated + "/edit"]

    for path in pages:
        assert MARKER not in browser.get(path).text

    assert "The rest is for members" in browser.get(gated).text
    assert "Join for" in browser.get(gated).text


def test_pages_open_in_place_for_a_member(browser: TestClient, home: TestHome, gated: str) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    sign_in(browser, member)

    assert MARKER in browser.get(gated).text
    assert MARKER in browser.get(f"/fragments{gated}/body").text
    assert "<html" not in browser.get(f"/fragments{gated}/body").text


def test_pages_close_what_expired_and_say_since_when(browser: TestClient, home: TestHome, gated: str) -> None:
    member = home.author(2)
    home.member(member, tier=1, until=clock.now() - 60)
    sign_in(browser, member)

    page = browser.get(gated).text

    assert MARKER not in page
    assert "a membership that expired" in page
    assert 'data-action="membership:renew"' in page


def test_pages_keep_doors_closed_while_the_chain_is_out_of_sight(
    browser: TestClient, home: TestHome, gated: str
) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    sign_in(browser, member)
    home.stand_still(61)

    page = browser.get(gated)

    assert page.status_code == 200
    assert MARKER not in page.text
    assert "This door stays closed for a moment." in page.text


def test_pages_speak_the_viewers_language(browser: TestClient, gated: str) -> None:
    assert "Дальше — для участников" in browser.get(gated, headers={"accept-language": "ru-RU,ru;q=0.9"}).text

    browser.post("/preferences", data={"language": "ru", "theme": "dark", "back": gated})
    page = browser.get(gated).text

    assert '<html lang="ru" data-theme="dark">' in page
    assert "Membership: " not in page


def test_preferences_lead_back_to_this_site_only(browser: TestClient) -> None:
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = browser.post("/preferences", data={"language": "en", "back": back}, follow_redirects=False)

        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_pages_defuse_what_authors_write(browser: TestClient, home: TestHome) -> None:
    words = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://evil.example/y)"
    )
    post = home.publish("<b onclick=alert(1)>Title</b>", words)

    for path in (f"/c/{COMMUNITY}/posts/{post.act}", f"/c/{COMMUNITY}"):
        page = browser.get(path).text

        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b onclick" not in page
        assert 'href="javascript' not in page
        assert 'src="https://evil.example' not in page


def test_pages_forbid_inline_scripts_and_are_not_kept(browser: TestClient, gated: str) -> None:
    for path in ("/", gated, "/account", "/nowhere", f"/c/{COMMUNITY}/write"):
        headers = browser.get(path).headers

        assert "'unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "private, no-store"


def test_a_page_that_broke_is_guarded_as_any_other(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.community.pages.render", lambda *_, **__: 1 // 0)

    answer = home.client().get("/")

    assert answer.status_code == 500
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_writing_is_for_the_owner(browser: TestClient, home: TestHome) -> None:
    assert browser.get(f"/c/{COMMUNITY}/write").status_code == 401
    sign_in(browser, home.author(2))
    assert browser.get(f"/c/{COMMUNITY}/write").status_code == 403
    browser.cookies.delete(cookie_name(home.host.settings))
    sign_in(browser, home.owner)

    page = browser.get(f"/c/{COMMUNITY}/write")

    assert page.status_code == 200
    assert "make recovery keys" in page.text


def test_account_lists_memberships_and_sessions(browser: TestClient, home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    sign_in(browser, member)

    page = browser.get("/account").text

    assert to_checksum_address(member.account) in page
    assert "valid" in page
    assert 'data-action="end-session"' in browser.get("/account/settings").text


def test_errors_are_pages_with_a_way_on(browser: TestClient) -> None:
    page = browser.get("/c/0x" + "00" * 20)

    assert page.status_code == 404
    assert "See all communities" in page.text


def test_pictures_of_an_address_are_always_the_same(browser: TestClient) -> None:
    lower, upper = (browser.get(f"/art/cover/{address}.svg") for address in (COMMUNITY, "0x" + COMMUNITY[2:].upper()))

    assert lower.text == upper.text
    assert lower.headers["content-type"] == "image/svg+xml"
    assert len(lower.text) < 10_000


RELAY = "wss://relay.example"


def directives(browser: TestClient, path: str) -> list[str]:
    policy: str = browser.get(path).headers["content-security-policy"]
    return policy.split("; ")


def test_pages_do_not_mention_walletconnect_where_the_operator_did_not_ask_for_it(
    browser: TestClient, home: TestHome, gated: str
) -> None:
    sign_in(browser, home.owner)

    for path in ("/", gated, "/account", "/nowhere", f"/c/{COMMUNITY}", "/static/js/main.js", "/static/js/wallet.js"):
        answer = browser.get(path)

        assert "walletconnect" not in answer.text.lower(), path
        assert "connect-src 'self'" in directives(browser, path), path


def test_pages_may_reach_the_relay_alone_where_the_operator_wants_walletconnect(
    browser: TestClient, home: TestHome, gated: str
) -> None:
    wanted = {"walletconnect_project": "a1b2", "walletconnect_relay": RELAY}
    host = replace(home.host, settings=home.host.settings.model_copy(update=wanted))
    with TestClient(create_app(host), base_url=BASE_URL) as asking:
        page = asking.get(gated).text
        opened = directives(asking, gated)

    assert '<script type="module" src="/static/js/walletconnect.js">' in page
    assert f'data-walletconnect="a1b2" data-walletconnect-relay="{RELAY}"' in page
    plain = directives(browser, gated)
    assert [each for each in opened if each not in plain] == [f"connect-src 'self' {RELAY}"]
    assert len(opened) == len(plain)


@pytest.mark.parametrize(("who", "member"), [("outsider", False), ("expired", True), ("tier-1", True)])
def test_owner_who_looks_as_somebody_else_sees_that_ones_tabs(
    browser: TestClient, home: TestHome, gated: str, who: str, member: bool
) -> None:
    sign_in(browser, home.owner)
    manage, own = f'href="/c/{COMMUNITY}/manage"', f'href="/c/{COMMUNITY}/membership"'
    assert manage in browser.get(gated).text

    for path in (f"/c/{COMMUNITY}", gated):
        page = browser.get(f"{path}?as={who}").text

        assert manage not in page
        assert (own in page) is member
        assert f'href="{path}">Be yourself again' in page


def test_lock_says_why_it_cannot_tell_what_a_visitor_has(browser: TestClient, gated: str) -> None:
    page = browser.get(gated).text

    assert "not known yet, because you are not signed in" in page
    assert "Sign in below" in page
    assert 'data-action="sign-in"' in page


def test_gate_that_nobody_named_is_shown_by_what_it_asks_for(browser: TestClient, home: TestHome) -> None:
    home.set_recovery()
    rules = {
        "tiers-3": {"op": "badge_level", "level": "gold"},
        "tiers-1": {"op": "holds_tier", "tiers": [1]},
    }
    for gate, rule in rules.items():
        home.say(home.owner, "gate.set", wallet=True, data={"gate": gate, "rule": rule})
        home.publish(f"Behind {gate}", "Teaser.", rest=MARKER, gate=gate)
    sign_in(browser, home.owner)

    front = browser.get(f"/c/{COMMUNITY}").text
    assert "tiers 3" not in front.replace("Behind tiers", "")
    assert "behind a gate" in front
    assert "<span>Made with a post</span>" in browser.get(f"/c/{COMMUNITY}/manage/gates").text
    options = browser.get(f"/c/{COMMUNITY}/write").text
    assert '<option value="tiers-1">a membership: Tier 1</option>' in options


def test_chosen_name_of_a_gate_is_shown(browser: TestClient, home: TestHome) -> None:
    home.say(home.owner, "gate.set", wallet=True, data={"gate": "patrons", "rule": {"op": "holds_tier", "tiers": [1]}})
    sign_in(browser, home.owner)

    assert "<span>patrons</span>" in browser.get(f"/c/{COMMUNITY}/manage/gates").text
    assert "patrons: a membership: Tier 1" in browser.get(f"/c/{COMMUNITY}/write").text
