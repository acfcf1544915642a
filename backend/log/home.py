"""The home's key: signs heads, and sends the anchors. Kept in a 0600 file, never in a database."""

from dataclasses import dataclass, replace
from pathlib import Path

from coincurve import PrivateKey, PublicKey
from eth_utils.crypto import keccak

from backend.keyfile import read_or_make
from backend.log.record import Head


@dataclass(frozen=True)
class HomeKey:
    """A secp256k1 key; the community contract names its address for the current epoch."""

    secret: bytes

    @property
    def address(self) -> str:
        return _address_of(PrivateKey(self.secret).public_key)

    def sign(self, head: Head) -> Head:
        """The head with the home's EIP-191 signature (65 bytes, v 27 or 28)."""
        raw = PrivateKey(self.secret).sign_recoverable(_digest(head), hasher=None)
        return replace(head, sig=raw[:64] + bytes([27 + raw[64]]))


def signer_of(head: Head) -> str | None:
    """The address whose key signed the head, or None if the signature is none."""
    if len(head.sig) != 65 or head.sig[64] not in (27, 28):
        return None
    try:
        signature = head.sig[:64] + bytes([head.sig[64] - 27])
        return _address_of(PublicKey.from_signature_and_message(signature, _digest(head), hasher=None))
    except ValueError:
        return None


def load_home_key(path: Path) -> HomeKey:
    """The key in this file, made at the first call."""
    return HomeKey(read_or_make(path, lambda: PrivateKey().secret))


def _digest(head: Head) -> bytes:
    message = head.signing_bytes
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


def _address_of(public: PublicKey) -> str:
    return "0x" + keccak(public.format(compressed=False)[1:])[-20:].hex()
