"""EIP-4361: the standard's examples, every field's faults, and the library's two parsers against each other."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st
from siwe import SiweMessage as LibraryMessage

from backend.identity.siwe import (
    ChainWrong,
    DomainWrong,
    MessageEarly,
    MessageExpired,
    MessageMalformed,
    SignInRefused,
    SiweMessage,
    UriWrong,
    check,
    instant,
    parse,
)
from backend.problems import Problem
from tests.factories.identity import DAY, NOW, challenge, message_for, session_key

STANDARD_EXAMPLE = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""

EXAMPLES = [
    STANDARD_EXAMPLE,
    STANDARD_EXAMPLE.replace("example.com wants", "example.com:3388 wants"),
    STANDARD_EXAMPLE.replace("example.com wants", "https://example.com wants"),
    STANDARD_EXAMPLE.replace("I accept the ExampleOrg Terms of Service: https://example.com/tos\n", ""),
    STANDARD_EXAMPLE.replace("\nResources", "\nRequest ID: a-1\nResources"),
    STANDARD_EXAMPLE.replace("24Z\n", "24.250+02:00\nExpiration Time: 2031-09-30T16:25:24Z\n"),
    STANDARD_EXAMPLE.replace("24Z\n", "24Z\nExpiration Time: 2031-09-30T16:25:24Z\nNot Before: 2021-10-01T00:00:00Z\n"),
]
WALLET = Account.from_key(b"\x11" * 32)
BASE = "http://koinon.test:8000"
OURS = message_for(challenge(WALLET), key=session_key())


def ours(**changes: Any) -> SiweMessage:
    return parse(message_for(challenge(WALLET), **changes))


@pytest.mark.parametrize("text", EXAMPLES)
def test_parse_reads_the_examples_of_the_standard(text: str) -> None:
    message = parse(text)

    assert message.text == text
    assert message.domain in ("example.com", "example.com:3388")
    assert message.address == "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
    assert (message.uri, message.chain_id, message.nonce) == ("https://example.com/login", 1, "32891756")
    assert message.resources[1] == "https://example.com/my-web2-claim.json"


def test_parse_reads_times_to_the_second_that_grants_less() -> None:
    text = STANDARD_EXAMPLE.replace(
        "2021-09-30T16:25:24Z",
        "2021-09-30T18:25:24.9+02:00\nExpiration Time: 2021-09-30T16:30:00.9Z\nNot Before: 2021-09-30T16:26:00.001Z",
    )

    message = parse(text)

    assert instant(message.issued_at) == "2021-09-30T16:25:24Z"
    assert instant(message.expires_at or 0) == "2021-09-30T16:30:00Z"
    assert instant(message.not_before or 0) == "2021-09-30T16:26:01Z"


FAULTS: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "line after the end": lambda text: text + "\n",
    "line before the start": lambda text: "\n" + text,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "tab in the statement": lambda text: text.replace("Sign in", "Sign\tin"),
    "letters beyond ASCII": lambda text: text.replace("Sign in", "Sign í in"),
    "other field name": lambda text: text.replace("URI:", "uri:"),
    "other field order": lambda text: re.sub(r"(Version: 1)\n(Chain ID: .*)\n", r"\2\n\1\n", text),
    "field twice": lambda text: text.replace("Nonce: ", "Nonce: abcdefgh1\nNonce: "),
    "missing nonce": lambda text: re.sub(r"Nonce: .*\n", "", text),
    "short nonce": lambda text: re.sub(r"Nonce: .*", "Nonce: abcdefg", text),
    "nonce with a dash": lambda text: text.replace("Nonce: abcdefgh", "Nonce: abcd-efgh"),
    "version 2": lambda text: text.replace("Version: 1", "Version: 2"),
    "chain id with leading zero": lambda text: text.replace("Chain ID: ", "Chain ID: 0"),
    "chain id in hex": lambda text: text.replace("Chain ID: 31337", "Chain ID: 0x7a69"),
    "negative chain id": lambda text: text.replace("Chain ID: ", "Chain ID: -"),
    "chain id with a space": lambda text: text.replace("Chain ID: ", "Chain ID:  "),
    "chain id in other digits": lambda text: text.replace("31337", "٣١٣٣٧"),
    "address without checksum": lambda text: text.replace(WALLET.address, WALLET.address.lower()),
    "address in capitals": lambda text: text.replace(WALLET.address, "0x" + WALLET.address[2:].upper()),
    "address with a wrong checksum": lambda text: text.replace(WALLET.address, WALLET.address.swapcase()),
    "short address": lambda text: text.replace(WALLET.address, WALLET.address[:-1]),
    "no such day": lambda text: re.sub(r"Issued At: .*", "Issued At: 2027-02-29T00:00:00Z", text),
    "leap second": lambda text: re.sub(r"Issued At: .*", "Issued At: 2027-01-01T23:59:60Z", text),
    "time without a zone": lambda text: re.sub(r"(Issued At: .*)Z", r"\1", text),
    "time in small letters": lambda text: re.sub(r"(Issued At: .*)T(.*)Z", r"\1t\2z", text),
    "date only": lambda text: re.sub(r"Issued At: .*", "Issued At: 2027-01-15", text),
    "resource that is no URI": lambda text: text + "\n- nothing to see",
    "resource on two lines": lambda text: text + "\n- a:b\nc:d",
    "resources without a list": lambda text: text.replace("Resources:\n", "Resources: \n"),
    "statement on two lines": lambda text: text.replace("Sign in to Koinon.", "Sign in to Koinon.\n"),
    "two empty lines": lambda text: text.replace("\n\nURI", "\n\n\nURI"),
    "domain with a path": lambda text: text.replace("koinon.test:8000 wants", "koinon.test:8000/a wants"),
    "domain with a space": lambda text: text.replace("koinon.test:8000 wants", "evil koinon.test:8000 wants"),
    "domain with a letter that no authority has": lambda text: "{" + text,
    "domain that is no port": lambda text: text.replace(":8000 wants", ":80a wants"),
    "more resources than anybody needs": lambda text: text + "\n- a:b" * 4,
    "resources that the library's regular expression never ends with": lambda text: text + "\n- a:b" * 100 + "\n- ",
    "long line": lambda text: text + "a" * 300,
    "too long": lambda text: text.replace("Sign in", "Sign in " * 200),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_parse_refuses(fault: str) -> None:
    altered = FAULTS[fault](OURS)
    assert altered != OURS

    with pytest.raises(MessageMalformed) as caught:
        parse(altered)

    assert caught.value.status == 422


ALPHABET = st.sampled_from("\n\r\t -:./?#@%[]{}'\"\\01aZé\0") | st.characters(max_codepoint=127)


@given(st.sampled_from([OURS, *EXAMPLES]), st.data())
def test_parse_takes_nothing_that_the_grammar_refuses_and_reads_the_same(text: str, data: st.DataObject) -> None:
    """The regular expression that `parse` uses is held against the library's ABNF grammar."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 4)))
    altered = text[:start] + data.draw(st.text(ALPHABET, max_size=4)) + text[end:]

    try:
        message = parse(altered)
    except MessageMalformed:
        return

    by_grammar = LibraryMessage.from_message(altered, abnf=True)
    assert message.domain == by_grammar.domain
    assert message.address == by_grammar.address.lower()
    assert (message.uri, message.chain_id, message.nonce) == (by_grammar.uri, by_grammar.chain_id, by_grammar.nonce)
    assert list(message.resources) == (by_grammar.resources or [])
    assert message.statement == by_grammar.statement


@given(st.text(max_size=200))
def test_parse_never_fails_otherwise(text: str) -> None:
    with pytest.raises(MessageMalformed):
        parse(text)


def test_check_accepts_what_was_made_for_here_and_now() -> None:
    check(ours(), base_url=BASE, chain_id=31337, at=NOW)


@pytest.mark.parametrize(
    ("message", "at", "refusal"),
    [
        (ours(base_url="http://koinon.test"), NOW, DomainWrong),
        (ours(base_url="http://koinon.test:8001"), NOW, DomainWrong),
        (ours(base_url="http://evil-koinon.test:8000"), NOW, DomainWrong),
        (ours(base_url="http://KOINON.test:8000"), NOW, DomainWrong),
        (ours(base_url="https://koinon.test:8000"), NOW, UriWrong),
        (parse(OURS.replace("URI: http://koinon.test:8000", "URI: http://koinon.test:8000/")), NOW, UriWrong),
        (parse(OURS.replace("URI: http://koinon.test:8000", "URI: http://evil.test")), NOW, UriWrong),
        (parse("https://" + OURS), NOW, DomainWrong),
        (ours(chain_id=1), NOW, ChainWrong),
        (ours(chain_id=313370), NOW, ChainWrong),
        (ours(expires_at=NOW + 60), NOW + 60, MessageExpired),
        (ours(), NOW + 600, MessageExpired),
        (ours(), NOW - 61, MessageEarly),
        (parse(OURS.replace("\nResources", f"\nNot Before: {instant(NOW + 1)}\nResources")), NOW, MessageEarly),
        (ours(expires_at=NOW + 30 * DAY + 1), NOW, SignInRefused),
        (parse(re.sub(r"Expiration Time: .*\n", "", OURS)), NOW, SignInRefused),
    ],
)
def test_check_refuses_what_was_made_for_elsewhere_or_another_time(
    message: SiweMessage, at: int, refusal: type[Problem]
) -> None:
    with pytest.raises(SignInRefused) as caught:
        check(message, base_url=BASE, chain_id=31337, at=at)

    assert type(caught.value) is refusal
    assert caught.value.status == 401


def test_check_accepts_the_last_second_of_each_bound() -> None:
    check(ours(), base_url=BASE, chain_id=31337, at=NOW + 599)
    check(ours(), base_url=BASE, chain_id=31337, at=NOW - 60)
    check(parse("http://" + OURS), base_url=BASE, chain_id=31337, at=NOW)
    check(
        parse(OURS.replace("\nResources", f"\nNot Before: {instant(NOW)}\nResources")),
        base_url=BASE,
        chain_id=31337,
        at=NOW,
    )
