"""Decides whether holdings satisfy a rule. Pure: no clock, no database, no request.

With given holdings a rule changes only when something of them expires or a date comes. So the answer is read at `at`,
and then at each such moment, until it is no longer yes: `until` is exact, whatever joins the rule. What is not known is
neither true nor false, and only a rule that holds either way is open.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from backend.gates.rule import (
    LEVELS,
    Asset,
    AtLeast,
    BadgeLevel,
    Between,
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsTier,
    HoldsToken,
    Leaf,
    MemberSince,
    Not,
    OnList,
    Rule,
    leaves_of,
)

FOREVER = 2**40 - 1
"""`until` of a decision that no expiry ends; also `expires_at` of a membership for life."""


@dataclass(frozen=True)
class Held:
    """A membership that an account holds, expired or not."""

    tier_id: int
    token_id: int
    expires_at: int


@dataclass(frozen=True)
class Balance:
    """Base units. `asked_at`: when the contract was last asked, unix seconds; FOREVER when every change is seen."""

    amount: int
    asked_at: int = FOREVER
    others: tuple["Balance", ...] = ()
    """Of linked wallets: all of them are added up."""
    partly: bool = False
    """Whether that of a linked wallet is not known (yet)."""

    @property
    def parts(self) -> tuple["Balance", ...]:
        return (self, *self.others)

    @property
    def total(self) -> int:
        return sum(each.amount for each in self.parts)

    def young(self, max_age: int | None, at: int) -> tuple[int, bool]:
        """What is surely there at `at`, and whether that is all: what was asked too long ago is not known."""
        young = [each.amount for each in self.parts if max_age is None or at < each.asked_at + max_age]
        return sum(young), len(young) == len(self.parts) and not self.partly


@dataclass(frozen=True)
class Holdings:
    """What an account holds in one community. `account` None is a viewer who has not signed in.

    What a mapping has no key for, and what is None, is not known: no rule opens by it.
    """

    account: str | None
    memberships: Sequence[Held] = ()
    governs: bool = False
    """Whether the account owns the community: every gate is open to it."""
    since: int | None = None
    """Since when it has held a membership without a break; FOREVER while it holds none."""
    badge: int | None = None
    """The highest level of its badges: 0 none, 1 bronze, 2 silver, 3 gold."""
    achievements: Mapping[int, int] = field(default_factory=dict)
    """Tokens by achievement."""
    licenses: Mapping[int, int] = field(default_factory=dict)
    """By product: until when (exclusive); 0 for none."""
    contributed: Mapping[str, int] = field(default_factory=dict)
    """Base units by crowdsale."""
    balances: Mapping[Asset, Balance] = field(default_factory=dict)
    lists: Mapping[str, bool] = field(default_factory=dict)
    """Whether it stands on the list, by Merkle root."""


@dataclass(frozen=True)
class Condition:
    """One reason why a gate is closed, for people and programs: what it takes, what you have, what to do next.

    Conditions of one `way` belong together: it opens the gate when all of them are met. Way 0 is the easiest.
    """

    code: str
    need: Mapping[str, object]
    """The leaf of the rule; within `not` when it must not hold."""
    next: str
    have: Mapping[str, object] | None = None
    at: int | None = None
    """When it ended (`…-expired`), or when it changes by itself (`wait`); unix seconds."""
    way: int = 0

    def encode(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Allowed:
    """Open, and by these holdings until (exclusive) this time in unix seconds."""

    until: int


@dataclass(frozen=True)
class Denied:
    """Closed; each way among the conditions opens it. No conditions: nothing that the account can do does."""

    conditions: tuple[Condition, ...]


Decision = Allowed | Denied


def decide(rule: Rule | None, holdings: Holdings, *, at: int) -> Decision:
    """Holdings either satisfy the rule at `at`, and until when, or the ways are named in which they would.

    `rule` None is no gate: open to all. Units: unix seconds. Expiry is exclusive: `expires_at == at` has expired.
    """
    if rule is None or holdings.governs:
        return Allowed(FOREVER)
    if not holds(rule, holdings, at):
        return Denied(ways_in(rule, holdings, at))
    moments = sorted({moment for leaf in leaves_of(rule) for moment in _moments(leaf, holdings) if moment > at})
    return Allowed(next((moment for moment in moments if not holds(rule, holdings, moment)), FOREVER))


def holds(rule: Rule, holdings: Holdings, at: int) -> bool | None:
    """Whether the rule holds at this moment; None when that hangs on what is not known."""
    if isinstance(rule, Not):
        inner = holds(rule.rule, holdings, at)
        return None if inner is None else not inner
    if isinstance(rule, AtLeast):
        values = [holds(each, holdings, at) for each in rule.rules]
        sure, possible = values.count(True), len(values) - values.count(False)
        return True if sure >= rule.count else None if possible >= rule.count else False
    if holdings.account is None and not isinstance(rule, Between):
        return None
    return _leaf_holds(rule, holdings, at)


def tiers_opening(rule: Rule, tiers: Iterable[int]) -> list[int]:
    """Those of the tiers whose membership alone opens the gate, whatever else somebody holds."""
    return [tier for tier in tiers if holds(rule, Holdings("", (Held(tier, 0, FOREVER),)), 0) is True]


def license_opens(rule: Rule, product: int, *, at: int) -> bool | None:
    """Whether a license for this product alone opens the gate at `at`; False: only with something else; None: the rule
    does not ask for it."""
    if not any(leaf == HasLicense(product) for leaf in _wanted(rule)):
        return None
    return holds(rule, Holdings("", licenses={product: FOREVER}), at) is True


def _wanted(rule: Rule, *, wanted: bool = True) -> Iterator[Leaf]:
    """The leaves that help to open the gate, not those that close it."""
    if isinstance(rule, AtLeast):
        for each in rule.rules:
            yield from _wanted(each, wanted=wanted)
    elif isinstance(rule, Not):
        yield from _wanted(rule.rule, wanted=not wanted)
    elif wanted:
        yield rule


def supposing(rule: Rule, holdings: Holdings) -> Holdings:
    """These holdings of somebody who does not exist: what the rule asks for beside them is known to be nothing."""
    leaves = list(leaves_of(rule))
    none = {leaf.asset: Balance(0) for leaf in leaves if isinstance(leaf, HoldsToken)}
    return replace(
        holdings,
        since=FOREVER if holdings.since is None else holdings.since,
        badge=holdings.badge or 0,
        achievements={leaf.achievement: 0 for leaf in leaves if isinstance(leaf, HasAchievement)},
        licenses={leaf.product: 0 for leaf in leaves if isinstance(leaf, HasLicense)},
        contributed={leaf.sale: 0 for leaf in leaves if isinstance(leaf, Contributed)},
        balances=none,
        lists={leaf.root: False for leaf in leaves if isinstance(leaf, OnList)},
    )


def _leaf_holds(leaf: Leaf, holdings: Holdings, at: int) -> bool | None:
    match leaf:
        case HoldsTier(tiers):
            return any(held.tier_id in tiers and held.expires_at > at for held in holdings.memberships)
        case BadgeLevel(level):
            return None if holdings.badge is None else holdings.badge > LEVELS.index(level)
        case HasAchievement(achievement):
            return _above(holdings.achievements.get(achievement), 0)
        case HasLicense(product):
            return _above(holdings.licenses.get(product), at)
        case Contributed(sale, least):
            return _above(holdings.contributed.get(sale), least - 1)
        case HoldsToken():
            return _balance_holds(leaf, holdings, at)
        case MemberSince(seconds):
            member = any(held.expires_at > at for held in holdings.memberships)
            return member and (None if holdings.since is None else holdings.since + seconds <= at)
        case OnList(root):
            return holdings.lists.get(root)
        case Between(start, end):
            return (start is None or start <= at) and (end is None or at < end)


def _above(value: int | None, limit: int) -> bool | None:
    return None if value is None else value > limit


def _balance_holds(leaf: HoldsToken, holdings: Holdings, at: int) -> bool | None:
    balance = holdings.balances.get(leaf.asset)
    if balance is None:
        return None
    amount, all_of_it = balance.young(leaf.max_age, at)
    if leaf.most is not None and amount > leaf.most:
        return False
    if all_of_it:
        return leaf.least <= amount
    return True if leaf.most is None and leaf.least <= amount else None


def _moments(leaf: Leaf, holdings: Holdings) -> Iterator[int]:
    """When the leaf may change by itself."""
    match leaf:
        case HoldsTier(tiers):
            yield from (held.expires_at for held in holdings.memberships if held.tier_id in tiers)
        case HasLicense(product):
            yield holdings.licenses.get(product, 0)
        case MemberSince(seconds):
            yield (holdings.since or 0) + seconds
            yield from (held.expires_at for held in holdings.memberships)
        case HoldsToken(asset, max_age=int(max_age)) if asset in holdings.balances:
            yield from (each.asked_at + max_age for each in holdings.balances[asset].parts)
        case Between(start, end):
            yield from (start or 0, end or 0)
        case _:
            pass


# --- What would open a closed gate -------------------------------------------------------------------------------

WAYS = 4
"""Alternatives that a refusal names at most, the easiest first."""
_STEPS = ("sign-in", "wait", "renew", "join", "change-tier", "buy-license", "get-token", "reduce", "contribute")
_EFFORT = {step: effort for effort, step in enumerate((*_STEPS, "give-away", "invite", "earn", "ask-owner"), start=1)}
"""How much a next step asks of people, one against the other; prices are the page's business."""

Way = dict[tuple[Leaf, bool], tuple[int, Condition]]
"""What must be met, with the effort: each leaf once, as it should hold or should not."""


def ways_in(rule: Rule, holdings: Holdings, at: int) -> tuple[Condition, ...]:
    """What is lacking, by way, the easiest first; nothing that would not help, and no way that asks for more than
    another does."""
    kept: list[Way] = []
    for way in _ways(rule, holdings, at, wanted=True):
        if not any(fewer.keys() <= way.keys() for fewer in kept):
            kept.append(way)
    return tuple(replace(lack, way=way) for way, lacks in enumerate(kept) for _, lack in lacks.values())


def _ways(rule: Rule, holdings: Holdings, at: int, *, wanted: bool) -> list[Way]:
    """At most WAYS ways in which the rule comes to be `wanted`; one that lacks nothing when it is already."""
    if holds(rule, holdings, at) is wanted:
        return [{}]
    if isinstance(rule, Not):
        return _ways(rule.rule, holdings, at, wanted=not wanted)
    if not isinstance(rule, AtLeast):
        condition = _lacking(rule, holdings, at, wanted=wanted)
        return [] if condition is None else [{(rule, wanted): (_effort(condition, rule), condition)}]
    count = rule.count if wanted else len(rule.rules) - rule.count + 1
    chosen: list[list[Way]] = [[{}], *([] for _ in range(count))]  # by how many of the parts are as wanted
    for part in rule.rules:
        ways = _ways(part, holdings, at, wanted=wanted)
        for number in range(count, 0, -1):
            longer = [had | more for had in chosen[number - 1] for more in ways]
            chosen[number] = _easiest([*chosen[number], *longer])
    return chosen[count]


def _easiest(ways: list[Way]) -> list[Way]:
    return sorted(ways, key=lambda way: sum(effort for effort, _ in way.values()))[:WAYS]


def _effort(condition: Condition, leaf: Leaf) -> int:
    if condition.code != "signed-out":
        return _EFFORT[condition.next]
    usual = _missing(leaf, Holdings(""), 0)
    return _EFFORT["sign-in"] + (0 if usual is None else _EFFORT[usual.next])


def _lacking(leaf: Leaf, holdings: Holdings, at: int, *, wanted: bool) -> Condition | None:
    """What the leaf lacks to be as wanted; None when nothing that the account can do or wait for helps."""
    need = leaf.encode() if wanted else Not(leaf).encode()
    if holdings.account is None and not isinstance(leaf, Between):
        return Condition("signed-out", need, "sign-in")
    if holds(leaf, holdings, at) is None:
        return Condition("list-unknown" if isinstance(leaf, OnList) else "balance-unknown", need, "wait")
    return _missing(leaf, holdings, at) if wanted else _excluded(leaf, holdings)


def _missing(leaf: Leaf, holdings: Holdings, at: int) -> Condition | None:
    need = leaf.encode()
    match leaf:
        case HoldsTier() | MemberSince():
            return _membership(leaf, holdings, at)
        case BadgeLevel():
            level = LEVELS[holdings.badge - 1] if holdings.badge else None
            return Condition("badge-level-low" if level else "badge-missing", need, "invite", {"level": level})
        case HasAchievement():
            return Condition("achievement-missing", need, "earn")
        case HasLicense(product):
            ended = holdings.licenses.get(product) or None
            return Condition("license-expired" if ended else "license-missing", need, "buy-license", at=ended)
        case Contributed(sale):
            have = {"amount": str(holdings.contributed.get(sale, 0))}
            return Condition("contribution-low", need, "contribute", have)
        case HoldsToken():
            return _balance(leaf, holdings)
        case OnList():
            return Condition("not-listed", need, "ask-owner")
        case Between(start):
            return Condition("too-early", need, "wait", at=start) if start is not None and at < start else None


def _membership(leaf: HoldsTier | MemberSince, holdings: Holdings, at: int) -> Condition:
    need, tiers = leaf.encode(), leaf.tiers if isinstance(leaf, HoldsTier) else None
    newest = max(
        holdings.memberships, key=lambda held: (tiers is None or held.tier_id in tiers, held.expires_at), default=None
    )
    if newest is None:
        return Condition("membership-missing", need, "join")
    have = {"tier": newest.tier_id, "token_id": newest.token_id}
    ended = newest.expires_at if newest.expires_at <= at else None
    if tiers is not None and newest.tier_id not in tiers:
        return Condition("membership-other-tier", need, "change-tier", have, ended)
    if ended is not None:
        return Condition("membership-expired", need, "renew", have, ended)
    seconds = leaf.seconds if isinstance(leaf, MemberSince) else 0
    since = holdings.since or 0
    return Condition("member-too-new", need, "wait", {**have, "since": since}, since + seconds)


def _balance(leaf: HoldsToken, holdings: Holdings) -> Condition:
    balance = holdings.balances.get(leaf.asset, Balance(0))
    have = {"amount": str(balance.total)}
    if balance.total < leaf.least:
        return Condition("balance-low", leaf.encode(), "get-token", have)
    return Condition("balance-high", leaf.encode(), "reduce", have)


def _excluded(leaf: Leaf, holdings: Holdings) -> Condition | None:
    """The leaf holds, and must not."""
    ends: int | None = None
    following = "wait"
    match leaf:
        case HoldsTier(tiers):
            ends = max(held.expires_at for held in holdings.memberships if held.tier_id in tiers)
        case MemberSince():
            ends = max(held.expires_at for held in holdings.memberships)
        case HasLicense(product):
            ends = holdings.licenses[product]
        case Between(_, end):
            ends = end
        case HoldsToken():
            following = "reduce" if leaf.least else "get-token"
        case BadgeLevel() | HasAchievement():
            following = "give-away"
        case OnList():
            following = "ask-owner"
        case Contributed():
            return None
    if following == "wait" and (ends is None or ends >= FOREVER):
        return None
    return Condition("must-not-hold", Not(leaf).encode(), following, at=ends)
