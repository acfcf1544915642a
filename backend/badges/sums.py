"""Exact sums of amounts, by the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, cast, func
from sqlmodel import Session


def sums(session: Session, amounts: Any) -> Sequence[ColumnElement[int]]:
    """Columns whose numbers `added` adds up to the exact sum of a column of amounts below 10**36.

    SQLite keeps amounts as 78 digits of text, of which no sum is exact: so it adds twelve digits at a time.
    """
    if session.get_bind().dialect.name != "sqlite":
        return [func.sum(amounts)]
    digits = cast(amounts, String)
    return [func.sum(cast(func.substr(digits, start, 12), Integer)) for start in (43, 55, 67)]


def added(parts: Sequence[int | None]) -> int:
    """The sum of which `sums` gave the parts."""
    total = 0
    for part in parts:
        total = total * 10**12 + int(part or 0)
    return total
