"""Tokens and accounts that misbehave in the middle of a purchase, a tip or a claim"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE, community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.stores import NO_PERMIT, Shop, divide, shop_of

HONEST, RETURNS_FALSE, LIES_TRUE, TAKES_FEE, GIVES_MORE, TOKEN_CALLS_BACK = range(6)
ACCEPTS, REVERTS, BURNS_GAS, CALLS_BACK = range(4)


@pytest.fixture(scope="module")
def hostile(ledger: Chain, factory: Any) -> Shop:
    """A store whose currency misbehaves as a test tells it."""
    return shop_of(community_of(ledger, factory, token=ledger.deploy("HostileToken")))


def misbehave(shop: Shop, contract: Any, mode: int, target: str = NATIVE, payload: bytes = b"") -> None:
    shop.chain.send(contract.misbehave, mode, target, payload, sender=shop.stranger)


def answer(shop: Shop, contract: Any) -> str:
    """The error with which the last call back ended."""
    assert not contract.succeeded()
    return shop.chain.decode_error(bytes(contract.answer())).name


# Tokens


@pytest.mark.parametrize(
    ("mode", "error", "arguments"),
    [
        (RETURNS_FALSE, "TransferFromFailed", {}),
        (LIES_TRUE, "TransferShort", {"received": 0, "due": PRICE * 95 // 100}),
        (TAKES_FEE, "TransferShort", {"received": PRICE * 95 * 99 // 10_000, "due": PRICE * 95 // 100}),
        (GIVES_MORE, "TransferShort", {"received": PRICE * 95 // 100 + 1, "due": PRICE * 95 // 100}),
    ],
    ids=["returns false", "lies", "takes a fee", "gives more"],
)
def test_misbehaving_token_buys_nothing(hostile: Shop, mode: int, error: str, arguments: dict[str, Any]) -> None:
    product = hostile.list()
    misbehave(hostile, hostile.world.token, mode)

    with hostile.chain.reverts(error, **arguments):
        hostile.buy(product)
    with hostile.chain.reverts(error, **arguments):
        hostile.tip(PRICE)


def test_token_without_return_value_pays_and_is_paid_out(ledger: Chain, factory: Any) -> None:
    shop = shop_of(community_of(ledger, factory, token=ledger.deploy("NoReturnToken")))
    product = shop.list()

    shop.buy(product)
    shop.claim()
    shop.world.collect(shop.founder, str(shop.store.address))

    badge, creator, community = divide(PRICE, 500, 1_000)
    assert (shop.accrued(), shop.world.balance(shop.creator), shop.world.balance(shop.founder)) == (
        badge,
        creator,
        community,
    )


def test_false_returning_token_cannot_swallow_a_claim(hostile: Shop) -> None:
    hostile.tip(PRICE)
    misbehave(hostile, hostile.world.token, RETURNS_FALSE)

    with hostile.chain.reverts("TransferFailed"):
        hostile.claim()
    misbehave(hostile, hostile.world.token, HONEST)
    assert hostile.claim().only("CreatorPaid")["amount"] == divide(PRICE, 500, 1_000)[1]


Inner = Callable[[Shop, int], tuple[str, bytes]]


def inner_buy(shop: Shop, product: int) -> tuple[str, bytes]:
    purchase = shop.purchase(product, recipient=shop.stranger)
    return str(shop.store.address), bytes(shop.store.buy.encode_input(purchase))


def inner_buy_with(shop: Shop, product: int) -> tuple[str, bytes]:
    purchase = shop.purchase(product, recipient=shop.stranger)
    return str(shop.store.address), bytes(shop.store.buyWith.encode_input(purchase, NATIVE, NO_PERMIT))


def inner_tip(shop: Shop, product: int) -> tuple[str, bytes]:
    return str(shop.store.address), bytes(shop.store.tip.encode_input(shop.tip_of(shop.stranger, PRICE)))


def inner_tip_with(shop: Shop, product: int) -> tuple[str, bytes]:
    tip = shop.tip_of(shop.stranger, PRICE)
    return str(shop.store.address), bytes(shop.store.tipWith.encode_input(tip, NO_PERMIT))


def inner_claim(shop: Shop, product: int) -> tuple[str, bytes]:
    return str(shop.store.address), bytes(shop.store.claim.encode_input(shop.creator, shop.creator))


def inner_sweep(shop: Shop, product: int) -> tuple[str, bytes]:
    return str(shop.store.address), bytes(shop.store.sweep.encode_input(shop.founder, shop.founder))


def inner_collect(shop: Shop, product: int) -> tuple[str, bytes]:
    hub = shop.world.community
    return str(hub.address), bytes(hub.collect.encode_input(shop.store.address, shop.founder))


INNER: list[Inner] = [
    inner_buy,
    inner_buy_with,
    inner_tip,
    inner_tip_with,
    inner_claim,
    inner_sweep,
    inner_collect,
]
inner_calls = pytest.mark.parametrize("inner", INNER, ids=[each.__name__[6:] for each in INNER])


@inner_calls
def test_token_that_calls_back_in_a_payment_gets_nowhere(hostile: Shop, inner: Inner) -> None:
    """While tokens are pulled all is written down, though nothing has arrived: no money may move then."""
    product = hostile.list()
    hostile.tip(PRICE)
    before = hostile.shares()
    misbehave(hostile, hostile.world.token, TOKEN_CALLS_BACK, *inner(hostile, product))

    hostile.buy(product)

    assert answer(hostile, hostile.world.token) == "Reentrancy"
    added = divide(PRICE, 500, 1_000)
    assert hostile.shares() == tuple(old + new for old, new in zip(before, added, strict=True))
    assert hostile.holdings() == hostile.due(hostile.creator) + hostile.earned()


def test_token_that_pays_for_a_membership_meanwhile_undoes_the_purchase(hostile: Shop) -> None:
    """What arrives at the Membership counts for the badge only if nothing else arrives with it."""
    product = hostile.list()
    world, token = hostile.world, hostile.world.token
    with hostile.chain.impersonated(token.address):
        world.fund(token.address, 10 * PRICE)
    renewal = world.membership.renew.encode_input(hostile.ids[hostile.inviter], 1, PRICE, token.address)
    misbehave(hostile, token, TOKEN_CALLS_BACK, str(world.membership.address), bytes(renewal))
    badge = divide(PRICE, 500, 1_000)[0]

    with hostile.chain.reverts("TransferShort", received=PRICE + badge, due=badge):
        hostile.buy(product)


# Recipients


@inner_calls
def test_receiver_of_a_license_that_calls_back_gets_nowhere(shop: Shop, account: Any, inner: Inner) -> None:
    product = shop.list()
    shop.tip(PRICE)
    misbehave(shop, account, CALLS_BACK, *inner(shop, product))
    due, earned = shop.due(shop.creator), shop.earned()

    shop.buy(product, sender=shop.stranger, recipient=account.address)

    assert answer(shop, account) == "Reentrancy"
    _, creator, community = divide(PRICE, 0, 1_000)
    assert (shop.due(shop.creator), shop.earned()) == (due + creator, earned + community)
    assert shop.holdings() == shop.due(shop.creator) + shop.earned()
    assert (shop.held(account.address, product), shop.product(product)["units"]) == (1, 1)


def test_receiver_of_a_license_can_give_it_away_in_the_same_breath(coins: Shop, account: Any) -> None:
    product = coins.list()
    onwards = coins.store.safeTransferFrom.encode_input(account.address, coins.stranger, product, 1, b"")
    misbehave(coins, account, CALLS_BACK, str(coins.store.address), bytes(onwards))

    coins.buy(product, recipient=account.address)

    assert (coins.held(account.address, product), coins.held(coins.stranger, product)) == (0, 1)


@pytest.mark.parametrize("kind", ["good", "period"])
def test_receiver_that_reverts_fails_only_its_own_purchase(coins: Shop, account: Any, kind: str) -> None:
    product = coins.list() if kind == "good" else coins.plugin()
    misbehave(coins, account, REVERTS)

    with coins.chain.reverts("Refused"):
        coins.buy(product, recipient=account.address)

    assert (coins.product(product)["units"], coins.valid_until(account.address, product)) == (0, 0)
    assert coins.shares() == (0, 0, 0)
    coins.buy(product)


def test_receiver_that_reverts_later_cannot_stop_its_renewal(coins: Shop, account: Any) -> None:
    """The token is there already: nobody is asked again."""
    product = coins.plugin()
    coins.buy(product, sender=coins.stranger, recipient=account.address)
    until = coins.valid_until(account.address, product)
    misbehave(coins, account, REVERTS)

    coins.buy(product, sender=coins.stranger, recipient=account.address)

    assert coins.valid_until(account.address, product) == until + MONTH


@pytest.mark.parametrize("mode", [REVERTS, BURNS_GAS])
def test_creator_that_refuses_coins_blocks_nobody_else(coins: Shop, account: Any, mode: int) -> None:
    product, other = coins.list(payout=account.address), coins.list()
    misbehave(coins, account, mode)
    coins.buy(product)
    coins.buy(other)

    with coins.chain.reverts("ETHTransferFailed"):
        coins.claim(account.address, sender=coins.stranger)

    coins.claim()
    coins.world.collect(coins.founder, str(coins.store.address))
    misbehave(coins, account, ACCEPTS)
    paid = coins.claim(account.address, sender=coins.stranger).only("CreatorPaid")
    assert paid["amount"] == divide(PRICE, 500, 1_000)[1]
    assert coins.holdings() == 0


def test_creator_that_claims_again_while_it_is_paid_is_paid_once(coins: Shop, account: Any) -> None:
    coins.buy(coins.list(payout=account.address))
    coins.tip(PRICE)
    again = coins.store.claim.encode_input(account.address, account.address)
    misbehave(coins, account, CALLS_BACK, str(coins.store.address), bytes(again))

    coins.claim(account.address, sender=coins.stranger)

    assert answer(coins, account) == "Reentrancy"
    assert coins.world.balance(account.address) == divide(PRICE, 500, 1_000)[1]


def test_purchase_never_asks_who_owns_the_badge(shop: Shop, account: Any) -> None:
    """The badge belongs to a contract that refuses everything, then to the buyer itself: the sale is the same."""
    world = shop.world
    membership = world.membership
    product = shop.list()
    misbehave(shop, account, REVERTS)
    move = (membership.transferFrom, shop.inviter, account.address, shop.badge)
    shop.chain.send(*move, sender=shop.inviter)

    assert shop.buy(product).only("LicenseBought")["payment"]["badgeShare"] == divide(PRICE, 500, 1_000)[0]


def test_owner_of_the_badge_that_invited_it_buys_like_anybody(shop: Shop) -> None:
    """A badge can be sold, also to a member whom it invited: what that member buys then pays its own badge."""
    product = shop.list()
    badge = shop.badge
    membership = shop.world.membership
    shop.chain.send(membership.transferFrom, shop.member, shop.stranger, shop.ids[shop.member], sender=shop.member)
    shop.chain.send(membership.transferFrom, shop.inviter, shop.member, badge, sender=shop.inviter)

    bought = shop.buy(product, sender=shop.member, recipient=shop.stranger, membershipId=shop.ids[shop.member]).only(
        "LicenseBought"
    )

    assert (bought["payment"]["badge"], bought["payment"]["badgeShare"]) == (badge, divide(PRICE, 500, 1_000)[0])
