"""Whole sentences of what a transaction to a store does, in the viewer's language."""

from datetime import UTC, datetime

from babel.dates import format_datetime
from eth_utils.address import to_checksum_address

from backend.currency import Currency
from backend.store.queries import ProductView, Split
from backend.texts import Say


def date(say: Say, at: int) -> str:
    """A time as pages write it."""
    return format_datetime(datetime.fromtimestamp(at, UTC), "d MMM y, HH:mm 'UTC'", locale=say.language)


def buy(
    say: Say, product: ProductView, currency: Currency, *, quantity: int, until: int | None, recipient: str | None
) -> str:
    """`until`: of a license with a period, after; `recipient` None: for oneself."""
    values = {
        "product": product.label,
        "amount": currency.written(product.price * quantity, say.language),
        "quantity": quantity,
        "recipient": recipient and to_checksum_address(recipient),
        "until": date(say, until) if until else "",
    }
    if until:
        text = say._("License “%(product)s” until %(until)s: %(amount)s.")
    elif quantity == 1:
        text = say._("Buy “%(product)s” for good: %(amount)s.")
    else:
        text = say._("Buy %(quantity)s licenses of “%(product)s” for good: %(amount)s.")
    gift = say._("It is for %(recipient)s.") % values if recipient else ""
    return f"{text % values} {gift} {say._('Sales are final.')}".replace("  ", " ")


def shares(say: Say, currency: Currency, split: Split) -> str:
    """Who gets which part of a payment."""
    parts = [(split.payee, say._("%(amount)s to the creator")), (split.community, say._("%(amount)s to the community"))]
    parts.append((split.badge, say._("%(amount)s to who invited you")))
    return ", ".join(text % {"amount": currency.written(amount, say.language)} for amount, text in parts if amount)


def tip(say: Say, currency: Currency, amount: int, payee: str, split: Split) -> str:
    text = say._("Tip %(payee)s %(amount)s: %(shares)s.")
    return text % {
        "payee": to_checksum_address(payee),
        "amount": currency.written(amount, say.language),
        "shares": shares(say, currency, split),
    }


def list_product(say: Say, label: str, currency: Currency, price: int, community_bps: int) -> str:
    text = say._("List “%(product)s” for %(amount)s. Of each sale the community gets %(percent)s for good.")
    amount, percent = currency.written(price, say.language), say.percent(community_bps)
    return text % {"product": label, "amount": amount, "percent": percent}


def price(say: Say, product: ProductView, currency: Currency, amount: int) -> str:
    text = say._("Sell “%(product)s” for %(amount)s from now on; renewals too.")
    return text % {"product": product.label, "amount": currency.written(amount, say.language)}


def version(say: Say, product: ProductView) -> str:
    text = say._("Publish version %(number)s of “%(product)s”. All licenses hold for it.")
    return text % {"number": product.version + 1, "product": product.label}


def payout(say: Say, product: ProductView, account: str) -> str:
    text = say._("Credit later sales of “%(product)s” to %(account)s.")
    return text % {"product": product.label, "account": to_checksum_address(account)}


def creator(say: Say, product: ProductView, account: str) -> str:
    text = say._("Give “%(product)s” into the hands of %(account)s: you can change nothing of it any more.")
    return text % {"product": product.label, "account": to_checksum_address(account)}


def listed(say: Say, product: ProductView, on: bool) -> str:
    if on:
        return say._("Sell “%(product)s” again.") % {"product": product.label}
    return say._("Take “%(product)s” off sale. Who has a license keeps it and can renew it.") % {
        "product": product.label
    }


def retire(say: Say, product: ProductView, at: int) -> str:
    text = say._("Retire “%(product)s” for good: no more sales from now on, no renewals from %(when)s on.")
    return text % {"product": product.label, "when": date(say, at)}


def claim(say: Say, amount: str) -> str:
    return say._("Claim %(amount)s that sales and tips have credited to you.") % {"amount": amount}


def policy(say: Say, community_bps: int, members: bool) -> str:
    who = say._("members and you can list") if members else say._("only you can list")
    text = say._("Of products that are listed from now on the community gets %(percent)s; %(who)s.")
    return text % {"percent": say.percent(community_bps), "who": who}


def give(say: Say, product: ProductView, to: str) -> str:
    text = say._("Give your license of “%(product)s” to %(to)s. This cannot be undone by us.")
    return text % {"product": product.label, "to": to}
