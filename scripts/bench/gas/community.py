"""Opening, shares, and what owner and publisher do."""

import ape

from scripts.bench.gas.bench import DAY, DIGEST, FOR_EVER, KEY, PRICE, Bench, pass_time, tier


def measure(bench: Bench) -> None:
    opening(bench)
    sharing(bench)
    governing(bench)
    pricing(bench)


def opening(bench: Bench) -> None:
    bench.note("open_community", bench.open()[0])
    _, parent = bench.open()
    founder = bench.account()
    _, token_id = bench.join(parent, founder)
    receipt, _ = bench.open(
        founder=founder,
        tiers=[tier(saleStart=1, saleEnd=FOR_EVER, allowRoot=DIGEST) for _ in range(3)],
        name="n" * 64,
        symbol="s" * 16,
        homeUri="https://" + "h" * 92,
        operator=KEY,
        operatorBps=500,
        parent=parent.hub.address,
        parentBps=1000,
        parentMembership=token_id,
    )
    bench.note("open_community", receipt, state="worst")


def sharing(bench: Bench) -> None:
    """Collections; the worst is the first of an operator."""
    operator, partner = bench.account(), bench.account()
    _, community = bench.open(operator=operator, operatorBps=500)
    hub, founder = community.hub, bench.founder
    bench.note("set_splits", hub.setSplits([(partner, 1000)], 0, sender=founder))
    _, token_id = bench.join(community, bench.account())
    for state in ("worst", "typical"):
        pass_time(DAY)
        community.membership.settle([token_id], sender=operator)
        bench.note("collect", hub.collect(community.membership, founder, sender=founder), state=state)
        bench.note("collect_operator", hub.collect(community.membership, operator, sender=operator), state=state)
        bench.note("collect_split", hub.collect(community.membership, partner, sender=partner), state=state)
    bench.note("announce_operator", hub.announceOperator(partner, 100, sender=founder))
    pass_time(31 * DAY)
    bench.note("replace_operator", hub.replaceOperator(sender=founder))


def governing(bench: Bench) -> None:
    _, community = bench.open()
    hub, other, founder = community.hub, bench.account(), bench.founder
    for sequence, state in ((1, "worst"), (2, "typical")):
        bench.note("publish_manifest", hub.publishManifest(DIGEST, sequence, sender=founder), state=state)
    uri = "https://elsewhere.example"
    for sequence, state in ((1, "worst"), (2, "typical")):
        bench.note("move_home", hub.moveHome(uri, KEY, DIGEST, sequence, sender=founder), state=state)
    bench.note("set_key", hub.setKey(DIGEST, FOR_EVER, sender=other))
    bench.note("set_roles", hub.setRoles(other, 8, sender=founder))
    bench.note("offer_ownership", hub.offerOwnership(other, sender=founder))
    bench.note("accept_ownership", hub.acceptOwnership(sender=other))


def pricing(bench: Bench) -> None:
    """What an owner does with tiers and rates."""
    _, community = bench.open()
    membership, founder = community.membership, bench.founder
    bench.note("create_tier", membership.createTier(tier(), sender=founder))
    dated = tier(saleStart=1, saleEnd=FOR_EVER, allowRoot=DIGEST)
    bench.note("create_tier", membership.createTier(dated, sender=founder), state="worst")
    bench.note("set_tier_price", membership.setTierPrice(1, PRICE // 2, sender=founder))
    bench.note("set_tier_price", membership.setTierPrice(1, PRICE, sender=founder), state="worst")
    bench.note("set_tier_paused", membership.setTierPaused(1, True, sender=founder))
    bench.note("set_tier_access", membership.setTierAccess(1, True, DIGEST, 1000, sender=founder))
    bench.note("set_tier_label", membership.setTierLabel(1, b"Friend".ljust(32, b"\0"), sender=founder))
    bench.note("set_rates", membership.setRates((600, 1100, 1600, 5, 25, 0), sender=founder))
    at = ape.chain.pending_timestamp + 60 * DAY
    bench.note("retire_tier", membership.retireTier(2, at, sender=founder))
