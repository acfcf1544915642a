"""One renewal through every stage, on real parts: read this first.

wallet -> Membership.renew -> log -> indexer -> mirror row -> gate decision -> key release -> page
"""

import pytest
import requests
from sqlmodel import select

from backend.gates.access import access
from backend.gates.decision import Allowed, Denied
from backend.keys.keyring import new_recovery_key, public_bytes
from backend.keys.tables import Release
from indexer.tables.membership import Membership, Payment
from scripts.member import Member, Refused
from tests.fixtures.koinon import MONTH, PAID, PRICE, YEARLY, Koinon

SECRET = "The flux sits in the third drawer."


def published(koinon: Koinon, founder: Member, community: str) -> str:
    """A post whose rest only paid tiers read."""
    founder.set_recovery(community, [public_bytes(new_recovery_key()) for _ in range(2)])
    founder.set_gate(community, "members", [PAID, YEARLY])
    return founder.publish(community, title="Soldering", teaser="What you need.", rest=SECRET, gate="members").act


def page(member: Member, community: str, post: str) -> str:
    answer = member.browser.get(f"{member.url}/c/{community}/posts/{post}", timeout=30)
    assert answer.status_code == requests.codes.ok
    return answer.text


def assert_expired(koinon: Koinon, member: Member, community: str, post: str, token: int) -> None:
    """Decision, API and page say that the membership has expired, and none says a gated word."""
    with koinon.host.database.reading() as session:
        chain_id = koinon.host.settings.chain_id
        granted = access(session, chain_id, community, gate="members", account=member.address)
    assert isinstance(granted.decision, Denied)
    with pytest.raises(Refused) as caught:
        member.read(community, post)
    assert caught.value.status == 403
    (condition,) = caught.value.problem["conditions"]
    assert (condition["code"], condition["next"]) == ("membership-expired", "renew")
    assert condition["have"]["token_id"] == token
    assert SECRET not in page(member, community, post)


def test_a_renewal_reaches_the_page(koinon: Koinon) -> None:
    founder, member = koinon.member(0), koinon.member(1)
    opened = koinon.open_community(founder)
    post = published(koinon, founder, opened.community)
    member.join(opened.community, tier_id=PAID)
    token = member.token_id(opened.community)
    koinon.anvil.advance(MONTH + 1)
    chain_id = koinon.host.settings.chain_id

    koinon.await_head()
    member.sign_in()
    assert_expired(koinon, member, opened.community, post, token)

    # Chain: one transaction of the membership contract alone.
    receipt = member.renew(opened.community, token_id=token)
    assert {log["address"].lower() for log in receipt.logs} == {opened.membership}

    # Indexer: the row and the payment are in the mirror.
    with koinon.host.database.reading() as session:
        row = session.get(Membership, (chain_id, opened.membership, token))
        assert row is not None
        payments = session.exec(select(Payment).where(Payment.contract == opened.membership)).all()
    assert [(each.kind, each.amount, each.expires_at) for each in payments][-1] == ("renewal", PRICE, row.expires_at)
    assert row.expires_at == int(koinon.anvil.block(receipt.block)["timestamp"], 16) + MONTH

    # Gate: a value, with the block that it rests on.
    with koinon.host.database.reading() as session:
        granted = access(session, chain_id, opened.community, gate="members", account=member.address)
    assert granted.decision == Allowed(row.expires_at)
    assert granted.as_of.number >= receipt.block

    # Key and page: the words, and one audit row for each release.
    assert member.read(opened.community, post).text == SECRET
    assert SECRET in page(member, opened.community, post)
    with koinon.host.database.reading() as session:
        releases = session.exec(select(Release).where(Release.account == member.address)).all()
    assert [(each.gate, each.until) for each in releases] == [("members", row.expires_at)] * 2
