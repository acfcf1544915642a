"""Sales by signature. The typical one: a badge, native coins, royalty and a page's fee, a buyer without a badge."""

from typing import Any

from eth_account.messages import encode_typed_data

from scripts.bench.gas.bench import FOR_EVER, NATIVE, PRICE, Bench, Community, domain_of, named, typed

FEE_BPS = 100


def measure(bench: Bench) -> None:
    market = bench.market
    for suffix, token in (("", None), ("_erc20", bench.token())):
        _, community = bench.open(token=token)
        page = bench.account()  # whose till is empty only before its first sale
        for state in ("worst", "typical"):
            seller, buyer = bench.account(), bench.account()
            badge = minted(bench, community, seller)
            bench.fund(community, buyer, market)
            listing = listing_of(community, seller, badge, page)
            signature = signed(market.buy, "Listing", listing, seller, market)
            receipt = market.buy(listing, signature, buyer, 0, sender=buyer, value=community.value)
            bench.note(f"buy_badge{suffix}", receipt, state=state)
    _, community = bench.open()
    seller, buyer = bench.account(), bench.account()
    badge = minted(bench, community, seller)
    bench.note("market_add_funds", market.addFunds(buyer, sender=buyer, value=PRICE))
    offer = offer_of(community, buyer)
    signature = signed(market.accept, "Offer", offer, buyer, market)
    bench.note("accept_offer", market.accept(offer, signature, badge, 0, sender=seller))
    bench.note("cancel_listing", market.cancel([b"\x01" * 32], sender=seller))
    bench.note("raise_counter", market.raiseCounter(sender=seller))


def minted(bench: Bench, community: Community, holder: Any) -> int:
    """A badge that was used, minted, and may be moved by the market."""
    _, badge = bench.join(community, holder)
    community.badges.mint(badge, sender=holder)
    community.badges.setApprovalForAll(bench.market, True, sender=holder)
    return badge


def listing_of(community: Community, seller: Any, badge: int, page: Any) -> tuple[Any, ...]:
    fields = {
        "seller": seller.address,
        "collection": community.badges.address,
        "membership": community.membership.address,
        "tokenId": badge,
        "currency": community.currency,
        "price": PRICE,
        "minProceeds": PRICE // 2,
        "feeRecipient": page.address,
        "feeBps": FEE_BPS,
        "buyer": NATIVE,
        "startsAt": 0,
        "deadline": FOR_EVER,
        "transferCount": 0,
        "minAccrued": 0,
        "tierId": 0,
        "minExpiresAt": 0,
        "minUnearned": 0,
        "withBadge": False,
        "counter": 0,
        "salt": 1,
    }
    return tuple(fields.values())


def offer_of(community: Community, buyer: Any) -> tuple[Any, ...]:
    """For any badge of the community, from the buyer's funds."""
    fields = {
        "buyer": buyer.address,
        "collection": community.badges.address,
        "membership": community.membership.address,
        "tokenId": 0,
        "level": 0,
        "minRateBps": 0,
        "minAccrued": 0,
        "currency": NATIVE,
        "price": PRICE,
        "feeRecipient": NATIVE,
        "feeBps": 0,
        "deadline": FOR_EVER,
        "counter": 0,
        "salt": 1,
    }
    return tuple(fields.values())


def signed(method: Any, name: str, values: tuple[Any, ...], account: Any, market: Any) -> bytes:
    """The signature over a listing or an offer, whose fields are those of the method's first argument."""
    components = method.abis[0].inputs[0].components
    message = encode_typed_data(
        domain_of("Koinon Market", market), {name: typed(components)}, named(components, values)
    )
    return bytes(account.sign_message(message).encode_rsv())
