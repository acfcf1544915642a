"""A chain that keeps every event, and what a replica of contracts is: their state, folded from events alone"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scripts.solc import Artifact
from tests.factories.contracts import Event, Receipt
from tests.factories.evm import Evm


class RecordingEvm(Evm):
    """What is undone is forgotten. An event has the time of its block."""

    def __init__(self, artifacts: Mapping[str, Artifact]) -> None:
        self.journal: list[tuple[int, Event]] = []
        super().__init__(artifacts)

    def send_raw(self, to: str, data: bytes, *, sender: str, value: int = 0) -> Receipt:
        receipt = super().send_raw(to, data, sender=sender, value=value)
        self.journal += [(self.now, event) for event in receipt.events]
        return receipt

    def snapshot(self) -> tuple[Any, ...]:
        return (*super().snapshot(), len(self.journal))

    def revert(self, snapshot: tuple[Any, ...]) -> None:
        super().revert(snapshot[:-1])
        del self.journal[snapshot[-1] :]


@dataclass(frozen=True)
class View:
    """What a view must answer."""

    contract: str  # name
    address: str
    method: str
    arguments: tuple[Any, ...]
    expected: Any


Fold = Callable[[Any, dict[str, Any], int], None]


def folds(*events: str) -> Callable[[Fold], Fold]:
    """The method takes the fields of these events, and the time."""

    def mark(method: Fold) -> Fold:
        method.events = events  # type: ignore[attr-defined]
        return method

    return mark


class Part:
    """A replica of one contract: methods fold events, `views` tell what the contract must say at a time."""

    contract: str
    silent: tuple[str, ...] = ()  # events that an ERC asks for beside ours, and those that no view shows
    known: ClassVar[dict[str, Fold]] = {}

    def __init_subclass__(cls) -> None:
        methods = [getattr(cls, name) for name in dir(cls)]
        cls.known = {event: method for method in methods for event in getattr(method, "events", ())}

    def __init__(self, address: str) -> None:
        self.address = address
        self.accounts: set[str] = set()  # whom any event of the chain names: of all these the views are asked

    def fold(self, event: Event, now: int) -> None:
        if event.name not in self.silent:
            self.known[event.name](self, event.fields, now)

    def views(self, now: int) -> Iterator[View]:
        raise NotImplementedError

    def view(self, method: str, *arguments: Any, is_: Any) -> View:
        return View(self.contract, self.address, method, arguments, is_)


class Tokens(Part):
    """ERC-721: owners and approvals."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.owners: dict[int, str] = {}
        self.moves: dict[int, int] = {}
        self.approved: dict[int, str] = {}
        self.operators: dict[tuple[str, str], bool] = {}

    @folds("Transfer")
    def see_transfer(self, fields: dict[str, Any], now: int) -> None:
        source, to, token_id = fields.values()
        self.approved.pop(token_id, None)
        self.owners[token_id] = to
        if NOBODY not in (source, to):
            self.moves[token_id] = self.moves.get(token_id, 0) + 1
        if to == NOBODY:
            del self.owners[token_id]

    @folds("Approval")
    def see_approval(self, fields: dict[str, Any], now: int) -> None:
        _, account, token_id = fields.values()
        self.approved[token_id] = account

    @folds("ApprovalForAll")
    def see_approval_for_all(self, fields: dict[str, Any], now: int) -> None:
        owner, operator, allowed = fields.values()
        self.operators[owner, operator] = allowed

    def token_views(self) -> Iterator[View]:
        for token_id, owner in self.owners.items():
            yield self.view("ownerOf", token_id, is_=owner)
            yield self.view("getApproved", token_id, is_=self.approved.get(token_id, NOBODY))
        for owner in self.accounts - {NOBODY}:
            yield self.view("balanceOf", owner, is_=sum(each == owner for each in self.owners.values()))
        for (owner, operator), allowed in self.operators.items():
            yield self.view("isApprovedForAll", owner, operator, is_=allowed)


NOBODY = "0x" + "00" * 20
