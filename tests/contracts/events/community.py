"""A Community, from its events and those that tell of its income"""

from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View, folds
from tests.factories.shares import Book, Income, Offices


class Books(dict[str, Book]):
    """Of a token that nobody has seen before the first shares hold, until somebody collects of it."""

    def __init__(self, first: Offices, known: dict[str, Book]) -> None:
        super().__init__(known)
        self.first = first

    def __missing__(self, token: str) -> Book:
        self[token] = Book(self.first, followed=False)
        return self[token]


class CommunityPart(Part):
    contract = "Community"
    silent = ("KeySet", "SaleOpened")

    def __init__(self, opened: dict[str, Any]) -> None:
        super().__init__(opened["community"])
        self.opened = opened
        self.owner = self.pending = NOBODY
        self.roles: dict[str, int] = {}
        self.shares: dict[str, Any] = {}
        self.announced: tuple[Any, ...] = (NOBODY, 0, 0)
        self.home: tuple[Any, ...] = ()
        self.manifest: tuple[Any, ...] = (0, b"\0" * 32)
        self.income: Income | None = None

    @folds("OwnershipTransferred")
    def see_ownership_transferred(self, fields: dict[str, Any], now: int) -> None:
        self.owner, self.pending = fields["owner"], NOBODY
        if self.income:
            self.income.owner = self.owner

    @folds("OwnershipOffered")
    def see_ownership_offered(self, fields: dict[str, Any], now: int) -> None:
        self.pending = fields["pendingOwner"]

    @folds("RolesSet")
    def see_roles_set(self, fields: dict[str, Any], now: int) -> None:
        self.roles[fields["account"]] = fields["roles"]

    @folds("SharesSet")
    def see_shares_set(self, fields: dict[str, Any], now: int) -> None:
        self.shares = fields
        operator, parent = (fields["operator"], fields["operatorBps"]), (fields["parent"], fields["parentBps"])
        offices: Offices = (operator, parent, *((each["account"], each["bps"]) for each in fields["splits"]))
        if self.income is None:
            followed = [self.opened[name] for name in ("membership", "store", "currency")]
            books = {source: Book(offices, followed=True) for source in followed if source != NOBODY}
            self.income = Income(self.owner, offices, Books(offices, books))
        else:
            self.income.share(offices)

    @folds("OperatorAnnounced")
    def see_operator_announced(self, fields: dict[str, Any], now: int) -> None:
        self.announced = (fields["operator"], fields["bps"], fields["since"])

    @folds("HomeMoved")
    def see_home_moved(self, fields: dict[str, Any], now: int) -> None:
        self.home = (fields["epoch"], fields["uri"], fields["homeKey"])

    @folds("ManifestPublished")
    def see_manifest_published(self, fields: dict[str, Any], now: int) -> None:
        self.manifest = (fields["sequence"], fields["digest"])

    @folds("Collected")
    def see_collected(self, fields: dict[str, Any], now: int) -> None:
        """Of native coins that a Community was sent no event tells: their books cannot be kept from events."""
        if fields["source"] == NOBODY:
            return
        book = self._books[fields["source"]]
        amount = self._income.collect(fields["source"], fields["account"])
        taken = book.paid[fields["account"]] + book.paid_as_owner[fields["account"]]
        assert (fields["amount"], fields["taken"]) == (amount, taken), fields

    def receive(self, token: str, amount: int) -> None:
        """An ERC-20 said that this Community got some of it."""
        self._books[token].earned += amount

    def earned(self, source: str, total: int) -> None:
        self._books[source].earned = total

    def views(self, now: int) -> Iterator[View]:
        roles = {account: roles for account, roles in self.roles.items() if roles}
        yield self.view("owner", is_=self.owner)
        yield self.view("pendingOwner", is_=self.pending)
        yield self.view("roles", is_=roles)
        for account in self.accounts:
            bits = self.roles.get(account, 0)
            yield self.view("rolesOf", account, is_=bits)
            yield self.view("hasRole", account, 8, is_=account == self.owner or bool(bits & 8))
        shares = self.shares
        yield self.view("operator", is_={"account": shares["operator"], "bps": shares["operatorBps"]})
        yield self.view("parent", is_={"community": shares["parent"], "bps": shares["parentBps"]})
        locked = {"splits_": shares["splits"], "lockedUntil": shares["splitsLockedUntil"]}
        yield self.view("splits", is_=locked)
        yield self.view("announcedOperator", is_=dict(zip(("account", "bps", "since"), self.announced, strict=True)))
        yield self.view("home", is_=dict(zip(("epoch", "uri", "homeKey"), self.home, strict=True)))
        yield self.view("manifest", is_=dict(zip(("sequence", "digest"), self.manifest, strict=True)))
        for name in ("membership", "badges", "store", "currency", "operatorCapBps"):
            yield self.view(name, is_=self.opened[name])
        for source in self._books:
            for account in self.accounts:
                yield self.view("dueOf", source, account, is_=self._income.due(source, account))

    @property
    def _income(self) -> Income:
        assert self.income is not None
        return self.income

    @property
    def _books(self) -> dict[str, Book]:
        return self._income.books
