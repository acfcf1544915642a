"""IMembershipDesk.joinWith by a voucher, joinPrice, voucherOf"""

from dataclasses import astuple, replace
from typing import Any

import pytest

from tests.factories.communities import CHOSEN, DAY, FREE, LIFE, MONTH, MONTHLY, PRICE, YEAR, World, community_of, tier
from tests.factories.contracts import NATIVE, Chain
from tests.factories.memberships import (
    FIXED_PRICE,
    ISSUER,
    NEVER,
    NO_VOUCHER,
    TRIAL,
    Voucher,
    give_role,
    invited,
    issue,
    join_with,
    sign,
    voucher_digest,
)


@pytest.fixture
def closed(ledger: Chain, factory: Any) -> World:
    """A community that one joins by invitation only."""
    return community_of(ledger, factory, tiers=[tier(invitationOnly=True), tier(price=0, invitationOnly=True)])


@pytest.fixture
def friendly(ledger: Chain, factory: Any) -> World:
    """A tier whose invitees save 10 %."""
    return community_of(ledger, factory, tiers=[tier(inviteeDiscountBps=1_000)])


def price_of(world: World, voucher: Voucher = NO_VOUCHER, *, badge: int = 0) -> int:
    return int(world.chain.read(world.membership.joinPrice, voucher.tier_id, badge, astuple(voucher)))


# Each kind


@pytest.mark.parametrize(
    ("bps", "price"), [(2_500, PRICE * 3 // 4), (1, PRICE - PRICE // 10_000), (9_999, PRICE // 10_000), (10_000, 0)]
)
def test_discount_takes_a_part_off_the_price(world: World, bps: int, price: int) -> None:
    issued = issue(world, value=bps)

    receipt = join_with(world, periods=2, price=price, **issued)

    joined = receipt.only("MembershipJoined")
    assert (joined["amount"], joined["periods"], joined["state"]["unearned"]) == (2 * price, 2, 2 * price)
    assert joined["state"]["expiresAt"] == world.chain.now + 2 * MONTH
    digest = voucher_digest(world, issued["voucher"])
    assert receipt.only("VoucherUsed") == {
        "digest": digest,
        "issuer": world.founder,
        "tokenId": joined["tokenId"],
        "used": 1,
    }
    assert world.chain.read(world.membership.voucherOf, astuple(issued["voucher"])) == {"digest": digest, "used": 1}
    assert price_of(world, issued["voucher"]) == price


def test_discount_rounds_the_price_up(ledger: Chain, factory: Any) -> None:
    world = community_of(ledger, factory, tiers=[tier(price=3)])

    assert join_with(world, price=2, **issue(world, value=5_000)).only("MembershipJoined")["amount"] == 2


@pytest.mark.parametrize("price", [0, 1, PRICE // 3, PRICE])
def test_price_voucher_states_the_price_of_a_period(world: World, price: int) -> None:
    joined = join_with(world, periods=3, price=price, **issue(world, kind=FIXED_PRICE, value=price))

    assert joined.only("MembershipJoined")["amount"] == 3 * price


def test_price_voucher_never_makes_a_join_dearer(native: World) -> None:
    joined = join_with(native, price=PRICE, **issue(native, kind=FIXED_PRICE, value=2 * PRICE))

    assert joined.only("MembershipJoined")["amount"] == PRICE


@pytest.mark.parametrize("seconds", [1, 14 * DAY, 90 * DAY])
def test_trial_is_time_without_payment(world: World, seconds: int) -> None:
    receipt = join_with(world, periods=0, price=0, **issue(world, kind=TRIAL, value=seconds))

    joined = receipt.only("MembershipJoined")
    assert (joined["amount"], joined["periods"]) == (0, 0)
    assert joined["state"] == {
        "expiresAt": world.chain.now + seconds,
        "tierId": MONTHLY,
        "badge": 0,
        "unearned": 0,
        "settledAt": world.chain.now,
        "earnedAt": 0,
        "rate": 0,
        "countAt": 0,
        "transferCount": 0,
        "flags": 0,
    }


def test_trial_goes_on_as_a_paid_membership(world: World) -> None:
    """Its first payment is still to come: the badge that it was joined by counts and earns from then on."""
    badge = world.join(sender=world.other)
    joined = join_with(world, periods=0, price=0, badge=badge, **issue(world, kind=TRIAL, value=7 * DAY))
    token_id = joined.only("MembershipJoined")["tokenId"]
    assert (world.state(token_id)["badge"], world.state(token_id)["countAt"]) == (badge, 0)
    start = world.chain.advance(6 * DAY)

    state = world.renew(token_id).only("MembershipRenewed")["state"]

    assert (state["expiresAt"], state["earnedAt"]) == (start + DAY + MONTH, start + MONTH)
    assert (state["rate"], state["countAt"]) == (500, -(-(start + 14 * DAY) // 3600))


def test_trial_of_a_tier_for_life_ends(native: World) -> None:
    joined = join_with(native, LIFE, 0, price=0, **issue(native, tier_id=LIFE, kind=TRIAL, value=DAY))

    token_id = joined.only("MembershipJoined")["tokenId"]
    assert native.state(token_id)["expiresAt"] == native.chain.now + DAY
    renewed = native.renew(token_id).only("MembershipRenewed")
    assert (renewed["amount"], renewed["state"]["expiresAt"]) == (10 * PRICE, NEVER)


def test_trial_and_consent_together_renew_by_themselves(native: World) -> None:
    joined = join_with(
        native, periods=0, price=0, consent=(PRICE, 3, NEVER), **issue(native, kind=TRIAL, value=7 * DAY)
    )

    assert joined.only("AutoRenewSet")["consent"]["periodsLeft"] == 3


def test_invitation_opens_a_closed_tier(closed: World) -> None:
    with closed.chain.reverts("VoucherNeeded", tierId=MONTHLY):
        closed.join()
    with closed.chain.reverts("VoucherNeeded", tierId=MONTHLY):
        join_with(closed)

    joined = join_with(closed, price=PRICE, **issue(closed)).only("MembershipJoined")

    assert (joined["amount"], joined["holder"]) == (PRICE, closed.member)


def test_invitation_opens_a_closed_free_tier(closed: World) -> None:
    with closed.chain.reverts("VoucherNeeded", tierId=FREE):
        closed.join(FREE)

    assert join_with(closed, FREE, **issue(closed, tier_id=FREE)).only("MembershipJoined")["amount"] == 0


def test_invitation_by_a_badge_keeps_the_invitees_discount(friendly: World) -> None:
    badge = friendly.join(sender=friendly.other)

    joined = join_with(friendly, price=PRICE * 9 // 10, badge=badge, **issue(friendly)).only("MembershipJoined")

    assert (joined["amount"], joined["state"]["badge"]) == (PRICE * 9 // 10, badge)


@pytest.mark.parametrize(("bps", "price"), [(500, PRICE * 9 // 10), (1_500, PRICE * 85 // 100)])
def test_better_of_two_discounts_holds(friendly: World, bps: int, price: int) -> None:
    badge = friendly.join(sender=friendly.other)
    issued = issue(friendly, value=bps)

    joined = join_with(friendly, price=price, badge=badge, **issued).only("MembershipJoined")

    assert joined["amount"] == price
    assert price_of(friendly, issued["voucher"], badge=badge) == price


def test_join_price_without_voucher_is_that_of_an_invitee_or_the_tiers(friendly: World) -> None:
    assert (price_of(friendly), price_of(friendly, badge=1)) == (PRICE, PRICE * 9 // 10)


def test_join_price_reverts_when_the_tier_is_unknown(native: World) -> None:
    with native.chain.reverts("TierUnknown", tierId=9):
        price_of(native, Voucher(tier_id=9))


# Who, how often, until when


def test_voucher_works_its_stated_number_of_times(native: World) -> None:
    issued = issue(native, value=5_000, uses=2)
    accounts = native.chain.accounts[6:9]

    used = [
        join_with(native, price=PRICE // 2, sender=account, **issued).only("VoucherUsed")["used"]
        for account in accounts[:2]
    ]

    assert used == [1, 2]
    with native.chain.reverts("VoucherUsedUp", digest=voucher_digest(native, issued["voucher"]), uses=2):
        join_with(native, price=PRICE // 2, sender=accounts[2], **issued)


def test_vouchers_that_say_the_same_differ_by_their_nonce(native: World) -> None:
    for nonce, account in enumerate(native.chain.accounts[6:8]):
        receipt = join_with(native, price=PRICE // 2, sender=account, **issue(native, value=5_000, nonce=nonce))
        assert receipt.only("VoucherUsed")["used"] == 1


def test_voucher_without_uses_works_never(native: World) -> None:
    issued = issue(native, uses=0)

    with native.chain.reverts("VoucherUsedUp", digest=voucher_digest(native, issued["voucher"]), uses=0):
        join_with(native, **issued)


def test_voucher_works_up_to_and_including_its_deadline(native: World) -> None:
    issued = issue(native, deadline=native.chain.now)

    with native.chain.undone():
        join_with(native, **issued)
    native.chain.advance(1)
    with native.chain.reverts("VoucherInvalid", digest=voucher_digest(native, issued["voucher"])):
        join_with(native, **issued)


def test_voucher_of_somebody_works_for_nobody_else(native: World) -> None:
    issued = issue(native, value=5_000, recipient=native.other)

    with native.chain.reverts("VoucherInvalid", digest=voucher_digest(native, issued["voucher"])):
        join_with(native, price=PRICE // 2, **issued)
    joined = join_with(native, price=PRICE // 2, recipient=native.other, **issued).only("MembershipJoined")
    assert (joined["holder"], joined["payer"]) == (native.other, native.member)


@pytest.mark.parametrize(
    "fields",
    [
        {"tier_id": LIFE},
        {"value": 10_001},
        {"kind": TRIAL, "value": 0},
        {"kind": TRIAL, "value": 90 * DAY + 1},
    ],
    ids=["another tier", "more than all", "no time", "too long a trial"],
)
def test_voucher_that_does_not_fit_is_refused(native: World, fields: dict[str, int]) -> None:
    issued = issue(native, **fields)
    trial = fields.get("kind") == TRIAL
    price = 0 if trial or fields.get("value") else PRICE

    with native.chain.reverts("VoucherInvalid", digest=voucher_digest(native, issued["voucher"])):
        join_with(native, periods=0 if trial else 1, price=price, **issued)


def test_trial_takes_no_periods(native: World) -> None:
    with native.chain.reverts("PeriodsInvalid", periods=1):
        join_with(native, periods=1, price=0, **issue(native, kind=TRIAL, value=DAY))


@pytest.mark.parametrize("issued", [{"kind": TRIAL, "value": DAY}, {"value": 10_000}], ids=["a trial", "all off"])
def test_what_costs_nothing_is_not_given_to_another(native: World, issued: dict[str, int]) -> None:
    """Else whoever has a voucher could fill the one place of any wallet."""
    with native.chain.reverts("GiftNotPaid", tierId=MONTHLY):
        join_with(native, periods=0, price=0, recipient=native.other, **issue(native, **issued))


def test_price_is_checked_with_the_voucher(native: World) -> None:
    with native.chain.reverts("PriceMismatch", expected=PRICE, price=PRICE // 2):
        join_with(native, price=PRICE, **issue(native, value=5_000))


# Whose signature


def test_voucher_of_an_issuer_works_while_it_has_the_role(native: World) -> None:
    issuer = give_role(native, native.stranger, ISSUER)
    issued = issue(native, issuer=issuer, uses=2)

    join_with(native, **issued)
    give_role(native, issuer, 0)
    with native.chain.reverts("RoleMissing", caller=issuer, role=ISSUER):
        join_with(native, sender=native.other, **issued)


def test_voucher_of_a_stranger_is_refused(native: World) -> None:
    with native.chain.reverts("RoleMissing", caller=native.stranger, role=ISSUER):
        join_with(native, **issue(native, issuer=native.stranger))


def test_voucher_signed_by_another_is_refused(native: World) -> None:
    voucher = Voucher(issuer=native.founder)
    signature = sign(native, native.stranger, "Voucher", *astuple(voucher))

    with native.chain.reverts("SignatureInvalid", account=native.founder):
        join_with(native, voucher=voucher, signature=signature)


@pytest.mark.parametrize(
    "change", [{"value": 9_000}, {"uses": 9}, {"nonce": 1}, {"kind": FIXED_PRICE}, {"deadline": NEVER - 1}], ids=str
)
def test_voucher_that_was_altered_is_refused(native: World, change: dict[str, int]) -> None:
    issued = issue(native, value=5_000)
    altered = replace(issued["voucher"], **change)

    with native.chain.reverts("SignatureInvalid", account=native.founder):
        join_with(native, price=price_of(native, altered), voucher=altered, signature=issued["signature"])


def test_voucher_for_another_chain_is_refused(native: World) -> None:
    voucher = Voucher(issuer=native.founder)
    signature = sign(native, native.founder, "Voucher", *astuple(voucher), chain_id=1)

    with native.chain.reverts("SignatureInvalid", account=native.founder):
        join_with(native, voucher=voucher, signature=signature)


def test_voucher_for_another_community_is_refused(native: World, tokened: World) -> None:
    """Both have the same owner: only the contract in the signature tells them apart."""
    issued = issue(tokened)

    with native.chain.reverts("SignatureInvalid", account=native.founder):
        join_with(native, **issued)


def test_voucher_of_a_contract_wallet_works_by_its_owners_key(native: World) -> None:
    wallet = native.chain.deploy("WalletMock", native.stranger)
    give_role(native, wallet.address, ISSUER)
    voucher = Voucher(issuer=wallet.address, value=5_000)
    signature = sign(native, native.stranger, "Voucher", *astuple(voucher))

    joined = join_with(native, price=PRICE // 2, voucher=voucher, signature=signature)

    assert joined.only("VoucherUsed")["issuer"] == wallet.address


@pytest.mark.parametrize("answer", [1, 2, 4], ids=["refuses", "reverts", "burns gas"])
def test_voucher_that_a_contract_wallet_does_not_know_is_refused(native: World, answer: int) -> None:
    wallet = native.chain.deploy("WalletMock", native.stranger)
    give_role(native, wallet.address, ISSUER)
    native.chain.send(wallet.setAnswer, answer, sender=native.stranger)
    voucher = Voucher(issuer=wallet.address)
    signature = sign(native, native.stranger, "Voucher", *astuple(voucher))

    with native.chain.reverts("SignatureInvalid", account=wallet.address):
        join_with(native, voucher=voucher, signature=signature)


def test_digest_of_a_voucher_is_that_of_eip712(native: World) -> None:
    """Wallets show what they sign: name, version, chain and contract, and every field."""
    voucher = Voucher(native.founder, LIFE, TRIAL, DAY, native.member, 3, YEAR, 2**256 - 1)

    answer = native.chain.read(native.membership.voucherOf, astuple(voucher))

    assert answer == {"digest": voucher_digest(native, voucher), "used": 0}
    domain = native.chain.read(native.membership.eip712Domain)
    assert (domain["name"], domain["version"], domain["verifyingContract"]) == (
        "Koinon Membership",
        "1",
        native.membership.address,
    )


def test_voucher_acts_on_a_first_payment_only(native: World) -> None:
    """A renewal takes none: the price that members pay is the tier's."""
    token_id = join_with(native, price=PRICE // 2, **issue(native, value=5_000)).only("MembershipJoined")["tokenId"]

    assert native.renew(token_id).only("MembershipRenewed")["amount"] == PRICE


def test_discounted_join_by_a_badge_pays_the_badge_of_what_was_paid(world: World) -> None:
    badge = world.join(sender=world.other)
    joined = join_with(world, price=PRICE // 2, badge=badge, **issue(world, value=5_000)).only("MembershipJoined")
    world.chain.advance(MONTH)

    settled = world.settle(joined["tokenId"]).only("MembershipSettled")

    assert (settled["earned"], settled["badgeShare"]) == (PRICE // 2, PRICE // 2 * 500 // 10_000)


def test_join_for_nothing_by_voucher_counts_nothing(native: World) -> None:
    badge, _ = invited(native, sender=native.stranger)
    joined = join_with(native, price=0, badge=badge, **issue(native, value=10_000)).only("MembershipJoined")

    assert (joined["state"]["countAt"], joined["state"]["flags"]) == (0, CHOSEN)
    native.chain.advance(MONTH)
    assert native.settle(joined["tokenId"]).events == []
    assert native.membership.badgeOwnerOf(joined["tokenId"]) == NATIVE
