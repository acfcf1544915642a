"""Wallets' signatures and session keys for tests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from sqlmodel import select

from backend.config import Settings
from backend.db import Database
from backend.identity import login, siwe
from backend.identity.delegation import compressed, delegation_block, key_resource
from backend.identity.login import Challenge, SignedIn, Viewer
from backend.identity.signature import Proof
from scripts.member import siwe_text

SignIn = Callable[..., SignedIn]

NOW = 1_800_000_000
DAY = 86_400


def session_key(secret: int = 7) -> EllipticCurvePrivateKey:
    return derive_private_key(secret, SECP256R1())


def challenge(wallet: LocalAccount, **changes: Any) -> Challenge:
    """One that nobody gave out: for messages whose nonce is not looked at."""
    return replace(
        Challenge(
            address=wallet.address.lower(),
            base_url="http://koinon.test:8000",
            chain_id=31337,
            nonce="abcdefgh12345678",
            issued_at=NOW,
            expires_at=NOW + 30 * DAY,
        ),
        **changes,
    )


def message_for(given: Challenge, *, key: EllipticCurvePrivateKey | None = None, **changes: Any) -> str:
    """The text that answers the challenge; `changes` are arguments of `siwe.compose`."""
    resources = (key_resource(compressed(key.public_key()), given.expires_at),) if key else ()
    fields: dict[str, Any] = {
        "base_url": given.base_url,
        "chain_id": given.chain_id,
        "nonce": given.nonce,
        "issued_at": given.issued_at,
        "expires_at": given.expires_at,
        "resources": resources,
    }
    return siwe.compose(given.address, **{**fields, **changes})


def link_text(asked: dict[str, Any]) -> str:
    """The message that links a wallet as a page writes it, from the answer of /api/wallets/nonce alone."""
    return siwe_text(asked["message_fields"], asked["resource"])


def sign(wallet: LocalAccount, message: str) -> bytes:
    """What the wallet's `personal_sign` gives."""
    return bytes(wallet.sign_message(encode_defunct(text=message)).signature)


def delegated(wallet: LocalAccount, key: EllipticCurvePrivateKey, **changes: Any) -> tuple[str, bytes]:
    """CID and block by which the wallet delegates to the key; `changes` are fields of the challenge."""
    message = message_for(challenge(wallet, **changes), key=key)
    return delegation_block(message, Proof("eoa", "eip191", sign(wallet, message), None))


def ask_nonce(store: Database, settings: Settings, address: str, at: int = NOW) -> Challenge:
    """A challenge that was given out."""
    with store.writing() as session:
        return login.new_nonce(session, settings, address=address.lower(), at=at)


def open_session(store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount) -> SignedIn:
    message = message_for(ask_nonce(store, settings, wallet.address), key=session_key())
    return sign_in(message, sign(wallet, message))


def viewer_with(store: Database, token: str, at: int = NOW + 2) -> Viewer | None:
    with store.reading() as session:
        return login.viewer_of(session, token, at=at)


def rows(store: Database, table: Any) -> list[Any]:
    with store.reading() as session:
        return list(session.exec(select(table)))
