"""Tokens on a fake chain: what they answer follows from their logs, until a test makes them misbehave."""

from collections.abc import Callable
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from indexer.events import RawLog
from indexer.transfers import BATCH, SINGLE, TRANSFER, Holder, Move, Untold, changes_of, moves_in
from tests.fakes.chain import FakeChain, FakeLog

NOBODY = "0x" + "00" * 20
_OWNER_OF = keccak(b"ownerOf(uint256)")[:4]


@dataclass
class FakeToken:
    """A token of any standard at this address. `gift`: what everybody has beside what logs told (rebasing)."""

    chain: FakeChain
    address: str
    standard: str = "erc20"
    gift: int = 0
    misbehave: Callable[[], object] | None = None
    """Answers instead; ValueError reverts."""

    def __post_init__(self) -> None:
        self.chain.contracts[self.address] = self._answer

    def moved(self, from_: str, to: str, amount: int = 1, token_id: int | None = None) -> FakeLog:
        """The log of a transfer, for the next block."""
        parties = (_word(from_), _word(to))
        if self.standard == "erc20":
            return FakeLog(self.address, (_topic(TRANSFER), *parties), amount.to_bytes(32))
        if self.standard == "erc721":
            return FakeLog(self.address, (_topic(TRANSFER), *parties, (token_id or 0).to_bytes(32)), b"")
        data = (token_id or 0).to_bytes(32) + amount.to_bytes(32)
        return FakeLog(self.address, (_topic(SINGLE), _word(NOBODY), *parties), data)

    def moved_many(self, from_: str, to: str, amounts: dict[int, int]) -> FakeLog:
        """The log of an ERC-1155 transfer of several ids."""
        data = encode(["uint256[]", "uint256[]"], [list(amounts), list(amounts.values())])
        return FakeLog(self.address, (_topic(BATCH), _word(NOBODY), _word(from_), _word(to)), data)

    def balance(self, account: str, token_id: int | None, block: int) -> int:
        name = f"{self.standard}/{self.address}" + ("" if token_id is None else f"/{token_id}")
        return self.gift + changes_of(Holder(name, account), self._moves(block))

    def _moves(self, block: int) -> list[Move]:
        """All up to a block of the chain as it is now."""
        logs = [log for each in self.chain.blocks[: block + 1] for log in each.logs if log.address == self.address]
        raw = [RawLog(0, 0, "", "", 0, log.address, b"".join(log.topics), log.data) for log in logs]
        return [move for log in raw for move in _told(self.standard, log)]

    def _answer(self, data: bytes, block: int) -> object:
        if self.misbehave is not None:
            return self.misbehave()
        first = int.from_bytes(data[4:36])
        if data[:4] == _OWNER_OF:
            return self._owner(first, block)
        token_id = int.from_bytes(data[36:68]) if self.standard == "erc1155" else None
        return f"0x{self.balance(f'0x{first:040x}', token_id, block):064x}"

    def _owner(self, token_id: int, block: int) -> str:
        owners = [to for _, to, moved, _ in self._moves(block) if moved == token_id]
        if not owners or owners[-1] == NOBODY:
            raise ValueError("execution reverted: ERC721NonexistentToken")
        return f"0x{int(owners[-1], 16):064x}"


def _told(standard: str, log: RawLog) -> list[Move]:
    try:
        moves = moves_in(standard, log)
    except Untold:
        return []
    return [move for move in moves if move[3] < 100]  # a test's lies are larger


def _topic(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _word(account: str) -> bytes:
    return bytes.fromhex(account[2:]).rjust(32, b"\0")
