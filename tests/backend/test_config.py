"""Settings: a home's address in the one form in which browsers and wallets write it."""

import pytest
from pydantic import ValidationError

from backend.config import Settings


@pytest.mark.parametrize(
    ("given", "base_url", "domain", "secure"),
    [
        ("https://koinon.example", "https://koinon.example", "koinon.example", True),
        ("https://koinon.example/", "https://koinon.example", "koinon.example", True),
        ("HTTPS://Koinon.Example:443", "https://koinon.example", "koinon.example", True),
        ("http://koinon.example:80/", "http://koinon.example", "koinon.example", False),
        ("https://koinon.example:80", "https://koinon.example:80", "koinon.example:80", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]:8000", False),
    ],
)
def test_base_url_is_written_as_browsers_write_an_origin(given: str, base_url: str, domain: str, secure: bool) -> None:
    settings = Settings(base_url=given)

    assert (settings.base_url, settings.domain, settings.secure) == (base_url, domain, secure)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "koinon.example",
        "ftp://koinon.example",
        "https://",
        "https://:443",
        "https://koinon.example/path",
        "https://koinon.example?query",
        "https://me@koinon.example",
        "https://κοινόν.example",
        "https://koinon.example:port",
        "https://koinon.example:99999",
    ],
)
def test_base_url_refuses_what_is_no_origin(given: str) -> None:
    with pytest.raises(ValidationError):
        Settings(base_url=given)


def test_walletconnect_is_off_by_default() -> None:
    settings = Settings(_env_file=None)

    assert (settings.walletconnect_project, settings.walletconnect_relay) == ("", "wss://relay.walletconnect.org")


@pytest.mark.parametrize("given", ["wss://relay.example", "wss://relay.example:8443", "ws://127.0.0.1:5555"])
def test_walletconnect_relay_is_an_origin(given: str) -> None:
    assert Settings(walletconnect_relay=given).walletconnect_relay == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "wss://",
        "relay.example",
        "https://relay.example",
        "ws://relay.example",
        "wss://*",
        "wss://relay.example/path",
        "wss://relay.example; script-src *",
        "wss://relay.example *",
        "wss://relay.example\n",
    ],
)
def test_walletconnect_relay_refuses_what_would_widen_the_policy(given: str) -> None:
    with pytest.raises(ValidationError):
        Settings(walletconnect_relay=given)


def test_walletconnect_project_refuses_what_is_no_id() -> None:
    with pytest.raises(ValidationError):
        Settings(walletconnect_project='x" onload="alert(1)')
