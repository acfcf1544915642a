"""What only the demo serves: its wallets, its clock and its reorgs. Never part of a production build."""

import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.problems import Conflict
from scripts.node import Node, RpcFailed
from scripts.playground.accounts import PERSONAS
from scripts.playground.chain import FINAL_DEPTH

DAY = 86_400
LEAST_DEPTH, MOST_DEPTH = 3, FINAL_DEPTH - 1
"""Of a reorg, in blocks: it never reaches what is final."""
INDEX_SECONDS = 10
_READS = frozenset(
    {
        "eth_blockNumber",
        "eth_call",
        "eth_chainId",
        "eth_estimateGas",
        "eth_feeHistory",
        "eth_gasPrice",
        "eth_getBalance",
        "eth_getBlockByNumber",
        "eth_getCode",
        "eth_getTransactionByHash",
        "eth_getTransactionCount",
        "eth_getTransactionReceipt",
        "eth_maxPriorityFeePerGas",
        "net_version",
        "web3_clientVersion",
    }
)
_ADDRESSES = {persona.address.lower() for persona in PERSONAS}
_SIGNER: dict[str, Callable[[list[Any]], Any]] = {
    "eth_sendTransaction": lambda params: params[0]["from"],
    "eth_signTypedData_v4": lambda params: params[0],
    "personal_sign": lambda params: params[1],
}
"""Which parameter of a method says whose key signs."""
REFUSED = 4200  # EIP-1193: the method is not supported
UNAUTHORIZED = 4100  # EIP-1193: not this account


class Wallet(BaseModel):
    """A wallet that announces itself in the page (EIP-6963); `rdns` names it, the page makes the rest."""

    persona: str
    name: str
    address: str
    rdns: str


_WALLETS = [
    Wallet(persona=each.persona, name=each.name, address=each.address, rdns=f"koinon.demo.{each.persona}")
    for each in PERSONAS
]


class Call(BaseModel):
    """One JSON-RPC request."""

    jsonrpc: str = "2.0"
    id: int | str | None = None
    method: str = Field(max_length=60)
    params: list[Any] = Field(default_factory=list, max_length=8)


class Jump(BaseModel):
    days: int = Field(default=30, ge=1, le=400)


class Reorg(BaseModel):
    depth: int | None = Field(default=None, ge=LEAST_DEPTH, le=MOST_DEPTH)


class Reorged(BaseModel):
    """`dropped`: the transactions that the chain has forgotten."""

    depth: int
    block: int
    dropped: list[str]


class State(BaseModel):
    """Where the local chain and the index of it are; `at` is the time that decisions are made at."""

    chain_id: int
    block: int
    final: int
    indexed: int
    at: int


def demo_router(node: Node) -> APIRouter:
    """The routes, over the demo's own node."""
    router = APIRouter(prefix="/demo", include_in_schema=False, dependencies=[Depends(require_same_origin)])

    @router.get("/wallets.json")
    def wallets() -> list[Wallet]:
        return _WALLETS

    @router.post("/rpc")
    def rpc(call: Call) -> dict[str, Any]:
        """The node, as far as a wallet needs it and for the personas' accounts only."""
        return {"jsonrpc": "2.0", "id": call.id, **_outcome(node, call)}

    @router.post("/jump")
    def jump(wanted: Jump, host: CurrentHost) -> State:
        """Time is so many days later, for good: the jump is final at once."""
        newest = node.time
        node.advance(max(int(time.time()) - newest, 0) + wanted.days * DAY)
        node.mine(FINAL_DEPTH)
        _await_index(host, node)
        return _state(host, node)

    @router.post("/reorg")
    def reorg(wanted: Reorg, host: CurrentHost) -> Reorged:
        """The newest blocks are replaced by empty ones: what happened in them has not happened."""
        head = node.head
        depth = _depth(node, head, wanted.depth)
        dropped = [str(tx) for number in range(head - depth + 1, head + 1) for tx in node.block(number)["transactions"]]
        node.rpc("anvil_reorg", depth, [])
        node.mine()
        _await_index(host, node)
        return Reorged(depth=depth, block=node.head, dropped=dropped)

    @router.get("/state")
    def state(host: CurrentHost) -> State:
        return _state(host, node)

    return router


def _outcome(node: Node, call: Call) -> dict[str, Any]:
    """The node's result or its error, or why the node is not asked."""
    refusal = _refusal(call)
    if refusal is not None:
        return {"error": refusal}
    try:
        return {"result": node.rpc(call.method, *call.params)}
    except RpcFailed as error:
        return {"error": {"code": -32000, "message": str(error), "data": "0x" + error.data.hex()}}


def _refusal(call: Call) -> dict[str, Any] | None:
    if call.method in _READS:
        return None
    signer = _SIGNER.get(call.method)
    if signer is None:
        return {"code": REFUSED, "message": f"The demo's wallets do not know {call.method}."}
    try:
        account = str(signer(call.params)).lower()
    except (IndexError, KeyError, TypeError):
        account = ""
    if account not in _ADDRESSES:
        return {"code": UNAUTHORIZED, "message": "This is not an account of the demo's wallets."}
    return None


def _depth(node: Node, head: int, wanted: int | None) -> int:
    """How deep the reorg goes: as deep as is wanted, or as the newest transaction lies. Raises Conflict."""
    deepest = min(MOST_DEPTH, head - int(node.block("finalized")["number"], 16))
    if deepest < LEAST_DEPTH:
        raise Conflict("The chain is too short for a reorg.", deepest=deepest)
    return min(wanted or _depth_of_newest(node, head, deepest), deepest)


def _depth_of_newest(node: Node, head: int, deepest: int) -> int:
    """How deep the newest transaction lies, if a reorg can reach it."""
    found = (head - number + 1 for number in range(head, head - deepest, -1) if node.block(number)["transactions"])
    return max(LEAST_DEPTH, next(found, LEAST_DEPTH))


def _await_index(host: Host, node: Node) -> None:
    """The index has the node's newest block, or INDEX_SECONDS are over: the page then follows by itself."""
    newest, until = node.block("latest"), time.monotonic() + INDEX_SECONDS
    while time.monotonic() < until:
        with host.database.reading() as session:
            if feed.tip(session, host.settings.chain_id).number >= int(newest["number"], 16):
                return
        time.sleep(0.05)


def _state(host: Host, node: Node) -> State:
    with host.database.reading() as session:
        return _state_in(session, host, node)


def _state_in(session: Session, host: Host, node: Node) -> State:
    newest = feed.tip(session, host.settings.chain_id)
    return State(
        chain_id=host.settings.chain_id,
        block=node.head,
        final=int(node.block("finalized")["number"], 16),
        indexed=newest.number,
        at=feed.time_of(newest),
    )
