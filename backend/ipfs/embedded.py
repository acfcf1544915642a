"""The write path: blocks as files, in the layout of Kubo's flatfs (`next-to-last/2`), so that a Kubo can read them.

<folder>/QX/CIQ….data   a block, named by its multihash in base32; renamed into place when its bytes are on disk
<folder>/QX/CIQ….bad    what a damaged block's file held; the block itself heals from a replica
<folder>/QX/CIQ….gone   the block was deleted on purpose: no replica brings it back, only a new `put`
<folder>/pins.db        pins, each recorded after its blocks were walked, hashed and made durable
<folder>/.lock          shared by writers and pins, exclusive for `delete` and `gc`; the kernel frees it on a crash
"""

import base64
import errno
import fcntl
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from backend import clock
from backend.ipfs import unixfs
from backend.ipfs.cid import RAW
from backend.ipfs.pinned import PinTable
from backend.ipfs.store import (
    BLOCK_LIMIT,
    CID,
    Block,
    BlockCorrupt,
    BlockMissing,
    BlockSource,
    Pin,
    StoreError,
    StoreFull,
    StoreUnavailable,
    check,
    check_name,
    codec_of,
    links,
    walk,
)

LAYOUT = "/repo/flatfs/shard/v1/next-to-last/2\n"  # go-ds-flatfs
STALE_SECONDS = 3600  # a temporary file this old belongs to no living writer
WRITERS = 16  # threads of a batch that wait for the disk, whose journal takes them together; so many blocks in memory
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class EmbeddedStore:
    """A folder of blocks. Safe for several threads and processes at once.

    `keep_free`: bytes of the disk that blocks never take. `fsync=False` is for tests and throw-away folders only.
    """

    def __init__(
        self, folder: Path, *, fsync: bool = True, replicas: Sequence[BlockSource] = (), keep_free: int = 0
    ) -> None:
        self._folder, self._fsync, self._replicas, self._keep_free = folder, fsync, tuple(replicas), keep_free
        self._temporary = folder / ".temp"
        with _failures():
            self._temporary.mkdir(parents=True, exist_ok=True)
            self._sweep_temporary()
            layout = folder / "SHARDING"
            if not layout.exists():
                self._replace(layout, LAYOUT.encode())
            if layout.read_text() != LAYOUT:
                raise StoreError(f"{folder} holds blocks in another layout: {layout.read_text().strip()}")
        self._pins = PinTable(folder / "pins.db", fsync=fsync)

    def get(self, cid: CID) -> bytes:
        """As the seam says. A missing or damaged block is read from the replicas and kept."""
        path = self._path(cid)
        try:
            return self._read(cid, path)
        except BlockCorrupt as error:
            self._set_aside(cid, path)
            return self._heal(cid, path, error)
        except BlockMissing as error:
            return self._heal(cid, path, error)

    def has(self, cid: CID) -> bool:
        return self._path(cid).exists()

    def put(self, block: Block) -> None:
        check(block.cid, block.data)
        with self._lock(fcntl.LOCK_SH), _failures():
            self._sync({self._keep(block)})

    @contextmanager
    def batch(self) -> Iterator[Callable[[Block], None]]:
        """A `put` for many blocks: all are durable when the context ends, and no earlier. Pin after it, not inside."""
        with self._writers() as put:

            def checked(block: Block) -> None:
                check(block.cid, block.data)
                put(block)

            yield checked

    def add_file(self, source: unixfs.Source) -> CID:
        """The CID of the file, whose blocks are durable but not pinned. Errors: those of `put`, the source's own."""
        with self._writers() as put:
            return unixfs.import_file(source, put)  # which hashed what it puts

    def delete(self, cid: CID) -> None:
        path = self._path(cid)
        with self._lock(fcntl.LOCK_EX), _failures():
            path.parent.mkdir(exist_ok=True)
            self._replace(path.with_suffix(".gone"), b"")
            path.unlink(missing_ok=True)
            path.with_suffix(".bad").unlink(missing_ok=True)
            self._sync({path.parent})

    def pin(self, root: CID, name: str) -> None:
        check_name(name)
        with self._lock(fcntl.LOCK_SH):
            folders = {self._path(each).parent for each in walk(self, root)}
            with _failures():
                self._sync(folders)
            self._pins.add(Pin(root, name))

    def unpin(self, root: CID, name: str) -> None:
        self._pins.remove(Pin(root, name))

    def pins(self, prefix: str = "") -> list[Pin]:
        return self._pins.list(prefix)

    def gc(self, grace_seconds: int) -> int:
        """Blocks that no pin holds and nobody put for `grace_seconds` are gone; how many. Never run by itself.

        Errors: BlockMissing, BlockCorrupt when a pinned node cannot be read: then nothing is removed, since what lies
        below it is unknown.
        """
        marked: set[Path] = set()
        done = self._mark(marked, done=set())  # takes long, so without the lock
        with self._lock(fcntl.LOCK_EX), _failures():
            self._mark(marked, done=done)  # what was pinned meanwhile
            return self._sweep(marked, before=clock.now() - grace_seconds)

    @contextmanager
    def _writers(self) -> Iterator[Callable[[Block], None]]:
        """A `put` of blocks that were checked, whose waits for the disk overlap."""
        folders: set[Path] = set()
        waiting: deque[Future[Path]] = deque()

        def put(block: Block) -> None:
            waiting.append(pool.submit(self._keep, block))
            while len(waiting) > WRITERS:
                folders.add(waiting.popleft().result())

        with self._lock(fcntl.LOCK_SH), ThreadPoolExecutor(WRITERS) as pool:
            yield put
            folders.update(each.result() for each in waiting)
            with _failures():
                self._sync(folders, pool.map)

    def _path(self, cid: CID) -> Path:
        try:
            codec_of(cid)
        except ValueError as error:
            raise BlockCorrupt(cid, str(error)) from error
        key = base64.b32encode(cid.cid_bytes[2:]).decode().rstrip("=")
        return self._folder / key[-3:-1] / f"{key}.data"

    def _read(self, cid: CID, path: Path) -> bytes:
        try:
            with path.open("rb", buffering=0) as file:  # one read into a buffer of the right size: twice as fast
                data = file.read(min(os.fstat(file.fileno()).st_size, BLOCK_LIMIT) + 1)
        except FileNotFoundError as error:
            raise BlockMissing(cid) from error
        except OSError as error:
            raise StoreUnavailable(f"cannot read {path}: {error}") from error
        check(cid, data)
        return data

    def _set_aside(self, cid: CID, path: Path) -> None:
        """The damaged file is `.bad`. If a writer healed the block in the meantime, its file stays in place."""
        bad = path.with_suffix(".bad")
        with suppress(FileNotFoundError), _failures(FileNotFoundError):
            path.replace(bad)
            with suppress(BlockCorrupt, BlockMissing):
                self._read(cid, bad)
                bad.replace(path)

    def _heal(self, cid: CID, path: Path, lost: StoreError) -> bytes:
        if path.with_suffix(".gone").exists():
            raise BlockMissing(cid) from lost
        for replica in self._replicas:
            try:
                data = replica.get(cid)
            except StoreUnavailable as error:
                lost = error  # it may hold the block: not known to be missing
                continue
            except StoreError:
                continue
            with suppress(StoreFull, StoreUnavailable):  # the reader has its bytes all the same
                self.put(Block(cid, data))
            return data
        raise lost

    def _keep(self, block: Block) -> Path:
        """The checked block's file is in place and its bytes are on disk; its folder's entry may not be."""
        path = self._path(block.cid)
        with _failures():
            if self._holds(path, block.data):
                os.utime(path)  # `gc` sees it as new
            else:
                self._check_room(len(block.data))
                path.parent.mkdir(exist_ok=True)
                self._replace(path, block.data)
            path.with_suffix(".gone").unlink(missing_ok=True)
        return path.parent

    def _holds(self, path: Path, data: bytes) -> bool:
        try:
            return path.read_bytes() == data
        except FileNotFoundError:
            return False

    def _check_room(self, size: int) -> None:
        disk = os.statvfs(self._folder)
        if self._keep_free and disk.f_bavail * disk.f_frsize - size < self._keep_free:
            raise StoreFull(f"less than {self._keep_free} bytes would be left free in {self._folder}")

    def _replace(self, path: Path, data: bytes) -> None:
        """The file holds these bytes, or what it held before; no reader ever sees a part."""
        temporary = self._temporary / f"{path.name}.{secrets.token_hex(8)}"
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                if self._fsync:
                    os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise

    def _sync(self, folders: set[Path], each: Callable[..., Iterable[None]] = map) -> None:
        """The entries of these folders are on disk, and those of the folder that holds them."""
        if self._fsync:
            deque(each(_sync_folder, [*folders, self._folder]), maxlen=0)

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        with _failures():
            descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    def _sweep_temporary(self) -> None:
        for path in self._temporary.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < clock.now() - STALE_SECONDS:
                    path.unlink()

    def _mark(self, marked: set[Path], *, done: set[CID]) -> set[CID]:
        """The files of all pinned blocks are marked. Leaves are not read, deleted blocks are passed over."""
        waiting = [pin.root for pin in self._pins.list("") if pin.root not in done]
        done.update(waiting)
        while waiting:
            cid = waiting.pop()
            path = self._path(cid)
            if path in marked:
                continue
            marked.add(path)
            if codec_of(cid) != RAW and not path.with_suffix(".gone").exists():
                waiting.extend(links(cid, self._read(cid, path)))
        return done

    def _sweep(self, marked: set[Path], *, before: int) -> int:
        stale = [
            path for path in self._folder.glob("??/*.data") if path not in marked and path.stat().st_mtime < before
        ]
        for path in stale:
            path.unlink()
        self._sync({path.parent for path in stale})
        return len(stale)


@contextmanager
def _failures(*passed: type[OSError]) -> Iterator[None]:
    """What the disk refuses is a StoreFull or a StoreUnavailable with the system's reason."""
    try:
        yield
    except passed:
        raise
    except OSError as error:
        raise (StoreFull if error.errno in _FULL else StoreUnavailable)(str(error)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
