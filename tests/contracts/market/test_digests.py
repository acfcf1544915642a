"""What is signed: EIP-712, as wallets show it"""

import re
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from tests.factories.market import LISTING, OFFER, Stall, Status, typed

FACE = Path(__file__).resolve().parents[3] / "contracts" / "market" / "IMarket.sol"


def hash_of(message: object) -> bytes:
    """EIP-191 version 1."""
    return bytes(keccak(b"\x19" + message.version + message.header + message.body))  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["listing", "offer"])
def test_digest_is_the_typed_data_that_wallets_sign(stall: Stall, kind: str) -> None:
    message = stall.listing() if kind == "listing" else stall.offer()

    assert stall.digest(message) == hash_of(typed(message, **stall.domain()))


@pytest.mark.parametrize(("kind", "fields"), [("listing", LISTING), ("offer", OFFER)])
def test_digest_covers_every_field(coins: Stall, kind: str, fields: dict[str, str]) -> None:
    message = coins.listing() if kind == "listing" else coins.offer()
    digests = {coins.digest(message)}

    for name, kind_ in fields.items():
        value = coins.stranger if kind_ == "address" else (not message[name] if kind_ == "bool" else message[name] + 1)
        digests.add(coins.digest(message | {name: value}))

    assert len(digests) == len(fields) + 1


def test_domain_is_told_as_eip_5267_says(coins: Stall) -> None:
    told = coins.chain.read(coins.market.eip712Domain)

    assert (told["name"], told["version"], told["verifyingContract"]) == ("Koinon Market", "1", coins.market.address)


def test_statuses_have_the_names_of_the_contract() -> None:
    text = FACE.read_text()
    body = re.sub(r"//[^\n]*", "", text[text.index("enum Status {") : text.index("event TillOpened")])
    names = re.findall(r"\w+", body[body.index("{") + 1 : body.index("}")])

    assert [status.name for status in Status] == names


def test_market_names_its_factory(coins: Stall) -> None:
    assert coins.chain.read(coins.market.communityFactory) == coins.world.factory.address
