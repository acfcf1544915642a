"""ICommunity.setSplits and splits"""

from typing import Any

import pytest

from tests.factories.communities import OPERATOR_CAP_BPS, PRICE, YEAR, World, community_of
from tests.factories.contracts import NATIVE, Chain, Receipt

LONGEST_LOCK = 4 * YEAR
MOST_SPLITS = 16
WHOLE = 10_000


def set_splits(world: World, *splits: tuple[str, int], until: int = 0, sender: str = "") -> Receipt:
    return world.chain.send(world.community.setSplits, list(splits), until, sender=sender or world.founder)


def splits_of(world: World) -> dict[str, Any]:
    return dict(world.chain.read(world.community.splits))


def account(number: int) -> str:
    return "0x" + f"{0xA0 + number:02x}" * 20


def named(*splits: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"account": each, "bps": bps} for each, bps in splits]


def test_set_splits_announces_all_shares(child: World, native: World) -> None:
    splits, until = [(child.member, 2500), (child.other, 1)], child.chain.now + YEAR

    receipt = set_splits(child, *splits, until=until)

    assert receipt.names() == ["SharesSet"]
    assert receipt.only("SharesSet") == {
        "operator": child.operator,
        "operatorBps": 500,
        "parent": native.community.address,
        "parentBps": 1000,
        "splits": named(*splits),
        "splitsLockedUntil": until,
    }
    assert splits_of(child) == {"splits_": named(*splits), "lockedUntil": until}


def test_set_splits_takes_the_place_of_all_earlier_ones(native: World) -> None:
    set_splits(native, (native.member, 100), (native.other, 200))

    set_splits(native, (native.operator, 300))

    assert splits_of(native)["splits_"] == named((native.operator, 300))
    assert set_splits(native).only("SharesSet")["splits"] == []


def test_co_founders_are_paid_out_of_the_founders_share(child: World, native: World) -> None:
    set_splits(child, (child.member, 2000), (child.stranger, 3000))
    child.earn()
    due = {
        child.operator: PRICE * 5 // 100,
        native.community.address: PRICE * 10 // 100,
        child.member: PRICE * 20 // 100,
        child.stranger: PRICE * 30 // 100,
        child.founder: PRICE * 35 // 100,
    }

    paid = {each: child.collect(each).only("Collected")["amount"] for each in due}

    assert paid == due
    assert child.balance(child.membership.address) == 0


def test_splits_share_only_what_is_earned_later(native: World) -> None:
    native.earn()

    set_splits(native, (native.other, WHOLE // 2))

    assert (native.due(native.other), native.due(native.founder)) == (0, PRICE)
    native.earn(sender=native.stranger)
    assert (native.due(native.other), native.due(native.founder)) == (PRICE // 2, PRICE + PRICE // 2)


def test_splits_share_received_coins_and_currency_from_now_on(tokened: World) -> None:
    for currency in (None, tokened.token):
        tokened.receive(1000, currency)
    set_splits(tokened, (tokened.other, WHOLE // 2))

    for source, currency in ((NATIVE, None), (tokened.currency, tokened.token)):
        assert (tokened.due(tokened.other, source), tokened.due(tokened.founder, source)) == (0, 1000)
        tokened.receive(1000, currency)
        assert (tokened.due(tokened.other, source), tokened.due(tokened.founder, source)) == (500, 1500)


def test_splits_share_other_tokens_from_the_first_collection_on(native: World, token: Any) -> None:
    native.receive(1000, token)
    set_splits(native, (native.other, WHOLE // 2))
    native.receive(1000, token)

    assert native.due(native.other, token.address) == 0
    assert native.collect(native.founder, token.address).only("Collected")["amount"] == 2000
    native.receive(1000, token)
    assert (native.due(native.other, token.address), native.due(native.founder, token.address)) == (500, 500)


def test_splits_change_though_the_currency_is_gone(ledger: Chain, factory: Any) -> None:
    """A currency that tells no balance any more keeps nobody from changing shares of what comes in coins."""
    world = community_of(ledger, factory, token=ledger.deploy("MockToken", "Short-lived", "GONE", 6))
    ledger.rpc("anvil_setCode", world.currency, "0x")

    set_splits(world, (world.other, WHOLE // 2))

    world.receive(1000)
    assert (world.due(world.other, NATIVE), world.due(world.founder, NATIVE)) == (500, 500)
    with ledger.reverts("SourceUnknown", source=world.currency):
        world.collect(world.founder, world.currency)


def test_co_founder_who_left_keeps_what_it_is_due(native: World) -> None:
    set_splits(native, (native.other, 1000))
    native.earn()

    set_splits(native)

    native.earn(sender=native.stranger)
    assert native.collect(native.other).only("Collected")["amount"] == PRICE // 10
    assert native.collect(native.founder).only("Collected")["amount"] == 2 * PRICE - PRICE // 10


def test_co_founder_who_comes_back_is_due_both_times(native: World) -> None:
    set_splits(native, (native.other, 1000))
    native.earn()
    set_splits(native)
    native.earn(sender=native.stranger)
    set_splits(native, (native.other, 100))
    native.earn(sender=native.operator)

    collected = native.collect(native.other).only("Collected")

    assert (collected["amount"], collected["taken"]) == (PRICE // 10 + PRICE // 100, PRICE // 10 + PRICE // 100)


def test_co_founder_whose_share_changes_twice_is_due_each_share_of_its_time(native: World) -> None:
    for bps, payer in ((1000, native.stranger), (500, native.operator), (100, native.other)):
        set_splits(native, (native.other, bps))
        native.earn(sender=payer)

    assert native.due(native.other) == PRICE // 10 + PRICE // 20 + PRICE // 100


def test_one_account_may_hold_every_office(child: World) -> None:
    set_splits(child, (child.operator, 1000), (child.founder, 2000))
    child.earn()

    assert child.due(child.operator) == PRICE * 15 // 100
    assert child.due(child.founder) == PRICE * 75 // 100


def test_splits_may_leave_the_owner_nothing_but_what_a_cheaper_operator_leaves(native: World) -> None:
    set_splits(native, (native.other, WHOLE - OPERATOR_CAP_BPS))
    native.earn()

    assert native.due(native.founder) == PRICE * OPERATOR_CAP_BPS // WHOLE


def test_sixteen_co_founders_are_the_most(native: World) -> None:
    many = [(account(number), 1 + number) for number in range(MOST_SPLITS)]
    set_splits(native, *many)
    native.earn()

    assert [native.due(each) for each, _ in many] == [PRICE * bps // WHOLE for _, bps in many]
    with native.chain.reverts("SplitsInvalid", bps=MOST_SPLITS + 1):
        set_splits(native, *many, (account(MOST_SPLITS), 1))


@pytest.mark.parametrize(
    ("splits", "bps"),
    [
        ([(NATIVE, 7)], 7),
        ([(account(1), 0)], 0),
        ([(account(1), 5), (account(2), 6), (account(1), 7)], 7),
        ([(account(1), WHOLE - OPERATOR_CAP_BPS + 1)], WHOLE + 1),
        ([(account(1), 65_535), (account(2), 65_535)], 2 * 65_535 + OPERATOR_CAP_BPS),
    ],
    ids=["nobody", "nothing", "twice", "too much", "far too much"],
)
def test_set_splits_reverts_when_they_are_unsound(native: World, splits: list[tuple[str, int]], bps: int) -> None:
    with native.chain.reverts("SplitsInvalid", bps=bps):
        set_splits(native, *splits)


def test_set_splits_leaves_the_parent_its_share(child: World) -> None:
    free = WHOLE - OPERATOR_CAP_BPS - 1000
    with child.chain.reverts("SplitsInvalid", bps=WHOLE + 1):
        set_splits(child, (child.other, free + 1))

    set_splits(child, (child.other, free))


def test_locked_splits_cannot_be_changed_before_the_date(native: World) -> None:
    until = native.chain.now + YEAR
    set_splits(native, (native.other, 100), until=until)
    native.chain.set_time(until - 1)

    with native.chain.reverts("SplitsLocked", until=until):
        set_splits(native, (native.other, 200))
    native.chain.set_time(until)
    assert set_splits(native).only("SharesSet")["splitsLockedUntil"] == 0


def test_lock_outlives_every_other_change(child: World) -> None:
    chain, community, until = child.chain, child.community, child.chain.now + YEAR
    set_splits(child, (child.other, 100), until=until)

    chain.send(community.lowerParentShare, 0, sender=child.founder)
    chain.send(community.announceOperator, child.stranger, 100, sender=child.founder)
    chain.advance(child.membership.noticeSeconds())
    chain.send(community.replaceOperator, sender=child.stranger)
    chain.send(community.offerOwnership, child.member, sender=child.founder)
    chain.send(community.acceptOwnership, sender=child.member)

    assert splits_of(child) == {"splits_": named((child.other, 100)), "lockedUntil": until}
    with chain.reverts("SplitsLocked", until=until):
        set_splits(child, sender=child.member)


def test_splits_are_locked_for_four_years_at_most(native: World) -> None:
    latest = native.chain.now + LONGEST_LOCK
    with native.chain.reverts("SplitsLocked", until=latest):
        set_splits(native, until=latest + 1)

    assert set_splits(native, until=latest).only("SharesSet")["splitsLockedUntil"] == latest


def test_set_splits_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    native.chain.send(native.community.setRoles, native.stranger, 15, sender=native.founder)

    with native.chain.reverts("NotOwner", caller=native.stranger):
        set_splits(native, sender=native.stranger)
