"""Proves the books: tables, contracts' views, their balances and their events are the same money at one block."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from indexer.checkpoint import Place, load_place
from indexer.deployments import Deployment
from indexer.errors import FatalError
from indexer.ledgers import OWED, REPEATED, SUMMED, Model, Part, Repeated, Summed
from indexer.rpc import Rpc
from indexer.tables import SCHEMA, metadata
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Community, OwnerChange, ShareChange, Split
from indexer.tables.crowdsale import Sale
from indexer.tables.token import Token
from indexer.views import View, Views

AT_ONCE = 500
"""Rows whose views are asked for together."""

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A figure of a row, or of a contract, that is not what it must be; `by` says what contradicts it."""

    table: str
    row: str
    what: str
    ours: int
    theirs: int
    by: str


@dataclass(frozen=True, slots=True)
class Account:
    """A contract that holds money: what it owes by the tables, and what it has (base units of `currency`).

    `unasked`: what it has beyond, which somebody sent without a call and nobody owns.
    """

    contract: str
    kind: str
    community: str
    currency: str
    owed: dict[str, int]
    balance: int

    @property
    def total(self) -> int:
        return sum(self.owed.values())

    @property
    def unasked(self) -> int:
        return self.balance - self.total


@dataclass(slots=True)
class Books:
    """What was compared and what was wrong, at block `number`."""

    number: int
    hash: str
    compared: int = 0
    accounts: list[Account] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def as_json(self) -> Row:
        """Amounts as decimal strings."""
        accounts = [
            asdict(each)
            | {"owed": {name: str(amount) for name, amount in each.owed.items()}}
            | {"total": str(each.total), "balance": str(each.balance), "unasked": str(each.unasked)}
            for each in self.accounts
        ]
        wrong = [asdict(each) | {"ours": str(each.ours), "theirs": str(each.theirs)} for each in self.wrong]
        return {"ok": not wrong, "number": self.number, "compared": self.compared, "accounts": accounts, "wrong": wrong}


def reconcile(connection: Connection, rpc: Rpc, *, deployment: Deployment, community: str | None = None) -> Books:
    """The books of all communities, or of one, at the block that `connection`'s snapshot is at.

    Raises FatalError when nothing is indexed or there is no such community, RetryableError when the node is away.
    """
    place = load_place(connection, deployment.chain_id)
    if place is None:
        raise FatalError("Nothing is indexed yet: run `python -m indexer run --once` first.")
    return _Clerk(connection, Views(rpc, place.hash), deployment, place, community).books()


class _Clerk:
    """Goes through the rows of a scope: all communities and the market, or one community."""

    def __init__(
        self, connection: Connection, views: Views, deployment: Deployment, place: Place, community: str | None
    ) -> None:
        self._connection, self._views, self._chain_id = connection, views, deployment.chain_id
        self._books = Books(place.number, place.hash)
        self._scope: set[str] | None = None
        self._contracts: dict[str, tuple[str, str, str]] = {}
        """Address -> kind, community, currency."""
        self._communities: dict[str, Row] = {}
        """By its own address and by its store's."""
        self._know(community)
        if community is not None:
            self._scope = {community, *self._contracts}
        elif "Market" in deployment.contracts:
            self._contracts[deployment.contracts["Market"].address] = ("Market", ZERO_ADDRESS, ZERO_ADDRESS)

    def books(self) -> Books:
        for repeated in REPEATED:
            self._compare(repeated)
        for summed in SUMMED:
            self._add_up(summed)
        self._balance()
        self._divide()
        return self._books

    def _know(self, community: str | None) -> None:
        for row in self._all(Community):
            if community in (None, row["address"]):
                self._communities |= {row["address"]: row, row["store"]: row}
                for kind in ("membership", "store"):
                    self._contracts[row[kind]] = (kind.capitalize(), row["address"], row["currency"])
        if community is not None and not self._communities:
            raise FatalError(f"There is no community {community} on chain {self._chain_id}.")
        for model, kind in ((Sale, "Crowdsale"), (Token, "CommunityToken")):
            for row in self._all(model):
                if row["community"] in self._communities:
                    currency = self._communities[row["community"]]["currency"]
                    self._contracts[row["address"]] = (kind, row["community"], currency)

    def _compare(self, repeated: Repeated) -> None:
        """Every row says what its contract says."""
        rows = self._all(repeated.model)
        while chunk := list(islice(rows, AT_ONCE)):
            wanted = [
                View(
                    repeated.contract,
                    repeated.function,
                    row[repeated.address],
                    tuple(self._value(row, name) for name in repeated.arguments),
                )
                for row in chunk
            ]
            for row, said in zip(chunk, self._views.read(wanted), strict=True):
                forgotten = len({row[name] for name in repeated.forgotten}) == 1
                for name, output in repeated.columns.items():
                    theirs = 0 if said is None else said[output]
                    theirs = row[name] if forgotten and theirs == 0 else theirs
                    self._expect(repeated.model, row, name, row[name], theirs, f"{repeated.function} of the contract")

    def _add_up(self, summed: Summed) -> None:
        """Every ledger says what its events add up to."""
        expected: defaultdict[Key, int] = defaultdict(int)
        for part in summed.parts:
            self._sum(part, expected)
        by = " and ".join(_name(part.model) for part in summed.parts)
        ours: dict[Key, Row] = {}
        for row in self._all(summed.model):
            key = tuple(row[name] for name in summed.key)
            if key not in ours or row[summed.column] > ours[key][summed.column]:
                ours[key] = row
        for key, row in ours.items():
            self._expect(summed.model, row, summed.column, row[summed.column], expected.pop(key, 0), by)
        for key, amount in () if summed.known else expected.items():
            row = dict(zip(summed.key, key, strict=True))
            self._expect(summed.model, row, summed.column, 0, amount, by)

    def _balance(self) -> None:
        """Every contract has what it owes."""
        owed: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for each in OWED:
            sums: defaultdict[Key, int] = defaultdict(int)
            self._sum(each.part, sums)
            for (contract,), amount in sums.items():
                owed[contract][each.name] = amount
        balances = self._views.balances([(contract, known[2]) for contract, known in self._contracts.items()])
        for (contract, known), balance in zip(self._contracts.items(), balances, strict=True):
            account = Account(contract, *known, owed[contract], balance)
            self._books.accounts.append(account)
            self._books.compared += 1
            if account.unasked < 0:
                self._wrong(account.kind, contract, "balance", account.total, balance, "the chain")

    def _divide(self) -> None:
        """What a community has and has not paid out is due to those whom the tables know, but for odd units."""
        earned: defaultdict[Key, int] = defaultdict(int)
        self._sum(next(each.part for each in OWED if each.name == "earned"), earned)
        own = [row for address, row in self._communities.items() if address == row["address"]]
        partners = self._partners(own)
        for row in own:
            community, accounts = row["address"], sorted(partners[row["address"]])
            coins = sorted({ZERO_ADDRESS, row["currency"]})
            received = dict(zip(coins, self._views.balances([(community, coin) for coin in coins]), strict=True))
            left = {source: earned[source,] for source in (row["membership"], row["store"])} | received
            for source, amount in left.items():
                dues = self._dues(community, source, accounts)
                self._books.compared += 1
                if not 0 <= amount - dues <= len(accounts):
                    self._wrong("communities", self._label((community,)), f"dues from {source}", amount, dues, "dueOf")

    def _dues(self, community: str, source: str, accounts: Sequence[str]) -> int:
        asked = [View("Community", "dueOf", community, (source, account)) for account in accounts]
        return sum(each[""] for each in self._views.read(asked) if each is not None)

    def _partners(self, communities: Iterable[Row]) -> dict[str, set[str]]:
        """Whoever was ever due a share, by community."""
        partners = {row["address"]: {row["owner"], row["operator"], row["parent"]} for row in communities}
        for model, names in ((OwnerChange, ("owner",)), (ShareChange, ("operator", "parent")), (Split, ("account",))):
            for row in self._all(model):
                partners[row["community"]] |= {row[name] for name in names}
        return {community: accounts - {ZERO_ADDRESS} for community, accounts in partners.items()}

    def _sum(self, part: Part, sums: defaultdict[Key, int]) -> None:
        for row in self._all(part.model):
            if all(row[name] == value for name, value in part.where.items()):
                amount = sum(row[name] for name in part.plus) - sum(row[name] for name in part.minus)
                if amount:
                    sums[tuple(self._value(row, name) for name in part.key)] += amount

    def _value(self, row: Row, name: str) -> Any:
        """A column, or the membership contract of the row's community or store."""
        if name != "membership":
            return row[name]
        return self._communities[row["community" if "community" in row else "contract"]]["membership"]

    def _expect(self, model: Model, row: Row, what: str, ours: int, theirs: int, by: str) -> None:
        self._books.compared += 1
        if ours != theirs:
            keys = [column.name for column in _table(model).primary_key if column.name in row]
            label = self._label(tuple(row[name] for name in keys if name != "chain_id"))
            self._wrong(_name(model), label, what, ours, theirs, by)

    def _wrong(self, table: str, row: str, what: str, ours: int, theirs: int, by: str) -> None:
        self._books.wrong.append(Wrong(table, row, what, ours, theirs, by))

    def _label(self, key: Sequence[Any]) -> str:
        """As `verify` names a row."""
        return "/".join(map(str, (self._chain_id, *key)))

    def _all(self, model: Model) -> Iterator[Row]:
        """The rows of the scope, a few at a time."""
        table = _table(model)
        chosen = select(table).where(table.c.chain_id == self._chain_id).order_by(*table.primary_key)
        if self._scope is not None:
            owner = next(name for name in ("community", "contract", "address") if name in table.c)
            chosen = chosen.where(table.c[owner].in_(sorted(self._scope)))
        found = self._connection.execute(chosen, execution_options={"yield_per": 1_000})
        return (dict(row) for row in found.mappings())


def _table(model: Model) -> Any:
    return metadata.tables[f"{SCHEMA}.{_name(model)}"]


def _name(model: Model) -> str:
    return str(model.__tablename__)
