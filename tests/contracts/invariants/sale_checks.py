"""The invariants of tests/contracts/README.md that a crowdsale and its token must hold, each by itself"""

from tests.contracts.invariants.sale_machine import Sales
from tests.contracts.invariants.sale_shadow import MEMBERSHIP, TOKEN

PLANNED, OPEN, REACHED, MISSED, FINALIZED, STOPPED = range(6)


def sale_is_as_documented(history: Sales) -> None:
    """Beside the invariants: its totals, and where it stands."""
    shadow = history.shadow
    shadow.now = history.chain.now
    totals = history.sale.totals()
    names = ("raised", "finalizedAt", "released", "votes", "stoppedAt")
    expected = (shadow.raised, shadow.finalized_at, shadow.released, shadow.votes, shadow.stopped_at)
    assert tuple(totals[name] for name in names) == expected, f"{totals}, should be {expected}"
    assert history.sale.status() == standing(history), f"stands at {history.sale.status()}"
    assert history.sale.releasable() == shadow.vested(scheduled(history)) - shadow.released


def standing(history: Sales) -> int:
    shadow = history.shadow
    if shadow.stopped_at:
        return STOPPED
    if shadow.finalized_at:
        return FINALIZED
    if shadow.raised == shadow.terms.cap:
        return REACHED
    if shadow.now < shadow.terms.ends_at:
        return OPEN
    return MISSED if shadow.raised < shadow.terms.goal else REACHED


def scheduled(history: Sales) -> int:
    return history.shadow.scheduled if history.shadow.finalized_at else 0


def backers_are_as_documented(history: Sales) -> None:
    """Beside the invariants: what every account contributed, claimed and can have back."""
    for account in [*history.people, history.arena.founder]:
        shadow, backer = history.shadow, history.shadow.backer(account)
        found = history.sale.contribution(account)
        expected = {"amount": backer.amount, "bought": backer.bought, "badge": 0, "tier": backer.tier}
        assert found == expected | {"voted": backer.voted}, f"{account}: {found}, should be {expected}"
        claims = history.sale.claims(account)
        claimed = {"tokens": backer.tokens, "periods": backer.periods, "paid": backer.paid}
        assert claims == claimed | {"refunded": backer.refunded}, f"{account}: {claims}, should be {claimed}"
        refund = history.sale.refund_of(account)
        assert refund == shadow.refund_of(account), f"{account} would be refunded {refund}"
        assert history.sale.funds_of(account) == backer.funds


def sale_holds_what_it_owes(history: Sales) -> None:
    """I10: contributions not yet released, refunded or paid on, and funds; to the unit."""
    balance = history.sale.balance()
    assert balance == history.shadow.owed(), f"I10: holds {balance}, owes {history.shadow.owed()}"


def money_stays_within_what_was_raised(history: Sales) -> None:
    """I10: goal missed => nothing released; released + refunded <= raised <= cap."""
    shadow = history.shadow
    assert not (shadow.missed and shadow.released), "I10: a missed sale released money"
    assert shadow.released + shadow.refunded + shadow.paid_on <= shadow.raised <= shadow.terms.cap


def claims_stay_within_what_was_sold(history: Sales) -> None:
    """I10, I23: claimed <= sold, vesting is monotone, and the supply never exceeds its fixed maximum."""
    shadow, token = history.shadow, history.sale.token
    if token is None:
        claimed = sum(backer.periods for backer in shadow.backers.values())
        assert claimed <= sum(backer.bought for backer in shadow.backers.values()), f"I10: {claimed} periods"
        return
    supply, most = (history.chain.read(method) for method in (token.totalSupply, token.maximum))
    assert supply == shadow.supply <= most, f"I23: {supply} of {most}"
    assert supply == sum(backer.tokens for backer in shadow.backers.values())
    parts, start = 0, 0
    for up_to, price in shadow.terms.steps:
        parts += (up_to - start) * TOKEN // price
        start = up_to
    assert most <= parts + shadow.terms.allocation, f"I23: a maximum of {most}"
    for account in [*history.people, history.arena.founder]:
        vested = history.sale.claimable(account)["tokens"] + history.sale.claims(account)["tokens"]
        assert vested >= history.vested.get(account, 0), f"I10: {account} had more vested before"
        assert vested == shadow.vested(shadow.allocation_of(account)), f"E21: {account} has {vested} vested"
        history.vested[account] = vested if shadow.finalized_at else 0
        balance = history.chain.read(token.balanceOf, account)
        assert balance == shadow.balances.get(account, 0), f"I4: {account} has {balance}"


def stopping_is_fair(history: Sales) -> None:
    """I20: after a stop the vested fraction is the released fraction, but for rounding."""
    shadow = history.shadow
    if not shadow.stopped_at or shadow.terms.asset == MEMBERSHIP:
        return
    gone, total = shadow.vested(shadow.scheduled), shadow.scheduled
    for account in history.people:
        allocation = shadow.allocation_of(account)
        vested = history.sale.claimable(account)["tokens"] + history.sale.claims(account)["tokens"]
        assert abs(vested * total - gone * allocation) <= total + allocation, f"I20: {account} has {vested} vested"
    assert shadow.votes * 10_000 > shadow.electorate * shadow.terms.stop_bps, "E22: stopped without the votes"


def income_is_shared_pro_rata(history: Sales) -> None:
    """E23: nobody gets more than its tokens' part of what was shared; rounding loses less than a unit each time."""
    shadow, token = history.shadow, history.sale.token
    if not shadow.distributed:
        return
    paid = 0
    for account in [*history.people, history.arena.founder]:
        income = history.chain.read(token.incomeOf, account)
        backer = shadow.backer(account)
        assert income["claimed"] == backer.income_claimed
        got = income["due"] + income["claimed"]
        assert got <= backer.income <= got + shadow.roundings, f"E23: {account} got {got} of {float(backer.income)}"
        paid += income["claimed"]
    held = history.world.balance(token.address)
    assert held == shadow.distributed - paid, f"E23: the token holds {held}"


def everybody_gets_its_money(history: Sales) -> None:
    """I10, I12, I23: at the end all who can be refunded are, frozen or not attested, whoever else reverts; what
    stays of the scheduled money is less than a unit for each."""
    sale, shadow, chain = history.sale, history.shadow, history.chain
    hostile = str(history.arena.hostile.address)
    history.arena.misbehave(history.arena.hostile, 1)
    if not shadow.finalized_at:
        chain.advance(31 * 86_400)
    shadow.now = chain.now
    if shadow.finalized_at and sale.releasable():
        sale.release()
    refunded = 0
    for account in [*history.people, history.arena.founder]:
        amount = sale.refund_of(account)
        assert amount == shadow.refund_of(account)
        if amount and account != hostile:
            before = history.world.balance(account)
            sale.refund(account)
            assert history.world.balance(account) - before == amount, f"I23: {account}"
        refunded += amount
    if shadow.stopped_at:
        done = sum(shadow.scheduled_of(backer) for backer in shadow.backers.values() if backer.refunded)
        left = shadow.scheduled - shadow.vested(shadow.scheduled)
        open_ = left * (shadow.scheduled - done) // shadow.scheduled if shadow.scheduled else 0
        assert 0 <= open_ - refunded <= len(shadow.backers), f"I10: {refunded} of {open_} was refunded"


EVERY_STEP = (
    sale_is_as_documented,
    backers_are_as_documented,
    sale_holds_what_it_owes,
    money_stays_within_what_was_raised,
)
EVERY_EIGHTH = (claims_stay_within_what_was_sold, stopping_is_fair, income_is_shared_pro_rata)
LAST = (everybody_gets_its_money,)
