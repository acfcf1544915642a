"""A rule, and what it lacks, in words. No query here: names come in as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from babel.dates import format_datetime
from babel.lists import format_list

from backend.currency import Currency
from backend.gates.decision import Condition
from backend.gates.rule import (
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
    parse_rule,
)
from backend.rendering import moment, short
from backend.texts import Say, translations

DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True)
class Names:
    """What the things that rules speak of are called; what has no name here is shown by its number or address."""

    currency: Currency
    tiers: Mapping[int, str] = field(default_factory=dict)
    achievements: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    sales: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, Currency] = field(default_factory=dict)
    lists: Mapping[str, int] = field(default_factory=dict)
    """Accounts by root."""


@dataclass(frozen=True)
class Spoken:
    """A rule as nested lines: `text` of a leaf stands alone, of a joint it heads its parts."""

    text: str
    parts: Sequence["Spoken"] = ()


@dataclass(frozen=True)
class Ask:
    """One thing that is lacking: what is needed, what the viewer has, and the next step, in words."""

    condition: Condition
    need: str
    have: str
    step: str
    wait_until: int | None = None
    """When it changes by itself."""
    link: str | None = None
    """The page where the step is made, and what the link to it says."""
    link_text: str = ""
    where: str | None = None
    """The contract of a token that no page here sells."""


class Words:
    """Says rules in one language."""

    def __init__(self, say: Say, names: Names) -> None:
        self._say, self._names = say, names

    def _(self, message: str) -> str:
        return self._say._(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translations(self._say.language).ngettext(one, many, count)

    def sentence(self, rule: Rule) -> str:
        """The rule in one line; joints within joints stand in brackets."""
        return self._line(rule, top=True)

    def tree(self, rule: Rule) -> Spoken:
        """The rule in nested lines."""
        if isinstance(rule, Not):
            if isinstance(rule.rule, AtLeast):
                return Spoken(self._("Not when this holds:"), [self.tree(rule.rule)])
            return Spoken(self._negated(rule.rule))
        if not isinstance(rule, AtLeast):
            return Spoken(self.leaf(rule))
        if len(rule.rules) == 1:
            return self.tree(rule.rules[0])
        return Spoken(self._joint(rule), [self.tree(part) for part in rule.rules])

    def _joint(self, rule: AtLeast) -> str:
        if rule.count == len(rule.rules):
            return self._("All of these:")
        if rule.count == 1:
            return self._("Any one of these:")
        return self.ngettext("At least %(count)s of these:", "At least %(count)s of these:", rule.count) % {
            "count": rule.count
        }

    def _line(self, rule: Rule, *, top: bool) -> str:
        if isinstance(rule, Not):
            return self._negated(rule.rule)
        if not isinstance(rule, AtLeast):
            return self.leaf(rule)
        if len(rule.rules) == 1:
            return self._line(rule.rules[0], top=top)
        parts = [self._line(part, top=False) for part in rule.rules]
        if rule.count == len(parts):
            text = f" {self._('and')} ".join(parts)
        elif rule.count == 1:
            text = f" {self._('or')} ".join(parts)
        else:
            text = self._("at least %(count)s of: %(parts)s") % {"count": rule.count, "parts": "; ".join(parts)}
        return text if top else f"({text})"

    def _negated(self, rule: Rule) -> str:
        return self._("without %(rule)s") % {"rule": self._line(rule, top=False)}

    def leaf(self, leaf: Leaf) -> str:
        """What the leaf asks for, as the object of "it takes"."""
        match leaf:
            case HoldsTier(tiers):
                return self._("a membership: %(tiers)s") % {"tiers": self._any_of([self.tier(each) for each in tiers])}
            case BadgeLevel(level):
                return self._("a referral badge of at least %(level)s") % {"level": self._level(level)}
            case HasAchievement(achievement):
                name = self._names.achievements.get(achievement) or f"#{achievement}"
                return self._("the achievement “%(name)s”") % {"name": name}
            case HasLicense(product):
                name = self._names.products.get(product) or f"#{product}"
                return self._("a license for “%(name)s”") % {"name": name}
            case HoldsToken():
                return self._token(leaf)
            case Contributed(sale, least):
                fields = {"amount": self._names.currency.written(least, self._say.language), "sale": self.sale(sale)}
                return self._("a contribution of at least %(amount)s to “%(sale)s”") % fields
            case MemberSince(seconds):
                return self._("membership for at least %(time)s") % {"time": self.length(seconds)}
            case OnList(root):
                size = self._names.lists.get(root)
                if size is None:
                    return self._("a place on a list that this home does not know")
                text = self.ngettext(
                    "a place on a list of %(count)s wallet", "a place on a list of %(count)s wallets", size
                )
                return text % {"count": size}
            case Between(start, end):
                return self._between(start, end)

    def tier(self, tier_id: int) -> str:
        return self._names.tiers.get(tier_id) or f"#{tier_id}"

    def sale(self, address: str) -> str:
        return self._names.sales.get(address) or short(address)

    def _any_of(self, names: Sequence[str]) -> str:
        return format_list(sorted(names), style="or", locale=self._say.language)

    def _level(self, level: object) -> str:
        return {"bronze": self._("bronze"), "silver": self._("silver"), "gold": self._("gold")}.get(
            str(level), str(level)
        )

    def amount(self, leaf: HoldsToken, amount: int) -> str:
        """So much of the leaf's asset, with its name."""
        asset = leaf.asset
        named = self._names.tokens.get(asset.contract) or Currency(asset.contract, short(asset.contract), 0)
        if asset.standard == "erc1155":
            return f"{amount} × {named.symbol} #{asset.id}"
        return named.written(amount, self._say.language) if asset.standard == "erc20" else f"{amount} {named.symbol}"

    def _token(self, leaf: HoldsToken) -> str:
        asset, least, most = leaf.asset, leaf.least, leaf.most
        if asset.standard == "erc721" and asset.id is not None and least == 1:
            named = self._names.tokens.get(asset.contract)
            name = named.symbol if named else short(asset.contract)
            return self._("the token %(name)s #%(id)s") % {"name": name, "id": asset.id}
        if most is None:
            return self._("at least %(amount)s") % {"amount": self.amount(leaf, least)}
        if most == least:
            return self._("exactly %(amount)s") % {"amount": self.amount(leaf, least)}
        if not least:
            return self._("at most %(amount)s") % {"amount": self.amount(leaf, most)}
        limits = {"least": self.amount(leaf, least), "most": self.amount(leaf, most)}
        return self._("from %(least)s to %(most)s") % limits

    def _between(self, start: int | None, end: int | None) -> str:
        fields = {"start": self.date(start or 0), "end": self.date(end or 0)}
        if end is None:
            return self._("a time from %(start)s on") % fields
        if start is None:
            return self._("a time before %(end)s") % fields
        return self._("a time from %(start)s to %(end)s") % fields

    def date(self, at: int) -> str:
        return format_datetime(moment(at), "d MMM y, HH:mm 'UTC'", locale=self._say.language)

    def length(self, seconds: int) -> str:
        days, hours = seconds // DAY, max(1, round(seconds / HOUR))
        if seconds >= DAY and seconds % DAY == 0:
            return self.ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        return self.ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}

    def link_text(self, condition: Condition) -> str:
        """What a link to the page of the next step says."""
        texts = {
            "change-tier": self._("Compare the tiers"),
            "buy-license": self._("Go to the store"),
            "get-token": self._("Go to the crowdsale"),
            "contribute": self._("Go to the crowdsale"),
            "invite": self._("My badges"),
            "earn": self._("See the achievement"),
        }
        return texts.get(condition.next, "")

    # --- What is lacking -----------------------------------------------------------------------------------------

    def ask(self, condition: Condition) -> Ask:
        """The condition in words."""
        rule = parse_rule(condition.need)
        leaf = rule.rule if isinstance(rule, Not) else rule
        need = self._line(rule, top=True)
        wait = condition.at if condition.next == "wait" else None
        return Ask(condition, need[:1].upper() + need[1:], self._have(condition, leaf), self._step(condition), wait)

    def _have(self, condition: Condition, leaf: Rule) -> str:
        have = condition.have or {}
        match condition.code:
            case "signed-out":
                return self._("not known yet, because you are not signed in")
            case "balance-unknown":
                return self._("your balance is being looked up")
            case "list-unknown":
                return self._("not known, because this home does not have the list")
            case "membership-missing":
                return self._("no membership yet")
            case "membership-expired":
                return self._("a membership that expired on %(date)s") % {"date": self.date(condition.at or 0)}
            case "membership-other-tier":
                return self._("a membership: %(tiers)s") % {"tiers": self.tier(int(str(have.get("tier", 0))))}
            case "member-too-new":
                return self._("a membership since %(date)s") % {"date": self.date(int(str(have.get("since", 0))))}
            case "badge-level-low":
                return self._("a badge of level %(level)s") % {"level": self._level(have.get("level"))}
            case "license-expired":
                return self._("a license that expired on %(date)s") % {"date": self.date(condition.at or 0)}
            case "balance-low" | "balance-high" if isinstance(leaf, HoldsToken):
                return self.amount(leaf, int(str(have.get("amount", 0))))
            case "contribution-low":
                return self._names.currency.written(int(str(have.get("amount", 0))), self._say.language)
            case "too-early":
                return self._("it is too early")
            case "must-not-hold":
                return self._("you have it")
        return self._("nothing yet")

    def _step(self, condition: Condition) -> str:
        steps = {
            "sign-in": self._("Sign in below, so that this page can look at what your wallet holds. It costs nothing."),
            "join": self._("Join below. It opens here as soon as the chain has confirmed it."),
            "renew": self._("Renew it below. It opens here as soon as the chain has confirmed it."),
            "change-tier": self._("Change to one of these tiers. It opens here as soon as the chain has confirmed it."),
            "buy-license": self._("Buy the license. It opens here as soon as the chain has confirmed it."),
            "get-token": self._(
                "Get what is missing into this wallet. It opens here as soon as the chain has confirmed it."
            ),
            "reduce": self._(
                "Move what is too much to another wallet. It opens here as soon as the chain has confirmed it."
            ),
            "contribute": self._("Contribute to the crowdsale while it lasts."),
            "give-away": self._("Pass it on to somebody else."),
            "invite": self._("Invite members with your badge, or buy one of this level."),
            "earn": self._("Earn it: the community grants it."),
            "ask-owner": self._("Ask the founder: who is on the list is up to them."),
        }
        if condition.next != "wait":
            return steps[condition.next]
        if condition.code == "balance-unknown":
            return self._("Wait a few seconds: this page comes again by itself.")
        if condition.at is None:
            return self._("Ask the founder to send the list to this home.")
        return self._("Wait until %(date)s.") % {"date": self.date(condition.at)}
