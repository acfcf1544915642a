"""The demo's stories: whoever says something in them may say it there and then."""

from collections.abc import Mapping
from typing import Any

import pytest

from scripts.playground.accounts import ACCOUNTS, FOUNDER, MEMBER, OUTSIDER
from scripts.story import Post, Story, load_stories

STORIES = load_stories()
WEBP_MOST = 300_000  # bytes: a page shows several


def paid_until(story: Story, member: Mapping[str, Any], *, day: float) -> float:
    """The day on which the membership ends, as it stands at `day`."""
    period = story.setup["tiers"][member["tier"] - 1]["days"]
    ends = member["day"] + period * member.get("periods", 1)
    for renewal in member.get("renewals", []):
        ends = max(ends, renewal) + period if renewal <= day else ends
    return float(ends)


def may_reply(story: Story, post: Post, *, account: int, day: float) -> bool:
    if account == story.setup["founder"]:
        return True
    opening = {**story.setup["gates"], **{coin["gate"]: coin["tiers"] for coin in story.setup.get("coins", [])}}
    tiers = opening[post.gate] if post.gate else range(1, len(story.setup["tiers"]) + 1)
    return any(
        member["account"] == account
        and member["tier"] in tiers
        and member["day"] < day < paid_until(story, member, day=day)
        for member in story.setup["members"]
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.folder.name)
def test_story_is_told_by_those_who_may(story: Story) -> None:
    for post in story.posts:
        assert story.setup["day"] < post.day < 0
        assert (post.rest is None) == (post.gate is None)
        for reply in post.replies:
            assert post.day < reply.day < 0
            assert may_reply(story, post, account=reply.account, day=reply.day), (post.title, reply)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.folder.name)
def test_story_pictures_are_there_small_and_described(story: Story) -> None:
    pictures = [post.picture for post in story.posts if post.picture]

    assert pictures
    for picture in pictures:
        assert picture.path.stat().st_size < WEBP_MOST
        assert len(picture.alt) > 30


def test_main_story_has_a_member_to_be_one_who_has_left_and_an_outsider() -> None:
    story = STORIES[0]
    ends = {member["account"]: paid_until(story, member, day=0) for member in story.setup["members"]}

    assert story.setup["founder"] == FOUNDER.index
    assert 1 < ends[MEMBER.index] < 30  # so that a jump of 30 days ends it
    assert any(end < 0 for end in ends.values())
    assert OUTSIDER.index not in ends
    assert all(account < ACCOUNTS for account in ends)
