"""A founder's calls as the API prepares them, on a real chain: opening, lists, coupons, grants, offices."""

from collections.abc import Callable
from secrets import token_bytes
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from backend.membership.lists import proof_of
from backend.membership.vouchers import digest_of
from backend.transactions import call_data
from scripts.member import Member, Refused
from tests.fixtures.koinon import NOBODY, PAID, PRICE, Koinon

DAY = 86_400
NOTHING = (NOBODY, 0, 0, 0, NOBODY, 0, 0, 0)

pytestmark = pytest.mark.parametrize("koinon", ["sqlite"], indirect=True, scope="module")


def prepared(member: Member, path: str, **body: Any) -> dict[str, Any]:
    """The transaction that the API prepares; it is sent and known to the home when this returns."""
    transaction: dict[str, Any] = member.post(f"/api/{path}", {"account": member.account.address, **body})
    data, value = bytes.fromhex(transaction["data"][2:]), int(transaction["value"], 16)
    receipt = member.node.send(member.account, transaction["to"], data=data, value=value)
    member.await_indexed(receipt.tx_hash)
    return {**transaction, "hash": receipt.tx_hash}


def opening(**changes: Any) -> dict[str, Any]:
    fields = {
        "name": "The Lamp Room",
        "symbol": "LAMP",
        "price": str(PRICE),
        "tier_label": "Member",
        "salt": "0x" + token_bytes(32).hex(),
    }
    return {**fields, **changes}


def test_three_fields_make_a_community_that_this_home_serves(koinon: Koinon) -> None:
    founder = koinon.member(1)

    transaction = prepared(founder, "transactions/open", **opening())
    community = founder.get(f"/api/transactions/{transaction['hash']}/community")["community"]
    found = founder.get(f"/api/communities/{community}")
    tiers = founder.get(f"/api/communities/{community}/tiers")

    assert "The Lamp Room" in transaction["summary"]
    assert "0.01 ETH" in transaction["summary"]
    assert (found["owner"], found["home_uri"]) == (founder.account.address, koinon.url)
    assert [(tier["label"], tier["price"]) for tier in tiers] == [("Member", str(PRICE))]
    founder.set_profile(community, tagline="It is served here at once.", about="")


@pytest.mark.parametrize(
    ("currency", "reason"), [("0x" + "12" * 20, "no-contract"), ("factory", "no-token"), ("community", "no-token")]
)
def test_nobody_opens_a_community_in_what_is_no_currency(koinon: Koinon, currency: str, reason: str) -> None:
    founder = koinon.member(1)
    community = koinon.open_community(founder, salt=token_bytes(32)).community
    address = {"factory": koinon.factory, "community": community}.get(currency, currency)

    asks: list[Callable[[], Any]] = [
        lambda: founder.get(f"/api/currencies/{address}"),
        lambda: founder.post("/api/transactions/open", {"account": NOBODY, **opening(currency=address)}),
    ]
    for ask in asks:
        with pytest.raises(Refused) as refused:
            ask()
        assert (refused.value.status, refused.value.reason) == (409, reason)


def test_the_contract_takes_the_proof_of_a_list(koinon: Koinon) -> None:
    founder, listed, other = koinon.member(1), koinon.member(5), koinon.member(6)
    opened = koinon.open_community(founder, salt=token_bytes(32))
    koinon.await_head()
    here = f"communities/{opened.community}"
    accounts = [listed.address, founder.address, "0x" + "77" * 20]
    kept = founder.post(f"/api/{here}/allow-lists", {"accounts": " ".join(accounts)})

    prepared(
        founder,
        f"{here}/transactions/tier-access",
        tier_id=PAID,
        invitation_only=False,
        allow_root=kept["root"],
        invitee_discount_bps=0,
    )
    with koinon.host.database.reading() as session:
        chain_id = koinon.host.settings.chain_id
        proof = proof_of(session, chain_id, opened.community, kept["root"], listed.address)
    assert proof is not None
    extras = ([bytes.fromhex(each[2:]) for each in proof], NOTHING, b"", (0, 0, 0), (0, 0, 0, b"\0" * 32, b"\0" * 32))
    arguments = (PAID, 1, PRICE, NOBODY, listed.account.address, 0, (*extras, 0, 0, b""))
    receipt = listed.call("Membership", opened.membership, "joinWith", *arguments, value=PRICE)
    listed.await_indexed(receipt.tx_hash)

    assert listed.me(opened.community)["membership"]["tier_id"] == PAID
    with pytest.raises(Refused) as refused:
        other.join(opened.community, tier_id=PAID)
    assert (refused.value.status, refused.value.problem["reason"]) == (403, "not-on-list")


def test_the_digest_of_a_voucher_is_the_contracts(koinon: Koinon) -> None:
    founder = koinon.member(1)
    opened = koinon.open_community(founder, salt=token_bytes(32))
    fields = {
        "issuer": founder.account.address,
        "tierId": PAID,
        "kind": 0,
        "value": 2_500,
        "recipient": to_checksum_address("0x" + "77" * 20),
        "uses": 3,
        "deadline": 2_000_000_000,
        "nonce": 1 << 100,
    }
    data = call_data("Membership", "voucherOf", tuple(fields.values()))

    answer = koinon.anvil.rpc("eth_call", {"to": opened.membership, "data": "0x" + data.hex()}, "latest")

    assert answer[2:66] == digest_of(koinon.anvil.chain_id, opened.membership, fields).hex()


def test_grants_offices_and_tiers_do_what_they_say(koinon: Koinon) -> None:
    founder, friend = koinon.member(1), koinon.member(7)
    opened = koinon.open_community(founder, salt=token_bytes(32))
    koinon.await_head()
    here = f"communities/{opened.community}"
    (line,) = founder.post(f"/api/{here}/grants/check", {"text": friend.address, "tier_id": PAID, "days": 30})
    part = {name: line[name] for name in ("recipient", "tier_id", "seconds", "token_id")}

    prepared(founder, f"{here}/transactions/grant", grants=[part])
    token = friend.token_id(opened.community)
    prepared(founder, f"{here}/transactions/revoke", token_id=token)
    prepared(founder, f"{here}/transactions/roles", holder=friend.address, roles=6)
    prepared(founder, f"{here}/transactions/splits", splits=[{"account": friend.address, "bps": 2_000}], locked_until=0)
    prepared(founder, f"{here}/transactions/offer-ownership", to=friend.address)
    price = prepared(founder, f"{here}/transactions/tier-price", tier_id=PAID, price=str(2 * PRICE))
    prepared(founder, f"{here}/transactions/tier-label", tier_id=PAID, label="Друзья")
    prepared(founder, f"{here}/transactions/tier-paused", tier_id=PAID, paused=True)
    prepared(founder, f"{here}/transactions/create-tier", label="Reader", price="0", period_seconds=365 * DAY, cap=7)

    assert friend.me(opened.community)["membership"]["expired"] is True
    offices = founder.get(f"/api/{here}/offices")
    assert (offices["owner_bps"], offices["pending_owner"]) == (8_000, friend.account.address)
    assert {"account": friend.account.address, "roles": 6} in offices["roles"]
    assert "who is a member now pays it from" in price["summary"]
    _, paid, _, reader = founder.get(f"/api/{here}/tiers")
    assert (paid["label"], paid["price"], paid["renewal_price"], paid["state"]) == (
        "Друзья",
        str(2 * PRICE),
        str(PRICE),
        "paused",
    )
    assert (reader["label"], reader["cap"]) == ("Reader", 7)
    prepared(friend, f"{here}/transactions/accept-ownership")
    assert founder.get(f"/api/{here}/offices")["owner"] == friend.account.address
    with pytest.raises(Refused) as refused:
        prepared(founder, f"{here}/transactions/roles", holder=founder.address, roles=1)
    assert refused.value.problem["error"] == "NotOwner"
