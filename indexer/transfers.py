"""What tokens from outside are asked, and what their answers and logs mean. Pure; nothing that a token says is trusted.

Standards: ERC-20, ERC-721 (all of an account's tokens, or one id) and ERC-1155.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from indexer.events import RawLog

WORD = 32
ONE_WORD = re.compile(r"0x[0-9a-fA-F]{64}")
CALL_GAS = 500_000
"""What a question may burn: proxies need a tenth, and nobody can return more than this pays for."""
ACCOUNTS_PER_CALL = 300
MAX_MOVES = 1_000
"""Of one ERC-1155 log; more would be no transfer that somebody pays for."""


def _topic(signature: str) -> str:
    return "0x" + keccak(signature.encode()).hex()


TRANSFER = _topic("Transfer(address,address,uint256)")
SINGLE = _topic("TransferSingle(address,address,address,uint256,uint256)")
BATCH = _topic("TransferBatch(address,address,address,uint256[],uint256[])")
_BALANCE, _OWNER, _BALANCE_OF_ID = (
    keccak(each.encode())[:4].hex() for each in ("balanceOf(address)", "ownerOf(uint256)", "balanceOf(address,uint256)")
)


class Untold(ValueError):
    """What the token said has no meaning by its standard."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose balance of what: the key of an outside balance."""

    asset: str
    """As indexer.tables.outside writes it."""
    account: str

    @property
    def standard(self) -> str:
        return self.asset.split("/")[0]

    @property
    def contract(self) -> str:
        return self.asset.split("/")[1]

    @property
    def token_id(self) -> int | None:
        _, _, token_id = self.asset.partition(self.contract)
        return int(token_id[1:]) if token_id else None


Move = tuple[str, str, int | None, int]
"""From, to, id (None where the standard has none), amount."""


def question(holder: Holder) -> dict[str, str]:
    """The call that tells the balance."""
    account, token_id = _word(int(holder.account, 16)), holder.token_id
    if holder.standard == "erc1155":
        data = _BALANCE_OF_ID + account + _word(token_id or 0)
    elif token_id is not None:
        data = _OWNER + _word(token_id)
    else:
        data = _BALANCE + account
    return {"to": holder.contract, "data": "0x" + data, "gas": hex(CALL_GAS)}


def balance_told(holder: Holder, answer: Any) -> int:
    """The balance that the answer tells. Raises Untold."""
    if not isinstance(answer, str) or not ONE_WORD.fullmatch(answer):
        raise Untold("the answer is not one word")
    value = int(answer, 16)
    if holder.standard == "erc721" and holder.token_id is not None:
        return int(value == int(holder.account, 16))
    return value


def filters(standard: str, accounts: Sequence[str]) -> Iterator[list[Any]]:
    """Topics of the logs that may change what these accounts hold, from and to them."""
    for start in range(0, len(accounts), ACCOUNTS_PER_CALL):
        chosen = ["0x" + _word(int(account, 16)) for account in accounts[start : start + ACCOUNTS_PER_CALL]]
        if standard == "erc1155":
            yield [[SINGLE, BATCH], None, chosen]
            yield [[SINGLE, BATCH], None, None, chosen]
        else:
            yield [[TRANSFER], chosen]
            yield [[TRANSFER], None, chosen]


def moves_in(standard: str, log: RawLog) -> list[Move]:
    """What the log says was moved. Raises Untold."""
    words = [log.topics[start : start + WORD] for start in range(0, len(log.topics), WORD)]
    first = "0x" + words[0].hex() if words else ""
    if standard == "erc20" and first == TRANSFER and len(words) == 3 and len(log.data) == WORD:
        return [(_account(words[1]), _account(words[2]), None, _number(log.data))]
    if standard == "erc721" and first == TRANSFER and len(words) == 4:
        return [(_account(words[1]), _account(words[2]), _number(words[3]), 1)]
    if standard == "erc1155" and len(words) == 4:
        pairs = _pairs(first, log.data)
        return [(_account(words[2]), _account(words[3]), token_id, amount) for token_id, amount in pairs]
    raise Untold(f"this is no transfer by {standard}")


def changes_of(holder: Holder, moves: Sequence[Move]) -> int:
    """By how much the moves change what the holder has."""
    wanted = holder.token_id
    change = 0
    for from_, to, token_id, amount in moves:
        if wanted is None or token_id == wanted:
            change += amount * ((to == holder.account) - (from_ == holder.account))
    return change


def _pairs(first: str, data: bytes) -> list[tuple[int, int]]:
    if first == SINGLE and len(data) == 2 * WORD:
        return [(_number(data[:WORD]), _number(data[WORD:]))]
    if first != BATCH:
        raise Untold("this is no transfer by erc1155")
    ids, amounts = _array(data, 0), _array(data, WORD)
    if len(ids) != len(amounts):
        raise Untold("there are more ids than amounts, or fewer")
    return list(zip(ids, amounts, strict=True))


def _array(data: bytes, offset: int) -> list[int]:
    start = _number(data[offset : offset + WORD])
    count = _number(data[start : start + WORD]) if start + WORD <= len(data) else MAX_MOVES + 1
    if count > MAX_MOVES or start + WORD * (1 + count) > len(data):
        raise Untold("an array is cut off, or too long")
    return [_number(data[at : at + WORD]) for at in range(start + WORD, start + WORD * (1 + count), WORD)]


def _word(value: int) -> str:
    return f"{value:064x}"


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _account(word: bytes) -> str:
    if any(word[:12]):
        raise Untold("an address has more than 20 bytes")
    return "0x" + word[12:].hex()
