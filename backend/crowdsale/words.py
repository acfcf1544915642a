"""Whole sentences of what a transaction to a sale or its token does, in the viewer's language."""

from datetime import UTC, datetime

from babel.dates import format_datetime

from backend.community.queries import CommunityView
from backend.crowdsale.reading import SalePage
from backend.crowdsale.sale import ContributionView, Pledge
from backend.texts import Say, translations


def date(say: Say, at: int) -> str:
    """A time as pages write it."""
    return format_datetime(datetime.fromtimestamp(at, UTC), "d MMM y, HH:mm 'UTC'", locale=say.language)


def title(say: Say, page: SalePage) -> str:
    """What a sale sells: its token, or memberships of a tier."""
    terms = page.sale.terms
    if not terms.sells_periods:
        return f"{terms.token_name} ({terms.token_symbol})"
    return say._("memberships “%(tier)s”") % {"tier": page.tier.label if page.tier else f"#{terms.tier_id}"}


def name(say: Say, page: SalePage) -> str:
    """What the owner calls the sale, else what it sells."""
    return page.sale.title or title(say, page)


def periods(say: Say, count: int) -> str:
    text = translations(say.language).ngettext("%(count)s period", "%(count)s periods", count)
    return text % {"count": count}


def contribute(say: Say, community: CommunityView, page: SalePage, pledge: Pledge, *, recipient: str | None) -> str:
    """`recipient` None: for oneself."""
    terms = page.sale.terms
    got = periods(say, pledge.gets) if terms.sells_periods else page.bought_written(pledge.gets, say.language)
    if recipient is None:
        text = say._("Contribute %(amount)s to the crowdsale of %(community)s for %(bought)s of %(title)s.")
    else:
        text = say._(
            "Contribute %(amount)s to the crowdsale of %(community)s; %(recipient)s gets %(bought)s of %(title)s."
        )
    back = say._("You can take it back if less than %(goal)s is raised until %(until)s.")
    first = text % {
        "amount": page.currency.written(pledge.bought.taken, say.language),
        "community": community.name,
        "bought": got,
        "title": title(say, page),
        "recipient": recipient,
    }
    last = back % {"goal": page.currency.written(terms.goal, say.language), "until": date(say, terms.ends_at)}
    return " ".join(filter(None, [first, _membership(say, page, pledge), last]))


def _membership(say: Say, page: SalePage, pledge: Pledge) -> str:
    """What of a contribution pays for a membership; empty when none comes with it."""
    if not pledge.tier_money:
        return ""
    text = say._(
        "%(money)s of what is contributed pays for the membership “%(tier)s” (%(periods)s) and buys no tokens: "
        "with this there are %(all)s in all."
    )
    return text % {
        "money": page.currency.written(pledge.tier_money, say.language),
        "tier": page.tier.label if page.tier else "",
        "periods": periods(say, page.sale.terms.tier_periods),
        "all": page.bought_written(pledge.allocation, say.language),
    }


def open_sale(say: Say, community: CommunityView, page: SalePage) -> str:
    terms = page.sale.terms
    text = say._(
        "Open a crowdsale of %(title)s for %(community)s: goal %(goal)s, cap %(cap)s, until %(until)s. "
        "None of its terms can change afterwards."
    )
    return text % {
        "title": title(say, page),
        "community": community.name,
        "goal": page.currency.written(terms.goal, say.language),
        "cap": page.currency.written(terms.cap, say.language),
        "until": date(say, terms.ends_at),
    }


def refund(say: Say, page: SalePage, amount: int) -> str:
    text = say._("Take back %(amount)s from the crowdsale of %(title)s.")
    return text % {"amount": page.currency.written(amount, say.language), "title": name(say, page)}


def claim_tokens(say: Say, page: SalePage, amount: int) -> str:
    text = say._("Claim the %(amount)s that have vested by now.")
    return text % {"amount": page.bought_written(amount, say.language)}


def claim_membership(say: Say, community: CommunityView, page: SalePage, count: int) -> str:
    text = say._("Become a member of %(community)s as %(tier)s for %(periods)s, which your contribution has paid for.")
    label = page.tier.label if page.tier else ""
    return text % {"community": community.name, "tier": label, "periods": periods(say, count)}


def finalize(say: Say, page: SalePage) -> str:
    text = (
        say._("Finalize the crowdsale (%(title)s): it raised %(amount)s, and everybody can claim then.")
        if page.sale.terms.asset == "membership"
        else say._("Finalize the crowdsale (%(title)s): it raised %(amount)s, and its schedule begins now.")
    )
    return text % {"title": name(say, page), "amount": page.currency.written(page.sale.raised, say.language)}


def release(say: Say, community: CommunityView, page: SalePage) -> str:
    text = say._("Send %(community)s what the schedule has released so far: about %(amount)s.")
    return text % {"community": community.name, "amount": page.currency.written(page.sale.releasable, say.language)}


def vote(say: Say, page: SalePage, part: ContributionView) -> str:
    """A vote that stops the sale says what then comes back: a little less, since the schedule runs on meanwhile."""
    if part.stops:
        text = say._(
            "Stop the schedule of %(title)s: your vote, with the weight of %(amount)s, is enough. "
            "It ends at once and for good: %(all)s is paid back to the contributors, %(own)s of it to you."
        )
        return text % {
            "title": name(say, page),
            "amount": page.currency.written(part.weight, say.language),
            "all": page.currency.about(page.sale.unvested, say.language),
            "own": page.currency.about(part.unreleased, say.language),
        }
    text = say._(
        "Vote to stop the schedule of %(title)s, with the weight of %(amount)s. A vote is for good. "
        "Once more than %(percent)s has voted, what is not released is refunded."
    )
    percent = say.percent(page.sale.terms.stop_threshold_bps)
    return text % {
        "title": name(say, page),
        "amount": page.currency.written(part.weight, say.language),
        "percent": percent,
    }


def withdraw(say: Say, amount: str) -> str:
    return say._("Take back %(amount)s that you sent beyond the cap.") % {"amount": amount}
