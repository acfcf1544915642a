"""Nonces of SIWE messages: given to one address for one purpose, and used once."""

import secrets

from sqlalchemy import delete
from sqlmodel import Session, col

from backend.identity import siwe
from backend.identity.tables import Nonce

NONCE_SECONDS = siwe.MAX_AGE_SECONDS
_GONE = "This message has been used or is too old. Ask for a new one and sign it."


class NonceWrong(siwe.SignInRefused):
    """The nonce was never given to this address for this purpose, is too old, or has been used already."""

    slug = "siwe-nonce"


def give_nonce(session: Session, address: str, *, links_to: str | None, at: int) -> str:
    """A nonce that signs this address in once, or links it to an account once, within ten minutes. Old ones are
    swept."""
    session.execute(delete(Nonce).where(col(Nonce.expires_at) <= at))
    value = secrets.token_hex(16)
    session.add(Nonce(value=value, address=address, links_to=links_to, expires_at=at + NONCE_SECONDS))
    return value


def require_nonce(session: Session, message: siwe.SiweMessage, *, links_to: str | None, at: int) -> None:
    """Refuses before the chain is asked; whether the nonce is still unused is decided by `use_nonce`."""
    nonce = session.get(Nonce, message.nonce)
    given = None if nonce is None else (nonce.address, nonce.links_to)
    if nonce is None or given != (message.address, links_to) or nonce.expires_at <= at:
        raise NonceWrong(_GONE)


def use_nonce(session: Session, message: siwe.SiweMessage, *, links_to: str | None, at: int) -> None:
    """Deletes the nonce; a deletion finds it once, however many transactions try."""
    used = session.execute(
        delete(Nonce)
        .where(
            col(Nonce.value) == message.nonce,
            col(Nonce.address) == message.address,
            col(Nonce.links_to).is_not_distinct_from(links_to),
            col(Nonce.expires_at) > at,
        )
        .returning(col(Nonce.value))
    )
    if used.first() is None:
        raise NonceWrong(_GONE)
