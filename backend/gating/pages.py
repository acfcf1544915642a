"""The owner's pages of gates: which there are, and the editor that builds a rule without knowing how it is written."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from backend.community.queries import CommunityView, owned_community
from backend.content.queries import posts_by_gate
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.gates.access import MOST_CONTRACTS, require_few_contracts
from backend.gates.decision import Allowed
from backend.gates.lists import keep_list
from backend.gates.rule import Rule, is_chosen
from backend.gating.editor import (
    JOINS,
    KINDS,
    MOST_GROUPS,
    MOST_ROWS,
    Draft,
    Form,
    Group,
    Mistyped,
    Row,
    Units,
    changed,
    draft_from,
    draft_of,
    license_draft,
    rule_from,
)
from backend.gating.queries import GateView, Things, gate_views, things_of
from backend.gating.reading import Preview, names_for, preview_of
from backend.gating.words import Ask, Spoken, Words
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.problems import Malformed, NotFound
from backend.rendering import render
from backend.texts import Say
from backend.transactions import CommunityPath, Translator

router = APIRouter(include_in_schema=False)

MOST_FIELDS = 1500


@dataclass(frozen=True)
class Shown:
    """A gate in the list; `chosen`: somebody gave it its name."""

    gate: GateView
    chosen: bool
    rule: Spoken
    posts: int


@dataclass(frozen=True)
class Outcome:
    """A rule that was built: what the wallet will sign, what it says, and who passes it now."""

    rule: str
    """JSON."""
    spoken: Spoken
    preview: Preview
    passes: bool
    lacking: Sequence[Ask]


async def _form(request: Request) -> Form:
    found = await request.form(max_fields=MOST_FIELDS)
    return [(name, value) for name, value in found.multi_items() if isinstance(value, str)]


@router.get("/c/{community}/manage/gates")
def gates(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    say: Translator,
) -> Response:
    """Every gate with what it says."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = gate_views(session, view.chain_id, view.address)
        posts = posts_by_gate(session, view.chain_id, view.address)
        words = Words(say, names_for(session, host.chain, view, [each.rule for each in found]))
    shown = [Shown(each, is_chosen(each.gate), words.tree(each.rule), posts.get(each.gate, 0)) for each in found]
    return render(request, "gating/gates.html", viewer=viewer, community=view, gates=shown)


@router.get("/c/{community}/manage/gates/editor")
def editor(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    say: Translator,
    gate: Annotated[str | None, Query(max_length=40)] = None,
    product: Annotated[int | None, Query(ge=1, lt=1 << 40)] = None,
) -> Response:
    """An empty rule, one that asks for a license of a product, or that of a gate."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = {each.gate: each for each in gate_views(session, view.chain_id, view.address)}
    if gate is None and product is not None:
        draft, rule = license_draft(product), None
    elif gate is None:
        draft, rule = Draft(groups=(Group((Row("tier"),)),)), None
    elif gate not in found:
        raise NotFound("There is no such gate.")
    else:
        rule = found[gate].rule
        known = draft_from(gate, rule, _units(host, view))
        draft = known or Draft(gate, error="too-deep")
    return _editor(request, host, database, view, viewer, say, draft=draft, rule=rule)


@router.post("/c/{community}/manage/gates/editor", dependencies=[Depends(require_same_origin)])
def edit(
    request: Request,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    say: Translator,
    form: Annotated[Form, Depends(_form)],
) -> Response:
    """The form after a button: one condition more or less, or what the rule says and who passes."""
    with database.reading() as session:
        view, request.state.at = owned_community(session, host.settings.chain_id, community, viewer.account)
    do = dict(form).get("do", "preview")
    draft = changed(draft_of(form), do, form)
    if do != "preview":
        return _editor(request, host, database, view, viewer, say, draft=draft, rule=None)
    draft, rule = rule_from(draft, _units(host, view), partial(_keep, database, view))
    if rule is not None and not _few_contracts(database, view, draft.name, rule):
        draft, rule = replace(draft, error="too-many-tokens"), None
    return _editor(request, host, database, view, viewer, say, draft=draft, rule=rule)


def _few_contracts(database: Database, view: CommunityView, gate: str, rule: Rule) -> bool:
    try:
        with database.reading() as session:
            require_few_contracts(session, view.chain_id, view.address, gate, rule)
    except Malformed:
        return False
    return True


def _keep(database: Database, view: CommunityView, accounts: list[str]) -> str:
    with database.writing() as session:
        return keep_list(session, view.chain_id, view.address, accounts)


def _units(host: Host, view: CommunityView) -> Units:
    return Units(partial(_decimals, host), currency_of(host.chain, view.currency).decimals)


def _decimals(host: Host, contract: str) -> int:
    if not host.chain.code(contract):
        raise Mistyped("no-contract")
    return currency_of(host.chain, contract).decimals


def _editor(
    request: Request,
    host: Host,
    database: Database,
    view: CommunityView,
    viewer: Any,
    say: Say,
    *,
    draft: Draft,
    rule: Rule | None,
) -> Response:
    with database.reading() as session:
        things = things_of(session, view.chain_id, view.address)
        outcome = None if rule is None else _outcome(host, session, view, rule, viewer.account, say, request.state.at)
        posts = posts_by_gate(session, view.chain_id, view.address).get(draft.name, 0)
    return render(
        request,
        "gating/editor.html",
        viewer=viewer,
        community=view,
        draft=draft,
        things=things,
        currency=currency_of(host.chain, view.currency),
        outcome=outcome,
        posts=posts,
        kinds=[kind for kind in KINDS if _offered(kind, things)],
        joins=JOINS,
        most_groups=MOST_GROUPS,
        most_rows=MOST_ROWS,
        most_contracts=MOST_CONTRACTS,
    )


def _offered(kind: str, things: Things) -> bool:
    """Conditions on what the community does not have yet are not offered."""
    needed = {"achievement": things.achievements, "license": things.products, "contributed": things.sales}
    return bool(needed.get(kind, True))


def _outcome(host: Host, session: Any, view: CommunityView, rule: Rule, account: str, say: Say, at: int) -> Outcome:
    words = Words(say, names_for(session, host.chain, view, [rule]))
    preview = preview_of(session, view, rule, account, at=at)
    mine = preview.mine
    lacking = [] if isinstance(mine, Allowed) else [words.ask(each) for each in mine.conditions if each.way == 0]
    written = json.dumps(rule.encode(), sort_keys=True)
    if len(written) > 12_000:  # an act has 16 KiB
        raise Malformed("This rule is too large to be signed.")
    return Outcome(written, words.tree(rule), preview, isinstance(mine, Allowed), lacking)
