"""The invariant of tests/contracts/README.md that the market must hold"""

from tests.contracts.invariants.trading import Trades


def market_holds_what_it_owes(history: Trades) -> None:
    """I11: deposits, refused proceeds, and tills; of tokens nothing."""
    owed = sum(history.deposits.values()) + sum(sum(till) for till in history.tills.values())
    assert history.chain.balance(history.market.address) == owed, f"I11: the market owes {owed}"
    if history.world.token:
        assert history.world.balance(history.market.address) == 0, "I11: the market keeps tokens"


def deposits_are_as_documented(history: Trades) -> None:
    """I11: what the market holds for each account, and how often badges moved."""
    for account, amount in history.deposits.items():
        found = history.chain.read(history.market.fundsOf, account)
        assert found == amount, f"the market has {found} for {account}, not {amount}"
    for badge, moves in history.shadow.badge_moves.items():
        assert history.chain.read(history.world.badges.transferCountOf, badge) == moves, f"badge {badge}"
