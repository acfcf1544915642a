"""A replica: a Kubo node's RPC through ipfshttpclient, none of whose answers is believed."""

from cbrrr import CID

from backend.ipfs.store import Block, BlockSource, Pin


class KuboStore:
    """A Kubo daemon at an RPC multiaddr, such as `/ip4/127.0.0.1/tcp/5001`."""

    def __init__(self, address: str) -> None:
        raise NotImplementedError

    def get(self, cid: CID) -> bytes:
        raise NotImplementedError

    def has(self, cid: CID) -> bool:
        raise NotImplementedError

    def put(self, block: Block) -> None:
        raise NotImplementedError

    def delete(self, cid: CID) -> None:
        raise NotImplementedError

    def pin(self, root: CID, name: str) -> None:
        raise NotImplementedError

    def unpin(self, root: CID, name: str) -> None:
        raise NotImplementedError

    def pins(self, prefix: str = "") -> list[Pin]:
        raise NotImplementedError

    def push(self, source: BlockSource, root: CID, name: str) -> None:
        """Every block below the root was sent as one streamed CAR and is pinned under the name."""
        raise NotImplementedError
