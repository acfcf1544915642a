"""IMembership.creditBadge, markMinted: for the siblings only"""

from collections.abc import Iterator

import pytest

from tests.factories.communities import FREE, MONTH, PRICE, World
from tests.factories.contracts import NATIVE, NO_LEDGER, Receipt
from tests.factories.memberships import gain, invited, ledger_of

AMOUNT = 1_234_567


@pytest.fixture
def store(world: World) -> Iterator[str]:
    """The address of the store, which can send transactions meanwhile and has the money."""
    address = str(world.store.address)
    world.chain.rpc("anvil_setBalance", address, hex(10**18))
    with world.chain.impersonated(address):
        yield address


def credit(world: World, badge: int, sender: str, amount: int = AMOUNT, value: int | None = None) -> Receipt:
    """As the Store does it: a token is sent just before, coins come with the call."""
    if world.token:
        world.chain.send(world.token.mint, world.membership.address, amount, sender=world.founder)
    value = (0 if world.token else amount) if value is None else value
    return world.chain.send(world.membership.creditBadge, badge, amount, sender=sender, value=value)


def test_credit_badge_adds_to_its_income(world: World, store: str) -> None:
    badge, _ = invited(world)
    before = ledger_of(world, badge)

    receipt = credit(world, badge, store)

    assert receipt.names() == ["BadgeLedgerSet"]
    assert receipt.only("BadgeLedgerSet") == {
        "badge": badge,
        "amount": AMOUNT,
        "ledger": NO_LEDGER | {"income": AMOUNT, "used": 1},
    }
    assert ledger_of(world, badge) == before | {"income": AMOUNT}
    assert world.membership.accruedOf(badge) == AMOUNT


def test_credited_income_is_claimed_like_any(world: World, store: str) -> None:
    badge, token_id = invited(world)
    credit(world, badge, store)
    world.chain.advance(MONTH)
    world.settle(token_id)

    claim = world.membership.claim
    got, _ = gain(world, world.other, lambda: world.chain.send(claim, [badge], world.other, sender=world.other))

    assert got == AMOUNT + PRICE // 20


def test_credit_badge_is_neither_volume_nor_a_member(world: World, store: str) -> None:
    """Levels come from memberships."""
    badge, _ = invited(world)

    credit(world, badge, store, 10**15)

    ledger = ledger_of(world, badge)
    assert (ledger["volume"], ledger["counted"], ledger["level"]) == (0, 0, 0)


def test_credit_badge_leaves_the_community_its_own(world: World, store: str) -> None:
    badge, _ = invited(world)

    credit(world, badge, store)

    assert (world.earned(), world.balance(world.membership.address)) == (0, 2 * PRICE + AMOUNT)


def test_credit_badge_reverts_when_the_income_does_not_fit(world: World, store: str) -> None:
    badge, _ = invited(world)
    world.chain.rpc("anvil_setBalance", store, hex(2**113))

    with world.chain.reverts("IncomeTooLarge", income=2**112):
        credit(world, badge, store, 2**112)


def test_credit_badge_reverts_when_the_value_is_not_the_amount(world: World, store: str) -> None:
    badge, _ = invited(world)
    due = 0 if world.token else AMOUNT

    with world.chain.reverts("ValueMismatch", value=due + 1, due=due):
        credit(world, badge, store, value=due + 1)


@pytest.mark.parametrize("caller", ["founder", "stranger", "other", "community", "badges"])
def test_credit_badge_reverts_when_the_caller_is_not_the_store(native: World, caller: str) -> None:
    badge, _ = invited(native)
    found = getattr(native, caller)
    account = found if isinstance(found, str) else found.address
    native.chain.rpc("anvil_setBalance", account, hex(10**18))

    with native.chain.impersonated(account), native.chain.reverts("NotSibling", caller=account):
        credit(native, badge, account)


# markMinted


@pytest.fixture
def badges(world: World) -> Iterator[str]:
    address = str(world.badges.address)
    with world.chain.impersonated(address):
        yield address


def mark(world: World, badge: int, sender: str) -> Receipt:
    return world.chain.send(world.membership.markMinted, badge, sender=sender)


def test_mark_minted_notes_that_a_badge_is_a_token(world: World, badges: str) -> None:
    badge = world.join(sender=world.other)

    receipt = mark(world, badge, badges)

    minted = NO_LEDGER | {"used": 1, "minted": 1}
    assert [(event.name, event.fields) for event in receipt.events] == [
        ("BadgeLedgerSet", {"badge": badge, "amount": 0, "ledger": minted})
    ]
    assert (ledger_of(world, badge)["used"], ledger_of(world, badge)["minted"]) == (True, True)


def test_badge_is_minted_to_the_holder_of_its_membership(native: World) -> None:
    badge = native.join(sender=native.other)

    native.chain.send(native.badges.mint, badge, sender=native.other)

    assert (native.badges.ownerOf(badge), native.membership.badgeOwnerOf(badge)) == (native.other, native.other)


def test_mark_minted_reverts_twice(world: World, badges: str) -> None:
    badge = world.join(sender=world.other)
    mark(world, badge, badges)

    with world.chain.reverts("BadgeUnknown", badge=badge):
        mark(world, badge, badges)


def test_mark_minted_reverts_when_the_membership_was_never_paid(world: World, badges: str) -> None:
    badge = world.join(FREE, sender=world.other)

    with world.chain.reverts("BadgeUnknown", badge=badge):
        mark(world, badge, badges)


def test_mark_minted_reverts_when_there_is_no_such_membership(world: World, badges: str) -> None:
    for badge in (0, 99):
        with world.chain.reverts("BadgeUnknown", badge=badge):
            mark(world, badge, badges)


@pytest.mark.parametrize("caller", ["founder", "other", "community", "store"])
def test_mark_minted_reverts_when_the_caller_is_not_badges(native: World, caller: str) -> None:
    badge = native.join(sender=native.other)
    found = getattr(native, caller)
    account = found if isinstance(found, str) else found.address

    with native.chain.impersonated(account), native.chain.reverts("NotSibling", caller=account):
        mark(native, badge, account)
    assert native.membership.badgeOwnerOf(badge) == native.other != NATIVE
