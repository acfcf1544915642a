"""Recovery keys: sealing keks, the keyring block, and the file that a founder's browser makes."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from backend.dag_cbor import decode_dag_cbor, encode_dag_cbor
from backend.ipfs.store import cat, dag_block, raw_block
from backend.ipfs.unixfs import import_file
from backend.keys.cipher import new_content_key, open_all, seal
from backend.keys.envelope import context_of, new_kek, unwrap, wrap
from backend.keys.keyring import (
    KeyringBroken,
    build_keyring,
    compress,
    dump_recovery_key,
    load_recovery_key,
    new_recovery_key,
    open_kek,
    open_keyring,
    parse_keyring,
    public_bytes,
    seal_kek,
)
from tests.fakes.ipfs import Shelf

FIRST, SECOND, STRANGER = new_recovery_key(), new_recovery_key(), new_recovery_key()
KEKS = {"a1": new_kek(), "b2": new_kek(), "c3": new_kek()}
RING = build_keyring(KEKS, [public_bytes(FIRST), public_bytes(SECOND)])


def point65(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_kek_opens_with_its_recovery_key_alone() -> None:
    kek = new_kek()

    for point in (public_bytes(FIRST), point65(FIRST)):
        sealed = seal_kek(kek, point)
        assert len(sealed) == 113
        assert open_kek(sealed, FIRST) == kek
        with pytest.raises(KeyringBroken):
            open_kek(sealed, SECOND)


def test_sealed_kek_is_never_the_same() -> None:
    assert seal_kek(bytes(32), public_bytes(FIRST)) != seal_kek(bytes(32), public_bytes(FIRST))


@given(at=st.integers(0, 112), bit=st.integers(0, 7))
def test_every_flipped_bit_of_a_sealed_kek_is_noticed(at: int, bit: int) -> None:
    changed = bytearray(seal_kek(KEKS["a1"], public_bytes(FIRST)))
    changed[at] ^= 1 << bit

    with pytest.raises(KeyringBroken):
        open_kek(bytes(changed), FIRST)


@pytest.mark.parametrize("size", [0, 65, 112, 114])
def test_sealed_kek_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(KeyringBroken):
        open_kek(bytes(size), FIRST)


@pytest.mark.parametrize("kek", [b"", bytes(16), bytes(33)])
def test_seal_kek_refuses_a_kek_of_another_size(kek: bytes) -> None:
    with pytest.raises(ValueError):
        seal_kek(kek, public_bytes(FIRST))


@pytest.mark.parametrize(
    "point",
    [
        b"",
        bytes(33),
        b"\x02" + b"\xff" * 32,
        b"\x04" + bytes(64),
        public_bytes(FIRST)[:-1],
        point65(FIRST) + b"\0",
        b"\0",
    ],
    ids=["empty", "zeros", "no x of the curve", "not on the curve", "short", "long", "infinity"],
)
def test_seal_kek_refuses_what_is_no_point(point: bytes) -> None:
    with pytest.raises(ValueError):
        seal_kek(new_kek(), point)


def test_one_of_the_recovery_keys_opens_the_whole_keyring() -> None:
    for key in (FIRST, SECOND):
        assert open_keyring(RING, key) == KEKS


def test_blocks_and_one_recovery_key_reopen_a_sealed_body() -> None:
    shelf, key, kek = Shelf(), new_content_key(), new_kek()
    context = context_of(31337, "0x" + "ab" * 20, item=bytes(16))
    body = import_file(seal(b"for members" * 9_999, key, context=context), shelf.put)
    wrapped, ring = raw_block(wrap(key, kek)), dag_block(build_keyring({"k": kek}, [public_bytes(FIRST)]))
    shelf.put(wrapped)
    shelf.put(ring)
    file = dump_recovery_key(FIRST)

    keks = open_keyring(shelf.get(ring.cid), load_recovery_key(file))
    found = open_all(cat(shelf, body), unwrap(shelf.get(wrapped.cid), keks["k"]), context=context)

    assert b"".join(found) == b"for members" * 9_999


def test_keyring_lists_each_kek_for_each_recipient() -> None:
    found = parse_keyring(RING)

    assert [each.id for each in found] == ["a1", "b2", "c3"]
    for each in found:
        assert [to for to, _ in each.sealed] == sorted([public_bytes(FIRST), public_bytes(SECOND)])
    assert not any(kek in RING for kek in KEKS.values())


def test_keyring_names_a_recipient_once_whatever_its_form() -> None:
    ring = build_keyring(KEKS, [public_bytes(FIRST), point65(FIRST)])

    assert {len(each.sealed) for each in parse_keyring(ring)} == {1}


def test_keyring_of_no_keks_is_sound() -> None:
    assert open_keyring(build_keyring({}, [public_bytes(FIRST)]), FIRST) == {}


def test_keyring_needs_a_recipient() -> None:
    with pytest.raises(ValueError, match="recipient"):
        build_keyring(KEKS, [])


def test_strangers_key_opens_no_keyring() -> None:
    with pytest.raises(KeyringBroken, match="a1"):
        open_keyring(RING, STRANGER)


def changed(change: Any) -> bytes:
    ring: Any = decode_dag_cbor(RING)
    change(ring)
    return encode_dag_cbor(ring)


@pytest.mark.parametrize(
    "block",
    [
        b"",
        RING[:-1],
        RING + b"\0",
        encode_dag_cbor([]),
        changed(lambda ring: ring.update(v=2)),
        changed(lambda ring: ring.update(more=1)),
        changed(lambda ring: ring.pop("keks")),
        changed(lambda ring: ring.update(keks={})),
        changed(lambda ring: ring["keks"].append("text")),
        changed(lambda ring: ring["keks"].append(ring["keks"][0])),
        changed(lambda ring: ring["keks"][0].update(id=b"a1")),
        changed(lambda ring: ring["keks"][0].pop("sealed")),
        changed(lambda ring: ring["keks"][0].update(sealed=None)),
        changed(lambda ring: ring["keks"][0]["sealed"].append([])),
        changed(lambda ring: ring["keks"][0]["sealed"][0].update(to="text")),
        changed(lambda ring: ring["keks"][0]["sealed"][0].update(to=point65(FIRST))),
        changed(lambda ring: ring["keks"][0]["sealed"][0].update(enc=bytes(112))),
    ],
    ids=[
        "empty",
        "cut",
        "extended",
        "list",
        "version",
        "more-fields",
        "no-keks",
        "keks-map",
        "kek-text",
        "kek-twice",
        "id-bytes",
        "no-sealed",
        "sealed-null",
        "sealed-list",
        "to-text",
        "to-uncompressed",
        "enc-short",
    ],
)
def test_malformed_keyring_is_refused(block: bytes) -> None:
    with pytest.raises(KeyringBroken):
        parse_keyring(block)


def test_keyring_with_a_kek_of_another_entry_does_not_pass_unnoticed_when_changed() -> None:
    def flip(ring: Any) -> None:
        for each in ring["keks"][1]["sealed"]:
            each["enc"] = each["enc"][:-1] + bytes([each["enc"][-1] ^ 1])

    with pytest.raises(KeyringBroken):
        open_keyring(changed(flip), FIRST)


def test_recovery_key_file_round_trip() -> None:
    text = dump_recovery_key(FIRST)

    assert set(json.loads(text)) == {"koinon", "v", "public", "pkcs8"}
    assert (
        public_bytes(load_recovery_key(text)) == public_bytes(load_recovery_key(text.encode())) == public_bytes(FIRST)
    )
    assert open_keyring(RING, load_recovery_key(text)) == KEKS


def pkcs8(key: Any) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"koinon": "other"},
        {"v": 2},
        {"public": None},
        {"public": "?"},
        {"public": base64.b64encode(public_bytes(SECOND)).decode()},
        {"public": base64.b64encode(bytes(33)).decode()},
        {"pkcs8": 1},
        {"pkcs8": ""},
        {"pkcs8": "AAAA"},
        {"pkcs8": pkcs8(SECOND)},
        {"pkcs8": pkcs8(ec.generate_private_key(ec.SECP384R1()))},
        {"pkcs8": pkcs8(ed25519.Ed25519PrivateKey.generate())},
    ],
    ids=lambda change: next(iter(change)),  # the keys differ from process to process
)
def test_other_recovery_key_files_are_refused(change: dict[str, Any]) -> None:
    file = json.loads(dump_recovery_key(FIRST)) | change

    with pytest.raises(KeyringBroken):
        load_recovery_key(json.dumps(file))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "\xff", b"\xff\xfe", '{"koinon": "recovery-key"}'])
def test_what_is_no_recovery_key_file_is_refused(text: str | bytes) -> None:
    with pytest.raises(KeyringBroken):
        load_recovery_key(text)


def test_compress_gives_one_form() -> None:
    assert compress(point65(FIRST)) == compress(public_bytes(FIRST)) == public_bytes(FIRST)


BROWSER = """
const { subtle } = globalThis.crypto;
const pair = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
const text = buffer => Buffer.from(buffer).toString("base64");
console.log(JSON.stringify({
  koinon: "recovery-key", v: 1,
  public: text(await subtle.exportKey("raw", pair.publicKey)),
  pkcs8: text(await subtle.exportKey("pkcs8", pair.privateKey)),
}));
"""


def test_recovery_key_made_by_a_browsers_cryptography_is_read(node: Path) -> None:
    done = subprocess.run(
        [node, "--input-type=module", "-e", BROWSER], capture_output=True, text=True, timeout=60, check=True
    )

    key = load_recovery_key(done.stdout)

    point = base64.b64decode(json.loads(done.stdout)["public"])
    assert len(point) == 65
    assert open_keyring(build_keyring(KEKS, [point]), key) == KEKS


HPKE = """
const [file, sealed] = [JSON.parse(process.argv[1]), Buffer.from(process.argv[2], "hex")];
const { subtle } = globalThis.crypto;
const bytes = (...parts) => Buffer.concat(parts.map(part => Buffer.from(part)));
const hmac = async (key, data) => Buffer.from(await subtle.sign("HMAC",
  await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]), data));
const labeled = suite => ({
  extract: (salt, label, ikm) => hmac(salt.length ? salt : Buffer.alloc(32), bytes("HPKE-v1", suite, label, ikm)),
  expand: async (prk, label, info, size) =>
    (await hmac(prk, bytes([0, size], "HPKE-v1", suite, label, info, [1]))).subarray(0, size),
});
const curve = { name: "ECDH", namedCurve: "P-256" };
const mine = await subtle.importKey("pkcs8", Buffer.from(file.pkcs8, "base64"), curve, true, ["deriveBits"]);
const { d, ...jwk } = await subtle.exportKey("jwk", mine);
const public_ = await subtle.importKey("jwk", { ...jwk, key_ops: [] }, curve, true, []);
const enc = sealed.subarray(0, 65);
const theirs = await subtle.importKey("raw", enc, curve, true, []);
const dh = await subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
const kem = labeled(bytes("KEM", [0, 0x10]));
const recipient = await subtle.exportKey("raw", public_);
const prk = await kem.extract("", "eae_prk", Buffer.from(dh));
const shared = await kem.expand(prk, "shared_secret", bytes(enc, recipient), 32);
const hpke = labeled(bytes("HPKE", [0, 0x10, 0, 1, 0, 2]));
const hashes = [await hpke.extract("", "psk_id_hash", ""), await hpke.extract("", "info_hash", "koinon/1/kek")];
const context = bytes([0], ...hashes);
const secret = await hpke.extract(shared, "secret", "");
const key = await subtle.importKey("raw", await hpke.expand(secret, "key", context, 32), "AES-GCM", false, ["decrypt"]);
const iv = await hpke.expand(secret, "base_nonce", context, 12);
const kek = await subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.subarray(65));
process.stdout.write(Buffer.from(kek).toString("hex"));
"""


def test_browsers_cryptography_opens_a_sealed_kek_by_the_rfc_alone(node: Path) -> None:
    kek = new_kek()
    arguments = [dump_recovery_key(FIRST), seal_kek(kek, public_bytes(FIRST)).hex()]

    done = subprocess.run(
        [node, "--input-type=module", "-e", HPKE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.stdout, done.stderr) == (kek.hex(), "")
