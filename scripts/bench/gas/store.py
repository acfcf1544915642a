"""Products, licenses and tips; the buyers are bound members, and the worst purchase is a product's first."""

from typing import Any

from scripts.bench.gas.bench import DIGEST, MONTH, NO_HASH, PRICE, Bench

LABEL = b"Star atlas".ljust(32, b"\0")
COURSE = 1
COMMUNITY_BPS = 1_000  # of a store without a policy


def measure(bench: Bench) -> None:
    for suffix, token in (("native", None), ("erc20", bench.token())):
        _, community = bench.open(token=token)
        store = community.store
        creator, inviter, buyers = bench.account(), bench.account(), [bench.account(), bench.account()]
        _, creator_id = bench.join(community, creator)
        _, badge = bench.join(community, inviter)
        ids = [bench.join(community, buyer, badge)[1] for buyer in buyers]
        bench.note("list_product", store.list(product(creator), creator_id, sender=creator), state="worst")
        bench.note("list_product", store.list(product(creator, periodSeconds=MONTH), creator_id, sender=creator))
        for state, buyer, token_id in zip(("worst", "typical"), buyers, ids, strict=True):
            bench.fund(community, buyer, store)
            for product_id, action in ((1, "buy_license"), (2, "buy_license_period")):
                purchase = (product_id, 1, PRICE, community.currency, 1, buyer.address, token_id)
                receipt = store.buy(purchase, sender=buyer, value=community.value)
                bench.note(f"{action}_{suffix}", receipt, state=state)
            tip = (creator.address, 0, PRICE, community.currency, token_id, NO_HASH)
            bench.note(f"tip_{suffix}", store.tip(tip, sender=buyer, value=community.value), state=state)
            bench.note("claim_sales", store.claim(creator, creator, sender=creator), state=state)


def product(payout: Any, **changes: Any) -> tuple[Any, ...]:
    fields = {
        "kind": COURSE,
        "label": LABEL,
        "digest": DIGEST,
        "price": PRICE,
        "periodSeconds": 0,
        "cap": 0,
        "royaltyBps": 0,
        "payout": payout.address,
        "communityBps": COMMUNITY_BPS,
    }
    return tuple((fields | changes).values())
