"""The community's front page: its topics, who invites, and what its owner still has to do."""

import json

from backend import clock
from backend.community.acts import PROFILE_TYPE
from backend.community.art import LOOKS
from tests.factories.home import COMMUNITY, TestHome, body_of, membership_row
from tests.factories.mirrored_badges import BADGE, ledger, rates

FRONT = f"/c/{COMMUNITY}"


def test_topics_lead_to_communities_like_this(home: TestHome) -> None:
    words = json.dumps({"tagline": "", "about": "", "topics": ["dark skies"]})
    staged = home.stage(home.owner, words, media_type=PROFILE_TYPE)
    home.say(home.owner, "community.profile", wallet=True, body=body_of(staged))

    assert 'href="/?topic=dark+skies#communities">dark skies</a>' in home.client().get(FRONT).text


def test_invitation_stands_before_the_posts(home: TestHome) -> None:
    home.write(rates(), ledger("0x" + "aa" * 20))
    home.publish("The first post")

    page = home.client().get(f"{FRONT}?badge={BADGE}").text

    assert -1 < page.find("invites you.") < page.find("The first post")
    assert "invites you." not in home.client().get(FRONT).text


def test_step_to_invite_stays_done_when_the_first_member_has_expired(home: TestHome) -> None:
    client = home.client(home.owner)
    home.write(membership_row(1, home.owner.account, 1, clock.now() + 9, 1))
    alone = client.get(FRONT).text
    home.write(membership_row(2, "0x" + "aa" * 20, 1, clock.now() - 9, 1))
    joined = client.get(FRONT).text

    assert "0 of 7 done" in alone
    assert "1 of 7 done" in joined


def test_post_says_when_newcomers_say_hello_under_it(home: TestHome) -> None:
    post = home.publish("Hello").act
    client = home.client(home.owner)
    before = client.get(f"{FRONT}/posts/{post}").text
    home.say(home.owner, "community.welcome", subject=post)
    after = client.get(f"{FRONT}/posts/{post}").text

    assert "Let newcomers say hello here" in before
    assert "Newcomers say hello here</span>" in after
    assert "people:mark-welcome" not in after


def test_owner_chooses_among_the_pictures_of_the_address(home: TestHome) -> None:
    client, other = home.client(), "0x" + "ee" * 20

    def pictures(query: str = "", address: str = COMMUNITY) -> list[str]:
        return [client.get(f"/art/{kind}/{address}.svg{query}").text for kind in ("mark", "cover")]

    assert pictures() == pictures("?look=0")
    assert len({picture for look in range(LOOKS) for picture in pictures(f"?look={look}")}) == 2 * LOOKS
    words = json.dumps({"tagline": "", "about": "", "topics": [], "look": 3})
    staged = home.stage(home.owner, words, media_type=PROFILE_TYPE)
    home.say(home.owner, "community.profile", wallet=True, body=body_of(staged))

    assert pictures() == pictures("?look=3") != pictures("?look=0")
    assert pictures(address=other) == pictures("?look=0", other)
    assert client.get(f"/api/communities/{COMMUNITY}").json()["look"] == 3
    assert client.get(f"/art/cover/{COMMUNITY}.svg?look={LOOKS}").status_code == 422
    assert 'value="3" checked' in home.client(home.owner).get(f"/c/{COMMUNITY}/manage/profile").text
