"""Gated words from chain, block store and one recovery key: what is left when a host burns down."""

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from backend.ipfs.store import BlockMissing, BlockSource, cat, parse_cid
from backend.keys.bodies import Plain, unseal
from backend.keys.envelope import unwrap
from backend.keys.keyring import KeyringBroken, open_keyring
from backend.log.act import parse_act
from backend.log.manifest import Manifest, parse_page, parse_wraps
from backend.log.record import parse_record


def content_keys_of(source: BlockSource, manifest: Manifest, key: EllipticCurvePrivateKey) -> dict[str, bytes]:
    """Every content key of the community by item id. Raises KeyringBroken when the key is none of its recovery keys."""
    if manifest.keyring is None:
        raise KeyringBroken("this community has no recovery keys")
    keks = open_keyring(source.get(parse_cid(manifest.keyring)), key)
    entries = [entry for page in manifest.wraps for entry in parse_wraps(source.get(parse_cid(page)))]
    return {entry.item: unwrap(entry.wrapped, keks[entry.kek]) for entry in entries}


def gated_bodies(source: BlockSource, manifest: Manifest, key: EllipticCurvePrivateKey) -> Iterator[tuple[str, Plain]]:
    """(act id, words) of every gated text of the log that was not erased, checked against what its author signed."""
    keys = content_keys_of(source, manifest, key)
    chain_id, community = manifest.head.chain_id, manifest.head.community
    for page in manifest.pages:
        for cid in parse_page(source.get(parse_cid(page))):
            act = parse_act(source.get(parse_cid(parse_record(source.get(parse_cid(cid))).act)))
            sealed = _sealed(act.data, act.body.cid if act.body else None, act.body.commit if act.body else b"")
            if sealed is None or sealed[0] not in keys:
                continue
            item, body, commit = sealed
            try:
                block = b"".join(cat(source, parse_cid(body)))
            except BlockMissing:
                continue
            yield act.id, unseal(block, keys[item], chain_id=chain_id, community=community, item=item, commit=commit)


def reopen(source: BlockSource, manifest: Manifest, key: EllipticCurvePrivateKey) -> int:
    """How many gated texts one recovery key opens again."""
    return sum(1 for _ in gated_bodies(source, manifest, key))


def _sealed(data: dict[str, object], body: str | None, commit: bytes) -> tuple[str, str, bytes] | None:
    """(item, block, commit) of the gated text that an act's data names: a post's `sealed`, or a reply's `item`."""
    sealed, item = data.get("sealed"), data.get("item")
    if isinstance(sealed, dict):
        return sealed["item"].hex(), sealed["cid"], sealed["commit"]
    if isinstance(item, bytes) and body is not None:
        return item.hex(), body, commit
    return None
