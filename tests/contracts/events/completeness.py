"""Which events and views of a contract there are, and which of them need not be met in histories"""

from collections import Counter
from collections.abc import Iterable

from scripts.export_abi import BEHIND
from scripts.solc import artifacts
from tests.contracts.events.badges import BadgesPart
from tests.contracts.events.community import CommunityPart
from tests.contracts.events.crowdsale import CrowdsalePart, TokenPart
from tests.contracts.events.market import MarketPart
from tests.contracts.events.membership import MembershipPart
from tests.contracts.events.recording import Part
from tests.contracts.events.store import StorePart

FIXED = "the same for ever: code, arguments of the clone, or of the call alone"
TEXT = "text and pictures, made of what other views say"
FOLLOWS = "computed from what other views say, and the time"
UNASKED = {
    "CLOCK_MODE": FIXED,
    "DOMAIN_SEPARATOR": FIXED,
    "clock": FIXED,
    "communityFactory": FIXED,
    "decimals": FIXED,
    "eip712Domain": FIXED,
    "listingDigest": FIXED,
    "messageForTransferRestriction": FIXED,
    "offerDigest": FIXED,
    "royaltyInfo": FIXED,
    "supportsInterface": FIXED,
    "contractURI": TEXT,
    "imageOf": TEXT,
    "metadataOf": TEXT,
    "tokenURI": TEXT,
    "uri": TEXT,
    "allocationOf": FOLLOWS,
    "balanceOfBatch": FOLLOWS,
    "claimableOf": FOLLOWS,
    "detectTransferRestriction": FOLLOWS,
    "isRenewable": FOLLOWS,
    "joinPrice": FOLLOWS,
    "listingStatus": FOLLOWS,
    "offerStatus": FOLLOWS,
    "quote": FOLLOWS,
    "refundOf": FOLLOWS,
    "releasable": FOLLOWS,
    "renewalPrice": FOLLOWS,
    "renewalStatus": FOLLOWS,
    "nonces": "ERC-2612 and ERC-5805 know no event for it",
}
PARTS: tuple[type[Part], ...] = (
    CommunityPart,
    MembershipPart,
    BadgesPart,
    MarketPart,
    CrowdsalePart,
    TokenPart,
    StorePart,
)


def check_events(seen: Counter[tuple[str, str]], contracts: Iterable[str], floor: int, *elsewhere: str) -> None:
    """Each event of the contracts that changes a replica was met so often, but those that are met elsewhere."""
    silent = {part.contract: part.silent for part in PARTS}
    events = [(contract, name) for contract in contracts for name in _names(contract, "event")]
    wanted = [(contract, name) for contract, name in events if name not in {*silent[contract], *elsewhere}]
    poor = {event: seen[event] for event in wanted if seen[event] < floor}
    assert not poor, poor


def check_views(asked: Counter[tuple[str, str]], contracts: Iterable[str], *elsewhere: str) -> None:
    """Each view of the contracts was compared, but those that are listed here or compared elsewhere."""
    left = {
        (contract, name)
        for contract in contracts
        for name in _names(contract, "function")
        if name not in {*UNASKED, *elsewhere} and not asked[contract, name]
    }
    assert not left, left


def _names(contract: str, kind: str) -> set[str]:
    known = artifacts()
    items = [item for name in (contract, *BEHIND.get(contract, ())) for item in known[name].abi]
    return {
        str(item["name"])
        for item in items
        if item["type"] == kind and item.get("stateMutability", "view") in ("view", "pure")
    }
