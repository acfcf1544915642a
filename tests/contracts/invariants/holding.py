"""What holders, founders and communities do, as the interfaces say: leaving, moving, changing, claiming, dividing"""

from tests.contracts.invariants import economy
from tests.contracts.invariants.economy import FOR_LIFE, SETTLE_INTERVAL, Offices, Rates, Source
from tests.contracts.invariants.entering import agree, releasable, release
from tests.contracts.invariants.shadow import NOBODY, Member, Plan, Shadow


def settled_by_anybody(shadow: Shadow, token_ids: list[int]) -> None:
    """E1: the public settle skips what was settled within a day, unless all is due (or the member is to be counted)."""
    for token_id in token_ids:
        member = shadow.members.get(token_id)
        if member is None:
            continue
        early = shadow.now < min(member.settled_at + SETTLE_INTERVAL, member.earned_at)
        if (member.unearned and not early) or shadow.counting(member):
            shadow.settle(member)


def plan_claim(shadow: Shadow, badges: list[int], by: str, to: str, approved: set[int]) -> Plan:
    """E17, I6: by the owner of the day to any address, by an account that it approved to the owner only."""
    reasons = set()
    for badge in badges:
        owner = shadow.badge_owner(badge)
        minted = badge in shadow.badge_owners
        if owner == NOBODY:
            reasons |= {"BadgeUnknown", "NotBadgeOwner"}
        elif owner != by and not (minted and to == owner and badge in approved):
            reasons.add("NotBadgeOwner")
    if not sum(shadow.ledger(badge).accrued for badge in set(badges)):
        reasons.add("NothingToClaim")

    def apply() -> None:
        for badge in badges:
            if badge not in shadow.badge_owners:
                shadow.mint(badge, shadow.badge_owner(badge))
            ledger = shadow.ledgers[badge]
            ledger.claimed = ledger.income

    return Plan(reasons, apply)


def plan_end(shadow: Shadow, member: Member, by: str) -> Plan:
    """E3: by the holder, while it is valid. The refund goes to whoever it names."""
    reasons = set() if member.holder == by else {"NotHolder"}
    if not shadow.valid(member):
        reasons.add("MembershipExpired")

    def apply() -> int:
        shadow.settle(member)
        shadow.consents.pop(member.token_id, None)
        return shadow.end(member)

    return Plan(reasons, apply)


def plan_revoke(shadow: Shadow, member: Member) -> Plan:
    """E3: the refund goes to the holder's funds; what was sold for life only while it is being earned."""
    reasons = set() if shadow.valid(member) else {"MembershipExpired"}
    if member.expires_at == FOR_LIFE and shadow.now >= member.earned_at:
        reasons.add("MembershipEarned")

    def apply() -> None:
        shadow.settle(member)
        shadow.consents.pop(member.token_id, None)
        shadow.add_funds(member.holder, shadow.end(member))

    return Plan(reasons, apply)


def plan_burn(shadow: Shadow, member: Member, by: str) -> Plan:
    """E4: the wallet keeps the badge that it chose itself, and that it was counted."""

    def apply() -> int:
        if member.ever_paid and member.token_id not in shadow.badge_owners:
            shadow.mint(member.token_id, member.holder)
        shadow.settle(member)
        refund = shadow.end(member)
        shadow.consents.pop(member.token_id, None)
        shadow.leave_seat(member)
        shadow.kept[member.holder] = (member.badge if member.chosen else 0, member.counted)
        del shadow.members[member.token_id], shadow.tokens[member.holder]
        return refund

    return Plan(set() if member.holder == by else {"NotHolder"}, apply)


def plan_transfer(shadow: Shadow, member: Member, to: str) -> Plan:
    """E5: expired ones and those of soulbound tiers do not move, and nobody gets a second one."""
    reasons = set() if shadow.valid(member) else {"MembershipExpired"}
    if shadow.tiers[member.tier_id].soulbound:
        reasons.add("TierSoulbound")
    if to in shadow.tokens:
        reasons.add("AlreadyMember")
    return Plan(reasons, lambda: moved(shadow, member, to))


def plan_wallet_change(shadow: Shadow, member: Member, to: str, *, agreed: bool) -> Plan:
    reasons = set() if agreed else {"SignatureInvalid", "SignatureExpired"}
    if to in shadow.tokens:
        reasons.add("AlreadyMember")
    return Plan(reasons, lambda: moved(shadow, member, to))


def moved(shadow: Shadow, member: Member, to: str) -> None:
    """Time, badge and money follow the token; whoever receives it has not chosen its badge."""
    del shadow.tokens[member.holder]
    shadow.kept.pop(to, None)
    shadow.tokens[to] = member.token_id
    member.holder = to
    member.moves += 1
    member.chosen = False


def plan_tier_change(
    shadow: Shadow, member: Member, tier_id: int, periods: int, *, by: str, least: int, proven: bool
) -> tuple[Plan, int]:
    """E8, I22. With the amount to pay on top."""
    tier, previous = shadow.tiers[tier_id], shadow.tiers[member.tier_id]
    unearned = member.unearned - economy.earned_of(member.unearned, member.settled_at, member.earned_at, shadow.now)
    reasons = tier.closed(shadow.now) | ({"NotHolder"} if member.holder != by else set())
    if tier_id == member.tier_id:
        reasons.add("MembershipMismatch")
    if tier.root and not proven:
        reasons.add("NotAllowed")
    if tier.invitation_only:
        reasons.add("VoucherNeeded")
    if tier.full:
        reasons.add("TierSoldOut")
    if tier.price == 0 and (unearned or previous.price):
        reasons.add("TierIsFree")
    if tier.period == 0:
        until, amount = FOR_LIFE, max(0, tier.price - unearned)
        earning = tier.earning
        if periods != 1:
            reasons.add("PeriodsInvalid")
    else:
        bought = unearned * tier.period // tier.price if tier.price else 0
        until, amount = shadow.now + bought + periods * tier.period, tier.price * periods
        earning = tier.earning * periods + (unearned * tier.earning // tier.price if tier.price else 0)
        if bought == 0 and periods == 0:
            reasons.add("PeriodsInvalid")
        if until > tier.limit(shadow.now):
            reasons.add("PaidTooFarAhead")
    if until < least:
        reasons.add("ExpiryTooEarly")

    def apply() -> None:
        changed_tier(shadow, member, tier_id, until, amount, earning)

    return Plan(reasons, apply), amount


def changed_tier(shadow: Shadow, member: Member, tier_id: int, until: int, amount: int, earning: int) -> None:
    """The seat, the money and its time are the new tier's; the consent was for the old one."""
    shadow.settle(member)
    shadow.leave_seat(member)
    shadow.tiers[tier_id].seats += 1
    member.tier_id, member.expires_at = tier_id, until
    shadow.blend(member, amount)
    if member.unearned:
        member.earned_at = min(until, shadow.now + earning)
    else:
        member.earned_at = min(member.earned_at, shadow.now)
    if amount:
        member.chosen = True
        shadow.start_counting(member)
    shadow.consents.pop(member.token_id, None)
    shadow.books.paid += amount


def plan_consent(shadow: Shadow, member: Member, by: str, consent: tuple[int, int, int]) -> Plan:
    def apply() -> None:
        if consent[1]:
            agree(shadow, member, consent)
        else:
            shadow.consents.pop(member.token_id, None)

    return Plan(set() if member.holder == by else {"NotHolder"}, apply)


def plan_withdrawal(shadow: Shadow, account: str, amount: int) -> Plan:
    reasons = {"FundsTooLow"} if amount > shadow.funds.get(account, 0) else set()
    return Plan(reasons, lambda: shadow.add_funds(account, -amount))


def plan_release(shadow: Shadow, member: Member) -> Plan:
    reasons = set() if releasable(shadow, member) else {"MembershipNotExpired"}
    return Plan(reasons, lambda: release(shadow, member))


def plan_mint(shadow: Shadow, badge: int, by: str) -> Plan:
    """E13: by whom it belongs to, once its membership was paid."""
    member = shadow.members.get(badge)
    reasons = set()
    if badge in shadow.badge_owners or member is None or not member.ever_paid:
        reasons.add("BadgeUnknown")
    if member and member.holder != by:
        reasons |= {"NotBadgeOwner", "NotHolder", "unknown"}
    return Plan(reasons, lambda: shadow.mint(badge, by))


def plan_rates(shadow: Shadow, rates: Rates) -> Plan:
    """The unit of volume is the cheapest paid price of today."""
    sound = rates.bronze <= rates.silver <= rates.gold <= 3_000 and 0 < rates.silver_from <= rates.gold_from

    def apply() -> None:
        rates.unit = min((tier.price for tier in shadow.tiers.values() if tier.price), default=0)
        shadow.rates.append(rates)

    return Plan(set() if sound else {"RatesInvalid"}, apply)


def plan_adoption(shadow: Shadow, badge: int, by: str) -> Plan:
    """E15: only by its owner, never to a lower rate. Only a badge that exists has rates (E13)."""
    owner, newest = shadow.badge_owner(badge), shadow.rates[-1]
    reasons = set() if owner == by else {"NotBadgeOwner", "BadgeUnknown"}
    if newest.below(shadow.rates[shadow.ledger(badge).version]):
        reasons.add("RatesLower")

    def apply() -> None:
        ledger = shadow.use(badge)
        ledger.version = len(shadow.rates) - 1
        ledger.grow(0, False, newest)

    return Plan(reasons, apply)


def due_of(shadow: Shadow, source: Source, account: str, earned: int) -> tuple[int, int]:
    """Due by its offices, and as the owner of the day."""
    return source.due(account, earned), source.rest(earned) if account == shadow.owner else 0


def collected(shadow: Shadow, source: Source, account: str, earned: int) -> int:
    """E18: the account has been paid what it is due."""
    share, rest = due_of(shadow, source, account, earned)
    source.taken[account] = source.taken.get(account, 0) + share
    source.taken_by_owners += rest
    return share + rest


def share_out(shadow: Shadow, offices: Offices) -> None:
    """Other shares for what memberships and the Store earn from now on."""
    shadow.offices = offices
    shadow.source.adopt(offices, shadow.earned)
    shadow.store.adopt(offices, shadow.store_earned)
