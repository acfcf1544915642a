"""After a reorg the log's acts are judged by the chain as it is now; projections follow."""

import json

from sqlmodel import col, select

from backend.catalog import KINDS
from backend.content.queries import feed_of
from backend.db import ProjectionTable
from backend.discussion.queries import replies_to
from backend.log.replay import build_projections, refold
from backend.log.tables import LogRecord
from backend.worker import settle
from tests.factories.home import CHAIN_ID, COMMUNITY, POST_TYPE, TestHome, body_of


def shown(home: TestHome, post: str) -> list[str]:
    with home.host.database.reading() as session:
        return [reply.id for reply in replies_to(session, CHAIN_ID, COMMUNITY, post)]


def rows_of_projections(home: TestHome) -> dict[str, list[tuple[object, ...]]]:
    with home.host.database.reading() as session:
        return {
            table.name: sorted(tuple(row) for row in session.connection().execute(table.select()))
            for table in ProjectionTable.metadata.sorted_tables
        }


def test_a_reply_is_void_while_the_join_before_it_is_gone_and_back_when_it_returns(home: TestHome) -> None:
    post = home.publish("Open to all").act
    home.mine()
    joined = home.mine()
    member = home.author(2)
    home.member(member, tier=1)
    reply = home.reply(member, post, "I am in").act
    settle(home.host)
    assert shown(home, post) == [reply]

    home.forget(member, block=joined)
    home.change("membership", block=joined, removed=True)
    home.mine(number=joined, fork="b")
    settle(home.host)
    assert shown(home, post) == []

    home.member(member, tier=1)
    home.change("membership", block=joined)
    settle(home.host)
    assert shown(home, post) == [reply]


def test_a_void_record_stays_in_the_log(home: TestHome) -> None:
    post = home.publish("Open to all").act
    joined = home.mine()
    member = home.author(2)
    home.member(member, tier=1)
    home.reply(member, post, "I was in")

    home.forget(member, block=joined)
    home.mine(number=joined, fork="b")
    home.change("membership", block=joined, removed=True)
    settle(home.host)

    with home.host.database.reading() as session:
        rows = session.exec(select(LogRecord).order_by(col(LogRecord.seq))).all()
    assert [(row.kind, row.void) for row in rows] == [("post.create", False), ("reply.create", True)]


def test_refolding_gives_the_projections_that_appending_gave(home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=1)
    home.open_gate()
    home.set_recovery()
    post = home.publish("Gated", "Come in", rest="The secret", gate="members").act
    free = home.publish("Free", "For all").act
    home.reply(member, post, "Sealed words", gate="members")
    home.reply(member, free, "Plain words")
    staged = home.stage(home.owner, json.dumps({"title": "Freer", "text": "Still"}), media_type=POST_TYPE)
    home.say(home.owner, "post.edit", subject=free, base=free, body=body_of(staged))
    before = rows_of_projections(home)

    with home.host.database.writing() as session:
        refold(session, KINDS, CHAIN_ID, COMMUNITY)

    assert rows_of_projections(home) == before


def test_projections_of_another_shape_are_rebuilt_from_the_log(home: TestHome) -> None:
    home.publish("Still here")
    with home.host.database.writing() as session:
        connection = session.connection()
        prefix = "" if connection.dialect.name == "sqlite" else "app."
        connection.exec_driver_sql(f"DROP TABLE {prefix}posts")
        connection.exec_driver_sql(f"CREATE TABLE {prefix}posts (id TEXT)")
        connection.exec_driver_sql(f"UPDATE {prefix}projection_shapes SET digest = 'old' WHERE name = 'posts'")

    rebuilt = build_projections(home.host.database, KINDS)

    assert rebuilt == ["posts"]
    with home.host.database.reading() as session:
        assert [post.title for post in feed_of(session, CHAIN_ID, COMMUNITY)] == ["Still here"]


def test_projections_of_today_s_shape_are_left_alone(home: TestHome) -> None:
    assert build_projections(home.host.database, KINDS) == []


def test_replay_deletes_nothing_that_was_said_again_after_an_erasure(home: TestHome) -> None:
    first = home.publish("Said").act
    home.say(home.owner, "post.erase", subject=first)
    home.publish("Said")

    with home.host.database.writing() as session:
        refold(session, KINDS, CHAIN_ID, COMMUNITY)

    with home.host.database.reading() as session:
        assert [post.title for post in feed_of(session, CHAIN_ID, COMMUNITY)] == ["Said"]
