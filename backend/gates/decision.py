"""Decides whether holdings satisfy a rule. Pure: no clock, no database, no request."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from backend.gates.rule import Rule

FOREVER = 2**40 - 1
"""`until` of a decision that no expiry ends; also `expires_at` of a membership for life."""


@dataclass(frozen=True)
class Held:
    """A membership that an account holds, expired or not."""

    tier_id: int
    token_id: int
    expires_at: int


@dataclass(frozen=True)
class Holdings:
    """What an account holds in one community. `account` None is a viewer who has not signed in."""

    account: str | None
    memberships: Sequence[Held] = ()
    governs: bool = False
    """Whether the account owns the community: every gate is open to it."""


@dataclass(frozen=True)
class Condition:
    """One reason why a gate is closed, for people and programs: what you have, what it takes, what to do next."""

    code: Literal["signed-out", "membership-missing", "membership-expired", "membership-other-tier"]
    need_tiers: tuple[int, ...]
    have_tier: int | None
    have_token: int | None
    since: int | None
    """When the membership expired, unix seconds."""
    next: Literal["sign-in", "join", "renew", "change-tier"]

    def encode(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Allowed:
    """Open, and by these holdings until (exclusive) this time in unix seconds."""

    until: int


@dataclass(frozen=True)
class Denied:
    """Closed; each condition names a way to open it."""

    conditions: tuple[Condition, ...]


Decision = Allowed | Denied


def decide(rule: Rule | None, holdings: Holdings, *, at: int) -> Decision:
    """Holdings either satisfy the rule at `at`, and until when, or one reason is given why not.

    `rule` None is no gate: open to all. Units: unix seconds. Expiry is exclusive: `expires_at == at` has expired.
    """
    if rule is None or holdings.governs:
        return Allowed(FOREVER)
    valid = [held for held in holdings.memberships if held.tier_id in rule.tiers and held.expires_at > at]
    if valid:
        return Allowed(max(held.expires_at for held in valid))
    return Denied((_reason(rule, holdings, at),))


def _reason(rule: Rule, holdings: Holdings, at: int) -> Condition:
    need = tuple(sorted(rule.tiers))
    if holdings.account is None:
        return Condition("signed-out", need, None, None, None, "sign-in")
    newest = max(holdings.memberships, key=lambda held: (held.tier_id in rule.tiers, held.expires_at), default=None)
    if newest is None:
        return Condition("membership-missing", need, None, None, None, "join")
    if newest.tier_id in rule.tiers:
        return Condition("membership-expired", need, newest.tier_id, newest.token_id, newest.expires_at, "renew")
    since = newest.expires_at if newest.expires_at <= at else None
    return Condition("membership-other-tier", need, newest.tier_id, newest.token_id, since, "change-tier")
