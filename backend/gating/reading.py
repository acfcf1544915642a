"""Rules with their names, who would pass them, and what a closed gate asks of a viewer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from backend.chain import Chain
from backend.community.queries import CommunityView
from backend.currency import Currency, currency_of
from backend.gates.access import gates_of
from backend.gates.decision import Condition, Decision, decide, holds
from backend.gates.holdings import holdings_of_many
from backend.gates.lists import list_sizes
from backend.gates.rule import (
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsTier,
    HoldsToken,
    OnList,
    Rule,
    is_chosen,
    leaves_of,
    parse_rule,
)
from backend.gates.wallets import holdings_of_wallets, together
from backend.gating.queries import Things, newest_members, things_of
from backend.gating.words import Ask, Names, Words
from backend.problems import Problem
from backend.texts import Say

MOST_MEMBERS = 500
"""That a preview looks at: the newest. It is a preview, and the whole would cost as much as everybody's visit."""
MOST_TOKENS = 16
"""Contracts that one page asks for their names."""


Served = Callable[[str], bool]
"""Whether a page is served under this path."""


@dataclass(frozen=True)
class Preview:
    """Who would pass a rule now. `unknown`: members whose balance of an outside token nobody has asked for yet."""

    looked_at: int
    passing: int
    unknown: int
    more: bool
    """Whether there are more members than were looked at."""
    mine: Decision
    """Of the viewer, with its linked wallets, as an ordinary account, whatever it owns."""


@dataclass(frozen=True)
class Lock:
    """What opens a closed gate: ways, each of which asks for all its parts; and the tiers that the ways name."""

    ways: Sequence[Sequence[Ask]]
    tiers: frozenset[int]
    members_only: bool
    """Whether a membership is all that it takes."""


def names_for(session: Session, chain: Chain, community: CommunityView, rules: Iterable[Rule]) -> Names:
    """Names of what the rules speak of. Asks the node for those of tokens it has not seen; an away one has none."""
    leaves = [leaf for rule in rules for leaf in leaves_of(rule)]
    contracts = sorted({leaf.asset.contract for leaf in leaves if isinstance(leaf, HoldsToken)})
    roots = {leaf.root for leaf in leaves if isinstance(leaf, OnList)}
    things = things_of(session, community.chain_id, community.address)
    return names_of(
        things,
        currency_of(chain, community.currency),
        tokens={each: token for each in contracts[:MOST_TOKENS] if (token := _token(chain, each)) is not None},
        lists=list_sizes(session, community.chain_id, community.address, roots),
    )


def names_of(things: Things, currency: Currency, *, tokens: Mapping[str, Currency], lists: Mapping[str, int]) -> Names:
    """The names of things, with those of what stands outside."""
    return Names(
        currency=currency,
        tiers=things.tiers,
        achievements=things.achievements,
        products=things.products,
        sales=things.sales,
        tokens=tokens,
        lists=lists,
    )


def _token(chain: Chain, contract: str) -> Currency | None:
    try:
        return currency_of(chain, contract)
    except Problem:
        return None


def gate_choices(session: Session, chain: Chain, community: CommunityView, say: Say) -> list[tuple[str, str]]:
    """Every gate, and its rule in a sentence after the name that somebody chose; for who has to choose a gate."""
    rules = gates_of(session, community.chain_id, community.address)
    words = Words(say, names_for(session, chain, community, rules.values()))
    said = [(gate, words.sentence(rule)) for gate, rule in sorted(rules.items())]
    return [(gate, f"{gate}: {sentence}" if is_chosen(gate) else sentence) for gate, sentence in said]


def preview_of(session: Session, community: CommunityView, rule: Rule, account: str, *, at: int) -> Preview:
    """Bounded: the newest MOST_MEMBERS members are looked at, in as many statements as one would take; and balances
    that nobody knows stay unknown."""
    chain_id, address = community.chain_id, community.address
    members = newest_members(session, chain_id, community.membership, at=at, limit=MOST_MEMBERS + 1)
    looked_at = members[:MOST_MEMBERS]
    held = holdings_of_many(session, chain_id, address, looked_at, rule) if looked_at else {}
    answers = [holds(rule, each, at) for each in held.values()]
    mine = replace(together(holdings_of_wallets(session, chain_id, address, account, rule)), governs=False)
    return Preview(
        looked_at=len(looked_at),
        passing=answers.count(True),
        unknown=answers.count(None),
        more=len(members) > MOST_MEMBERS,
        mine=decide(rule, mine, at=at),
    )


def lock_of(
    session: Session,
    chain: Chain,
    community: CommunityView,
    conditions: Sequence[Condition],
    say: Say,
    *,
    served: Served,
) -> Lock:
    """The conditions of a refusal in words, with links to those pages for the next steps that there are."""
    rules = [parse_rule(each.need) for each in conditions]
    names = names_for(session, chain, community, rules)
    words, things = Words(say, names), things_of(session, community.chain_id, community.address)
    ways: dict[int, list[Ask]] = {}
    for condition, rule in zip(conditions, rules, strict=True):
        pages = _pages(condition, rule, things, f"/c/{community.address}")
        link = next((page for page in pages if served(page)), None)
        token = rule.asset.contract if isinstance(rule, HoldsToken) and link is None else None
        ask = replace(words.ask(condition), link=link, link_text=words.link_text(condition), where=token)
        ways.setdefault(condition.way, []).append(ask)
    named = [rule.tiers for rule in rules if isinstance(rule, HoldsTier)]
    only = all(isinstance(rule, HoldsTier) for rule in rules)
    return Lock(list(ways.values()), frozenset().union(*named), members_only=only and bool(rules))


def _pages(condition: Condition, rule: Rule, things: Things, here: str) -> Sequence[str]:
    """Where the next step is made, the best page first; whether there is such a page is another question."""
    match condition.next, rule:
        case "change-tier", _:
            return [f"{here}/tiers"]
        case "buy-license", HasLicense(product):
            return [f"{here}/store/{product}", f"{here}/store"]
        case "get-token", HoldsToken(asset) if asset.contract in things.sold_by:
            return [f"{here}/sales/{things.sold_by[asset.contract]}"]
        case "contribute", Contributed(sale):
            return [f"{here}/sales/{sale}"]
        case "invite", _:
            return ["/account/badges", f"{here}/market"]
        case "earn", HasAchievement(achievement):
            return [f"{here}/achievements/{achievement}"]
    return []
