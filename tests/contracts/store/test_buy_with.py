"""IStore.buyWith"""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.factories.communities import DAY, MONTH, PRICE, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.stores import NO_PERMIT, Shop, shop_of

BUYER = Account.from_key("0x" + "33" * 32)


@pytest.fixture(scope="module")
def signed(ledger: Chain, factory: Any) -> Shop:
    """A store whose currency takes signed allowances."""
    return shop_of(community_of(ledger, factory, token=ledger.deploy("PermitToken")))


def permit_of(shop: Shop, value: int, *, deadline: int = 2**40, nonce: int = 0) -> tuple[Any, ...]:
    """The buyer lets the store pull `value`."""
    fields = ("owner", "spender", "value", "nonce", "deadline")
    kinds = ("address", "address", "uint256", "uint256", "uint256")
    message = encode_typed_data(
        {
            "name": "Signed Dollar",
            "version": "1",
            "chainId": shop.chain.read(shop.world.token.eip712Domain)["chainId"],
            "verifyingContract": shop.world.token.address,
        },
        {"Permit": [{"name": name, "type": kind} for name, kind in zip(fields, kinds, strict=True)]},
        dict(zip(fields, (BUYER.address, shop.store.address, value, nonce, deadline), strict=True)),
    )
    signature = BUYER.sign_message(message)
    return value, deadline, signature.v, signature.r.to_bytes(32, "big"), signature.s.to_bytes(32, "big")


def buy_with(shop: Shop, product: int, permit: tuple[Any, ...], *, expired: str = NATIVE) -> dict[str, Any]:
    purchase = shop.purchase(product, recipient=BUYER.address)
    with shop.chain.impersonated(BUYER.address):
        receipt = shop.chain.send(shop.store.buyWith, purchase, expired, permit, sender=BUYER.address)
    return receipt.only("LicenseBought")


def test_buy_with_a_permit_needs_no_approval(signed: Shop) -> None:
    product = signed.list(sender=signed.founder, payout=signed.founder)
    signed.chain.send(signed.world.token.mint, BUYER.address, PRICE, sender=signed.founder)

    bought = buy_with(signed, product, permit_of(signed, PRICE))

    assert bought["payment"]["amount"] == PRICE
    assert (signed.holdings(), signed.world.balance(BUYER.address)) == (PRICE, 0)


def test_buy_with_a_permit_that_was_used_by_another_goes_on(signed: Shop) -> None:
    """Who sees the permit in the pool can use it first: the allowance is there all the same."""
    product = signed.list(sender=signed.founder, payout=signed.founder)
    signed.chain.send(signed.world.token.mint, BUYER.address, PRICE, sender=signed.founder)
    permit = permit_of(signed, PRICE)
    spent = (BUYER.address, signed.store.address, *permit)
    signed.chain.send(signed.world.token.permit, *spent, sender=signed.stranger)

    assert buy_with(signed, product, permit)["payment"]["amount"] == PRICE


@pytest.mark.parametrize("deadline", [0, 1], ids=["no permit", "one that is past"])
def test_buy_with_a_permit_that_gives_nothing_reverts_at_the_pull(signed: Shop, deadline: int) -> None:
    product = signed.list(sender=signed.founder, payout=signed.founder)
    signed.chain.send(signed.world.token.mint, BUYER.address, PRICE, sender=signed.founder)

    with signed.chain.reverts("TransferFromFailed"):
        buy_with(signed, product, permit_of(signed, PRICE, deadline=deadline))


@pytest.mark.parametrize("deadline", [0, 1])
def test_buy_with_nothing_is_buy(shop: Shop, deadline: int) -> None:
    """A permit means nothing to native coins, nor to a token that knows none."""
    product = shop.list()
    shop.fund(shop.member, PRICE)
    value = 0 if shop.world.token else PRICE
    permit = (PRICE, deadline, *NO_PERMIT[2:])

    receipt = shop.chain.send(
        shop.store.buyWith, shop.purchase(product), NATIVE, permit, sender=shop.member, value=value
    )

    assert receipt.only("LicenseBought")["recipient"] == shop.member


def test_buy_with_an_expired_license_takes_its_seat(coins: Shop) -> None:
    product = coins.plugin(cap=1)
    coins.buy(product)
    coins.chain.advance(MONTH + 7 * DAY)
    purchase = coins.purchase(product, recipient=coins.stranger)

    receipt = coins.chain.send(
        coins.store.buyWith, purchase, coins.member, NO_PERMIT, sender=coins.stranger, value=PRICE
    )

    assert receipt.only("LicenseSeatReleased") == {"productId": product, "account": coins.member, "units": 0}
    assert receipt.only("LicenseBought")["units"] == 1
    assert not coins.store.isLicensed(coins.member, product)


def test_buy_with_a_license_that_is_still_valid_reverts(coins: Shop) -> None:
    product = coins.plugin(cap=1)
    coins.buy(product)
    purchase = coins.purchase(product, recipient=coins.stranger)
    free_from = coins.valid_until(coins.member, product) + 7 * DAY

    with coins.chain.reverts("SeatTaken", productId=product, account=coins.member, freeFrom=free_from):
        coins.chain.send(coins.store.buyWith, purchase, coins.member, NO_PERMIT, sender=coins.stranger, value=PRICE)
