"""Proves the books: tables, the contracts' views and balances, and their events are the same money at one block.

The indexer compares (`python -m indexer verify --books`), since it has the decoders; here its answer is put in words.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from backend.config import Settings
from backend.setup import run_indexer

DIFFERENT = 3
"""Exit code of the indexer when it found a difference."""


@dataclass(frozen=True)
class Account:
    """A contract that holds money. Amounts are base units of `currency` (0x0…: the native coin)."""

    contract: str
    kind: str
    community: str
    currency: str
    owed: int
    balance: int


@dataclass(frozen=True)
class Reconciliation:
    """What was compared at block `number`; `faults` name each row that is wrong, `unasked` is nobody's money."""

    number: int
    compared: int
    accounts: Sequence[Account]
    faults: Sequence[str]

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def difference(self) -> int:
        """By how much balances and what is owed differ, all in all; 0 when every unit is somebody's."""
        return sum(abs(each.balance - each.owed) for each in self.accounts)


def reconcile(settings: Settings, community: str | None = None) -> Reconciliation:
    """The books of all communities, or of one. Raises SetupFailed when they cannot be compared."""
    chosen = ["--community", community] if community else []
    answer = json.loads(run_indexer(settings, "verify", "--books", "--json", *chosen, answers=(0, DIFFERENT)))
    books = answer["books"]
    return Reconciliation(
        number=books["number"],
        compared=books["compared"] + sum(table["rows"] for table in answer["tables"].values()),
        accounts=[
            Account(
                each["contract"],
                each["kind"],
                each["community"],
                each["currency"],
                int(each["total"]),
                int(each["balance"]),
            )
            for each in books["accounts"]
        ],
        faults=[*_table_faults(answer["tables"]), *map(_book_fault, books["wrong"])],
    )


def _table_faults(tables: dict[str, Any]) -> Iterator[str]:
    for name, table in tables.items():
        for kind, words in (("missing", "lacks"), ("extra", "has too many"), ("different", "has wrong")):
            if table[kind]:
                examples = ", ".join(table["examples"])
                yield f"{name}: {words} {table[kind]} row(s), such as {examples}; a fresh index says otherwise"


def _book_fault(wrong: dict[str, str]) -> str:
    difference = int(wrong["ours"]) - int(wrong["theirs"])
    where = f"{wrong['table']} {wrong['row']}: {wrong['what']} is {wrong['ours']}"
    return f"{where}, but {wrong['theirs']} by {wrong['by']} ({difference:+d})"
