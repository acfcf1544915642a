"""What a license opens: the posts, with their files, behind the gates that ask for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from backend.community.queries import CommunityView
from backend.content.queries import PostView, posts_behind
from backend.content.reading import passes
from backend.gates.access import gates_of
from backend.gates.decision import license_opens

MOST_SHOWN = 12
"""Posts of one gate that a product's page names, the newest."""
MOST_IN_ALL = 24
"""However many gates ask for it: each that is shown is decided."""


@dataclass(frozen=True)
class Opened:
    """A post that asks for the license. `alone`: nothing else is needed; `readable`: the viewer passes its gate now."""

    post: PostView
    alone: bool
    readable: bool

    @property
    def files(self) -> int:
        """Of them behind the gate."""
        return sum(1 for file in self.post.files if file.item is not None)


def opened_by(
    session: Session,
    community: CommunityView,
    products: Collection[int],
    *,
    account: str | None,
    at: int,
    each: int = MOST_SHOWN,
) -> Mapping[int, Sequence[Opened]]:
    """By product, the newest posts whose gate asks for its license: `each` of a gate and MOST_IN_ALL at most."""
    chain_id, address = community.chain_id, community.address
    asking: dict[int, dict[str, bool]] = {product: {} for product in products}
    for gate, rule in gates_of(session, chain_id, address).items():
        for product in products:
            alone = license_opens(rule, product, at=at)
            if alone is not None:
                asking[product][gate] = alone
    gates = {gate for found in asking.values() for gate in found}
    posts = posts_behind(session, chain_id, address, gates, each=each, most=MOST_IN_ALL)
    shown = {post.gate for post in posts}
    open_gates = {gate: passes(session, chain_id, address, gate, account) for gate in shown}
    return {
        product: [
            Opened(post, found[post.gate], open_gates[post.gate])
            for post in posts
            if post.gate is not None and post.gate in found
        ]
        for product, found in asking.items()
    }
