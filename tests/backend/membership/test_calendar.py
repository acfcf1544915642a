"""Calendars are files that programs read, whatever a community calls itself."""

from icalendar import Calendar

from backend.membership.calendar import Expiry, calendar


def test_calendar_keeps_hostile_names_inside_their_line() -> None:
    title = "A; B, C\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n" + "ы" * 60

    made = calendar([Expiry("7@here", title, "Text", "https://here/c/0x1", 1_900_000_000)], now=1_800_000_000)

    [event] = Calendar.from_ical(made).walk("VEVENT")
    assert str(event["summary"]) == "A; B, CEND:VEVENTBEGIN:VEVENT" + "ы" * 60
    assert event["uid"] == "7@here"
    assert event.decoded("dtstart").timestamp() == 1_900_000_000
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))


def test_calendar_reminds_before() -> None:
    made = calendar([Expiry("7@here", "Ends", "Text", "https://here", 1_900_000_000)], now=1_800_000_000)

    [alarm] = Calendar.from_ical(made).walk("VALARM")
    assert alarm.decoded("trigger").days == -3
