"""Sessions: who a token stands for, and how it ends, on both databases."""

import pytest
from eth_account.signers.local import LocalAccount
from sqlmodel import Session

from backend.config import Settings
from backend.db import Database
from backend.identity import login
from backend.identity.delegation import compressed, key_resource
from backend.identity.login import Challenge
from backend.identity.tables import LoginSession, Nonce
from backend.problems import NotFound
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


def test_viewer_of_knows_nobody_after_the_session_expired(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)

    assert viewer_with(store, signed_in.token, NOW + 30 * DAY - 1) == signed_in.viewer
    assert viewer_with(store, signed_in.token, NOW + 30 * DAY) is None


def test_viewer_of_gives_no_key_once_it_expired(
    store: Database, sign_in: SignIn, given_out: Challenge, wallet: LocalAccount
) -> None:
    resource = key_resource(compressed(session_key().public_key()), NOW + 60)
    message = message_for(given_out, resources=(resource,))
    signed_in = sign_in(message, sign(wallet, message))

    before, after = viewer_with(store, signed_in.token, NOW + 59), viewer_with(store, signed_in.token, NOW + 60)

    assert before is not None
    assert before.key == signed_in.viewer.key
    assert after is not None
    assert (after.key, after.key_expires_at) == (None, None)


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "\0", "é" * 50, "a" * 5000])
def test_viewer_of_knows_nobody_by_another_token(token: str, store: Database) -> None:
    assert viewer_with(store, token) is None


def test_viewer_of_does_not_take_the_hash_for_the_token(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)

    assert viewer_with(store, signed_in.viewer.session_id) is None


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

    assert viewer_with(store, signed_in.token) is None
    assert viewer_with(store, other.token) == other.viewer
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

    assert viewer_with(store, lost.token) is None
    assert viewer_with(store, here.token) == here.viewer


def test_revoke_finds_no_session_of_another_account(
    store: Database, sign_in: SignIn, settings: Settings, wallet: LocalAccount
) -> None:
    signed_in = open_session(store, sign_in, settings, wallet)
    stranger = "0x" + "22" * 20

    for session_id in (signed_in.viewer.session_id, "0" * 64):
        with store.writing() as session, pytest.raises(NotFound):
            login.revoke(session, stranger, session_id=session_id, at=NOW + 3)

    assert viewer_with(store, signed_in.token) == signed_in.viewer
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
