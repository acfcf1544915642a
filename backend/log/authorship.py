"""Whether an act is its author's: by a session key that the author's wallet delegated, or by the wallet itself."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from sqlalchemy import select
from sqlmodel import Session, col

from backend.chain import Chain
from backend.identity.delegation import Delegation, read_delegation, verify_p256
from backend.identity.signature import SignatureWrong, recover, typed_digest, verify_wallet
from backend.identity.tables import DelegationBlock
from backend.log.act import Act, typed_data
from backend.log.kinds import ActRefused, Placed
from backend.problems import Problem
from indexer.tables.columns import ZERO_HASH
from indexer.tables.community import DelegatedKey, Home

Proof = Literal["proved", "attested"]
"""`attested`: a contract wallet's word, which only the home could ask its contract about."""


class KeyUnknown(Problem):
    """The act names a delegation that this home never saw, or saw revoked."""

    slug, title, status = "key-unknown", "Sign in again to go on", 401


@dataclass(frozen=True)
class Delegated:
    """A delegation and the block that proves it."""

    delegation: Delegation
    block: bytes


def delegation_of(session: Session, act: Act) -> Delegated | None:
    """The delegation that the act's key names; None for an act signed by the wallet. Raises KeyUnknown."""
    if act.key is None:
        return None
    row = session.execute(select(DelegationBlock).where(col(DelegationBlock.cid) == act.key)).scalar_one_or_none()
    if row is None or row.revoked_at is not None:
        raise KeyUnknown("This session key is not known here, or was revoked.", key=act.key)
    return Delegated(read_delegation(row.cid, row.data), row.data)


def check_signature(act: Act, delegation: Delegation | None, chain: Chain | None) -> Proof:
    """The signature is the author's, or SignatureWrong is raised.

    Without a chain only what needs no node is tried, and a contract wallet's signature counts as attested.
    """
    if delegation is not None:
        try:
            verify_p256(delegation.public_key, act.signing_bytes, act.sig)
        except (InvalidSignature, ValueError) as error:
            raise SignatureWrong("The act is not signed by the key that it names.") from error
        return delegation.proof
    digest = typed_digest(typed_data(act))
    try:
        if recover(digest, act.sig) == act.author:
            return "proved"
    except (ValueError, SignatureWrong):
        pass
    if chain is None:
        return "attested"
    verify_wallet(chain, act.author, digest=digest, signature=act.sig)
    return "attested"


def check_delegation(session: Session, placed: Placed, delegation: Delegation | None) -> None:
    """The delegation held for this act at its place: author, chain, home, time, and no revocation on chain."""
    if delegation is None:
        return
    act = placed.act
    if delegation.account != act.author or delegation.chain_id != act.chain_id:
        raise ActRefused("The key was delegated by another account or for another chain.", reason="key-of-another")
    if not delegation.issued_at <= placed.at < delegation.expires_at:
        raise KeyUnknown("The session key has expired.", key=act.key)
    if delegation.domain != home_domain(session, act.chain_id, act.community, placed.epoch):
        raise ActRefused("The key was delegated to another home.", reason="key-of-another-home")
    if _revoked_on_chain(session, placed, delegation):
        raise KeyUnknown("The session key was revoked on chain.", key=act.key)


def home_domain(session: Session, chain_id: int, community: str, epoch: int) -> str | None:
    """The authority (host and port) that served the community in this epoch."""
    statement = select(col(Home.uri)).where(
        col(Home.chain_id) == chain_id, col(Home.community) == community, col(Home.epoch) == epoch
    )
    uri = session.execute(statement).scalar_one_or_none()
    return urlsplit(uri).netloc if uri else None


def _revoked_on_chain(session: Session, placed: Placed, delegation: Delegation) -> bool:
    act = placed.act
    key_hash = "0x" + sha256(delegation.public_key).hexdigest()
    statement = select(col(DelegatedKey.until)).where(
        col(DelegatedKey.chain_id) == act.chain_id,
        col(DelegatedKey.community) == act.community,
        col(DelegatedKey.account) == act.author,
        col(DelegatedKey.key_hash).in_([key_hash, ZERO_HASH]),
        col(DelegatedKey.block_number) <= placed.as_of.number,
    )
    return any(until <= placed.at for until in session.execute(statement).scalars())
