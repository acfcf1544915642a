"""Gates as pages and JSON: the owner builds and reads them, everybody sees what they ask, nobody gets past them."""

import json
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import col

from backend import clock
from backend.gates import watching
from backend.gates.access import access
from backend.gates.decision import Allowed, Denied
from backend.gates.lists import root_of
from backend.gates.tables import ListedAccount, Watch
from backend.gating import pages
from backend.problems import Malformed
from indexer.tables.outside import END_OF_BLOCK, OutsideBalance
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome

API = f"/api/communities/{COMMUNITY}"
PAGE = f"/c/{COMMUNITY}/manage/gates"
TOKEN = "0x" + "e2" * 20
COINS = {"op": "erc20", "contract": TOKEN, "min": "3"}
TREE = {"op": "any", "rules": [{"op": "holds_tier", "tiers": [2]}, COINS]}


def set_gate(home: TestHome, rule: dict[str, Any], gate: str = "holders") -> None:
    home.say(home.owner, "gate.set", wallet=True, data={"gate": gate, "rule": rule})


def know(home: TestHome, author: Author, value: int | None, *, asked_at: float | None = None) -> None:
    """The indexer knows the author's balance of the token from the head on."""
    home.write(
        OutsideBalance(
            chain_id=CHAIN_ID,
            account=author.account,
            asset=f"erc20/{TOKEN}",
            block_number=home.head,
            log_index=END_OF_BLOCK,
            value=value,
            asked_at=clock.now() if asked_at is None else asked_at,
        )
    )


def decision(home: TestHome, author: Author, gate: str = "holders") -> Allowed | Denied:
    with home.host.database.reading() as session:
        return access(session, CHAIN_ID, COMMUNITY, gate=gate, account=author.account).decision


def watches(home: TestHome) -> list[Watch]:
    with home.host.database.reading() as session:
        return list(session.execute(select(Watch)).scalars())


def test_a_balance_that_nobody_knows_is_asked_for_and_opens_nothing(home: TestHome) -> None:
    set_gate(home, TREE)
    reader = home.author(2)

    refused = decision(home, reader)

    assert isinstance(refused, Denied)
    assert [each.code for each in refused.conditions] == ["balance-unknown", "membership-missing"]
    [watch] = watches(home)
    assert (watch.asset, watch.account, watch.community, watch.ages) == (
        f"erc20/{TOKEN}",
        reader.account,
        COMMUNITY,
        False,
    )


def test_a_known_balance_opens_and_a_sold_one_closes(home: TestHome) -> None:
    set_gate(home, TREE)
    reader = home.author(2)
    know(home, reader, 3)
    assert isinstance(decision(home, reader), Allowed)
    assert watches(home) == []

    home.mine()
    know(home, reader, 2)

    refused = decision(home, reader)
    assert isinstance(refused, Denied)
    assert [(each.code, each.have) for each in refused.conditions][-1] == ("balance-low", {"amount": "2"})


def test_a_balance_that_became_unknown_closes(home: TestHome) -> None:
    set_gate(home, TREE)
    reader = home.author(2)
    know(home, reader, 3)
    home.mine()
    know(home, reader, None)

    assert isinstance(decision(home, reader), Denied)
    assert len(watches(home)) == 1


def test_a_balance_of_a_rebasing_token_is_asked_for_again_before_it_is_too_old(home: TestHome) -> None:
    set_gate(home, {**COINS, "max_age": 100})
    reader = home.author(2)
    know(home, reader, 3, asked_at=clock.now() - 60)

    allowed = decision(home, reader)

    assert isinstance(allowed, Allowed)
    assert allowed.until <= clock.now() + 41
    assert [watch.ages for watch in watches(home)] == [True]

    know(home, reader, 3, asked_at=clock.now() - 101)
    assert isinstance(decision(home, reader), Denied)


def test_coins_that_may_have_moved_without_a_transfer_are_asked_for_again(home: TestHome) -> None:
    set_gate(home, COINS)
    reader = home.author(2)
    now = clock.now()

    know(home, reader, 100, asked_at=now - 60)
    assert isinstance(decision(home, reader), Allowed)
    assert watches(home) == []

    know(home, reader, 100, asked_at=now - 3_600)
    assert isinstance(decision(home, reader), Allowed)
    [watch] = watches(home)
    assert watch.ages


def tokens(first: int, last: int) -> dict[str, Any]:
    """A rule of so many outside tokens."""
    return {"op": "any", "rules": [{**COINS, "contract": f"0x{each:040x}"} for each in range(first, last)]}


def test_the_gates_of_a_community_name_a_bounded_number_of_outside_tokens(home: TestHome) -> None:
    set_gate(home, tokens(1, 16), "first")
    set_gate(home, tokens(6, 21), "second")
    more = {"rule": {**COINS, "contract": f"0x{21:040x}"}}

    with pytest.raises(Malformed) as refused:
        set_gate(home, more["rule"], "third")
    previewed = home.client(home.owner).post(f"{API}/gates/preview", json=more)
    set_gate(home, tokens(1, 21), "third")
    set_gate(home, {**COINS, "contract": f"0x{1:040x}"}, "third")

    assert refused.value.extensions == {"reason": "too-many-tokens", "limit": 20}
    assert (previewed.status_code, previewed.json()["reason"]) == (422, "too-many-tokens")


def test_a_preview_asks_the_indexer_for_nothing(home: TestHome) -> None:
    home.member(home.author(2), tier=1)

    assert home.client(home.owner).post(f"{API}/gates/preview", json={"rule": TREE}).status_code == 200

    assert watches(home) == []


def test_a_home_watches_a_bounded_number_of_contracts_and_forgets_those_of_no_gate(
    home: TestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_WATCHED", 2)
    reader, later = home.author(2), home.author(3)
    set_gate(home, tokens(1, 3))
    decision(home, reader)
    set_gate(home, tokens(3, 5), "more")

    decision(home, reader, "more")
    decision(home, later)
    full = {(each.account, each.asset[-1]) for each in watches(home)}
    set_gate(home, tokens(1, 2))
    decision(home, later, "more")

    assert full == {(each.account, number) for each in (reader, later) for number in "12"}
    assert {(each.account, each.asset[-1]) for each in watches(home)} == {
        (reader.account, "1"),
        (later.account, "1"),
        (later.account, "3"),
    }


def test_a_list_opens_to_those_on_it_and_stays_out_of_the_log(home: TestHome) -> None:
    listed, other = home.author(2), home.author(3)
    answer = home.client(home.owner).post(
        f"{API}/gates/lists", json={"accounts": [listed.wallet.address, "0x" + "dd" * 20]}
    )
    assert answer.status_code == 201
    root = answer.json()["root"]
    assert root == root_of([listed.account, "0x" + "dd" * 20])

    set_gate(home, {"op": "allow_list", "root": root})

    assert isinstance(decision(home, listed), Allowed)
    assert isinstance(decision(home, other), Denied)
    log = home.client().get(f"{API}/log").content
    assert bytes.fromhex(listed.account[2:]) not in log
    assert listed.account[2:].encode() not in log
    unknown = {"op": "not", "rule": {"op": "allow_list", "root": "0x" + "ab" * 32}}
    set_gate(home, unknown, "strangers")
    assert isinstance(decision(home, other, "strangers"), Denied)


def test_a_reply_behind_a_token_gate_is_judged_by_what_was_known_at_its_block(home: TestHome) -> None:
    home.set_recovery()
    set_gate(home, COINS)
    post = home.publish("Gated", rest="words", gate="holders").act
    member = home.author(2)
    home.member(member, tier=1)
    know(home, member, 3)

    assert home.reply(member, post, "mine", gate="holders").seq > 0


def test_gates_are_listed_with_their_rules_in_words(home: TestHome) -> None:
    set_gate(home, TREE)
    set_gate(home, {"op": "member_since", "seconds": 30 * 86_400}, "old-hands")

    gates = {each["gate"]: each for each in home.client().get(f"{API}/gates").json()}
    russian = home.client().get(f"{API}/gates", headers={"accept-language": "ru"}).json()

    assert gates["holders"]["rule"] == TREE
    assert gates["holders"]["words"].startswith("a membership: Tier 2 or at least 3 0x")
    assert gates["old-hands"]["words"] == "membership for at least 30 days"
    assert russian[1]["words"] == "членство не короче чем 30 дней"


def test_one_gate_says_whether_it_is_open_to_the_viewer(home: TestHome) -> None:
    set_gate(home, {"op": "all", "rules": [{"op": "holds_tier", "tiers": [1]}, {"op": "not", "rule": COINS}]})
    reader = home.author(2)
    know(home, reader, 3)

    closed = home.client(reader).get(f"{API}/gates/holders").json()["access"]
    signed_out = home.client().get(f"{API}/gates/holders").json()["access"]

    assert not closed["allowed"]
    assert {each["code"] for each in closed["conditions"]} == {"membership-missing", "must-not-hold"}
    assert [each["way"] for each in closed["conditions"]] == [0, 0]
    assert {each["next"] for each in signed_out["conditions"]} == {"sign-in"}
    assert home.client().get(f"{API}/gates/nowhere").status_code == 404


def test_a_preview_counts_who_passes_for_the_owner_alone(home: TestHome) -> None:
    for number, tier in ((2, 1), (3, 2), (4, 2)):
        home.member(home.author(number), tier=tier, token_id=number)

    preview = home.client(home.owner).post(f"{API}/gates/preview", json={"rule": TREE}).json()

    assert (preview["looked_at"], preview["passing"], preview["unknown"], preview["more"]) == (3, 2, 1, False)
    assert not preview["mine"]["allowed"]
    assert home.client(home.author(2)).post(f"{API}/gates/preview", json={"rule": TREE}).status_code == 403
    assert home.client().post(f"{API}/gates/preview", json={"rule": TREE}).status_code == 401
    assert home.client(home.owner).post(f"{API}/gates/preview", json={"rule": {"op": "x"}}).status_code == 422


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/editor"])
def test_pages_of_gates_are_the_owners(home: TestHome, path: str) -> None:
    assert home.client().get(path).status_code == 401
    assert home.client(home.author(2)).get(path).status_code == 403
    assert home.client(home.owner).get(path).status_code == 200
    assert home.client(home.author(2)).post(f"{PAGE}/editor", data={}).status_code == 403


def test_the_editor_builds_a_rule_without_a_script_and_says_what_it_says(home: TestHome) -> None:
    owner = home.client(home.owner)
    home.member(home.author(2), tier=2)
    form = {"name": "holders", "g0.join": "any", "g0.count": "2", "g0.r0.kind": "tier", "g0.r0.tiers": "2"}

    added = owner.post(f"{PAGE}/editor", data={**form, "g0.add": "since", "do": "add g0"}).text
    page = owner.post(f"{PAGE}/editor", data={**form, "g0.r1.kind": "since", "g0.r1.days": "30", "do": "preview"}).text
    wrong = owner.post(f"{PAGE}/editor", data={**form, "g0.r1.kind": "since", "g0.r1.days": "x", "do": "preview"}).text

    assert 'name="g0.r1.days"' in added
    assert "a membership: Tier 2" in page
    assert "membership for at least 30 days" in page
    assert "1 of 1" in page
    assert "Sign and set the gate" in page
    assert "Days are a whole number from 1." in wrong
    assert "Sign and set the gate" not in wrong


def test_the_editor_says_that_too_many_tokens_are_named(home: TestHome) -> None:
    set_gate(home, tokens(1, 21))
    form = {"name": "other", "g0.join": "any", "g0.r0.kind": "erc20", "g0.r0.contract": TOKEN, "g0.r0.least": "3"}

    with pytest.MonkeyPatch.context() as here:
        here.setattr(pages, "_decimals", lambda host, contract: 18)
        page = home.client(home.owner).post(f"{PAGE}/editor", data={**form, "do": "preview"}).text

    assert "at most 20 contracts of other tokens" in page
    assert "Sign and set the gate" not in page


def test_the_editor_shows_a_gate_as_it_is(home: TestHome) -> None:
    set_gate(
        home, {"op": "all", "rules": [{"op": "holds_tier", "tiers": [1, 3]}, {"op": "member_since", "seconds": 86_400}]}
    )
    deep = {
        "op": "not",
        "rule": {"op": "all", "rules": [{"op": "holds_tier", "tiers": [1]}, {"op": "date", "from": 61}]},
    }
    set_gate(home, deep, "deep")
    owner = home.client(home.owner)

    page = owner.get(f"{PAGE}/editor", params={"gate": "holders"}).text

    assert 'value="holders"' in page
    assert 'value="1"' in page
    assert "more levels than this page can edit" in owner.get(f"{PAGE}/editor", params={"gate": "deep"}).text
    assert owner.get(f"{PAGE}/editor", params={"gate": "nowhere"}).status_code == 404


def test_the_editor_defuses_what_is_typed(home: TestHome) -> None:
    hostile = '"><script>alert(1)</script>'
    form = {
        "name": hostile,
        "join": hostile,
        "g0.join": hostile,
        "g0.count": hostile,
        "g0.r0.kind": "erc20",
        "g0.r0.contract": hostile,
    }

    page = home.client(home.owner).post(f"{PAGE}/editor", data={**form, "do": "preview"})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_a_locked_post_asks_for_each_way_with_need_have_and_next_step(home: TestHome) -> None:
    home.set_recovery()
    set_gate(home, TREE)
    post = home.publish("Gated", "Teaser.", rest="the-word", gate="holders").act
    reader = home.author(2)
    know(home, reader, 1)

    page = home.client(reader).get(f"/c/{COMMUNITY}/posts/{post}").text
    signed_out = home.client().get(f"/c/{COMMUNITY}/posts/{post}").text
    know(home, reader, 3)
    opened = home.client(reader).get(f"/c/{COMMUNITY}/posts/{post}").text

    assert "the-word" not in page + signed_out
    assert "The rest is behind a gate" in page
    assert 'data-condition="balance-low"' in page
    assert 'data-condition="membership-missing"' in page
    assert "At least 3 0x" in page
    assert "Join for" in page
    assert "holders" in page
    assert 'data-condition="signed-out"' in signed_out
    assert "the-word" in opened


def test_a_gate_that_nothing_opens_says_so(home: TestHome) -> None:
    home.set_recovery()
    set_gate(home, {"op": "date", "until": 1_000})
    post = home.publish("Gated", rest="the-word", gate="holders").act

    page = home.client(home.author(2)).get(f"/c/{COMMUNITY}/posts/{post}").text

    assert "the-word" not in page
    assert "Nothing that you could get or wait for opens it now." in page


def test_writing_offers_every_gate_by_name(home: TestHome) -> None:
    home.set_recovery()
    set_gate(home, TREE)
    home.open_gate("patrons", [2])

    page = home.client(home.owner).get(f"/c/{COMMUNITY}/write").text

    assert 'value="named"' in page
    assert "holders: a membership: Tier 2 or at least 3" in page
    assert json.dumps({"patrons": [2]}).replace('"', "&#34;") in page


def test_the_gates_of_a_page_cost_a_bounded_number_of_statements(home: TestHome) -> None:
    for number in range(2, 12):
        home.member(home.author(number), tier=1 + number % 3, token_id=number)
    owner = home.client(home.owner)

    def count() -> int:
        asked: list[str] = []
        listener = lambda *details: asked.append(details[2])  # noqa: E731
        event.listen(home.host.database.engine, "before_cursor_execute", listener)
        assert owner.post(f"{API}/gates/preview", json={"rule": TREE}).status_code == 200
        event.remove(home.host.database.engine, "before_cursor_execute", listener)
        return len(asked)

    count()
    few = count()
    for number in range(12, 40):
        home.member(home.author(number), tier=1 + number % 3, token_id=number)

    assert count() <= few


def test_lists_of_strangers_are_not_readable(home: TestHome) -> None:
    assert home.client(home.author(2)).post(f"{API}/gates/lists", json={"accounts": [TOKEN]}).status_code == 403
    with home.host.database.reading() as session:
        assert session.execute(select(col(ListedAccount.root))).first() is None
