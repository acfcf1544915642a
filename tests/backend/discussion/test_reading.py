"""Replies are read by whom they were written for."""

import json

import pytest

from backend.content.queries import post_of
from backend.discussion.reading import open_replies
from backend.gates.access import GateDenied
from tests.factories.home import CHAIN_ID, COMMUNITY, POST_TYPE, Author, TestHome, body_of


def texts(home: TestHome, post: str, reader: Author | None) -> list[str | None]:
    with home.host.database.reading() as session:
        view = post_of(session, CHAIN_ID, COMMUNITY, post)
    return [each.text for each in open_replies(home.host, view, account=reader.account if reader else None)]


def test_replies_under_a_gated_post_are_for_those_inside(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate()
    member, stranger = home.author(2), home.author(3)
    home.member(member, tier=1)
    post = home.publish("Gated", rest="words", gate="members").act
    home.reply(member, post, "among us", gate="members")

    assert texts(home, post, member) == ["among us"]
    with pytest.raises(GateDenied):
        texts(home, post, stranger)


def test_replies_stay_behind_the_gate_that_they_were_written_for_when_the_post_opens(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate()
    member, stranger = home.author(2), home.author(3)
    home.member(member, tier=1)
    post = home.publish("Gated", rest="words", gate="members").act
    home.reply(member, post, "among us", gate="members")
    words = home.stage(home.owner, json.dumps({"title": "Open now", "text": ""}), media_type=POST_TYPE)
    home.say(home.owner, "post.edit", subject=post, base=post, body=body_of(words))
    home.reply(member, post, "to all")

    assert texts(home, post, member) == ["among us", "to all"]
    assert texts(home, post, stranger) == ["to all"]
    assert texts(home, post, None) == ["to all"]


def test_an_erased_reply_keeps_its_place_without_words(home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    post = home.publish("Free").act
    reply = home.reply(member, post, "words").act
    home.say(member, "reply.erase", subject=reply)

    assert texts(home, post, None) == [None]
