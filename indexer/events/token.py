"""Events of a CommunityToken, the ERC-20 that a crowdsale sold. Amounts in base units, times in unix seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """What is noted about a holder of a restricted token. `attested_until` is exclusive; 0 = never attested."""

    attested_until: int
    frozen: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """ERC-20; from nobody when tokens are made."""

    from_: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class LockupSet:
    locked_until: int


@dataclass(frozen=True, slots=True)
class AttestorSet:
    attestor: str
    by: str


@dataclass(frozen=True, slots=True)
class HolderSet:
    account: str
    holder: Holder
    by: str


@dataclass(frozen=True, slots=True)
class IncomeDistributed:
    from_: str
    amount: int
    supply: int
    index: int
    distributed: int


@dataclass(frozen=True, slots=True)
class IncomeClaimed:
    account: str
    to: str
    amount: int
    claimed: int
