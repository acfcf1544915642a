"""The invariants of tests/contracts/README.md that a membership contract and its community must hold, each by itself"""

from typing import Any

from tests.contracts.invariants import economy
from tests.contracts.invariants.economy import FOR_LIFE, GRACE, HOUR
from tests.contracts.invariants.entering import plan_renewal
from tests.contracts.invariants.machine import History
from tests.contracts.invariants.shadow import NOBODY
from tests.factories.contracts import NATIVE


def memberships_are_as_documented(history: History) -> None:
    """Beside the invariants: every field of every membership is what ECONOMY.md makes it."""
    for token_id, member in history.shadow.members.items():
        state = history.chain.read(history.membership.stateOf, token_id)
        expected = {
            "expiresAt": member.expires_at,
            "tierId": member.tier_id,
            "badge": member.badge,
            "unearned": member.unearned,
            "settledAt": member.settled_at,
            "earnedAt": member.earned_at,
            "rate": member.rate,
            "countAt": member.count_at,
            "transferCount": member.moves,
            "flags": member.flags,
        }
        assert state == expected, f"membership {token_id}: {differing(state, expected)}"


def ledgers_are_as_documented(history: History) -> None:
    """Beside the invariants: every badge's ledger is what ECONOMY.md makes it."""
    for badge, ledger in history.shadow.ledgers.items():
        found = history.chain.read(history.membership.ledgerOf, badge)
        expected = {
            "income": ledger.income,
            "claimed": ledger.claimed,
            "volume": ledger.volume,
            "counted": ledger.counted,
            "level": ledger.level,
            "version": ledger.version,
            "used": ledger.used,
            "minted": ledger.minted,
        }
        assert found == expected, f"badge {badge}: {differing(found, expected)}"


def tiers_are_as_documented(history: History) -> None:
    """Beside the invariants: prices, notices and seats of every tier."""
    for number, tier in history.shadow.tiers.items():
        found = history.world.tier(number)
        pending = history.chain.now < tier.notice_ends
        expected = {
            "price": tier.price,
            "renewalPrice": tier.renewal_price(history.chain.now),
            "noticeEnds": tier.notice_ends if pending else 0,
            "seats": tier.seats,
            "retiresAt": tier.retires_at,
            "paused": tier.paused,
            "invitationOnly": tier.invitation_only,
            "inviteeDiscountBps": tier.discount,
        }
        found = {name: found[name] for name in expected}
        assert found == expected, f"tier {number}: {differing(found, expected)}"


def balance_covers_all_that_is_owed(history: History) -> None:
    """I1: balance >= U + earned not withdrawn + badge ledgers + funds, and equal but for what was sent unasked."""
    balance = history.world.balance(history.membership.address)
    owed = history.shadow.liabilities() + history.shadow.books.donated
    assert balance == owed, f"I1: holds {balance}, owes {owed}"


def income_is_divided_whole(history: History) -> None:
    """I2: all shares of what is left add up to it, less at most one unit for each that division has not made whole."""
    shadow, source = history.shadow, history.shadow.source
    accounts = {shadow.owner, *(who for who, _ in source.offices.parts()), *source.carried}
    dues = [history.chain.read(history.world.community.dueOf, history.membership.address, who) for who in accounts]
    left = shadow.earned - shadow.withdrawn
    parts = len(list(source.offices.parts()))
    assert left - parts <= sum(dues) <= left, f"I2: {dues} of {left}"


def expiry_falls_only_by_its_holder_or_revoke(history: History) -> None:
    """I3: by cancel, revoke or the holder's changeTier."""
    now = {token_id: member.expires_at for token_id, member in history.shadow.members.items()}
    for token_id, before in history.past.expiries.items():
        if token_id in now and token_id not in history.past.shortened:
            assert now[token_id] >= before, f"I3: {token_id} fell from {before} to {now[token_id]}"
    history.past.expiries = now


def owners_and_seats_agree(history: History) -> None:
    """I4: owners, balances, supplies and seats; seats never above the cap."""
    shadow, membership = history.shadow, history.membership
    for token_id, member in shadow.members.items():
        assert history.chain.read(membership.ownerOf, token_id) == member.holder, f"I4: {token_id}"
    for account in history.arena.wallets:
        held = history.chain.read(membership.balanceOf, account)
        assert held == (account in shadow.tokens), f"I4: {account} holds {held}"
    for number, tier in shadow.tiers.items():
        here = sum(member.tier_id == number and not member.released for member in shadow.members.values())
        assert tier.seats == here, f"I4: tier {number} has {tier.seats} seats taken by {here}"
        assert not tier.cap or tier.seats <= tier.cap, f"I4: tier {number} is over its cap"


def badges_belong_to_whom_they_should(history: History) -> None:
    """I4, E13: of unminted ones the holder of the membership, of minted ones the token's owner."""
    for badge in {*history.shadow.members, *history.shadow.badge_owners}:
        owner = history.chain.read(history.membership.badgeOwnerOf, badge)
        assert owner == history.shadow.badge_owner(badge), f"badge {badge} belongs to {owner}"
    for badge, owner in history.shadow.badge_owners.items():
        assert history.chain.read(history.world.badges.ownerOf, badge) == owner, f"badge {badge}"


def badge_income_only_grows_by_its_members(history: History) -> None:
    """I5: accrued + claimed never falls, and is what the settlements of its members and the Store credited."""
    for badge, ledger in history.shadow.ledgers.items():
        before = history.past.ledgers.get(badge, {"income": 0})["income"]
        assert ledger.income >= before, f"I5: {badge} fell from {before} to {ledger.income}"
        assert ledger.income == history.past.shares[badge], f"I5: {badge} has {ledger.income}, not what events credited"


def bound_badge_never_changes(history: History) -> None:
    """I7: once it is not 0."""
    for token_id, member in history.shadow.members.items():
        before = history.past.badges.get(token_id, 0)
        assert not before or member.badge == before, f"I7: {token_id} left {before} for {member.badge}"
        history.past.badges[token_id] = member.badge


def levels_and_rates_never_fall(history: History) -> None:
    """I13: neither a level nor a badge's rate falls, and each member counts at most once."""
    for badge, ledger in history.shadow.ledgers.items():
        rate = history.shadow.rate_of(badge)
        assert rate >= history.past.rates.get(badge, 0), f"I13: the rate of {badge} fell to {rate}"
        before = history.past.ledgers.get(badge)
        assert before is None or ledger.level >= before["level"], f"I13: the level of {badge} fell"
        history.past.rates[badge] = rate
        history.past.ledgers[badge] = {"income": ledger.income, "level": ledger.level}
    assert all(times == 1 for times in history.shadow.counts.values()), f"I13: {history.shadow.counts}"
    assert sum(ledger.counted for ledger in history.shadow.ledgers.values()) == len(history.shadow.counts)


def rates_are_as_documented(history: History) -> None:
    """I13, E15: what a badge would get of a payment now."""
    for badge in {*history.shadow.ledgers, *history.shadow.members}:
        rate = history.chain.read(history.membership.rateOf, badge)
        assert rate == history.shadow.rate_of(badge), f"badge {badge} has rate {rate}"


def lifetime_books_balance(history: History) -> None:
    """I14: paid = earned + refunded + unearned + tips, over the whole life of the community."""
    shadow, books = history.shadow, history.shadow.books
    totals = history.chain.read(history.membership.earnings)
    assert totals == {"earnedTotal": shadow.earned, "withdrawnTotal": shadow.withdrawn}, f"{totals}"
    unearned = sum(member.unearned for member in shadow.members.values())
    earned = shadow.earned + books.earned_by_badges
    assert books.paid == earned + books.refunded + unearned + books.tips, f"I14: {books}, {earned=}, {unearned=}"


def settling_moves_nobodys_money(history: History) -> None:
    """I15: nothing is unearned once all is due and settled; rounding moves less than a unit with each settlement."""
    for token_id, member in history.shadow.members.items():
        done = member.settled_at >= member.earned_at
        assert not (done and member.unearned), f"I15: {token_id} still has {member.unearned}"
        lost = member.exact - member.unearned
        assert 0 <= lost <= member.settlements, (
            f"I15: {token_id} lost {float(lost)} in {member.settlements} settlements"
        )


def refunds_are_what_is_unearned(history: History) -> None:
    """E2, I15: what a view promises is what settling would leave."""
    for token_id, member in history.shadow.members.items():
        found = history.chain.read(history.membership.unearnedOf, token_id)
        due = economy.earned_of(member.unearned, member.settled_at, member.earned_at, history.chain.now)
        assert found == member.unearned - due, f"I15: {token_id} would be refunded {found}"


def nobody_can_stop_another(history: History) -> None:
    """I16: until expiry + 7 days each holder can renew, cancel and claim, unless the documents name a reason."""
    shadow = history.shadow
    shadow.now = history.chain.now
    for member in list(shadow.members.values()):
        if member.holder == history.arena.hostile.address or member.expires_at == FOR_LIFE:
            continue
        if shadow.now < member.expires_at + GRACE:
            reasons = plan_renewal(shadow, member, 1, member.holder).reasons
            assert reasons <= {"TierRetired", "PaidTooFarAhead"}, f"I16: {reasons} stop {member.token_id}"
            with history.chain.undone():
                dry_renewal(history, member.token_id, member.holder, reasons)
        if shadow.valid(member):
            with history.chain.undone():
                history.chain.send(history.membership.cancel, member.token_id, member.holder, sender=member.holder)


def dry_renewal(history: History, token_id: int, holder: str, reasons: set[str]) -> None:
    """A renewal by the holder goes through, unless there are reasons."""
    if reasons:
        return
    member = history.shadow.members[token_id]
    price = history.shadow.renewal_price(member)
    arguments = (token_id, 1, price, history.world.currency)
    history.chain.send(history.membership.renew, *arguments, sender=holder, value=history.fund(holder, price))


def live_consent_is_the_holders(history: History) -> None:
    """I17: given by the current holder, for this token and tier, since the last transfer."""
    for token_id, member in history.shadow.members.items():
        found = history.chain.read(history.membership.consentOf, token_id)
        consent = history.shadow.consent_of(member)
        given = (consent.max_price, consent.periods_left, consent.until) if consent else (0, 0, 0)
        assert tuple(found.values()) == given, f"I17: {token_id}: {found}, not {given}"
        assert consent is None or consent.holder == member.holder, f"I17: {token_id}: given by {consent}"


def renewals_cost_what_was_announced(history: History) -> None:
    """I18: up to expiry + 7 days never more than the price announced a full notice earlier."""
    now = history.chain.now
    for token_id, member in history.shadow.members.items():
        tier = history.shadow.tiers[member.tier_id]
        if now >= member.expires_at + GRACE or (tier.retires_at and now >= tier.retires_at):
            continue
        price = history.chain.read(history.membership.renewalPrice, token_id)
        announced = [
            cost for since, cost in history.past.prices[member.tier_id] if since <= now - history.shadow.notice
        ]
        assert price <= announced[-1], f"I18: {token_id} pays {price}, announced was {announced[-1]}"


def funds_are_as_documented(history: History) -> None:
    """I1, E9: what the contract holds for accounts."""
    for account, funds in history.shadow.funds.items():
        found = history.chain.read(history.membership.fundsOf, account)
        assert found == funds, f"{account} has {found}, not {funds}"


def everybody_can_leave(history: History) -> None:
    """I1, I6, I12: at the end, with a recipient that reverts among them, all others take out all that is theirs, in a
    row, and what stays is what the hostile one is owed and what division has not made whole."""
    world, shadow, chain = history.world, history.shadow, history.chain
    hostile = str(history.arena.hostile.address)
    history.arena.misbehave(history.arena.hostile, 1)
    chain.advance(8 * HOUR)
    shadow.now = chain.now
    for member in list(shadow.members.values()):
        if member.holder != hostile:
            chain.send(history.membership.burn, member.token_id, member.holder, sender=member.holder)
    for badge in {*shadow.ledgers}:
        owner = chain.read(history.membership.badgeOwnerOf, badge)
        if owner in (hostile, NOBODY) or not chain.read(history.membership.accruedOf, badge):
            continue
        before = world.balance(owner)
        accrued = chain.read(history.membership.accruedOf, badge)
        chain.send(history.membership.claim, [badge], owner, sender=owner)
        assert world.balance(owner) - before == accrued, f"I6: {badge}"
        with chain.reverts("NothingToClaim", badge=badge):
            chain.send(history.membership.claim, [badge], owner, sender=owner)
    for account, _ in list(shadow.funds.items()):
        funds = chain.read(history.membership.fundsOf, account)
        if funds and account != hostile:
            chain.send(history.membership.withdrawFunds, account, funds, sender=account)
    dues = 0
    for who in {shadow.owner, *(who for who, _ in shadow.source.offices.parts()), *shadow.source.carried}:
        due = chain.read(world.community.dueOf, history.membership.address, who)
        if due and who not in (NATIVE, hostile):
            world.collect(who)
        elif due:
            dues += due
    _check_remainder(history, hostile, dues)


def _check_remainder(history: History, hostile: str, dues: int) -> None:
    membership, chain = history.membership, history.chain
    theirs = chain.read(membership.fundsOf, hostile) + dues
    for badge in {*history.shadow.ledgers}:
        if chain.read(membership.badgeOwnerOf, badge) in (hostile, NOBODY):
            theirs += chain.read(membership.accruedOf, badge)
    if token_id := history.shadow.tokens.get(hostile):
        theirs += chain.read(membership.stateOf, token_id)["unearned"]
    left = history.world.balance(membership.address) - history.shadow.books.donated - theirs
    parts = len(list(history.shadow.source.offices.parts()))
    assert 0 <= left <= parts, f"I1: {left} is nobody's"


def differing(found: dict[str, Any], expected: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} is {found[name]}, should be {expected[name]}" for name in expected if found[name] != expected[name]
    )


EVERY_STEP = (
    memberships_are_as_documented,
    ledgers_are_as_documented,
    balance_covers_all_that_is_owed,
    expiry_falls_only_by_its_holder_or_revoke,
    badge_income_only_grows_by_its_members,
    bound_badge_never_changes,
    levels_and_rates_never_fall,
    lifetime_books_balance,
    settling_moves_nobodys_money,
)
EVERY_EIGHTH = (
    income_is_divided_whole,
    refunds_are_what_is_unearned,
    rates_are_as_documented,
    owners_and_seats_agree,
    badges_belong_to_whom_they_should,
    tiers_are_as_documented,
    nobody_can_stop_another,
    live_consent_is_the_holders,
    renewals_cost_what_was_announced,
    funds_are_as_documented,
)
LAST = (everybody_can_leave,)
