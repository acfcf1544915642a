"""A second wallet counts for an account once it has signed that, and for one account only; both databases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from backend.chain import Chain, ChainUnavailable
from backend.config import Settings
from backend.db import Database
from backend.identity import linking, siwe
from backend.identity.delegation import DelegationWrong, compressed, key_resource
from backend.identity.limits import Allowance
from backend.identity.linking import (
    CannotLink,
    Link,
    LinkRefused,
    Links,
    keep_link,
    linked_wallets,
    links_of,
    resource_of,
    statement_for,
    unlink,
)
from backend.identity.login import Challenge
from backend.identity.nonces import NonceWrong
from backend.identity.signature import SignatureWrong
from backend.identity.tables import LinkedWallet, LoginSession, Nonce
from backend.problems import NotFound, Problem, TooMuch
from tests.factories.identity import DAY, NOW, SignIn, ask_nonce, message_for, rows, session_key, sign
from tests.factories.wallets import start_wallets
from tests.fixtures.anvil import Anvil

LinkIt = Callable[..., Link]
OWNER, STRANGER = "0x" + "aa" * 20, "0x" + "bb" * 20


@pytest.fixture
def link(store: Database, no_chain: Chain, settings: Settings) -> LinkIt:
    """`linking.link` one second after the challenge, without a node."""

    def link(message: str, signature: bytes, *, account: str = OWNER, at: int = NOW + 1, **more: Any) -> Link:
        return linking.link(
            store,
            **{"chain": no_chain, "settings": settings, **more},
            account=account,
            message=message,
            signature=signature,
            at=at,
        )

    return link


@pytest.fixture
def asked(store: Database, settings: Settings, wallet: LocalAccount) -> Challenge:
    """A challenge by which the wallet may be linked to OWNER."""
    return ask(store, settings, wallet.address)


def ask(store: Database, settings: Settings, wallet: str, account: str = OWNER, at: int = NOW) -> Challenge:
    with store.writing() as session:
        return linking.new_challenge(session, settings, account=account, wallet=wallet.lower(), at=at)


def words(asked: Challenge, account: str = OWNER, **changes: Any) -> str:
    """The message that links; `changes` are arguments of `siwe.compose`."""
    usual: dict[str, Any] = {"statement": statement_for(account), "resources": (resource_of(account),)}
    return message_for(asked, **{**usual, **changes})


def links(store: Database, account: str) -> Links:
    with store.reading() as session:
        return links_of(session, account)


def test_link_makes_the_wallet_count_for_the_account_and_tells_both(
    store: Database, link: LinkIt, asked: Challenge, wallet: LocalAccount
) -> None:
    message = words(asked)

    made = link(message, sign(wallet, message))

    assert made == Link(wallet.address.lower(), OWNER, NOW + 1)
    assert links(store, OWNER) == Links((made,), None)
    assert links(store, made.wallet) == Links((), made)
    assert links(store, STRANGER) == Links((), None)
    with store.reading() as session:
        assert linked_wallets(session, OWNER) == [made.wallet]
        assert linked_wallets(session, made.wallet) == []


def test_message_says_in_plain_words_whom_it_is_for_and_what_it_does_not_do(asked: Challenge) -> None:
    parsed = siwe.parse(words(asked, "0x52908400098527886e0f7030069857d2e4169ee7"))

    assert parsed.statement is not None
    assert "0x52908400098527886E0F7030069857D2E4169EE7" in parsed.statement
    assert "moves no money" in parsed.statement
    assert parsed.resources == ("urn:koinon:wallet:0x52908400098527886E0F7030069857D2E4169EE7",)


def test_link_refuses_the_second_use_of_a_message(
    store: Database, link: LinkIt, asked: Challenge, wallet: LocalAccount
) -> None:
    message = words(asked)
    signature = sign(wallet, message)
    link(message, signature)
    with store.writing() as session:
        unlink(session, OWNER, wallet.address.lower())

    with pytest.raises(NonceWrong):
        link(message, signature)
    assert links(store, OWNER) == Links((), None)


def test_link_refuses_a_message_for_another_account(
    store: Database, settings: Settings, link: LinkIt, asked: Challenge, wallet: LocalAccount
) -> None:
    """Somebody who got hold of the signature, in a session of their own; also with a nonce of their own."""
    message = words(asked)
    with pytest.raises(LinkRefused):
        link(message, sign(wallet, message), account=STRANGER)

    theirs = ask(store, settings, wallet.address, STRANGER)
    swapped = words(asked, STRANGER)
    for mixed in (words(theirs), swapped):
        account = OWNER if mixed == words(theirs) else STRANGER
        with pytest.raises(NonceWrong):
            link(mixed, sign(wallet, mixed), account=account)
    assert rows(store, LinkedWallet) == []


def test_link_refuses_a_signature_that_signs_in(
    store: Database, settings: Settings, link: LinkIt, wallet: LocalAccount
) -> None:
    signing_in = ask_nonce(store, settings, wallet.address)
    for message in (message_for(signing_in), message_for(signing_in, key=session_key())):
        with pytest.raises(LinkRefused):
            link(message, sign(wallet, message))

    dressed = words(signing_in)  # all is right but the nonce, which was given for a sign-in
    with pytest.raises(NonceWrong):
        link(dressed, sign(wallet, dressed))


def test_sign_in_refuses_a_signature_that_links(
    store: Database, sign_in: SignIn, asked: Challenge, wallet: LocalAccount
) -> None:
    message = words(asked)
    with pytest.raises(DelegationWrong):
        sign_in(message, sign(wallet, message))

    for key in (None, session_key()):  # all is right but the nonce, which was given for a link
        dressed = (
            message_for(asked)
            if key is None
            else message_for(asked, resources=(key_resource(compressed(key.public_key()), asked.expires_at),))
        )
        with pytest.raises(NonceWrong):
            sign_in(dressed, sign(wallet, dressed))
    assert rows(store, LoginSession) == []
    assert len(rows(store, Nonce)) == 1


def test_link_refuses_other_words_and_other_resources(link: LinkIt, asked: Challenge, wallet: LocalAccount) -> None:
    key = key_resource(compressed(session_key().public_key()), NOW + 500)
    changes: list[dict[str, Any]] = [
        {"statement": None},
        {"statement": statement_for(STRANGER)},
        {"statement": "Agree to something harmless."},
        {"resources": ()},
        {"resources": (resource_of(STRANGER),)},
        {"resources": (resource_of(OWNER), key)},
        {"resources": (resource_of(OWNER), resource_of(OWNER))},
    ]
    for change in changes:
        message = words(asked, **change)
        with pytest.raises(LinkRefused):
            link(message, sign(wallet, message))


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"base_url": "http://evil.test:8000"}, "siwe-domain"),
        ({"base_url": "https://koinon.test:8000"}, "siwe-uri"),
        ({"chain_id": 1}, "siwe-chain"),
        ({"issued_at": NOW - 600}, "siwe-expired"),
        ({"expires_at": NOW + 1}, "siwe-expired"),
        ({"issued_at": NOW + 120}, "siwe-not-yet-valid"),
        ({"nonce": "abcdefgh12345678"}, "siwe-nonce"),
    ],
)
def test_link_refuses_what_sign_in_refuses(
    change: dict[str, Any], slug: str, link: LinkIt, asked: Challenge, wallet: LocalAccount
) -> None:
    message = words(asked, **change)

    with pytest.raises(Problem) as caught:
        link(message, sign(wallet, message))

    assert caught.value.slug == slug


def test_link_refuses_a_nonce_that_is_ten_minutes_old(
    store: Database, link: LinkIt, asked: Challenge, wallet: LocalAccount
) -> None:
    message = words(asked, issued_at=NOW + 30, expires_at=NOW + DAY)

    with pytest.raises(NonceWrong):
        link(message, sign(wallet, message), at=NOW + 600)


def test_link_refuses_what_another_wallet_signed(link: LinkIt, asked: Challenge, wallet: LocalAccount) -> None:
    stranger = Account.from_key(b"\x12" * 32)
    message = words(asked)

    with pytest.raises(ChainUnavailable):  # it could be a contract wallet, which only its chain can be asked of
        link(message, sign(stranger, message))
    other = words(replace(asked, address=stranger.address.lower()))
    with pytest.raises(NonceWrong):  # a nonce of the wallet's, in a message of another
        link(other, sign(stranger, other))


def test_link_asks_contract_wallets_deployed_and_not(
    store: Database, settings: Settings, link: LinkIt, chain: Chain, anvil: Anvil, node: Path, wallet: LocalAccount
) -> None:
    wallets = start_wallets(anvil, node)
    deployed, planned = wallets.deploy(wallet), wallets.address_of(wallet, b"\x08" * 32)
    for address in (deployed, planned):
        message = words(ask(store, settings, address))
        with pytest.raises(SignatureWrong):
            link(message, sign(Account.from_key(b"\x12" * 32), message), chain=chain)
        signature = sign(wallet, message)
        proof = signature if address == deployed else wallets.wrapped(wallet, signature, b"\x08" * 32)
        link(message, proof, chain=chain)

    assert [each.wallet for each in links(store, OWNER).wallets] == sorted([deployed, planned])


def reason_of(store: Database, account: str, wallet: str) -> str:
    with store.writing() as session:
        try:
            keep_link(session, account=account, wallet=wallet, at=NOW)
        except CannotLink as refused:
            return str(refused.extensions["reason"])
    return "linked"


def address(number: int) -> str:
    return f"0x{number:040x}"


def test_wallets_make_no_loops_and_no_chains_and_belong_to_one(store: Database, settings: Settings) -> None:
    one, two, three, four = (address(number) for number in (1, 2, 3, 4))

    attempts = [(one, one), (one, two), (one, two), (three, two), (two, one), (two, three), (three, one), (four, three)]
    assert [reason_of(store, *each) for each in attempts] == [
        "link-itself",
        "linked",
        "link-there",
        "link-elsewhere",
        "link-counts",
        "link-counts",
        "link-chain",
        "linked",
    ]
    with pytest.raises(CannotLink), store.writing() as session:
        linking.new_challenge(session, settings, account=one, wallet=one, at=NOW)


def test_an_account_has_few_wallets(store: Database) -> None:
    for number in range(linking.MOST_WALLETS):
        assert reason_of(store, OWNER, address(number + 1)) == "linked"

    assert reason_of(store, OWNER, address(99)) == "link-many"


def test_one_wallet_is_not_linked_from_hand_to_hand(
    store: Database, settings: Settings, link: LinkIt, wallet: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "LINKS", Allowance("link", most=2, seconds=DAY))
    for number in (1, 2, 3):
        account = address(number)
        message = words(ask(store, settings, wallet.address, account), account)
        if number == 3:
            with pytest.raises(TooMuch):
                link(message, sign(wallet, message), account=account)
            break
        link(message, sign(wallet, message), account=account)
        with store.writing() as session:
            unlink(session, account, wallet.address.lower())


def test_either_of_the_two_unlinks_and_nobody_else(store: Database) -> None:
    one, two = address(1), address(2)
    for who in (one, two):
        assert reason_of(store, one, two) == "linked"
        for stranger, wallet in ((STRANGER, two), (one, one), (two, one)):
            with pytest.raises(NotFound), store.writing() as session:
                unlink(session, stranger, wallet)
        with store.writing() as session:
            unlink(session, who, two)
        assert links(store, one) == links(store, two) == Links((), None)


def test_of_two_links_that_make_a_chain_one_is_made(store: Database) -> None:
    """At the same time, by two people: B counts for A, and C counts for B."""
    pairs = [(address(1), address(2)), (address(2), address(3))]
    barrier = Barrier(2)

    def both(pair: tuple[str, str]) -> str:
        barrier.wait()
        return reason_of(store, *pair)

    with ThreadPoolExecutor(2) as pool:
        made = sorted(pool.map(both, pairs))

    assert made[0] in ("link-chain", "link-counts")
    assert made[1] == "linked"


PEOPLE = [address(number) for number in range(1, 6)]
ACTS = st.lists(st.tuples(st.booleans(), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=30)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTS)
def test_whatever_is_linked_and_unlinked_only_the_two_know_and_there_are_no_chains(
    store: Database, acts: Sequence[tuple[bool, str, str]]
) -> None:
    counts: dict[str, str] = {}  # wallet -> account
    with store.reading() as session:  # nothing of it is kept
        for linking_now, account, wallet in acts:
            if linking_now:
                free = account != wallet and wallet not in counts and account not in counts
                may = free and wallet not in counts.values()
                try:
                    keep_link(session, account=account, wallet=wallet, at=NOW)
                    assert may
                    counts[wallet] = account
                except CannotLink:
                    assert not may
                continue
            may = wallet in counts and account in (wallet, counts[wallet])
            try:
                unlink(session, account, wallet)
                assert may
                del counts[wallet]
            except NotFound:
                assert not may

        assert not set(counts) & set(counts.values())
        for person in PEOPLE:
            mine = {wallet for wallet, account in counts.items() if account == person}
            assert set(linked_wallets(session, person)) == mine
            seen = links_of(session, person)
            assert {each.wallet for each in seen.wallets} == mine
            assert (seen.counts_for.account if seen.counts_for else None) == counts.get(person)
        session.rollback()
