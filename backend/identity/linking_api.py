"""Routes of one's wallets: which count for the account, and the account that a wallet counts for."""

from typing import Annotated

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, BaseModel, Field

from backend.db import Opened
from backend.identity import linking
from backend.identity.bodies import (
    MessageFields,
    NonceRequest,
    SignedMessage,
    keep_private,
    message_fields,
    spend_of_network,
)
from backend.identity.limits import Allowance, spend
from backend.identity.linking import Link
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer, time_of

NONCES = Allowance("link-nonce", most=30, seconds=600)
"""For one account."""
ATTEMPTS = Allowance("link-attempt", most=100, seconds=600)
"""For one network; an attempt costs 10 ms of parsing and at most three calls to the node."""

router = APIRouter(
    prefix="/api/wallets", tags=["identity"], dependencies=[Depends(require_same_origin), Depends(keep_private)]
)
WalletPath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$"), AfterValidator(str.lower)]


class LinkNonceAnswer(BaseModel):
    message_fields: MessageFields
    resource: str = Field(examples=["urn:koinon:wallet:0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"])
    """The message's only resource: it names the account that the wallet is to count for."""


class LinkItem(BaseModel):
    """`address`, with its EIP-55 checksum, is the other one of the two."""

    address: str
    linked_at: int


class WalletList(BaseModel):
    """`wallets` count for the viewer's account; or it counts for `counts_for`, and then has no wallets."""

    wallets: list[LinkItem]
    counts_for: LinkItem | None
    most: int


@router.get("")
def wallets(viewer: SignedInViewer, database: Opened) -> WalletList:
    """The viewer's linked wallets. Nobody else can ask for them."""
    with database.reading() as session:
        links = linking.links_of(session, viewer.account)
    counts_for = links.counts_for and _item(links.counts_for.account, links.counts_for)
    return WalletList(
        wallets=[_item(each.wallet, each) for each in links.wallets], counts_for=counts_for, most=linking.MOST_WALLETS
    )


@router.post("/nonce")
def new_link_nonce(body: NonceRequest, request: Request, viewer: SignedInViewer, database: Opened) -> LinkNonceAnswer:
    """What the other wallet must sign so that its holdings count for the viewer's account. It is no sign-in."""
    with database.reading() as session:
        at = time_of(request, session)
    spend(database, NONCES, who=viewer.account, at=at)
    with database.writing() as session:
        asked = linking.new_challenge(
            session, request.app.state.settings, account=viewer.account, wallet=body.address, at=at
        )
    fields = message_fields(asked, statement=linking.statement_for(viewer.account))
    return LinkNonceAnswer(message_fields=fields, resource=linking.resource_of(viewer.account))


@router.post("", status_code=201)
def link_wallet(body: SignedMessage, request: Request, viewer: SignedInViewer, database: Opened) -> LinkItem:
    """The wallet that signed counts for the viewer's account from now on."""
    spend_of_network(request, database, ATTEMPTS)
    with database.reading() as session:
        at = time_of(request, session)
    made = linking.link(
        database,
        request.app.state.chain,
        settings=request.app.state.settings,
        account=viewer.account,
        message=body.message,
        signature=body.signature_bytes,
        at=at,
    )
    return _item(made.wallet, made)


@router.delete("/{wallet}", status_code=204)
def unlink_wallet(wallet: WalletPath, viewer: SignedInViewer, database: Opened) -> None:
    """The wallet counts for no other account any more. Either of the two may do it: the wallet names itself."""
    with database.writing() as session:
        linking.unlink(session, viewer.account, wallet)


def _item(address: str, link: Link) -> LinkItem:
    return LinkItem(address=to_checksum_address(address), linked_at=link.linked_at)
