"""Whatever bytes a token logs or answers, reading them breaks nothing."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.events import RawLog
from indexer.transfers import BATCH, SINGLE, TRANSFER, Holder, Untold, balance_told, moves_in
from tests.factories.mirror import NOW
from tests.fakes.chain import FakeLog
from tests.fakes.contracts import account

ALICE, BOB = account(1), account(2)
COIN, PICTURE, MANY = ("0x" + digits * 20 for digits in ("e2", "e7", "e1"))

COINS = f"erc20/{COIN}"
AT = int(NOW)


def raw_of(log: FakeLog) -> RawLog:
    return RawLog(1, 0, "0x" + "00" * 32, "0x" + "00" * 32, 0, log.address, b"".join(log.topics), log.data)


@given(
    st.sampled_from(["erc20", "erc721", "erc1155"]),
    st.lists(
        st.sampled_from([TRANSFER, SINGLE, BATCH]).map(lambda text: bytes.fromhex(text[2:]))
        | st.binary(min_size=32, max_size=32),
        max_size=4,
    ),
    st.binary(max_size=300)
    | st.lists(st.integers(0, 200), max_size=9).map(lambda words: b"".join(word.to_bytes(32) for word in words)),
)
def test_no_log_breaks_the_reading(standard: str, topics: list[bytes], data: bytes) -> None:
    try:
        moves = moves_in(standard, raw_of(FakeLog(COIN, tuple(topics), data)))
    except Untold:
        return
    assert all(amount >= 0 for _, _, _, amount in moves)


@given(st.none() | st.text() | st.integers() | st.binary().map(lambda raw: "0x" + raw.hex()))
def test_no_answer_breaks_the_asking(answer: object) -> None:
    for asset in (COINS, f"erc721/{PICTURE}", f"erc721/{PICTURE}/5", f"erc1155/{MANY}/5"):
        try:
            assert 0 <= balance_told(Holder(asset, ALICE), answer) < 1 << 256
        except Untold:
            assert not isinstance(answer, str) or len(answer) != 66 or set(answer[2:]) - set("0123456789abcdef")
