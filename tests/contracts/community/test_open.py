"""ICommunityFactory.open and addressesOf"""

from typing import Any

import pytest

from tests.factories.communities import (
    DAY,
    HOME_KEY,
    HOME_URI,
    NOTICE,
    OPERATOR_CAP_BPS,
    PRICE,
    RATES,
    community_of,
    opening,
    tier,
)
from tests.factories.contracts import NATIVE, Chain

UNSOUND_RATES = [
    (1001, 1000, 1500, 5, 25, 0),  # silver below bronze
    (500, 1501, 1500, 5, 25, 0),  # gold below silver
    (500, 1000, 3001, 5, 25, 0),  # above the cap
    (500, 1000, 1500, 0, 25, 0),  # silver for nobody
    (500, 1000, 1500, 26, 25, 0),  # gold before silver
]


def test_open_makes_a_wired_community(ledger: Chain, factory: Any, token: Any) -> None:
    founder, operator = ledger.accounts[1:3]
    params = opening(currency=token.address, operator=operator, operatorBps=300)

    receipt = ledger.send(factory.open, params, sender=founder)

    opened = receipt.only("CommunityOpened")
    community, membership = (ledger.at("Community", opened["community"]), ledger.at("Membership", opened["membership"]))
    assert opened == {
        "community": community.address,
        "founder": founder,
        "membership": membership.address,
        "badges": membership.badges(),
        "store": membership.store(),
        "currency": token.address,
        "noticeSeconds": NOTICE,
        "royaltyBps": 500,
        "rates": RATES | {"volumeUnit": PRICE // 10},
        "operator": operator,
        "operatorBps": 300,
        "operatorCapBps": OPERATOR_CAP_BPS,
        "parent": NATIVE,
        "parentBps": 0,
        "name": "Test Community",
        "symbol": "TEST",
        "homeUri": HOME_URI,
        "homeKey": HOME_KEY,
    }
    assert (community.owner(), community.currency()) == (founder, token.address)
    siblings = (membership.address, membership.badges(), membership.store())
    assert (community.membership(), community.badges(), community.store()) == siblings
    assert (tuple(community.operator()), tuple(community.parent())) == ((operator, 300), (NATIVE, 0))
    assert (tuple(community.home()), community.manifest().sequence) == ((1, HOME_URI, HOME_KEY), 0)
    assert (membership.community(), membership.tierCount()) == (community.address, 4)


def test_open_announces_everything_in_events(ledger: Chain, factory: Any) -> None:
    founder = ledger.accounts[1]

    receipt = ledger.send(factory.open, opening(salt=b"\5" * 32), sender=founder)

    assert receipt.names() == [
        "CommunityOpened",
        "OwnershipTransferred",
        "SharesSet",
        "HomeMoved",
        *["TierSet"] * 4,
    ]
    assert receipt.only("OwnershipTransferred") == {"previousOwner": NATIVE, "owner": founder}
    assert receipt.only("SharesSet") == {
        "operator": NATIVE,
        "operatorBps": 0,
        "parent": NATIVE,
        "parentBps": 0,
        "splits": [],
        "splitsLockedUntil": 0,
    }
    assert receipt.only("HomeMoved") == {
        "epoch": 1,
        "uri": HOME_URI,
        "homeKey": HOME_KEY,
        "baseDigest": b"\0" * 32,
        "sequence": 0,
    }


SOUND_RATES = [
    (0, 0, 0, 1, 1, 0),
    (3000, 3000, 3000, 65_535, 65_535, 0),
    (1, 2, 3, 4, 4, 12_345),  # a unit of volume that nobody asked for
]


@pytest.mark.parametrize("rates", SOUND_RATES)
def test_open_writes_the_first_rates_with_the_cheapest_paid_price(
    ledger: Chain, factory: Any, rates: tuple[int, ...]
) -> None:
    world = community_of(ledger, factory, rates=rates)

    expected = dict(zip(RATES, rates, strict=True)) | {"volumeUnit": PRICE // 10}
    assert ledger.read(world.membership.ratesOf, 0) == expected
    assert world.membership.ratesVersion() == 0


@pytest.mark.parametrize("tiers", [[], [tier(price=0)]], ids=["none", "free"])
def test_levels_take_no_volume_where_nothing_is_paid(ledger: Chain, factory: Any, tiers: list[dict[str, Any]]) -> None:
    world = community_of(ledger, factory, tiers=tiers)

    assert ledger.read(world.membership.ratesOf, 0)["volumeUnit"] == 0


@pytest.mark.parametrize("bps", [0, 1, 1000])
def test_open_fixes_the_royalty(ledger: Chain, factory: Any, bps: int) -> None:
    world = community_of(ledger, factory, royaltyBps=bps)

    assert world.membership.royaltyBps() == bps
    assert tuple(world.membership.royaltyInfo(1, 10_007)) == (world.community.address, 10_007 * bps // 10_000)


def test_open_keeps_names_of_the_longest_length(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, name="n" * 64, symbol="s" * 16)

    assert (world.membership.name(), world.membership.symbol()) == ("n" * 64, "s" * 16)


@pytest.mark.parametrize("notice", [7 * DAY, 90 * DAY])
def test_open_fixes_the_notice(ledger: Chain, factory: Any, notice: int) -> None:
    assert community_of(ledger, factory, noticeSeconds=notice).membership.noticeSeconds() == notice


def test_open_gives_the_addresses_that_were_foretold(ledger: Chain, factory: Any) -> None:
    params = opening(salt=b"\7" * 32)
    foretold = tuple(factory.addressesOf(ledger.accounts[1], params))

    opened = ledger.send(factory.open, params, sender=ledger.accounts[1]).only("CommunityOpened")

    assert tuple(opened[name] for name in ("community", "membership", "badges", "store")) == foretold


@pytest.mark.parametrize("changes", [{"salt": b"\1" * 32}, {"homeKey": "0x" + "22" * 20}, {"tiers": [tier()]}])
def test_addresses_depend_on_every_part_of_the_opening(ledger: Chain, factory: Any, changes: dict[str, Any]) -> None:
    founder, other = ledger.accounts[1:3]
    base = set(factory.addressesOf(founder, opening()))

    assert base.isdisjoint(factory.addressesOf(founder, opening(**changes)))
    assert base.isdisjoint(factory.addressesOf(other, opening()))


def test_open_reverts_when_the_same_was_opened_before(ledger: Chain, factory: Any) -> None:
    ledger.send(factory.open, opening(salt=b"\6" * 32), sender=ledger.accounts[1])

    with ledger.reverts("DeploymentFailed"):
        ledger.send(factory.open, opening(salt=b"\6" * 32), sender=ledger.accounts[1])


def test_open_keeps_an_operator_that_works_for_nothing(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, operator=ledger.accounts[2], operatorBps=0)

    assert tuple(world.community.operator()) == (ledger.accounts[2], 0)


def test_open_without_tiers_is_possible(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[])

    assert world.membership.tierCount() == 0


@pytest.mark.parametrize(
    ("changes", "error", "arguments"),
    [
        ({"name": ""}, "NameInvalid", {"name": ""}),
        ({"name": "n" * 65}, "NameInvalid", {"name": "n" * 65}),
        ({"symbol": ""}, "SymbolInvalid", {"symbol": ""}),
        ({"symbol": "s" * 17}, "SymbolInvalid", {"symbol": "s" * 17}),
        (
            {"noticeSeconds": 7 * DAY - 1},
            "NoticeOutOfRange",
            {"noticeSeconds": 7 * DAY - 1, "least": 7 * DAY, "most": 90 * DAY},
        ),
        (
            {"noticeSeconds": 90 * DAY + 1},
            "NoticeOutOfRange",
            {"noticeSeconds": 90 * DAY + 1, "least": 7 * DAY, "most": 90 * DAY},
        ),
        ({"homeKey": NATIVE}, "HomeKeyMissing", {}),
        ({"royaltyBps": 1001}, "RoyaltyTooHigh", {"bps": 1001, "capBps": 1000}),
        *(({"rates": rates}, "RatesInvalid", {}) for rates in UNSOUND_RATES),
        ({"currency": HOME_KEY}, "CurrencyNotContract", {"currency": HOME_KEY}),
        ({"operator": HOME_KEY, "operatorBps": 501}, "OperatorShareTooHigh", {"bps": 501, "capBps": 500}),
        ({"operatorBps": 1}, "OperatorShareTooHigh", {"bps": 1, "capBps": 0}),
        ({"parent": HOME_KEY, "parentBps": 1001}, "ParentShareTooHigh", {"bps": 1001, "capBps": 1000}),
        ({"parentBps": 1}, "ParentShareTooHigh", {"bps": 1, "capBps": 0}),
        ({"parent": HOME_KEY}, "ParentUnknown", {"parent": HOME_KEY}),
        ({"tiers": [tier(), tier(cap=2**24)]}, "TierParamsInvalid", {"tierId": 2}),
    ],
)
def test_open_reverts_when_it_breaks_a_rule(
    ledger: Chain, factory: Any, changes: dict[str, Any], error: str, arguments: dict[str, Any]
) -> None:
    with ledger.reverts(error, **arguments):
        ledger.send(factory.open, opening(**changes), sender=ledger.accounts[1])


def test_factory_caps_what_an_operator_may_ask(ledger: Chain, factory: Any) -> None:
    assert factory.operatorCapBps() == OPERATOR_CAP_BPS
    with ledger.reverts("OperatorShareTooHigh", bps=501, capBps=500):
        ledger.deploy("Community", NATIVE, 501)
