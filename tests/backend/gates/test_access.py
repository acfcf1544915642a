"""A viewer and a gate become a decision with the block that it rests on; in doubt the gate is closed."""

import pytest

from backend import clock
from backend.feed import MirrorStale
from backend.gates.access import Access, access, gates_of, rule_of
from backend.gates.decision import FOREVER, Allowed, Denied
from backend.gates.holdings import holdings_at, holdings_of, is_member, owner_at
from backend.gates.rule import HoldsTier
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome

ELSEWHERE = "0x" + "ee" * 20


def ask(home: TestHome, author: Author | None, gate: str | None) -> Access:
    with home.host.database.reading() as session:
        return access(session, CHAIN_ID, COMMUNITY, gate=gate, account=author.account if author else None)


def test_a_member_of_a_named_tier_passes_until_its_expiry(home: TestHome) -> None:
    home.open_gate("members", [1, 2])
    member = home.author(2)
    until = clock.now() + 100
    home.member(member, tier=2, until=until)

    found = ask(home, member, "members")

    assert (found.decision, found.as_of.number, found.account) == (Allowed(until), home.head, member.account)


def test_the_newest_version_of_a_gate_counts(home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=2)
    home.open_gate("members", [2])
    home.open_gate("members", [3])

    assert isinstance(ask(home, member, "members").decision, Denied)
    with home.host.database.reading() as session:
        assert gates_of(session, CHAIN_ID, COMMUNITY) == {"members": HoldsTier(frozenset({3}))}


def test_an_unknown_gate_is_open_to_the_owner_alone(home: TestHome) -> None:
    member = home.author(2)
    home.member(member, tier=1)

    assert ask(home, member, "nowhere").decision == Denied(())
    assert ask(home, home.owner, "nowhere").decision == Allowed(FOREVER)


def test_a_gate_is_closed_to_everybody_while_the_mirror_is_stale(home: TestHome) -> None:
    home.open_gate()
    home.stand_still(61)

    with pytest.raises(MirrorStale):
        ask(home, home.owner, "members")


def test_a_confirmation_from_the_future_is_none(home: TestHome) -> None:
    home.open_gate()
    home.stand_still(-3600)  # far enough that no second of the test's own makes it the present

    with pytest.raises(MirrorStale):
        ask(home, home.owner, "members")


def test_what_has_no_gate_stays_open_while_the_mirror_is_stale(home: TestHome) -> None:
    home.stand_still(61)

    assert ask(home, None, None).decision == Allowed(FOREVER)


def test_the_chain_s_time_counts_when_it_is_ahead(home: TestHome) -> None:
    home.open_gate()
    member = home.author(2)
    home.member(member, tier=1, until=clock.now() + 100)
    home.mine(at=clock.now() + 200)

    assert isinstance(ask(home, member, "members").decision, Denied)


def test_holdings_of_a_past_block_are_those_of_then(home: TestHome) -> None:
    member = home.author(2)
    before = home.head
    joined = home.mine()
    home.member(member, tier=1)
    left = home.mine()
    home.member(member, tier=1, value=0)

    with home.host.database.reading() as session:
        then = [holdings_at(session, CHAIN_ID, COMMUNITY, member.account, each) for each in (before, joined, left)]
        now = holdings_of(session, CHAIN_ID, COMMUNITY, member.account)

    assert [is_member(each, at=clock.now()) for each in [*then, now]] == [False, True, False, False]


def test_nobody_holds_anything_in_an_unknown_community(home: TestHome) -> None:
    account = home.owner.account
    with home.host.database.reading() as session:
        assert holdings_of(session, CHAIN_ID, ELSEWHERE, account).memberships == ()
        assert holdings_at(session, CHAIN_ID, ELSEWHERE, account, 9).memberships == ()
        assert owner_at(session, CHAIN_ID, ELSEWHERE, 9) is None
        assert rule_of(session, CHAIN_ID, ELSEWHERE, "members") is None
