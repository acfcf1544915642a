"""What the wallets of one account hold together: the one that signed in, and those that are linked to it.

A gate is decided as if one wallet held all of it: any membership, the sum of tokens, the highest level, the latest end.
Whether the account governs is the business of its own wallet alone. It goes from an account to its wallets, never back:
a linked wallet that signs in by itself has what it holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlmodel import Session

from backend.feed import time_at
from backend.gates.decision import Balance, Holdings
from backend.gates.holdings import holdings_of_many, is_member
from backend.gates.rule import Asset, Rule
from backend.identity.linking import linked_wallets

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def holdings_of_wallets(
    session: Session, chain_id: int, community: str, account: str | None, rule: Rule | None
) -> list[Holdings]:
    """What the account's own wallet holds, as far as the rule asks, and then each linked one, which governs nothing."""
    if account is None:
        return [Holdings(None)]
    wallets = [account, *linked_wallets(session, account)]
    found = holdings_of_many(session, chain_id, community, wallets, rule)
    return [found[account], *(replace(found[each], governs=False) for each in wallets[1:])]


def member_wallets(session: Session, chain_id: int, community: str, account: str) -> list[str]:
    """The account's linked wallets that are members now: what only a member may do is done with one of them."""
    linked = linked_wallets(session, account)
    found = holdings_of_many(session, chain_id, community, linked, None) if linked else {}
    at = time_at(session, chain_id)
    return [wallet for wallet in linked if is_member(found[wallet], at=at)]


def together(wallets: Sequence[Holdings]) -> Holdings:
    """As if the first of these wallets held what all of them hold. Pure.

    Each wallet's own unbroken time as a member counts, the longest: times of two wallets are not added.
    """
    own = wallets[0]
    if len(wallets) == 1:
        return own
    sinces = [each.since for each in wallets if each.since is not None]
    badges = [each.badge for each in wallets if each.badge is not None]
    return replace(
        own,
        memberships=tuple(held for each in wallets for held in each.memberships),
        since=min(sinces, default=None),
        badge=max(badges, default=None),
        achievements=_by_key([each.achievements for each in wallets], sum),
        licenses=_by_key([each.licenses for each in wallets], max),
        contributed=_by_key([each.contributed for each in wallets], sum),
        balances={asset: _sum(asset, wallets) for each in wallets for asset in each.balances},
        lists=_by_key([each.lists for each in wallets], any),
    )


def _by_key(parts: Sequence[Mapping[_Key, _Value]], joined: Callable[[Iterable[_Value]], _Value]) -> dict[_Key, _Value]:
    """All wallets are read for the same rule, so that what is known of one is known of all."""
    keys = {key for part in parts for key in part}
    return {key: joined(part[key] for part in parts if key in part) for key in keys}


def _sum(asset: Asset, wallets: Sequence[Holdings]) -> Balance:
    """The balances that are known, and whether any is not: those of outside tokens become known one by one."""
    known = [each.balances[asset] for each in wallets if asset in each.balances]
    return replace(known[0], others=tuple(known[1:]), partly=len(known) < len(wallets))
