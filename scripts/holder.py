"""What holders of badges and memberships do, as a program: settle, claim, sign listings and offers, buy, sell, give
achievements.

Each function takes a `Member` (scripts/member.py) and goes through the doors that the pages use.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from eth_account.messages import encode_typed_data

from backend.market.messages import Kind, message_of, typed
from scripts.member import Member
from scripts.node import Receipt

DAY = 86_400
NOBODY = "0x" + "00" * 20
WHOLE = 10_000


def send(member: Member, community: str, name: str, **fields: Any) -> Receipt:
    """A prepared transaction of this wallet, as soon as the index knows of it."""
    request = {"account": member.account.address, **fields}
    prepared = member.post(f"/api/communities/{community}/transactions/{name}", request)
    for each in [*prepared["before"], prepared]:
        data, value = bytes.fromhex(each["data"][2:]), int(each["value"], 16)
        receipt = member.node.send(member.account, each["to"], data=data, value=value)
    member.await_indexed(receipt.tx_hash)
    return receipt


def badges_of(member: Member, community: str) -> list[dict[str, Any]]:
    """The badges that this wallet owns in a community, as the home tells them."""
    return [each for each in member.get("/api/account/badges") if each["community"] == community.lower()]


def settle(member: Member, community: str) -> None:
    """What time has earned for this wallet's badges is credited, as far as it is due."""
    for each in badges_of(member, community):
        if each["settle"]:
            send(member, community, "badge-settle", token_ids=each["settle"])


def claim(member: Member, community: str) -> None:
    """All income that waits is paid."""
    ids = [each["id"] for each in badges_of(member, community) if int(each["accrued"])]
    if ids:
        send(member, community, "badge-claim", badges=ids)


def list_badge(member: Member, community: str, badge: int, *, price: int, days: int = 30) -> str:
    """The badge is for sale; the digest of the listing. It becomes a token first, and the market may move it."""
    known = member.get(f"/api/communities/{community}/badges/{badge}") if badge < 1 << 40 else {"minted": True}
    if not known["minted"]:
        send(member, community, "badge-mint", badge=badge)
    terms = _terms(member, community, badge)
    if not terms["approved"]:
        send(member, community, "badge-approve", token_id=badge)
    signed: dict[str, Any] = {
        "seller": member.address,
        "tokenId": badge,
        "minProceeds": price - price * terms["royalty_bps"] // WHOLE,
        "transferCount": terms["transfer_count"],
    }
    return _keep(member, community, "Listing", terms, price=price, days=days, **signed)


def list_membership(member: Member, community: str, *, price: int, days: int = 30, with_badge: bool = True) -> str:
    """This wallet's membership is for sale as it is; the digest of the listing. The market may move it."""
    mine = member.me(community)["membership"]
    token, until = int(mine["token_id"]), int(mine["expires_at"])
    terms = _terms(member, community, token, kind="membership")
    if not terms["approved"]:
        send(member, community, "membership-approve", token_id=token)
    promise: dict[str, Any] = {"tier_id": int(mine["tier_id"]), "min_expires_at": until, "with_badge": with_badge}
    signed: dict[str, Any] = {
        "seller": member.address,
        "collection": terms["membership"],
        "tokenId": token,
        "minProceeds": price - price * terms["royalty_bps"] // WHOLE,
        "transferCount": terms["transfer_count"],
        "tierId": promise["tier_id"],
        "minExpiresAt": until,
        "withBadge": with_badge,
    }
    return _keep(member, community, "Listing", terms, price=price, days=days, promise=promise, **signed)


def offer(member: Member, community: str, *, price: int, badge: int = 0, level: int = 0, days: int = 30) -> str:
    """A bid for one badge, or for any of this level; its digest. The money waits in the market."""
    terms = _terms(member, community, badge)
    lack = price - int(terms["funds"])
    if lack > 0:
        send(member, community, "market-add-funds", amount=str(lack))
    signed: dict[str, Any] = {"buyer": member.address, "tokenId": badge, "level": level}
    return _keep(member, community, "Offer", terms, price=price, days=days, **signed)


def buy(member: Member, community: str, digest: str, *, least: int = 0) -> Receipt:
    """What the listing offers belongs to this wallet, with `least` of money at least."""
    return send(member, community, "listing-buy", digest=digest, min_money=str(least))


def accept(member: Member, community: str, digest: str, badge: int, *, least: int) -> Receipt:
    """The badge is sold to an offer."""
    if not _terms(member, community, badge)["approved"]:
        send(member, community, "badge-approve", token_id=badge)
    return send(member, community, "offer-accept", digest=digest, token_id=badge, min_proceeds=str(least))


def create_achievement(founder: Member, community: str, **fields: Any) -> int:
    """Its id."""
    send(founder, community, "achievement-create", **fields)
    return int(founder.get(f"/api/communities/{community}/achievements")[0]["id"])


def grant(founder: Member, community: str, achievement_id: int, recipients: Sequence[str]) -> None:
    """Each of these wallets has it."""
    send(founder, community, "achievement-grant", achievement_id=achievement_id, recipients=list(recipients))


def _terms(member: Member, community: str, token_id: int, *, kind: str = "badge") -> dict[str, Any]:
    query = f"account={member.address}&token_id={token_id}&kind={kind}"
    found: dict[str, Any] = member.get(f"/api/communities/{community}/market/terms?{query}")
    return found


def _keep(
    member: Member,
    community: str,
    kind: Kind,
    terms: Mapping[str, Any],
    *,
    price: int,
    days: int,
    promise: Mapping[str, Any] | None = None,
    **fields: Any,
) -> str:
    """The home keeps the message that this wallet signs; its digest. `promise`: what is signed of a membership."""
    common = {
        "collection": terms["badges"],
        "membership": terms["membership"],
        "currency": NOBODY,
        "price": price,
        "deadline": member.node.time + days * DAY,
        "counter": terms["counter"],
        "salt": secrets.randbits(128),
    }
    message = message_of(kind, **{**common, **fields})
    signable = encode_typed_data(
        full_message=typed(kind, message, chain_id=member.node.chain_id, market=terms["market"])
    )
    signature = "0x" + bytes(member.account.sign_message(signable).signature).hex()
    told = {_snake(name): value for name, value in message.items()}
    body: dict[str, Any] = {**{name: told[name] for name in _TAKEN[kind]}, "signature": signature}
    if promise is not None:
        body["membership"] = promise
    kept: dict[str, str] = member.post(f"/api/communities/{community}/market/{kind.lower()}s", body)
    return kept["digest"]


_COMMON = ("currency", "price", "deadline", "min_accrued", "counter", "salt")
_TAKEN: Mapping[Kind, Sequence[str]] = {
    "Listing": (*_COMMON, "seller", "token_id", "min_proceeds", "transfer_count"),
    "Offer": (*_COMMON, "buyer", "token_id", "level", "min_rate_bps"),
}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
