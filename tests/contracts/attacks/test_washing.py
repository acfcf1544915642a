"""Gold by washing: cheap joins, cancelled and repeated (E16)"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.communities import DAY, MONTH, PRICE, World, community_of, tier
from tests.factories.contracts import Chain
from tests.factories.memberships import (
    GOLD,
    HOUR,
    attempt,
    change_tier,
    gift,
    issue,
    join_by,
    join_with,
    ledger_of,
    transfer,
)

CHEAP = PRICE // 100


@pytest.fixture
def washed(ledger: Chain, factory: Any) -> World:
    """Silver from 2, gold from 3 counted members. Tiers: monthly, cheap by the month, cheap by the hour, free."""
    return community_of(
        ledger,
        factory,
        rates=(500, 1_000, 1_500, 2, 3, 0),
        tiers=[tier(), tier(price=CHEAP), tier(price=CHEAP, periodSeconds=HOUR), tier(price=0)],
    )


def wallets(world: World) -> list[str]:
    return [world.member, world.stranger, *world.chain.accounts[6:10]]


def burn(world: World, token_id: int, account: str) -> None:
    world.chain.send(world.membership.burn, token_id, account, sender=account)


def cancel(world: World, token_id: int, account: str) -> None:
    world.chain.send(world.membership.cancel, token_id, account, sender=account)


def joins_and_cancels(world: World, badge: int) -> None:
    """Every wallet gets its money back before it counts, and comes back."""
    tokens = {account: join_by(world, badge, sender=account, tier_id=2) for account in wallets(world)}
    for _ in range(4):
        world.chain.advance(13 * DAY)
        for account, token_id in tokens.items():
            cancel(world, token_id, account)
            world.renew(token_id, sender=account)
    for account, token_id in tokens.items():
        cancel(world, token_id, account)


def joins_and_burns(world: World, badge: int) -> None:
    for _ in range(4):
        tokens = {account: join_by(world, badge, sender=account, tier_id=2) for account in wallets(world)}
        world.chain.advance(13 * DAY)
        for account, token_id in tokens.items():
            burn(world, token_id, account)


def one_wallet_comes_again(world: World, badge: int) -> None:
    """It counts once, however often it burns and joins anew."""
    for _ in range(8):
        token_id = join_by(world, badge, tier_id=3)
        world.chain.advance(2 * HOUR)
        world.settle(token_id)
        burn(world, token_id, world.member)


def one_membership_goes_round(world: World, badge: int) -> None:
    """A membership counts once, whoever holds it."""
    token_id = join_by(world, badge, periods=12)
    holder = world.member
    for account in wallets(world)[1:]:
        world.chain.advance(15 * DAY)
        world.settle(token_id)
        transfer(world, token_id, holder, account)
        holder = account


def free_joins(world: World, badge: int) -> None:
    for account in wallets(world):
        join_by(world, badge, sender=account, tier_id=4)
    world.chain.advance(MONTH)


def trials(world: World, badge: int) -> None:
    issued = issue(world, kind=2, value=90 * DAY, uses=100)
    for account in wallets(world):
        join_with(world, periods=0, price=0, badge=badge, sender=account, **issued)
    world.chain.advance(60 * DAY)


def gifts(world: World, badge: int) -> None:
    """The attacker pays for strangers; none of them chose its badge."""
    for account in wallets(world):
        gift(world, account, tier_id=3) if account != world.stranger else None
    world.chain.advance(MONTH)


def changes_of_tier(world: World, badge: int) -> None:
    """A member counts once, in whatever tier its time is up."""
    token_id = join_by(world, badge, tier_id=2)
    for target in (3, 2, 3, 2):
        world.chain.advance(15 * DAY)
        attempt(lambda target=target: change_tier(world, token_id, target, 1, amount=CHEAP))  # type: ignore[misc]


WASHING: list[Callable[[World, int], None]] = [
    joins_and_cancels,
    joins_and_burns,
    one_wallet_comes_again,
    one_membership_goes_round,
    free_joins,
    trials,
    gifts,
    changes_of_tier,
]


@pytest.mark.parametrize("wash", WASHING, ids=[wash.__name__ for wash in WASHING])
def test_washing_lifts_no_level(washed: World, wash: Callable[[World, int], None]) -> None:
    badge = washed.join(sender=washed.other)

    wash(washed, badge)

    washed.chain.advance(MONTH)
    washed.settle(*[(number << 24) + serial for number in range(1, 5) for serial in range(1, 60)])
    ledger = ledger_of(washed, badge)
    assert (ledger["level"], washed.membership.rateOf(badge)) == (0, 500)
    assert ledger["counted"] <= 1


def test_counted_members_without_volume_are_no_gold(washed: World) -> None:
    """Six wallets pay half of the cheapest price each, count, and are paid back what is left."""
    washed.chain.send(washed.membership.setTierPrice, 2, CHEAP // 2, sender=washed.founder)
    badge = washed.join(sender=washed.other)
    tokens = {account: join_by(washed, badge, sender=account, tier_id=2) for account in wallets(washed)[:5]}
    washed.chain.advance(14 * DAY + HOUR)
    for account, token_id in tokens.items():
        cancel(washed, token_id, account)

    ledger = ledger_of(washed, badge)
    assert (ledger["counted"], ledger["level"]) == (5, 0)
    assert ledger["volume"] < 2 * CHEAP


def test_gold_costs_at_least_its_volume(washed: World) -> None:
    """Whoever pays for its own second wallets gets gold for what gold takes: three periods, earned by the community."""
    badge = washed.join(sender=washed.other)
    tokens = [join_by(washed, badge, sender=account, tier_id=2) for account in wallets(washed)[:3]]
    washed.chain.advance(MONTH)
    washed.settle(*tokens)

    ledger = ledger_of(washed, badge)
    assert (ledger["level"], ledger["volume"]) == (GOLD, 3 * CHEAP)
    assert washed.earned() == 3 * CHEAP - ledger["income"]


def test_cheaper_tier_opened_later_does_not_cheapen_the_levels(washed: World) -> None:
    """The unit is that of the badge's rates: only who opens new rates can lower it, for badges first used then."""
    badge = washed.join(sender=washed.other)
    join_by(washed, badge, sender=washed.chain.accounts[9])
    washed.chain.send(washed.membership.createTier, tier(price=1), sender=washed.founder)
    tokens = [join_by(washed, badge, sender=account, tier_id=5) for account in wallets(washed)[:5]]
    washed.chain.advance(MONTH)
    washed.settle(*tokens)

    assert ledger_of(washed, badge)["level"] == 0
