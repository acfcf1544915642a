"""Each event of Membership about renewals by keepers, and the rows that it leaves."""

import pytest

from indexer.tables.membership import Membership
from indexer.tables.renewals import Consent, Funds
from tests.factories.mirror import Mirror
from tests.fakes.contracts import FakeCommunity, account

ALICE, BOB = account(1), account(2)


@pytest.fixture
def community(mirror: Mirror) -> FakeCommunity:
    """Opened in block 1; ALICE is a member of tier 1 since block 2 and has consented in block 3."""
    community = FakeCommunity(1)
    mirror.chain.mine(*community.open())
    mirror.chain.mine(*community.join(ALICE, 1, at=1_000))
    mirror.chain.mine(*community.agree(1))
    mirror.catch_up()
    return community


def told(community: FakeCommunity) -> tuple[str, dict[str, object]]:
    return "consent", {"community": community.address, "contract": community.membership, "token_id": 1}


def test_auto_renew_set_gives_the_whole_consent(mirror: Mirror, community: FakeCommunity) -> None:
    assert mirror.row(Consent) == {
        "contract": community.membership,
        "token_id": 1,
        "holder": ALICE,
        "tier_id": 1,
        "max_price": 2**96 - 1,
        "periods_left": 12,
        "until": 2**40 - 1,
        "expires_at": mirror.row(Membership)["expires_at"],
        "block_number": 3,
    }
    assert mirror.feed()[0] == told(community)


def test_a_used_up_consent_stays(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.agree(1, periods_left=0))
    mirror.catch_up()

    assert mirror.row(Consent)["periods_left"] == 0


@pytest.mark.parametrize("how", ["disagree", "change_tier", "cancel", "revoke", "burn"])
def test_consent_is_gone_when_it_ended(mirror: Mirror, community: FakeCommunity, how: str) -> None:
    ending = {
        "disagree": lambda: community.disagree(1),
        "change_tier": lambda: community.change_tier(1, 2),
        "cancel": lambda: community.cancel(1, at=5_000),
        "revoke": lambda: community.revoke(1, at=5_000),
        "burn": lambda: community.burn(1, at=5_000),
    }
    mirror.chain.mine(*ending[how]())
    mirror.catch_up()

    assert mirror.rows(Consent) == []
    assert told(community) in mirror.feed()


def test_an_end_that_a_transfer_had_brought_before_is_not_told_again(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.move(1, BOB))
    mirror.catch_up()
    moved = mirror.feed()
    mirror.chain.mine(*community.disagree(1))
    mirror.catch_up()

    assert told(community) in moved
    assert mirror.feed() == [("block", {})]


def test_funds_set_replaces_the_funds(mirror: Mirror, community: FakeCommunity) -> None:
    mirror.chain.mine(*community.add_funds(BOB, 2**200), *community.add_funds(BOB, 1))
    mirror.catch_up()

    assert mirror.row(Funds) == {
        "contract": community.membership,
        "account": BOB,
        "amount": 2**200 + 1,
        "block_number": 4,
    }
    ids = {"community": community.address, "contract": community.membership, "account": BOB}
    assert mirror.feed()[0] == ("funds", ids)
