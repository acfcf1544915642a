"""What tokens say of themselves: strangers' bytes, which no page may break on."""

from typing import Any

import pytest
from eth_abi.abi import encode

from backend.badges.pictures import picture
from backend.chain import CallFailed, Chain, NodeRefused
from backend.currency import Currency, currency_of
from backend.problems import NotFound
from backend.transactions import error_of

TOKEN = "0x" + "70" * 20
ODD = Currency(TOKEN, TOKEN[:8], 0)
LENGTHS = [2**63 - 1, 2**63, 2**256 - 1, 2**62]


def text_of(length: int) -> bytes:
    """A string that claims to be so long."""
    return encode(["uint256", "uint256"], [32, length]) + b"A" * 64


class Stranger(Chain):
    """A node that answers each call with the next of these; an exception is raised."""

    def __init__(self, *answers: bytes | Exception) -> None:
        super().__init__("http://127.0.0.1:1", 31337)
        self.answers = list(answers)

    def call(self, *_: Any, **__: Any) -> bytes:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def named(symbol: bytes | str) -> Currency:
    text = encode(["bytes"], [symbol if isinstance(symbol, bytes) else symbol.encode()])
    return currency_of(Stranger(text, encode(["uint8"], [6])), TOKEN)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_symbol_of_impossible_length_is_no_symbol(length: int) -> None:
    assert currency_of(Stranger(text_of(length)), TOKEN) == ODD


def test_a_token_that_answers_without_end_is_no_token() -> None:
    assert named("A" * 500_000) == ODD
    assert named(b"\xff\xfe") == ODD


@pytest.mark.parametrize("symbol", ["USDC", "1INCH", "$DOG", "USDC.e", "aUSD-v2", "A" * 12])
def test_symbols_are_shown(symbol: str) -> None:
    assert named(symbol) == Currency(TOKEN, symbol, 6)


@pytest.mark.parametrize(
    "symbol",
    ["", " ", "100", "E TH", "\u0415TH", "U\u202eDSC", "USDC\n", "<b>", "A" * 13, "USD\u200bC"],
    ids=ascii,
)
def test_what_does_not_look_like_a_symbol_is_shown_by_its_address(symbol: str) -> None:
    assert named(symbol) == Currency(TOKEN, TOKEN[:8], 6)


@pytest.mark.parametrize("length", LENGTHS)
def test_pictures_of_impossible_length_are_none(length: int) -> None:
    with pytest.raises(NotFound):
        picture(Stranger(text_of(length)), TOKEN, 1, 0)


@pytest.mark.parametrize("length", LENGTHS)
def test_reasons_of_impossible_length_have_no_words(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"name": "Because", "inputs": [{"type": "string"}]}
    monkeypatch.setattr("backend.transactions._errors", lambda _: {b"abcd": entry})

    assert error_of("Market", b"abcd" + text_of(length)) == ("Because", [])


def test_what_a_node_refuses_is_asked_again() -> None:
    chain = Stranger(NodeRefused("rate limit"), encode(["string"], ["USDC"]), encode(["uint8"], [6]))

    with pytest.raises(NodeRefused):
        currency_of(chain, TOKEN)
    assert currency_of(chain, TOKEN) == Currency(TOKEN, "USDC", 6)


def test_what_was_no_token_may_become_one() -> None:
    chain = Stranger(b"", encode(["string"], ["USDC"]), encode(["uint8"], [6]))

    assert currency_of(chain, TOKEN) == ODD  # nothing is there yet, or a node lags
    assert currency_of(chain, TOKEN) == Currency(TOKEN, "USDC", 6)


def test_a_contract_without_a_symbol_is_shown_by_its_address() -> None:
    assert currency_of(Stranger(CallFailed("execution reverted")), TOKEN) == ODD


def test_an_amount_is_exact_however_long_it_is() -> None:
    coins = Currency(TOKEN, "COIN", 18)

    assert coins.number(10**28 + 1) == "10000000000.000000000000000001"
    assert coins.number(2**256 - 1).endswith("039457.584007913129639935")
