"""ICommunity.collect, dueOf, lowerParentShare"""

from typing import Any

import pytest

from tests.factories.communities import MONTH, PRICE, World, community_of
from tests.factories.contracts import NATIVE, Chain


@pytest.fixture
def child(native: World, factory: Any) -> World:
    """A community whose parent gets 10 % and whose operator 5 % of what is earned."""
    token_id = native.join(sender=native.founder)
    return community_of(
        native.chain,
        factory,
        operator=native.operator,
        operatorBps=500,
        parent=native.community.address,
        parentBps=1000,
        parentMembership=token_id,
    )


def earn(world: World, *, sender: str = "") -> int:
    """One monthly payment is earned; the token that paid it."""
    token_id = world.join(sender=sender)
    world.chain.advance(MONTH)
    world.settle(token_id)
    return token_id


def due(world: World, account: str, source: str = "") -> int:
    return int(world.community.dueOf(source or world.membership.address, account))


def test_collect_pays_the_owner_all_when_nobody_shares(world: World) -> None:
    earn(world)
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
    earn(child)
    parties = {child.operator: PRICE // 20, native.community.address: PRICE // 10, child.founder: PRICE * 85 // 100}

    for account, amount in parties.items():
        before = child.balance(account)
        assert due(child, account) == amount
        child.collect(account)
        assert (child.balance(account) - before, due(child, account)) == (amount, 0)

    assert child.balance(child.membership.address) == 0


@pytest.mark.parametrize("first", ["founder", "operator"])
def test_collect_pays_the_same_in_any_order(hosted: World, first: str) -> None:
    earn(hosted)
    accounts = [hosted.founder, hosted.operator]
    amounts = {account: due(hosted, account) for account in accounts}
    order = accounts if first == "founder" else accounts[::-1]

    paid = {account: hosted.collect(account).only("Collected")["amount"] for account in order}

    assert paid == amounts
    assert sum(paid.values()) == PRICE


def test_collect_again_pays_only_what_came_since(hosted: World) -> None:
    token_id = earn(hosted)
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
    earn(hosted)

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
    earn(world)

    assert world.collect(world.founder).only("Collected")["amount"] == PRICE


def test_collect_pays_the_owner_of_the_day(hosted: World) -> None:
    earn(hosted)
    hosted.chain.send(hosted.community.offerOwnership, hosted.other, sender=hosted.founder)
    hosted.chain.send(hosted.community.acceptOwnership, sender=hosted.other)

    assert (due(hosted, hosted.founder), due(hosted, hosted.other)) == (0, PRICE * 95 // 100)


@pytest.mark.parametrize("kind", ["native", "erc20"])
def test_collect_divides_what_the_community_was_sent(child: World, native: World, token: Any, kind: str) -> None:
    currency = NATIVE if kind == "native" else token.address
    chain, community, amount = child.chain, child.community.address, 1000
    if kind == "native":
        payment = {"from": child.stranger, "to": community, "value": hex(amount), "gasPrice": "0x0"}
        chain.rpc("eth_sendTransactionSync", payment)
    else:
        chain.send(token.mint, community, amount, sender=child.stranger)
    parties = {child.founder: 850, child.operator: 50, native.community.address: 100}

    for account, share in parties.items():
        before = chain.balance(account, currency)
        collected = child.collect(account, currency).only("Collected")
        assert (collected["currency"], collected["amount"]) == (currency, share)
        assert chain.balance(account, currency) - before == share

    assert chain.balance(community, currency) == 0


def test_collect_of_a_childs_share_reaches_the_parents_owner(child: World, native: World) -> None:
    earn(child)
    child.collect(native.community.address)
    before = native.balance(native.founder)

    native.collect(native.founder, NATIVE)

    assert native.balance(native.founder) - before == PRICE // 10


def test_lower_parent_share_changes_only_what_is_earned_later(child: World, native: World) -> None:
    parent = native.community.address
    earn(child)

    receipt = child.chain.send(child.community.lowerParentShare, 100, sender=child.founder)

    assert receipt.only("SharesSet") == {
        "operator": child.operator,
        "operatorBps": 500,
        "parent": parent,
        "parentBps": 100,
        "splits": (),
        "splitsLockedUntil": 0,
    }
    assert tuple(child.community.parent()) == (parent, 100)
    assert due(child, parent) == PRICE // 10
    earn(child, sender=child.other)
    assert due(child, parent) == PRICE // 10 + PRICE // 100
    assert due(child, child.operator) == PRICE // 10
    assert due(child, child.founder) == 2 * PRICE - PRICE // 10 - PRICE // 100 - PRICE // 10


def test_lower_parent_share_of_received_money_acts_once_it_was_collected(child: World, native: World) -> None:
    parent, chain = native.community.address, child.chain

    def receive() -> None:
        payment = {"from": child.stranger, "to": child.community.address, "value": hex(1000), "gasPrice": "0x0"}
        chain.rpc("eth_sendTransactionSync", payment)

    receive()
    chain.send(child.community.lowerParentShare, 0, sender=child.founder)
    assert child.collect(parent, NATIVE).only("Collected")["amount"] == 100
    receive()
    assert due(child, parent, NATIVE) == 0
    assert child.collect(child.founder, NATIVE).only("Collected")["amount"] == 850 + 950


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
    payment = {"from": child.stranger, "to": child.community.address, "value": "0x1", "gasPrice": "0x0"}

    for _ in range(40):
        ledger.rpc("eth_sendTransactionSync", payment)
        for account in parties:
            if due(child, account, NATIVE):
                child.collect(account, NATIVE)

    taken = [int(child.community.dueOf(NATIVE, account)) for account in parties]
    assert (taken, child.chain.balance(child.community.address)) == ([0, 0, 0], 0)
