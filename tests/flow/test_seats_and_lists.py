"""Places on lists, seats that are freed, memberships that are burned, rates and strays: prepared by the API, sent to a
real node as they are, and then as they were shown.
"""

import pytest
from eth_utils.address import to_checksum_address

from scripts.coin import mint, put_coin
from scripts.economy import reading
from scripts.member import Refused
from tests.browser.conftest import on_sqlite
from tests.fixtures.koinon import MONTH, NOBODY, PRICE, Koinon
from tests.flow.test_membership_desk import Place

pytestmark = on_sqlite
DAY = 86_400


@pytest.fixture
def place(koinon: Koinon) -> Place:
    return Place(koinon)


def test_who_is_on_the_list_joins_and_nobody_else(place: Place) -> None:
    guest, other = place.koinon.member(3), place.koinon.member(4)
    tier = place.tier("Guests", listed=[guest, place.founder])

    done = place.do(guest, "join", tier_id=tier)

    assert place.held(guest)["tier_id"] == tier
    assert "Guests" in done["summary"]
    with pytest.raises(Refused) as refused:
        place.do(other, "join", tier_id=tier)
    assert refused.value.reason == "not-on-list"
    with pytest.raises(Refused) as refused:
        other.post(f"/api/communities/{place.community}/transactions/join", {"account": guest.address, "tier_id": tier})
    assert refused.value.reason == "list-sign-in"


def test_who_is_on_the_list_changes_to_the_tier(place: Place) -> None:
    member, held = place.joined(5)
    tier = place.tier("Old hands", listed=[member, place.founder])
    shown = member.get(f"/api/communities/{place.community}/memberships/{held['token_id']}/changes/{tier}?periods=1")

    fields = {"periods": 1, "pays": shown["due"], "min_expires_at": shown["min_expires_at"]}
    place.do(member, "change-tier", token_id=held["token_id"], tier_id=tier, **fields)

    assert place.held(member)["tier_id"] == tier


def test_late_renewal_of_a_listed_tier_passes_the_proof(place: Place) -> None:
    guest = place.koinon.member(6)
    tier = place.tier("Late guests", listed=[guest, place.founder])
    place.do(guest, "join", tier_id=tier)
    token = place.held(guest)["token_id"]
    place.wait(MONTH + 8 * DAY)
    guest.sign_in()

    place.do(guest, "renew", token_id=token)

    assert not place.held(guest)["expired"]


def test_seat_of_who_left_long_ago_is_taken_by_a_join_or_released(place: Place) -> None:
    gone, other, newcomer = (place.koinon.member(number) for number in (7, 8, 9))
    tier = place.tier("Two chairs", cap=2)
    for member in (gone, other):
        place.do(member, "join", tier_id=tier)
    first, second = (place.held(member)["token_id"] for member in (gone, other))
    with pytest.raises(Refused) as refused:
        place.do(newcomer, "release-seat", token_id=first)
    assert refused.value.reason == "seat-kept"
    place.wait(MONTH + 31 * DAY)
    newcomer.sign_in()
    assert f'data-seat="{first}"' in newcomer.page(f"/c/{place.community}/join?tier={tier}")

    place.do(newcomer, "join", tier_id=tier, released_id=first)
    place.do(newcomer, "release-seat", token_id=second)

    assert place.held(newcomer)["tier_id"] == tier
    state = next(each for each in newcomer.get(f"/api/communities/{place.community}/tiers") if each["id"] == tier)
    assert (state["seats"], state["state"]) == (1, "open")


def test_burned_membership_is_gone_and_its_badge_stays(place: Place) -> None:
    member, held = place.joined(3)

    done = place.do(member, "burn", token_id=held["token_id"])

    assert "comes back to this wallet" in done["summary"]
    assert place.held(member) is None
    assert f"/badges/{held['token_id']}" in member.page("/account/badges")


def test_rates_are_those_of_badges_that_are_first_used_later(place: Place) -> None:
    rates = {"bronze_bps": 600, "silver_bps": 1_200, "gold_bps": 1_800, "silver_from": 4, "gold_from": 20}

    done = place.do(place.founder, "rates", **rates)

    assert "get 6%, 12% or 18%" in done["summary"]
    page = place.founder.page(f"/c/{place.community}/manage/tiers")
    assert 'name="bronze" inputmode="decimal" required autocomplete="off" value="6"' in page
    with pytest.raises(Refused) as refused:
        place.do(place.founder, "rates", **{**rates, "gold_bps": 1_000})
    assert refused.value.status == 422


def test_stray_token_is_sent_on_and_the_currency_never(place: Place) -> None:
    bank, founder = place.koinon.member(9), place.founder
    coin = put_coin(bank.node, bank.account, name="Stray", symbol="STRAY")
    mint(bank.node, bank.account, coin, place.membership, 5)
    strays = f"/api/communities/{place.community}/strays?place=memberships&token={coin}"
    assert founder.get(strays)["amount"] == "5"
    with pytest.raises(Refused) as refused:
        place.do(bank, "sweep", place="memberships", token=coin)
    assert refused.value.problem["error"] == "RoleMissing"

    place.do(founder, "sweep", place="memberships", token=coin, to=bank.address)

    assert founder.get(strays)["amount"] == "0"
    for asked, reason in ((None, "stray-currency"), (coin, "stray-nothing")):
        with pytest.raises(Refused) as refused:
            place.do(founder, "sweep", place="memberships", token=asked)
        assert refused.value.reason == reason


def test_stray_token_in_a_crowdsale_is_passed_to_the_community_by_anybody(place: Place) -> None:
    bank, founder = place.koinon.member(9), place.founder
    terms = {
        "salt": "0x" + "05" * 32,
        "asset": "utility",
        "starts_at": 0,
        "ends_at": founder.node.time + 8 * DAY,
        "goal": PRICE,
        "steps": [{"up_to": 2 * PRICE, "price": PRICE}],
        "vesting_seconds": MONTH,
        "stop_threshold_bps": 3_300,
        "token_name": "Bench",
        "token_symbol": "BENCH",
    }
    place.do(founder, "open-sale", terms=terms)
    [opened] = founder.get(f"/api/communities/{place.community}/sales")
    sale = {"place": "sale", "sale": opened["address"]}
    coin = put_coin(bank.node, bank.account, name="Astray", symbol="ASTRAY")
    mint(bank.node, bank.account, coin, to_checksum_address(opened["address"]), 7)
    assert f'data-sale="{opened["address"].lower()}"' in founder.page(f"/c/{place.community}/manage/money")

    done = place.do(bank, "sweep", **sale, token=coin)

    assert "where it is income" in done["summary"]
    left = founder.get(f"/api/communities/{place.community}/strays?place=sale&sale={sale['sale']}&token={coin}")
    assert left["amount"] == "0"
    assert reading(bank.node, "CommunityToken", coin, "balanceOf", to_checksum_address(place.community)) == 7


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"place": "sale", "sale": NOBODY, "token": NOBODY}, 404),
        ({"place": "sale", "sale": NOBODY, "to": NOBODY, "token": NOBODY}, 422),
        ({"place": "sale", "token": NOBODY}, 422),
        ({"place": "store", "sale": NOBODY, "token": NOBODY}, 422),
    ],
    ids=str,
)
def test_a_crowdsale_whose_strays_are_meant_is_named_and_is_the_communitys(
    place: Place, asked: dict[str, str], status: int
) -> None:
    with pytest.raises(Refused) as refused:
        place.do(place.founder, "sweep", **asked)
    assert refused.value.status == status
