"""Payments beside memberships: crowdsales, the market, and gifts."""

from backend import clock
from backend.texts import Say
from indexer.tables.columns import ZERO_HASH
from indexer.tables.crowdsale import SalePayout, TokenClaim
from indexer.tables.membership import Payment
from tests.factories.home import CHAIN_ID, COMMUNITY, MEMBERSHIP, TestHome, membership_row, tier_row
from tests.factories.mirrored_badges import UNIT, sale
from tests.factories.sales import COIN, SALE, contribution_row, payment_row, sale_rows

OTHER, THIRD = "0x" + "0b" * 20, "0x" + "0c" * 20
BADGE = 3 << 24 | 1
GIFT = f"/c/{COMMUNITY}/gift"


def paid(holder: str, payer: str, *, block: int) -> Payment:
    return Payment(
        chain_id=CHAIN_ID,
        contract=MEMBERSHIP,
        block_number=block,
        log_index=0,
        token_id=7,
        kind="join",
        holder=holder,
        payer=payer,
        tier_id=1,
        previous_tier_id=0,
        badge=0,
        amount=UNIT,
        tip=0,
        periods=1,
        expires_at=clock.now() + 86_400,
        tx_hash=ZERO_HASH,
        at=block,
    )


def refund(account: str, amount: int, *, block: int) -> SalePayout:
    return SalePayout(
        chain_id=CHAIN_ID,
        contract=SALE,
        block_number=block,
        log_index=0,
        kind="refund",
        account=account,
        paid_to=account,
        amount=amount,
        token_id=0,
        periods=0,
        tx_hash=ZERO_HASH,
        at=block,
    )


def tokens(account: str, amount: int, *, block: int) -> TokenClaim:
    return TokenClaim(
        chain_id=CHAIN_ID,
        contract=SALE,
        block_number=block,
        log_index=0,
        account=account,
        amount=amount,
        tx_hash=ZERO_HASH,
        at=block,
    )


def test_payments_tell_of_crowdsales_and_of_the_market(home: TestHome) -> None:
    me = home.author(2)
    home.write(
        *sale_rows(at=clock.now()),
        tier_row(1),
        payment_row(me.account, 3 * COIN, number=1),
        payment_row(OTHER, 9 * COIN, number=2),
        refund(me.account, COIN, block=3),
        tokens(me.account, 5 * COIN, block=4),
        sale(UNIT, block=5, token_id=BADGE, seller=OTHER, buyer=me.account),
        sale(2 * UNIT, block=6, token_id=BADGE, seller=me.account, buyer=OTHER),
        paid(me.account, SALE, block=7),
    )

    page = home.client(me).get("/account/payments").text

    assert "You contributed 3 ETH to a crowdsale of The Test (Bench Token)." in page
    assert "A crowdsale of The Test (Bench Token) paid 1 ETH back to you." in page
    assert "You took 5 BENCH from a crowdsale of The Test (Bench Token)." in page
    assert "You bought badge No. 3-1 of The Test from" in page
    assert "you got 0.019 ETH" in page
    assert "You took your membership of The Test as Tier 1" in page
    assert "gave you a membership" not in page
    assert "contributed 9 ETH" not in page
    assert f'href="/c/{COMMUNITY}/sales/{SALE}"' in page


def test_account_lists_the_crowdsales_that_it_backed(home: TestHome) -> None:
    me = home.author(2)
    home.write(*sale_rows(at=clock.now()), contribution_row(me.account, 3 * COIN, refunded=COIN))

    mine, theirs = home.client(me).get("/account").text, home.client(home.author(3)).get("/account").text

    assert "3 ETH contributed" in mine
    assert "1 ETH paid back" in mine
    assert f'href="/c/{COMMUNITY}/sales/{SALE}/token"' in mine
    assert "Bench Token" not in theirs


def test_gift_to_who_holds_a_membership_says_to_whom_and_offers_a_renewal(home: TestHome) -> None:
    me = home.author(2)
    home.write(membership_row(8, OTHER, 1, clock.now() - 86_400, home.head))
    client = home.client(me)
    body = {"account": me.account, "tier_id": 1, "recipients": [THIRD, OTHER]}

    refused = client.post(f"/api/communities/{COMMUNITY}/transactions/gift", json=body)
    page = client.get(f"{GIFT}?to={OTHER}").text

    assert refused.status_code == 409
    assert refused.json()["reason"] == "gift-members"
    assert [each["account"] for each in refused.json()["members"]] == [OTHER]
    assert 'data-form="membership:renew" data-token="8"' in page
    assert "membership:renew" not in client.get(f"{GIFT}?to={THIRD}").text


def test_gifts_stand_where_they_were_given_and_with_the_givers_membership(home: TestHome) -> None:
    me = home.author(2)
    home.member(me, tier=1, token_id=9)
    home.write(tier_row(1), paid(OTHER, me.account, block=5))

    for path in (GIFT, f"/fragments{GIFT}", f"/c/{COMMUNITY}/membership"):
        assert "You gave" in home.client(me).get(path).text, path
        assert "You gave" not in home.client(home.author(3)).get(path).text, path


def test_summary_of_a_gift_names_who_gets_it() -> None:
    said = Say("en").gift("The Test", "Reader", "0.02 ETH", 30 * 86_400, 2, "Noor (0x0B…0b), 0x0C…0c")

    assert said == "Give 2 memberships of The Test (Reader) for a month to Noor (0x0B…0b), 0x0C…0c: 0.02 ETH"
