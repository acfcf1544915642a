"""Badges.tokenURI, imageOf and contractURI: JSON and pictures"""

from typing import Any

import pytest

from backend.currency import NATIVE_SYMBOLS
from scripts.solc import artifacts
from tests.factories import evm
from tests.factories.badges import (
    HOSTILE,
    create,
    credit,
    document,
    granted,
    invite,
    minted,
    texts,
    token_id,
    trait,
)
from tests.factories.communities import MONTH, PRICE, World, community_of, factory_of
from tests.factories.contracts import Chain

LEVELS = {"bronze": 0, "silver": 1, "gold": 2}
STARS = 'y="46"'


def read(world: World, token: int) -> dict[str, Any]:
    return document(world.badges.tokenURI(token))


@pytest.fixture(scope="session")
def open_to_gold(ledger: Chain, factory: Any) -> World:
    """Silver from 1, gold from 2 counted members."""
    return community_of(ledger, factory, rates=(500, 1_050, 1_500, 1, 2, 0))


def test_token_uri_of_a_referral_badge(native: World) -> None:
    badge = minted(native)
    credit(native, badge, 15 * 10**16)
    native.chain.send(native.membership.claim, [badge], native.member, sender=native.member)
    credit(native, badge, 123 * 10**13)

    parsed = read(native, badge)

    assert texts(parsed.pop("image")) == [
        *("BRONZE", "Test Community", "0", "5 %", "0.1512 ETH"),
        *("INVITED", "SHARE", "INCOME", "REFERRAL BADGE", "No. 1-1"),
    ]
    assert parsed == {
        "name": "Test Community: bronze badge No. 1-1",
        "description": "Invites members to Test Community. Its owner gets 5 % of whatever those whom it invited pay, "
        "now and later.",
        "attributes": [
            {"trait_type": "kind", "value": "referral badge"},
            {"trait_type": "level", "value": "bronze"},
            {"display_type": "number", "trait_type": "invited", "value": 0},
            {"trait_type": "share", "value": "5 %"},
            {"trait_type": "income", "value": "0.1512 ETH"},
            {"trait_type": "unclaimed", "value": "0.0012 ETH"},
        ],
    }


@pytest.mark.parametrize(("level", "share"), [("bronze", "5 %"), ("silver", "10.5 %"), ("gold", "15 %")])
def test_token_uri_follows_the_level(open_to_gold: World, level: str, share: str) -> None:
    world, count = open_to_gold, LEVELS[level]
    badge = minted(world)
    invited = [invite(world, badge, world.chain.accounts[6 + i]) for i in range(count)]
    world.chain.advance(MONTH)
    world.settle(*invited)

    parsed = read(world, badge)

    assert (trait(parsed, "level"), trait(parsed, "invited"), trait(parsed, "share")) == (level, count, share)
    assert texts(parsed["image"])[:4] == [level.upper(), "Test Community", str(count), share]
    assert parsed["image"].count(STARS) == count + 1


def test_token_uri_shows_each_badge_another_pattern(native: World, hosted: World) -> None:
    images = [read(native, minted(native))["image"], read(native, minted(native, sender=native.other))["image"]]
    images.append(read(hosted, minted(hosted))["image"])

    patterns = {image[image.index("<ellipse") : image.index('<g id="h"')] for image in images}

    assert len(patterns) == 3


def test_token_uri_in_an_erc20(tokened: World) -> None:
    badge = minted(tokened)
    credit(tokened, badge, 412_500_000)

    assert trait(read(tokened, badge), "income") == "412.5 TUSD"


@pytest.mark.parametrize(
    ("income", "shown"),
    [
        (0, "0"),
        (1, "<0.0001"),
        (10**14 - 1, "<0.0001"),
        (10**14, "0.0001"),
        (1_0409 * 10**14 + 1, "1.0409"),
        (10**18, "1"),
        (999_9999 * 10**14, "999.9999"),
        (1_000 * 10**18 + 10**17, "1000"),
    ],
)
def test_token_uri_rounds_income_down_to_four_places(native: World, income: int, shown: str) -> None:
    badge = minted(native)
    if income:
        credit(native, badge, income)

    assert trait(read(native, badge), "income") == f"{shown} ETH"


@pytest.mark.parametrize(
    ("decimals", "income", "shown"),
    [
        (0, 7, "7"),
        (2, 705, "7.05"),
        (2, 1, "0.01"),
        (36, 10**33, "0.001"),
        (78, 10**30, "<0.0001"),
        (255, 1, "<0.0001"),
    ],
)
def test_token_uri_takes_any_decimals(ledger: Chain, factory: Any, decimals: int, income: int, shown: str) -> None:
    world = community_of(ledger, factory, token=ledger.deploy("MockToken", "Odd", "ODD", decimals))
    badge = minted(world)
    credit(world, badge, income)

    assert trait(read(world, badge), "income") == f"{shown} ODD"


def test_token_uri_of_a_currency_that_does_not_name_itself(ledger: Chain, factory: Any) -> None:
    """Neither symbol nor decimals: base units, without a name."""
    world = community_of(ledger, factory, currency=ledger.deploy("HostileAccount").address)
    image = world.badges.imageOf(1)

    assert texts(image)[4] == "0 "


@pytest.mark.parametrize(("chain_id", "symbol"), [*NATIVE_SYMBOLS.items(), (1, "ETH")])
def test_native_symbols_are_those_of_the_backend(monkeypatch: pytest.MonkeyPatch, chain_id: int, symbol: str) -> None:
    monkeypatch.setattr(evm, "CHAIN_ID", chain_id)
    chain = evm.Evm(artifacts())
    world = community_of(chain, factory_of(chain))

    assert trait(read(world, minted(world)), "income") == f"0 {symbol}"


def test_token_uri_of_an_achievement(native: World) -> None:
    achievement_id = create(native, cap=100, description="Was there.", uri="https://home.example/a?b=c&d")
    token = granted(native, achievement_id, native.member)

    parsed = read(native, token)

    assert texts(parsed.pop("image")) == [
        *("First Light", "Test Community", "1 of 100", "COMMUNITY", "NUMBER", "ACHIEVEMENT", "TRANSFERABLE"),
    ]
    assert parsed == {
        "name": "First Light #1",
        "description": "Was there.",
        "external_url": "https://home.example/a?b=c&d",
        "attributes": [
            {"trait_type": "kind", "value": "achievement"},
            {"trait_type": "achievement", "value": "First Light"},
            {"trait_type": "community", "value": "Test Community"},
            {"trait_type": "number", "value": "1"},
            {"trait_type": "of", "value": "100"},
            {"trait_type": "locked", "value": "no"},
        ],
    }


def test_token_uri_of_a_locked_achievement_without_a_cap(native: World) -> None:
    token = granted(native, create(native, locked=True), native.member)

    parsed = read(native, token)

    assert (trait(parsed, "of"), trait(parsed, "locked")) == ("no limit", "yes")
    assert texts(parsed["image"])[2:] == ["1", "COMMUNITY", "NUMBER", "ACHIEVEMENT", "LOCKED"]


def test_token_uri_shows_what_was_told_anew(native: World) -> None:
    achievement_id = create(native, description="Old.")
    token = granted(native, achievement_id, native.member)

    native.chain.send(native.badges.setAchievementText, achievement_id, "New.", "ipfs://x", sender=native.founder)

    assert (read(native, token)["description"], read(native, token)["external_url"]) == ("New.", "ipfs://x")


def test_image_of_is_the_picture_of_the_document(native: World) -> None:
    badge, token = minted(native), granted(native, create(native), native.member)

    assert native.badges.imageOf(badge) == read(native, badge)["image"]
    assert native.badges.imageOf(token) == read(native, token)["image"]


def test_image_of_shows_a_badge_before_it_is_a_token(native: World) -> None:
    badge = native.join()

    assert texts(native.badges.imageOf(badge))[:2] == ["BRONZE", "Test Community"]


def test_contract_uri_is_json_of_the_community(native: World) -> None:
    parsed = document(native.badges.contractURI())

    assert texts(parsed.pop("image"))[:2] == ["GOLD", "Test Community"]
    assert parsed == {
        "name": native.badges.name(),
        "symbol": native.badges.symbol(),
        "description": "Referral badges and achievements of Test Community.",
    }


def test_attack_names_that_break_out_of_text_and_json(ledger: Chain, factory: Any) -> None:
    """They are shown as what they are; `texts` refuses anything but a picture."""
    token = ledger.deploy("MockToken", HOSTILE, HOSTILE[:16], 6)
    world = community_of(ledger, factory, name=HOSTILE + "~0~A99999]]>", symbol=HOSTILE[:16], token=token)
    label = HOSTILE.encode().ljust(32, b"\0")
    achievement_id = create(world, label=label, description=HOSTILE + "\n~1", uri="https://" + HOSTILE)
    badge, deed = minted(world), granted(world, achievement_id, world.member)
    name = HOSTILE + "~0~A99999]]>"

    parsed, other, whole = read(world, badge), read(world, deed), document(world.badges.contractURI())

    assert parsed["name"] == f"{name}: bronze badge No. 1-1"
    assert trait(parsed, "income") == f"0 {HOSTILE[:16]}"
    assert texts(parsed["image"])[1:5] == [name, "0", "5 %", f"0 {HOSTILE[:16]}"]
    assert (other["name"], other["external_url"]) == (f"{HOSTILE} #1", f"https://{HOSTILE}")
    assert other["description"] == HOSTILE + " ~1"
    assert texts(other["image"])[:2] == [HOSTILE, name]
    assert (whole["name"], whole["symbol"]) == (f"{name} Badges", f"{HOSTILE[:16]}-B")


def test_attack_label_that_is_not_text(native: World) -> None:
    """Control characters, broken UTF-8 and what XML forbids are left out."""
    label = b"a\x01\x1b\x7f\xff\xc0\xaf\xed\xa0\x80\xef\xbf\xbf\xc2\x85\xf4\x90\x80\x80\xe2\x82b".ljust(32, b"\0")
    token = granted(native, create(native, label=label), native.member)

    parsed = read(native, token)

    assert parsed["name"] == "ab #1"
    assert texts(parsed["image"])[0] == "ab"


def test_label_of_any_script_is_shown(native: World) -> None:
    label = "\u00e9\u20ac\U0001f600\uff01\ufffd\uffbd"  # 2, 3 and 4 bytes, and those beside what XML forbids
    token = granted(native, create(native, label=label.encode().ljust(32, b"\0")), native.member)

    parsed = read(native, token)

    assert parsed["name"] == f"{label} #1"
    assert texts(parsed["image"])[0] == label


def test_long_names_get_smaller_letters(ledger: Chain, factory: Any) -> None:
    sizes = []
    for name in ("Short", "Not so short, but still", "W" * 64):
        world = community_of(ledger, factory, name=name)
        image = world.badges.imageOf(world.join())
        element = image[: image.index(f">{name}<")].rpartition("<text")[2]
        sizes.append(float(element.partition('font-size="')[2].partition('"')[0]))

    assert sizes[0] == 23 > sizes[1] > sizes[2] > 3


def test_token_uri_of_the_largest_figures(native: World) -> None:
    achievement_id = create(native, cap=2**32 - 1)
    token = granted(native, achievement_id, native.member)

    assert token == token_id(achievement_id, 1)
    assert texts(read(native, token)["image"])[2] == "1 of 4294967295"


def test_earning_shows_after_a_settlement(native: World) -> None:
    badge = minted(native)
    member = invite(native, badge, native.other)
    native.chain.advance(MONTH)
    assert trait(read(native, badge), "income") == "0 ETH"

    native.settle(member)

    assert trait(read(native, badge), "income") == f"{PRICE * 5 // 100 / 10**18} ETH"
