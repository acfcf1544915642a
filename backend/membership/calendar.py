"""When memberships expire, as a calendar that every calendar program reads (RFC 5545)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"
REMIND_DAYS = 3
LINE_BYTES = 75


@dataclass(frozen=True)
class Expiry:
    """An entry. `uid` stays the same when the expiry moves, so that calendars move it too; `at` is unix seconds."""

    uid: str
    title: str
    text: str
    url: str
    at: int


def calendar(entries: Sequence[Expiry], *, now: int) -> str:
    """The file; one event of an hour for each entry, with a reminder some days before."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Koinon//Memberships//EN", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _event(entry, now)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(entry: Expiry, now: int) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_moment(now)}",
        f"DTSTART:{_moment(entry.at)}",
        "DURATION:PT1H",
        f"SUMMARY:{_escaped(entry.title)}",
        f"DESCRIPTION:{_escaped(entry.text)}",
        f"URL:{entry.url}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(entry.title)}",
        f"TRIGGER:-P{REMIND_DAYS}D",
        "END:VALARM",
        "END:VEVENT",
    ]


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """As a value of type TEXT (§3.3.11): what could begin another line or property is escaped or gone."""
    plain = "".join(each for each in text if each == "\n" or each.isprintable())
    for mark in ("\\", ";", ","):
        plain = plain.replace(mark, "\\" + mark)
    return plain.replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line (§3.1), never cut inside a character."""
    return "\r\n ".join(_pieces(line)) + "\r\n"


def _pieces(line: str) -> Iterator[str]:
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE_BYTES - 1:
            yield piece
            piece, size = "", 0
        piece, size = piece + character, size + width
    yield piece
