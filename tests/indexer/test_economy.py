"""What the real contracts' views say of a community with a history is what the tables say, to the last unit."""

import pytest

from indexer.tables.badges import BadgeClaim, BadgeLedger, BadgeRates
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community, CommunityRole, ShareChange, Split
from indexer.tables.membership import (
    EarningDay,
    Earnings,
    Ending,
    FormerMember,
    Grant,
    Membership,
    MembershipDay,
    Payment,
    Settlement,
    Tier,
)
from indexer.tables.renewals import Consent, Funds
from tests.factories.economy import DAY, FOREVER, FRIENDS, MEMBERS, PATRONS, Economy
from tests.factories.story import Story


@pytest.fixture
def economy(story: Story) -> Economy:
    """Months in which everything happened that can happen to a membership."""
    economy = Economy(story)
    founder, (alice, bob, carol, dave, erin, frank) = economy.founder, economy.people
    first = economy.join(alice)
    economy.anvil.advance(DAY)
    second = economy.join_agreeing(bob, badge=first)
    third = economy.join(carol, badge=first)
    economy.send("grant", [(dave, FRIENDS, 10 * DAY, 0), (alice, MEMBERS, 9 * DAY, first)], sender=founder)
    economy.send("addFunds", bob, sender=carol, value=3 * economy.price)
    economy.anvil.advance(20 * DAY)
    economy.send("settle", [first, second, third], sender=frank)
    economy.send("claim", [first], frank, sender=alice)
    economy.send("setRates", (600, 1_100, 1_600, 4, 20, 0), sender=founder)
    economy.send("adoptRates", first, sender=alice)
    economy.anvil.set_time(economy.held(bob)["expires_at"] - DAY)
    economy.send("renewFor", second, economy.price // 100, sender=frank)
    economy.send("cancel", third, carol, sender=carol)
    economy.send(
        "changeTier", first, PATRONS, 1, 10 * economy.price, ZERO_ADDRESS, 0, [], sender=alice, value=10 * economy.price
    )
    economy.send("revoke", first, sender=founder)
    fifth = economy.join(erin, badge=first)
    economy.send("setAutoRenew", fifth, (economy.price, 2, FOREVER), sender=erin)
    economy.anvil.advance(DAY)
    economy.send("burn", fifth, erin, sender=erin)
    economy.anvil.advance(40 * DAY)
    economy.send("releaseSeat", economy.held(dave)["token_id"], sender=frank)
    return economy


def test_every_membership_is_as_the_contract_says(economy: Economy) -> None:
    memberships = economy.rows(Membership)

    assert len(memberships) == 4
    for row in memberships:
        expires_at, tier_id, badge, unearned, settled_at, earned_at, rate, count_at, moves, flags = economy.view(
            "stateOf", row["token_id"]
        )
        assert (row["expires_at"], row["tier_id"], row["badge"]) == (expires_at, tier_id, badge)
        assert (row["unearned"], row["settled_at"], row["earned_at"]) == (unearned, settled_at, earned_at)
        assert (row["rate"], row["count_at"], row["transfer_count"]) == (rate, count_at * 3600, moves)
        assert (row["counted"], row["chosen"], row["released"]) == (bool(flags & 1), bool(flags & 2), bool(flags & 4))
        assert row["holder"] == economy.view("ownerOf", row["token_id"])


def test_every_seat_is_counted_as_the_contract_counts(economy: Economy) -> None:
    for tier in economy.rows(Tier):
        seats = economy.view("tierOf", tier["tier_id"])[7]

        assert tier["seats"] == seats, tier["label"]
    assert [tier["seats"] for tier in economy.rows(Tier)] == [0, 2, 1]


def test_every_badge_has_earned_what_the_contract_says(economy: Economy) -> None:
    ledgers = economy.rows(BadgeLedger)
    names = ("income", "claimed", "volume", "counted", "level", "version", "used", "minted")

    assert len(ledgers) == 2  # of who invited, and of who burned its membership
    for ledger in ledgers:
        assert tuple(ledger[name] for name in names) == economy.view("ledgerOf", ledger["badge"])
    inviting = ledgers[0]
    assert 0 < inviting["claimed"] < inviting["income"]
    assert [claim["amount"] for claim in economy.rows(BadgeClaim)] == [inviting["claimed"]]
    assert inviting["income"] == sum(row["badge_share"] for row in economy.rows(Settlement))


def test_rates_are_those_of_each_version(economy: Economy) -> None:
    rates = economy.rows(BadgeRates)
    names = ("bronze_bps", "silver_bps", "gold_bps", "silver_from", "gold_from", "volume_unit")

    assert [row["version"] for row in rates] == [0, 1]
    for row in rates:
        assert tuple(row[name] for name in names) == economy.view("ratesOf", row["version"])


def test_funds_and_earnings_are_those_of_the_contract(economy: Economy) -> None:
    funds = {row["account"]: row["amount"] for row in economy.rows(Funds)}
    [earnings] = economy.rows(Earnings)

    assert len(funds) == 3  # prepaid, a tip, and the refund of a revoked membership
    for account, amount in funds.items():
        assert amount == economy.view("fundsOf", account)
    assert (earnings["earned_total"], earnings["withdrawn_total"]) == economy.story.read(
        "Membership", economy.membership, "earnings"
    )
    assert earnings["earned_total"] == sum(row["earned"] - row["badge_share"] for row in economy.rows(Settlement))


def test_all_money_that_came_in_is_accounted_for(economy: Economy) -> None:
    paid = sum(row["amount"] - row["tip"] for row in economy.rows(Payment))
    unearned = sum(row["unearned"] for row in economy.rows(Membership))
    earned = sum(row["earned"] for row in economy.rows(Settlement))
    refunded = sum(row["refund"] for row in economy.rows(Ending))

    assert paid == unearned + earned + refunded


def test_what_happened_to_memberships_is_kept(economy: Economy) -> None:
    alice, bob, carol, dave, erin, _ = economy.people

    assert [(row["kind"], row["holder"]) for row in economy.rows(Ending)] == [
        ("cancel", carol),
        ("revoke", alice),
        ("burn", erin),
    ]
    assert [(row["holder"], row["granter"]) for row in economy.rows(Grant)] == [
        (dave, economy.founder),
        (alice, economy.founder),
    ]
    kinds = [(row["kind"], row["holder"]) for row in economy.rows(Payment)]
    assert kinds == [
        ("join", alice),
        ("join", bob),
        ("join", carol),
        ("join", dave),
        ("renewal", bob),
        ("tier", alice),
        ("join", erin),
    ]
    [kept] = economy.rows(FormerMember)
    assert (kept["account"], kept["badge"]) == (erin, economy.rows(BadgeLedger)[0]["badge"])


def test_consents_are_those_of_the_contract(economy: Economy) -> None:
    [consent] = economy.rows(Consent)

    max_price, periods_left, until = economy.view("consentOf", consent["token_id"])
    assert (consent["max_price"], consent["periods_left"], consent["until"]) == (max_price, periods_left, until)
    assert periods_left == 11  # a keeper has renewed once


def test_shares_and_offices_are_those_of_the_contract(economy: Economy) -> None:
    alice, bob = economy.people[:2]
    economy.govern("setSplits", [(alice, 1_000), (bob, 500)], economy.anvil.time + DAY)
    economy.govern("announceOperator", alice, 300)
    economy.govern("setRoles", bob, 6)
    economy.story.index()

    [row] = [row for row in economy.story.rows(Community) if row["address"] == economy.community]
    splits, locked_until = economy.story.read("Community", economy.community, "splits")
    announced = economy.story.read("Community", economy.community, "announcedOperator")
    newest = economy.rows(ShareChange)[-1]
    place = (newest["block_number"], newest["log_index"])
    parts = [each for each in economy.rows(Split) if (each["block_number"], each["log_index"]) == place]
    assert sorted((each["account"], each["bps"]) for each in parts) == sorted(splits)
    assert row["splits_locked_until"] == newest["splits_locked_until"] == locked_until
    assert (row["next_operator"], row["next_operator_bps"], row["next_operator_since"]) == announced
    assert {each["account"]: each["roles"] for each in economy.rows(CommunityRole)} == {bob: 6}


def test_days_add_up_to_what_the_other_tables_say(economy: Economy) -> None:
    days, held = economy.rows(MembershipDay), economy.rows(Membership)
    now = economy.anvil.time

    assert sum(day["paid"] for day in days) == sum(row["amount"] for row in economy.rows(Payment))
    assert sum(day["tips"] for day in days) == sum(row["tip"] for row in economy.rows(Payment))
    assert sum(day["refunded"] for day in days) == sum(row["refund"] for row in economy.rows(Ending))
    assert sum(day["badge_shares"] for day in days) == sum(row["badge_share"] for row in economy.rows(Settlement))
    assert sum(day["joined"] for day in days) == sum(row["kind"] == "join" for row in economy.rows(Payment))
    assert sum(day["started"] - day["ended"] for day in days) == 0  # whoever began will have ended
    for tier in economy.rows(Tier):
        past = [day for day in days if day["tier_id"] == tier["tier_id"] and day["day"] <= now // DAY]
        later = [
            row for row in held if row["tier_id"] == tier["tier_id"] and row["expires_at"] >= (now // DAY + 1) * DAY
        ]
        assert sum(day["started"] - day["ended"] for day in past) == len(later)
    assert sum(day["payers"] for day in days) == sum(row["earned_at"] > 0 for row in held)
    assert sum(day["invited"] for day in days) == sum(row["badge"] != 0 for row in held)
    assert sum(day["counted"] for day in days) == sum(row["badge"] != 0 and row["counted"] for row in held)
    assert sum(day["agreed"] for day in days) == len(economy.rows(Consent))
    assert sum(day["unearned"] for day in economy.rows(EarningDay)) == sum(row["unearned"] for row in held) > 0
