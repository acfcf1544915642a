import json
import secrets
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.keys.envelope import EnvelopeBroken, context_of, new_item_id, new_kek, unwrap, wrap

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "seal.json").read_text())["aes_kw"]
keys = st.binary(min_size=32, max_size=32)


def test_wrap_equals_the_vector() -> None:
    kek, key, wrapped = (bytes.fromhex(VECTOR[name]) for name in ("kek", "dek", "wrapped"))

    assert wrap(key, kek) == wrapped
    assert unwrap(wrapped, kek) == key


def test_wrap_equals_the_vector_of_rfc_3394() -> None:
    kek = bytes(range(32))
    key = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")

    assert wrap(key, kek).hex().upper() == (
        "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
    )  # section 4.6


@given(keys, keys)
def test_unwrap_gives_the_key(key: bytes, kek: bytes) -> None:
    assert unwrap(wrap(key, kek), kek) == key


@given(keys, keys, st.integers(0, 319))
def test_unwrap_notices_every_flipped_bit(key: bytes, kek: bytes, bit: int) -> None:
    changed = bytearray(wrap(key, kek))
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(EnvelopeBroken):
        unwrap(bytes(changed), kek)


def test_unwrap_refuses_another_kek() -> None:
    with pytest.raises(EnvelopeBroken):
        unwrap(wrap(new_kek(), new_kek()), new_kek())


@pytest.mark.parametrize("size", [0, 8, 16, 24, 32, 39, 41, 48])
def test_unwrap_refuses_bytes_of_another_size(size: int) -> None:
    with pytest.raises(EnvelopeBroken):
        unwrap(bytes(size), new_kek())


@pytest.mark.parametrize(("key", "kek"), [(31, 32), (32, 31), (16, 32), (32, 16), (0, 32), (40, 32)])
def test_wrap_refuses_keys_of_another_size(key: int, kek: int) -> None:
    with pytest.raises(ValueError):
        wrap(bytes(key), bytes(kek))


def test_unwrap_refuses_a_kek_of_another_size() -> None:
    with pytest.raises(ValueError):
        unwrap(bytes(40), bytes(16))


def test_keks_and_items_are_random() -> None:
    assert {len(new_kek()), len(new_item_id())} == {32, 16}
    assert len({new_kek() for _ in range(50)}) == len({new_item_id() for _ in range(50)}) == 50


def test_context_names_chain_community_and_item() -> None:
    item = bytes(range(16))
    community = "0xAbCdEf0000000000000000000000000000000001"

    assert context_of(31337, community, item=item) == (
        b"koinon/1|31337|0xabcdef0000000000000000000000000000000001|000102030405060708090a0b0c0d0e0f"
    )


@pytest.mark.parametrize(
    ("community", "item"),
    [("0x12", bytes(16)), ("0x" + "g" * 40, bytes(16)), ("12" * 21, bytes(16)), ("0x" + "1" * 40, bytes(15))],
)
def test_context_refuses_what_is_no_address_or_item(community: str, item: bytes) -> None:
    with pytest.raises(ValueError):
        context_of(1, community, item=item)


WEBCRYPTO = """
const [wrapped, kek] = process.argv.slice(1).map(text => Buffer.from(text, "hex"));
const { subtle } = globalThis.crypto;
const unwrapping = await subtle.importKey("raw", kek, "AES-KW", false, ["unwrapKey"]);
const kind = { name: "HMAC", hash: "SHA-512" };
const key = await subtle.unwrapKey("raw", wrapped, unwrapping, "AES-KW", kind, true, ["sign"]);
process.stdout.write(Buffer.from(await subtle.exportKey("raw", key)).toString("hex"));
"""


def test_browsers_cryptography_unwraps(node: Path) -> None:
    key, kek = secrets.token_bytes(32), new_kek()

    done = subprocess.run(
        [node, "--input-type=module", "-e", WEBCRYPTO, wrap(key, kek).hex(), kek.hex()],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == (key.hex(), "")
