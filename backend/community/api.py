"""Communities, and the three doors of their log: append an act, read the records, listen."""

import base64
from collections.abc import AsyncIterator
from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Body, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlmodel import Session

from backend import feed
from backend.community.live import Listener
from backend.community.queries import CommunityView, communities, community_of
from backend.currency import currency_of
from backend.dag_cbor import encode_dag_cbor
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.log.reading import log_car
from backend.problems import TooMuch
from backend.transactions import CommunityPath

router = APIRouter(prefix="/api/communities", tags=["community"], dependencies=[Depends(require_same_origin)])

ACT_TYPE = "application/vnd.ipld.dag-cbor"


class CommunityAnswer(BaseModel):
    """A community; addresses with checksum, times unix seconds, shares in 1/10 000."""

    chain_id: int
    address: str
    name: str
    symbol: str
    owner: str
    membership: str
    badges: str
    store: str
    currency: str | None
    currency_symbol: str
    currency_decimals: int
    notice_seconds: int
    operator_bps: int
    parent_bps: int
    home_uri: str
    home_key: str
    epoch: int
    opened_at: int
    tagline: str
    look: int
    """Which of the pictures of its address it has: `/art/cover/{address}.svg`, `/art/mark/{address}.svg`."""
    about: str
    topics: list[str]
    members: int
    log_seq: int
    manifest_sequence: int
    manifest_digest: str | None


class ReceiptAnswer(BaseModel):
    """Where the act stands. `head` is the home's signed word (dag-cbor, base64url): keep it."""

    act: str
    record: str
    seq: int
    head: str


@router.get("")
def list_communities(host: CurrentHost, session: Reading) -> list[CommunityAnswer]:
    """Every community of this chain's factory, the newest first."""
    at = feed.time_at(session, host.settings.chain_id)
    return [_answer(host, view) for view in communities(session, host.settings.chain_id, at=at)]


@router.get("/{community}")
def read_community(community: CommunityPath, host: CurrentHost, session: Reading) -> CommunityAnswer:
    """One community."""
    return _answer(host, _community(host, session, community))


@router.post("/{community}/acts", status_code=201)
def append_act(
    community: CommunityPath,
    host: CurrentHost,
    act: Annotated[bytes, Body(media_type=ACT_TYPE, max_length=16 * 1024)],
) -> ReceiptAnswer:
    """Appends a signed act (dag-cbor). The act itself names its community; sending it again gives the same receipt."""
    receipt = host.log.append(act, community=community.lower())
    head = base64.urlsafe_b64encode(encode_dag_cbor(receipt.head.encode())).decode()
    return ReceiptAnswer(act=receipt.act, record=receipt.record, seq=receipt.seq, head=head)


@router.get("/{community}/log", response_class=StreamingResponse)
def read_log(
    community: CommunityPath,
    host: CurrentHost,
    database: Opened,
    after: Annotated[int, Query(ge=0, lt=1 << 31)] = 0,
) -> StreamingResponse:
    """The records after a number, with their acts, delegations and small bodies (gated ones as ciphertext), as CAR v1.

    At most 512 records an answer; its root is the newest of them.
    """
    pieces = log_car(database, host.settings.chain_id, community.lower(), after=after)
    return StreamingResponse(pieces, media_type="application/vnd.ipld.car")


@router.get("/{community}/events", response_class=StreamingResponse)
async def listen(
    community: CommunityPath, request: Request, last_event_id: Annotated[str | None, Header(max_length=40)] = None
) -> StreamingResponse:
    """Server-sent events `{topic, id}`: what changed here, on chain or in the log."""
    listener: Listener = request.app.state.listener
    if listener.full:
        raise TooMuch("Too many watch at once.")
    events: AsyncIterator[str] = listener.watch(community.lower(), last_event_id)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _community(host: Host, session: Session, address: str) -> CommunityView:
    chain_id = host.settings.chain_id
    return community_of(session, chain_id, address, at=feed.time_at(session, chain_id))


def _answer(host: Host, view: CommunityView) -> CommunityAnswer:
    currency = currency_of(host.chain, view.currency)
    fields: dict[str, Any] = {name: getattr(view, name) for name in CommunityAnswer.model_fields if hasattr(view, name)}
    addresses = {
        name: to_checksum_address(value)
        for name in ("address", "owner", "membership", "badges", "store", "currency", "home_key")
        if (value := fields[name]) is not None
    }
    return CommunityAnswer(
        **{**fields, **addresses, "topics": list(view.topics)},
        currency_symbol=currency.symbol,
        currency_decimals=currency.decimals,
    )
