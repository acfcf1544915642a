"""Notices in words, for inbox and mail: codes and parameters become sentences in the reader's language."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime

from backend.currency import Currency
from backend.notices.tables import EXPIRING, INCOME, LEVEL, LISTING, OFFER, RENEWAL, REPLY, TRADE
from backend.rendering import short
from backend.texts import Say, badge_number


def sentence(
    say: Say, kind: str, params: Mapping[str, Any], *, community: str, currency: Currency, at: int, name: str = ""
) -> str:
    """What happened, as one sentence. `at`: the reader's time, which decides between what ends and what ended; `name`:
    of who did it, where it is known."""
    if kind == REPLY:
        text = (
            say._("%(who)s replied to your post “%(title)s” in %(community)s.")
            if params["own"]
            else say._("%(who)s replied after you to “%(title)s” in %(community)s.")
        )
        return text % {"who": name or short(params["author"]), "title": params["title"], "community": community}
    if kind == EXPIRING:
        text = (
            say._("Your membership of %(community)s (%(tier)s) ends on %(date)s. Renew it to keep what it opens.")
            if params["expires_at"] > at
            else say._("Your membership of %(community)s (%(tier)s) ended on %(date)s. Renew it to come back.")
        )
        date = format_datetime(datetime.fromtimestamp(params["expires_at"], UTC), "d MMMM y", locale=say.language)
        return text % {"community": community, "tier": params["tier"], "date": date}
    if kind == RENEWAL:
        why = _reasons(say)[params["reason"]] % {"price": currency.written(int(params["price"]), say.language)}
        return say._("Your membership of %(community)s could not be renewed: %(why)s.") % {
            "community": community,
            "why": why,
        }
    if kind == INCOME:
        text = say._("Your badge in %(community)s has earned %(amount)s, which you can claim.")
        return text % {"community": community, "amount": currency.about(int(params["amount"]), say.language)}
    if kind == LEVEL:
        level = (say._("bronze"), say._("silver"), say._("gold"))[min(int(params["level"]), 2)]
        text = say._("Your badge No. %(badge)s in %(community)s has become %(level)s: its share is higher from now on.")
        return text % {"badge": badge_number(params["badge"]), "community": community, "level": level}
    if kind in (OFFER, LISTING, TRADE):
        return _of_market(say, kind, params, community=community, currency=currency)
    return _of_sale(say, params) % {
        "community": community,
        "sale": params.get("sale", community) or say._("Memberships"),
        "raised": currency.written(int(params["raised"]), say.language),
        "unreleased": currency.written(int(params.get("unreleased", 0)), say.language),
    }


def _of_sale(say: Say, params: Mapping[str, Any]) -> str:
    """What became of a sale, and what its reader can do now."""
    founder, turn = params.get("founder"), params.get("turn")
    if turn == "sale-stopped":
        return (
            say._(
                "The crowdsale “%(sale)s” of %(community)s was stopped by its contributors: "
                "%(unreleased)s goes back to them, the rest is the community's."
            )
            if founder
            else say._(
                "The crowdsale “%(sale)s” of %(community)s was stopped. %(unreleased)s was not released: "
                "take your part back there."
            )
        )
    if turn == "sale-finalized":
        return say._("The crowdsale “%(sale)s” of %(community)s is finalized. Claim there what you paid for.")
    if not params["reached"]:
        return say._(
            "The crowdsale “%(sale)s” of %(community)s has ended below its goal: contributions can be taken back."
        )
    if params.get("finalized"):
        return say._("The crowdsale “%(sale)s” of %(community)s has ended and reached its goal: %(raised)s.")
    return (
        say._(
            "The crowdsale “%(sale)s” of %(community)s has ended and reached its goal: %(raised)s. "
            "Finalize it, so that its schedule begins."
        )
        if founder
        else say._(
            "The crowdsale “%(sale)s” of %(community)s has ended and reached its goal: %(raised)s. "
            "Once it is finalized, claim there what you paid for."
        )
    )


def _of_market(say: Say, kind: str, params: Mapping[str, Any], *, community: str, currency: Currency) -> str:
    token = params["token"] if params.get("membership") else badge_number(int(params["token"]))
    if kind == OFFER:
        text = say._("Somebody offers %(price)s for No. %(token)s of yours in %(community)s.")
    elif kind == TRADE and params["bought"]:
        text = say._("Your offer of %(price)s for No. %(token)s in %(community)s was taken: it is yours.")
    elif kind == TRADE and params.get("membership"):
        text = say._("Your membership #%(token)s of %(community)s was bought for %(price)s.")
    elif kind == TRADE:
        text = say._("No. %(token)s of yours in %(community)s was bought for %(price)s.")
    elif params.get("membership"):
        text = say._(
            "Your listing of membership #%(token)s in %(community)s for %(price)s has ended: nobody bought it."
        )
    else:
        text = say._("Your listing of No. %(token)s in %(community)s for %(price)s has ended: nobody bought it.")
    price = currency.written(int(params["price"]), say.language)
    return text % {"token": token, "community": community, "price": price}


def _reasons(say: Say) -> Mapping[str, str]:
    return {
        "balance-too-low": say._("there is not enough money for %(price)s"),
        "allowance-too-low": say._("the wallet does not allow %(price)s to be taken"),
        "price-above-consent": say._("the price of %(price)s is above your limit"),
        "consent-used-up": say._("all renewals that you agreed to have been made"),
        "consent-past": say._("your consent has ended"),
    }
