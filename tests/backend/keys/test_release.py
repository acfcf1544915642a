"""A content key leaves custody by an allowed decision only, and each release is written down."""

import pytest
from sqlmodel import select

from backend import clock
from backend.gates.access import GateDenied, access
from backend.keys.release import release
from backend.keys.tables import Release
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome


def release_to(home: TestHome, author: Author, items: list[str]) -> dict[str, bytes]:
    with home.host.database.writing() as session:
        granted = access(session, CHAIN_ID, COMMUNITY, gate="members", account=author.account)
        return release(session, home.host.master, items, chain_id=CHAIN_ID, community=COMMUNITY, access=granted)


def audit(home: TestHome) -> list[Release]:
    with home.host.database.reading() as session:
        return list(session.exec(select(Release)).all())


def test_a_release_is_written_down_with_its_decision_and_block(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate()
    item = home.stage(home.owner, "Words", gate="members").item or ""
    member = home.author(2)
    until = clock.now() + 100
    home.member(member, tier=1, until=until)

    keys = release_to(home, member, [item])

    assert len(keys[item]) == 32
    (row,) = audit(home)
    assert (row.account, row.item, row.gate, row.until, row.block_number) == (
        member.account,
        item,
        "members",
        until,
        home.head,
    )


def test_a_closed_gate_releases_nothing_and_says_why(home: TestHome) -> None:
    home.set_recovery()
    home.open_gate()
    item = home.stage(home.owner, "Words", gate="members").item or ""

    with pytest.raises(GateDenied) as caught:
        release_to(home, home.author(2), [item])

    assert caught.value.extensions["conditions"][0]["code"] == "membership-missing"
    assert audit(home) == []


def test_an_erased_item_has_no_key_and_no_audit_row(home: TestHome) -> None:
    home.open_gate()

    assert release_to(home, home.owner, ["00" * 16]) == {}
    assert audit(home) == []
