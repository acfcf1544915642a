"""ICommunity.collect, dueOf, lowerParentShare"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE, World, community_of
from tests.factories.contracts import NATIVE, Chain


def test_collect_pays_the_owner_all_when_nobody_shares(world: World) -> None:
    world.earn()
    before = world.balance(world.founder)

    receipt = world.collect(world.founder)

    assert receipt.only("Collected") == {
        "source": world.membership.address,
        "account": world.founder,
        "currency": world.currency,
        "amount": PRICE,
        "taken": PRICE,
        "by": world.stranger,
    }
    assert receipt.only("EarningsWithdrawn")["to"] == world.founder
    assert world.balance(world.founder) - before == PRICE
    assert world.balance(world.membership.address) == 0


def test_collect_divides_among_operator_parent_and_owner(child: World, native: World) -> None:
    child.earn()
    parties = {child.operator: PRICE // 20, native.community.address: PRICE // 10, child.founder: PRICE * 85 // 100}

    for account, amount in parties.items():
        before = child.balance(account)
        assert child.due(account) == amount
        child.collect(account)
        assert (child.balance(account) - before, child.due(account)) == (amount, 0)

    assert child.balance(child.membership.address) == 0


@pytest.mark.parametrize("first", ["founder", "operator"])
def test_collect_pays_the_same_in_any_order(hosted: World, first: str) -> None:
    hosted.earn()
    accounts = [hosted.founder, hosted.operator]
    amounts = {account: hosted.due(account) for account in accounts}
    order = accounts if first == "founder" else accounts[::-1]

    paid = {account: hosted.collect(account).only("Collected")["amount"] for account in order}

    assert paid == amounts
    assert sum(paid.values()) == PRICE


def test_collect_again_pays_only_what_came_since(hosted: World) -> None:
    token_id = hosted.earn()
    hosted.collect(hosted.operator)
    hosted.renew(token_id)
    hosted.chain.advance(MONTH)
    hosted.settle(token_id)

    collected = hosted.collect(hosted.operator).only("Collected")

    assert (collected["amount"], collected["taken"]) == (PRICE // 20, PRICE // 10)


def test_collect_reverts_when_nothing_is_due(hosted: World) -> None:
    for account in (hosted.founder, hosted.operator, hosted.stranger):
        with hosted.chain.reverts("NothingDue", source=hosted.membership.address, account=account):
            hosted.collect(account)


def test_collect_reverts_for_a_stranger_also_when_others_are_due(hosted: World) -> None:
    hosted.earn()

    with hosted.chain.reverts("NothingDue", source=hosted.membership.address, account=hosted.stranger):
        hosted.collect(hosted.stranger)


def test_collect_reverts_when_the_source_is_no_contract(hosted: World) -> None:
    with hosted.chain.reverts("SourceUnknown", source=hosted.stranger):
        hosted.collect(hosted.founder, hosted.stranger)


def test_collect_leaves_unearned_money_alone(hosted: World) -> None:
    hosted.join(periods=2)
    hosted.chain.advance(MONTH)
    hosted.settle((1 << 24) + 1)
    hosted.collect(hosted.founder)
    hosted.collect(hosted.operator)

    assert hosted.balance(hosted.membership.address) == PRICE


def test_collect_pays_an_owner_who_operates_both(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, operator=ledger.accounts[1], operatorBps=500)
    world.earn()

    assert world.collect(world.founder).only("Collected")["amount"] == PRICE


def test_collect_pays_the_owner_of_the_day(hosted: World) -> None:
    hosted.earn()
    hosted.chain.send(hosted.community.offerOwnership, hosted.other, sender=hosted.founder)
    hosted.chain.send(hosted.community.acceptOwnership, sender=hosted.other)

    assert (hosted.due(hosted.founder), hosted.due(hosted.other)) == (0, PRICE * 95 // 100)


@pytest.mark.parametrize("kind", ["native", "erc20"])
def test_collect_divides_what_the_community_was_sent(child: World, native: World, token: Any, kind: str) -> None:
    currency = NATIVE if kind == "native" else token.address
    chain, community, amount = child.chain, child.community.address, 1000
    child.receive(amount, None if kind == "native" else token)
    parties = {child.founder: 850, child.operator: 50, native.community.address: 100}

    for account, share in parties.items():
        before = chain.balance(account, currency)
        collected = child.collect(account, currency).only("Collected")
        assert (collected["currency"], collected["amount"]) == (currency, share)
        assert chain.balance(account, currency) - before == share

    assert chain.balance(community, currency) == 0


def test_collect_of_a_childs_share_reaches_the_parents_owner(child: World, native: World) -> None:
    child.earn()
    child.collect(native.community.address)
    before = native.balance(native.founder)

    native.collect(native.founder, NATIVE)

    assert native.balance(native.founder) - before == PRICE // 10


def test_lower_parent_share_changes_only_what_is_earned_later(child: World, native: World) -> None:
    parent = native.community.address
    child.earn()

    receipt = child.chain.send(child.community.lowerParentShare, 100, sender=child.founder)

    assert receipt.only("SharesSet") == {
        "operator": child.operator,
        "operatorBps": 500,
        "parent": parent,
        "parentBps": 100,
        "splits": [],
        "splitsLockedUntil": 0,
    }
    assert tuple(child.community.parent()) == (parent, 100)
    assert child.due(parent) == PRICE // 10
    child.earn(sender=child.other)
    assert child.due(parent) == PRICE // 10 + PRICE // 100
    assert child.due(child.operator) == PRICE // 10
    assert child.due(child.founder) == 2 * PRICE - PRICE // 10 - PRICE // 100 - PRICE // 10


def test_lower_parent_share_of_received_coins_changes_only_what_comes_later(child: World, native: World) -> None:
    parent = native.community.address
    child.receive(1000)

    child.chain.send(child.community.lowerParentShare, 0, sender=child.founder)
    child.receive(1000)

    assert child.collect(parent, NATIVE).only("Collected")["amount"] == 100
    assert child.due(parent, NATIVE) == 0
    assert child.collect(child.founder, NATIVE).only("Collected")["amount"] == 850 + 950


def test_lower_parent_share_to_what_it_is_changes_nobodys_share(child: World, native: World) -> None:
    parent = native.community.address

    receipt = child.chain.send(child.community.lowerParentShare, 1000, sender=child.founder)
    child.earn()

    assert receipt.only("SharesSet")["parentBps"] == 1000
    assert child.due(parent) == PRICE // 10


@pytest.mark.parametrize("bps", [1001, 10_000])
def test_lower_parent_share_reverts_when_it_would_rise(child: World, bps: int) -> None:
    with child.chain.reverts("ParentShareRaised", given=bps, allowed=1000):
        child.chain.send(child.community.lowerParentShare, bps, sender=child.founder)


def test_lower_parent_share_reverts_when_the_caller_is_not_the_owner(child: World) -> None:
    with child.chain.reverts("NotOwner", caller=child.operator):
        child.chain.send(child.community.lowerParentShare, 0, sender=child.operator)


def test_shares_of_single_units_never_leave_anybody_unpayable(ledger: Chain, factory: Any, native: World) -> None:
    """Two shares of 5 % both grow by a unit on the 20th: the owner must not have taken it before."""
    token_id = native.join(sender=native.founder)
    child = community_of(
        ledger,
        factory,
        operator=native.operator,
        operatorBps=500,
        parent=native.community.address,
        parentBps=500,
        parentMembership=token_id,
    )
    parties = [child.founder, child.operator, native.community.address]

    for _ in range(40):
        child.receive(1)
        for account in parties:
            if child.due(account, NATIVE):
                child.collect(account, NATIVE)

    taken = [int(child.community.dueOf(NATIVE, account)) for account in parties]
    assert (taken, child.chain.balance(child.community.address)) == ([0, 0, 0], 0)
