"""What the real badges, store, market, crowdsale and token say is what the tables say, to the last unit."""

import json
from typing import Any

import pytest

from indexer.tables.badges import Achievement, AchievementsHeld, AchievementToken, BadgeLedger
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.crowdsale import Contribution, ContributionPayment, Sale, SalePayout
from indexer.tables.holdings import HoldingChange, achievement_asset, badge_asset, contribution_asset, license_asset
from indexer.tables.market import Counter, Listing, Resale, Till
from indexer.tables.membership import Earnings
from indexer.tables.renewals import Funds
from indexer.tables.store import CreatorLedger, License, Product, Purchase, Tip
from indexer.tables.token import Token, TokenHolder
from tests.factories.economy import DAY, FOREVER, Economy
from tests.factories.story import Story
from tests.fixtures.koinon import Deployed

LABEL = b"Deed".ljust(32, b"\0")
DIGEST = b"\xd1" * 32
PRICE = 10**15
WHOLE = 10**18


@pytest.fixture
def economy(story: Story) -> Economy:
    return Economy(story)


def own(economy: Economy, model: Any, contract: str) -> list[dict[str, Any]]:
    """Rows of one contract: other tests of the module have left some."""
    economy.story.index()
    return [row for row in economy.story.rows(model) if row["contract"] == contract]


def held(economy: Economy, asset: str) -> dict[str, int]:
    """Who holds how much of an asset, by the history."""
    economy.story.index()
    changes = [row for row in economy.story.rows(HoldingChange) if row["asset"] == asset]
    changes.sort(key=lambda row: (row["block_number"], row["log_index"]))
    return {row["account"]: row["value"] for row in changes}


def test_badges_and_achievements_are_as_the_contract_says(economy: Economy) -> None:
    alice, bob, carol = economy.people[:3]
    send, read = economy.story.send, economy.story.read
    badge = economy.join(alice)
    economy.join(bob, badge=badge)
    send("Badges", economy.badges, "mint", badge, sender=alice)
    send("Badges", economy.badges, "transferFrom", alice, carol, badge, sender=alice)
    params = (LABEL, 5, False, bob, 3, "For deeds", "https://example.org")
    send("Badges", economy.badges, "createAchievement", params, sender=economy.founder)
    send("Badges", economy.badges, "grantAchievement", 1, [alice, bob, bob], sender=economy.founder)
    first, second, third = (1 << 40 | serial for serial in (1, 2, 3))
    send("Badges", economy.badges, "transferFrom", alice, carol, first, sender=alice)
    send("Badges", economy.badges, "burn", third, sender=bob)

    [ledger] = own(economy, BadgeLedger, economy.membership)
    assert (ledger["owner"],) == read("Badges", economy.badges, "ownerOf", badge) == (carol,)
    assert (ledger["transfer_count"],) == read("Badges", economy.badges, "transferCountOf", badge) == (1,)
    assert held(economy, badge_asset(economy.membership, badge)) == {alice: 0, carol: 1}
    [row] = own(economy, Achievement, economy.badges)
    [(_, cap, made, locked, issuer, allowance, description, uri)] = read("Badges", economy.badges, "achievementOf", 1)
    assert (row["cap"], row["made"], row["locked"], row["issuer"]) == (cap, made, locked, issuer)
    assert (row["allowance"], row["description"], row["uri"]) == (allowance, description, uri)
    tokens = own(economy, AchievementToken, economy.badges)
    assert [token["token_id"] for token in tokens] == [first, second]
    for token in tokens:
        assert (token["owner"],) == read("Badges", economy.badges, "ownerOf", token["token_id"])
        count = read("Badges", economy.badges, "transferCountOf", token["token_id"])
        assert (token["transfer_count"],) == count
    counts = {each["account"]: each["tokens"] for each in own(economy, AchievementsHeld, economy.badges)}
    assert counts == held(economy, achievement_asset(economy.badges, 1)) == {alice: 0, bob: 1, carol: 1}


def test_the_store_is_as_the_contract_says(economy: Economy) -> None:
    alice, bob, carol = economy.people[:3]
    send, read, store = economy.story.send, economy.story.read, economy.store
    badge = economy.join(alice)
    member = economy.join(bob, badge=badge)
    params = (1, LABEL, DIGEST, PRICE, 0, 10, 500, carol, 1_000)
    send("Store", store, "list", params, badge, sender=alice)
    send("Store", store, "list", (2, LABEL, DIGEST, PRICE, 30 * DAY, 0, 0, carol, 1_000), badge, sender=alice)
    for product_id, quantity in ((1, 3), (2, 1), (2, 2)):
        purchase = (product_id, quantity, PRICE, ZERO_ADDRESS, 1, bob, member)
        send("Store", store, "buy", purchase, sender=bob, value=quantity * PRICE)
    send("Store", store, "safeTransferFrom", bob, alice, 1, 2, b"", sender=bob)
    tip = (carol, 1, PRICE, ZERO_ADDRESS, member, b"\0" * 32)
    send("Store", store, "tip", tip, sender=bob, value=PRICE)
    send("Store", store, "claim", carol, carol, sender=carol)
    send("Store", store, "tip", tip, sender=bob, value=PRICE)
    send("Community", economy.community, "collect", store, economy.founder, sender=alice)

    for row in own(economy, Product, store):
        [product] = read("Store", store, "productOf", row["product_id"])
        names = ("creator", "payout", "price", "cap", "units", "period_seconds", "retires_at", "version")
        assert tuple(row[name] for name in names) == product[:8]
        assert row["digest"] == "0x" + product[-1].hex()
    licenses = own(economy, License, store)
    assert len(licenses) == 3
    for row in licenses:
        key = (row["account"], row["product_id"])
        assert (row["units"],) == read("Store", store, "balanceOf", *key)
        assert (row["valid_until"],) == read("Store", store, "licenseOf", *key)
    assert held(economy, license_asset(store, 1)) == {alice: 2, bob: 1}
    [ledger] = own(economy, CreatorLedger, store)
    assert (ledger["credited"], ledger["claimed"]) == read("Store", store, "ledgerOf", carol)
    assert 0 < ledger["claimed"] < ledger["credited"]
    [earnings] = own(economy, Earnings, store)
    assert (earnings["earned_total"], earnings["withdrawn_total"]) == read("Store", store, "earnings")
    assert earnings["withdrawn_total"] > 0
    payments = [*own(economy, Purchase, store), *own(economy, Tip, store)]
    [badge_row] = own(economy, BadgeLedger, economy.membership)
    assert sum(each["payee_share"] for each in payments) == ledger["credited"]
    assert sum(each["community_share"] for each in payments) == earnings["earned_total"]
    assert sum(each["badge_share"] for each in payments) == badge_row["income"] > 0


def test_the_market_is_as_the_contract_says(economy: Economy, deployed: Deployed) -> None:
    alice, bob, carol, dave = economy.people[:4]
    send, read = economy.story.send, economy.story.read
    document = json.loads((deployed.folder / f"{economy.anvil.chain_id}.json").read_text())
    market = document["contracts"]["Market"]["address"]
    badge = economy.join(alice)
    send("Badges", economy.badges, "mint", badge, sender=alice)
    send("Badges", economy.badges, "setApprovalForAll", market, True, sender=alice)
    fields = (alice, economy.badges, economy.membership, badge, ZERO_ADDRESS, PRICE, 0, carol, 100, ZERO_ADDRESS)
    listing = (*fields, 0, FOREVER, 0, 0, 0, 0, 0, False, 0, 7)
    [digest] = read("Market", market, "listingDigest", listing)
    signature = economy.sign(0, digest)
    send("Market", market, "announceListing", listing, signature, sender=dave)
    send("Market", market, "buy", listing, signature, ZERO_ADDRESS, 0, sender=bob, value=PRICE)
    send("Market", market, "addFunds", dave, sender=dave, value=5)
    send("Market", market, "raiseCounter", sender=dave)
    till = read("Market", market, "tillOf", economy.badges, economy.membership, carol)

    [row] = [row for row in own(economy, Listing, market) if row["community"] == economy.community]
    assert (row["digest"], row["state"], row["salt"]) == ("0x" + digest.hex(), "sold", 7)
    [resale] = [row for row in own(economy, Resale, market) if row["community"] == economy.community]
    assert (resale["seller"], resale["buyer"], resale["price"]) == (alice, bob, PRICE)
    [ledger] = own(economy, BadgeLedger, economy.membership)
    assert (ledger["owner"], ledger["transfer_count"]) == (bob, 1)
    [mine] = [row for row in own(economy, Till, market) if row["community"] == economy.community]
    assert (mine["royalties"], mine["fees"]) == till == (resale["royalty"], resale["fee"])
    [funds] = [row for row in own(economy, Funds, market) if row["account"] == dave]
    assert (funds["amount"],) == read("Market", market, "fundsOf", dave)
    [counter] = [row for row in own(economy, Counter, market) if row["account"] == dave]
    assert (counter["counter"],) == read("Market", market, "counterOf", dave)


def open_sale(economy: Economy, **changes: Any) -> str:
    """Address of a sale of a utility token that is open now."""
    fields: dict[str, Any] = {
        "salt": b"\1" * 32,
        "asset": 1,
        "startsAt": 0,
        "endsAt": economy.anvil.time + DAY,
        "goal": 10 * PRICE,
        "accountMin": PRICE,
        "accountMax": 0,
        "allowRoot": b"\0" * 32,
        "steps": [(10 * PRICE, PRICE), (30 * PRICE, 2 * PRICE)],
        "tierId": 0,
        "tierPeriods": 0,
        "tierPrice": 0,
        "tierThreshold": 0,
        "cliffSeconds": 0,
        "vestingSeconds": 100 * DAY,
        "stopThresholdBps": 5_000,
        "founderAllocation": 5 * WHOLE,
        "lockupSeconds": 0,
        "tokenName": "Circle",
        "tokenSymbol": "CIR",
    }
    economy.govern("openSale", tuple((fields | changes).values()))
    economy.story.index()
    [sale] = [row for row in economy.story.rows(Sale) if row["community"] == economy.community]
    return str(sale["address"])


def test_a_crowdsale_and_its_token_are_as_the_contracts_say(economy: Economy) -> None:
    alice, bob, carol, dave = economy.people[:4]
    send, read = economy.story.send, economy.story.read
    sale = open_sale(economy)
    for account, amount in ((alice, 12 * PRICE), (bob, 6 * PRICE), (alice, 4 * PRICE)):
        arguments = (amount, 2 * PRICE, ZERO_ADDRESS, account, 0)
        send("Crowdsale", sale, "contribute", *arguments, sender=account, value=amount)
    economy.anvil.advance(2 * DAY)
    send("Crowdsale", sale, "finalize", sender=dave)
    economy.anvil.advance(25 * DAY)
    send("Crowdsale", sale, "release", sender=dave)
    for account in (alice, economy.founder):
        send("Crowdsale", sale, "claimTokens", account, sender=dave)
    [row] = [row for row in economy.story.rows(Sale) if row["address"] == sale]
    token = row["token"]
    send("CommunityToken", token, "transfer", carol, 3, sender=alice)
    send("Crowdsale", sale, "voteStop", sender=alice)
    send("Crowdsale", sale, "claimRefund", bob, sender=bob)
    economy.story.index()

    [row] = [row for row in economy.story.rows(Sale) if row["address"] == sale]
    [totals] = read("Crowdsale", sale, "totals")
    names = ("raised", "tier_money", "finalized_at", "released", "votes", "stopped_at", "electorate")
    assert tuple(row[name] for name in names) == totals
    assert row["stopped_at"] > 0
    contributions = own(economy, Contribution, sale)
    assert len(contributions) == 3  # the founder has an allocation
    for each in contributions:
        [contribution] = read("Crowdsale", sale, "contributionOf", each["account"])
        [claims] = read("Crowdsale", sale, "claimsOf", each["account"])
        said = tuple(each[name] for name in ("amount", "bought", "badge", "tier", "voted"))
        assert said == contribution
        assert (each["claimed_tokens"], each["claimed_periods"], each["paid"]) == claims[:3]
        assert (each["refunded"] > 0) == claims[3]
    left = {each["account"]: each["amount"] - each["refunded"] for each in contributions if each["amount"]}
    assert held(economy, contribution_asset(sale)) == left
    assert sum(each["amount"] for each in own(economy, ContributionPayment, sale)) == row["raised"]
    paid_out = sum(each["amount"] for each in own(economy, SalePayout, sale))
    balance = int(economy.anvil.rpc("eth_getBalance", sale, "latest"), 16)
    assert balance == row["raised"] - paid_out
    token_is_as_the_contract_says(economy, token)


def token_is_as_the_contract_says(economy: Economy, token: str) -> None:
    read = economy.story.read
    [mirrored] = [each for each in economy.story.rows(Token) if each["address"] == token]
    assert (mirrored["supply"],) == read("CommunityToken", token, "totalSupply")
    holders = own(economy, TokenHolder, token)
    for holder in holders:
        assert (holder["balance"],) == read("CommunityToken", token, "balanceOf", holder["account"])
    assert held(economy, token) == {holder["account"]: holder["balance"] for holder in holders}


def test_a_sale_of_memberships_makes_members(economy: Economy) -> None:
    alice = economy.people[0]
    send = economy.story.send
    none = {"vestingSeconds": 0, "stopThresholdBps": 0, "founderAllocation": 0, "tokenName": "", "tokenSymbol": ""}
    steps = [(40 * PRICE, PRICE)]
    sale = open_sale(economy, asset=0, tierId=2, steps=steps, **none)
    send("Crowdsale", sale, "contribute", 12 * PRICE, PRICE, ZERO_ADDRESS, alice, 0, sender=alice, value=12 * PRICE)
    economy.anvil.advance(2 * DAY)
    send("Crowdsale", sale, "finalize", sender=alice)
    send("Crowdsale", sale, "claimMembership", alice, alice, 12, 0, sender=alice)

    member = economy.held(alice)
    [payout] = own(economy, SalePayout, sale)
    assert (payout["kind"], payout["token_id"], payout["periods"]) == ("membership", member["token_id"], 12)
    assert member["unearned"] == payout["amount"] == 12 * PRICE
    [contribution] = own(economy, Contribution, sale)
    assert (contribution["claimed_periods"], contribution["paid"]) == (12, 12 * PRICE)
