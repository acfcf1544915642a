"""Balances of outside tokens: asked once, followed by logs, taken back by reorgs, and never more than what is known."""

from collections.abc import Callable

import pytest

from indexer.errors import RetryableError
from indexer.outside import AFRESH_SECONDS, FIRST_PAUSE
from indexer.run import HEAD_SPAN
from indexer.tables.outside import OutsideBalance
from indexer.transfers import TRANSFER
from tests.factories.mirror import NOW, Mirror, new_indexer
from tests.factories.watches import NeededBalances
from tests.fakes.chain import CHAIN_ID, FakeChain, FakeLog
from tests.fakes.contracts import account
from tests.fakes.tokens import NOBODY, FakeToken

ALICE, BOB = account(1), account(2)
COIN, PICTURE, MANY = ("0x" + digits * 20 for digits in ("e2", "e7", "e1"))
COINS = f"erc20/{COIN}"
AT = int(NOW)


@pytest.fixture
def needs(database: str) -> NeededBalances:
    return NeededBalances(database, CHAIN_ID)


@pytest.fixture
def coin(chain: FakeChain) -> FakeToken:
    """An ERC-20 of which Alice has 5 since block 1."""
    token = FakeToken(chain, COIN)
    chain.mine(token.moved(NOBODY, ALICE, 5))
    return token


def known(mirror: Mirror, asset: str = COINS) -> dict[str, int | None]:
    """The newest value of each account."""
    rows = [row for row in mirror.rows(OutsideBalance) if row["asset"] == asset]
    return {
        row["account"]: row["value"] for row in sorted(rows, key=lambda row: (row["block_number"], row["log_index"]))
    }


def follow(mirror: Mirror) -> None:
    """At the head, with everything asked that is due."""
    mirror.catch_up()
    mirror.indexer.step()


def test_a_balance_from_before_the_first_ask_is_known(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    follow(mirror)
    assert known(mirror) == {}

    needs.need((COINS, ALICE, False), (COINS, BOB, False), at=AT)
    follow(mirror)

    assert known(mirror) == {ALICE: 5, BOB: 0}
    assert {kind for kind, _ in mirror.feed()} >= {"balance"}


def test_nothing_is_asked_where_the_backend_has_no_table(mirror: Mirror, coin: FakeToken) -> None:
    follow(mirror)

    assert "eth_call" not in {method for method, _ in mirror.rpc.calls}


def test_transfers_after_the_first_ask_are_followed_each_for_itself(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    needs.need((COINS, ALICE, False), (COINS, BOB, False), at=AT)
    follow(mirror)
    asked = len([method for method, _ in mirror.rpc.calls if method == "eth_call"])

    mirror.chain.mine(coin.moved(ALICE, BOB, 2), coin.moved(ALICE, NOBODY, 1), coin.moved(ALICE, ALICE, 2))
    mirror.chain.mine(coin.moved(BOB, ALICE, 1))
    follow(mirror)

    assert known(mirror) == {ALICE: 3, BOB: 1}
    history = [(row["block_number"], row["value"]) for row in mirror.rows(OutsideBalance) if row["account"] == ALICE]
    assert history == [(1, 5), (2, 3), (2, 2), (3, 3)]
    assert len([method for method, _ in mirror.rpc.calls if method == "eth_call"]) == asked
    told = [ids for kind, ids in mirror.feed() if kind == "balance"]  # in any order
    assert sorted(str(each.pop("account")) for each in told) == sorted([ALICE, BOB])
    assert told == 2 * [{"community": needs.community, "asset": COINS}]


def test_pictures_count_as_many_or_as_one_id(mirror: Mirror, chain: FakeChain, needs: NeededBalances) -> None:
    token = FakeToken(chain, PICTURE, "erc721")
    chain.mine(token.moved(NOBODY, ALICE, 1, 7))
    one, all_ = f"erc721/{PICTURE}/7", f"erc721/{PICTURE}"
    needs.need((one, ALICE, False), (one, BOB, False), (all_, ALICE, False), (f"{all_}/8", BOB, False), at=AT)
    follow(mirror)
    assert (known(mirror, one), known(mirror, all_)) == ({ALICE: 1, BOB: 0}, {ALICE: 1})

    chain.mine(token.moved(NOBODY, ALICE, 1, 9), token.moved(ALICE, BOB, 1, 7), token.moved(NOBODY, BOB, 1, 8))
    follow(mirror)

    assert (known(mirror, one), known(mirror, all_)) == ({ALICE: 0, BOB: 1}, {ALICE: 1})
    assert known(mirror, f"{all_}/8") == {BOB: 1}


def test_ids_of_an_erc1155_are_told_apart(mirror: Mirror, chain: FakeChain, needs: NeededBalances) -> None:
    token = FakeToken(chain, MANY, "erc1155")
    chain.mine(token.moved(NOBODY, ALICE, 4, 1))
    needs.need((f"erc1155/{MANY}/1", ALICE, False), (f"erc1155/{MANY}/2", ALICE, False), at=AT)
    follow(mirror)

    chain.mine(token.moved_many(NOBODY, ALICE, {1: 3, 2: 5, 3: 9}), token.moved(ALICE, BOB, 2, 1))
    follow(mirror)

    assert known(mirror, f"erc1155/{MANY}/1") == {ALICE: 5}
    assert known(mirror, f"erc1155/{MANY}/2") == {ALICE: 5}


def test_a_reorg_takes_transfers_back(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    mirror.chain.mine(coin.moved(ALICE, BOB, 2))
    follow(mirror)
    assert known(mirror) == {ALICE: 3}

    mirror.chain.fork(1)
    mirror.chain.mine()
    mirror.chain.mine(coin.moved(ALICE, BOB, 1))
    follow(mirror)

    assert known(mirror) == {ALICE: 4}


def test_what_was_asked_in_a_block_that_is_gone_is_asked_again(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    mirror.chain.mine()
    follow(mirror)
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)

    mirror.chain.fork(1)
    mirror.chain.mine(coin.moved(ALICE, BOB, 2))
    mirror.chain.mine()
    follow(mirror)

    rows = [(row["block_number"], row["value"]) for row in mirror.rows(OutsideBalance)]
    assert rows == [(1, 5), (2, 3)]  # known again from the common ancestor on


def test_a_new_process_goes_on_where_the_last_one_was(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    mirror.chain.mine(coin.moved(ALICE, BOB, 2))
    asked = len([method for method, _ in mirror.rpc.calls if method == "eth_call"])

    mirror.indexer = new_indexer(mirror.connection, mirror.rpc, mirror.clock)
    follow(mirror)

    assert known(mirror) == {ALICE: 3}
    assert len([method for method, _ in mirror.rpc.calls if method == "eth_call"]) == asked


def test_what_is_needed_no_more_is_not_known_any_more(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    needs.forget()

    mirror.indexer = new_indexer(mirror.connection, mirror.rpc, mirror.clock)
    follow(mirror)

    assert known(mirror) == {ALICE: None}


def test_a_balance_that_no_gate_needs_is_forgotten_after_a_while(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    needs.forget()
    mirror.clock.now += AFRESH_SECONDS

    follow(mirror)

    assert known(mirror) == {ALICE: None}


def test_a_balance_that_changes_without_a_transfer_is_asked_each_time(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    needs.need((COINS, ALICE, True), (COINS, BOB, False), at=AT)
    follow(mirror)
    coin.gift = 2
    mirror.chain.mine()
    mirror.clock.now += 100
    follow(mirror)
    assert known(mirror) == {ALICE: 5, BOB: 0}

    needs.need((COINS, ALICE, True), (COINS, BOB, False), at=AT + 90)
    follow(mirror)

    assert known(mirror) == {ALICE: 7, BOB: 0}
    newest = max(mirror.rows(OutsideBalance), key=lambda row: row["asked_at"])
    assert (newest["account"], newest["asked_at"]) == (ALICE, NOW + 100)


def test_a_balance_is_asked_again_at_the_same_block(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    needs.need((COINS, ALICE, True), at=AT)
    follow(mirror)
    mirror.clock.now += 100
    needs.need((COINS, ALICE, True), at=AT + 90)

    follow(mirror)

    [row] = mirror.rows(OutsideBalance)
    assert (row["value"], row["asked_at"]) == (5, NOW + 100)


def _revert() -> object:
    raise ValueError("execution reverted")


def _burn_gas() -> object:
    raise ValueError("out of gas")


@pytest.mark.parametrize(
    "answer",
    [
        _revert,
        _burn_gas,
        lambda: "0x",
        lambda: "0x" + "ff" * 31,
        lambda: "0x" + "zz" * 32,
        lambda: None,
        lambda: {"a": 1},
    ],
)
def test_a_token_that_does_not_answer_is_not_known_and_stops_nothing(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances, answer: Callable[[], object]
) -> None:
    other = FakeToken(mirror.chain, MANY)
    mirror.chain.mine(other.moved(NOBODY, ALICE, 9))
    coin.misbehave = answer
    needs.need((COINS, ALICE, False), (f"erc20/{MANY}", ALICE, False), at=AT)
    follow(mirror)
    mirror.chain.mine()
    follow(mirror)

    assert known(mirror) == {}
    assert known(mirror, f"erc20/{MANY}") == {ALICE: 9}
    assert mirror.at_head


def test_a_token_that_failed_is_asked_again_more_and_more_seldom(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    coin.misbehave = _revert
    needs.need((COINS, ALICE, False), at=AT)
    for _ in range(10):
        mirror.clock.now += FIRST_PAUSE
        follow(mirror)

    assert 2 <= len([method for method, _ in mirror.rpc.calls if method == "eth_call"]) <= 4
    coin.misbehave = None
    mirror.clock.now += 100
    follow(mirror)
    assert known(mirror) == {ALICE: 5}


def test_a_huge_balance_is_a_balance(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    coin.misbehave = lambda: "0x" + "ff" * 32
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    assert known(mirror) == {ALICE: 2**256 - 1}


@pytest.mark.parametrize("amount", [100, 2**256 - 1])
def test_a_log_that_cannot_be_true_makes_the_balance_unknown_until_it_is_asked_again(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances, amount: int
) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    lie = FakeLog(
        COIN,
        (bytes.fromhex(TRANSFER[2:]), *(bytes.fromhex(each[2:]).rjust(32, b"\0") for each in (ALICE, BOB))),
        amount.to_bytes(32),
    )
    mirror.chain.mine(lie)

    mirror.indexer.step()
    assert known(mirror) == {ALICE: None}
    follow(mirror)

    assert known(mirror) == {ALICE: 5}


def test_a_malformed_log_makes_the_balances_of_its_token_unknown(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    coin.misbehave = _revert
    word = bytes.fromhex(ALICE[2:]).rjust(32, b"\0")
    mirror.chain.mine(FakeLog(COIN, (bytes.fromhex(TRANSFER[2:]), word, word), b"short"))

    follow(mirror)

    assert known(mirror) == {ALICE: None}


def test_a_token_that_logs_too_much_is_asked_instead(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.outside.LOGS_PER_TOKEN", 3)
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    mirror.chain.mine(*[coin.moved(ALICE, BOB, 1) for _ in range(4)])

    follow(mirror)

    assert known(mirror) == {ALICE: 1}


def test_a_node_that_gives_no_logs_of_a_token_does_not_stop_the_indexer(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    follow(mirror)
    mirror.chain.mine(*[coin.moved(ALICE, BOB, 1) for _ in range(3)])
    mirror.chain.most_logs = 2

    follow(mirror)

    assert mirror.at_head
    assert known(mirror) == {ALICE: 2}


def test_a_chain_that_changes_while_it_is_asked_leaves_nothing(
    mirror: Mirror, coin: FakeToken, needs: NeededBalances
) -> None:
    follow(mirror)
    needs.need((COINS, ALICE, False), at=AT)

    def replaced(calls: object) -> None:
        if any(method == "eth_call" for method, _ in calls):  # type: ignore[attr-defined]
            mirror.rpc.before_call = lambda _: None
            mirror.chain.fork(1)
            mirror.chain.mine()

    mirror.rpc.before_call = replaced
    while True:
        try:
            mirror.indexer.step()
        except RetryableError:
            continue
        break
    assert known(mirror) == {}
    follow(mirror)

    assert known(mirror) == {ALICE: 0}


def test_nothing_is_asked_far_behind_the_head(mirror: Mirror, coin: FakeToken, needs: NeededBalances) -> None:
    needs.need((COINS, ALICE, False), at=AT)
    mirror.indexer.step()
    mirror.indexer.step()
    known_before = known(mirror)
    for _ in range(3 * HEAD_SPAN):
        mirror.chain.mine()
    mirror.chain.mine(coin.moved(ALICE, BOB, 1))

    follow(mirror)

    assert (known_before, known(mirror)) == ({ALICE: 5}, {ALICE: 4})
