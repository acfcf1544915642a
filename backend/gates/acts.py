"""`gate.set`: the owner attaches a rule to a name. Every version stays in the log."""

from typing import Any

from pydantic import Field, field_validator
from sqlmodel import Session

from backend.gates.authority import owner_only
from backend.gates.rule import RuleMalformed, parse_rule
from backend.gates.tables import GateVersion
from backend.log.kinds import ActData, Kind, Placed


class GateSet(ActData):
    """`gate` names the gate, `rule` is its rule from now on."""

    gate: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    rule: dict[str, Any]

    @field_validator("rule")
    @classmethod
    def _is_rule(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            return parse_rule(value).encode()
        except RuleMalformed as error:
            raise ValueError(str(error)) from error


def _project(session: Session, placed: Placed) -> None:
    act = placed.act
    session.add(
        GateVersion(
            chain_id=act.chain_id,
            community=act.community,
            gate=act.data["gate"],
            seq=placed.seq,
            rule=act.data["rule"],
            act_id=act.id,
            at=placed.at,
        )
    )
    session.flush()


KINDS = [Kind("gate.set", GateSet, owner_only, _project, governs=True)]
