"""Members say who they are; the name stands wherever the account is shown, and can do no harm there."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from backend import clock
from backend.identity.people import clean_name, listed
from backend.log.append import Receipt
from backend.log.kinds import ActRefused
from tests.factories.home import COMMUNITY, Author, TestHome, body_of, membership_row, tier_row

PERSON = "application/vnd.koinon.person+json"
PICTURE = b"\xff\xd8\xff\xe0" + bytes(60)
SALT = "c2FsdHNhbHRzYWx0c2FsdA=="


def member_of(home: TestHome, number: int = 2) -> Author:
    author = home.author(number)
    home.write(tier_row(1))
    home.member(author, tier=1, token_id=number)
    return author


def say_name(home: TestHome, author: Author, name: str, **fields: Any) -> Receipt:
    staged = home.stage(author, json.dumps({"name": name}), media_type=PERSON)
    kind = "person.edit" if "subject" in fields else "person.create"
    return home.say(author, kind, body=body_of(staged), **fields)


def send(client: TestClient, body: bytes, media_type: str) -> Any:
    path = f"/api/communities/{COMMUNITY}/people/uploads"
    return client.post(path, data={"type": media_type, "salt": SALT}, files={"file": ("file", body)})


def test_name_stands_where_the_account_is_shown(home: TestHome) -> None:
    member = member_of(home)
    post = home.publish("A post").act
    home.reply(member, post, "Hello.")
    say_name(home, member, "Ada  of\tthe Dome")

    assert "Ada of the Dome" in home.client().get(f"/c/{COMMUNITY}/posts/{post}").text


def test_name_cannot_bring_markup_into_a_page(home: TestHome) -> None:
    member = member_of(home)
    post = home.publish("A post").act
    home.reply(member, post, "Hello.")
    say_name(home, member, '"><script>alert(1)</script>')

    for path in (f"/c/{COMMUNITY}/posts/{post}", "/account", f"/c/{COMMUNITY}/membership", f"/c/{COMMUNITY}"):
        page = home.client(member).get(path).text
        assert "<script>alert" not in page
        assert '"><script' not in page


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Ada ", "Ada"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("A\u200bda\x00", "Ada"),
        ("Ада", "Ада"),
        ("e\u0301", "é"),
        ("x" * 90, "x" * 40),
        ("\u2066\u2069", ""),
        ("two\nlines", "two lines"),
        ("\u3164\u2800", ""),
        ("\ufe0f", ""),
        ("A\u115fda", "Ada"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
    ],
)
def test_name_is_what_can_be_seen(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_a_sentence_names_a_few_and_says_that_there_are_more() -> None:
    assert listed([]) == ""
    assert listed({"a": "Ada", "b": "Noor", "c": "Ilse"}.values()) == "Ada, Noor, Ilse"
    assert listed(["Ada", "Noor", "Ilse", "Tomas"]) == "Ada, Noor, Ilse, …"


def test_name_is_edited_and_erased_by_its_account_alone(home: TestHome) -> None:
    member, other = member_of(home), member_of(home, 3)
    first = say_name(home, member, "Ada")
    with pytest.raises(ActRefused):
        say_name(home, other, "Not Ada", subject=first.act, base=first.act)
    say_name(home, member, "Ada L.", subject=first.act, base=first.act)

    assert person(home, member)["name"] == "Ada L."
    home.say(member, "person.erase", subject=first.act)
    assert person(home, member) == {"account": member.account, "name": "", "picture": None, "id": None, "base": None}
    say_name(home, member, "Countess")
    assert person(home, member)["name"] == "Countess"


def person(home: TestHome, author: Author) -> Any:
    return home.client().get(f"/api/communities/{COMMUNITY}/people/{author.account}").json()


def test_name_is_said_once_and_by_members_only(home: TestHome) -> None:
    member = member_of(home)
    say_name(home, member, "Ada")

    with pytest.raises(ActRefused) as again:
        say_name(home, member, "Ada")
    with pytest.raises(ActRefused) as stranger:
        say_name(home, home.author(4), "Nobody")

    assert again.value.extensions["reason"] == "person-known"
    assert stranger.value.extensions["reason"] == "members-only"


def test_names_of_a_page_take_one_query_however_many(home: TestHome) -> None:
    post = home.publish("A post").act
    counts = []
    for number in range(2, 8):
        author = member_of(home, number)
        home.reply(author, post, f"Hello from {number}.")
        say_name(home, author, f"Person {number}")
        if number in (3, 7):
            counts.append(queries(home, f"/c/{COMMUNITY}/posts/{post}"))

    assert counts[0] == counts[1]


def queries(home: TestHome, path: str) -> int:
    client, seen = home.client(), []

    def count(*_: Any) -> None:
        seen.append(1)

    event.listen(home.host.database.engine, "before_cursor_execute", count)
    assert client.get(path).status_code == 200
    event.remove(home.host.database.engine, "before_cursor_execute", count)
    return len(seen)


def test_picture_is_served_as_a_picture_that_runs_nothing(home: TestHome) -> None:
    member = member_of(home)
    client = home.client(member)
    stored = send(client, PICTURE, "image/jpeg").json()
    picture = {
        "cid": stored["cid"],
        "size": stored["size"],
        "type": "image/jpeg",
        "commit": bytes.fromhex(stored["commit"]),
    }
    say_name(home, member, "Ada", data={"picture": picture})

    path = f"/api/communities/{COMMUNITY}/people/{member.account}/pictures/{stored['cid']}"
    answer = client.get(path)

    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert path in client.get(f"/c/{COMMUNITY}/membership").text
    assert client.get(path.replace(stored["cid"], "b" + "a" * 58)).status_code == 404


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (PICTURE, "image/jpeg", 201),
        (b"<svg onload=alert(1)>", "image/svg+xml", 422),
        (b"<html><script>", "text/html", 422),
        (b"<html><script>", "image/png", 422),
        (b"\xff\xd8\xff" + bytes(200 * 1024), "image/jpeg", 413),
        (b'{"name": "Ada"}', PERSON, 201),
        (b'{"name": "\xe2\x80\xae"}', PERSON, 422),
        (b'{"title": "Ada"}', PERSON, 422),
        (b"\xff", PERSON, 422),
    ],
    ids=["picture", "svg", "html", "html as png", "too large", "name", "unseen", "no name", "no text"],
)
def test_uploads_are_names_and_pictures_only(home: TestHome, body: bytes, media_type: str, status: int) -> None:
    member = member_of(home)

    assert send(home.client(member), body, media_type).status_code == status


def test_uploads_are_for_members(home: TestHome) -> None:
    assert send(home.client(), PICTURE, "image/jpeg").status_code == 401
    assert send(home.client(home.author(4)), PICTURE, "image/jpeg").status_code == 403


def test_newcomer_is_welcomed_until_it_puts_the_panel_away(home: TestHome) -> None:
    member = member_of(home)
    fresh(home, member)
    hello = home.publish("Say hello").act
    home.publish("Something else")
    home.say(home.owner, "community.welcome", subject=hello)
    client = home.client(member)

    page = client.get(f"/c/{COMMUNITY}").text
    assert "Welcome to The Test" in page
    assert "Under “Say hello”" in page
    home.reply(member, hello, "Hello.")
    assert "You said hello." in client.get(f"/fragments/c/{COMMUNITY}/welcome").text
    assert "Welcome to The Test" not in home.client().get(f"/c/{COMMUNITY}").text

    client.post(f"/c/{COMMUNITY}/welcomed")
    assert "Welcome to The Test" not in client.get(f"/c/{COMMUNITY}").text


def fresh(home: TestHome, member: Author) -> None:
    """The member has just joined."""
    row = membership_row(2, member.account, 1, clock.now() + 86_400, home.head)
    row.joined_at = clock.now() - 60
    home.write(row)


def test_welcome_thread_is_the_owners_choice_and_open_to_all(home: TestHome) -> None:
    member = member_of(home)
    home.set_recovery()
    home.open_gate()
    free, gated = home.publish("Free").act, home.publish("Gated", rest="…", gate="members").act

    with pytest.raises(ActRefused) as theirs:
        home.say(member, "community.welcome", subject=free)
    with pytest.raises(ActRefused) as closed:
        home.say(home.owner, "community.welcome", subject=gated)

    assert theirs.value.extensions["reason"] == "owner-only"
    assert closed.value.extensions["reason"] == "post-gated"


def test_owner_who_is_no_member_is_asked_for_a_name_until_it_has_one(home: TestHome) -> None:
    client = home.client(home.owner)
    steps = f"/fragments/c/{COMMUNITY}/next-steps"

    assert f"/c/{COMMUNITY}/manage/profile#person" in client.get(steps).text
    for path in (f"/c/{COMMUNITY}/manage/profile", f"/c/{COMMUNITY}/membership"):
        assert 'data-form="people:save"' in client.get(path).text
    say_name(home, home.owner, "Vera")

    assert f"/c/{COMMUNITY}/manage/profile#person" not in client.get(steps).text
    assert 'value="Vera"' in client.get(f"/c/{COMMUNITY}/manage/profile").text
    assert "Vera" in home.client().get(f"/c/{COMMUNITY}").text
    assert 'data-form="people:save"' not in home.client(home.author(4)).get(f"/c/{COMMUNITY}/membership").text


def test_who_is_no_member_any_more_changes_no_name_but_may_erase_it(home: TestHome) -> None:
    member = member_of(home)
    first = say_name(home, member, "Ada").act
    home.member(member, tier=1, token_id=2, value=0)
    home.mine()

    with pytest.raises(ActRefused):
        say_name(home, member, "Eve", subject=first, base=first)
    home.say(member, "person.erase", subject=first)
