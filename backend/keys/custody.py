"""The host's custody of keks: the master key in a file, keks wrapped in the database, sealed to the recovery keys."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, select
from sqlmodel import Session, col

from backend.keyfile import read_or_make
from backend.keys.envelope import new_kek, unwrap, wrap
from backend.keys.keyring import build_keyring
from backend.keys.tables import Kek, RecoveryKey, Wrap
from backend.problems import Conflict

LEAST_RECOVERY_KEYS = 2
KEY_BYTES = 32


class RecoveryKeysMissing(Conflict):
    """Nothing gated is sealed before two recovery keys can restore it."""

    slug, title = "recovery-keys-missing", "Make your recovery keys first"


@dataclass(frozen=True)
class MasterKey:
    """Wraps the keks. Whoever has it and the database reads everything gated."""

    secret: bytes

    def new_item_key(self, session: Session, *, chain_id: int, community: str, item: str, key: bytes, at: int) -> None:
        """The item's content key is kept, wrapped by the community's current kek. Raises RecoveryKeysMissing."""
        kek_id, kek = self._current_kek(session, chain_id, community, at)
        session.add(
            Wrap(
                item=item,
                chain_id=chain_id,
                community=community,
                kek=kek_id,
                wrapped=wrap(key, kek),
                created_at=at,
            )
        )
        session.flush()

    def content_keys(self, session: Session, items: list[str]) -> dict[str, bytes]:
        """The content keys of these items; an erased item has none."""
        rows = session.execute(
            select(Wrap, Kek).join(Kek, col(Kek.id) == col(Wrap.kek)).where(col(Wrap.item).in_(items))
        )
        return {row.item: unwrap(row.wrapped, unwrap(kek.wrapped_by_host, self.secret)) for row, kek in rows.all()}

    def keyring(self, session: Session, chain_id: int, community: str) -> bytes | None:
        """The block of every kek sealed to every recovery key; None while there is no kek or recovery key."""
        rows = session.execute(_keks(chain_id, community)).scalars().all()
        recipients = recovery_keys(session, chain_id, community)
        if not rows or not recipients:
            return None
        return build_keyring({row.id: unwrap(row.wrapped_by_host, self.secret) for row in rows}, recipients)

    def _current_kek(self, session: Session, chain_id: int, community: str, at: int) -> tuple[str, bytes]:
        have = len(recovery_keys(session, chain_id, community))
        if have < LEAST_RECOVERY_KEYS:
            raise RecoveryKeysMissing(
                "Gated content needs two recovery keys, so that you can always restore it.",
                have=have,
                need=LEAST_RECOVERY_KEYS,
            )
        current = _keks(chain_id, community).where(col(Kek.retired_at).is_(None)).order_by(col(Kek.created_at).desc())
        row = session.execute(current.limit(1)).scalar_one_or_none()
        if row is not None:
            return row.id, unwrap(row.wrapped_by_host, self.secret)
        kek = new_kek()
        row = Kek(
            id=secrets.token_hex(16),
            chain_id=chain_id,
            community=community,
            wrapped_by_host=wrap(kek, self.secret),
            created_at=at,
        )
        session.add(row)
        session.flush()
        return row.id, kek


def recovery_keys(session: Session, chain_id: int, community: str) -> list[bytes]:
    """The community's recovery keys: compressed P-256 points."""
    statement = select(col(RecoveryKey.public_key)).where(
        col(RecoveryKey.chain_id) == chain_id, col(RecoveryKey.community) == community
    )
    return [bytes.fromhex(key) for key in session.execute(statement).scalars()]


def load_master_key(path: Path) -> MasterKey:
    """The master key in this file, made at the first call."""
    return MasterKey(read_or_make(path, lambda: secrets.token_bytes(KEY_BYTES)))


def _keks(chain_id: int, community: str) -> Select[Kek]:
    return select(Kek).where(col(Kek.chain_id) == chain_id, col(Kek.community) == community)
