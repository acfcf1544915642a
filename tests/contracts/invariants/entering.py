"""How memberships begin and go on, as the interfaces say: joins of all kinds, renewals, grants"""

from dataclasses import dataclass, replace

from tests.contracts.invariants import economy, signing
from tests.contracts.invariants.economy import GRACE, SEAT_GRACE, TIP_PARTS, Tier
from tests.contracts.invariants.shadow import NOBODY, Consent, Member, Plan, Shadow
from tests.contracts.invariants.signing import NO_VOUCHER, TRIAL, Voucher

SERIAL_BITS = 24


@dataclass(frozen=True)
class Join:
    """What a joiner asks for."""

    tier_id: int
    periods: int
    payer: str
    recipient: str
    badge: int = 0
    voucher: Voucher = NO_VOUCHER
    voucher_digest: bytes = b""
    signed: bool = True  # the voucher, by an issuer
    binding: bytes = b""  # digest that the recipient signed
    proven: bool = False  # a proof of the allow-list is given
    consent: tuple[int, int, int] = (0, 0, 0)  # highest price, periods, until
    released_id: int = 0


def join_price(shadow: Shadow, join: Join) -> int:
    """Of one period. The invitee's discount is for who has not come through a badge before; a voucher takes its place
    if that is cheaper."""
    tier = shadow.tiers[join.tier_id]
    kept, _ = shadow.kept.get(join.recipient, (0, False))
    price = economy.discounted(tier.price, tier.discount) if join.badge and not kept else tier.price
    voucher = join.voucher
    if voucher == NO_VOUCHER:
        return price
    if voucher.kind == TRIAL:
        return 0
    return min(
        price,
        voucher.value if voucher.kind == signing.PRICE else economy.discounted(tier.price, min(voucher.value, 10_000)),
    )


def plan_join(shadow: Shadow, join: Join, *, listed: bool) -> Plan:
    """`listed`: the recipient is on the tier's allow-list."""
    tier = shadow.tiers[join.tier_id]
    price = join_price(shadow, join)
    trial = join.voucher != NO_VOUCHER and join.voucher.kind == TRIAL
    until, reasons = shadow.extended(tier, shadow.now, join.periods)
    if trial:
        until, reasons = shadow.now + join.voucher.value, {"PeriodsInvalid"} if join.periods else set()
    reasons |= tier.closed(shadow.now) | _voucher_reasons(shadow, tier, join) | _place_reasons(shadow, tier, join)
    kept, _ = shadow.kept.get(join.recipient, (0, False))
    if tier.root and not (listed and join.proven):
        reasons.add("NotAllowed")
    if price == 0 and join.payer != join.recipient:
        reasons.add("GiftNotPaid")
    if join.badge and join.payer != join.recipient:
        reasons |= _binding_signature_reasons(shadow, join)
    if join.badge and not kept:
        reasons |= shadow.binding_reasons(join.badge, join.payer, join.recipient)
    if join.consent[1] and join.payer != join.recipient:
        reasons.add("NotHolder")
    return Plan(reasons, lambda: _joined(shadow, join, until, price * join.periods))


def _voucher_reasons(shadow: Shadow, tier: Tier, join: Join) -> set[str]:
    voucher = join.voucher
    if voucher == NO_VOUCHER:
        return {"VoucherNeeded"} if tier.invitation_only else set()
    reasons = set()
    fits = voucher.tier_id == join.tier_id and shadow.now <= voucher.deadline
    fits &= voucher.recipient in (NOBODY, join.recipient)
    if voucher.kind == signing.DISCOUNT:
        fits &= voucher.value <= economy.WHOLE
    if voucher.kind == TRIAL:
        fits &= 0 < voucher.value <= economy.MOST_TRIAL
    if not fits:
        reasons.add("VoucherInvalid")
    if shadow.uses.get(join.voucher_digest, 0) >= voucher.uses:
        reasons.add("VoucherUsedUp")
    if not join.signed:
        reasons |= {"SignatureInvalid", "RoleMissing"}
    return reasons


def _place_reasons(shadow: Shadow, tier: Tier, join: Join) -> set[str]:
    """E5, E10. The seat that is released first may be the one that this join takes."""
    reasons = {"AlreadyMember"} if join.recipient in shadow.tokens else set()
    frees = False
    if join.released_id:
        stale = shadow.members.get(join.released_id)
        if stale is None:
            reasons.add("TokenDoesNotExist")
        elif not releasable(shadow, stale):
            reasons.add("MembershipNotExpired")
        else:
            frees = stale.tier_id == join.tier_id
    if tier.full and not frees:
        reasons.add("TierSoldOut")
    return reasons


def _binding_signature_reasons(shadow: Shadow, join: Join) -> set[str]:
    """E14: a gift binds only whoever signed, and a signature works once (I21)."""
    if not join.binding:
        return {"BadgeNotChosen"}
    return {"VoucherUsedUp"} if shadow.uses.get(join.binding) else set()


def _joined(shadow: Shadow, join: Join, until: int, amount: int) -> Member:
    if join.released_id:
        release(shadow, shadow.members[join.released_id])
    if join.binding and join.badge and join.payer != join.recipient:
        shadow.uses[join.binding] = 1
    member = enter(shadow, join, until, amount)
    if join.voucher != NO_VOUCHER:
        shadow.uses[join.voucher_digest] = shadow.uses.get(join.voucher_digest, 0) + 1
    if join.consent[1]:
        agree(shadow, member, join.consent)
    return member


def enter(shadow: Shadow, join: Join, until: int, amount: int) -> Member:
    """A new membership, paid `amount`."""
    tier = shadow.tiers[join.tier_id]
    tier.serial += 1
    tier.seats += 1
    token_id = join.tier_id << SERIAL_BITS | tier.serial
    member = Member(token_id, join.recipient, join.tier_id, until, shadow.now)
    kept, member.counted = shadow.kept.pop(join.recipient, (0, False))
    member.badge = kept or join.badge
    member.chosen = bool(member.badge) or (amount > 0 and join.payer == join.recipient)
    if member.badge:
        shadow.use(member.badge)
    shadow.members[token_id] = member
    shadow.tokens[join.recipient] = token_id
    if amount:
        shadow.start_counting(member)
    shadow.credit(member, amount, tier.earning * join.periods)
    shadow.books.paid += amount
    return member


def plan_renewal(
    shadow: Shadow, member: Member, periods: int, payer: str, *, badge: int = 0, proven: bool = False, tip: int = 0
) -> Plan:
    """`proven`: the holder is on the allow-list, and the payer proves it."""
    tier = shadow.tiers[member.tier_id]
    begins = max(shadow.now, member.expires_at)
    until, reasons = shadow.extended(tier, begins, periods)
    reasons |= shadow.renewal_reasons(member, listed=proven)
    amount = shadow.renewal_price(member) * periods
    if badge:
        if member.badge:
            reasons.add("BadgeAlreadyBound")
        elif member.chosen or not amount or payer != member.holder:
            reasons.add("BadgeNotChosen")
        else:
            reasons |= shadow.binding_reasons(badge, payer, member.holder)
    return Plan(reasons, lambda: _renewed(shadow, member, until, amount, periods, payer, badge, tip))


def _renewed(
    shadow: Shadow, member: Member, until: int, amount: int, periods: int, payer: str, badge: int, tip: int
) -> None:
    shadow.take_seat(member)
    shadow.settle(member)
    if badge:
        shadow.use(badge)
        member.badge = badge
    if amount:
        member.chosen |= payer == member.holder
        shadow.start_counting(member)
    member.expires_at = until
    shadow.credit(member, amount - tip, shadow.tiers[member.tier_id].earning * periods)
    shadow.books.paid += amount
    shadow.books.tips += tip


def keeper_status(shadow: Shadow, member: Member) -> set[str]:
    """E9: why no keeper can renew, by the names of RenewalStatus; the holder's money aside."""
    tier, consent = shadow.tiers[member.tier_id], shadow.consent_of(member)
    if member.expires_at == economy.FOR_LIFE:
        return {"ForLife"}
    if consent is None or tier.period == 0:
        return {"NoConsent"}
    early = min(economy.DAY, tier.period // 10)
    reasons = set()
    if consent.periods_left == 0:
        reasons.add("ConsentUsedUp")
    if shadow.now > consent.until:
        reasons.add("ConsentPast")
    if shadow.now < member.expires_at - early:
        reasons.add("TooEarly")
    if shadow.now >= member.expires_at + GRACE:
        reasons.add("TooLate")
    if tier.retires_at and shadow.now >= tier.retires_at:
        reasons.add("TierRetired")
    if shadow.renewal_price(member) > consent.max_price:
        reasons.add("PriceAboveConsent")
    return reasons


def plan_keeper_renewal(shadow: Shadow, member: Member, keeper: str, tip: int) -> Plan:
    price = shadow.renewal_price(member)
    reasons = {"RenewalImpossible"} if keeper_status(shadow, member) else set()
    if tip > price // TIP_PARTS:
        reasons.add("TipTooHigh")
    if shadow.native and shadow.funds.get(member.holder, 0) < price:
        reasons.add("RenewalImpossible")
    renewal = plan_renewal(shadow, member, 1, member.holder, tip=tip)

    def apply() -> None:
        consent = shadow.consents[member.token_id]
        shadow.consents[member.token_id] = replace(consent, periods_left=consent.periods_left - 1)
        renewal.apply()
        if shadow.native:
            shadow.add_funds(member.holder, -price)
        shadow.add_funds(keeper, tip)

    return Plan(reasons if "RenewalImpossible" in reasons else reasons | renewal.reasons, apply)


def plan_grant(shadow: Shadow, recipient: str, tier_id: int, seconds: int, token_id: int) -> Plan:
    """Unpaid time: never a unit of money (E3, I19)."""
    tier = shadow.tiers[tier_id]
    if token_id:
        member = shadow.members[token_id]
        until = max(shadow.now, member.expires_at) + seconds
        reasons = {"NotHolder"} if member.holder != recipient else set()
        if member.tier_id != tier_id:
            reasons.add("MembershipMismatch")
        if member.released and tier.full:
            reasons.add("TierSoldOut")
    else:
        until = shadow.now + seconds
        reasons = {"AlreadyMember"} if recipient in shadow.tokens else set()
        if tier.full:
            reasons.add("TierSoldOut")
    if until > tier.limit(shadow.now):
        reasons.add("PaidTooFarAhead")

    def apply() -> None:
        if not token_id:
            enter(shadow, Join(tier_id, 0, NOBODY, recipient), until, 0)
            return
        shadow.take_seat(member)
        member.expires_at = until

    return Plan(reasons, apply)


def agree(shadow: Shadow, member: Member, consent: tuple[int, int, int]) -> None:
    max_price, periods, until = consent
    shadow.consents[member.token_id] = Consent(max_price, periods, until, member.holder, member.tier_id, member.moves)


def releasable(shadow: Shadow, member: Member) -> bool:
    return shadow.now >= member.expires_at + SEAT_GRACE and not member.released


def release(shadow: Shadow, member: Member) -> None:
    shadow.tiers[member.tier_id].seats -= 1
    member.released = True
