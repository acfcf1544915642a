"""A home and a real community: the chain, the indexer and the keeper go on only when a test says so."""

from dataclasses import replace
from functools import partial
from typing import Any

from backend.feed import consume, time_at
from backend.host import Host
from backend.renewals import jobs
from backend.renewals.keeper import load_keeper
from backend.renewals.queries import Standing, standings_of
from tests.factories.economy import Economy
from tests.fixtures.anvil import RECEIPT_ATTEMPTS


class Kept:
    """A community whose home runs a keeper. `keep()` is one run of its job, with the index at the head."""

    def __init__(self, host: Host, economy: Economy) -> None:
        self.host, self.economy, self.anvil = host, economy, economy.anvil
        self.keeper = load_keeper(host.settings)
        self.fund()

    def fund(self, wei: int = 10**18) -> None:
        self.anvil.rpc("anvil_setBalance", self.keeper.address, hex(wei))

    def set(self, **settings: Any) -> None:
        """The operator has chosen something else."""
        self.host = replace(self.host, settings=self.host.settings.model_copy(update=settings))

    def agree(self, account: str, *, paid_in: int = 1, badge: int = 0) -> int:
        """The account joins and agrees to twelve renewals, with coins for so many prepaid; the token's id."""
        token_id = self.economy.join_agreeing(account, badge=badge)
        if paid_in:
            self.economy.send("addFunds", account, sender=account, value=paid_in * self.economy.price)
        return token_id

    def open_window(self, account: str) -> None:
        """The account's membership expires in less than a day."""
        self.anvil.set_time(int(self.economy.held(account)["expires_at"]) - 3_600)

    def index(self) -> None:
        self.economy.story.index()
        with self.host.database.writing() as session:
            consume(session, "renewals.again", partial(jobs.again, self.host), self.host.settings.chain_id)

    def keep(self) -> None:
        self.index()
        jobs.run(self.host, {})
        self.await_mined()
        self.index()

    def await_mined(self) -> None:
        """What the keeper sent is in blocks: the node answers with a hash a little before."""
        for _ in range(RECEIPT_ATTEMPTS):
            if self._count("pending") == self.sent():
                return
        raise AssertionError("the keeper's transactions were not mined")

    def standing(self, account: str) -> Standing:
        with self.host.database.reading() as session:
            chain_id = self.host.settings.chain_id
            [found] = standings_of(session, chain_id, account, at=time_at(session, chain_id))
        return found

    def expiry(self, account: str) -> int:
        return int(self.economy.held(account)["expires_at"])

    def sent(self) -> int:
        """How many transactions of the keeper are in blocks."""
        return self._count("latest")

    def _count(self, tag: str) -> int:
        return int(self.anvil.rpc("eth_getTransactionCount", self.keeper.address, tag), 16)
