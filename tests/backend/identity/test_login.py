"""Nonces, sign-in and sessions, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from backend.chain import Chain, ChainUnavailable
from backend.config import Settings
from backend.db import Database
from backend.identity import login, siwe
from backend.identity.delegation import DelegationWrong, compressed, key_resource, read_delegation
from backend.identity.limits import Allowance
from backend.identity.login import Challenge, NonceWrong, SignedIn, Viewer
from backend.identity.signature import SignatureWrong
from backend.identity.tables import DelegationBlock, LoginSession, Nonce
from backend.problems import NotFound, Problem, TooMuch
from tests.factories.identity import DAY, NOW, message_for, session_key, sign
from tests.factories.wallets import start_wallets
from tests.fixtures.anvil import Anvil

SignIn = Callable[..., SignedIn]


def ask_nonce(store: Database, settings: Settings, address: str, at: int = NOW) -> Challenge:
    with store.writing() as session:
        return login.new_nonce(session, settings, address=address.lower(), at=at)


@pytest.fixture
def given_out(store: Database, settings: Settings, wallet: LocalAccount) -> Challenge:
    """A challenge for the wallet."""
    return ask_nonce(store, settings, wallet.address)


@pytest.fixture
def sign_in(store: Database, no_chain: Chain, settings: Settings) -> SignIn:
    def sign_in(message: str, signature: bytes, *, at: int = NOW + 1, **more: Any) -> SignedIn:
        return login.sign_in(store, no_chain, settings=settings, message=message, signature=signature, at=at, **more)

    return sign_in


def viewer(store: Database, token: str, at: int = NOW + 2) -> Viewer | None:
    with store.reading() as session:
        return login.viewer_of(session, token, at=at)


def rows(store: Database, table: Any) -> list[Any]:
    with store.reading() as session:
        return list(session.exec(select(table)))


def test_sign_in_opens_a_session_with_the_delegated_key(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, key=session_key())

    signed_in = sign_in(message, sign(wallet, message), user_agent="Firefox" * 99)

    found = viewer(store, signed_in.token)
    assert found == signed_in.viewer
    assert (found.account, found.expires_at) == (wallet.address.lower(), NOW + 30 * DAY)
    (block,) = rows(store, DelegationBlock)
    delegation = read_delegation(block.cid, block.data)
    assert (found.key, found.key_expires_at) == (delegation.cid, delegation.expires_at)
    assert (delegation.account, delegation.public_key) == (found.account, compressed(session_key().public_key()))
    (row,) = rows(store, LoginSession)
    assert signed_in.token not in row.model_dump_json()
    assert len(row.user_agent) == 200


def test_sign_in_without_a_key_opens_a_session_that_cannot_write(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out)

    signed_in = sign_in(message, sign(wallet, message))

    assert (signed_in.viewer.key, signed_in.viewer.key_expires_at) == (None, None)
    assert rows(store, DelegationBlock) == []


def test_sign_in_refuses_the_second_use_of_a_message(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out)
    signature = sign(wallet, message)
    sign_in(message, signature)

    with pytest.raises(NonceWrong) as caught:
        sign_in(message, signature)

    assert (caught.value.status, caught.value.slug) == (401, "siwe-nonce")
    assert len(rows(store, LoginSession)) == 1


def test_sign_in_refuses_a_second_message_with_a_used_nonce(
    sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    first, second = message_for(given_out), message_for(given_out, key=session_key())
    sign_in(first, sign(wallet, first))

    with pytest.raises(NonceWrong):
        sign_in(second, sign(wallet, second))


def test_sign_in_succeeds_once_when_threads_race_with_one_nonce(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, key=session_key())
    signature = sign(wallet, message)
    start = Barrier(4)

    def attempt() -> bool:
        start.wait()
        try:
            sign_in(message, signature)
        except NonceWrong:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = [pool.submit(attempt) for _ in range(4)]

    assert sorted(outcome.result() for outcome in outcomes) == [False, False, False, True]
    assert len(rows(store, LoginSession)) == 1


def test_nonce_is_consumed_once_when_two_transactions_overlap(
    store: Database, given_out: Challenge, engine: str
) -> None:
    """The first has deleted it and not committed when the second tries."""
    message = siwe.parse(message_for(given_out))
    tried = Barrier(2)

    def second() -> bool:
        tried.wait()
        with store.writing() as session:
            try:
                login._use_nonce(session, message, NOW + 1)
            except NonceWrong:
                return False
        return True

    with ThreadPoolExecutor(1) as pool:
        with store.writing() as session:
            login._use_nonce(session, message, NOW + 1)
            other = pool.submit(second)
            tried.wait()

        assert other.result() is False


def test_sign_in_refuses_a_nonce_that_was_given_to_another_address(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    stranger = Account.from_key(b"\x12" * 32)
    theirs = ask_nonce(store, settings, stranger.address)
    message = message_for(theirs).replace(stranger.address, wallet.address)

    with pytest.raises(NonceWrong):
        sign_in(message, sign(wallet, message))

    assert len(rows(store, Nonce)) == 1


def test_sign_in_refuses_a_nonce_that_nobody_gave_out(
    sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, nonce="abcdefgh12345678")

    with pytest.raises(NonceWrong):
        sign_in(message, sign(wallet, message))


def test_sign_in_refuses_a_nonce_after_ten_minutes_even_in_a_new_message(
    sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, issued_at=NOW + 500)

    with pytest.raises(NonceWrong):
        sign_in(message, sign(wallet, message), at=NOW + 600)


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"base_url": "http://evil.test"}, "siwe-domain"),
        ({"base_url": "https://koinon.test:8000"}, "siwe-uri"),
        ({"chain_id": 1}, "siwe-chain"),
        ({"issued_at": NOW - 600, "expires_at": NOW + DAY}, "siwe-expired"),
        ({"issued_at": NOW + 3600}, "siwe-not-yet-valid"),
        ({"expires_at": NOW + 1}, "siwe-expired"),
        ({"resources": ("https://evil.test/all-of-it",)}, "delegation-wrong"),
    ],
)
def test_sign_in_says_which_part_of_the_message_is_wrong(
    changes: dict[str, Any], slug: str, store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, **changes)

    with pytest.raises(Problem) as caught:
        sign_in(message, sign(wallet, message))

    assert (caught.value.status, caught.value.slug) == (401, slug)
    assert rows(store, LoginSession) == []


def test_sign_in_refuses_a_key_for_longer_than_the_session(
    sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    resource = key_resource(compressed(session_key().public_key()), given_out.expires_at + 1)
    message = message_for(given_out, resources=(resource,))

    with pytest.raises(DelegationWrong):
        sign_in(message, sign(wallet, message))


def test_sign_in_keeps_the_nonce_when_the_signature_is_wrong(
    anvil: Anvil, store: Database, settings: Settings, given_out: Challenge, wallet: LocalAccount
) -> None:
    """Else anybody could take the nonce away from its address."""
    chain = Chain(anvil.url, anvil.chain_id)
    message = message_for(given_out)
    stranger = Account.from_key(b"\x12" * 32)
    arguments: dict[str, Any] = {"settings": settings, "message": message, "at": NOW + 1}

    with pytest.raises(SignatureWrong):
        login.sign_in(store, chain, signature=sign(stranger, message), **arguments)

    assert login.sign_in(store, chain, signature=sign(wallet, message), **arguments).token
    chain.close()


def test_sign_in_says_that_the_chain_is_away_when_only_a_contract_could_have_signed(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out)

    with pytest.raises(ChainUnavailable) as caught:
        sign_in(message, sign(Account.from_key(b"\x12" * 32), message))

    assert caught.value.status == 503
    assert len(rows(store, Nonce)) == 1


def test_sign_in_opens_sessions_of_contract_wallets(
    anvil: Anvil, node: Path, store: Database, settings: Settings, wallet: LocalAccount
) -> None:
    chain = Chain(anvil.url, anvil.chain_id)
    wallets = start_wallets(anvil, node)
    address = wallets.address_of(wallet)

    for scheme in ("erc6492", "eip1271"):
        message = message_for(ask_nonce(store, settings, address), key=session_key())
        signature = sign(wallet, message)
        if scheme == "erc6492":
            signature = wallets.wrapped(wallet, signature)
        else:
            wallets.deploy(wallet)
        signed_in = login.sign_in(store, chain, settings=settings, message=message, signature=signature, at=NOW + 1)
        assert signed_in.viewer.account == address

    blocks = [read_delegation(block.cid, block.data) for block in rows(store, DelegationBlock)]
    assert {(block.account, block.proof) for block in blocks} == {(address, "attested")}
    assert all(block.as_of is not None and block.as_of[0][0] == 31337 for block in blocks)
    chain.close()


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data())
def test_sign_in_refuses_when_any_byte_of_the_message_changed(
    data: st.DataObject, store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    """`no_chain`: a message that is still well-formed needs a contract's word, which nobody gives."""
    message = message_for(given_out, key=session_key())
    signature = sign(wallet, message)
    place = data.draw(st.integers(0, len(message) - 1))
    letter = data.draw(st.characters(max_codepoint=126).filter(lambda letter: letter != message[place]))

    with pytest.raises(Problem) as caught:
        sign_in(message[:place] + letter + message[place + 1 :], signature)

    assert caught.value.status in (401, 422, 503)
    assert rows(store, LoginSession) == []


def test_sign_in_ends_the_browsers_session_before_it(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    messages = [message_for(ask_nonce(store, settings, wallet.address), key=session_key()) for _ in range(2)]
    first = sign_in(messages[0], sign(wallet, messages[0]))

    second = sign_in(messages[1], sign(wallet, messages[1]), replaces=first.token)

    assert first.token != second.token
    assert viewer(store, first.token) is None
    assert viewer(store, second.token) == second.viewer


def test_sign_in_takes_no_token_from_the_caller(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out)

    signed_in = sign_in(message, sign(wallet, message), replaces="chosen-by-an-attacker")

    assert viewer(store, "chosen-by-an-attacker") is None
    assert len(signed_in.token) >= 43


def test_sign_in_refuses_one_account_that_signs_in_too_often(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "SESSIONS", Allowance("session", most=2, seconds=3600))
    others = Account.from_key(b"\x12" * 32)
    for each in (wallet, wallet, others):
        open_session(store, sign_in, settings, each)

    with pytest.raises(TooMuch) as caught:
        open_session(store, sign_in, settings, wallet)

    assert caught.value.status == 429
    assert 0 < caught.value.extensions["retry_after"] <= 3600
    assert len(rows(store, LoginSession)) == 3


def open_session(store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount) -> SignedIn:
    message = message_for(ask_nonce(store, settings, wallet.address), key=session_key())
    return sign_in(message, sign(wallet, message))


def test_viewer_of_knows_nobody_after_the_session_expired(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)

    assert viewer(store, signed_in.token, NOW + 30 * DAY - 1) == signed_in.viewer
    assert viewer(store, signed_in.token, NOW + 30 * DAY) is None


def test_viewer_of_gives_no_key_once_it_expired(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    resource = key_resource(compressed(session_key().public_key()), NOW + 60)
    message = message_for(given_out, resources=(resource,))
    signed_in = sign_in(message, sign(wallet, message))

    before, after = viewer(store, signed_in.token, NOW + 59), viewer(store, signed_in.token, NOW + 60)

    assert before is not None
    assert before.key == signed_in.viewer.key
    assert after is not None
    assert (after.key, after.key_expires_at) == (None, None)


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\0", "é" * 50, "a" * 5000])
def test_viewer_of_knows_nobody_by_another_token(token: str, store: Database) -> None:
    assert viewer(store, token) is None


def test_viewer_of_does_not_take_the_hash_for_the_token(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)

    assert viewer(store, signed_in.viewer.session_id) is None


def key_revoked_at(session: Session, cid: str | None) -> int | None:
    key = login.session_key(session, cid or "")
    assert key is not None
    return key.revoked_at


def test_sign_out_ends_the_session_and_its_key(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in, other = (open_session(store, sign_in, settings, wallet) for _ in range(2))

    with store.writing() as session:
        login.sign_out(session, signed_in.token, at=NOW + 5)
        login.sign_out(session, signed_in.token, at=NOW + 6)

    assert viewer(store, signed_in.token) is None
    assert viewer(store, other.token) == other.viewer
    with store.reading() as session:
        assert key_revoked_at(session, signed_in.viewer.key) == NOW + 5
        assert key_revoked_at(session, other.viewer.key) is None


def test_revoke_ends_any_session_of_the_account(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    here, lost = (open_session(store, sign_in, settings, wallet) for _ in range(2))
    with store.reading() as session:
        listed = {item.session_id for item in login.sessions_of(session, wallet.address.lower(), at=NOW + 2)}
    assert listed == {here.viewer.session_id, lost.viewer.session_id}

    with store.writing() as session:
        login.revoke(session, wallet.address.lower(), session_id=lost.viewer.session_id, at=NOW + 3)

    assert viewer(store, lost.token) is None
    assert viewer(store, here.token) == here.viewer


def test_revoke_finds_no_session_of_another_account(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)
    stranger = "0x" + "22" * 20

    for session_id in (signed_in.viewer.session_id, "0" * 64):
        with store.writing() as session, pytest.raises(NotFound):
            login.revoke(session, stranger, session_id=session_id, at=NOW + 3)

    assert viewer(store, signed_in.token) == signed_in.viewer
    with store.reading() as session:
        assert login.sessions_of(session, stranger, at=NOW + 2) == []


def test_new_nonce_and_sign_in_sweep_what_has_expired(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    old = open_session(store, sign_in, settings, wallet)
    ask_nonce(store, settings, wallet.address)
    later = NOW + 31 * DAY
    message = message_for(ask_nonce(store, settings, wallet.address, later))

    new = sign_in(message, sign(wallet, message), at=later)

    assert [row.id_hash for row in rows(store, LoginSession)] == [new.viewer.session_id]
    assert old.viewer.session_id != new.viewer.session_id
    assert rows(store, Nonce) == []
