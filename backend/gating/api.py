"""Gates, their rules and what these say; and who would pass a rule that is not set yet."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from backend import feed
from backend.community.queries import community_of, owned_community, require_owner
from backend.content.queries import posts_by_gate
from backend.db import Opened
from backend.gates.access import access, require_few_contracts
from backend.gates.decision import Allowed, Decision
from backend.gates.lists import MAX_ACCOUNTS, keep_list
from backend.gates.rule import Rule, RuleMalformed, parse_rule
from backend.gating.queries import GateView, gate_views
from backend.gating.reading import names_for, preview_of
from backend.gating.words import Words
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.problems import Malformed, NotFound
from backend.transactions import AddressText, CommunityPath, Translator

router = APIRouter(prefix="/api/communities/{community}", tags=["gates"], dependencies=[Depends(require_same_origin)])

GatePath = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class GateAnswer(BaseModel):
    """A gate: its rule in force as its owner signed it, and in the reader's words. `at`: when it was set."""

    gate: str
    rule: dict[str, Any]
    words: str
    posts: int
    versions: int
    at: int


class DecisionAnswer(BaseModel):
    """`until` (exclusive, unix seconds) when allowed; else `conditions`, by way: have, need, next step; `words` say
    what each needs."""

    allowed: bool
    until: int | None = None
    conditions: list[dict[str, Any]] = []
    words: list[str] = []


class GateAccessAnswer(GateAnswer):
    """The gate, and whether it is open to the viewer. `as_of_block`: the newest block that the answer rests on."""

    access: DecisionAnswer
    as_of_block: int


class RuleRequest(BaseModel):
    """A rule as `gate.set` takes it."""

    rule: dict[str, Any] = Field(examples=[{"op": "any", "rules": [{"op": "holds_tier", "tiers": [2]}]}])


class PreviewAnswer(BaseModel):
    """What a rule says, and who would pass it now. At most the newest 500 members are looked at (`more`: there are
    others); of `unknown` ones nobody has asked for the balance of an outside token yet."""

    rule: dict[str, Any]
    words: str
    looked_at: int
    passing: int
    unknown: int
    more: bool
    mine: DecisionAnswer


class ListRequest(BaseModel):
    """Wallets that a rule may name by the Merkle root of their list; this home keeps them, the log never has them."""

    accounts: list[AddressText] = Field(min_length=1, max_length=MAX_ACCOUNTS)


class ListAnswer(BaseModel):
    """For a rule's `allow_list`. Leaves are keccak256(keccak256(abi.encode(account))), pairs are hashed sorted."""

    root: str
    accounts: int


@router.get("/gates")
def list_gates(community: CommunityPath, host: CurrentHost, database: Opened, say: Translator) -> list[GateAnswer]:
    """Every gate of the community by name."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        found = gate_views(session, view.chain_id, view.address)
        posts = posts_by_gate(session, view.chain_id, view.address)
        words = Words(say, names_for(session, host.chain, view, [each.rule for each in found]))
    return [GateAnswer(**_gate(each, words, posts.get(each.gate, 0))) for each in found]


@router.get("/gates/{gate}")
def read_gate(
    community: CommunityPath,
    gate: GatePath,
    host: CurrentHost,
    viewer: CurrentViewer,
    database: Opened,
    say: Translator,
) -> GateAccessAnswer:
    """One gate, and whether it is open to the viewer: 503 while nobody can say who holds what."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        found = next((each for each in gate_views(session, view.chain_id, view.address) if each.gate == gate), None)
        if found is None:
            raise NotFound("There is no such gate.")
        posts = posts_by_gate(session, view.chain_id, view.address).get(gate, 0)
        words = Words(say, names_for(session, host.chain, view, [found.rule]))
        account = viewer.account if viewer else None
        granted = access(session, view.chain_id, view.address, gate=gate, account=account)
    return GateAccessAnswer(
        **_gate(found, words, posts), access=_decision(granted.decision, words), as_of_block=granted.as_of.number
    )


@router.post("/gates/preview")
def preview_gate(
    body: RuleRequest,
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    say: Translator,
) -> PreviewAnswer:
    """What a rule says and who would pass it, for the owner. It is not set by this."""
    rule = _rule(body.rule)
    with database.reading() as session:
        at = feed.time_of(feed.fresh_tip(session, host.settings.chain_id))
        view = community_of(session, host.settings.chain_id, community, at=at)
        require_owner(view, viewer.account)
        require_few_contracts(session, view.chain_id, view.address, None, rule)
        words = Words(say, names_for(session, host.chain, view, [rule]))
        preview = preview_of(session, view, rule, viewer.account, at=at)
    return PreviewAnswer(
        rule=rule.encode(),
        words=words.sentence(rule),
        looked_at=preview.looked_at,
        passing=preview.passing,
        unknown=preview.unknown,
        more=preview.more,
        mine=_decision(preview.mine, words),
    )


@router.post("/gates/lists", status_code=201)
def send_list(
    body: ListRequest, community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> ListAnswer:
    """Keeps a list of wallets for a rule of the owner's."""
    accounts = sorted({account.lower() for account in body.accounts})
    with database.writing() as session:
        view, _ = owned_community(session, host.settings.chain_id, community, viewer.account)
        root = keep_list(session, view.chain_id, view.address, accounts)
    return ListAnswer(root=root, accounts=len(accounts))


def _gate(view: GateView, words: Words, posts: int) -> dict[str, Any]:
    return {
        "gate": view.gate,
        "rule": view.rule.encode(),
        "words": words.sentence(view.rule),
        "posts": posts,
        "versions": view.versions,
        "at": view.at,
    }


def _decision(decision: Decision, words: Words) -> DecisionAnswer:
    if isinstance(decision, Allowed):
        return DecisionAnswer(allowed=True, until=decision.until)
    conditions = [each.encode() for each in decision.conditions]
    return DecisionAnswer(
        allowed=False, conditions=conditions, words=[words.ask(each).need for each in decision.conditions]
    )


def _rule(value: dict[str, Any]) -> Rule:
    try:
        return parse_rule(value)
    except RuleMalformed as error:
        raise Malformed(f"This is no rule: {error}.") from error
