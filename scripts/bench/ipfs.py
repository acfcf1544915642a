"""Speed of the block store and of sealing, as ratios to plain SHA-256 in the same run: `make bench NAME=ipfs`.

Ratios are what counts: both sides run in turn, round by round, on the same bytes and the same disk, and medians are
compared. The figures go to docs/benchmarks/ipfs.json.
"""

import hashlib
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from backend.ipfs.car import read_car, write_car
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.store import CID, blocks_of, cat, file_size, reader
from backend.ipfs.unixfs import hash_file
from backend.keys.cipher import new_content_key, open_all, open_range, seal

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "docs" / "benchmarks" / "ipfs.json"
SIZE = 100 * 2**20  # bytes
SLICE = 2**20
RANGE = 64 * 1024
ROUNDS = 7
CONTEXT = b"koinon/1|bench"

# what -> (compared with, our least ratio); nothing: no target of its own
TARGETS: dict[str, tuple[str, float | None]] = {
    "import to a CID, hash only": ("sha256", 0.8),
    "durable add": ("sha256, then write and fsync", 0.65),
    "verified read": ("sha256", 0.35),
    "seal and import, hash only": ("sha256", 0.4),
    "open a sealed stream": ("sha256", None),
    "export as CAR": ("sha256", None),
    "import a CAR, verified, durable, pinned": ("sha256", None),
}
RANGE_MS, RANGE_BLOCKS = 5.0, 3


class Bench:
    """100 MiB of random bytes, and a store that holds them plain and sealed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.key = os.urandom(SIZE), new_content_key()
        self.store = EmbeddedStore(folder / "store")
        self.root = self.store.add_file(self.data)
        self.sealed_pieces = list(seal(self.data, self.key, context=CONTEXT))
        self.sealed_root = self.store.add_file(self.sealed_pieces)
        self.fresh = self.store
        self.car = b"".join(write_car([self.root], blocks_of(self.store, self.root)))

    def sides(self) -> dict[str, Callable[[], object]]:
        """What is timed, by name."""
        return {
            "sha256": self._sha256,
            "sha256, then write and fsync": self._hash_and_write,
            "import to a CID, hash only": lambda: hash_file(self.data),
            "durable add": lambda: self.fresh.add_file(self.data),
            "verified read": lambda: drain(cat(self.store, self.root)),
            "seal and import, hash only": lambda: hash_file(seal(self.data, self.key, context=CONTEXT)),
            "open a sealed stream": lambda: drain(open_all(self.sealed_pieces, self.key, context=CONTEXT)),
            "export as CAR": lambda: drain(write_car([self.root], blocks_of(self.store, self.root))),
            "import a CAR, verified, durable, pinned": self._import_car,
        }

    def _sha256(self) -> None:
        for start in range(0, SIZE, SLICE):
            hashlib.sha256(self.data[start : start + SLICE]).digest()

    def _hash_and_write(self) -> None:
        self._sha256()
        with (self.folder / "plain").open("wb") as file:
            for start in range(0, SIZE, SLICE):
                file.write(self.data[start : start + SLICE])
            file.flush()
            os.fsync(file.fileno())

    def _import_car(self) -> None:
        store = self.fresh
        (root,), blocks = read_car(io.BytesIO(self.car))
        with store.batch() as put:
            for block in blocks:
                put(block)
        store.pin(root, "bench")

    def renew(self) -> None:
        """`fresh` is an empty store; nothing is left of what was timed before."""
        for path in self.folder.glob("tmp*"):
            shutil.rmtree(path)
        (self.folder / "plain").unlink(missing_ok=True)
        self.fresh = EmbeddedStore(Path(tempfile.mkdtemp(dir=self.folder)))

    def range(self) -> tuple[float, int]:
        """Milliseconds, the median of ranges all over the sealed file, and the most blocks that one read."""
        size, times, most = file_size(self.store, self.sealed_root), [], 0
        for number in range(50):
            counting = Counting(self.store)
            start = number * (SIZE // 50) + 12_345
            began = time.perf_counter()
            found = open_range(
                reader(counting, self.sealed_root), size, key=self.key, context=CONTEXT, start=start, length=RANGE
            )
            assert b"".join(found) == self.data[start : start + RANGE]
            times.append(time.perf_counter() - began)
            most = max(most, counting.count)
        return statistics.median(times) * 1000, most


class Counting:
    """A source that counts its blocks."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store, self.count = store, 0

    def get(self, cid: CID) -> bytes:
        self.count += 1
        return self.store.get(cid)


def drain(pieces: Iterable[bytes]) -> None:
    for _ in pieces:
        pass


def measure(bench: Bench) -> dict[str, float]:
    """Seconds by name, medians of all rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in bench.sides()}
    for _ in range(ROUNDS):
        for name, side in bench.sides().items():
            bench.renew()
            began = time.perf_counter()
            side()
            seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in seconds.items()}


def main() -> int:
    """0 once the figures are written; a target that is missed is shown in red."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        bench = Bench(Path(folder))
        seconds = measure(bench)
        milliseconds, blocks = bench.range()
    table = Table(title=f"Blocks and seals, {SIZE // 2**20} MiB, medians of {ROUNDS} rounds")
    for column in ("what", "MB/s", "ratio", "target", "of"):
        table.add_column(column, justify="left" if column in ("what", "of") else "right")
    figures: dict[str, dict[str, float | str | None]] = {}
    for name, taken in seconds.items():
        other, target = TARGETS.get(name, (name, None))
        speed, ratio = round(SIZE / 1e6 / taken), round(seconds[other] / taken, 2)
        figures[name] = {"mb_per_second": speed, "ratio": ratio, "of": other, "target": target}
        table.add_row(
            name, str(speed), red(f"{ratio:.2f}", ratio < (target or 0)), f"≥ {target}" if target else "", other
        )
    slow, many = milliseconds > RANGE_MS, blocks > RANGE_BLOCKS
    table.add_row("64 KiB of the sealed file", "", red(f"{milliseconds:.1f} ms", slow), f"≤ {RANGE_MS} ms", "")
    table.add_row("… blocks read, at most", "", red(str(blocks), many), f"≤ {RANGE_BLOCKS}", "")
    figures["64 KiB of the sealed file"] = {"milliseconds": round(milliseconds, 2), "blocks": blocks}
    Console().print(table)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def red(text: str, missed: bool) -> str:
    return f"[bold red]{text}[/]" if missed else text


if __name__ == "__main__":
    sys.exit(main())
