"""`recovery.set`: the owner names the keys that can restore everything gated."""

from pydantic import Field, field_validator
from sqlalchemy import delete
from sqlmodel import Session, col

from backend.gates.authority import owner_only
from backend.keys.custody import LEAST_RECOVERY_KEYS
from backend.keys.keyring import compress
from backend.keys.tables import RecoveryKey
from backend.log.kinds import ActData, Kind, Placed


class RecoverySet(ActData):
    """`keys` are P-256 points in hex (33 or 65 bytes, `0x` before); they replace all earlier ones."""

    keys: list[str] = Field(min_length=LEAST_RECOVERY_KEYS, max_length=16)

    @field_validator("keys")
    @classmethod
    def _are_points(cls, values: list[str]) -> list[str]:
        if len({_point(value) for value in values}) != len(values):
            raise ValueError("a key is listed twice")
        return values


def _point(value: str) -> str:
    if not value.startswith("0x"):
        raise ValueError("a key starts with 0x")
    return compress(bytes.fromhex(value[2:])).hex()


def _project(session: Session, placed: Placed) -> None:
    act = placed.act
    session.execute(
        delete(RecoveryKey).where(
            col(RecoveryKey.chain_id) == act.chain_id, col(RecoveryKey.community) == act.community
        )
    )
    for value in act.data["keys"]:
        session.add(
            RecoveryKey(chain_id=act.chain_id, community=act.community, public_key=_point(value), seq=placed.seq)
        )
    session.flush()


KINDS = [Kind("recovery.set", RecoverySet, owner_only, _project, governs=True)]
