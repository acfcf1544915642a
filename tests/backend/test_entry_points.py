"""Every entry point of the contracts that changes something can be reached from here, or it is said why not."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from backend import catalog
from indexer.deployments import load_abi

ROOT = Path(__file__).parents[2]
CONTRACTS = (
    *("Badges", "Community", "CommunityFactory", "CommunityToken", "Crowdsale"),
    *("CrowdsaleFactory", "Market", "Membership", "Store"),
)
VIEWS = ("view", "pure")

BY_CONTRACTS = "only another contract may call it"
BY_THE_HOST = "the host sends it by itself: anchors of the log, renewals for whoever agreed"
THE_SAME = "another route does the same; this one is for other applications (ERC-5643, ERC-721, ERC-1155)"
NO_BLANK_CHEQUE = "pages never ask a wallet to hand over all of its tokens: they approve one token, or one amount"
BY_SIGNATURE = "it saves a transaction with a token that has permit; pages approve the exact amount before instead"
BY_TOKEN = "of ERC-20: reached as the approval that comes before a payment, or not needed by any page"

EXCEPTIONS: dict[str, str] = {
    "Badges.mintFor": BY_CONTRACTS,
    "Badges.refresh": "tells marketplaces elsewhere to read a badge again; our pages always do",
    "Badges.safeTransferFrom": THE_SAME,
    "Badges.setApprovalForAll": NO_BLANK_CHEQUE,
    "Community.initialize": BY_CONTRACTS,
    "Community.publishManifest": BY_THE_HOST,
    "CommunityToken.approve": BY_TOKEN,
    "CommunityToken.delegateBySig": BY_SIGNATURE,
    "CommunityToken.initialize": BY_CONTRACTS,
    "CommunityToken.lock": BY_CONTRACTS,
    "CommunityToken.mint": BY_CONTRACTS,
    "CommunityToken.permit": BY_SIGNATURE,
    "CommunityToken.transferFrom": BY_TOKEN,
    "CrowdsaleFactory.make": BY_CONTRACTS,
    "Membership.cancelSubscription": THE_SAME,
    "Membership.creditBadge": BY_CONTRACTS,
    "Membership.initialize": BY_CONTRACTS,
    "Membership.markMinted": BY_CONTRACTS,
    "Membership.renewFor": BY_THE_HOST,
    "Membership.renewSubscription": THE_SAME,
    "Membership.safeTransferFrom": THE_SAME,
    "Membership.sell": BY_CONTRACTS,
    "Membership.setApprovalForAll": NO_BLANK_CHEQUE,
    "Membership.withdrawEarnings": BY_CONTRACTS,
    "Store.releaseSeat": "who buys the last seat frees it in the same transaction (`buyWith`); nobody else gains by it",
    "Store.safeBatchTransferFrom": THE_SAME,
    "Store.setApprovalForAll": NO_BLANK_CHEQUE,
    "Store.tipWith": BY_SIGNATURE,
    "Store.withdrawEarnings": BY_CONTRACTS,
}


def entry_points() -> set[str]:
    return {
        f"{contract}.{entry['name']}"
        for contract in CONTRACTS
        for entry in load_abi(contract)
        if entry["type"] == "function" and entry["stateMutability"] not in VIEWS
    }


@cache
def names_of(contract: str) -> frozenset[str]:
    return frozenset(each.partition(".")[2] for each in entry_points() if each.startswith(f"{contract}."))


def texts_in(function: Callable[..., Any], seen: set[str]) -> Iterator[str]:
    """The texts that a function, and those of its module that it calls, have in their code."""
    seen.add(function.__name__)
    module = sys.modules[function.__module__]
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = getattr(module, node.func.id, None)
            here = inspect.isfunction(called) and called.__module__ == module.__name__
            if called is not None and here and called.__name__ not in seen:
                yield from texts_in(called, seen)


def routes() -> dict[str, set[str]]:
    """The paths that prepare a transaction, by the entry point that it calls."""
    found: dict[str, set[str]] = {}
    for router in catalog.ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "/transactions/" in route.path and "POST" in (route.methods or ()):
                texts = set(texts_in(route.endpoint, set()))
                for contract in texts.intersection(CONTRACTS):
                    for name in texts & names_of(contract):
                        found.setdefault(f"{contract}.{name}", set()).add(route.path)
    return found


def scripts() -> dict[str, set[str]]:
    """The scripts of the pages that name a function in a text, by its name."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "backend/static/js").glob("*.js")):
        if path.name != "contracts.js":
            for name in re.findall(r'"([a-z][A-Za-z]+)"', path.read_text()):
                found.setdefault(name, set()).add(path.name)
    return found


def test_every_entry_point_has_a_route_or_a_reason_why_not() -> None:
    missing = entry_points() - routes().keys() - EXCEPTIONS.keys()

    assert not missing, f"neither a route nor a reason: {sorted(missing)}"


def test_every_reason_is_for_an_entry_point_without_a_route() -> None:
    assert not EXCEPTIONS.keys() - entry_points()
    assert not EXCEPTIONS.keys() & routes().keys()
    assert all(EXCEPTIONS.values())


def test_every_route_of_a_transaction_is_called_by_a_page() -> None:
    called = scripts()

    unused = {each for each in routes() if each.partition(".")[2] not in called}

    assert not unused, f"no script calls them: {sorted(unused)}"


def test_every_prepared_transaction_is_of_a_known_entry_point() -> None:
    paths = {
        route.path
        for router in catalog.ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "/transactions/" in route.path and "POST" in (route.methods or ())
    }
    approvals = {path for path in paths if path.endswith(("/allow", "/market-allow"))}  # of an ERC-20 of others

    assert paths - approvals == set().union(*routes().values()) - approvals
