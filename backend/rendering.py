"""Pages: Jinja templates with the viewer's language, and the filters that turn values into words.

No query here but two: who the accounts on a page say they are, and whether what the page says is of now.
"""

import gzip
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import nh3
from babel.dates import format_date, format_datetime, format_timedelta
from eth_utils.address import to_checksum_address
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.routing import Match

from backend import clock, feed
from backend.currency import GROWING_DIGITS, Currency
from backend.db import reading_of
from backend.identity.login import Viewer
from backend.identity.people import Known, people
from backend.texts import Say, badge_number, language_of, percent, translations

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = Path(__file__).resolve().parent / "static"
THEME_COOKIE = "koinon_theme"
GZIP_LEVEL = 5  # a page in half a millisecond, to a quarter of its size
JUST_NOW = 10  # seconds
PAGES_KEPT = 1024  # texts whose HTML a process remembers: hostile Markdown is slow, and read often
EXCERPT = 320  # characters of a post that a list shows
EXCERPTED = 4_000  # of its first characters
MOST_MARKS = 5_000  # of a kind in Markdown that is parsed: the time that they take grows with their square
AMOUNT_DIGITS = 6  # that matter, of an amount that a page shows; the exact one is on hover
_MARK = secrets.token_hex(8)
_PLAIN = ("<option", "<title", "<textarea")  # elements whose content is mere text
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")),
)
_HEADING_ENDS = re.compile(r"(.)</h[2-6]>(?=\s*\S)")  # with its last letter, and only where something follows
_ITEM_ENDS = re.compile(r"</li>(?=\s*<li>|\s*</[uo]l>\s*<\w)")
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *(f"h{level}" for level in range(2, 7)),
}


@dataclass(frozen=True)
class ShownViewer:
    """The viewer as pages show it."""

    address: str
    account: str


def render(
    request: Request, template: str, *, viewer: Viewer | None, status: int = 200, **context: Any
) -> HTMLResponse:
    """The page as a response in the viewer's language; never kept by caches, since pages differ by viewer."""
    language = language_of(request)
    theme = request.cookies.get(THEME_COOKIE)
    shown = ShownViewer(to_checksum_address(viewer.account), viewer.account) if viewer else None
    names = Names()
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR  # then nothing more is asked of the database
    html = (
        _environment(language)
        .get_template(template)
        .render(
            settings=request.app.state.settings,
            own_home=request.app.state.host.home.address,
            viewer=shown,
            language=language,
            theme=theme if theme in ("light", "dark") else "auto",
            path=request.url.path,
            names=names,
            mirror=lambda: None if broken else _mirror(request),  # asked by the frame, which parts of pages lack
            now=getattr(request.state, "at", None) or clock.now(),
            **context,
        )
    )
    known: Mapping[str, Known] = {}
    if names.asked and not broken:
        community = context.get("community")
        with reading_of(request) as session:
            chain_id = request.app.state.settings.chain_id
            known = people(session, chain_id, names.asked, community=community.address if community else None)
    html = amounts_filled(names.filled(html, known))
    headers = {"cache-control": "private, no-store", "vary": "cookie, accept-language, accept-encoding"}
    body = html.encode()
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return HTMLResponse(body, status_code=status, headers=headers)


def render_live(request: Request, template: str, *, viewer: Viewer | None, **context: Any) -> HTMLResponse:
    """The page, or under /fragments the part of it that follows the chain: of `badge.html`, `badge_part.html`."""
    if request.url.path.startswith("/fragments/"):
        template = template.removesuffix(".html") + "_part.html"
    return render(request, template, viewer=viewer, **context)


def _mirror(request: Request) -> feed.Tip:
    with reading_of(request) as session:
        return feed.newest(session, request.app.state.settings.chain_id)


class Names:
    """Who the accounts of one page are: asked for all at once, when the page is written.

    Until then a mark that nobody can write stands in their places.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_hex(8)
        self.asked: set[str] = set()

    def name(self, address: str) -> Markup:
        """The account's name, its whole address on hover; where none is known its short address."""
        return self._mark("name", address)

    def plain(self, address: str) -> Markup:
        """The same as mere text, for attributes and titles."""
        return self._mark("plain", address)

    def portrait(self, address: str) -> Markup:
        """The address of the account's picture."""
        return self._mark("portrait", address)

    def _mark(self, kind: str, address: str) -> Markup:
        account = to_checksum_address(address).lower()
        self.asked.add(account)
        return Markup(f"\x02{self._secret}:{kind}:{account}\x03")  # noqa: S704 - nothing of it is anybody's words

    def filled(self, html: str, known: Mapping[str, Known]) -> str:
        """The page with what is known in the places of the marks."""

        def one(match: re.Match[str]) -> str:
            return str(_shown(match[1], match[2], known.get(match[2])))

        return re.sub(f"\x02{self._secret}:([a-z]+):(0x[0-9a-f]{{40}})\x03", one, html)


def _shown(kind: str, account: str, known: Known | None) -> Markup:
    name = known.name if known else ""
    if kind == "portrait":
        return escape((known and known.picture) or f"/art/portrait/{account}.svg")
    if kind == "plain":
        return escape(name or short(account))
    whole = to_checksum_address(account)
    plain = Markup('<span title="{}" class="mono">{}</span>')
    return Markup('<span title="{}">{}</span>').format(whole, name) if name else plain.format(whole, short(account))


def is_served(request: Request, path: str) -> bool:
    """Whether this home has a page under the path: slices name each other's pages, which may not be there."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


@lru_cache(maxsize=PAGES_KEPT)
def markdown(text: str) -> Markup:
    """Members' words as safe HTML, remembered."""
    return markdown_once(text)


def markdown_once(text: str) -> Markup:
    """Members' words as safe HTML: CommonMark without raw HTML and without pictures from elsewhere.

    Plain text when it has so many marks that looking for their ends would take seconds.
    """
    if text.count("[") > MOST_MARKS or text.count("*") + text.count("_") > MOST_MARKS:
        return Markup("<p>{}</p>").format(text)
    parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
    tokens = parser.parse(text)
    for token in tokens:
        if token.tag == "h1":  # a page has one, its title
            token.tag = "h2"
    clean = nh3.clean(
        parser.renderer.render(tokens, parser.options, {}),
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="nofollow ugc noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - nh3 has just cleaned it


def excerpt(text: str) -> str:
    """The beginning of a Markdown text as plain words; a colon ends a heading, a dot parts the items of a list."""
    html = _HEADING_ENDS.sub(lambda end: end[1] + (" " if end[1] in ".!?:…" else ": "), markdown(text[:EXCERPTED]))
    html = _ITEM_ENDS.sub(" · ", html)
    words = " ".join(unescape(nh3.clean(html, tags=set())).split())
    return words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + "…"


def browser(user_agent: str) -> str:
    """Browser and system by the names that people use; empty when neither is known."""
    found = [next((name for mark, name in names if mark in user_agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)


def short(address: str) -> str:
    """An address for people: the first and last four digits of its checksummed form."""
    full = to_checksum_address(address)
    return f"{full[:6]}…{full[-4:]}"


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method; Jinja's types do not know it.
    environment.install_gettext_translations(translations(language), newstyle=False)  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., Any]] = {
        "amount": lambda value, currency: _amount(currency, int(value), language, AMOUNT_DIGITS),
        "rough": lambda value, currency: _amount(currency, int(value), language, GROWING_DIGITS),
        "exactly": lambda value, currency: currency.written(int(value), language),
        "number": lambda value, currency: currency.number(int(value)),
        "markdown": markdown,
        "excerpt": excerpt,
        "browser": browser,
        "short": short,
        "badge_number": badge_number,
        "checksum": to_checksum_address,
        "iso": lambda at: moment(at).isoformat().replace("+00:00", "Z"),
        "exact": lambda at: format_datetime(moment(at), "d MMM y, HH:mm 'UTC'", locale=language),
        "month": lambda at: format_datetime(moment(at), "LLL y", locale=language),
        "day": lambda at: format_date(moment(at), "d MMM y", locale=language),
        "ago": _ago(language),
        "query": lambda parts: urlencode({name: value for name, value in parts.items() if value}),
        "percent": lambda bps: percent(bps, language),
        "lasting": Say(language).length,
    }
    environment.filters.update(filters)
    return environment


def _amount(currency: Currency, value: int, language: str, digits: int) -> str:
    """The amount; where digits were cut, until the page is written, a mark with the exact one that nobody can write."""
    shown, exact = currency.about(value, language, digits=digits), currency.written(value, language)
    return exact if shown == exact else f"\x02{_MARK}:{shown}:{exact}\x03"


def amounts_filled(html: str) -> str:
    """The page with short amounts in the places of the marks, the exact ones on hover wherever markup can stand."""

    def one(match: re.Match[str]) -> str:
        tag = html.rfind("<", 0, match.start())
        in_tag = html.find(">", tag, match.start()) < 0
        plain = in_tag or html.startswith(_PLAIN, tag)
        return match[1] if plain else f'<span title="{match[2]}">{match[1]}</span>'

    return re.sub(f"\x02{_MARK}:([^:]*):([^:]*)\x03", one, html)


def moment(at: int) -> datetime:
    """Unix seconds as a date, at the latest the calendar's last."""
    return datetime.fromtimestamp(min(int(at), 253_402_300_799), UTC)  # the year 9999 is the calendar's end


def _ago(language: str) -> Callable[[Context, int], str]:
    @pass_context
    def ago(context: Context, at: int) -> str:
        seconds = int(at) - int(context["now"])
        if abs(seconds) < JUST_NOW:
            return translations(language).gettext("just now")
        return format_timedelta(seconds, add_direction=True, locale=language)

    return ago
