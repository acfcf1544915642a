"""A Membership, from its events"""

from collections.abc import Iterator
from typing import Any

from tests.contracts.events.recording import NOBODY, Tokens, View, folds
from tests.factories.contracts import NO_LEDGER

RELEASED = 4  # flag
NO_CONSENT = {"maxPrice": 0, "periodsLeft": 0, "until": 0}


class MembershipPart(Tokens):
    contract = "Membership"
    silent = ("SubscriptionUpdate", "MetadataUpdate", "BatchMetadataUpdate", "Swept")

    def __init__(self, opened: dict[str, Any]) -> None:
        super().__init__(opened["membership"])
        self.opened = opened
        self.tiers: dict[int, dict[str, Any]] = {}
        self.states: dict[int, dict[str, int]] = {}
        self.ledgers: dict[int, dict[str, int]] = {}
        self.claimed: dict[int, int] = {}
        self.rates: list[dict[str, int]] = [opened["rates"]]
        self.consents: dict[int, tuple[int, int, dict[str, int]]] = {}  # tier, count of transfers
        self.funds: dict[str, int] = {}
        self.earned = self.withdrawn = 0
        self.burned: set[int] = set()
        self.uses: dict[bytes, int] = {}  # of a voucher's digest

    @folds("TierSet")
    def see_tier_set(self, fields: dict[str, Any], now: int) -> None:
        self.tiers[fields["tierId"]] = fields["tier"]

    @folds(
        "MembershipJoined",
        "MembershipRenewed",
        "MembershipGranted",
        "MembershipTierChanged",
        "MembershipCancelled",
        "MembershipRevoked",
        "SeatReleased",
        "MembershipMoved",
    )
    def see_membership_joined(self, fields: dict[str, Any], now: int) -> None:
        self.states.setdefault(fields["tokenId"], {}).update(fields["state"])
        assert fields.get("holder", self.owners[fields["tokenId"]]) == self.owners[fields["tokenId"]]

    @folds("MembershipBurned")
    def see_membership_burned(self, fields: dict[str, Any], now: int) -> None:
        del self.states[fields["tokenId"]]
        self.burned.add(fields["tokenId"])

    @folds("MembershipSettled")
    def see_membership_settled(self, fields: dict[str, Any], now: int) -> None:
        if fields["tokenId"] in self.states:  # not while it is being burned
            self.states[fields["tokenId"]].update(fields["state"])
        self.earned = fields["earnedTotal"]
        if fields["badge"]:
            self.ledgers[fields["badge"]] = fields["ledger"]

    @folds("BadgeLedgerSet")
    def see_badge_ledger_set(self, fields: dict[str, Any], now: int) -> None:
        self.ledgers[fields["badge"]] = fields["ledger"]

    @folds("BadgeClaimed")
    def see_badge_claimed(self, fields: dict[str, Any], now: int) -> None:
        self.claimed[fields["badge"]] = fields["claimed"]

    @folds("RatesSet")
    def see_rates_set(self, fields: dict[str, Any], now: int) -> None:
        assert fields["version"] == len(self.rates)
        self.rates.append(fields["rates"])

    @folds("AutoRenewSet")
    def see_auto_renew_set(self, fields: dict[str, Any], now: int) -> None:
        count = self.states[fields["tokenId"]]["transferCount"]
        self.consents[fields["tokenId"]] = (fields["tierId"], count, fields["consent"])

    @folds("FundsSet")
    def see_funds_set(self, fields: dict[str, Any], now: int) -> None:
        self.funds[fields["account"]] = fields["funds"]

    @folds("VoucherUsed")
    def see_voucher_used(self, fields: dict[str, Any], now: int) -> None:
        self.uses[fields["digest"]] = fields["used"]

    @folds("EarningsWithdrawn")
    def see_earnings_withdrawn(self, fields: dict[str, Any], now: int) -> None:
        self.withdrawn = fields["withdrawnTotal"]

    def views(self, now: int) -> Iterator[View]:
        yield from self.token_views()
        yield from self._tier_views(now)
        for token_id, state in self.states.items():
            yield from self._state_views(token_id, state, now)
        for token_id in self.burned:
            yield self.view("isValid", token_id, is_=False)
        for badge in {*self.states, *self.ledgers, *self.burned}:
            yield from self._badge_views(badge)
        for version, rates in enumerate(self.rates):
            yield self.view("ratesOf", version, is_=rates)
        yield self.view("ratesVersion", is_=len(self.rates) - 1)
        for account in self.accounts:
            yield self.view("fundsOf", account, is_=self.funds.get(account, 0))
        yield self.view("earnings", is_={"earnedTotal": self.earned, "withdrawnTotal": self.withdrawn})
        for name in ("name", "symbol", "community", "badges", "store", "currency", "noticeSeconds", "royaltyBps"):
            yield self.view(name, is_=self.opened[name])

    def _tier_views(self, now: int) -> Iterator[View]:
        yield self.view("tierCount", is_=len(self.tiers))
        for tier_id, tier in self.tiers.items():
            seated = [each for each in self.states.values() if each["tierId"] == tier_id]
            noticed = now < tier["noticeEnds"]
            yield self.view(
                "tierOf",
                tier_id,
                is_=tier
                | {
                    "seats": sum(not each["flags"] & RELEASED for each in seated),
                    "renewalPrice": tier["renewalPrice"] if noticed else tier["price"],
                    "noticeEnds": tier["noticeEnds"] if noticed else 0,
                },
            )

    def _state_views(self, token_id: int, state: dict[str, int], now: int) -> Iterator[View]:
        yield self.view("stateOf", token_id, is_=state)
        yield self.view("expiresAt", token_id, is_=state["expiresAt"])
        yield self.view("isValid", token_id, is_=now < state["expiresAt"])
        unearned, settled, until = state["unearned"], state["settledAt"], state["earnedAt"]
        earned = unearned if now >= until else -(-unearned * (now - settled) // (until - settled))
        yield self.view("unearnedOf", token_id, is_=unearned - earned)
        tier, count, consent = self.consents.get(token_id, (0, 0, NO_CONSENT))
        live = tier != 0 and (tier, count) == (state["tierId"], state["transferCount"])
        yield self.view("consentOf", token_id, is_=consent if live else NO_CONSENT)

    def _badge_views(self, badge: int) -> Iterator[View]:
        ledger, claimed = self.ledgers.get(badge, NO_LEDGER), self.claimed.get(badge, 0)
        shown = ledger | {"claimed": claimed, "used": bool(ledger["used"]), "minted": bool(ledger["minted"])}
        yield self.view("ledgerOf", badge, is_=shown)
        yield self.view("accruedOf", badge, is_=ledger["income"] - claimed)
        rates = self.rates[ledger["version"] if ledger["used"] else -1]
        yield self.view("rateOf", badge, is_=list(rates.values())[ledger["level"]])
        if not ledger["minted"]:
            paid = ledger["used"] or self.states.get(badge, {}).get("earnedAt")
            yield self.view("badgeOwnerOf", badge, is_=self.owners.get(badge, NOBODY) if paid else NOBODY)
