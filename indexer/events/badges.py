"""Events of Badges. A token id below 2**40 is a referral badge, else `achievement_id << 40 | serial`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Achievement:
    """The whole state of an achievement."""

    label: str
    """32 bytes as `0x…` text: UTF-8, zero padded."""
    cap: int
    made: int
    locked: bool
    issuer: str
    allowance: int
    description: str
    uri: str


@dataclass(frozen=True, slots=True)
class AchievementSet:
    achievement_id: int
    achievement: Achievement


@dataclass(frozen=True, slots=True)
class AchievementGranted:
    achievement_id: int
    by: str
    first_token_id: int
    recipients: tuple[str, ...]
    made: int


@dataclass(frozen=True, slots=True)
class AchievementClaimed:
    achievement_id: int
    token_id: int
    recipient: str
    issuer: str
    nonce: int
    made: int
    allowance: int


@dataclass(frozen=True, slots=True)
class AchievementVoucherWithdrawn:
    achievement_id: int
    issuer: str
    nonce: int
    by: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """ERC-721: of a badge or an achievement; from or to nobody when it is made or burned."""

    from_: str
    to: str
    id: int
