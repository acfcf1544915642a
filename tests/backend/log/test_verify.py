"""A stranger proves a log from chain and blocks alone, and finds whatever is not as anchored and signed."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import delete

from backend import clock
from backend.catalog import KINDS
from backend.chain import Block, Chain
from backend.community.jobs import key_blocks
from backend.dag_cbor import CID
from backend.db import AppTable, ProjectionTable
from backend.identity.delegation import p256_sign
from backend.ipfs.cid import matches
from backend.ipfs.store import BlockMissing, dag_block, parse_cid, walk
from backend.keys.keyring import KeyringBroken, new_recovery_key
from backend.keys.recovery import gated_bodies
from backend.log.act import parse_act
from backend.log.anchor import build
from backend.log.home import HomeKey
from backend.log.manifest import Manifest, ManifestMalformed, build_pages, parse_manifest, parse_page
from backend.log.record import digest_of, parse_record
from backend.log.verify import LogBroken, Report, verify_log
from indexer.tables.community import Community, Home
from tests.factories.home import CHAIN_ID, COMMUNITY, TestHome, block_hash


class TheirChain(Chain):
    """The chain of the test: its blocks have the hashes that the mirror has, and no account has code."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", CHAIN_ID)

    def block_hash(self, number: int) -> str | None:
        return block_hash(number, "a")

    def check(self) -> None:
        """It is the chain that it should be."""

    def head(self) -> Block:
        return Block(1, block_hash(1, "a"), 1)

    def code(self, address: str) -> bytes:
        return b""

    def call(self, *_: object, **__: object) -> bytes:
        return b""


class Blocks:
    """A stranger's copy of the blocks, which a test may spoil."""

    def __init__(self, home: TestHome, manifest: Manifest) -> None:
        store = home.host.store
        self.blocks: dict[str, bytes] = {}
        roots = [manifest.cid, *manifest.wraps, *manifest.roots, *([manifest.keyring] if manifest.keyring else [])]
        for root in roots:
            for cid in walk(store, parse_cid(root)):
                self.blocks[cid.encode()] = store.get(cid)

    def get(self, cid: CID) -> bytes:
        data = self.blocks.get(cid.encode())
        if data is None:
            raise BlockMissing(cid)
        assert matches(cid, data)
        return data

    def put(self, data: bytes) -> str:
        block = dag_block(data)
        self.blocks[block.cid.encode()] = data
        return block.cid.encode()


class Told:
    """A community with gate, gated post, sealed and plain replies; anchored."""

    def __init__(self, home: TestHome) -> None:
        self.home = home
        self.recovery: list[EllipticCurvePrivateKey] = home.set_recovery()
        home.open_gate()
        self.member = home.author(2)
        home.member(self.member, tier=1)
        self.post = home.publish("Gated", "Teaser", rest="The words", gate="members").act
        self.reply = home.reply(self.member, self.post, "Sealed words", gate="members").act
        self.free = home.publish("Free").act
        home.reply(self.member, self.free, "Plain words")
        self.anchor()

    def anchor(self) -> None:
        """Everything is final and in a manifest, whose digest the mirror has."""
        self.home.finalize()
        host = self.home.host
        with host.database.reading() as session:
            keys = key_blocks(session, host, CHAIN_ID, COMMUNITY)
        manifest = build(host.database, host.store, keys, chain_id=CHAIN_ID, community=COMMUNITY, at=clock.now())
        assert manifest is not None
        self.publish(manifest)
        self.blocks = Blocks(self.home, manifest)

    def publish(self, manifest: Manifest) -> None:
        self.manifest = manifest
        with self.home.host.database.reading() as session:
            row = session.get(Community, (CHAIN_ID, COMMUNITY))
        assert row is not None
        row.manifest_sequence, row.manifest_digest = manifest.sequence, digest_of(manifest.cid)
        self.home.write(row)

    def verify(self) -> Report:
        database = self.home.host.database
        with database.writing() as session:  # a stranger has none of the home's tables
            for tables in (ProjectionTable.metadata, AppTable.metadata):
                for table in tables.sorted_tables:
                    session.execute(delete(table))
        return verify_log(database, self.blocks, TheirChain(), KINDS, chain_id=CHAIN_ID, community=COMMUNITY)

    def record(self, seq: int) -> str:
        return parse_page(self.blocks.get(parse_cid(self.manifest.pages[0])))[seq - 1]


@pytest.fixture
def told(home: TestHome) -> Told:
    return Told(home)


def test_a_whole_log_holds(told: Told) -> None:
    report = told.verify()

    assert (report.records, report.proved, report.attested, report.void) == (6, 6, 0, 0)
    assert (report.bodies, report.erased, report.missing) == (5, 0, [])


def test_the_log_holds_after_an_erasure_and_what_was_erased_is_missed_by_nobody(told: Told) -> None:
    told.home.say(told.member, "reply.erase", subject=told.reply)
    told.anchor()

    report = told.verify()

    assert (report.records, report.erased, report.missing) == (7, 1, [])


def test_one_recovery_key_opens_every_gated_text(told: Told) -> None:
    for key in told.recovery:
        words = {plain.text for _, plain in gated_bodies(told.blocks, told.manifest, key)}
        assert words == {"The words", "Sealed words"}


def test_another_key_opens_nothing(told: Told) -> None:
    with pytest.raises(KeyringBroken):
        list(gated_bodies(told.blocks, told.manifest, new_recovery_key()))


def test_a_missing_body_that_nobody_erased_is_found(told: Told) -> None:
    del told.blocks.blocks[told.manifest.roots[0]]

    with pytest.raises(LogBroken, match="missing that nobody erased"):
        told.verify()


def test_a_missing_act_is_found(told: Told) -> None:
    record = parse_record(told.blocks.get(parse_cid(told.record(3))))
    del told.blocks.blocks[record.act]

    with pytest.raises(LogBroken, match="act of record 3"):
        told.verify()


def test_another_manifest_than_the_anchored_one_is_refused(told: Told) -> None:
    told.publish(replace(told.manifest, sequence=9))

    with pytest.raises(LogBroken, match="cannot be read"):
        told.verify()


def spoil_head(told: Told) -> Manifest:
    head = HomeKey(b"\x05" * 32).sign(told.manifest.head)
    return replace(told.manifest, head=head)


def spoil_order(told: Told) -> Manifest:
    records = [told.record(seq) for seq in (1, 3, 2, 4, 5, 6)]
    return replace(told.manifest, pages=(told.blocks.put(build_pages(records)[0]),))


def spoil_length(told: Told) -> Manifest:
    records = [told.record(seq) for seq in (1, 2, 3, 4, 5)]
    return replace(told.manifest, pages=(told.blocks.put(build_pages(records)[0]),))


def with_last_act(told: Told, change: Callable[[bytes], bytes]) -> Manifest:
    """The home signs a log whose last record holds another act: it may, if nobody looks at the author."""
    last = parse_record(told.blocks.get(parse_cid(told.record(6))))
    act = told.blocks.put(change(told.blocks.get(parse_cid(last.act))))
    record = replace(last, act=act)
    cid = told.blocks.put(record.block)
    head = told.home.host.home.sign(replace(told.manifest.head, record=cid, sig=b""))
    pages = build_pages([*(told.record(seq) for seq in range(1, 6)), cid])
    return replace(told.manifest, head=head, pages=(told.blocks.put(pages[0]),))


def spoil_words(told: Told) -> Manifest:
    def change(data: bytes) -> bytes:
        act = parse_act(data)
        assert act.body is not None
        return replace(act, body=replace(act.body, commit=b"x" * 32)).block

    return with_last_act(told, change)


def spoil_number(told: Told) -> Manifest:
    def change(data: bytes) -> bytes:
        act = replace(parse_act(data), n=9)
        return act.signed(p256_sign(told.member.key, act.signing_bytes)).block

    return with_last_act(told, change)


def spoil_author(told: Told) -> Manifest:
    def change(data: bytes) -> bytes:
        act = replace(parse_act(data), author=told.home.owner.account)
        return act.signed(p256_sign(told.member.key, act.signing_bytes)).block

    return with_last_act(told, change)


def spoil_wallet(told: Told) -> Manifest:
    def change(data: bytes) -> bytes:
        act = replace(
            parse_act(data),
            kind="gate.set",
            key=None,
            author=told.home.owner.account,
            n=3,
            data={"gate": "members", "rule": {"op": "holds_tier", "tiers": [3]}},
            subject=None,
            body=None,
        )
        return act.signed(b"\x01" * 64 + b"\x1b").block

    return with_last_act(told, change)


def spoil_block(told: Told) -> Manifest:
    last = parse_record(told.blocks.get(parse_cid(told.record(6))))
    (as_of,) = last.as_of
    cid = told.blocks.put(replace(last, as_of=(replace(as_of, hash="0x" + "77" * 32),)).block)
    head = told.home.host.home.sign(replace(told.manifest.head, record=cid, sig=b""))
    pages = build_pages([*(told.record(seq) for seq in range(1, 6)), cid])
    return replace(told.manifest, head=head, pages=(told.blocks.put(pages[0]),))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_head, "head is not signed"),
        (spoil_order, "does not follow"),
        (spoil_length, "not the last record"),
        (spoil_words, "not its author's"),
        (spoil_number, "withheld"),
        (spoil_author, "not its author's"),
        (spoil_wallet, "not its author's"),
        (spoil_block, "block that the chain does not have"),
    ],
)
def test_a_home_that_lies_is_found(told: Told, spoil: Callable[[Told], Manifest], words: str) -> None:
    manifest = spoil(told)
    told.blocks.put(manifest.block)
    told.publish(manifest)

    with pytest.raises(LogBroken, match=words):
        told.verify()


def move(told: Told, *, sequence: int, cut: str) -> None:
    """The chain says that the community moved at this record."""
    with told.home.host.database.reading() as session:
        row, home = session.get(Community, (CHAIN_ID, COMMUNITY)), session.get(Home, (CHAIN_ID, COMMUNITY, 1))
    assert row is not None
    assert home is not None
    row.epoch = 2
    base = {"epoch": 2, "sequence": sequence, "base_digest": digest_of(cut)}
    told.home.write(row, Home(**home.model_dump() | base))


def test_what_an_old_home_anchors_behind_a_move_is_found(told: Told) -> None:
    move(told, sequence=5, cut=told.record(5))

    with pytest.raises(LogBroken, match="serves the community no more"):
        told.verify()


def test_another_log_than_the_one_that_moved_is_found(told: Told) -> None:
    move(told, sequence=6, cut=told.record(5))

    with pytest.raises(LogBroken, match="another than the one at which the community moved"):
        told.verify()


def test_the_log_up_to_a_move_holds(told: Told) -> None:
    move(told, sequence=6, cut=told.record(6))

    assert told.verify().records == 6


def test_a_manifest_is_read_as_it_is_written(told: Told) -> None:
    assert parse_manifest(told.manifest.block) == told.manifest
    with pytest.raises(ManifestMalformed):
        parse_manifest(told.manifest.block[:-1])
