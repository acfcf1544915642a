"""How this home does: for operators, load balancers and open pages."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backend import feed
from backend.db import Reading
from backend.host import CurrentHost

router = APIRouter(prefix="/api", tags=["platform"])


class StatusAnswer(BaseModel):
    """`fresh`: gates are decided. `reading`: blocks are still being read. `away`: no node confirms what was read."""

    status: Literal["fresh", "reading", "away"]
    chain_id: int
    block: int = Field(description="The newest indexed block; -1 when nothing was indexed yet.")
    head_block: int = Field(description="The node's newest block when it was last asked.")
    confirmed_at: int = Field(description="When a node last said that `block` is its newest, unix seconds; 0: not yet.")


class HomeAnswer(BaseModel):
    """What the owner of a community names who moves it here: the home's address, and the address of its key."""

    uri: str
    key: str
    chain_id: int


@router.get("/home")
def home(host: CurrentHost) -> HomeAnswer:
    """Which home this is."""
    return HomeAnswer(uri=host.settings.base_url, key=host.home.address, chain_id=host.settings.chain_id)


@router.get("/status")
def status(host: CurrentHost, session: Reading) -> StatusAnswer:
    """How far this home has read the chain. 503 when its database is away."""
    chain_id = host.settings.chain_id
    newest = feed.newest(session, chain_id)
    return StatusAnswer(
        status=newest.status,
        chain_id=chain_id,
        block=newest.number,
        head_block=newest.head_number,
        confirmed_at=int(newest.confirmed_at),
    )
