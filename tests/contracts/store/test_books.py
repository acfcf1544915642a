"""The books of a store after any history, in a currency of 6 decimals, beside a model"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.stores import BRONZE_BPS, Shop, divide

PRICES = (1, 19, 20, 9_999, 1_234_567)  # base units of a dollar with 6 decimals
CREATOR, FOUNDER = "creator", "founder"

buys = st.tuples(
    st.just("buy"), st.integers(0, len(PRICES) - 1), st.integers(1, 40), st.sampled_from(["member", "stranger"])
)
tips = st.tuples(
    st.just("tip"), st.integers(1, 30_000), st.sampled_from([CREATOR, FOUNDER]), st.sampled_from(["member", "stranger"])
)
policies = st.tuples(st.just("policy"), st.integers(0, 5_000), st.none(), st.none())
payments = st.tuples(st.just("claim"), st.sampled_from([CREATOR, FOUNDER]), st.none(), st.none())
collections = st.tuples(st.just("collect"), st.none(), st.none(), st.none())
histories = st.lists(st.one_of(buys, tips, policies, payments, collections), min_size=1, max_size=12)


@dataclass
class Books:
    """What everybody is due by the documentation."""

    paid: int = 0
    badge: int = 0
    earned: int = 0
    withdrawn: int = 0
    due: dict[str, int] = field(default_factory=lambda: {CREATOR: 0, FOUNDER: 0})
    claimed: int = 0

    def pay(self, amount: int, payee: str, rate: int, community_bps: int) -> None:
        badge, share, community = divide(amount, rate, community_bps)
        self.paid += amount
        self.badge += badge
        self.due[payee] += share
        self.earned += community

    @property
    def held(self) -> int:
        return sum(self.due.values()) + self.earned - self.withdrawn


def step(shop: Shop, books: Books, products: list[int], kind: str, what: Any, many: Any, who: Any) -> None:
    account = {"member": shop.member, "stranger": shop.stranger}.get(who, "")
    rate = BRONZE_BPS if who == "member" else 0
    accounts = {CREATOR: shop.creator, FOUNDER: shop.founder}
    if kind == "buy":
        shop.buy(products[what], sender=account, quantity=many)
        books.pay(PRICES[what] * many, CREATOR, rate, 1_000)
    elif kind == "tip":
        policy = shop.policy()["communityBps"]
        shop.tip(what, sender=account, payee=accounts[many])
        books.pay(what, many, rate, policy)
    elif kind == "policy":
        shop.chain.send(shop.store.setPolicy, what, True, sender=shop.founder)
    elif kind == "claim" and books.due[what]:
        assert shop.claim(accounts[what]).only("CreatorPaid")["amount"] == books.due[what]
        books.claimed += books.due[what]
        books.due[what] = 0
    elif kind == "collect" and books.earned > books.withdrawn:
        shop.world.collect(shop.founder, str(shop.store.address))
        books.withdrawn = books.earned


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories)
def test_every_unit_paid_is_owed_to_somebody_or_has_been_paid(tokens: Shop, history: list[tuple[Any, ...]]) -> None:
    """I1 and I2: the store holds exactly what it owes, and all shares ever given add up to all payments."""
    books = Books()
    with tokens.chain.undone():
        products = [tokens.list(price=price) for price in PRICES]
        for each in history:
            step(tokens, books, products, *each)

            assert tokens.holdings() == books.held
            assert tokens.shares()[::2] == (books.badge, books.earned)
            assert tokens.due(tokens.creator) + tokens.due(tokens.founder) == sum(books.due.values())
            assert books.paid == books.badge + books.earned + sum(books.due.values()) + books.claimed
