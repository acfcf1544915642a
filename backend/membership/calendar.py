"""When memberships expire, as a calendar that every calendar program reads (RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
REMIND = timedelta(days=3)
LENGTH = timedelta(hours=1)


@dataclass(frozen=True)
class Expiry:
    """An entry. `uid` stays the same when the expiry moves, so that calendars move it too; `at` is unix seconds."""

    uid: str
    title: str
    text: str
    url: str
    at: int


def calendar(entries: Sequence[Expiry], *, now: int) -> bytes:
    """The file; one event of an hour for each entry, with a reminder some days before."""
    made = Calendar()
    made.add("prodid", "-//Koinon//Memberships//EN")
    made.add("version", "2.0")
    for entry in entries:
        made.add_component(_event(entry, now))
    return bytes(made.to_ical())


def _event(entry: Expiry, now: int) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", datetime.fromtimestamp(now, UTC))
    event.add("dtstart", datetime.fromtimestamp(entry.at, UTC))
    event.add("duration", LENGTH)
    event.add("summary", _plain(entry.title))
    event.add("description", _plain(entry.text))
    event.add("url", entry.url)
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _plain(entry.title))
    alarm.add("trigger", -REMIND)
    event.add_component(alarm)
    return event


def _plain(text: str) -> str:
    """Without what could begin another line: names of communities are strangers' words."""
    return "".join(each for each in text if each.isprintable())
