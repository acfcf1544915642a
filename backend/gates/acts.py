"""`gate.set`: the owner attaches a rule to a name. Every version stays in the log."""

from typing import Any

from pydantic import Field, field_validator
from sqlmodel import Session

from backend.gates.access import gates_of, require_few_contracts
from backend.gates.authority import owner_only
from backend.gates.rule import RuleMalformed, parse_rule
from backend.gates.tables import GateVersion
from backend.gates.watching import contracts_of, forget_others
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


def _admit(session: Session, placed: Placed) -> None:
    """Raises Malformed: this is no question of who may."""
    act = placed.act
    require_few_contracts(session, act.chain_id, act.community, act.data["gate"], parse_rule(act.data["rule"]))


def _effect(session: Session, placed: Placed) -> None:
    named = contracts_of(gates_of(session, placed.act.chain_id, placed.act.community).values())
    forget_others(session, placed.act.chain_id, placed.act.community, named)


KINDS = [Kind("gate.set", GateSet, owner_only, _project, governs=True, admit=_admit, effect=_effect)]
