"""The keeper renews what its holder agreed to, once, within its bounds, and says truly why where it does not."""

from functools import partial
from typing import Any

import pytest
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from fastapi.testclient import TestClient
from hexbytes import HexBytes
from sqlmodel import col, select

from backend import clock
from backend.app import create_app
from backend.chain import Chain, ChainUnavailable
from backend.renewals import jobs
from backend.renewals.keeper import RENEWAL_GAS
from backend.sending import OwnTransaction
from indexer.tables.badges import BadgeLedger
from indexer.tables.membership import Earnings
from tests.factories.economy import DAY, MEMBERS, PATRONS
from tests.factories.home import BASE_URL
from tests.factories.keeper import Kept

MONTH = 30 * DAY


def test_keeper_renews_for_one_period_with_the_members_money_in_the_window(kept: Kept) -> None:
    alice = kept.economy.people[0]
    token_id = kept.agree(alice, paid_in=2)
    expires_at = kept.expiry(alice)
    kept.keep()
    before = kept.sent()

    kept.open_window(alice)
    kept.keep()
    kept.keep()

    assert (before, kept.sent()) == (0, 1)
    assert kept.expiry(alice) == expires_at + MONTH
    assert kept.economy.view("fundsOf", alice) == kept.economy.price
    assert kept.economy.view("consentOf", token_id)[1] == 11
    assert kept.standing(alice).renewed


def test_keeper_keeps_the_tip_that_its_operator_asks_and_no_more(kept: Kept) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.set(keeper_tip_bps=150)
    kept.open_window(alice)
    kept.keep()

    tip = kept.economy.view("fundsOf", kept.keeper.address)

    assert tip == kept.economy.price * 150 // 10_000


def test_keeper_says_that_money_is_missing_and_renews_as_soon_as_it_is_there(kept: Kept) -> None:
    alice, bob = kept.economy.people[:2]
    kept.agree(alice, paid_in=0)
    kept.open_window(alice)
    kept.keep()
    poor = kept.standing(alice)

    kept.economy.send("addFunds", alice, sender=bob, value=kept.economy.price)
    kept.keep()

    assert (poor.reason, poor.short, poor.price) == ("balance-too-low", kept.economy.price, kept.economy.price)
    assert kept.standing(alice).renewed


def test_keeper_does_not_renew_above_the_limit_and_names_it(kept: Kept) -> None:
    alice = kept.economy.people[0]
    token_id = kept.economy.join(alice)
    kept.economy.send("setAutoRenew", token_id, (kept.economy.price - 1, 5, 2**40 - 1), sender=alice)
    kept.economy.send("addFunds", alice, sender=alice, value=5 * kept.economy.price)
    kept.open_window(alice)
    kept.keep()

    assert kept.standing(alice).reason == "price-above-consent"
    assert kept.sent() == 0


def test_keeper_never_renews_after_consent_has_ended(kept: Kept) -> None:
    alice, bob, carol, dave = kept.economy.people[:4]
    for account in (alice, bob, carol):
        kept.agree(account, paid_in=3)
    price = kept.economy.price
    token_ids = {account: kept.economy.held(account)["token_id"] for account in (alice, bob, carol)}
    kept.open_window(alice)
    kept.index()
    kept.economy.send("setAutoRenew", token_ids[alice], (0, 0, 0), sender=alice)
    kept.economy.send("transferFrom", bob, dave, token_ids[bob], sender=bob)
    change: tuple[Any, ...] = (token_ids[carol], PATRONS, 1, 10 * price, "0x" + "00" * 20, 0, [])
    kept.economy.send("changeTier", *change, sender=carol, value=10 * price)
    jobs.run(kept.host, {})  # the index does not know of it yet: the contract does
    kept.keep()

    assert kept.sent() == 0
    assert kept.economy.view("fundsOf", alice) == 3 * price


def test_keeper_says_that_a_consent_is_used_up_or_past(kept: Kept) -> None:
    alice, bob = kept.economy.people[:2]
    first, second = kept.economy.join(alice), kept.economy.join(bob)
    price, soon = kept.economy.price, kept.anvil.time + DAY
    kept.economy.send("setAutoRenew", first, (price, 1, 2**40 - 1), sender=alice)
    kept.economy.send("setAutoRenew", second, (price, 5, soon), sender=bob)
    kept.economy.send("addFunds", alice, sender=alice, value=3 * price)
    for _ in range(2):
        kept.open_window(alice)
        kept.keep()

    assert kept.sent() == 1
    assert kept.standing(alice).reason == "consent-used-up"
    assert kept.standing(bob).reason in ("consent-past", "too-late")


def test_keeper_waits_while_gas_is_dear_and_while_it_has_none(kept: Kept) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.open_window(alice)
    kept.set(keeper_max_gas_wei=1)
    kept.keep()
    dear = kept.standing(alice)
    kept.set(keeper_max_gas_wei=0)
    kept.fund(0)
    kept.anvil.advance(jobs.AGAIN_SECONDS["gas-too-dear"])
    kept.keep()
    empty = kept.standing(alice)
    kept.fund()
    kept.anvil.advance(jobs.AGAIN_SECONDS["keeper-without-gas"])
    kept.keep()

    assert (dear.reason, empty.reason) == ("gas-too-dear", "keeper-without-gas")
    assert kept.standing(alice).renewed


def test_keeper_pays_no_more_units_of_gas_than_a_renewal_needs(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = kept.economy.people[:2]
    for account in (alice, bob):
        kept.agree(account)
    kept.open_window(alice)
    asked = Chain.gas
    monkeypatch.setattr(Chain, "gas", lambda *_, **__: RENEWAL_GAS + 1)
    kept.keep()
    greedy = kept.standing(alice)
    monkeypatch.setattr(Chain, "gas", lambda *_, **__: RENEWAL_GAS)
    kept.anvil.advance(jobs.AGAIN_SECONDS["gas-too-dear"])
    kept.keep()
    monkeypatch.setattr(Chain, "gas", asked)

    with kept.host.database.reading() as session:
        rows = session.exec(select(OwnTransaction)).all()
    limits = {TypedTransaction.from_bytes(HexBytes(row.raw)).as_dict()["gas"] for row in rows}
    assert (greedy.reason, len(rows), limits) == ("gas-too-dear", 2, {RENEWAL_GAS})


def test_keeper_waits_longer_and_longer_after_a_renewal_that_the_chain_reverted(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.open_window(alice)
    start, sent = clock.now(), []
    for later in (0, 3_599, 3_601, 7_201, 10_803):
        monkeypatch.setattr(clock, "now", partial(int, start + later))
        kept.anvil.advance(jobs.LATER_SECONDS)
        kept.index()
        kept.anvil.rpc("evm_setAutomine", False)
        jobs.run(kept.host, {})
        code = kept.anvil.rpc("eth_getCode", kept.economy.membership, "latest")
        kept.anvil.rpc("anvil_setCode", kept.economy.membership, "0x60006000fd")
        kept.anvil.mine()
        kept.anvil.rpc("anvil_setCode", kept.economy.membership, code)
        kept.anvil.rpc("evm_setAutomine", True)
        jobs.run(kept.host, {})
        sent.append((kept.sent(), kept.standing(alice).reason))

    assert sent == [(1, None), (1, "refused"), (2, None), (2, "refused"), (3, None)]


def test_keeper_says_that_the_network_is_away(kept: Kept) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.open_window(alice)
    kept.index()
    there = kept.host
    object.__setattr__(kept.host, "chain", Chain("http://127.0.0.1:9", there.settings.chain_id))

    with pytest.raises(ChainUnavailable):
        jobs.run(kept.host, {})

    assert kept.standing(alice).reason == "node-away"


def test_keeper_pulls_once_though_a_reorg_takes_its_transaction_back(kept: Kept) -> None:
    alice = kept.economy.people[0]
    token_id = kept.agree(alice, paid_in=3)
    expires_at = kept.expiry(alice)
    kept.open_window(alice)
    kept.keep()
    renewed = kept.standing(alice)

    kept.anvil.reorg(1)
    kept.anvil.mine()
    kept.index()
    assert kept.expiry(alice) == expires_at
    kept.keep()
    kept.keep()

    assert kept.expiry(alice) == expires_at + MONTH
    assert kept.economy.view("consentOf", token_id)[1] == 11
    assert kept.standing(alice).tx_hash == renewed.tx_hash


def test_keeper_sends_again_what_a_crash_kept_from_the_node(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice, paid_in=3)
    expires_at = kept.expiry(alice)
    kept.open_window(alice)
    kept.index()
    with monkeypatch.context() as crashing:
        crashing.setattr(Chain, "broadcast", _crash)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(kept.host, {})

    kept.keep()
    kept.keep()

    assert (kept.sent(), kept.expiry(alice)) == (1, expires_at + MONTH)


def test_keeper_sends_no_more_than_its_bound_at_a_time(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_IN_FLIGHT", 2)
    people = kept.economy.people[:3]
    for account in people:
        kept.agree(account)
    kept.open_window(people[0])

    kept.keep()
    first = kept.sent()
    kept.keep()

    assert (first, kept.sent()) == (2, 3)


def test_no_two_transactions_have_one_nonce(kept: Kept) -> None:
    people = kept.economy.people[:4]
    for account in people:
        kept.agree(account)
    kept.open_window(people[0])
    kept.anvil.rpc("evm_setAutomine", False)
    kept.index()
    jobs.run(kept.host, {})
    kept.anvil.rpc("evm_setAutomine", True)
    kept.anvil.mine()
    kept.keep()

    with kept.host.database.reading() as session:
        rows = session.exec(select(OwnTransaction).order_by(col(OwnTransaction.nonce))).all()
    assert [row.nonce for row in rows] == [0, 1, 2, 3]
    assert {row.state for row in rows} == {"mined"}


def test_keeper_settles_what_has_long_been_earned_once_a_day(kept: Kept) -> None:
    alice, bob = kept.economy.people[:2]
    badge = kept.economy.join(alice, MEMBERS)
    kept.economy.join(bob, badge=badge)
    kept.anvil.advance(31 * DAY)
    kept.index()

    jobs.settle_all(kept.host, {})
    jobs.settle_all(kept.host, {})
    kept.await_mined()
    kept.index()

    [ledger] = kept.economy.rows(BadgeLedger)
    [earned] = kept.economy.rows(Earnings)
    assert kept.sent() == 1
    assert ledger["income"] > 0
    assert earned["earned_total"] + ledger["income"] == 2 * kept.economy.price


def test_keeper_leaves_other_homes_members_alone(kept: Kept) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.economy.govern("moveHome", "http://elsewhere.example", "0x" + "77" * 20, b"\0" * 32, 0)
    kept.open_window(alice)
    kept.keep()

    assert kept.sent() == 0


def test_keeper_that_is_switched_off_does_nothing(kept: Kept) -> None:
    alice = kept.economy.people[0]
    kept.agree(alice)
    kept.set(keeper=False)
    kept.open_window(alice)
    kept.keep()

    assert jobs.schedule(kept.host) is False
    assert kept.sent() == 0


def test_renewals_are_the_members_and_the_owners_to_see(kept: Kept) -> None:
    kept.agree(kept.economy.people[0], paid_in=0)
    kept.index()
    client = TestClient(create_app(kept.host), base_url=BASE_URL)
    community = kept.economy.community

    assert client.get("/api/renewals").status_code == 401
    assert client.get(f"/api/communities/{community}/renewals").status_code == 401
    assert client.get(f"/c/{community}/manage/renewals").status_code == 401
    assert "You are not signed in" in client.get("/account/renewals").text


def _crash(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
