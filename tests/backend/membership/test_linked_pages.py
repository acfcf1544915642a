"""What linked wallets hold stands on the viewer's own pages, marked with its wallet, and without buttons that fail."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from backend import clock
from backend.identity.linking import MOST_WALLETS, keep_link
from backend.keys.tables import Release
from tests.factories.goods import license_row, open_store, product_row
from tests.factories.home import COMMUNITY, Author, TestHome
from tests.factories.mirrored_badges import ledger, rates
from tests.factories.plenty import payment


@pytest.fixture
def account(home: TestHome) -> Author:
    return home.author(2)


@pytest.fixture
def wallet(home: TestHome, account: Author) -> Author:
    """A wallet that is linked to the account, with a membership that it paid, a badge and a license."""
    held = home.author(3)
    with home.host.database.writing() as session:
        keep_link(session, account=account.account, wallet=held.account, at=clock.now())
    home.member(held, tier=2, token_id=5)
    open_store(home)
    home.write(rates(), ledger(held.account), product_row(), license_row(held.account))
    home.write(payment(1, held.account, clock.now()))
    return held


def page(home: TestHome, who: Author, path: str) -> str:
    answer = home.client(who).get(path)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def short(author: Author) -> str:
    address = str(author.wallet.address)
    return f"{address[:6]}…{address[-4:]}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/account", "Tier 2"),
        ("/account/badges", "Badge No."),
        ("/account/licenses", "Product 1"),
    ],
)
def test_own_pages_show_what_linked_wallets_have_and_whose_it_is(
    home: TestHome, account: Author, wallet: Author, path: str, words: str
) -> None:
    for shown in (path, f"/fragments{path}"):
        text = page(home, account, shown)
        assert words in text
        assert f"switch your wallet to {short(wallet)}" in text
        assert f'data-wallet="{wallet.account}"' in text
        section = text[text.index(f'data-wallet="{wallet.account}"') :]
        section = section[: section.index("</section>")]
        assert "data-action" not in section
        assert "data-form" not in section
        assert account.account not in page(home, wallet, shown)
    assert "Tier 2" not in page(home, home.author(4), "/account")


def test_payments_of_linked_wallets_are_marked(home: TestHome, account: Author, wallet: Author) -> None:
    home.write(payment(2, account.account, clock.now()))

    text = page(home, account, "/account/payments")

    marked = [line for line in text.split("<li>") if 'class="tag">your wallet' in line]
    assert len(marked) == 1
    assert short(wallet) in marked[0]
    assert "You " in text
    assert 'class="tag">your wallet' not in page(home, wallet, "/account/payments")


def test_membership_page_says_which_wallet_is_the_member(home: TestHome, account: Author, wallet: Author) -> None:
    text = page(home, account, f"/c/{COMMUNITY}/membership")

    assert "is a member here." in text
    assert short(wallet) in text
    assert "is a member here." not in page(home, wallet, f"/c/{COMMUNITY}/membership")
    assert "is a member here." not in page(home, home.author(4), f"/c/{COMMUNITY}/membership")


def test_a_reader_by_a_linked_wallet_is_told_who_may_reply(home: TestHome, account: Author, wallet: Author) -> None:
    home.set_recovery()
    home.open_gate()
    post = home.publish("A post", rest="The rest.", gate="members").act
    path = f"/c/{COMMUNITY}/posts/{post}"

    text = page(home, account, path)

    assert "The rest." in text
    assert "switch to it to reply" in text
    assert 'data-form="reply"' not in text
    assert "switch to it to reply" not in page(home, wallet, path)
    assert "The rest." not in page(home, home.author(4), path)
    sent = home.client(account).post(
        f"/api/communities/{COMMUNITY}/bodies",
        files={"file": ("text", b"Hello")},
        data={"type": "text/markdown", "salt": "c2l4dGVlbiBieXRlcyEhIQ==", "reply_to": post},
    )
    assert (sent.status_code, sent.json()["reason"]) == (403, "members-only")


def test_who_could_read_what_is_kept_by_the_account_and_not_by_the_wallet(
    home: TestHome, account: Author, wallet: Author
) -> None:
    home.set_recovery()
    home.open_gate()
    post = home.publish("A post", rest="The rest.", gate="members").act

    assert "The rest." in page(home, account, f"/c/{COMMUNITY}/posts/{post}")

    with home.host.database.reading() as session:
        assert [row.account for row in session.exec(select(Release)).all()] == [account.account]


def test_a_gate_that_only_a_linked_wallet_opens_takes_no_words_of_its_account(
    home: TestHome, account: Author, wallet: Author
) -> None:
    home.set_recovery()
    home.open_gate("second", [2])
    home.member(account, tier=1, token_id=6)
    post = home.publish("A post", rest="The rest.", gate="second").act

    sent = home.client(account).post(
        f"/api/communities/{COMMUNITY}/bodies",
        files={"file": ("text", b"Hello")},
        data={"type": "text/markdown", "salt": "c2l4dGVlbiBieXRlcyEhIQ==", "reply_to": post},
    )

    assert "The rest." in page(home, account, f"/c/{COMMUNITY}/posts/{post}")
    assert (sent.status_code, sent.json()["reason"]) == (403, "gate-closed")


def test_settings_list_the_wallets_and_the_account_that_one_counts_for(
    home: TestHome, account: Author, wallet: Author
) -> None:
    for path in ("/account/settings", "/fragments/account/wallets"):
        mine, theirs, others = (page(home, who, path) for who in (account, wallet, home.author(4)))

        assert f'data-wallet="{wallet.account}"' in mine
        assert "Link another wallet" in mine
        assert "counts for another account of yours" in theirs
        assert account.wallet.address in theirs
        assert f'data-wallet="{wallet.account}"' in theirs
        assert 'data-action="wallets:link"' not in theirs
        assert "No other wallet counts for you yet." in others


def test_settings_offer_no_more_than_may_be_linked(home: TestHome, account: Author) -> None:
    with home.host.database.writing() as session:
        for number in range(MOST_WALLETS):
            keep_link(session, account=account.account, wallet=f"0x{number + 1:040x}", at=clock.now())

    text = page(home, account, "/account/settings")

    assert 'data-action="wallets:link"' not in text
    assert "At most 8 wallets can be linked." in text


def test_the_part_of_one_s_wallets_is_for_who_signed_in(home: TestHome) -> None:
    client: TestClient = home.client()

    assert client.get("/fragments/account/wallets").status_code == 401


@pytest.mark.parametrize("path", [f"/c/{COMMUNITY}/tiers", f"/fragments/c/{COMMUNITY}/tiers", f"/c/{COMMUNITY}/join"])
def test_pages_on_which_one_joins_say_that_a_linked_wallet_is_a_member(
    home: TestHome, account: Author, wallet: Author, path: str
) -> None:
    said = " is a member here."

    text = page(home, account, path)

    assert said in text
    assert str(wallet.wallet.address) in text
    assert said not in page(home, wallet, path)
    assert said not in page(home, home.author(4), path)
