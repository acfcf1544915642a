"""ICommunity.collect of what the community was sent: each currency is a source of its own"""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from tests.factories.communities import PRICE, World, community_of
from tests.factories.contracts import NATIVE, Chain

REVERTS = 1
RETURNS_FALSE, TAKES_FEE, CALLS_BACK = 1, 3, 5


@pytest.fixture
def hostile_token(ledger: Chain) -> Any:
    return ledger.deploy("HostileToken")


def test_sources_do_not_know_of_each_other(hosted: World, token: Any) -> None:
    hosted.earn()
    hosted.receive(2000)
    hosted.receive(3000, token)
    sources = {hosted.membership.address: PRICE, NATIVE: 2000, token.address: 3000}

    for source, earned in sources.items():
        assert hosted.due(hosted.operator, source) == earned // 20
        collected = hosted.collect(hosted.founder, source).only("Collected")
        assert (collected["amount"], collected["taken"]) == (earned * 19 // 20, earned * 19 // 20)

    assert [hosted.due(hosted.operator, source) for source in sources] == [earned // 20 for earned in sources.values()]


def test_income_and_donations_in_the_same_token_stay_apart(tokened: World) -> None:
    """What sits in the Community is never taken for what sits in the Membership."""
    tokened.earn()
    tokened.receive(500, tokened.token)

    assert tokened.due(tokened.founder) == PRICE
    assert tokened.due(tokened.founder, tokened.currency) == 500
    tokened.collect(tokened.founder, tokened.currency)
    assert (tokened.due(tokened.founder), tokened.due(tokened.founder, tokened.currency)) == (PRICE, 0)


def test_collect_names_the_currency_of_the_source(tokened: World, token: Any) -> None:
    tokened.earn()
    tokened.receive(5)
    tokened.receive(6, token)
    sources = [(tokened.membership.address, token.address), (NATIVE, NATIVE), (token.address, token.address)]

    found = [tokened.collect(tokened.founder, source).only("Collected") for source, _ in sources]

    assert [(each["source"], each["currency"]) for each in found] == sources


def test_received_money_goes_on_from_what_has_left(hosted: World) -> None:
    for round_ in (1, 2, 3):
        hosted.receive(1000)
        assert hosted.collect(hosted.operator, NATIVE).only("Collected")["taken"] == 50 * round_
        assert hosted.collect(hosted.founder, NATIVE).only("Collected")["taken"] == 950 * round_
    assert hosted.chain.balance(hosted.community.address) == 0


def test_single_units_wait_until_they_are_whole(hosted: World) -> None:
    """5 % of 19 units is no unit yet; the owner gets 18, since one may still become the operator's."""
    hosted.receive(19)

    assert (hosted.due(hosted.operator, NATIVE), hosted.due(hosted.founder, NATIVE)) == (0, 18)
    hosted.receive(1)
    assert (hosted.due(hosted.operator, NATIVE), hosted.due(hosted.founder, NATIVE)) == (1, 19)


@pytest.mark.parametrize("who", ["badges", "community", "factory"])
def test_contract_that_is_no_currency_owes_nothing(native: World, who: str) -> None:
    source = getattr(native, who).address
    error, arguments = ("NothingDue", {"account": native.founder}) if who == "badges" else ("SourceUnknown", {})

    with native.chain.reverts(error, source=source, **arguments):
        native.collect(native.founder, source)


def test_due_of_reverts_when_the_source_is_no_contract(native: World) -> None:
    with native.chain.reverts("SourceUnknown", source=native.stranger):
        native.due(native.founder, native.stranger)


def test_recipient_that_refuses_received_coins_blocks_nobody_else(ledger: Chain, factory: Any) -> None:
    account = ledger.deploy("HostileAccount")
    world = community_of(ledger, factory, operator=account.address, operatorBps=500)
    world.receive(1000)
    ledger.send(account.misbehave, REVERTS, NATIVE, b"", sender=world.stranger)

    with ledger.reverts("ETHTransferFailed"):
        world.collect(account.address, NATIVE)
    assert world.collect(world.founder, NATIVE).only("Collected")["amount"] == 950


def test_false_returning_token_that_was_received_leaves_the_books_alone(native: World, hostile_token: Any) -> None:
    native.receive(1000, hostile_token)
    native.chain.send(hostile_token.misbehave, RETURNS_FALSE, NATIVE, b"", sender=native.stranger)

    with native.chain.reverts("TransferFailed"):
        native.collect(native.founder, hostile_token.address)
    assert native.due(native.founder, hostile_token.address) == 1000


def test_hostile_token_disturbs_no_other_source(hosted: World, hostile_token: Any) -> None:
    """Its books may become nonsense; those of coins, of honest tokens and of memberships do not."""
    hosted.earn()
    hosted.receive(1000)
    hosted.receive(1000, hostile_token)
    hosted.chain.send(hostile_token.misbehave, TAKES_FEE, NATIVE, b"", sender=hosted.stranger)

    hosted.collect(hosted.founder, hostile_token.address)

    assert (hosted.due(hosted.founder, NATIVE), hosted.due(hosted.founder)) == (950, PRICE * 95 // 100)


@pytest.mark.parametrize("inner", ["membership", "native", "itself"])
def test_token_that_calls_back_collects_nothing_meanwhile(hosted: World, hostile_token: Any, inner: str) -> None:
    hosted.earn()
    hosted.receive(1000)
    hosted.receive(1000, hostile_token)
    source = {"membership": hosted.membership.address, "native": NATIVE, "itself": hostile_token.address}[inner]
    payload = bytes(hosted.community.collect.encode_input(source, hosted.founder))
    target = hosted.community.address
    hosted.chain.send(hostile_token.misbehave, CALLS_BACK, target, payload, sender=hosted.stranger)

    hosted.collect(hosted.operator, hostile_token.address)

    assert not hostile_token.succeeded()
    assert hosted.chain.decode_error(bytes(hostile_token.answer())).name == "Reentrancy"
    assert hosted.due(hosted.founder, source) == (PRICE * 95 // 100 if inner == "membership" else 950)


def test_shares_do_not_change_while_a_token_is_on_its_way(ledger: Chain, factory: Any, hostile_token: Any) -> None:
    """Its balance still holds what was already counted as withdrawn: shares would begin at too high a sum."""
    world = community_of(ledger, factory, token=hostile_token, operator=ledger.accounts[2], operatorBps=500)
    world.receive(1000, hostile_token)
    ledger.send(world.community.offerOwnership, hostile_token.address, sender=world.founder)
    with ledger.impersonated(hostile_token.address):
        ledger.send(world.community.acceptOwnership, sender=hostile_token.address)
    payload = bytes(world.community.setSplits.encode_input([], 0))
    ledger.send(hostile_token.misbehave, CALLS_BACK, world.community.address, payload, sender=world.stranger)

    world.collect(world.operator, hostile_token.address)

    assert not hostile_token.succeeded()
    assert ledger.decode_error(bytes(hostile_token.answer())).name == "Reentrancy"
    assert world.due(hostile_token.address, hostile_token.address) == 950


def test_more_of_a_token_than_112_bits_cannot_be_collected(native: World, token: Any) -> None:
    """Documented: a currency's supply must stay below 2**112. Other sources are not touched. Solady's error."""
    native.receive(2**112, token)
    native.receive(7)

    with native.chain.reverts("unknown", data=keccak(text="Overflow()")[:4]):
        native.collect(native.founder, token.address)
    assert native.collect(native.founder, NATIVE).only("Collected")["amount"] == 7
