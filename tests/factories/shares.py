"""Who is due what of a community's income (E18), as a book of eras: an era is what was earned under the same shares.

Written from the rule, not from the contract: nothing is carried over, every sum is taken anew over all eras.
"""

from collections import Counter
from dataclasses import dataclass, field

WHOLE = 10_000
Offices = tuple[tuple[str, int], ...]  # account and bps, of everybody who shares but the owner


@dataclass
class Book:
    """One source of income. `followed`: new shares apply at once; else from the next collection on."""

    offices: Offices
    followed: bool
    earned: int = 0
    withdrawn: int = 0
    since: int = 0  # earned when the era began
    past: list[tuple[int, Offices]] = field(default_factory=list)  # earned in an era, and who shared it
    paid: Counter[str] = field(default_factory=Counter)  # to an account by its offices
    paid_as_owner: Counter[str] = field(default_factory=Counter)

    def share_of(self, account: str) -> int:
        eras = [*self.past, (self.earned - self.since, self.offices)]
        return sum(earned * bps // WHOLE for earned, offices in eras for each, bps in offices if each == account)

    def rest(self) -> int:
        """The owner's, less a unit for every share that is not whole in this era: it may become one of somebody."""
        accounts = {account for _, offices in [*self.past, (0, self.offices)] for account, _ in offices}
        shares = sum(self.share_of(account) for account in accounts)
        waiting = sum((self.earned - self.since) * bps % WHOLE != 0 for _, bps in self.offices)
        owed = shares + waiting - sum(self.paid.values())
        return max(self.earned - self.withdrawn - owed, 0)


@dataclass
class Income:
    """All sources of one community."""

    owner: str
    offices: Offices
    books: dict[str, Book]

    def due(self, source: str, account: str) -> int:
        book = self.books[source]
        return book.share_of(account) - book.paid[account] + (book.rest() if account == self.owner else 0)

    def collect(self, source: str, account: str) -> int:
        book, amount = self.books[source], self.due(source, account)
        share = book.share_of(account) - book.paid[account]
        book.paid[account] += share
        book.paid_as_owner[account] += amount - share
        book.withdrawn += amount
        if amount:
            self._begin(book)
        return amount

    def share(self, offices: Offices) -> None:
        """From now on these accounts share."""
        self.offices = offices
        for book in self.books.values():
            if book.followed:
                self._begin(book)

    def _begin(self, book: Book) -> None:
        if book.offices is self.offices:
            return
        book.past.append((book.earned - book.since, book.offices))
        book.since, book.offices = book.earned, self.offices
