"""An owner moves a community away by what this home prepares: nothing that was said is lost, and this home says so."""

from secrets import token_bytes
from typing import Any

import pytest
import requests

from backend.community.moving import ANCHORS
from scripts import holder
from scripts.member import Member, Refused
from tests.fixtures.koinon import FINALITY, Koinon

ELSEWHERE, OTHER_KEY = "https://other-home.example", "0x" + "77" * 20


class Owned:
    """A community with two posts, which are not anchored yet."""

    def __init__(self, koinon: Koinon) -> None:
        self.koinon, self.founder = koinon, koinon.member(1)
        self.community = koinon.open_community(self.founder, salt=token_bytes(32)).community
        koinon.await_head()
        self.say("One")
        self.say("Two")

    def say(self, title: str) -> None:
        self.founder.publish(self.community, title=title, teaser="A word.")

    def base(self) -> dict[str, Any]:
        return dict(self.founder.get(f"/api/communities/{self.community}/move"))

    def anchored(self) -> None:
        """The home's own worker has anchored all that was said."""
        self.koinon.anvil.mine(FINALITY)
        self.koinon.await_head()
        self.koinon.await_that(lambda: bool(self.base()["anchored"]))

    def move(self, who: Member | None = None, **changes: Any) -> None:
        base = self.base()
        fields = {"uri": ELSEWHERE, "home_key": OTHER_KEY} | {name: base[name] for name in ("sequence", "base_digest")}
        holder.send(who or self.founder, self.community, "move-home", **(fields | changes))

    def refusal(self, who: Member | None = None, **changes: Any) -> Refused:
        with pytest.raises(Refused) as refused:
            self.move(who, **changes)
        return refused.value


@pytest.fixture
def owned(koinon: Koinon) -> Owned:
    return Owned(koinon)


def test_a_move_waits_until_all_is_anchored_and_then_names_the_newest_record(owned: Owned) -> None:
    before = owned.base()
    assert (before["sequence"], before["covered"], before["anchored"], before["here"]) == (2, 0, False, True)
    assert owned.refusal().reason == "move-not-anchored"
    assert "Publish first" in owned.founder.page(f"/c/{owned.community}/manage/move")

    asked = owned.founder.post(f"/api/communities/{owned.community}/anchor", {})
    assert asked["sequence"] == 2
    owned.anchored()

    after = owned.base()
    assert (after["covered"], after["anchored"], after["base_digest"]) == (2, True, before["base_digest"])
    owned.say("Three")
    assert owned.refusal(sequence=2, base_digest=before["base_digest"]).reason == "move-base"
    assert owned.refusal().reason == "move-not-anchored"


def test_an_owner_cannot_make_the_home_pay_for_anchors_without_end(owned: Owned) -> None:
    def ask() -> None:
        owned.founder.post(f"/api/communities/{owned.community}/anchor", {})

    for _ in range(ANCHORS.most):
        ask()

    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.status == 429


def test_the_old_home_takes_no_words_and_says_where_the_community_went(owned: Owned) -> None:
    owned.anchored()
    assert "data-moved" not in owned.founder.page(f"/c/{owned.community}")

    owned.move()

    answer = owned.founder.get(f"/api/communities/{owned.community}")
    assert (answer["home_uri"], answer["home_key"].lower(), answer["epoch"]) == (ELSEWHERE, OTHER_KEY, 2)
    for path in ("", "/tiers", "/market", "/manage/move"):
        page = owned.founder.page(f"/c/{owned.community}{path}")
        assert "This community has moved to another host" in page
        assert f'href="{ELSEWHERE}/c/{owned.community}"' in page
    with pytest.raises(Refused) as refused:
        owned.say("Too late")
    assert (refused.value.status, refused.value.slug) == (503, "not-the-home")
    assert owned.refusal().reason == "move-elsewhere"
    assert 'data-form="move:go"' not in owned.founder.page(f"/c/{owned.community}/manage/move")


def test_a_new_address_of_the_same_home_is_all_that_it_needs(owned: Owned) -> None:
    owned.anchored()
    base, key = owned.base(), owned.koinon.host.home.address
    assert owned.refusal(uri=base["home_uri"], home_key=key).reason == "move-same"
    owned.move(uri="http://koinon.other", home_key=key)
    owned.anchored()

    owned.move(uri=owned.koinon.url, home_key=key)
    owned.say("At the old address again")

    moved = owned.base()
    assert (moved["epoch"], moved["sequence"], moved["here"]) == (3, 3, True)
    owned.anchored()
    proved = owned.koinon.verify(owned.community)
    assert (proved.records, proved.missing) == (3, [])


def test_only_the_owner_moves_a_community_and_asks_for_an_anchor(owned: Owned, koinon: Koinon) -> None:
    owned.anchored()
    stranger = koinon.member(5)

    assert owned.refusal(stranger).slug == "would-revert"
    with pytest.raises(Refused) as refused:
        stranger.page(f"/c/{owned.community}/manage/move")
    assert refused.value.status == 403
    with pytest.raises(Refused) as refused:
        stranger.post(f"/api/communities/{owned.community}/anchor", {})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "changes",
    [{"uri": "javascript:alert(1)"}, {"uri": "https://x.example/path"}, {"uri": ""}, {"home_key": "0x12"}],
    ids=str,
)
def test_malformed_homes_are_refused(owned: Owned, changes: dict[str, Any]) -> None:
    assert owned.refusal(**changes).status == 422


def test_a_home_says_what_its_address_and_key_are(koinon: Koinon) -> None:
    told = requests.get(f"{koinon.url}/api/home", timeout=10).json()

    assert told == {"uri": koinon.url, "key": koinon.host.home.address, "chain_id": koinon.anvil.chain_id}
