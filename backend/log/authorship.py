"""Whether an act is its author's: by a session key that the author's wallet delegated, or by the wallet itself."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlmodel import Session, col

from backend.chain import Chain
from backend.dag_cbor import decode_dag_cbor
from backend.identity.delegation import Delegation, read_delegation, verify_p256
from backend.identity.signature import SignatureWrong, personal_digest, typed_digest, verify_wallet
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


def check_signature(act: Act, delegation: Delegation | None, chain: Chain) -> Proof:
    """The signature is the author's now, or SignatureWrong is raised. A contract wallet is asked by the chain."""
    if delegation is not None:
        _check_key(act, delegation)
        return delegation.proof
    proof = verify_wallet(chain, act.author, digest=_typed_digest(act), signature=act.sig)
    if proof.signature != act.sig:
        raise SignatureWrong("The signature is not in its one canonical form.")
    return "proved" if proof.how == "eoa" else "attested"


def check_old_signature(act: Act, delegated: Delegated | None, chain: Chain) -> Proof:
    """The signature is the author's, judged by a stranger later. Raises SignatureWrong.

    What a home attested of a contract wallet is asked of the contract again; one that no longer agrees may have
    changed its owner since, so its acts count as attested. An account without code has only its key to prove it.
    """
    if delegated is not None:
        _check_key(act, delegated.delegation)
        if delegated.delegation.proof == "proved":
            return "proved"
        fields: Any = decode_dag_cbor(delegated.block)
        digest, signature = personal_digest(fields["message"].encode()), fields["signature"]
    else:
        digest, signature = _typed_digest(act), act.sig
    try:
        verify_wallet(chain, act.author, digest=digest, signature=signature)
    except SignatureWrong:
        if chain.code(act.author):
            return "attested"
        raise
    return "proved"


def _typed_digest(act: Act) -> bytes:
    try:
        return typed_digest(typed_data(act))
    except TypeError as error:
        raise SignatureWrong("A wallet signs no act whose data is more than JSON.") from error


def _check_key(act: Act, delegation: Delegation) -> None:
    if delegation.account != act.author:
        raise SignatureWrong("The key was delegated by another account.")
    verify_p256(delegation.public_key, act.signing_bytes, act.sig)


def check_delegation(session: Session, placed: Placed, delegation: Delegation | None) -> None:
    """The delegation held for this act at its place: author, chain, home, time, and no revocation on chain."""
    if delegation is None:
        return
    act = placed.act
    if delegation.chain_id != act.chain_id:
        raise ActRefused("The key was delegated for another chain.", reason="key-of-another-chain")
    if not delegation.issued_at <= placed.at < delegation.expires_at:
        raise KeyUnknown("The session key has expired.", key=act.key)
    if delegation.domain != home_domain(session, act.chain_id, act.community, placed.epoch):
        raise ActRefused("The key was delegated to another home.", reason="key-of-another-home")
    if _revoked_on_chain(session, placed, delegation):
        raise KeyUnknown("The session key was revoked on chain.", key=act.key, reason="key-revoked-on-chain")


def home_domain(session: Session, chain_id: int, community: str, epoch: int) -> str | None:
    """The authority (host and port) that served the community in this epoch; None when its owner wrote no address."""
    statement = select(col(Home.uri)).where(
        col(Home.chain_id) == chain_id, col(Home.community) == community, col(Home.epoch) == epoch
    )
    uri = session.execute(statement).scalar_one_or_none()
    try:
        return urlsplit(uri).netloc if uri else None
    except ValueError:
        return None


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
