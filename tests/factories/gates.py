"""Rules and holdings as Hypothesis makes them: any tree of any leaves over few ids, so that they meet."""

from hypothesis import strategies as st

from backend.gates.decision import FOREVER, Balance, Held, Holdings
from backend.gates.rule import (
    Asset,
    AtLeast,
    BadgeLevel,
    Between,
    Contributed,
    HasAchievement,
    HasLicense,
    HoldsTier,
    HoldsToken,
    MemberSince,
    Not,
    OnList,
    Rule,
)

ACCOUNT = "0x" + "aa" * 20
TOKEN, PICTURES, MANY, SALE = ("0x" + byte * 20 for byte in ("e2", "e7", "e1", "5a"))
ROOTS = tuple("0x" + byte * 32 for byte in ("1a", "2b"))
ASSETS = (Asset("erc20", TOKEN), Asset("erc721", PICTURES), Asset("erc721", PICTURES, 5), Asset("erc1155", MANY, 7))
SPAN = 60
"""Times of a test lie close together, so that things end in every order."""

moments = st.integers(0, SPAN)
ends = moments | st.just(FOREVER)
small = st.integers(0, 6)


def _token(asset: Asset, least: int, more: int | None, max_age: int | None) -> HoldsToken:
    return HoldsToken(
        asset, least + (1 if more is None and not least else 0), None if more is None else least + more, max_age
    )


leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(HoldsTier, st.frozensets(st.integers(1, 4), min_size=1)),
    st.builds(BadgeLevel, st.sampled_from(["bronze", "silver", "gold"])),
    st.builds(HasAchievement, st.integers(1, 3)),
    st.builds(HasLicense, st.integers(1, 3)),
    st.builds(_token, st.sampled_from(ASSETS), small, st.none() | small, st.none() | st.integers(10, 20)),
    st.builds(Contributed, st.just(SALE), st.integers(1, 6)),
    st.builds(MemberSince, st.integers(1, SPAN)),
    st.builds(OnList, st.sampled_from(ROOTS)),
    st.builds(Between, st.integers(1, SPAN), st.none()),
    st.builds(Between, st.none(), st.integers(1, SPAN)),
    st.builds(lambda start, more: Between(start, start + more), st.integers(1, SPAN), st.integers(1, SPAN)),
)


@st.composite
def joints(draw: st.DrawFn, inner: st.SearchStrategy[Rule]) -> Rule:
    rules = draw(st.lists(inner, min_size=1, max_size=4))
    return AtLeast(draw(st.integers(1, len(rules))), tuple(rules))


positive: st.SearchStrategy[Rule] = st.recursive(leaves, joints, max_leaves=8)
"""Without `not`."""
rules: st.SearchStrategy[Rule] = st.recursive(leaves, lambda inner: joints(inner) | st.builds(Not, inner), max_leaves=8)
helds = st.builds(Held, tier_id=st.integers(1, 4), token_id=st.integers(1, 100), expires_at=ends)
balances = st.builds(Balance, small, ends)
holdings = st.builds(
    Holdings,
    account=st.just(ACCOUNT) | st.none(),
    memberships=st.lists(helds, max_size=3).map(tuple),
    since=st.none() | ends,
    badge=st.none() | st.integers(0, 3),
    achievements=st.dictionaries(st.integers(1, 3), st.integers(0, 2)),
    licenses=st.dictionaries(st.integers(1, 3), ends),
    contributed=st.dictionaries(st.just(SALE), small),
    balances=st.dictionaries(st.sampled_from(ASSETS), balances),
    lists=st.dictionaries(st.sampled_from(ROOTS), st.booleans()),
)
