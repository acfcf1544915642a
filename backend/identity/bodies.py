"""What the routes of sign-in and of linking take and give."""

from typing import Annotated

from eth_utils.address import is_checksum_address, to_checksum_address
from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field

from backend import clock
from backend.db import Database
from backend.identity import siwe
from backend.identity.limits import Allowance, network_of, spend
from backend.identity.login import Challenge
from backend.identity.signature import MAX_SIGNATURE_BYTES


async def keep_private(response: Response) -> None:
    response.headers["cache-control"] = "private, no-store"


def _lowered(address: str) -> str:
    """All lower case or with its right checksum: a mistyped address is refused."""
    if address != address.lower() and not is_checksum_address(address):
        raise ValueError("the address's checksum is wrong (EIP-55)")
    return address.lower()


AddressText = Annotated[
    str,
    Field(pattern=r"^0x[0-9a-fA-F]{40}$", examples=["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"]),
    AfterValidator(_lowered),
]


class NonceRequest(BaseModel):
    address: AddressText


class MessageFields(BaseModel):
    """The fields of the EIP-4361 message to sign, in its own words."""

    domain: str
    address: str
    statement: str
    uri: str
    version: str
    chain_id: int
    nonce: str
    issued_at: str
    expiration_time: str


class SignedMessage(BaseModel):
    message: str = Field(
        max_length=siwe.MAX_CHARACTERS,
        examples=["koinon.example wants you to sign in with your Ethereum account:\n0x9965…"],
    )
    signature: str = Field(
        pattern=r"^0x([0-9a-fA-F]{2})*$", max_length=2 + 2 * MAX_SIGNATURE_BYTES, examples=["0x" + "1b" * 65]
    )

    @property
    def signature_bytes(self) -> bytes:
        return bytes.fromhex(self.signature[2:])


def message_fields(challenge: Challenge, *, statement: str) -> MessageFields:
    """The message that answers the challenge, without its resources."""
    return MessageFields(
        domain=challenge.base_url.partition("://")[2],
        address=to_checksum_address(challenge.address),
        statement=statement,
        uri=challenge.base_url,
        version=siwe.SiweMessage.version,
        chain_id=challenge.chain_id,
        nonce=challenge.nonce,
        issued_at=siwe.instant(challenge.issued_at),
        expiration_time=siwe.instant(challenge.expires_at),
    )


def spend_of_network(request: Request, database: Database, allowance: Allowance) -> None:
    """One more is counted for the network that asks."""
    network = network_of(request.client.host if request.client else None)
    spend(database, allowance, who=network, at=clock.now())
