"""ICommunity.announceOperator, replaceOperator, announcedOperator and operator"""

from typing import Any

import pytest

from tests.factories.communities import NOTICE, OPERATOR_CAP_BPS, PRICE, World
from tests.factories.contracts import NATIVE, Receipt


def announce(world: World, account: str, bps: int, *, sender: str = "") -> Receipt:
    return world.chain.send(world.community.announceOperator, account, bps, sender=sender or world.founder)


def replace(world: World) -> Receipt:
    return world.chain.send(world.community.replaceOperator, sender=world.stranger)


def test_announce_operator_starts_the_notice(hosted: World) -> None:
    since = hosted.chain.now + NOTICE

    receipt = announce(hosted, hosted.other, 300)

    assert receipt.names() == ["OperatorAnnounced"]
    assert receipt.only("OperatorAnnounced") == {"operator": hosted.other, "bps": 300, "since": since}
    assert tuple(hosted.community.announcedOperator()) == (hosted.other, 300, since)
    assert tuple(hosted.community.operator()) == (hosted.operator, 500)


def test_replace_operator_lets_the_announced_one_take_over(child: World, native: World) -> None:
    announce(child, child.other, 300)
    child.chain.advance(NOTICE)

    receipt = replace(child)

    assert receipt.names() == ["SharesSet", "OperatorAnnounced"]
    assert receipt.only("SharesSet") == {
        "operator": child.other,
        "operatorBps": 300,
        "parent": native.community.address,
        "parentBps": 1000,
        "splits": [],
        "splitsLockedUntil": 0,
    }
    assert receipt.only("OperatorAnnounced") == {"operator": NATIVE, "bps": 0, "since": 0}
    assert tuple(child.community.operator()) == (child.other, 300)
    assert tuple(child.community.announcedOperator()) == (NATIVE, 0, 0)


def test_old_operator_keeps_what_it_is_due(hosted: World) -> None:
    hosted.earn()
    announce(hosted, hosted.other, 100)
    hosted.earn(sender=hosted.stranger)  # a month passes: the notice is over, but nobody has called
    replace(hosted)
    hosted.earn(sender=hosted.other)

    due = {hosted.operator: 2 * PRICE // 20, hosted.other: PRICE // 100}
    assert {account: hosted.collect(account).only("Collected")["amount"] for account in due} == due
    assert hosted.collect(hosted.founder).only("Collected")["amount"] == 3 * PRICE - sum(due.values())


def test_old_operator_has_no_share_of_coins_that_come_later(hosted: World) -> None:
    """Also where everything was collected before the change, so that there was nothing to collect after it."""
    hosted.receive(1000)
    for account in (hosted.operator, hosted.founder):
        hosted.collect(account, NATIVE)
    announce(hosted, hosted.other, 100)
    hosted.chain.advance(NOTICE)
    replace(hosted)

    hosted.receive(1000)

    assert (hosted.due(hosted.operator, NATIVE), hosted.due(hosted.other, NATIVE)) == (0, 10)


def test_old_operator_keeps_its_share_of_other_tokens_until_somebody_collects(hosted: World, token: Any) -> None:
    hosted.receive(1000, token)
    announce(hosted, hosted.other, 100)
    hosted.chain.advance(NOTICE)
    replace(hosted)
    hosted.receive(1000, token)

    assert hosted.collect(hosted.operator, token.address).only("Collected")["amount"] == 100
    hosted.receive(1000, token)
    assert (hosted.due(hosted.operator, token.address), hosted.due(hosted.other, token.address)) == (0, 10)


def test_operator_may_be_replaced_by_nobody(hosted: World) -> None:
    announce(hosted, NATIVE, 0)
    hosted.chain.advance(NOTICE)
    replace(hosted)
    hosted.earn()

    assert tuple(hosted.community.operator()) == (NATIVE, 0)
    assert (hosted.due(NATIVE), hosted.due(hosted.founder)) == (0, PRICE)


def test_second_announcement_takes_the_place_of_the_first_and_starts_again(hosted: World) -> None:
    announce(hosted, hosted.other, 300)
    hosted.chain.advance(NOTICE - 1)

    announce(hosted, hosted.member, 200)
    hosted.chain.advance(NOTICE - 1)

    with hosted.chain.reverts("OperatorNotDue", since=hosted.chain.now + 1):
        replace(hosted)
    hosted.chain.advance(1)
    assert replace(hosted).only("SharesSet")["operator"] == hosted.member


def test_announcement_is_taken_back_by_announcing_the_operator_of_today(hosted: World) -> None:
    announce(hosted, hosted.other, 300)
    announce(hosted, hosted.operator, 500)
    hosted.chain.advance(NOTICE)

    replace(hosted)

    assert tuple(hosted.community.operator()) == (hosted.operator, 500)


def test_replace_operator_reverts_before_the_notice_is_over(hosted: World) -> None:
    announce(hosted, hosted.other, 300)
    since = hosted.chain.now + NOTICE
    hosted.chain.advance(NOTICE - 1)

    with hosted.chain.reverts("OperatorNotDue", since=since):
        replace(hosted)


def test_replace_operator_reverts_when_none_was_announced(hosted: World) -> None:
    with hosted.chain.reverts("OperatorNotDue", since=0):
        replace(hosted)


def test_replace_operator_works_once(hosted: World) -> None:
    announce(hosted, hosted.other, 300)
    hosted.chain.advance(NOTICE)
    replace(hosted)

    with hosted.chain.reverts("OperatorNotDue", since=0):
        replace(hosted)


def test_commission_may_reach_the_cap(hosted: World) -> None:
    announce(hosted, hosted.other, OPERATOR_CAP_BPS)

    with hosted.chain.reverts("OperatorShareTooHigh", bps=OPERATOR_CAP_BPS + 1, capBps=OPERATOR_CAP_BPS):
        announce(hosted, hosted.other, OPERATOR_CAP_BPS + 1)


def test_nobody_gets_no_commission(hosted: World) -> None:
    with hosted.chain.reverts("OperatorShareTooHigh", bps=1, capBps=0):
        announce(hosted, NATIVE, 1)


@pytest.mark.parametrize("who", ["operator", "stranger"])
def test_announce_operator_reverts_when_the_caller_is_not_the_owner(hosted: World, who: str) -> None:
    caller = getattr(hosted, who)

    with hosted.chain.reverts("NotOwner", caller=caller):
        announce(hosted, caller, 500, sender=caller)
