"""What a page says of a membership before signing is what the chain shows after: every operation of a holder, on a
real node, prepared by the API and sent as it is.
"""

import json
from collections.abc import Sequence
from secrets import token_bytes
from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from backend.membership.standing import SLACK_SECONDS
from backend.membership.voucher_link import VoucherLink
from scripts.member import Member, Refused
from tests.browser.conftest import on_sqlite
from tests.fixtures.koinon import FREE, MONTH, PAID, PRICE, YEARLY, Koinon, opening

pytestmark = on_sqlite
NOBODY = "0x" + "00" * 20
LIFE = 2**40 - 1
ISSUER = 4
"""Role bit of ICommunity: may sign vouchers."""


class Place:
    """A community with a discount for who was invited, and its founder, who signs vouchers."""

    def __init__(self, koinon: Koinon) -> None:
        self.koinon = koinon
        self.founder = koinon.member(0)
        tiers = opening(koinon.url, koinon.host.home.address)["tiers"]
        tiers[PAID - 1]["inviteeDiscountBps"] = 1_000
        opened = koinon.open_community(self.founder, salt=token_bytes(32), tiers=tiers)
        self.community, self.membership = opened.community, opened.membership
        self.founder.call("Community", self.community, "setRoles", self.founder.account.address, ISSUER)
        koinon.await_head()

    def tier(self, label: str, *, listed: Sequence[Member] = (), cap: int = 0) -> int:
        """A new monthly tier, for these people alone if any are named; its id."""
        fields: dict[str, Any] = {"label": label, "price": str(PRICE), "period_seconds": MONTH, "cap": cap}
        if listed:
            accounts = " ".join(each.address for each in listed)
            kept = self.founder.post(f"/api/communities/{self.community}/allow-lists", {"accounts": accounts})
            fields["allow_root"] = kept["root"]
        self.do(self.founder, "create-tier", **fields)
        tiers = self.founder.get(f"/api/communities/{self.community}/tiers")
        return max(int(each["id"]) for each in tiers)

    def wait(self, seconds: int) -> None:
        self.koinon.anvil.advance(seconds)
        self.koinon.anvil.mine()
        self.koinon.await_head()

    def joined(self, number: int, tier: int = PAID, **choices: Any) -> tuple[Member, dict[str, Any]]:
        member = self.koinon.member(number)
        self.do(member, "join", tier_id=tier, **choices)
        return member, self.held(member)

    def held(self, member: Member) -> dict[str, Any]:
        found: dict[str, Any] = member.me(self.community)["membership"]
        return found

    def do(self, member: Member, name: str, **fields: Any) -> dict[str, Any]:
        """The prepared transaction, sent and indexed."""
        request = {"account": member.account.address, **fields}
        prepared: dict[str, Any] = member.post(f"/api/communities/{self.community}/transactions/{name}", request)
        receipt = member.node.send(
            member.account,
            prepared["to"],
            data=bytes.fromhex(prepared["data"][2:]),
            value=int(prepared["value"], 16),
        )
        member.await_indexed(receipt.tx_hash)
        return {**prepared, "tx": receipt.tx_hash}

    def voucher(self, *, kind: int, value: int, tier: int = PAID, uses: int = 1, nonce: int = 0) -> VoucherLink:
        terms = {
            "issuer": self.founder.address,
            "tierId": str(tier),
            "kind": str(kind),
            "value": str(value),
            "recipient": NOBODY,
            "uses": str(uses),
            "deadline": str(LIFE),
            "nonce": str(nonce),
        }
        kinds = ("address", "uint16", "uint8", "uint96", "address", "uint32", "uint40", "uint256")
        fields = [{"name": name, "type": type_} for name, type_ in zip(terms, kinds, strict=True)]
        domain = {
            "name": "Koinon Membership",
            "version": "1",
            "chainId": self.founder.node.chain_id,
            "verifyingContract": self.membership,
        }
        message = {name: text if text.startswith("0x") else int(text) for name, text in terms.items()}
        signed = self.founder.account.sign_message(encode_typed_data(domain, {"Voucher": fields}, message))
        made = {"voucher": terms, "signature": "0x" + signed.signature.hex()}
        return VoucherLink.model_validate_json(json.dumps(made))


@pytest.fixture(scope="module")
def place(koinon: Koinon) -> Place:
    return Place(koinon)


def test_join_through_a_badge_costs_what_the_page_says(place: Place) -> None:
    inviter, held = place.joined(1)
    page = place.koinon.member(2).page(f"/c/{place.community}/join?tier={PAID}&badge={held['token_id']}")

    done = place.do(place.koinon.member(2), "join", tier_id=PAID, badge=held["token_id"])

    assert "Join for 0.009 ETH" in page or "0.009 ETH" in page
    assert int(done["value"], 16) == PRICE * 9 // 10
    receipt = inviter.page(f"/c/{place.community}/receipts/{done['tx']}")
    assert "0.00045 ETH (5%) for badge No. " in receipt


def test_coupon_and_trial_are_applied_and_used_up(place: Place) -> None:
    coupon, trial = place.voucher(kind=0, value=2_500), place.voucher(kind=2, value=MONTH, nonce=1)
    member, other = place.koinon.member(3), place.koinon.member(4)
    assert "Your coupon is applied." in member.page(f"/c/{place.community}/join?voucher={coupon.link}")

    done = place.do(member, "join", tier_id=PAID, voucher=coupon.model_dump())
    tried = place.do(other, "join", tier_id=PAID, voucher=trial.model_dump())

    assert (int(done["value"], 16), int(tried["value"], 16)) == (PRICE * 3 // 4, 0)
    assert "for a month" in tried["summary"]
    late = place.koinon.member(5)
    assert "It has been used as often as it may" in late.page(f"/c/{place.community}/join?voucher={coupon.link}")
    with pytest.raises(Refused) as refused:
        place.do(late, "join", tier_id=PAID, voucher=coupon.model_dump())
    assert refused.value.problem["error"] == "VoucherUsedUp"


def test_join_with_consent_and_prepaid_coins_can_be_renewed(place: Place) -> None:
    consent = {"max_price": str(2 * PRICE), "periods": 3}
    member, held = place.joined(5, auto_renew=consent)
    page = member.page(f"/c/{place.community}/membership")
    assert "0.01 ETH is missing" in page

    place.do(member, "add-funds", amount=str(PRICE))

    page = member.page(f"/c/{place.community}/membership")
    assert "keeps 0.01 ETH for you" in page
    assert "3 times more, each for at most 0.02 ETH." in page
    place.do(member, "auto-renew", token_id=held["token_id"], max_price="0", periods=0)
    place.do(member, "withdraw-funds", amount=str(PRICE))
    page = member.page(f"/c/{place.community}/membership")
    assert "keeps 0 ETH for you" in page
    assert "Turn on" in page


def test_change_of_tier_brings_what_was_shown(place: Place) -> None:
    member, held = place.joined(6)
    path = f"/api/communities/{place.community}/memberships/{held['token_id']}/changes/{YEARLY}?periods=1"
    shown = member.get(path)

    place.do(
        member,
        "change-tier",
        token_id=held["token_id"],
        tier_id=YEARLY,
        periods=1,
        pays=shown["due"],
        min_expires_at=shown["min_expires_at"],
    )

    after = place.held(member)
    assert after["tier_id"] == YEARLY
    assert shown["min_expires_at"] <= after["expires_at"] <= shown["expires_at"]
    assert shown["expires_at"] - shown["min_expires_at"] <= SLACK_SECONDS * 100
    with pytest.raises(Refused) as refused:
        place.do(member, "change-tier", token_id=held["token_id"], tier_id=FREE, periods=1, pays="0", min_expires_at=0)
    assert refused.value.reason == "change-free"


def test_cancelling_pays_back_what_was_shown(place: Place) -> None:
    member, held = place.joined(7)
    before = place.koinon.anvil.rpc("eth_getBalance", member.account.address, "latest")

    done = place.do(member, "cancel", token_id=held["token_id"])

    after = place.koinon.anvil.rpc("eth_getBalance", member.account.address, "latest")
    assert PRICE - (int(after, 16) - int(before, 16)) < PRICE // 5  # gas, and some seconds of a month
    assert "0.0099" in done["summary"] or "0.01 ETH comes back" in done["summary"]
    assert place.held(member)["expired"]
    assert "came back to you" in member.page("/account/payments")


def test_gifts_reach_everybody_at_once(place: Place) -> None:
    giver = place.koinon.member(8)
    recipients = ["0x" + "e1" * 20, "0x" + "e2" * 20]

    done = place.do(giver, "gift", tier_id=PAID, periods=2, recipients=recipients)

    assert int(done["value"], 16) == 4 * PRICE
    assert giver.page("/account/payments").count("You gave") == 2
    receipt = giver.page(f"/c/{place.community}/receipts/{done['tx']}")
    assert receipt.count("receipt-words") == 2


def test_membership_moves_to_a_wallet_that_takes_it_over(place: Place) -> None:
    holder, held = place.joined(8)
    other = place.koinon.member(9)
    deadline = LIFE
    fields = ("uint256 tokenId", "address from", "address to", "uint16 transferCount", "uint40 deadline")
    types = [dict(zip(("type", "name"), field.split(" "), strict=True)) for field in fields]
    domain = {
        "name": "Koinon Membership",
        "version": "1",
        "chainId": holder.node.chain_id,
        "verifyingContract": place.membership,
    }
    message = {
        "tokenId": held["token_id"],
        "from": holder.address,
        "to": other.address,
        "transferCount": 0,
        "deadline": deadline,
    }
    signature = holder.account.sign_message(encode_typed_data(domain, {"WalletChange": types}, message)).signature

    place.do(other, "change-wallet", token_id=held["token_id"], deadline=deadline, signature="0x" + signature.hex())

    assert place.held(other)["token_id"] == held["token_id"]
    assert place.held(holder) is None
