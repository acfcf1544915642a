"""What can be asked about achievements: badges for deeds, and who has them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlmodel import Session, col

from backend.problems import NotFound
from indexer.tables.badges import Achievement, AchievementToken, AchievementVoucher
from indexer.tables.columns import ZERO_ADDRESS

PAGE = 24
HOLDERS = 48
SERIAL_BITS = 40


@dataclass(frozen=True)
class AchievementView:
    """An achievement. `cap` 0: any number; `made` counts burned ones too; `allowance`: vouchers that can be used."""

    id: int
    label: str
    description: str
    uri: str
    cap: int
    made: int
    locked: bool
    issuer: str | None
    allowance: int
    changed: int

    @property
    def first_token(self) -> int | None:
        """Its picture is the picture of all of them."""
        return self.id << SERIAL_BITS | 1 if self.made else None

    @property
    def left(self) -> int | None:
        return self.cap - self.made if self.cap else None

    @property
    def link(self) -> str | None:
        """More about it, where a browser can follow."""
        return self.uri if self.uri.startswith("https://") else None


@dataclass(frozen=True)
class TokenView:
    """A token of an achievement."""

    id: int
    achievement: int
    owner: str
    transfer_count: int
    made_at: int

    @property
    def serial(self) -> int:
        return self.id & ((1 << SERIAL_BITS) - 1)


def achievements_of(
    session: Session, chain_id: int, badges: str, *, before: int | None = None
) -> Sequence[AchievementView]:
    """The newest PAGE achievements whose id is below `before`."""
    statement = select(Achievement).where(col(Achievement.chain_id) == chain_id, col(Achievement.contract) == badges)
    if before is not None:
        statement = statement.where(col(Achievement.achievement_id) < before)
    rows = session.execute(statement.order_by(col(Achievement.achievement_id).desc()).limit(PAGE)).scalars()
    return [_view(row) for row in rows]


def achievement_of(session: Session, chain_id: int, badges: str, achievement_id: int) -> AchievementView:
    """Raises NotFound."""
    row = session.get(Achievement, (chain_id, badges, achievement_id))
    if row is None:
        raise NotFound("There is no such achievement.")
    return _view(row)


def tokens_of(
    session: Session, chain_id: int, badges: str, achievement_id: int, *, after: int = 0, limit: int = HOLDERS
) -> Sequence[TokenView]:
    """Who has it: its tokens by serial, from behind `after` on."""
    first = achievement_id << SERIAL_BITS
    statement = (
        select(AchievementToken)
        .where(
            col(AchievementToken.chain_id) == chain_id,
            col(AchievementToken.contract) == badges,
            col(AchievementToken.token_id) > max(first, after),
            col(AchievementToken.token_id) < first + (1 << SERIAL_BITS),
        )
        .order_by(col(AchievementToken.token_id))
        .limit(limit)
    )
    return [_token(row) for row in session.execute(statement).scalars()]


def token_of(session: Session, chain_id: int, badges: str, token_id: int) -> TokenView:
    """Raises NotFound, also for one that was burned."""
    row = session.get(AchievementToken, (chain_id, badges, token_id))
    if row is None:
        raise NotFound("There is no such achievement token.")
    return _token(row)


def tokens_by_id(
    session: Session, chain_id: int, badges: str, token_ids: Collection[int]
) -> Sequence[tuple[TokenView, AchievementView]]:
    """Those of these tokens that there are, with what they are tokens of."""
    if not token_ids:
        return ()
    same = and_(
        col(Achievement.chain_id) == col(AchievementToken.chain_id),
        col(Achievement.contract) == col(AchievementToken.contract),
        col(Achievement.achievement_id) == col(AchievementToken.achievement_id),
    )
    statement = (
        select(AchievementToken, Achievement)
        .join(Achievement, same)
        .where(
            col(AchievementToken.chain_id) == chain_id,
            col(AchievementToken.contract) == badges,
            col(AchievementToken.token_id).in_(token_ids),
        )
    )
    return [(_token(token), _view(achievement)) for token, achievement in session.execute(statement).all()]


def tokens_held(session: Session, chain_id: int, badges: str, owner: str, *, limit: int = HOLDERS) -> list[TokenView]:
    """Tokens of achievements that an account has here."""
    statement = (
        select(AchievementToken)
        .where(
            col(AchievementToken.chain_id) == chain_id,
            col(AchievementToken.owner) == owner,
            col(AchievementToken.contract) == badges,
        )
        .order_by(col(AchievementToken.token_id))
        .limit(limit)
    )
    return [_token(row) for row in session.execute(statement).scalars()]


def voucher_spent(
    session: Session, chain_id: int, badges: str, achievement_id: int, *, issuer: str, nonce: int
) -> bool:
    """Whether a voucher with this nonce was used or withdrawn."""
    return session.get(AchievementVoucher, (chain_id, badges, achievement_id, issuer, nonce)) is not None


def _view(row: Achievement) -> AchievementView:
    return AchievementView(
        id=row.achievement_id,
        label=row.label,
        description=row.description,
        uri=row.uri,
        cap=row.cap,
        made=row.made,
        locked=row.locked,
        issuer=None if row.issuer == ZERO_ADDRESS else row.issuer,
        allowance=row.allowance,
        changed=row.block_number,
    )


def _token(row: AchievementToken) -> TokenView:
    return TokenView(row.token_id, row.achievement_id, row.owner, row.transfer_count, row.made_at)
