"""Signed acts become records with a receipt, or are refused with a reason and leave nothing."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlmodel import Session, col, select

from backend import clock
from backend.chain import ChainUnavailable
from backend.identity.delegation import compressed, p256_sign
from backend.identity.signature import SignatureWrong
from backend.log.act import Act, Body, parse_act
from backend.log.append import EditConflict, Log, NotTheHome, OutOfOrder
from backend.log.authorship import KeyUnknown
from backend.log.home import signer_of
from backend.log.kinds import ActRefused, Placed
from backend.log.record import parse_record
from backend.log.tables import LogBlock, LogHead, LogRecord
from backend.problems import Conflict, Malformed, NotFound, Problem, TooMuch, Unavailable
from indexer.tables.community import Community, DelegatedKey, Home
from tests.factories.home import CHAIN_ID, COMMUNITY, POST_TYPE, Author, TestHome, body_of, community_rows

A_CID = "bafkreifj6ukwnplhax36u2wvjo455ncj66kvqllffgqoeiqhxcmbem7mla"
GATE = {"gate": "a", "rule": {"op": "holds_tier", "tiers": [1]}}


def records(home: TestHome) -> list[LogRecord]:
    with home.host.database.reading() as session:
        return list(session.exec(select(LogRecord).order_by(col(LogRecord.seq))).all())


def test_append_places_the_act_under_a_head_that_the_home_signed(home: TestHome) -> None:
    receipt = home.open_gate()

    (row,) = records(home)
    assert (receipt.seq, receipt.record, receipt.act) == (1, row.cid, row.act_id)
    assert signer_of(receipt.head) == home.host.home.address
    assert (receipt.head.seq, receipt.head.record) == (1, row.cid)


def test_append_chains_records(home: TestHome) -> None:
    first, second = home.open_gate("a"), home.open_gate("b")

    with home.host.database.reading() as session:
        block = session.get(LogBlock, second.record)
    assert block is not None
    record = parse_record(block.data)
    assert (record.seq, record.prev) == (2, first.record)
    assert record.as_of[0].number == home.head


def test_append_gives_a_resent_act_its_first_receipt(home: TestHome) -> None:
    data = home.act(home.owner, "gate.set", wallet=True, data=GATE)

    first = home.host.log.append(data)
    home.owner.counts[home.owner.account] = 1
    home.open_gate("b")
    again = home.host.log.append(data)

    assert again == first
    assert len(records(home)) == 2


def test_append_refuses_a_gap_and_names_the_next_number(home: TestHome) -> None:
    with pytest.raises(OutOfOrder) as caught:
        home.say(home.owner, "post.create", n=3)

    assert caught.value.extensions == {"expected": 1}
    assert records(home) == []


def test_append_refuses_an_act_of_another_community(home: TestHome) -> None:
    data = home.act(home.owner, "gate.set", wallet=True, data=GATE)

    with pytest.raises(Malformed):
        home.host.log.append(data, community="0x" + "11" * 20)


def test_append_refuses_an_unknown_community(home: TestHome) -> None:
    with pytest.raises(NotFound):
        home.say(home.owner, "post.create", community="0x" + "11" * 20, body=Body(A_CID, 1, b"c" * 32))


def test_append_refuses_an_unknown_kind(home: TestHome) -> None:
    with pytest.raises(Malformed):
        home.say(home.owner, "post.explode")


def test_append_refuses_data_of_another_shape(home: TestHome) -> None:
    with pytest.raises(Malformed):
        home.say(
            home.owner, "gate.set", wallet=True, data={"gate": "UPPER", "rule": {"op": "holds_tier", "tiers": [1]}}
        )


def test_append_refuses_a_signature_by_another_key(home: TestHome) -> None:
    act = parse_act(home.act(home.owner, "post.remove", subject=A_CID))
    forged = act.signed(p256_sign(home.author(9).key, act.signing_bytes))

    with pytest.raises(SignatureWrong):
        home.host.log.append(forged.block)


def test_append_refuses_a_changed_act(home: TestHome) -> None:
    act = parse_act(home.act(home.owner, "gate.set", wallet=True, data=GATE))
    changed = replace(act, data={"gate": "a", "rule": {"op": "holds_tier", "tiers": [3]}})

    with pytest.raises(ChainUnavailable):  # only a contract's word could save it now, and the node is away
        home.host.log.append(changed.block)


def test_append_refuses_a_govern_act_by_session_key(home: TestHome) -> None:
    with pytest.raises(ActRefused) as caught:
        home.say(home.owner, "gate.set", data=GATE)

    assert caught.value.extensions == {"reason": "wallet-signature-needed"}


def test_append_refuses_a_govern_act_of_who_is_not_the_owner(home: TestHome) -> None:
    with pytest.raises(ActRefused) as caught:
        home.say(home.author(2), "gate.set", wallet=True, data=GATE)

    assert caught.value.extensions == {"reason": "owner-only"}


ALL = "0x" + "00" * 32
NEVER, LONG = 0, 2**40 - 1


def key_on_chain(home: TestHome, account: str, key_hash: str, until: int) -> None:
    """The account has said by `setKey`, in the newest block, until when a key counts."""
    home.write(
        DelegatedKey(
            chain_id=CHAIN_ID,
            community=COMMUNITY,
            account=account,
            key_hash=key_hash,
            until=until,
            block_number=home.head,
            log_index=0,
        )
    )


def hash_of(author: Author) -> str:
    return "0x" + sha256(compressed(author.key.public_key())).hexdigest()


@pytest.mark.parametrize("everything", [True, False])
def test_append_refuses_a_key_that_was_revoked_on_chain_until_it_is_allowed_again(
    home: TestHome, *, everything: bool
) -> None:
    name = ALL if everything else hash_of(home.owner)
    key_on_chain(home, home.owner.account, name, NEVER)

    with pytest.raises(KeyUnknown) as caught:
        home.publish("Late")
    assert caught.value.extensions == {"reason": "key-revoked-on-chain", "key": home.owner.key_cid}
    key_on_chain(home, home.owner.account, name, LONG)
    home.publish("In time")


def test_append_takes_what_a_key_signed_when_only_others_are_revoked(home: TestHome) -> None:
    key_on_chain(home, home.author(2).account, ALL, NEVER)
    key_on_chain(home, home.author(2).account, hash_of(home.owner), NEVER)
    key_on_chain(home, home.owner.account, "0x" + "77" * 32, NEVER)

    home.publish("Still here")


def test_append_refuses_a_key_that_was_delegated_to_another_home(home: TestHome) -> None:
    rows = community_rows(home.owner.account, home.host.home.address)
    rows[1].uri = "https://other.example"
    home.write(*rows)

    with pytest.raises(ActRefused) as caught:
        home.publish("Elsewhere")

    assert caught.value.extensions == {"reason": "key-of-another-home"}


def test_append_refuses_a_far_clock(home: TestHome) -> None:
    with pytest.raises(Malformed):
        home.say(home.owner, "post.create", at=clock.now() - 3600)


def test_append_fails_closed_when_the_indexer_stands_still(home: TestHome) -> None:
    home.stand_still(61)

    with pytest.raises(Unavailable):
        home.open_gate()


def test_append_refuses_when_another_home_was_named(home: TestHome) -> None:
    with home.host.database.reading() as session:
        row = session.get(Community, (CHAIN_ID, COMMUNITY))
    assert row is not None
    row.home_key = "0x" + "99" * 20
    home.write(row)

    with pytest.raises(NotTheHome):
        home.open_gate()


def test_append_refuses_while_a_newer_manifest_is_anchored(home: TestHome) -> None:
    with home.host.database.reading() as session:
        row = session.get(Community, (CHAIN_ID, COMMUNITY))
    assert row is not None
    row.manifest_sequence = 7
    home.write(row)

    with pytest.raises(NotTheHome):
        home.open_gate()


def test_append_refuses_a_body_that_was_not_sent(home: TestHome) -> None:
    staged = home.stage(home.owner, json.dumps({"title": "T", "text": ""}), media_type=POST_TYPE)
    other = Body(A_CID, staged.size, staged.commit)

    with pytest.raises(Conflict):
        home.say(home.owner, "post.create", body=other)


def test_append_refuses_a_body_that_somebody_else_sent(home: TestHome) -> None:
    other = home.author(2)
    staged = home.stage(other, json.dumps({"title": "T", "text": ""}), media_type=POST_TYPE)

    with pytest.raises(Conflict):
        home.say(home.owner, "post.create", body=body_of(staged))


def test_append_refuses_an_edit_that_starts_from_an_old_version(home: TestHome) -> None:
    post = home.publish("One").act
    staged = home.stage(home.owner, json.dumps({"title": "Two", "text": ""}), media_type=POST_TYPE)
    home.say(home.owner, "post.edit", subject=post, base=post, body=body_of(staged))

    with pytest.raises(EditConflict):
        home.say(home.owner, "post.edit", subject=post, base=post, body=body_of(staged))


def test_append_batches_concurrent_acts_without_a_gap(home: TestHome) -> None:
    members = [home.author(number) for number in range(10, 26)]
    for number, member in enumerate(members):
        home.member(member, tier=1, token_id=number + 1)
    post = home.publish("Open to all").act
    acts = [_reply_act(home, member, post) for member in members]
    failures: list[Problem] = []

    def send(data: bytes) -> None:
        try:
            home.host.log.append(data)
        except Problem as problem:
            failures.append(problem)

    threads = [threading.Thread(target=send, args=(data,)) for data in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    rows = records(home)
    assert [row.seq for row in rows] == list(range(1, len(members) + 2))
    with home.host.database.reading() as session:
        head = session.get(LogHead, (CHAIN_ID, COMMUNITY))
    assert head is not None
    assert (head.seq, head.record) == (rows[-1].seq, rows[-1].cid)


def _reply_act(home: TestHome, member: Author, post: str) -> bytes:
    staged = home.stage(member, f"Hello from {member.account}")
    return home.act(member, "reply.create", subject=post, body=body_of(staged), data={})


def test_one_refused_act_of_a_batch_leaves_the_others(home: TestHome) -> None:
    post = home.publish("Open to all").act
    stranger, member = home.author(5), home.author(6)
    home.member(member, tier=2)
    refused, taken = _reply_act(home, stranger, post), _reply_act(home, member, post)
    outcomes: dict[str, object] = {}

    def send(name: str, data: bytes) -> None:
        try:
            outcomes[name] = home.host.log.append(data).seq
        except ActRefused as problem:
            outcomes[name] = problem.extensions["reason"]

    threads = [threading.Thread(target=send, args=each) for each in (("stranger", refused), ("member", taken))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == {"stranger": "members-only", "member": 2}


def test_an_act_that_breaks_leaves_the_others_of_its_batch(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    post = home.publish("Open to all").act
    breaker, member = home.author(5), home.author(6)
    for token_id, each in enumerate((breaker, member), start=1):
        home.member(each, tier=2, token_id=token_id)
    broken, taken = _reply_act(home, breaker, post), _reply_act(home, member, post)
    kind = home.host.kinds["reply.create"]

    def project(session: Session, placed: Placed) -> None:
        if placed.act.author == breaker.account:
            raise ValueError("nobody foresaw this")
        kind.project(session, placed)

    kinds = {**home.host.kinds, "reply.create": replace(kind, project=project)}
    log = Log(home.host.database, home.host.chain, home.host.home, kinds, serves=lambda _: True)
    monkeypatch.setattr("backend.log.append.BATCH_SECONDS", 0.5)

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(log.append, data) for data in (broken, taken)]

    assert isinstance(outcomes[0].exception(), ValueError)
    assert outcomes[1].result().seq == 2
    assert [row.seq for row in records(home)] == [1, 2]


def test_a_home_address_that_is_none_refuses_session_keys(home: TestHome) -> None:
    home.write(*_rows_at(home, "https://["))

    with pytest.raises(ActRefused) as caught:
        home.publish("A post")

    assert caught.value.extensions["reason"] == "key-of-another-home"


def _rows_at(home: TestHome, uri: str) -> list[Home]:
    rows = [row for row in community_rows(home.owner.account, home.host.home.address) if isinstance(row, Home)]
    for row in rows:
        row.uri = uri
    return rows


def test_a_wallet_signs_no_bytes_in_data(home: TestHome) -> None:
    act = Act(CHAIN_ID, COMMUNITY, "reply.create", home.owner.account, None, 1, clock.now(), {"item": b"i" * 16})

    with pytest.raises(SignatureWrong):
        home.host.log.append(act.signed(b"\1" * 65).block)


def test_append_refuses_a_community_that_the_operator_does_not_serve(home: TestHome) -> None:
    host = home.host
    chosen = host.settings.model_copy(update={"communities": "0x" + "11" * 20})
    log = Log(host.database, host.chain, host.home, host.kinds, serves=chosen.serves)

    with pytest.raises(NotTheHome):
        log.append(home.act(home.owner, "gate.set", wallet=True, data=GATE))

    open_to_it = chosen.model_copy(update={"communities": f"0x{'11' * 20}, {COMMUNITY.upper().replace('X', 'x')}"})
    assert open_to_it.serves(COMMUNITY)


def test_append_refuses_more_acts_than_a_day_holds(home: TestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.log.append.ACTS_A_DAY", 2)
    home.open_gate("a")
    home.open_gate("b")

    with pytest.raises(TooMuch):
        home.open_gate("c")

    member = home.author(2)
    home.member(member, tier=1)
    with pytest.raises(ActRefused):  # others are counted apart: this one is refused for another reason
        home.say(member, "gate.set", wallet=True, data=GATE)
