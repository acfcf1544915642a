"""ICrowdsaleFactory.make, through ICommunity.openSale and as a stranger"""

from typing import Any

import pytest

from tests.factories.communities import DAY, FREE, MONTHLY, PRICE, YEAR, World, community_of, tier
from tests.factories.contracts import NATIVE, Chain
from tests.factories.crowdsales import (
    ALLOCATION,
    CAP,
    COIN,
    MEMBERSHIP,
    MOST_TOKENS,
    PLANNED,
    RESTRICTED,
    STEPS,
    UTILITY,
    encoded,
    open_sale,
    terms_of,
    with_tier,
)

NAMES = {MEMBERSHIP: "", UTILITY: "Test Token", RESTRICTED: "Test Token"}


def steps_of(terms: Any) -> list[tuple[int, int]]:
    return [tuple(step.values()) if isinstance(step, dict) else tuple(step) for step in terms["steps"]]


@pytest.mark.parametrize("asset", [MEMBERSHIP, UTILITY, RESTRICTED])
def test_make_emits_all_terms_and_addresses(world: World, asset: int) -> None:
    terms = terms_of(world.chain, asset)
    before = world.chain.read(world.community.roles)["accounts"]

    receipt = world.chain.send(world.community.openSale, encoded(terms), sender=world.founder)

    made = receipt.only("CrowdsaleMade")
    stated = made.pop("terms")
    assert steps_of(stated) == list(terms["steps"])
    assert stated | {"steps": ()} == terms | {"steps": ()}
    assert made == {
        "community": world.community.address,
        "sale": receipt.only("SaleOpened")["sale"],
        "token": made["token"],
        "founder": world.founder,
        "currency": world.currency,
        "membership": world.membership.address,
        "maximum": 0 if asset == MEMBERSHIP else MOST_TOKENS,
    }
    assert (made["token"] == NATIVE) == (asset == MEMBERSHIP)
    assert world.chain.read(world.community.roles)["accounts"] == [*before, made["sale"]]


@pytest.mark.parametrize("asset", [MEMBERSHIP, UTILITY, RESTRICTED])
def test_sale_says_its_terms(world: World, asset: int) -> None:
    changes = with_tier(accountMin=5, accountMax=7 * COIN, allowRoot=b"\7" * 32) if asset != MEMBERSHIP else {}
    sale = open_sale(world, asset, **changes)

    said = sale.chain.read(sale.contract.terms)

    kept = sale.terms | {"salt": b"\0" * 32, "tokenName": "", "tokenSymbol": ""}
    assert steps_of(said["terms_"]) == list(sale.terms["steps"])
    assert said["terms_"] | {"steps": ()} == kept | {"steps": ()}
    assert said["parties"] == {
        "community": world.community.address,
        "founder": world.founder,
        "currency": world.currency,
        "membership": world.membership.address,
        "token": sale.token.address if sale.token else NATIVE,
    }


@pytest.mark.parametrize("asset", [UTILITY, RESTRICTED])
def test_token_says_its_terms(world: World, asset: int) -> None:
    sale = open_sale(world, asset)
    token = sale.token

    assert (token.name(), token.symbol(), token.decimals()) == ("Test Token", "TT", 18)
    assert (token.sale(), token.community()) == (sale.address, world.community.address)
    assert (token.currency(), token.maximum()) == (world.currency, MOST_TOKENS)
    assert (token.totalSupply(), token.restricted()) == (0, asset == RESTRICTED)


def test_sale_of_eight_steps_keeps_them_all(native: World) -> None:
    steps = tuple((COIN * number, COIN // 1000 + number) for number in range(1, 9))
    sale = open_sale(native, steps=steps, goal=COIN)

    assert steps_of(sale.chain.read(sale.contract.terms)["terms_"]) == list(steps)


def test_sale_before_its_start_is_planned(native: World) -> None:
    sale = open_sale(native, startsAt=native.chain.now + 1)

    assert sale.status() == PLANNED


def test_founder_is_the_owner_of_the_day(native: World) -> None:
    native.chain.send(native.community.offerOwnership, native.other, sender=native.founder)
    native.chain.send(native.community.acceptOwnership, sender=native.other)

    terms = terms_of(native.chain)
    made = native.chain.send(native.community.openSale, encoded(terms), sender=native.other).only("CrowdsaleMade")

    assert made["founder"] == native.other


@pytest.mark.parametrize("asset", [MEMBERSHIP, UTILITY])
def test_addresses_of_tells_where_a_sale_will_be(native: World, asset: int) -> None:
    terms = terms_of(native.chain, asset)
    factory = sales_of(native)

    addresses = native.chain.read(factory.addressesOf, native.community.address, encoded(terms))

    made = native.chain.send(native.community.openSale, encoded(terms), sender=native.founder).only("CrowdsaleMade")
    assert addresses == {"sale": made["sale"], "token": made["token"]}


def test_same_terms_of_another_community_give_another_address(native: World, tokened: World) -> None:
    """After a reorg nobody finds another sale at the address that it has seen."""
    terms = encoded(terms_of(native.chain))
    factory = sales_of(native)

    places = [native.chain.read(factory.addressesOf, each.community.address, terms) for each in (native, tokened)]

    assert len({place for each in places for place in each.values()}) == 4


@pytest.mark.parametrize("change", [{"salt": b"\1" * 32}, {"goal": COIN}, {"endsAt": 1_900_000_000}])
def test_other_terms_give_another_address(native: World, change: dict[str, Any]) -> None:
    terms = terms_of(native.chain)
    factory, community = sales_of(native), native.community.address

    places = [native.chain.read(factory.addressesOf, community, encoded(each)) for each in (terms, terms | change)]

    assert len({place for each in places for place in each.values()}) == 4


def test_make_reverts_when_the_same_was_made_before(native: World) -> None:
    terms = encoded(terms_of(native.chain))
    native.chain.send(native.community.openSale, terms, sender=native.founder)

    with native.chain.reverts("DeploymentFailed"):
        native.chain.send(native.community.openSale, terms, sender=native.founder)


def test_stranger_cannot_make_a_sale_of_a_community(native: World) -> None:
    """An account is no community: it answers nothing, and only the caller itself could be fooled."""
    with native.chain.reverts("unknown", data=b""):
        native.chain.send(sales_of(native).make, encoded(terms_of(native.chain)), sender=native.stranger)


@pytest.mark.parametrize(
    ("asset", "changes", "error", "arguments"),
    [
        (UTILITY, {"goal": 0}, "GoalInvalid", {"goal": 0, "cap": CAP}),
        (UTILITY, {"goal": CAP + 1}, "GoalInvalid", {"goal": CAP + 1, "cap": CAP}),
        (UTILITY, {"steps": ()}, "StepCountInvalid", {"count": 0, "most": 8}),
        (UTILITY, {"steps": [(i, i) for i in range(1, 10)]}, "StepCountInvalid", {"count": 9, "most": 8}),
        (UTILITY, {"steps": [(0, 1)]}, "StepInvalid", {"index": 0}),
        (UTILITY, {"steps": [(CAP, 0)]}, "StepInvalid", {"index": 0}),
        (UTILITY, {"steps": [(CAP, 1), (CAP, 2)]}, "StepInvalid", {"index": 1}),
        (UTILITY, {"steps": [(COIN, 2), (CAP, 2)]}, "StepInvalid", {"index": 1}),
        (MEMBERSHIP, {"steps": [(10 * PRICE - 1, PRICE)]}, "StepInvalid", {"index": 0}),
        (MEMBERSHIP, {"steps": [(PRICE, PRICE), (2 * PRICE, 2 * PRICE)]}, "StepInvalid", {"index": 1}),
        (UTILITY, {"accountMin": CAP + 1}, "AccountLimitsInvalid", {"accountMin": CAP + 1, "accountMax": 0}),
        (UTILITY, {"accountMin": 3, "accountMax": 2}, "AccountLimitsInvalid", {"accountMin": 3, "accountMax": 2}),
        (UTILITY, {"cliffSeconds": 400 * DAY}, "VestingInvalid", {"cliffSeconds": 400 * DAY, "vestingSeconds": YEAR}),
        (
            UTILITY,
            {"vestingSeconds": 10 * YEAR + 1},
            "VestingInvalid",
            {"cliffSeconds": 30 * DAY, "vestingSeconds": 10 * YEAR + 1},
        ),
        (UTILITY, {"stopThresholdBps": 1999}, "StopThresholdInvalid", {"bps": 1999, "least": 2000, "most": 5000}),
        (UTILITY, {"stopThresholdBps": 5001}, "StopThresholdInvalid", {"bps": 5001, "least": 2000, "most": 5000}),
        (UTILITY, {"lockupSeconds": 1}, "TermUnused", {"term": b"lockupSeconds".ljust(32, b"\0")}),
        (
            RESTRICTED,
            {"lockupSeconds": 10 * YEAR + 1},
            "LockupTooLong",
            {"lockupSeconds": 10 * YEAR + 1, "most": 10 * YEAR},
        ),
        (UTILITY, {"tokenName": ""}, "TokenNameInvalid", {"name": ""}),
        (UTILITY, {"tokenName": "n" * 65}, "TokenNameInvalid", {"name": "n" * 65}),
        (UTILITY, {"tokenSymbol": ""}, "TokenSymbolInvalid", {"symbol": ""}),
        (UTILITY, {"tokenSymbol": "s" * 17}, "TokenSymbolInvalid", {"symbol": "s" * 17}),
        (
            UTILITY,
            {"founderAllocation": 2**104 - 1},
            "SupplyTooLarge",
            {"maximum": 2**104 - 1 + MOST_TOKENS - ALLOCATION},
        ),
        (MEMBERSHIP, {"tierId": 0}, "TierMissing", {}),
        (MEMBERSHIP, {"tierId": 9}, "TierUnknown", {"tierId": 9}),
        (UTILITY, with_tier(tierId=9), "TierUnknown", {"tierId": 9}),
        (UTILITY, with_tier(tierId=FREE, tierPrice=0), "TierIsFree", {"tierId": FREE}),
        (UTILITY, with_tier(tierPrice=PRICE + 1), "TierPriceMismatch", {"expected": PRICE + 1, "price": PRICE}),
        (UTILITY, with_tier(tierPeriods=0), "TierPeriodsMissing", {"tierId": MONTHLY}),
        (
            UTILITY,
            with_tier(tierThreshold=12 * PRICE - 1),
            "TierThresholdTooLow",
            {"threshold": 12 * PRICE - 1, "least": 12 * PRICE},
        ),
    ],
)
def test_make_reverts_when_terms_do_not_make_sense(
    native: World, asset: int, changes: dict[str, Any], error: str, arguments: dict[str, Any]
) -> None:
    if error == "VestingInvalid":
        arguments = arguments | {"most": 10 * YEAR}
    if error == "SupplyTooLarge":
        arguments = arguments | {"most": 2**104 - 1}

    with native.chain.reverts(error, **arguments):
        open_sale(native, asset, **changes)


@pytest.mark.parametrize(
    ("starts", "ends"), [(0, 0), (0, -1), (2 * DAY, DAY), (DAY, DAY), (0, 2 * YEAR + 1)],
    ids=["ends now", "ended", "ends before it starts", "ends as it starts", "too long"],
)  # fmt: skip
def test_make_reverts_when_dates_do_not_make_sense(native: World, starts: int, ends: int) -> None:
    now = native.chain.now

    with native.chain.reverts("DatesInvalid", startsAt=now + starts, endsAt=now + ends, latest=now + 2 * YEAR):
        open_sale(native, startsAt=now + starts, endsAt=now + ends)


@pytest.mark.parametrize("asset", [MEMBERSHIP, UTILITY])
def test_make_reverts_when_the_tier_has_a_cap(ledger: Chain, factory: Any, asset: int) -> None:
    """Others could take the seats before the contributors claim, who would find none for their money."""
    world = community_of(ledger, factory, tiers=[tier(cap=1_000_000)])

    with ledger.reverts("TierCapped", tierId=MONTHLY, cap=1_000_000):
        open_sale(world, asset, **(with_tier() if asset == UTILITY else {}))


@pytest.mark.parametrize("term", ["tierPeriods", "tierPrice", "tierThreshold"])
def test_make_reverts_when_terms_of_a_tier_stand_without_one(native: World, term: str) -> None:
    with native.chain.reverts("TermUnused", term=term.encode().ljust(32, b"\0")):
        open_sale(native, **{term: 1})


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("tierPeriods", 1),
        ("tierPrice", 1),
        ("tierThreshold", 1),
        ("cliffSeconds", 1),
        ("vestingSeconds", 1),
        ("stopThresholdBps", 2000),
        ("founderAllocation", 1),
        ("lockupSeconds", 1),
        ("tokenName", "Name"),
        ("tokenSymbol", "S"),
    ],
)
def test_make_reverts_when_a_sale_of_memberships_speaks_of_tokens(native: World, term: str, value: Any) -> None:
    with native.chain.reverts("TermUnused", term=term.encode().ljust(32, b"\0")):
        open_sale(native, MEMBERSHIP, **{term: value})


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": STEPS, "goal": CAP},
        {"accountMin": CAP, "accountMax": CAP},
        {"cliffSeconds": 0, "vestingSeconds": 0},
        {"cliffSeconds": 10 * YEAR, "vestingSeconds": 10 * YEAR},
        {"stopThresholdBps": 2000},
        {"stopThresholdBps": 5000},
        {"tokenName": "n" * 64, "tokenSymbol": "s" * 16},
        {"founderAllocation": 2**104 - 1 - (MOST_TOKENS - ALLOCATION)},
        with_tier(tierThreshold=12 * PRICE),
    ],
)
def test_make_accepts_terms_at_the_limits(native: World, changes: dict[str, Any]) -> None:
    assert open_sale(native, **changes).totals()["raised"] == 0


def test_make_accepts_a_sale_of_two_years(native: World) -> None:
    assert open_sale(native, endsAt=native.chain.now + 2 * YEAR).totals()["raised"] == 0


def sales_of(world: World) -> Any:
    """The factory of the sales: who emits CrowdsaleMade."""
    chain: Chain = world.chain
    with chain.undone():
        receipt = chain.send(world.community.openSale, encoded(terms_of(chain)), sender=world.founder)
    made = next(event for event in receipt.events if event.name == "CrowdsaleMade")
    return chain.at("CrowdsaleFactory", made.address)
