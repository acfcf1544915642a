"""A replica: a Kubo daemon's RPC through ipfshttpclient 0.7.0, none of whose answers is believed.

What the client and the daemon do, and how it is met here:
- `connect()` refuses every current Kubo: `Client(...)` is used, which checks no version.
- Kubo reports late errors in an HTTP trailer, which Python's clients drop: every block is hashed, every import counted.
- A cut connection raises requests' own exceptions: both families become StoreUnavailable.
- The client's wrappers assert on answers of zero or several objects: every JSON call streams, and counts itself.
- A read timeout is per read: `get` has a deadline of its own and a size limit.
- Kubo keeps one name per pinned root: a second name pins a small block that links the root.
"""

import re
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any

import ipfshttpclient
import requests
from ipfshttpclient.client.base import ResponseBase
from ipfshttpclient.exceptions import Error, ErrorResponse

from backend.dag_cbor import encode_dag_cbor
from backend.ipfs.car import write_car
from backend.ipfs.cid import DAG_CBOR, DAG_PB, RAW
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
    blocks_of,
    check,
    check_name,
    codec_of,
    dag_block,
    parse_cid,
)

# requests' pool gets a parameter of Python 2 from ipfshttpclient; `urllib3<3` still takes it, and says so at each call.
warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)

CHUNK = 256 * 1024  # bytes of an upload per write
CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
WALK_SECONDS = 600.0  # a pin or an import answers only when the daemon has read everything
_CODEC_NAMES = {RAW: "raw", DAG_PB: "dag-pb", DAG_CBOR: "dag-cbor"}
_CID = re.compile(r"\bb[a-z2-7]{58}\b")
_MISSING = ("could not find", "key not found", "merkledag: not found")  # of several versions
_LOCAL = {"offline": "true"}  # never ask the network: it would wait for a block until the timeout


class KuboStore:
    """A Kubo daemon at an RPC multiaddr, such as `/ip4/127.0.0.1/tcp/5001`. A client per thread."""

    def __init__(
        self,
        address: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        walk_seconds: float = WALK_SECONDS,
    ) -> None:
        self._address, self._timeout = address, (connect_seconds, read_seconds)
        self._walk_timeout = (connect_seconds, walk_seconds)
        self._local = threading.local()
        self._clients: list[Any] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """No connection is open, of any thread."""
        with self._lock:
            self._local = threading.local()
            while self._clients:
                self._clients.pop().close()

    def version(self) -> str:
        """What the daemon calls itself. Errors: StoreUnavailable."""
        with _answers():
            found = _objects(self._client().version(stream=True))
        if len(found) != 1 or "Version" not in found[0]:
            raise StoreUnavailable(f"{self._address} is no IPFS daemon: {found}")
        return str(found[0]["Version"])

    def get(self, cid: CID) -> bytes:
        deadline = time.monotonic() + self._timeout[1]
        parts, size = [], 0
        with _answers(cid), self._client().block.get(_text(cid), opts=dict(_LOCAL), stream=True) as answer:
            for part in answer:
                parts.append(part)
                size += len(part)
                if size > BLOCK_LIMIT:
                    raise BlockCorrupt(cid, f"more than {BLOCK_LIMIT} bytes came")
                if time.monotonic() > deadline:
                    raise StoreUnavailable(f"block {cid.encode()} came too slowly")
        data = b"".join(parts)
        check(cid, data)
        return data

    def has(self, cid: CID) -> bool:
        try:
            with _answers(cid):
                _objects(self._client().block.stat(_text(cid), opts=dict(_LOCAL), stream=True))
        except BlockMissing:
            return False
        return True

    def put(self, block: Block) -> None:
        check(block.cid, block.data)
        opts = {"cid-codec": _CODEC_NAMES[codec_of(block.cid)], "mhtype": "sha2-256", "pin": "false"}
        with _answers(block.cid):
            found = _objects(self._client().block.put(BytesIO(block.data), opts=opts, stream=True))
        if [each.get("Key") for each in found] != [block.cid.encode()]:
            raise StoreUnavailable(f"block {block.cid.encode()} was kept as {found}")

    def delete(self, cid: CID) -> None:
        """As the seam says. Errors: StoreError when a pin holds the block, which Kubo then keeps."""
        with _answers():
            # ipfshttpclient 0.7.0 has no block.rm.
            request = self._client()._client.request  # noqa: SLF001
            found = _objects(request("/block/rm", (_text(cid),), opts={"force": "true"}, decoder="json", stream=True))
        refused = [each["Error"] for each in found if each.get("Error")]
        if refused:
            raise StoreError(f"block {cid.encode()} was not removed: {refused[0]}")
        if [each.get("Hash") for each in found] != [cid.encode()]:
            raise StoreUnavailable(f"block {cid.encode()} was removed as {found}")

    def pin(self, root: CID, name: str) -> None:
        """As the seam says, as far as the daemon's walk can be believed: `walk` reads and hashes for certainty."""
        check_name(name)
        if self._name_of(root) in (None, name):
            return self._pin(root, name)
        second = _second_name(root, name)
        self.put(second)
        return self._pin(second.cid, f"{name} {root.encode()}")

    def unpin(self, root: CID, name: str) -> None:
        second = _second_name(root, name).cid
        for pinned, expected in ((root, name), (second, f"{name} {root.encode()}")):
            if self._name_of(pinned) == expected:
                with _answers():
                    _objects(self._client().pin.rm(pinned.encode(), stream=True))

    def pins(self, prefix: str = "") -> list[Pin]:
        found = (_pin_of(text, name) for text, name in self._listed().items() if name.startswith(prefix))
        return sorted((pin for pin in found if pin), key=lambda pin: (pin.name, pin.root.cid_bytes))

    def push(self, source: BlockSource, root: CID, name: str) -> None:
        """Every block below the root was sent as one streamed CAR and is pinned under the name.

        Errors: those of the source's `get`; StoreUnavailable when the daemon counts other blocks than were sent.
        """
        check_name(name)
        upload = _Upload(root, blocks_of(source, root))
        opts = {"pin-roots": "false", "stats": "true", **_LOCAL}
        with _answers():
            found = _objects(self._client().dag.imprt(upload, opts=opts, stream=True, timeout=self._walk_timeout))
        counted = [each["Stats"].get("BlockCount") for each in found if isinstance(each.get("Stats"), dict)]
        if counted != [upload.count]:
            raise StoreUnavailable(f"{upload.count} blocks were sent, the daemon counts {counted}")
        self.pin(root, name)

    def _client(self) -> Any:
        """This thread's client: requests does not promise that a session can be shared."""
        client = getattr(self._local, "client", None)
        if client is None:
            client = ipfshttpclient.Client(self._address, session=True, timeout=self._timeout, chunk_size=CHUNK)
            client._client._session.trust_env = False  # noqa: SLF001  # a proxy for the web is none for the daemon
            with self._lock:
                self._local.client = client
                self._clients.append(client)
        return client

    def _pin(self, root: CID, name: str) -> None:
        opts = {"name": name, **_LOCAL}
        with _answers(root):
            found = _objects(self._client().pin.add(root.encode(), opts=opts, stream=True, timeout=self._walk_timeout))
        if [each.get("Pins") for each in found] != [[root.encode()]]:
            raise StoreUnavailable(f"{root.encode()} was pinned as {found}")

    def _name_of(self, root: CID) -> str | None:
        """The name of the root's own pin; nothing when it has none."""
        try:
            return self._listed(_text(root)).get(root.encode())
        except _NotPinned:
            return None

    def _listed(self, *roots: str) -> dict[str, str]:
        """Names by root of recursive pins. One object, so a cut answer is no shorter list but an error."""
        with _answers():
            found = _objects(
                self._client().pin.ls(*roots, type="recursive", opts={"names": "true", **_LOCAL}, stream=True)
            )
        keys = found[0].get("Keys", {}) if len(found) == 1 else None  # left out when nothing is pinned
        if not isinstance(keys, dict) or not all(isinstance(each, dict) for each in keys.values()):
            raise StoreUnavailable(f"pins are listed as {str(found)[:200]}")
        return {text: str(each.get("Name", "")) for text, each in keys.items()}


class _NotPinned(StoreError):
    """The daemon was asked about a pin that it does not have."""


class _Upload:
    """A CAR as a file to read from, made while it is sent; counts its blocks."""

    def __init__(self, root: CID, blocks: Iterable[Block]) -> None:
        self.count = 0
        self._pieces = write_car([root], self._counted(blocks))

    def _counted(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            self.count += 1
            yield block

    def read(self, size: int = -1) -> bytes:
        """The next piece, of any length: ipfshttpclient cuts it. Nothing at the end."""
        return next(self._pieces, b"")


def _second_name(root: CID, name: str) -> Block:
    return dag_block(encode_dag_cbor({"koinon": "pin", "name": name, "root": root}))


def _pin_of(text: str, name: str) -> Pin | None:
    """The pin that a listed root and its name stand for; nothing for a stranger's pin of another kind of CID."""
    first, _, second = name.partition(" ")
    try:
        return Pin(parse_cid(second or text), first)
    except ValueError:
        return None


def _text(cid: CID) -> str:
    try:
        codec_of(cid)
    except ValueError as error:
        raise BlockCorrupt(cid, str(error)) from error
    return cid.encode()


def _objects(answer: Any) -> list[dict[str, Any]]:
    """The JSON objects of a streamed answer. Errors: StoreUnavailable when it holds anything else."""
    with answer:
        found = [each.as_json() if isinstance(each, ResponseBase) else each for each in answer]
    if not all(isinstance(each, dict) for each in found):
        raise StoreUnavailable("the IPFS daemon answers in another shape")
    return found


@contextmanager
def _answers(asked: CID | None = None) -> Iterator[None]:
    """What goes wrong at or on the way to the daemon is one of the seam's errors."""
    try:
        yield
    except ErrorResponse as error:
        raise _refusal(str(error), asked) from error
    except (Error, requests.exceptions.RequestException) as error:
        raise StoreUnavailable(f"the IPFS daemon does not answer: {error}") from error


def _refusal(message: str, asked: CID | None) -> StoreError:
    """The seam's error for the daemon's words."""
    if "is not pinned" in message or "not pinned or pinned indirectly" in message:
        return _NotPinned(message)
    if "no space left" in message:
        return StoreFull(message)
    if any(words in message for words in _MISSING):
        missing = _named_cid(message) or asked
        if missing:
            return BlockMissing(missing)
    return StoreUnavailable(f"the IPFS daemon refused: {message}")


def _named_cid(message: str) -> CID | None:
    named = _CID.search(message)
    with suppress(ValueError):
        return parse_cid(named[0]) if named else None
    return None
