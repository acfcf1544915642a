"""Access ends and comes back with what the chain says: reorg, transfer, and silence."""

import pytest

from backend import clock
from backend.keys.keyring import new_recovery_key, public_bytes
from scripts.member import Member, Refused
from tests.factories.identity import link_text, sign
from tests.fixtures.koinon import PAID, YEARLY, Koinon

DEPTH = 5


class Place:
    """A community with a gated and a free post, and its founder."""

    def __init__(self, koinon: Koinon, founder: int) -> None:
        self.founder = koinon.member(founder)
        opened = koinon.open_community(self.founder)
        self.community, self.membership = opened.community, opened.membership
        self.founder.set_recovery(self.community, [public_bytes(new_recovery_key()) for _ in range(2)])
        self.founder.set_gate(self.community, "members", [PAID, YEARLY])
        self.gated = self.founder.publish(
            self.community, title="For members", teaser="", rest="The words", gate="members"
        ).act
        self.free = self.founder.publish(self.community, title="For all", teaser="Free words").act

    def readable(self, member: Member) -> bool:
        """Whether the member reads the gated words now."""
        try:
            return member.read(self.community, self.gated).text == "The words"
        except Refused as refused:
            assert refused.status == 403  # noqa: PT017 - any other refusal is a failure
            return False


@pytest.fixture(scope="module")
def place(koinon: Koinon) -> Place:
    return Place(koinon, 0)


def test_a_reorg_that_removes_a_join_ends_access_and_one_that_restores_it_gives_it_back(
    koinon: Koinon, place: Place
) -> None:
    member = koinon.member(1)
    receipt = member.join(place.community, tier_id=PAID)
    transaction = koinon.anvil.rpc("eth_getTransactionByHash", receipt.tx_hash)
    koinon.anvil.mine(DEPTH - 1)
    assert place.readable(member)

    koinon.anvil.reorg(DEPTH)
    koinon.await_that(lambda: not place.readable(member))

    fields = {name: transaction[name] for name in ("from", "to", "value", "gas")}
    koinon.anvil.reorg(DEPTH, [({**fields, "data": transaction["input"]}, 0)])
    koinon.await_that(lambda: place.readable(member))


def test_a_transfer_moves_access_to_the_new_holder(koinon: Koinon, place: Place) -> None:
    giver, receiver = koinon.member(2), koinon.member(3)
    giver.join(place.community, tier_id=PAID)
    assert place.readable(giver)
    assert not place.readable(receiver)

    giver.transfer(place.community, token_id=giver.token_id(place.community), to=receiver.address)

    assert not place.readable(giver)
    assert place.readable(receiver)


def link(account: Member, wallet: Member) -> None:
    """What the wallet holds counts for the account."""
    text = link_text(account.post("/api/wallets/nonce", {"address": wallet.account.address}))
    account.post("/api/wallets", {"message": text, "signature": "0x" + sign(wallet.account, text).hex()})


def test_a_linked_wallet_s_membership_opens_until_a_reorg_or_a_transfer_takes_it(koinon: Koinon, place: Place) -> None:
    reader, wallet, stranger = koinon.member(7), koinon.member(8), koinon.member(9)
    receipt = wallet.join(place.community, tier_id=PAID)
    transaction = koinon.anvil.rpc("eth_getTransactionByHash", receipt.tx_hash)
    assert not place.readable(reader)
    link(reader, wallet)
    assert place.readable(reader)

    koinon.anvil.mine(DEPTH - 1)
    koinon.anvil.reorg(DEPTH)
    koinon.await_that(lambda: not place.readable(reader))
    fields = {name: transaction[name] for name in ("from", "to", "value", "gas")}
    koinon.anvil.reorg(DEPTH, [({**fields, "data": transaction["input"]}, 0)])
    koinon.await_that(lambda: place.readable(reader))

    wallet.transfer(place.community, token_id=wallet.token_id(place.community), to=stranger.address)
    assert not place.readable(reader)


def test_a_reply_of_who_never_joined_is_refused(koinon: Koinon, place: Place) -> None:
    with pytest.raises(Refused) as caught:
        koinon.member(4).reply(place.community, place.free, "Me too")

    assert (caught.value.status, caught.value.reason) == (403, "members-only")


def test_a_friend_of_the_free_tier_replies_to_free_posts_only(koinon: Koinon, place: Place) -> None:
    friend = koinon.member(5)
    friend.join(place.community, tier_id=1)

    friend.reply(place.community, place.free, "Glad to be here")
    with pytest.raises(Refused) as caught:
        friend.reply(place.community, place.gated, "What is in here?")

    assert caught.value.status == 403
    assert [reply["text"] for reply in koinon.outsider().replies(place.community, place.free)] == ["Glad to be here"]


def test_gates_stay_closed_while_nobody_confirms_the_head(
    koinon: Koinon, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = koinon.member(6)
    member.join(place.community, tier_id=PAID)
    koinon.stop_indexer()
    later = clock.now() + 61
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(Refused) as caught:
        member.read(place.community, place.gated)
    free = koinon.outsider().post_of(place.community, place.free)
    monkeypatch.undo()
    koinon.start_indexer()

    assert (caught.value.status, caught.value.slug) == (503, "mirror-stale")
    assert free["teaser"] == "Free words"
    koinon.await_that(lambda: place.readable(member))
