"""Grants from a pasted or uploaded CSV: what each line says, and what is wrong with it, before anything is signed."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.membership.queries import TierView

MOST_LINES = 1_000
HEADINGS = {"address", "wallet", "account", "recipient", "holder", "адрес", "кошелёк", "кошелек"}
"""First words of a line that names the columns and no wallet."""
DAY = 86_400
LONGEST_DAYS = 730
Fault = Literal["address-wrong", "tier-wrong", "days-wrong", "twice", "other-tier"]
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True)
class Line:
    """A line of the CSV. `fault` None: it can be granted; `token_id` 0: the recipient becomes a member."""

    number: int
    text: str
    recipient: str = ""
    tier_id: int = 0
    tier: str = ""
    seconds: int = 0
    token_id: int = 0
    fault: Fault | None = None

    @property
    def days(self) -> int:
        return self.seconds // DAY


def lines_of(text: str, tiers: Sequence[TierView], *, tier_id: int | None, days: int | None) -> list[Line]:
    """The lines `address, tier, days`; what a line leaves out is that of the form. A heading is passed over."""
    read = ((number, _cells(line)) for number, line in enumerate(text.splitlines(), start=1))
    rows = [(number, cells) for number, cells in read if any(cells)]
    if rows and rows[0][1][0].strip().lower() in HEADINGS:
        rows = rows[1:]
    seen: set[str] = set()
    return [_line(number, row, tiers, seen, tier_id, days) for number, row in rows[:MOST_LINES]]


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return [line]


def addresses_of(lines: Sequence[Line]) -> list[str]:
    """Who is named, right lines only."""
    return sorted({line.recipient for line in lines if line.fault is None})


def with_memberships(lines: Sequence[Line], held: Mapping[str, tuple[int, int]]) -> list[Line]:
    """The lines with the memberships that their recipients hold: `held` gives token and tier by holder."""
    return [_with_membership(line, held.get(line.recipient)) for line in lines]


def _with_membership(line: Line, held: tuple[int, int] | None) -> Line:
    if line.fault is not None or held is None:
        return line
    token_id, tier_id = held
    fault: Fault | None = None if tier_id == line.tier_id else "other-tier"
    return Line(line.number, line.text, line.recipient, line.tier_id, line.tier, line.seconds, token_id, fault)


def _line(
    number: int, row: Sequence[str], tiers: Sequence[TierView], seen: set[str], tier_id: int | None, days: int | None
) -> Line:
    cells = [cell.strip() for cell in row]
    text = ", ".join(cells)[:120]
    address = cells[0].lower()
    if not _ADDRESS.fullmatch(address):
        return Line(number, text, fault="address-wrong")
    if address in seen:
        return Line(number, text, address, fault="twice")
    seen.add(address)
    tier = _tier(cells[1] if len(cells) > 1 else "", tiers, tier_id)
    if tier is None:
        return Line(number, text, address, fault="tier-wrong")
    wanted = cells[2] if len(cells) > 2 and cells[2] else str(days or "")
    if not re.fullmatch(r"[0-9]{1,4}", wanted) or not 1 <= int(wanted) <= LONGEST_DAYS:
        return Line(number, text, address, tier.id, tier.label, fault="days-wrong")
    return Line(number, text, address, tier.id, tier.label, int(wanted) * DAY)


def _tier(word: str, tiers: Sequence[TierView], standard: int | None) -> TierView | None:
    """By its number or its label; without a word the one of the form."""
    for tier in tiers:
        if (word and word.lower() in (str(tier.id), tier.label.lower())) or (not word and tier.id == standard):
            return tier
    return None
