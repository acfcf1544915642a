"""Which addresses are ours: of which contract, and of which community."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from indexer.events.community import CommunityOpened
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community

COMMUNITIES: Table = Community.__table__  # type: ignore[attr-defined]


class Known(NamedTuple):
    """A contract whose logs are read. `community` is the zero address for the factory."""

    kind: str
    community: str


@dataclass(slots=True)
class Registry:
    """The contracts of one chain; it grows by every community opened."""

    contracts: dict[str, Known] = field(default_factory=dict)

    @property
    def addresses(self) -> list[str]:
        return list(self.contracts)

    def add(self, event: CommunityOpened) -> list[str]:
        """The contracts of a new community are ours. Returns those that were not before."""
        children = {
            event.community: Known("Community", event.community),
            event.membership: Known("Membership", event.community),
        }
        new = [address for address in children if address not in self.contracts]
        self.contracts |= children
        return new


def factory_registry(factory: str) -> Registry:
    """Only the factory: what is known before any block."""
    return Registry({factory: Known("CommunityFactory", ZERO_ADDRESS)})


def load_registry(connection: Connection, chain_id: int, *, factory: str) -> Registry:
    """The factory, and the contracts of every community in the tables."""
    registry = factory_registry(factory)
    opened = select(COMMUNITIES.c.address, COMMUNITIES.c.membership).where(COMMUNITIES.c.chain_id == chain_id)
    for address, membership in connection.execute(opened):
        registry.contracts[address] = Known("Community", address)
        registry.contracts[membership] = Known("Membership", address)
    return registry
