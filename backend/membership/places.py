"""Places on the allow-lists of tiers: told to nobody but the account itself."""

from collections.abc import Sequence

from sqlmodel import Session

from backend.community.queries import CommunityView
from backend.identity.login import Viewer
from backend.membership.lists import proofs_of
from backend.membership.queries import TierView
from backend.problems import Forbidden


class NotOnList(Forbidden):
    """The tier is for accounts on a list. `reason`: `not-on-list`, or `list-sign-in` when only the account may ask."""

    slug, title = "not-on-list", "This tier is for invited accounts"


def places_on_lists(
    session: Session, community: CommunityView, tiers: Sequence[TierView], account: str | None
) -> dict[int, list[str]]:
    """The proofs that the account is on the lists of these tiers, by tier id, where it is."""
    if account is None:
        return {}
    lists = {tier.id: (community.address, tier.allow_root) for tier in tiers if tier.listed}
    proofs = proofs_of(session, community.chain_id, set(lists.values()), account)
    return {tier_id: proofs[key] for tier_id, key in lists.items() if key in proofs}


def proof_for(
    session: Session, community: CommunityView, tier: TierView, account: str, *, viewer: Viewer | None
) -> list[str]:
    """That the account is on the tier's list, 32-byte words; none where there is no list. Raises NotOnList, also for
    everybody but the account itself."""
    if not tier.listed:
        return []
    if viewer is None or viewer.account != account.lower():
        raise NotOnList("Sign in with the wallet that is to be the member: the list is private.", reason="list-sign-in")
    proof = places_on_lists(session, community, [tier], account).get(tier.id)
    if proof is None:
        raise NotOnList("This wallet is not on the list of the tier. Ask the founder.", reason="not-on-list")
    return proof


def words_of(proof: Sequence[str]) -> list[bytes]:
    """As a contract takes it."""
    return [bytes.fromhex(each[2:]) for each in proof]
