"""What a wallet sees of its session keys, and what the chain says of them, on both databases."""

import re
from hashlib import sha256

import pytest

from backend import clock
from backend.identity.delegation import compressed
from indexer.tables.columns import ZERO_HASH
from indexer.tables.community import DelegatedKey
from tests.factories.home import CHAIN_ID, COMMUNITY, Author, TestHome

PATH = f"/api/communities/{COMMUNITY}/session-keys"


def hash_of(author: Author) -> str:
    return "0x" + sha256(compressed(author.key.public_key())).hexdigest()


def said(home: TestHome, author: Author, key_hash: str, until: int) -> None:
    """The account has said this on the chain."""
    home.write(
        DelegatedKey(
            chain_id=CHAIN_ID,
            community=COMMUNITY,
            account=author.account,
            key_hash=key_hash,
            until=until,
            block_number=home.head,
            log_index=0,
        )
    )


def test_keys_are_told_with_what_the_chain_says_of_each(home: TestHome) -> None:
    client = home.client(home.owner)
    nothing = client.get(PATH).json()
    said(home, home.owner, hash_of(home.owner), 0)
    said(home, home.author(2), ZERO_HASH, 0)  # another's word

    one = client.get(PATH).json()

    assert (nothing["until"], [each["until"] for each in nothing["keys"]]) == (None, [None])
    assert [(each["key_hash"], each["until"], each["ended"]) for each in one["keys"]] == [
        (hash_of(home.owner), 0, False)
    ]
    assert one["until"] is None
    said(home, home.owner, ZERO_HASH, 5)
    assert client.get(PATH).json()["until"] == 5


def test_the_page_offers_to_revoke_what_counts_and_to_allow_what_does_not(home: TestHome) -> None:
    client = home.client(home.owner)
    said(home, home.owner, ZERO_HASH, 0)
    said(home, home.owner, hash_of(home.owner), clock.now() + 1000)

    page = client.get("/account/keys").text

    assert re.findall(r'data-action="keys:(\w+)"[^>]*data-hash="(\w+)"', page) == [
        ("allow", ZERO_HASH),
        ("revoke", hash_of(home.owner)),
    ]
    assert "You cannot write here" in page
    assert '/account/keys"' in client.get("/account/settings").text


def test_nobody_sees_keys_before_signing_in(home: TestHome) -> None:
    client = home.client()

    assert client.get(PATH).status_code == 401
    assert "keys:revoke" not in client.get("/account/keys").text


@pytest.mark.parametrize("changes", [{"key_hash": "0x12"}, {"until": 1 << 40}, {"until": -1}], ids=str)
def test_malformed_keys_are_refused(home: TestHome, changes: dict[str, object]) -> None:
    body = {"account": home.owner.account, "key_hash": ZERO_HASH, "until": 0} | changes

    assert home.client().post(f"/api/communities/{COMMUNITY}/transactions/set-key", json=body).status_code == 422
