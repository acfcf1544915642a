"""What authors signed, from a community's log as its home gives it out, checked without believing the home."""

from collections.abc import Callable
from io import BytesIO

from backend.identity.delegation import read_delegation, verify_p256
from backend.identity.signature import recover, typed_digest
from backend.ipfs.car import read_car
from backend.log.act import Act, parse_act, typed_data
from backend.log.record import parse_record


class Tampered(Exception):
    """What the home said is not what an author signed."""


class Authored:
    """The acts of logs by their ids; `fetch` gives a log's CAR after a record number. Reads only what is new."""

    def __init__(self, fetch: Callable[[str, int], bytes]) -> None:
        self._fetch = fetch
        self._acts: dict[tuple[str, str], Act] = {}
        self._seq: dict[str, int] = {}
        self._blocks: dict[str, bytes] = {}

    def act(self, community: str, act_id: str) -> Act:
        """The act with this id, which its author signed. Raises Tampered when the log has none."""
        key = (community.lower(), act_id)
        while key not in self._acts:
            if not self._read_page(community.lower()):
                raise Tampered(f"the log of {community} has no act {act_id}")
        return self._acts[key]

    def _read_page(self, community: str) -> bool:
        """Whether the log had more."""
        roots, blocks = read_car(BytesIO(self._fetch(community, self._seq.get(community, 0))))
        self._blocks |= {block.cid.encode(): block.data for block in blocks}
        if not roots:
            return False
        cid: str | None = roots[0].encode()
        newest = parse_record(self._blocks[roots[0].encode()]).seq
        while cid is not None and cid in self._blocks:
            record = parse_record(self._blocks[cid])
            if record.seq <= self._seq.get(community, 0):
                break
            act = parse_act(self._blocks[record.act])
            self._check(act)
            self._acts[community, act.id] = act
            cid = record.prev
        self._seq[community] = newest
        return True

    def _check(self, act: Act) -> None:
        if act.key is None:
            signer = recover(typed_digest(typed_data(act)), act.sig)
        else:
            delegation = read_delegation(act.key, self._blocks[act.key])
            verify_p256(delegation.public_key, act.signing_bytes, act.sig)
            signer = delegation.account
        if signer != act.author:
            raise Tampered(f"act {act.id} is not signed by its author")
