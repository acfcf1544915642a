"""The API of sales: what it tells, whom it refuses before the node is asked, and news of a sale in the log."""

import json
from typing import Any

import pytest

from backend import clock
from backend.crowdsale import api
from backend.crowdsale.acts import WORDS_TYPE
from backend.crowdsale.allow_list import leaf_of, siblings
from backend.crowdsale.queries import proof_of, sale_of, updates_of
from backend.log.kinds import ActRefused
from tests.backend.crowdsale.test_allow_list import led_to
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome, body_of
from tests.factories.sales import COIN, SALE, contribution_row, payment_row, sale_rows, token_row

API = f"/api/communities/{COMMUNITY}"
STRANGER = "0x" + "ee" * 20
UNKNOWN = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"
LISTS = f"{API}/sales/allow-lists"


def test_a_sale_is_told_in_whole_numbers(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now(), raised=3 * COIN), token_row())
    client = home.client()

    [listed] = client.get(f"{API}/sales").json()

    assert listed == client.get(f"{API}/sales/{SALE}").json()
    assert (listed["raised"], listed["raised_written"], listed["state"]) == (str(3 * COIN), "3 ETH", "open")
    assert listed["steps"][0] == {"up_to": str(50 * COIN), "price": str(10**16), "price_written": "0.01 ETH"}
    assert client.get(f"{API}/tokens/{listed['token']}").json()["symbol"] == "BENCH"


def test_a_quote_is_clipped_to_the_cap(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now(), raised=99 * COIN))

    quote = home.client().get(f"{API}/sales/{SALE}/quote", params={"amount": 5 * COIN}).json()

    assert (quote["taken"], quote["clipped"], quote["gets_written"]) == (str(COIN), True, "50 BENCH")
    assert quote["price_written"] == "0.02 ETH"


def quoted(home: TestHome, **query: Any) -> list[str]:
    """What a contribution is said to take, to give, to pay for a membership, and to make in all."""
    quote = home.client().get(f"{API}/sales/{SALE}/quote", params=query).json()
    return [quote[f"{name}_written"] for name in ("taken", "gets", "membership", "all")]


def test_a_quote_leaves_out_what_pays_for_a_membership(home: TestHome) -> None:
    backer, milli = "0x" + "ba" * 20, COIN // 1000
    tier: dict[str, Any] = {"tier_id": 1, "tier_periods": 1, "tier_price": 10 * milli, "tier_threshold": 100 * milli}
    home.write(
        *sale_rows(at=clock.now(), raised=60 * milli, steps=((COIN, milli),), **tier),
        contribution_row(backer, 60 * milli, bought=60 * COIN),
    )

    assert quoted(home, amount=300 * milli) == ["0.3 ETH", "290 BENCH", "0.01 ETH", "290 BENCH"]
    assert quoted(home, amount=99 * milli) == ["0.099 ETH", "99 BENCH", "0 ETH", "99 BENCH"]
    assert quoted(home, amount=40 * milli, account=backer) == ["0.04 ETH", "30 BENCH", "0.01 ETH", "90 BENCH"]
    assert quoted(home, amount=40 * milli, account=backer, gift=True) == ["0.04 ETH", "40 BENCH", "0 ETH", "100 BENCH"]
    home.write(contribution_row(backer, 100 * milli, bought=100 * COIN, tier=True))
    assert quoted(home, amount=40 * milli, account=backer) == ["0.04 ETH", "40 BENCH", "0 ETH", "130 BENCH"]


def test_periods_are_quoted_by_their_number(home: TestHome) -> None:
    steps = ((2 * COIN, COIN), (8 * COIN, 2 * COIN))
    home.write(*sale_rows(at=clock.now(), asset=0, raised=COIN, steps=steps, tier_id=1, token="0x" + "00" * 20))

    assert quoted(home, amount=3, unit="periods")[:3] == ["5 ETH", "3", "0 ETH"]
    assert quoted(home, amount=9, unit="periods")[:2] == ["7 ETH", "4"]
    home.write(*sale_rows(at=clock.now()))
    of_tokens = home.client().get(f"{API}/sales/{SALE}/quote", params={"amount": 1, "unit": "periods"})
    assert of_tokens.status_code == 422


def test_contributions_are_paged(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()), *[payment_row(STRANGER, number, number=number) for number in range(1, 24)])
    client = home.client()

    first = client.get(f"{API}/sales/{SALE}/contributions").json()
    rest = client.get(f"{API}/sales/{SALE}/contributions", params={"before": first[-1]["cursor"]}).json()

    assert [line["amount"] for line in first + rest] == [str(number) for number in range(23, 0, -1)]


def test_my_part_is_mine_alone(home: TestHome) -> None:
    me = home.author(2)
    home.write(*sale_rows(at=clock.now(), raised=4 * COIN), contribution_row(me.account, 4 * COIN))

    assert home.client().get(f"{API}/sales/{SALE}/mine").status_code == 401
    assert home.client(me).get(f"{API}/sales/{SALE}/mine").json()["amount"] == str(4 * COIN)
    assert home.client(home.author(3)).get(f"{API}/sales/{SALE}/mine").json()["amount"] == "0"


def test_only_the_owner_keeps_a_list_and_everybody_on_it_has_a_proof(home: TestHome) -> None:
    accounts = [f"0x{number:040x}" for number in range(1, 6)]
    body = {"accounts": [*accounts, accounts[0].upper().replace("0X", "0x")]}

    assert home.client().post(LISTS, json=body).status_code == 401
    assert home.client(home.author(2)).post(LISTS, json=body).status_code == 403
    answer = home.client(home.owner).post(LISTS, json=body)
    again = home.client(home.owner).post(LISTS, json={"accounts": accounts[::-1]})

    assert (answer.status_code, answer.json()["count"]) == (201, 5)
    assert answer.json() == again.json()
    home.write(*sale_rows(at=clock.now(), allow_root=answer.json()["root"]))
    with home.host.database.reading() as session:
        sale = sale_of(session, CHAIN_ID, COMMUNITY, SALE, at=clock.now())
        proofs = {account: proof_of(session, sale, account) for account in (*accounts, STRANGER)}
    assert proofs.pop(STRANGER) is None
    for account, proof in proofs.items():
        assert proof is not None
        assert "0x" + led_to(account, siblings(proof)).hex() == answer.json()["root"]
    assert leaf_of(accounts[0]) != leaf_of(accounts[1])


def test_a_community_keeps_a_bounded_number_of_accounts(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "MOST_KEPT", 3)
    owner = home.client(home.owner)
    first, second = ([f"0x{number:040x}" for number in some] for some in ((1, 2), (3, 4)))

    answers = [owner.post(LISTS, json={"accounts": each}) for each in (first, second, first)]

    assert [each.status_code for each in answers] == [201, 422, 201]
    assert answers[1].json()["reason"] == "list-size"


def test_who_is_not_listed_is_told_before_the_wallet_is_asked(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now(), allow_root="0x" + "11" * 32))

    someone = home.author(3)

    answer = home.client(someone).post(f"{API}/transactions/contribute", json=contribution(someone.account))

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-listed")
    assert answer.json()["reason"] == "sale-list"


def test_who_is_on_the_list_of_a_sale_is_told_to_nobody_else(home: TestHome) -> None:
    listed, other = home.author(3), home.author(4)
    kept = home.client(home.owner).post(f"{API}/sales/allow-lists", json={"accounts": [listed.account]}).json()
    home.write(*sale_rows(at=clock.now(), allow_root=kept["root"]))

    answers = [
        client.post(f"{API}/transactions/contribute", json=contribution(listed.account, payer=other.account))
        for client in (home.client(), home.client(other))
    ]

    assert [(each.status_code, each.json()["reason"]) for each in answers] == [(409, "list-sign-in")] * 2
    mine = home.client(listed).post(f"{API}/transactions/contribute", json=contribution(listed.account))
    assert mine.json().get("reason") not in ("list-sign-in", "sale-list")


def contribution(recipient: str, *, payer: str | None = None) -> dict[str, str]:
    return {"account": payer or recipient, "recipient": recipient, "sale": SALE, "amount": "1", "price": "1"}


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("contribute", {"sale": SALE, "amount": "0", "price": "1"}, 422),
        ("contribute", {"sale": SALE, "amount": str(2**96), "price": "1"}, 422),
        ("contribute", {"sale": "0x12", "amount": "1", "price": "1"}, 422),
        ("contribute", {"sale": STRANGER, "amount": "1", "price": "1"}, 404),
        ("finalize-sale", {"sale": STRANGER}, 404),
        ("release-sale", {}, 422),
        ("claim-sale-membership", {"sale": SALE, "periods": 0}, 422),
        ("open-sale", {"terms": {"asset": "lottery"}}, 422),
        ("claim-token-income", {"token": STRANGER}, 404),
        ("attest", {"token": STRANGER, "accounts": [], "until": 0}, 422),
        ("send-tokens", {"token": STRANGER, "to": "me", "amount": "1"}, 422),
        ("finalize-sale", {"sale": SALE}, 503),
    ],
)
def test_bad_requests_are_problems(home: TestHome, operation: str, body: dict[str, Any], status: int) -> None:
    home.write(*sale_rows(at=clock.now()))

    answer = home.client().post(f"{API}/transactions/{operation}", json={"account": STRANGER, **body})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_owner_counts_posts_among_the_news_of_a_sale(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()))
    first, second = home.publish("The first stone").act, home.publish("The second stone").act

    def news(post: str, *, shown: bool) -> list[str]:
        home.say(home.owner, "sale.update", subject=post, data={"sale": SALE, "shown": shown})
        with home.host.database.reading() as session:
            return updates_of(session, sale_of(session, CHAIN_ID, COMMUNITY, SALE, at=clock.now()))

    assert news(first, shown=True) == [first]
    assert news(second, shown=True) == [second, first]
    assert news(first, shown=True) == [second, first]
    assert "The second stone" in home.client().get(f"/c/{COMMUNITY}/sales/{SALE}").text
    assert news(second, shown=False) == [first]


def say_words(home: TestHome, author: Author, words: str) -> None:
    staged = home.stage(author, words, media_type=WORDS_TYPE)
    home.say(author, "sale.words", body=body_of(staged), data={"sale": SALE})


def test_the_owner_says_what_the_money_is_for(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()))
    page, client = f"/c/{COMMUNITY}/sales/{SALE}", home.client()

    say_words(home, home.owner, json.dumps({"title": "A new oven <b>", "purpose": "It **bakes** for all."}))

    assert "<h1>A new oven &lt;b&gt;</h1>" in client.get(page).text
    assert "<strong>bakes</strong>" in client.get(page).text
    assert "It bakes for all." in client.get(f"/c/{COMMUNITY}/sales").text
    assert "A new oven &lt;b&gt;" in client.get(f"/c/{COMMUNITY}").text
    assert "A new oven &lt;b&gt;" in home.client(home.owner).get(f"/c/{COMMUNITY}/manage/sales").text
    say_words(home, home.owner, "no JSON at all")
    assert "<h1>Bench Token</h1>" in client.get(page).text


def test_nobody_else_says_what_a_sale_is_for(home: TestHome) -> None:
    home.write(*sale_rows(at=clock.now()))
    member = home.author(2)
    home.member(member, tier=1)

    with pytest.raises(ActRefused):
        say_words(home, member, json.dumps({"title": "Mine"}))
    with pytest.raises(ActRefused):
        home.say(home.owner, "sale.words", data={"sale": SALE})


def test_nobody_else_writes_news_of_a_sale(home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    post = home.publish("A post").act

    with pytest.raises(ActRefused):
        home.say(member, "sale.update", subject=post, data={"sale": SALE, "shown": True})
    with pytest.raises(ActRefused):
        home.say(home.owner, "sale.update", subject=UNKNOWN, data={"sale": SALE, "shown": True})
