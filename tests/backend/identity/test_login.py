"""Nonces and sign-in, on both databases."""

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

from backend.chain import Chain, ChainUnavailable
from backend.config import Settings
from backend.db import Database
from backend.identity import login, siwe
from backend.identity.delegation import DelegationWrong, compressed, key_resource, read_delegation
from backend.identity.limits import Allowance
from backend.identity.login import Challenge
from backend.identity.nonces import NonceWrong, use_nonce
from backend.identity.signature import SignatureWrong
from backend.identity.tables import DelegationBlock, LoginSession, Nonce
from backend.problems import Problem, TooMuch
from tests.factories.identity import (
    DAY,
    NOW,
    SignIn,
    ask_nonce,
    message_for,
    open_session,
    rows,
    session_key,
    sign,
    viewer_with,
)
from tests.factories.wallets import start_wallets
from tests.fixtures.anvil import Anvil


def test_sign_in_opens_a_session_with_the_delegated_key(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, key=session_key())

    signed_in = sign_in(message, sign(wallet, message), user_agent="Firefox" * 99)

    found = viewer_with(store, signed_in.token)
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
                use_nonce(session, message, links_to=None, at=NOW + 1)
            except NonceWrong:
                return False
        return True

    with ThreadPoolExecutor(1) as pool:
        with store.writing() as session:
            use_nonce(session, message, links_to=None, at=NOW + 1)
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


def test_sign_in_refuses_a_key_that_has_expired_already(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out, resources=(key_resource(compressed(session_key().public_key()), NOW + 60),))

    with pytest.raises(siwe.MessageExpired):
        sign_in(message, sign(wallet, message), at=NOW + 60)

    assert rows(store, DelegationBlock) == []


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
    assert viewer_with(store, first.token) is None
    assert viewer_with(store, second.token) == second.viewer


def test_sign_in_takes_no_token_from_the_caller(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    message = message_for(given_out)

    signed_in = sign_in(message, sign(wallet, message), replaces="chosen-by-an-attacker")

    assert viewer_with(store, "chosen-by-an-attacker") is None
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
