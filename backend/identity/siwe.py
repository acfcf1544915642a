"""Sign-In with Ethereum (EIP-4361), read strictly. Pure.

The library checks each field by the standard's grammar and writes messages. Its own parsers are not used: a line of
resources makes its regular expression run for years, and its grammar takes 40 ms. So lines are cut here, and what was
read is written out again and must be the same text; a test holds the result against the grammar.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from abnf import ParseError
from eth_utils.address import is_checksum_address, to_checksum_address
from pydantic import ValidationError
from siwe import SiweMessage as _Parsed
from siwe.grammars import eip4361

from backend.problems import Problem

MAX_CHARACTERS = 1500
"""Our own messages have about 500; longer ones cost seconds to parse."""
MAX_LINE_CHARACTERS = 300
MAX_RESOURCES = 4
MAX_SKEW_SECONDS = 60
"""A wallet's clock may be this much ahead of ours."""
MAX_AGE_SECONDS = 600
"""From the message's issue to its arrival; as long as a nonce lives."""
MAX_LIFE_SECONDS = 30 * 86_400
"""From `issued_at` to `expiration_time`: what a message grants ends with it."""
STATEMENT = "Sign in to Koinon. This device gets a key that can write here in your name until the time below."
_HEADER = " wants you to sign in with your Ethereum account:"
_TITLES = {
    "uri": "URI: ",
    "version": "Version: ",
    "chain_id": "Chain ID: ",
    "nonce": "Nonce: ",
    "issued_at": "Issued At: ",
    "expiration_time": "Expiration Time: ",
    "not_before": "Not Before: ",
    "request_id": "Request ID: ",
}
_TIMES = ("issued_at", "expiration_time", "not_before")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")


class SignInRefused(Problem):
    """The message is well-formed, and not one that signs in here and now."""

    slug, title, status = "sign-in-refused", "This message does not sign you in", 401


class MessageMalformed(SignInRefused):
    slug, title, status = "siwe-malformed", "This is not a sign-in message (EIP-4361)", 422


class DomainWrong(SignInRefused):
    slug = "siwe-domain"


class UriWrong(SignInRefused):
    slug = "siwe-uri"


class ChainWrong(SignInRefused):
    slug = "siwe-chain"


class MessageExpired(SignInRefused):
    slug = "siwe-expired"


class MessageEarly(SignInRefused):
    slug = "siwe-not-yet-valid"


@dataclass(frozen=True)
class SiweMessage:
    """One message, each field once. Times are unix seconds; fractions are cut so that the message grants less.

    `address` is lower-case; in the text it carries its EIP-55 checksum. `expires_at` is exclusive.
    """

    text: str
    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int | None
    not_before: int | None = None
    scheme: str | None = None
    statement: str | None = None
    request_id: str | None = None
    resources: tuple[str, ...] = ()
    version: ClassVar[str] = "1"


def parse(text: str) -> SiweMessage:
    """The message, if it follows EIP-4361 to the letter; else `MessageMalformed`."""
    if len(text) > MAX_CHARACTERS or any(len(line) > MAX_LINE_CHARACTERS for line in text.split("\n")):
        raise MessageMalformed(f"A sign-in message has at most {MAX_CHARACTERS} characters.")
    if not text.isascii() or any(character < " " and character != "\n" for character in text):
        raise MessageMalformed("A sign-in message holds printable ASCII characters and line feeds only.")
    fields = _fields(text.split("\n"))
    times = {name: _seconds(fields[name], up=name == "not_before") for name in _TIMES if fields.get(name) is not None}
    try:
        parsed = _Parsed(**fields)
        eip4361.Rule("domain").parse_all(parsed.domain)
        same = parsed.prepare_message() == text
    except (ValidationError, ParseError, ValueError) as error:
        raise MessageMalformed("The text does not follow the grammar of EIP-4361.") from error
    if not same:
        raise MessageMalformed("The text does not follow the grammar of EIP-4361.")
    if not is_checksum_address(parsed.address):
        raise MessageMalformed("The address must carry its checksum (EIP-55).")
    return SiweMessage(
        text=text,
        domain=parsed.domain,
        address=parsed.address.lower(),
        uri=parsed.uri,
        chain_id=parsed.chain_id,
        nonce=parsed.nonce,
        issued_at=times["issued_at"],
        expires_at=times.get("expiration_time"),
        not_before=times.get("not_before"),
        scheme=parsed.scheme,
        statement=parsed.statement,
        request_id=parsed.request_id,
        resources=tuple(parsed.resources or ()),
    )


def _fields(lines: list[str]) -> dict[str, Any]:
    """The fields by the library's names, cut where the lines end; whether each is right is not looked at."""
    rest = iter(lines)
    scheme, separator, domain = next(rest).removesuffix(_HEADER).rpartition("://")
    fields: dict[str, Any] = {"scheme": scheme if separator else None, "domain": domain, "address": next(rest, "")}
    next(rest, "")
    statement, line = next(rest, ""), next(rest, "")
    if line.startswith("URI: "):
        fields["statement"] = None
    else:
        fields["statement"], line = statement, next(rest, "")
    for name, title in _TITLES.items():
        if line.startswith(title):
            fields[name], line = line.removeprefix(title), next(rest, "")
    if line == "Resources:":
        fields["resources"] = [resource.removeprefix("- ") for resource in rest]
        if len(fields["resources"]) > MAX_RESOURCES:
            raise MessageMalformed(f"A sign-in message has at most {MAX_RESOURCES} resources.")
    if not {"uri", "version", "chain_id", "nonce", "issued_at"} <= fields.keys():
        raise MessageMalformed("The text does not follow the grammar of EIP-4361.")
    return fields


def check(message: SiweMessage, *, base_url: str, chain_id: int, at: int) -> None:
    """The message was made for the origin `base_url` and this chain, and holds at `at`; else a `SignInRefused`.

    The nonce is not looked at: only the database knows whether it is fresh.
    """
    scheme, _, domain = base_url.partition("://")
    if message.domain != domain or message.scheme not in (None, scheme):
        raise DomainWrong("The message was made for another site.", expected=domain)
    if message.uri != base_url:
        raise UriWrong("The message was made for another address.", expected=base_url)
    if message.chain_id != chain_id:
        raise ChainWrong("The message was made for another chain.", expected=chain_id)
    if message.expires_at is None or message.expires_at > message.issued_at + MAX_LIFE_SECONDS:
        raise SignInRefused("The message must say that it ends, within 30 days.")
    if message.expires_at <= at or message.issued_at + MAX_AGE_SECONDS <= at:
        raise MessageExpired("The message is too old. Ask for a new one and sign it at once.")
    if message.issued_at > at + MAX_SKEW_SECONDS or (message.not_before or 0) > at:
        raise MessageEarly("The message is not yet valid. Is your clock right?")


def compose(
    address: str,
    *,
    base_url: str,
    chain_id: int,
    nonce: str,
    issued_at: int,
    expires_at: int,
    statement: str | None = STATEMENT,
    resources: tuple[str, ...] = (),
) -> str:
    """The text that a wallet signs to sign in at `base_url`: what `parse` reads and `check` accepts."""
    text: str = _Parsed(
        domain=base_url.partition("://")[2],
        address=to_checksum_address(address),
        statement=statement,
        uri=base_url,
        version="1",
        chain_id=chain_id,
        nonce=nonce,
        issued_at=instant(issued_at),
        expiration_time=instant(expires_at),
        resources=list(resources) or None,
    ).prepare_message()
    return text


def instant(at: int) -> str:
    """Unix seconds as RFC 3339 in UTC, without a fraction."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str, *, up: bool = False) -> int:
    """Unix seconds of an RFC 3339 time; a fraction is cut, or rounded up."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise MessageMalformed("A time must follow RFC 3339, in capitals.")
    whole, fraction, zone = match.groups()
    try:
        seconds = int(datetime.fromisoformat(whole + zone).timestamp())
    except (ValueError, OverflowError) as error:
        raise MessageMalformed("A time must be one of the calendar.") from error
    return seconds + (up and bool((fraction or "").strip("0")))
