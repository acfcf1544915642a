"""Recovery: every kek sealed to every recovery key, so that any one of them restores a community. Pure.

Sealing is HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, with `enc` before the
ciphertext. Recovery keys are made in the founder's browser by WebCrypto; the host only ever sees their public half.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from backend.dag_cbor import DagCborTypes, decode_dag_cbor, encode_dag_cbor
from backend.keys.envelope import KEY

SEALED = 65 + KEY + 16  # bytes: the ephemeral public key, the kek, the tag
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"koinon/1/kek"


class KeyringBroken(Exception):
    """A keyring, a sealed kek or a recovery key file is malformed, changed, or made for another key."""


@dataclass(frozen=True, slots=True)
class SealedKek:
    """A kek, sealed to each recipient: (compressed public key, sealed bytes)."""

    id: str
    sealed: tuple[tuple[bytes, bytes], ...]


def seal_kek(kek: bytes, recipient_public: bytes) -> bytes:
    """The kek, sealed to a recovery key (P-256 point, 33 or 65 bytes). Raises ValueError for a bad key or point."""
    if len(kek) != KEY:
        raise ValueError(f"a kek has {KEY} bytes")
    return _SUITE.encrypt(kek, _public_key(recipient_public), _INFO)


def open_kek(sealed: bytes, private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """The kek inside. Errors: KeyringBroken."""
    if len(sealed) != SEALED:
        raise KeyringBroken(f"a sealed kek has {SEALED} bytes, not {len(sealed)}")
    try:
        return _SUITE.decrypt(sealed, private_key, _INFO)
    except (InvalidTag, ValueError) as error:
        raise KeyringBroken("sealed to another key, or changed") from error


def build_keyring(keks: Mapping[str, bytes], recipients: Sequence[bytes]) -> bytes:
    """The dag-cbor block of every kek (by id) sealed to every recipient, in the order of their bytes."""
    points = sorted({compress(each) for each in recipients})
    if not points:
        raise ValueError("a keyring needs a recipient")
    entries: list[DagCborTypes] = [
        {"id": name, "sealed": [{"to": to, "enc": seal_kek(keks[name], to)} for to in points]} for name in sorted(keks)
    ]
    return encode_dag_cbor({"v": 1, "keks": entries})


def parse_keyring(block: bytes) -> list[SealedKek]:
    """The sealed keks of a keyring block, in its order. Errors: KeyringBroken."""
    try:
        ring = decode_dag_cbor(block)
    except ValueError as error:
        raise KeyringBroken("not dag-cbor") from error
    entries = _field(ring, {"v", "keks"}, "keks", list)
    if _field(ring, {"v", "keks"}, "v", int) != 1:
        raise KeyringBroken("an unknown version of keyring")
    keks = [_parse_kek(each) for each in entries]
    if len({each.id for each in keks}) != len(keks):
        raise KeyringBroken("a kek is listed twice")
    return keks


def open_keyring(block: bytes, private_key: ec.EllipticCurvePrivateKey) -> dict[str, bytes]:
    """Every kek by id. Errors: KeyringBroken when the key opens not all of them."""
    mine = public_bytes(private_key)
    keks = {}
    for each in parse_keyring(block):
        sealed = dict(each.sealed).get(mine)
        if sealed is None:
            raise KeyringBroken(f"this is not a recovery key that the newest keyring is sealed to (kek {each.id})")
        keks[each.id] = open_kek(sealed, private_key)
    return keks


def _parse_kek(entry: object) -> SealedKek:
    name = _field(entry, {"id", "sealed"}, "id", str)
    sealed = []
    for each in _field(entry, {"id", "sealed"}, "sealed", list):
        to, enc = (_field(each, {"to", "enc"}, field, bytes) for field in ("to", "enc"))
        if len(to) != 33 or len(enc) != SEALED:
            raise KeyringBroken("a sealed kek of the wrong size")
        sealed.append((to, enc))
    return SealedKek(name, tuple(sealed))


def _field(entry: object, fields: set[str], field: str, kind: type) -> Any:
    if not isinstance(entry, dict) or set(entry) != fields or not isinstance(entry[field], kind):
        raise KeyringBroken(f"no entry with {', '.join(sorted(fields))}")
    return entry[field]


def new_recovery_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key, for the demo and tests: founders make theirs in the browser."""
    return ec.generate_private_key(ec.SECP256R1())


def public_bytes(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """The compressed point (33 bytes) that names the recovery key."""
    return private_key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def compress(point: bytes) -> bytes:
    """The compressed form of a P-256 point of 33 or 65 bytes. Raises ValueError when it is none."""
    return _public_key(point).public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def dump_recovery_key(private_key: ec.EllipticCurvePrivateKey) -> str:
    """The recovery key's file, as the browser offers it for download. It opens everything gated."""
    pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    fields = {"public": _base64(public_bytes(private_key)), "pkcs8": _base64(pkcs8)}
    return json.dumps({"koinon": "recovery-key", "v": 1, **fields}, indent=2) + "\n"


def load_recovery_key(text: str | bytes) -> ec.EllipticCurvePrivateKey:
    """The private key in a recovery key file. Errors: KeyringBroken."""
    try:
        file = json.loads(text)
        if file["koinon"] != "recovery-key" or file["v"] != 1:
            raise KeyringBroken("not a recovery key file of version 1")
        key = load_der_private_key(_unbase64(file["pkcs8"]), password=None)
        public = compress(_unbase64(file["public"]))
    except (ValueError, TypeError, KeyError, RecursionError, UnsupportedAlgorithm) as error:
        raise KeyringBroken("not a recovery key file") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyringBroken("not a P-256 key")
    if public_bytes(key) != public:
        raise KeyringBroken("the file's two halves do not belong together")
    return key


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
