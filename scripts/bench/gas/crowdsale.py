"""Sales, in native coins: of a utility token with a tier for large contributions, and of memberships."""

from typing import Any

import ape

from scripts.bench.gas.bench import DAY, MONTH, NATIVE, NO_HASH, PRICE, Bench, Community, pass_time, tier

UTILITY, MEMBERSHIP = 1, 0
GOAL = 10 * PRICE


def measure(bench: Bench) -> None:
    succeeding(bench)
    missing(bench)
    selling_memberships(bench)


def succeeding(bench: Bench) -> None:
    """A sale that reaches its goal, and is stopped halfway by its contributors."""
    _, community = bench.open(tiers=[tier(), tier(price=2 * PRICE)])
    sale = opened(bench, community, terms(tierId=1, tierPeriods=1, tierPrice=PRICE, tierThreshold=5 * PRICE))
    first, second, third = (bench.account() for _ in range(3))
    pay = {"value": GOAL}
    bench.note("contribute", sale.contribute(GOAL, PRICE, NATIVE, first, 0, sender=first, **pay), state="worst")
    bench.note("contribute", sale.contribute(PRICE, PRICE, NATIVE, second, 0, sender=second, value=PRICE))
    bench.note("contribute_again", sale.contribute(PRICE, PRICE, NATIVE, second, 0, sender=second, value=PRICE))
    sale.contribute(GOAL, PRICE, NATIVE, third, 0, sender=third, **pay)
    pass_time(31 * DAY)
    bench.note("finalize", sale.finalize(sender=third))
    pass_time(MONTH)
    for state, account in (("worst", first), ("typical", second)):
        bench.note("claim_tokens", sale.claimTokens(account, sender=account), state=state)
    bench.note("claim_membership", sale.claimMembership(first, first, 1, 0, sender=first))
    for state in ("worst", "typical"):
        pass_time(DAY)
        bench.note("release", sale.release(sender=first), state=state)
    bench.note("vote_stop", sale.voteStop(sender=second))
    bench.note("vote_stop", sale.voteStop(sender=first), state="worst")
    bench.note("refund_stopped", sale.claimRefund(first, sender=first))


def missing(bench: Bench) -> None:
    """A sale that misses its goal."""
    _, community = bench.open()
    sale = opened(bench, community, terms())
    accounts = [bench.account(), bench.account()]
    for account in accounts:
        sale.contribute(PRICE, PRICE, NATIVE, account, 0, sender=account, value=PRICE)
    pass_time(31 * DAY)
    for state, account, to in zip(("worst", "typical"), accounts, (accounts[1], NATIVE), strict=True):
        bench.note("refund", sale.claimRefund(to, sender=account), state=state)  # 0: to the caller


def selling_memberships(bench: Bench) -> None:
    _, community = bench.open()
    sold = terms(
        asset=MEMBERSHIP,
        tierId=1,
        vestingSeconds=0,
        stopThresholdBps=0,
        tokenName="",
        tokenSymbol="",
    )
    sale = opened(bench, community, sold)
    buyer = bench.account()
    bench.note("contribute_membership", sale.contribute(GOAL, PRICE, NATIVE, buyer, 0, sender=buyer, value=GOAL))
    pass_time(31 * DAY)
    sale.finalize(sender=buyer)
    bench.note("claim_bought_membership", sale.claimMembership(buyer, buyer, 1, 0, sender=buyer))


def opened(bench: Bench, community: Community, terms_: tuple[Any, ...]) -> Any:
    receipt = bench.note("open_sale", community.hub.openSale(terms_, sender=bench.founder))
    sale = receipt.decode_logs(community.hub.SaleOpened)[0].sale
    return bench.contracts.Crowdsale.at(sale)


def terms(**changes: Any) -> tuple[Any, ...]:
    now = ape.chain.pending_timestamp
    fields = {
        "salt": NO_HASH,
        "asset": UTILITY,
        "startsAt": 0,
        "endsAt": now + 30 * DAY,
        "goal": GOAL,
        "accountMin": 0,
        "accountMax": 0,
        "allowRoot": NO_HASH,
        "steps": [(100 * PRICE, PRICE)],
        "tierId": 0,
        "tierPeriods": 0,
        "tierPrice": 0,
        "tierThreshold": 0,
        "cliffSeconds": 0,
        "vestingSeconds": 4 * MONTH,
        "stopThresholdBps": 5000,
        "founderAllocation": 0,
        "lockupSeconds": 0,
        "tokenName": "Koinon Benchmark Token",
        "tokenSymbol": "KBT",
    }
    return tuple((fields | changes).values())
