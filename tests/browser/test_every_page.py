"""Every page that a link leads to, for each persona of the demo: it answers, reads well, keeps nobody out, and asks
nothing of another host. With KOINON_SCREENSHOTS=<folder> their pictures are kept, to be looked at.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from scripts.playground.accounts import FOUNDER, HOLDER, MEMBER, OUTSIDER, Persona
from tests.browser.test_accessibility import NARROW, SCHEMES, WIDE, serious_faults
from tests.fixtures.demo import Demo

MOST_PAGES = 60
ADDRESS, ACT, NUMBER = re.compile(r"0x[0-9a-f]{40,64}"), re.compile(r"\bb[a-z2-7]{58}\b"), re.compile(r"/\d+(?=/|$)")
NOT_PAGES = re.compile(r"^/(api|static|art|fragments|demo)/|\.(svg|csv|ics|json|zip)$|/(export|download)\b")
FIRST_PAGE_BYTES = 100_000


def shape(path: str) -> str:
    """What kind of page it is: the path without what it is about."""
    return NUMBER.sub("/1", ACT.sub("post", ADDRESS.sub("0x", path)))


class Visit:
    """A browser of one persona, and what went wrong in it."""

    def __init__(self, demo: Demo, context: BrowserContext) -> None:
        self.demo, self.page = demo, context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.demo.url, "data:", "blob:")):
            self.faults.append(f"{self.page.url} asks {request.url}")

    def pages(self) -> Iterator[str]:
        """The path of a page of each shape that links lead to, from the first page on. The browser stands on it."""
        waiting, seen = ["/"], {"/"}
        while waiting:
            path = waiting.pop(0)
            answer = self.page.goto(self.demo.url + path)
            assert answer is not None
            if answer.status >= 400:
                self.faults.append(f"{path} answers {answer.status}")
                continue
            yield path
            for href in self.page.eval_on_selector_all("a[href]", "links => links.map((link) => link.href)"):
                parts = urlsplit(href)
                if not href.startswith(self.demo.url) or NOT_PAGES.search(parts.path):
                    continue
                if shape(parts.path) not in seen:
                    seen.add(shape(parts.path))
                    waiting.append(parts.path)

    def look(self, persona: Persona) -> None:
        """The page as it stands now, in both schemes and widths."""
        path = urlsplit(self.page.url).path
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.page.reload()
            serious = [(each["id"], each["nodes"][0]) for each in serious_faults(self.page)]
            wrong = [f"{name} of {node['html'][:200]}: {node['failureSummary'][:300]}" for name, node in serious]
            self.faults += [f"{path} ({scheme}): {each}" for each in wrong]
            for name, size in (("narrow", NARROW), ("wide", WIDE)):
                self.page.set_viewport_size(size)
                width = self.page.evaluate("document.documentElement.scrollWidth")
                if width > size["width"]:
                    self.faults.append(f"{path} is {width} px wide at {size['width']}")
                keep(self.page, f"{persona.persona}{shape(path).replace('/', '-')}-{name}-{scheme}")


def keep(page: Page, name: str) -> None:
    """A picture of the whole page, when somebody wants them."""
    folder = os.environ.get("KOINON_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("persona", [OUTSIDER, MEMBER, HOLDER, FOUNDER], ids=lambda each: each.persona)
def test_every_page_is_there_for_everybody(chromium: Browser, demo: Demo, persona: Persona) -> None:
    context = chromium.new_context(viewport=WIDE, locale="en-US")
    context.set_default_timeout(20_000)
    if persona is not OUTSIDER:
        cookies = demo.person(persona).browser.cookies
        context.add_cookies([{"name": each.name, "value": each.value or "", "url": demo.url} for each in cookies])
    visit = Visit(demo, context)

    paths = []
    for path in visit.pages():
        paths.append(path)
        visit.look(persona)
    context.close()

    assert visit.faults == []
    assert len(paths) < MOST_PAGES
    assert {"/", "/account"} <= set(paths) if persona is not OUTSIDER else "/" in paths


def test_first_page_is_small(chromium: Browser, demo: Demo) -> None:
    """What a first visit transfers, fonts and pictures included."""
    context = chromium.new_context(viewport=NARROW, locale="en-US")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(demo.url, wait_until="networkidle")
    context.close()

    assert sum(sizes) < FIRST_PAGE_BYTES
