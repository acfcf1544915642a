"""Words for people, in their language: English as written in the code, others from `locales/<language>`."""

import gettext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_percent, get_decimal_symbol
from babel.support import Translations
from fastapi import Request

LANGUAGES = ("en", "ru")
LANGUAGE_COOKIE = "koinon_language"
LAST_DAY = 253_402_300_799
"""The year 9999 is the calendar's end."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LOCALES = Path(__file__).resolve().parent / "locales"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled from its .po file; English is the source itself."""
    path = _LOCALES / language / "LC_MESSAGES" / "koinon.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def language_of(request: Request) -> str:
    """The viewer's language: its own choice (cookie), else the browser's best (RFC 9110 §12.5.4), else English."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    wanted: list[tuple[float, str]] = []
    for part in request.headers.get("accept-language", "")[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((float(quality or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    for _, language in sorted(wanted, key=lambda each: -each[0]):
        if language in LANGUAGES:
            return language
    return "en"


@cache
def decimal_mark(language: str) -> str:
    """What stands before the parts of a whole: a comma in Russian."""
    return get_decimal_symbol(language)


def percent(bps: int, language: str) -> str:
    """A share as people write it, `10%`, in Russian `10 %`; 1/10 000."""
    return format_percent(Decimal(int(bps)) / 10_000, locale=language, decimal_quantization=False)


@dataclass(frozen=True)
class Say:
    """The sentences that programs say: what a transaction will do, before a wallet signs it."""

    language: str

    def _(self, message: str) -> str:
        return translations(self.language).gettext(message)

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """The sentence in the form that the number takes, with `count` and the values filled in."""
        return translations(self.language).ngettext(one, many, count) % {"count": count, **values}

    def length(self, seconds: int) -> str:
        """Of a membership, as templates say it; 0 is for life."""
        days = max(round(seconds / 86_400), 1)
        if not seconds:
            return self._("for life")
        if days in (28, 30, 31):
            return self._("for a month")
        if days in (365, 366):
            return self._("for a year")
        said = translations(self.language).ngettext
        if days >= 730 and days % 365 == 0:
            return said("for %(count)s year", "for %(count)s years", days // 365) % {"count": days // 365}
        if days >= 60 and days % 30 == 0:
            return said("for %(count)s month", "for %(count)s months", days // 30) % {"count": days // 30}
        return said("for a day", "for %(days)s days", days) % {"days": days}

    def date(self, at: int) -> str:
        """A day as people write it; `at` in unix seconds."""
        moment = datetime.fromtimestamp(min(at, LAST_DAY), UTC)
        return format_date(moment, "long", locale=self.language)

    def percent(self, bps: int) -> str:
        """A share as people write it; 1/10 000."""
        return percent(bps, self.language)

    def join(self, community: str, tier: str, amount: str, seconds: int) -> str:
        text = self._("Join %(community)s as %(tier)s %(length)s: %(amount)s")
        return text % {"community": community, "tier": tier, "length": self.length(seconds), "amount": amount}

    def renew(self, community: str, tier: str, amount: str, seconds: int) -> str:
        text = self._("Renew the membership of %(community)s (%(tier)s) %(length)s: %(amount)s")
        return text % {"community": community, "tier": tier, "length": self.length(seconds), "amount": amount}

    def auto_renewal(self, summary: str, most: str, periods: int) -> str:
        """The sentence, and that keepers may renew so often."""
        text = translations(self.language).ngettext(
            "%(summary)s. It may then be renewed by itself %(periods)s time more, for at most %(most)s",
            "%(summary)s. It may then be renewed by itself %(periods)s times more, for at most %(most)s each time",
            periods,
        )
        return text % {"summary": summary, "most": most, "periods": periods}

    def may_renew(self, periods: int, *, community: str, most: str) -> str:
        text = translations(self.language).ngettext(
            "Let your membership of %(community)s be renewed %(periods)s time, for at most %(most)s",
            "Let your membership of %(community)s be renewed %(periods)s times, each for at most %(most)s",
            periods,
        )
        return text % {"community": community, "periods": periods, "most": most}

    def stop_renewing(self, community: str) -> str:
        return self._("Stop the automatic renewal of your membership of %(community)s") % {"community": community}

    def gift(self, community: str, tier: str, amount: str, seconds: int, count: int, who: str) -> str:
        return self.ngettext(
            "Give %(count)s membership of %(community)s (%(tier)s) %(length)s to %(who)s: %(amount)s",
            "Give %(count)s memberships of %(community)s (%(tier)s) %(length)s to %(who)s: %(amount)s",
            count,
            community=community,
            tier=tier,
            length=self.length(seconds),
            who=who,
            amount=amount,
        )

    def transfer(self, community: str, token_id: int, to: str) -> str:
        text = self._("Give membership #%(token)s of %(community)s to %(to)s")
        return text % {"token": token_id, "community": community, "to": to}

    def approve(self, amount: str) -> str:
        return self._("Allow the contract to take exactly %(amount)s from this wallet") % {"amount": amount}


def say_of(request: Request) -> Say:
    """The sentences in the viewer's language."""
    return Say(language_of(request))


def fitting(text: str, most: int) -> str:
    """The text without spaces around it, if it is printable and not longer than so many bytes of UTF-8."""
    text = text.strip()
    if not text or not text.isprintable() or len(text.encode()) > most:
        raise ValueError(f"1 to {most} bytes of printable text")
    return text


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def badge_number(token_id: int) -> str:
    """A token of Badges as its picture names it: tier or achievement, and the place in it (docs/contracts.md)."""
    bits = 24 if token_id < 1 << 40 else 40
    return f"{token_id >> bits}-{token_id & ((1 << bits) - 1)}"
