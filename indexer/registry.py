"""Which addresses are ours: of which contract, and of which community."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from indexer.deployments import Deployment
from indexer.events import EVENTS, Event
from indexer.events.community import CommunityOpened
from indexer.events.crowdsale import CrowdsaleMade
from indexer.events.market import (
    ListingAnnounced,
    ListingBought,
    OfferAccepted,
    OfferAnnounced,
    TillOpened,
    TillPaidOut,
)
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community
from indexer.tables.crowdsale import Sale

COMMUNITIES: Table = Community.__table__  # type: ignore[attr-defined]
SALES: Table = Sale.__table__  # type: ignore[attr-defined]
PARENTS = frozenset({"CommunityFactory", "CrowdsaleFactory"})
"""Kinds of contracts whose events tell of new contracts."""


class Known(NamedTuple):
    """A contract whose logs are read, and its community, with the Membership contract of that: both the zero address
    for one that serves all communities.
    """

    kind: str
    community: str
    membership: str


@dataclass(slots=True)
class Registry:
    """The contracts of one chain; it grows by every community opened and every crowdsale made."""

    contracts: dict[str, Known] = field(default_factory=dict)

    @property
    def addresses(self) -> list[str]:
        return list(self.contracts)

    def add(self, event: CommunityOpened | CrowdsaleMade) -> list[str]:
        """The contracts that were made are ours. Returns those that were not before.

        A sale is only if a community of ours made it: anybody else can call the factory too.
        """
        if isinstance(event, CommunityOpened):
            children = _of_community(event.community, event.membership, event.badges, event.store)
        else:
            parent = self._community(event.community)
            children = {} if parent is None else _of_sale(parent, event.sale, event.token)
        new = [address for address in children if address not in self.contracts]
        self.contracts |= children
        return new

    def subject_of(self, known: Known, event: Event) -> Known | None:
        """What the event is about: the contract itself, or what it names; None for what is a stranger's."""
        if known.community != ZERO_ADDRESS:
            return known
        if isinstance(event, CommunityOpened):
            return self.contracts[event.community]
        if isinstance(event, CrowdsaleMade):
            return self._community(event.community)
        collection = _collection_of(event)
        return known if collection is None else self.contracts.get(collection)

    def _community(self, address: str) -> Known | None:
        known = self.contracts.get(address)
        return known if known is not None and known.kind == "Community" else None


def _collection_of(event: Event) -> str | None:
    """The contract whose token the market speaks of."""
    if isinstance(event, ListingAnnounced):
        return event.listing.collection
    if isinstance(event, OfferAnnounced):
        return event.offer.collection
    if isinstance(event, ListingBought | OfferAccepted | TillOpened | TillPaidOut):
        return event.collection
    return None


def _of_community(community: str, membership: str, badges: str, store: str) -> dict[str, Known]:
    clones = {"Community": community, "Membership": membership, "Badges": badges, "Store": store}
    return {address: Known(kind, community, membership) for kind, address in clones.items()}


def _of_sale(community: Known, sale: str, token: str) -> dict[str, Known]:
    children = {sale: community._replace(kind="Crowdsale")}
    if token != ZERO_ADDRESS:
        children[token] = community._replace(kind="CommunityToken")
    return children


def root_registry(deployment: Deployment) -> Registry:
    """Only the contracts of which a chain has one: what is known before any block."""
    roots = {name: contract for name, contract in deployment.contracts.items() if name in EVENTS}
    return Registry({contract.address: Known(name, ZERO_ADDRESS, ZERO_ADDRESS) for name, contract in roots.items()})


def load_registry(connection: Connection, deployment: Deployment) -> Registry:
    """Those, and the contracts of every community and sale in the tables."""
    registry, chain_id = root_registry(deployment), deployment.chain_id
    clones = [COMMUNITIES.c[name] for name in ("address", "membership", "badges", "store")]
    for row in connection.execute(select(*clones).where(COMMUNITIES.c.chain_id == chain_id)):
        registry.contracts |= _of_community(*row)
    made = select(SALES.c.community, SALES.c.address, SALES.c.token).where(SALES.c.chain_id == chain_id)
    for community, sale, token in connection.execute(made):
        registry.contracts |= _of_sale(registry.contracts[community], sale, token)
    return registry
