"""Random crowdsales, and what holders do with their tokens"""

from typing import Any

from tests.contracts.events.playing import Play, action
from tests.contracts.events.recording import NOBODY, RecordingEvm
from tests.factories.communities import DAY, PRICE, World
from tests.factories.crowdsales import (
    CAP,
    CLIFF,
    COIN,
    FINALIZED,
    GOAL,
    MEMBERSHIP,
    MISSED,
    OPEN,
    REACHED,
    RESTRICTED,
    STOPPED,
    UTILITY,
    Sale,
    open_sale,
    with_tier,
)

FOREVER = 2**40 - 1
LATEST = 6  # so many sales are in play


class Raising(Play):
    def __init__(self, world: World, chain: RecordingEvm) -> None:
        super().__init__(world, chain)
        self.sales: list[Sale] = []

    @action
    def open_sale(self) -> None:
        self._open(self.dice.choice([MEMBERSHIP, UTILITY, RESTRICTED]))

    @action
    def contribute(self) -> None:
        sale, by = self._sale(OPEN), self.anybody()
        amount = self.dice.randint(1, 30) * (PRICE if sale.token is None else COIN)
        if sale.token is not None and self.dice.randrange(4) == 0:
            amount = CAP + 1
        sale.contribute(amount, sender=by, recipient=self.dice.choice([by, by, self.anybody()]))

    contribute_more = contribute

    @action
    def finish(self) -> None:
        sale = self._sale(REACHED, OPEN)
        if not self.rarely() and sale.status() == OPEN and sale.totals()["raised"] < sale.terms["goal"]:
            self._fill(sale)
        sale.finish()

    @action
    def release(self) -> None:
        sale = self._finalized(UTILITY, RESTRICTED)
        self._let_vest(sale)
        sale.release()

    @action
    def claim_tokens(self) -> None:
        sale = self._finalized(UTILITY, RESTRICTED)
        self._let_vest(sale)
        sale.claim(self.one_of([each for each in self.people if sale.claimable(each)["tokens"]], self.anybody()))

    claim_more = claim_tokens

    @action
    def claim_membership(self) -> None:
        ids = self.ids
        sale = self._finalized(MEMBERSHIP)
        periods = {each: int(sale.claimable(each)["periods"]) for each in self.people}
        by = self.one_of([each for each in self.people if periods[each]], self.anybody())
        sale.join(self.dice.randint(1, max(1, min(12, periods[by]))), sender=by, token_id=ids.get(by, 0))

    @action
    def vote(self) -> None:
        sale = self._finalized(UTILITY, RESTRICTED)
        votes = {each: sale.vote_of(each) for each in self.people}
        sale.vote(self.one_of([each for each in self.people if _can_vote(votes[each])], self.anybody()))

    @action
    def refund(self) -> None:
        ended = [each for each in self._latest() if each.status() in (MISSED, STOPPED)]
        sale = self.dice.choice(ended) if ended and self.dice.randrange(3) else self._missed()
        by = self.one_of([each for each in self.people if sale.refund_of(each)], self.anybody())
        sale.refund(by, self.dice.choice([NOBODY, by, self.anybody()]))

    @action
    def stop(self) -> None:
        """All who can vote against the schedule."""
        sale = self._finalized(UTILITY, RESTRICTED)
        for by in self.people:
            if _can_vote(sale.vote_of(by)) and sale.status() == FINALIZED:
                sale.vote(by)

    @action
    def take_back(self) -> None:
        """Native coins beyond a cap."""
        funds = [(sale, each) for sale in self._latest() for each in self.people if sale.funds_of(each)]
        if not funds:
            funds = [(self._open(UTILITY), self.anybody())]
            funds[0][0].contribute(CAP + 1, sender=funds[0][1])
        sale, by = self.one_of(funds)
        self.send(sale.contract.withdrawFunds, by, by=by)

    @action
    def use_token(self) -> None:
        token, other = self._issued(UTILITY, RESTRICTED).token, self.anybody()
        by = self.one_of([each for each in self.people if self.chain.read(token.balanceOf, each)], self.anybody())
        held = int(self.chain.read(token.balanceOf, by))
        calls = [(token.transfer, other, held // 2), (token.delegate, other), (token.approve, other, held // 3)]
        method, *arguments = self.dice.choice(calls)
        self.send(method, *arguments, by=by)

    use_token_again = use_token

    @action
    def govern_token(self) -> None:
        token, other = self._any(RESTRICTED).token, self.anybody()
        calls = [
            (token.setAttestor, other),
            (token.setFrozen, other, self.dice.choice([True, False, False, False])),
            (token.attest, [other], self.dice.choice([self.chain.now, FOREVER, FOREVER, FOREVER])),
        ]
        method, *arguments = self.dice.choice(calls)
        self.send(method, *arguments, by=self.world.founder)

    @action
    def distribute(self) -> None:
        token, by, amount = self._issued(RESTRICTED).token, self.anybody(), self.dice.randint(1, PRICE)
        if self.world.token:
            self.send(self.world.token.mint, by, amount, by=by)
            self.send(self.world.token.approve, token.address, amount, by=by)
        self.send(token.distribute, amount, self.world.currency, by=by, value=self.pay(amount))

    @action
    def claim_income(self) -> None:
        token = self._issued(RESTRICTED).token
        if not any(self._due(token).values()):
            self.distribute()
        by = self.one_of([each for each, due in self._due(token).items() if due], self.anybody())
        self.send(token.claimIncome, by, by, by=by)

    def _due(self, token: Any) -> dict[str, int]:
        return {each: int(self.chain.read(token.incomeOf, each)["due"]) for each in self.people}

    # Sales in the state that an action needs

    def _open(self, asset: int, **changes: Any) -> Sale:
        if asset != MEMBERSHIP:
            changes = {"goal": COIN, "cliffSeconds": DAY} | changes
            if self.dice.randrange(2):
                changes |= with_tier()
        self.sales.append(open_sale(self.world, asset, **changes))
        if asset == RESTRICTED:
            self.sales[-1].attest(*self.people)
        return self.sales[-1]

    def _latest(self, *assets: int) -> list[Sale]:
        return [each for each in self.sales[-LATEST:] if not assets or each.terms["asset"] in assets]

    def _any(self, *assets: int) -> Sale:
        return self.one_of(self._latest(*assets)) if self._latest(*assets) else self._open(self.dice.choice(assets))

    def _sale(self, *statuses: int) -> Sale:
        """One with such a status, or a new one."""
        found = [each for each in self._latest() if each.status() in statuses]
        return self.one_of(found) if found else self._open(self.dice.choice([MEMBERSHIP, UTILITY, RESTRICTED]))

    def _fill(self, sale: Sale) -> None:
        """Some people contribute the goal each: of four, none can stop a schedule alone."""
        for by in self.dice.sample(self.people, self.dice.choice([2, 4, 4])):
            sale.contribute(sale.terms["goal"], sender=by)

    def _finalized(self, *assets: int) -> Sale:
        found = [each for each in self._latest(*assets) if each.status() == FINALIZED]
        if found:
            return self.one_of(found)
        sale = self._open(self.dice.choice(assets))
        self._fill(sale)
        sale.finish()
        return sale

    def _missed(self) -> Sale:
        sale = self._open(self.dice.choice([UTILITY, RESTRICTED]), goal=GOAL)
        for by in self.dice.sample(self.people, 2):
            sale.contribute(COIN, sender=by)
        self.chain.set_time(max(self.chain.now, sale.terms["endsAt"]))
        return sale

    def _issued(self, *assets: int) -> Sale:
        """One whose token somebody holds."""
        found = [each for each in self._latest(*assets) if self.chain.read(each.token.totalSupply)]
        if found:
            return self.one_of(found)
        sale = self._finalized(*assets)
        self._let_vest(sale)
        for account in self.people:
            if sale.claimable(account)["tokens"]:
                sale.claim(account)
        return sale

    def _let_vest(self, sale: Sale) -> None:
        """Past the cliff, mostly."""
        if not self.rarely() and not sale.releasable():
            self.chain.advance(CLIFF)


def _can_vote(vote: dict[str, Any]) -> bool:
    return bool(vote["weight"]) and not vote["voted"]
