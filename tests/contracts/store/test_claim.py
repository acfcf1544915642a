"""IStore.claim"""

from tests.factories.communities import PRICE
from tests.factories.contracts import NATIVE
from tests.factories.stores import Shop, divide

_, SHARE, _ = divide(PRICE, 500, 1_000)


def test_claim_pays_all_that_was_credited(shop: Shop) -> None:
    product = shop.list()
    shop.buy(product)
    shop.tip(PRICE)
    before = shop.world.balance(shop.creator)

    receipt = shop.claim()

    assert receipt.only("CreatorPaid") == {
        "account": shop.creator,
        "to": shop.creator,
        "amount": 2 * SHARE,
        "claimed": 2 * SHARE,
        "by": shop.creator,
    }
    assert shop.world.balance(shop.creator) - before == 2 * SHARE
    assert shop.chain.read(shop.store.ledgerOf, shop.creator) == {"credited": 2 * SHARE, "claimed": 2 * SHARE}
    assert shop.holdings() == shop.earned()


def test_claim_again_pays_only_what_came_after(shop: Shop) -> None:
    shop.tip(PRICE)
    shop.claim()
    shop.tip(PRICE)

    paid = shop.claim().only("CreatorPaid")

    assert (paid["amount"], paid["claimed"]) == (SHARE, 2 * SHARE)


def test_claim_by_the_account_goes_to_any_address(shop: Shop) -> None:
    shop.tip(PRICE)
    before = shop.world.balance(shop.stranger)

    shop.claim(to=shop.stranger)

    assert shop.world.balance(shop.stranger) - before == SHARE


def test_claim_by_anybody_goes_to_the_account(shop: Shop) -> None:
    """So a contract that divides among authors, but calls nothing itself, can be a payout account."""
    shop.tip(PRICE)
    before = shop.world.balance(shop.creator)

    paid = shop.claim(sender=shop.stranger).only("CreatorPaid")

    assert (paid["by"], shop.world.balance(shop.creator) - before) == (shop.stranger, SHARE)


def test_claim_by_a_stranger_to_itself_reverts(coins: Shop) -> None:
    coins.tip(PRICE)

    with coins.chain.reverts("PayeeMismatch", expected=coins.stranger, payee=coins.creator):
        coins.claim(to=coins.stranger, sender=coins.stranger)


def test_claim_reverts_when_nothing_is_due(coins: Shop) -> None:
    with coins.chain.reverts("NothingToClaim", account=coins.stranger):
        coins.claim(coins.stranger)
    coins.tip(PRICE)
    coins.claim()
    with coins.chain.reverts("NothingToClaim", account=coins.creator):
        coins.claim()


def test_claim_reverts_to_nobody(shop: Shop) -> None:
    shop.tip(PRICE)

    with shop.chain.reverts("AccountMissing"):
        shop.claim(to=NATIVE)
