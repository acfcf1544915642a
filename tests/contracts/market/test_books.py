"""The books of the market after any history of sales in native coins, beside a model"""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.contracts import NATIVE
from tests.factories.market import FEE_CAP_BPS, Stall, split

PEOPLE = range(4)
PAGES = range(3)  # the first is no page
prices = st.one_of(st.integers(1, 50), st.integers(51, 10**18))
fees = st.integers(0, FEE_CAP_BPS)
sales = st.tuples(st.sampled_from(["buy", "accept"]), st.sampled_from(PEOPLE), st.sampled_from(PAGES), prices, fees)
others = st.tuples(
    st.sampled_from(["deposit", "withdraw", "pay out"]),
    st.sampled_from(PEOPLE),
    st.sampled_from(PAGES),
    prices,
    st.just(0),
)
histories = st.lists(st.one_of(sales, others), min_size=1, max_size=16)


class Books:
    """What the market owes by the documentation."""

    def __init__(self) -> None:
        self.funds: Counter[str] = Counter()
        self.royalties: Counter[str] = Counter()
        self.fees: Counter[str] = Counter()

    @property
    def held(self) -> int:
        return sum(ledger.total() for ledger in (self.funds, self.royalties, self.fees))


def step(stall: Stall, books: Books, owner: str, kind: str, who: int, page: int, amount: int, fee_bps: int) -> str:
    """The badge's owner, after."""
    account = [stall.seller, stall.buyer, stall.friend, stall.stranger][who]
    recipient = [NATIVE, stall.page, stall.invited][page]
    terms = {"price": amount, "feeRecipient": recipient, "feeBps": fee_bps, "minAccrued": 0}
    royalty, fee, proceeds = split(amount, fee_bps=fee_bps if page else 0)
    before = stall.chain.balance(owner)
    if kind == "deposit":
        stall.deposit(account, amount)
        books.funds[account] += amount
        return owner
    if kind == "withdraw":
        amount = min(amount, books.funds[account])
        stall.chain.send(stall.market.withdrawFunds, account, amount, sender=account)
        books.funds[account] -= amount
        return owner
    if kind == "pay out":
        key = (stall.world.badges.address, stall.world.membership.address, [recipient])
        if books.royalties[recipient] + books.fees[recipient]:
            stall.chain.send(stall.market.payOut, *key, sender=stall.stranger)
        books.royalties[recipient] = books.fees[recipient] = 0
        return owner
    if account == owner:
        return owner
    stall.approve(stall.world.badges, stall.badge, owner)
    if kind == "buy":
        count = int(stall.chain.read(stall.world.badges.transferCountOf, stall.badge))
        listing = stall.listing(seller=owner, transferCount=count, minProceeds=proceeds, **terms)
        stall.buy(listing, sender=account)
    else:
        stall.accept(stall.offer(buyer=account, **terms), sender=owner, least=proceeds)
    assert stall.chain.balance(owner) - before == proceeds
    books.royalties[recipient] += royalty
    books.fees[recipient] += fee
    return account


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories)
def test_every_coin_is_owed_to_somebody_or_has_been_paid(coins: Stall, history: list[tuple[Any, ...]]) -> None:
    """I1, I11 and I12: the market holds exactly what it owes; each seller got at once what it was to get."""
    books, owner = Books(), coins.seller
    with coins.chain.undone():
        for each in history:
            owner = step(coins, books, owner, *each)

            assert coins.owner(coins.world.badges, coins.badge) == owner
            assert coins.chain.balance(coins.market.address) == books.held
        for page in (NATIVE, coins.page, coins.invited):
            assert coins.till(page=page) == (books.royalties[page], books.fees[page])
        for account in (coins.seller, coins.buyer, coins.friend, coins.stranger):
            assert coins.funds(account) == books.funds[account]
