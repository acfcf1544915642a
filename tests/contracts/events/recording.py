"""A chain that keeps every event, and what a replica of contracts is: their state, folded from events alone"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.solc import Artifact
from tests.factories.contracts import Event, Receipt
from tests.factories.evm import Evm


class RecordingEvm(Evm):
    """What is undone is forgotten. An event has the time of its block."""

    def __init__(self, artifacts: Mapping[str, Artifact], *, size_limit: int | None = None) -> None:
        self.journal: list[tuple[int, Event]] = []
        super().__init__(artifacts, size_limit=size_limit)

    def send_raw(self, to: str, data: bytes, *, sender: str, value: int = 0) -> Receipt:
        receipt = super().send_raw(to, data, sender=sender, value=value)
        self.journal += [(self.now, event) for event in receipt.events]
        return receipt

    def snapshot(self) -> tuple[Any, ...]:  # type: ignore[override]
        return (*super().snapshot(), len(self.journal))

    def revert(self, snapshot: tuple[Any, ...]) -> None:
        super().revert(snapshot[:-1])  # type: ignore[arg-type]
        del self.journal[snapshot[-1] :]


@dataclass(frozen=True)
class View:
    """What a view must answer."""

    contract: str  # name
    address: str
    method: str
    arguments: tuple[Any, ...]
    expected: Any


class Part:
    """A replica of one contract: `on_<Event>` folds an event, `views` tell what the contract must say at a time."""

    contract: str

    def __init__(self, address: str) -> None:
        self.address = address

    def fold(self, event: Event, now: int) -> None:
        method = getattr(self, f"on_{event.name}", None)
        if method is None:
            raise NotImplementedError(f"{self.contract} knows no {event.name}")
        method(event.fields, now)

    def views(self, now: int) -> Iterator[View]:
        raise NotImplementedError

    def view(self, method: str, *arguments: Any, is_: Any) -> View:
        return View(self.contract, self.address, method, arguments, is_)

    def says_nothing_new(self, fields: dict[str, Any], now: int) -> None:
        """For events that an ERC asks for beside ours, and those that no view shows."""


class Tokens(Part):
    """ERC-721: owners and approvals."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.owners: dict[int, str] = {}
        self.moves: dict[int, int] = {}
        self.approved: dict[int, str] = {}
        self.operators: dict[tuple[str, str], bool] = {}

    def on_Transfer(self, fields: dict[str, Any], now: int) -> None:
        source, to, token_id = fields.values()
        self.approved.pop(token_id, None)
        self.owners[token_id] = to
        if NOBODY not in (source, to):
            self.moves[token_id] = self.moves.get(token_id, 0) + 1
        if to == NOBODY:
            del self.owners[token_id]

    def on_Approval(self, fields: dict[str, Any], now: int) -> None:
        _, account, token_id = fields.values()
        self.approved[token_id] = account

    def on_ApprovalForAll(self, fields: dict[str, Any], now: int) -> None:
        owner, operator, allowed = fields.values()
        self.operators[owner, operator] = allowed

    def token_views(self) -> Iterator[View]:
        for token_id, owner in self.owners.items():
            yield self.view("ownerOf", token_id, is_=owner)
            yield self.view("getApproved", token_id, is_=self.approved.get(token_id, NOBODY))
        for owner in {*self.owners.values()}:
            yield self.view("balanceOf", owner, is_=sum(each == owner for each in self.owners.values()))
        for (owner, operator), allowed in self.operators.items():
            yield self.view("isApprovedForAll", owner, operator, is_=allowed)


NOBODY = "0x" + "00" * 20
