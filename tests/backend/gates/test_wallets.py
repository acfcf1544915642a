"""A gate is decided as if one wallet held what all wallets of an account hold; what is not known opens nothing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from backend import clock
from backend.community.queries import community_of
from backend.gates.access import Access, access
from backend.gates.decision import FOREVER, Allowed, Balance, Denied, Held, Holdings, decide, holds
from backend.gates.rule import (
    LEVELS,
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
from backend.gates.tables import Watch
from backend.gates.wallets import together
from backend.gating.reading import preview_of
from backend.identity.linking import keep_link, unlink
from tests.factories.gates import ACCOUNT, TOKEN, holdings, moments, positive, rules
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome

COINS = Asset("erc20", TOKEN)
EVERYTHING = 100
"""More of a token than any rule here asks for."""

signed_in = holdings.filter(lambda each: each.account is not None)
several = st.lists(signed_in, min_size=1, max_size=3)


def one_of(answers: set[bool]) -> bool | None:
    return answers.pop() if len(answers) == 1 else None


def naive(rule: Rule, wallets: Sequence[Holdings], at: int) -> bool | None:
    """The rule over several wallets in other words: what is not known is tried in every way."""
    match rule:
        case Not(inner):
            answer = naive(inner, wallets, at)
            return None if answer is None else not answer
        case AtLeast(count, parts):
            answers = [naive(part, wallets, at) for part in parts]
            if answers.count(True) >= count:
                return True
            return False if len(answers) - answers.count(False) < count else None
        case Between(start, end):
            return (start is None or at >= start) and (end is None or at < end)
        case HoldsTier(tiers):
            return any(held.tier_id in tiers and held.expires_at > at for each in wallets for held in each.memberships)
        case BadgeLevel(level):
            known = [each.badge for each in wallets if each.badge is not None]
            return any(badge >= 1 + LEVELS.index(level) for badge in known) if known else None
        case HasAchievement(achievement):
            tokens = [each.achievements[achievement] for each in wallets if achievement in each.achievements]
            return sum(tokens) >= 1 if tokens else None
        case HasLicense(product):
            ends = [each.licenses[product] for each in wallets if product in each.licenses]
            return any(end > at for end in ends) if ends else None
        case Contributed(sale, least):
            paid = [each.contributed[sale] for each in wallets if sale in each.contributed]
            return sum(paid) >= least if paid else None
        case OnList(root):
            listed = [each.lists[root] for each in wallets if root in each.lists]
            return any(listed) if listed else None
        case MemberSince(seconds):
            if not any(held.expires_at > at for each in wallets for held in each.memberships):
                return False
            since = [each.since for each in wallets if each.since is not None]
            return any(at - each >= seconds for each in since) if since else None
        case HoldsToken(asset, least, most, max_age):
            found = [each.balances.get(asset) for each in wallets]
            fresh = [b.amount for b in found if b and (max_age is None or at < b.asked_at + max_age)]
            unknown = range(EVERYTHING) if len(fresh) < len(wallets) else range(1)
            return one_of(
                {least <= sum(fresh) + more and (most is None or sum(fresh) + more <= most) for more in unknown}
            )
    raise AssertionError(rule)


@given(rules, several, moments)
def test_a_gate_is_open_exactly_when_the_wallets_together_open_it(rule: Rule, wallets: list[Holdings], at: int) -> None:
    assert holds(rule, together(wallets), at) == naive(rule, wallets, at)
    assert isinstance(decide(rule, together(wallets), at=at), Allowed) == (naive(rule, wallets, at) is True)


@given(rules, several, moments)
def test_until_is_exact_over_several_wallets(rule: Rule, wallets: list[Holdings], at: int) -> None:
    decision = decide(rule, together(wallets), at=at)

    if isinstance(decision, Allowed):
        assert all(naive(rule, wallets, moment) is True for moment in range(at, min(decision.until, 150)))
        assert decision.until == FOREVER or naive(rule, wallets, decision.until) is not True


def excludes_nothing(rule: Rule) -> bool:
    """Whether the rule is content with more of everything: a token may have its most."""
    if isinstance(rule, AtLeast):
        return all(excludes_nothing(each) for each in rule.rules)
    return not isinstance(rule, HoldsToken) or rule.most is None


@given(positive.filter(excludes_nothing), signed_in, several, moments)
def test_linking_a_wallet_closes_no_gate_that_excludes_nothing(
    rule: Rule, own: Holdings, linked: list[Holdings], at: int
) -> None:
    """Also while nobody knows yet what the other wallet has of an outside token."""
    alone, joined = decide(rule, own, at=at), decide(rule, together([own, *linked]), at=at)

    if isinstance(alone, Allowed):
        assert isinstance(joined, Allowed)
        assert joined.until >= alone.until


@given(several)
def test_only_the_wallet_that_signed_in_governs_and_is_named(wallets: list[Holdings]) -> None:
    found = together([wallets[0], *(replace(each, account="0x" + "0f" * 20) for each in wallets[1:])])

    assert (found.account, found.governs) == (ACCOUNT, wallets[0].governs)


def test_amounts_are_added_up_and_told_together() -> None:
    rule = HoldsToken(COINS, 5)
    two, three = (Holdings(ACCOUNT, balances={COINS: Balance(amount)}) for amount in (2, 3))

    assert decide(rule, together([two, three]), at=1) == Allowed(FOREVER)
    refused = decide(rule, together([two, two]), at=1)

    assert isinstance(refused, Denied)
    assert refused.conditions[0].have == {"amount": "4"}


def test_a_balance_that_is_not_known_hides_no_other_and_proves_nothing() -> None:
    plenty, nothing_known = Holdings(ACCOUNT, balances={COINS: Balance(9)}), Holdings(ACCOUNT)
    for wallets in ([plenty, nothing_known], [nothing_known, plenty]):
        assert isinstance(decide(HoldsToken(COINS, 5), together(wallets), at=1), Allowed)
        assert isinstance(decide(HoldsToken(COINS, 10), together(wallets), at=1), Denied)
        assert isinstance(decide(HoldsToken(COINS, 0, 20), together(wallets), at=1), Denied)
        assert holds(HoldsToken(COINS, 0, 8), together(wallets), 1) is False


def test_the_oldest_answer_ends_what_needs_both() -> None:
    first, second = (Holdings(ACCOUNT, balances={COINS: Balance(3, asked_at=at)}) for at in (100, 130))

    assert decide(HoldsToken(COINS, 6, max_age=60), together([first, second]), at=140) == Allowed(160)
    assert decide(HoldsToken(COINS, 3, max_age=60), together([first, second]), at=140) == Allowed(190)


# --- From the database -------------------------------------------------------------------------------------------


@pytest.fixture
def pair(home: TestHome) -> tuple[Author, Author]:
    """An account and the wallet that is linked to it; neither holds anything."""
    home.open_gate("members", [1, 2])
    return home.author(2), home.author(3)


def link(home: TestHome, account: Author, wallet: Author) -> None:
    with home.host.database.writing() as session:
        keep_link(session, account=account.account, wallet=wallet.account, at=clock.now())


def ask(home: TestHome, who: Author, gate: str = "members") -> Access:
    with home.host.database.reading() as session:
        return access(session, CHAIN_ID, COMMUNITY, gate=gate, account=who.account)


def is_open(home: TestHome, who: Author, gate: str = "members") -> bool:
    return isinstance(ask(home, who, gate).decision, Allowed)


def test_a_linked_wallet_s_membership_opens_until_it_ends(home: TestHome, pair: tuple[Author, Author]) -> None:
    account, wallet = pair
    until = clock.now() + 100
    home.member(wallet, tier=2, until=until)
    assert not is_open(home, account)

    link(home, account, wallet)

    found = ask(home, account)
    assert (found.decision, found.account, found.as_of.number) == (Allowed(until), account.account, home.head)
    with home.host.database.writing() as session:
        unlink(session, wallet.account, wallet.account)
    assert not is_open(home, account)


def test_an_account_s_holdings_do_not_count_for_its_linked_wallet(home: TestHome, pair: tuple[Author, Author]) -> None:
    account, wallet = pair
    home.member(account, tier=1)
    link(home, account, wallet)

    assert is_open(home, account)
    assert not is_open(home, wallet)


def test_a_transfer_away_ends_access_at_the_next_decision(home: TestHome, pair: tuple[Author, Author]) -> None:
    account, wallet = pair
    home.member(wallet, tier=1)
    link(home, account, wallet)
    assert is_open(home, account)

    home.mine()
    home.member(wallet, tier=1, value=0)

    assert not is_open(home, account)


def test_a_linked_wallet_that_owns_the_community_opens_nothing_by_that(
    home: TestHome, pair: tuple[Author, Author]
) -> None:
    account, _ = pair
    link(home, account, home.owner)

    assert ask(home, home.owner).decision == Allowed(FOREVER)
    assert not is_open(home, account)
    assert not is_open(home, account, "nowhere")


def test_outside_tokens_of_linked_wallets_are_watched_too(home: TestHome, pair: tuple[Author, Author]) -> None:
    account, wallet = pair
    rule = HoldsToken(COINS, 5).encode()
    home.say(home.owner, "gate.set", wallet=True, data={"gate": "rich", "rule": rule})
    link(home, account, wallet)
    link(home, account, home.owner)

    assert not is_open(home, account, "rich")

    with home.host.database.reading() as session:
        watched = {row.account for row in session.exec(select(Watch)).all()}
    assert watched == {account.account, wallet.account, home.owner.account}


def test_a_preview_counts_members_by_what_each_holds_alone(home: TestHome, pair: tuple[Author, Author]) -> None:
    """Else an owner could find out who is linked, by rules that only two wallets together pass."""
    account, wallet = pair
    home.member(account, tier=1, token_id=1)
    home.member(wallet, tier=2, token_id=2)
    rule = AtLeast(2, (HoldsTier(frozenset({1})), HoldsTier(frozenset({2}))))

    def passing() -> int:
        with home.host.database.reading() as session:
            view = community_of(session, CHAIN_ID, COMMUNITY, at=clock.now())
            return preview_of(session, view, rule, home.owner.account, at=clock.now()).passing

    assert passing() == 0
    link(home, account, wallet)
    assert passing() == 0
    with home.host.database.reading() as session:
        view = community_of(session, CHAIN_ID, COMMUNITY, at=clock.now())
        mine = preview_of(session, view, rule, account.account, at=clock.now()).mine
    assert isinstance(mine, Allowed)


def test_memberships_of_both_wallets_are_told_in_a_refusal(home: TestHome, pair: tuple[Author, Author]) -> None:
    account, wallet = pair
    home.member(wallet, tier=3, token_id=9)
    link(home, account, wallet)

    refused = ask(home, account).decision

    assert isinstance(refused, Denied)
    assert refused.conditions[0].code == "membership-other-tier"
    assert refused.conditions[0].have == {"tier": 3, "token_id": 9}
    assert together([Holdings(ACCOUNT), Holdings(ACCOUNT, (Held(1, 2, 3),))]).memberships == (Held(1, 2, 3),)
