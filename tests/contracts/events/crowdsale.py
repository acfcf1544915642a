"""A Crowdsale and its CommunityToken, from their events"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Part, View, folds

PLANNED, OPEN, REACHED, MISSED, FINALIZED, STOPPED = range(6)
MEMBERSHIP, UTILITY, RESTRICTED = range(3)
TIER, VOTED = 1, 2
NO_CLAIMS = {"tokens": 0, "periods": 0, "paid": 0, "refunded": False}


class CrowdsalePart(Part):
    contract = "Crowdsale"
    silent = ("Swept",)

    def __init__(self, made: dict[str, Any]) -> None:
        super().__init__(made["sale"])
        self.made = made
        self.terms: dict[str, Any] = made["terms"]
        self.raised = self.released = self.votes = self.stopped_at = 0
        self.contributions: dict[str, int] = {}
        self.claims: dict[str, dict[str, Any]] = {}
        self.funds: dict[str, int] = {}

    @folds("Contributed")
    def see_contributed(self, fields: dict[str, Any], now: int) -> None:
        self.contributions[fields["account"]] = fields["contribution"]
        self.raised = fields["raised"]

    @folds("FundsSet")
    def see_funds_set(self, fields: dict[str, Any], now: int) -> None:
        self.funds[fields["account"]] = fields["funds"]

    @folds("CrowdsaleFinalized")
    def see_crowdsale_finalized(self, fields: dict[str, Any], now: int) -> None:
        self.raised |= fields["finalizedAt"] << 24
        assert (fields["raised"], fields["scheduled"]) == (self.raised >> 160, self._scheduled)

    @folds("Released")
    def see_released(self, fields: dict[str, Any], now: int) -> None:
        self.released = fields["released"]

    @folds("ContributionRefunded")
    def see_contribution_refunded(self, fields: dict[str, Any], now: int) -> None:
        account = fields["account"]
        if self._finalized_at == 0:
            self.contributions[account] = 0
        else:
            self.claims[account] = self.claims.get(account, NO_CLAIMS) | {"refunded": True}

    @folds("TokensClaimed", "MembershipClaimed")
    def see_tokens_claimed(self, fields: dict[str, Any], now: int) -> None:
        self.claims[fields["account"]] = fields["claims"]

    @folds("StopVoted")
    def see_stop_voted(self, fields: dict[str, Any], now: int) -> None:
        self.contributions[fields["account"]] |= VOTED
        self.votes = fields["votes"]

    @folds("CrowdsaleStopped")
    def see_crowdsale_stopped(self, fields: dict[str, Any], now: int) -> None:
        self.stopped_at = fields["stoppedAt"]

    def views(self, now: int) -> Iterator[View]:
        names = ("community", "founder", "currency", "membership", "token")
        said = self.terms | {"salt": b"\0" * 32, "tokenName": "", "tokenSymbol": ""}
        yield self.view("terms", is_={"terms_": said, "parties": {name: self.made[name] for name in names}})
        yield self.view("status", is_=self._status(now))
        yield self.view("totals", is_=self._totals())
        for account in self.accounts:
            word = self.contributions.get(account, 0)
            yield self.view("contributionOf", account, is_=_contribution(word))
            yield self.view("claimsOf", account, is_=self.claims.get(account, NO_CLAIMS))
            weight = 0 if account == self.made["founder"] else self._weight(word)
            yield self.view("voteOf", account, is_={"weight": weight, "voted": bool(word & VOTED)})
            yield self.view("fundsOf", account, is_=self.funds.get(account, 0))

    @property
    def _finalized_at(self) -> int:
        return self.raised >> 24 & (2**40 - 1)

    @property
    def _tier_money(self) -> int:
        return self.raised >> 64 & (2**96 - 1)

    @property
    def _scheduled(self) -> int:
        return (self.raised >> 160) - self._tier_money

    def _weight(self, word: int) -> int:
        if self.terms["asset"] == MEMBERSHIP:
            return 0
        return (word >> 160) - (self.terms["tierPrice"] * self.terms["tierPeriods"] if word & TIER else 0)

    def _status(self, now: int) -> int:
        amount = self.raised >> 160
        if self.stopped_at or self._finalized_at:
            return STOPPED if self.stopped_at else FINALIZED
        if amount == self.terms["steps"][-1]["upTo"]:
            return REACHED
        if now < self.terms["endsAt"]:
            return PLANNED if now < self.terms["startsAt"] else OPEN
        return MISSED if amount < self.terms["goal"] else REACHED

    def _totals(self) -> dict[str, int]:
        founders = self._weight(self.contributions.get(self.made["founder"], 0))
        return {
            "raised": self.raised >> 160,
            "tierMoney": self._tier_money,
            "finalizedAt": self._finalized_at,
            "released": self.released,
            "votes": self.votes,
            "stoppedAt": self.stopped_at,
            "electorate": self._scheduled - founders,
        }


def _contribution(word: int) -> dict[str, Any]:
    return {
        "amount": word >> 160,
        "bought": word >> 56 & (2**104 - 1),
        "badge": word >> 16 & (2**40 - 1),
        "tier": bool(word & TIER),
        "voted": bool(word & VOTED),
    }


class TokenPart(Part):
    contract = "CommunityToken"

    def __init__(self, made: dict[str, Any]) -> None:
        super().__init__(made["token"])
        self.made = made
        self.restricted = made["terms"]["asset"] == RESTRICTED
        self.balances: Counter[str] = Counter()
        self.allowances: dict[tuple[str, str], int] = {}
        self.delegates: dict[str, str] = {}
        self.votes: dict[str, dict[int, int]] = {}  # account -> time -> votes from then on
        self.supplies: dict[int, int] = {}  # time -> supply from then on
        self.holders: dict[str, dict[str, Any]] = {}
        self.attestor, self.locked_until = NOBODY, 0
        self.index = self.distributed = 0
        self.counted: dict[str, tuple[int, int]] = {}  # up to which index, and what was owed then
        self.claimed: Counter[str] = Counter()

    @folds("Transfer")
    def see_transfer(self, fields: dict[str, Any], now: int) -> None:
        source, to, amount = fields.values()
        for account in {source, to} - {NOBODY}:
            self.counted[account] = (self.index, self._owed(account))
        for account, change in ((source, -amount), (to, amount)):
            if account != NOBODY:
                self.balances[account] += change
        if NOBODY in (source, to):
            self.supplies[now] = self.balances.total()

    @folds("Approval")
    def see_approval(self, fields: dict[str, Any], now: int) -> None:
        owner, spender, amount = fields.values()
        self.allowances[owner, spender] = amount

    @folds("DelegateChanged")
    def see_delegate_changed(self, fields: dict[str, Any], now: int) -> None:
        account, _, to = fields.values()
        self.delegates[account] = to

    @folds("DelegateVotesChanged")
    def see_delegate_votes_changed(self, fields: dict[str, Any], now: int) -> None:
        account, _, votes = fields.values()
        self.votes.setdefault(account, {})[now] = votes

    @folds("LockupSet")
    def see_lockup_set(self, fields: dict[str, Any], now: int) -> None:
        self.locked_until = fields["lockedUntil"]

    @folds("AttestorSet")
    def see_attestor_set(self, fields: dict[str, Any], now: int) -> None:
        self.attestor = fields["attestor"]

    @folds("HolderSet")
    def see_holder_set(self, fields: dict[str, Any], now: int) -> None:
        self.holders[fields["account"]] = fields["holder"]

    @folds("IncomeDistributed")
    def see_income_distributed(self, fields: dict[str, Any], now: int) -> None:
        assert fields["supply"] == self.balances.total()
        self.index, self.distributed = fields["index"], fields["distributed"]

    @folds("IncomeClaimed")
    def see_income_claimed(self, fields: dict[str, Any], now: int) -> None:
        self.counted[fields["account"]] = (self.index, 0)
        self.claimed[fields["account"]] = fields["claimed"]

    def views(self, now: int) -> Iterator[View]:
        terms = self.made["terms"]
        static = {"name": terms["tokenName"], "symbol": terms["tokenSymbol"], "maximum": self.made["maximum"]}
        static |= {"sale": self.made["sale"], "community": self.made["community"], "currency": self.made["currency"]}
        for name, value in static.items():
            yield self.view(name, is_=value)
        yield self.view("restricted", is_=self.restricted)
        yield self.view("totalSupply", is_=self.balances.total())
        yield self.view("getVotesTotalSupply", is_=self.balances.total())
        for at, supply in self.supplies.items():
            if at < now:
                yield self.view("getPastVotesTotalSupply", at, is_=supply)
        yield self.view("lockedUntil", is_=self.locked_until)
        yield self.view("attestor", is_=self.attestor)
        yield self.view("distributed", is_=self.distributed)
        yield self.view("incomeIndex", is_=self.index)
        for account in self.accounts:
            yield self.view("balanceOf", account, is_=self.balances[account])
            yield from self._vote_views(account, now)
            yield self.view("incomeOf", account, is_={"due": self._owed(account), "claimed": self.claimed[account]})
            yield self.view("delegates", account, is_=self.delegates.get(account, NOBODY))
        for (owner, spender), amount in self.allowances.items():
            yield self.view("allowance", owner, spender, is_=amount)
        for account, holder in self.holders.items():
            yield self.view("holderOf", account, is_=holder)
            yield self.view("isAttested", account, is_=now < holder["attestedUntil"])

    def _vote_views(self, account: str, now: int) -> Iterator[View]:
        votes = self.votes.get(account, {})
        yield self.view("getVotes", account, is_=[0, *votes.values()][-1])
        yield self.view("checkpointCount", account, is_=len(votes))
        for number, (at, power) in enumerate(votes.items()):
            yield self.view("checkpointAt", account, number, is_={"checkpointClock": at, "checkpointValue": power})
            if at < now:
                yield self.view("getPastVotes", account, at, is_=power)

    def _owed(self, account: str) -> int:
        index, owed = self.counted.get(account, (0, 0))
        return owed + (self.balances[account] * (self.index - index) >> 128)
