"""What a visit of a page takes: the server's answers by HTTP, and first page and feed in Chromium."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from statistics import median

import requests
from playwright.sync_api import Browser, Request

from scripts.bench.pages.fill import SMALL, Place, account_of
from tests.factories.home import TestHome

Asked = Mapping[str, tuple[str, Mapping[str, str]]]
"""Path and cookies by the name of a page."""
ROUNDS, WARM = 9, 2
VISITS = 5
SETTLED = 500
"""Milliseconds after which what loads later has loaded; a page that follows the chain keeps a request open."""
READY = """() => {
    const page = performance.getEntriesByType("navigation")[0];
    return [page.domContentLoadedEventEnd, performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0];
}"""


def paths(place: Place, post: str, *, deep: int) -> dict[str, str]:
    """The pages that list something, by what they are called in the figures."""
    page = f"/c/{place.community}"
    middle = place.members // 2
    return {
        "community feed": page,
        "community feed, deep": f"{page}?before={deep}",
        "post with 20 replies": f"{page}/posts/{post}",
        "tiers": f"{page}/tiers",
        "market": f"{page}/market",
        "sales of badges": f"{page}/market/sales",
        "crowdsales": f"{page}/sales",
        "store": f"{page}/store",
        "achievements": f"{page}/achievements",
        "manage: overview": f"{page}/manage",
        "manage: people": f"{page}/manage/people",
        "manage: people, found by address": f"{page}/manage/people?state=all&q={account_of(place, middle)}",
        "manage: people, ended": f"{page}/manage/people?state=expired",
        "manage: renewals": f"{page}/manage/renewals",
        "manage: money": f"{page}/manage/money",
        "manage: tiers": f"{page}/manage/tiers",
        "manage: gates": f"{page}/manage/gates",
        "manage: coupons": f"{page}/manage/vouchers",
        "manage: people.csv, first byte": f"{page}/manage/people.csv",
        "API: posts": f"/api/communities/{place.community}/posts",
        "API: people": f"/api/communities/{place.community}/people",
        "API: figures": f"/api/communities/{place.community}/figures",
        "member: account": "/account",
        "member: payments": "/account/payments",
        "member: badges": "/account/badges",
        "member: renewals": "/account/renewals",
        "member: membership": f"{page}/membership",
    }


def cookies(home: TestHome, member: str) -> Mapping[str, str]:
    """Of the owner, or of the member with the number."""
    return dict(home.client(home.author(2) if member == "member" else home.owner).cookies)


def answers(url: str, asked: Sequence[Asked]) -> dict[str, list[float]]:
    """Milliseconds of the median answer by name, for each of the sides; they are asked in turns."""
    found: dict[str, list[float]] = {}
    with requests.Session() as client:
        for name in asked[0]:
            times: list[list[float]] = [[] for _ in asked]
            for _ in range(WARM + ROUNDS):
                for side, pages in enumerate(asked):
                    path, jar = pages[name]
                    times[side].append(answer(client, url + path, jar, whole="first byte" not in name))
            found[name] = [round(median(each[WARM:]), 2) for each in times]
    return found


def answer(client: requests.Session, address: str, jar: Mapping[str, str], *, whole: bool) -> float:
    """Milliseconds until the page is there, or its first byte."""
    started = time.perf_counter()
    with client.get(address, cookies=dict(jar), stream=not whole, timeout=120) as got:
        if not whole:
            next(got.iter_content(1))
        taken = time.perf_counter() - started
        if got.status_code != requests.codes.ok:
            raise SystemExit(f"{address} answers {got.status_code}: {got.text[:500]}")
    return taken * 1000


def asked_of(home: TestHome, place: Place, post: str) -> Asked:
    """Path and cookies of every page."""
    owner, member = cookies(home, "owner"), cookies(home, "member")
    deep = 30 if place == SMALL else place.posts // 2
    pages = paths(place, post, deep=deep)
    return {
        name: (path, member if name.startswith("member") else owner if needs_owner(name) else {})
        for name, path in pages.items()
    }


def needs_owner(name: str) -> bool:
    return name.startswith("manage") or name in ("API: people", "API: figures")


def _note(elsewhere: list[str], home: str, request: Request) -> None:
    if not request.url.startswith((home, "data:", "blob:")):
        elsewhere.append(request.url)


def _weigh(received: list[float], event: dict[str, float]) -> None:
    received.append(event["encodedDataLength"])


def first_visits(browser: Browser, home: str, path: str) -> dict[str, float]:
    """Bytes of a first visit, milliseconds until the page is drawn and until all its scripts run: the first input is
    then answered. Requests to other hosts are counted."""
    sizes, drawn, ready, outside = [], [], [], 0
    for _ in range(VISITS):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        page = context.new_page()
        elsewhere: list[str] = []
        page.on("request", partial(_note, elsewhere, home))
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        received: list[float] = []
        session.on("Network.loadingFinished", partial(_weigh, received))
        page.goto(home + path, wait_until="load")
        page.wait_for_timeout(SETTLED)
        interactive, painted = page.evaluate(READY)
        sizes.append(sum(received))
        ready.append(interactive)
        drawn.append(painted)
        outside += len(elsewhere)
        context.close()
    times = {"drawn_ms": round(median(drawn)), "interactive_ms": round(median(ready))}
    return {"bytes": round(median(sizes)), **times, "requests_outside": outside}
