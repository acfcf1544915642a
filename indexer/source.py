"""Blocks and logs of one chain, every one of them checked before anybody uses it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak

from indexer.errors import FatalError, RetryableError
from indexer.events import Header, RawLog
from indexer.rpc import Call, NodeError, Rpc, quantity

ADDRESSES_PER_CALL = 500
FALLBACK_DEPTH = 128  # blocks below the head that count as final when the node does not know the tag `finalized`
FIRST_SPAN, LONGEST_SPAN = 2_000, 100_000  # blocks per range
LOGS_PER_RANGE = 20_000
HASH = re.compile(r"0x[0-9a-f]{64}")
ADDRESS = re.compile(r"0x[0-9a-f]{40}")


class RangeTooLarge(RetryableError):
    """The node will not give the logs of so many blocks at once: ask for fewer."""


@dataclass(frozen=True, slots=True)
class Head:
    """The node's newest block, and the highest final one."""

    header: Header
    final_number: int


@dataclass(slots=True)
class Span:
    """How many blocks to ask for at once: shrinks when the node or the memory would have too much, and grows back."""

    blocks: int = FIRST_SPAN

    def shrink(self) -> None:
        self.blocks = max(1, self.blocks // 2)

    def learn(self, logs: int) -> None:
        """The next range may be longer if this one had few logs."""
        if logs > LOGS_PER_RANGE:
            self.shrink()
        elif logs < LOGS_PER_RANGE // 2:
            self.blocks = min(LONGEST_SPAN, self.blocks * 2)


@dataclass(slots=True)
class Fetched:
    """Logs of a range in order, headers that came with them, and the time of each block that has logs."""

    headers: dict[int, Header]
    logs: list[RawLog] = field(default_factory=list)
    times: dict[int, int] = field(default_factory=dict)

    def merge(self, more: "Fetched") -> None:
        """Logs of other contracts in the same range are in their places among these."""
        self.headers |= more.headers
        self.times |= more.times
        self.logs = sorted(self.logs + more.logs)


class Source:
    """The chain as one node after the other tells it. `topics`: first topics of the events that are read."""

    def __init__(self, rpc: Rpc, *, topics: Sequence[str]) -> None:
        self.rpc = rpc
        self._topics = list(topics)
        self._finalized = True

    def check_contract(self, address: str) -> None:
        """Raises FatalError when there is no code at `address`."""
        [code] = self.rpc.call([("eth_getCode", [address, "latest"])])
        if code in ("0x", None):
            raise FatalError(
                f"The node at {self.rpc.endpoint} has no contract at {address}: the deployment file is of another "
                "chain, or the chain was started anew. Deploy again or fix KOINON_DEPLOYMENTS."
            )

    def head(self) -> Head:
        latest = ("eth_getBlockByNumber", ["latest", False])
        if self._finalized:
            try:
                newest, final = self.rpc.call([latest, ("eth_getBlockByNumber", ["finalized", False])])
                header = _header(newest)
                return Head(header, min(header.number, _header(final).number) if final else -1)
            except NodeError:
                self._finalized = False  # some development nodes do not know the tag
        [newest] = self.rpc.call([latest])
        header = _header(newest)
        return Head(header, header.number - FALLBACK_DEPTH)

    def headers(self, numbers: Sequence[int]) -> list[Header | None]:
        """The blocks with these numbers; None for one that the node does not have."""
        answers = self.rpc.call([_block_call(number) for number in numbers])
        return [
            None if answer is None else _header(answer, number) for answer, number in zip(answers, numbers, strict=True)
        ]

    def fetch(self, first: int, last: int, addresses: Sequence[str], *, all_headers: bool) -> Fetched:
        """The logs of `addresses` in these blocks, with the headers of all of them or only of the first and the last.

        Raises RangeTooLarge, or RetryableError when the answers do not fit together.
        """
        numbers = list(range(first, last + 1)) if all_headers else sorted({first, last})
        log_calls = [self._logs_call(chunk, first, last) for chunk in _chunks(addresses)]
        try:
            answers = self.rpc.call([*log_calls, *map(_block_call, numbers)])
        except NodeError as error:
            if error.too_large and last > first:
                raise RangeTooLarge(str(error)) from error
            raise
        headers = _headers(answers[len(log_calls) :], numbers)
        fetched = Fetched(headers)
        for chunk, answer in zip(_chunks(addresses), answers, strict=False):
            self._read_logs(answer, fetched, first=first, last=last, addresses=set(chunk))
        self._ask_silent_blocks(fetched, addresses)
        _order(fetched)
        self._complete_times(fetched)
        return fetched

    def _logs_call(self, addresses: Sequence[str], first: int, last: int) -> Call:
        wanted = {"address": list(addresses), "topics": [self._topics], "fromBlock": hex(first), "toBlock": hex(last)}
        return "eth_getLogs", [wanted]

    def _read_logs(self, answer: Any, fetched: Fetched, *, first: int, last: int, addresses: Collection[str]) -> None:
        if not isinstance(answer, list):
            raise RetryableError(f"The node answered eth_getLogs with {type(answer).__name__}.")
        for entry in answer:
            log, timestamp = read_log(entry)
            known = fetched.headers.get(log.block_number)
            if known is not None and known.hash != log.block_hash:
                raise RetryableError(f"The chain changed at block {log.block_number} while it was read.")
            if not first <= log.block_number <= last or log.address not in addresses:
                raise RetryableError(f"The node answered with a log of block {log.block_number} that nobody asked for.")
            if "0x" + log.topics[:32].hex() not in self._topics:
                raise RetryableError(f"The node answered with an event in block {log.block_number} nobody asked for.")
            fetched.logs.append(log)
            if timestamp is not None:
                fetched.times[log.block_number] = timestamp

    def _ask_silent_blocks(self, fetched: Fetched, addresses: Sequence[str]) -> None:
        """Blocks without logs whose Bloom filter speaks of our contracts are asked once more, by hash."""
        heard = {log.block_number for log in fetched.logs}
        silent = [header for number, header in fetched.headers.items() if number not in heard and header.bloom]
        if not silent:
            return
        topics = [bloom_bits(bytes.fromhex(topic[2:])) for topic in self._topics]
        bits = {address: bloom_bits(bytes.fromhex(address[2:])) for address in addresses}
        for header in silent:
            hit = [address for address in addresses if header.bloom & bits[address] == bits[address]]
            if not hit or not any(header.bloom & topic == topic for topic in topics):
                continue
            for chunk in _chunks(hit):
                wanted = {"address": list(chunk), "topics": [self._topics], "blockHash": header.hash}
                [answer] = self.rpc.call([("eth_getLogs", [wanted])])
                self._read_logs(answer, fetched, first=header.number, last=header.number, addresses=set(chunk))

    def _complete_times(self, fetched: Fetched) -> None:
        """Every block with logs has a time, asked for where the logs did not carry it."""
        fetched.times |= {number: header.timestamp for number, header in fetched.headers.items()}
        hashes = {log.block_number: log.block_hash for log in fetched.logs}
        unknown = [number for number in hashes if number not in fetched.times]
        if not unknown:
            return
        for number, header in zip(unknown, self.headers(unknown), strict=True):
            if header is None or header.hash != hashes[number]:
                raise RetryableError(f"The chain changed at block {number} while it was read.")
            fetched.times[number] = header.timestamp
            fetched.headers[number] = header


@lru_cache(maxsize=100_000)
def bloom_bits(value: bytes) -> int:
    """The three bits of a value in a block's Bloom filter (Ethereum yellow paper, 4.3.1)."""
    digest = keccak(value)
    bits = 0
    for index in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[index : index + 2], "big") % 2048)
    return bits


def _chunks(addresses: Sequence[str]) -> list[Sequence[str]]:
    return [addresses[start : start + ADDRESSES_PER_CALL] for start in range(0, len(addresses), ADDRESSES_PER_CALL)]


def _block_call(number: int) -> Call:
    return "eth_getBlockByNumber", [hex(number), False]


def _headers(answers: Sequence[Any], numbers: Sequence[int]) -> dict[int, Header]:
    headers: dict[int, Header] = {}
    for number, answer in zip(numbers, answers, strict=True):
        if answer is None:
            raise RetryableError(f"The node does not have block {number} (any more).")
        headers[number] = _header(answer, number)
        before = headers.get(number - 1)
        if before is not None and before.hash != headers[number].parent_hash:
            raise RetryableError(f"The chain changed at block {number} while it was read.")
    return headers


def _header(block: Any, number: int | None = None) -> Header:
    try:
        header = Header(
            number=quantity(block["number"]),
            hash=_matching(HASH, block["hash"]),
            parent_hash=_matching(HASH, block["parentHash"]),
            timestamp=quantity(block["timestamp"]),
            bloom=int(block.get("logsBloom") or "0x0", 16),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RetryableError(f"The node answered with a malformed block ({error!r}).") from error
    if number is not None and header.number != number:
        raise RetryableError(f"The node answered with block {header.number} instead of {number}.")
    return header


def read_log(entry: Any) -> tuple[RawLog, int | None]:
    """A log as the node gives it, with its block's time if it says so. Raises RetryableError when it is malformed."""
    try:
        if entry.get("removed"):
            raise RetryableError("The node answered with a log that a reorg removed.")
        log = RawLog(
            block_number=int(entry["blockNumber"], 16),
            log_index=int(entry["logIndex"], 16),
            block_hash=_matching(HASH, entry["blockHash"]),
            tx_hash=_matching(HASH, entry["transactionHash"]),
            tx_index=int(entry["transactionIndex"], 16),
            address=_matching(ADDRESS, entry["address"]),
            topics=bytes.fromhex("".join([_matching(HASH, topic)[2:] for topic in entry["topics"]])),
            data=bytes.fromhex(entry["data"][2:]),
        )
        timestamp = entry.get("blockTimestamp")
        return log, int(timestamp, 16) if isinstance(timestamp, str) else None  # not every node gives it
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RetryableError(f"The node answered with a malformed log ({error!r}).") from error


def _matching(pattern: re.Pattern[str], value: str) -> str:
    lower = value.lower()
    if not pattern.fullmatch(lower):
        raise ValueError(f"{value!r} does not match {pattern.pattern}")
    return lower


def _order(fetched: Fetched) -> None:
    fetched.logs.sort()
    for before, after in zip(fetched.logs, fetched.logs[1:], strict=False):
        same_block = before.block_number == after.block_number
        if same_block and (before.log_index == after.log_index or before.block_hash != after.block_hash):
            raise RetryableError(f"The node gave two different accounts of block {after.block_number}.")
