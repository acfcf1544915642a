"""Which figures of the tables must be the same money: what views repeat, what events add up to, what contracts owe.

The equations of docs/contracts.md, as data: `reconcile.py` reads and compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.tables.badges import BadgeClaim, BadgeLedger
from indexer.tables.base import MirrorTable
from indexer.tables.columns import ZERO_ADDRESS
from indexer.tables.community import Collection
from indexer.tables.crowdsale import Contribution, ContributionPayment, Sale, SalePayout, TokenClaim
from indexer.tables.market import Resale, Till, TillPayment
from indexer.tables.membership import Earnings, Ending, Membership, Payment, Settlement, Tier
from indexer.tables.renewals import Consent, Funds
from indexer.tables.store import CreatorLedger, CreatorPayment, Purchase, Tip
from indexer.tables.token import IncomeClaim, IncomeDistribution, Token, TokenHolder

Model = type[MirrorTable]


@dataclass(frozen=True, slots=True)
class Repeated:
    """Each row's `columns` are what this view of its contract says: column -> name of the output.

    `membership`, as an argument, is the one of the row's community.
    """

    model: Model
    contract: str
    function: str
    arguments: tuple[str, ...]
    columns: Mapping[str, str]
    address: str = "contract"
    forgotten: tuple[str, ...] = ()
    """The contract may say 0 of rows in which these columns are equal: it has deleted what it paid back."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that add `plus` less `minus` to what stands under their `key`, if they are as `where` says."""

    model: Model
    key: tuple[str, ...]
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summed:
    """`column` of a row is the sum of these parts under its key; a key without a row stands for 0.

    `known`: parts under keys that have no row belong elsewhere. Of several rows with one key the largest counts.
    """

    model: Model
    key: tuple[str, ...]
    column: str
    parts: tuple[Part, ...]
    known: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """What the contract under `part.key` owes by these rows; all of it together is its balance."""

    name: str
    part: Part


TOKEN, BADGE, PAYEE = ("contract", "token_id"), ("contract", "badge"), ("contract", "payee")
ACCOUNT, SOURCE, TILL = ("contract", "account"), ("source",), ("contract", "collection", "fee_recipient")
MEMBERS_BADGE = ("membership", "badge")
"""Of a row of the store: `membership` is the one beside it."""

REPEATED = (
    Repeated(
        Membership,
        *("Membership", "stateOf", ("token_id",)),
        {
            "unearned": "unearned",
            "settled_at": "settledAt",
            "earned_at": "earnedAt",
            "rate": "rate",
            "badge": "badge",
            "tier_id": "tierId",
            "expires_at": "expiresAt",
        },
    ),
    Repeated(
        Tier,
        "Membership",
        "tierOf",
        ("tier_id",),
        {"price": "price", "seats": "seats", "period_seconds": "periodSeconds"},
    ),
    Repeated(
        Consent,
        *("Membership", "consentOf", ("token_id",)),
        {"max_price": "maxPrice", "periods_left": "periodsLeft", "until": "until"},
    ),
    Repeated(
        BadgeLedger,
        *("Membership", "ledgerOf", ("badge",)),
        {"income": "income", "claimed": "claimed", "volume": "volume", "counted": "counted", "level": "level"},
    ),
    Repeated(
        Earnings, "Membership", "earnings", (), {"earned_total": "earnedTotal", "withdrawn_total": "withdrawnTotal"}
    ),
    Repeated(Funds, "Membership", "fundsOf", ("account",), {"amount": ""}),
    Repeated(CreatorLedger, "Store", "ledgerOf", ("account",), {"credited": "credited", "claimed": "claimed"}),
    Repeated(
        Till,
        *("Market", "tillOf", ("collection", "membership", "fee_recipient")),
        {"royalties": "royalties", "fees": "fees"},
    ),
    Repeated(
        Sale,
        *("Crowdsale", "totals", ()),
        {"raised": "raised", "tier_money": "tierMoney", "released": "released", "votes": "votes"},
        address="address",
    ),
    Repeated(
        Contribution,
        *("Crowdsale", "contributionOf", ("account",)),
        {"amount": "amount", "bought": "bought"},
        forgotten=("amount", "refunded"),
    ),
    Repeated(
        Contribution,
        *("Crowdsale", "claimsOf", ("account",)),
        {"claimed_tokens": "tokens", "claimed_periods": "periods", "paid": "paid"},
    ),
    Repeated(Token, "CommunityToken", "totalSupply", (), {"supply": "result"}, address="address"),
    Repeated(Token, "CommunityToken", "distributed", (), {"distributed": ""}, address="address"),
    Repeated(TokenHolder, "CommunityToken", "balanceOf", ("account",), {"balance": "result"}),
    Repeated(TokenHolder, "CommunityToken", "incomeOf", ("account",), {"claimed": "claimed"}),
)

SUMMED = (
    Summed(
        Membership,
        TOKEN,
        "unearned",
        (
            Part(Payment, TOKEN, plus=("amount",), minus=("tip",)),
            Part(Settlement, TOKEN, minus=("earned",)),
            Part(Ending, TOKEN, minus=("refund",)),
        ),
    ),
    Summed(
        Earnings,
        ("contract",),
        "earned_total",
        (
            Part(Settlement, ("contract",), plus=("earned",), minus=("badge_share",)),
            Part(Purchase, ("contract",), plus=("community_share",)),
            Part(Tip, ("contract",), plus=("community_share",)),
        ),
    ),
    Summed(Earnings, ("contract",), "withdrawn_total", (Part(Collection, SOURCE, plus=("amount",)),), known=True),
    Summed(
        Collection,
        ("community", "source", "account"),
        "taken",
        (Part(Collection, ("community", "source", "account"), plus=("amount",)),),
    ),
    Summed(
        BadgeLedger,
        BADGE,
        "income",
        (
            Part(Settlement, BADGE, plus=("badge_share",)),
            Part(Purchase, MEMBERS_BADGE, plus=("badge_share",)),
            Part(Tip, MEMBERS_BADGE, plus=("badge_share",)),
        ),
    ),
    Summed(BadgeLedger, BADGE, "claimed", (Part(BadgeClaim, BADGE, plus=("amount",)),)),
    Summed(
        CreatorLedger,
        ACCOUNT,
        "credited",
        (Part(Purchase, PAYEE, plus=("payee_share",)), Part(Tip, PAYEE, plus=("payee_share",))),
    ),
    Summed(CreatorLedger, ACCOUNT, "claimed", (Part(CreatorPayment, ACCOUNT, plus=("amount",)),)),
    Summed(
        Till,
        TILL,
        "royalties",
        (
            Part(Resale, TILL, plus=("royalty",), where={"currency": ZERO_ADDRESS}),
            Part(TillPayment, TILL, minus=("royalties",)),
        ),
    ),
    Summed(
        Till,
        TILL,
        "fees",
        (
            Part(Resale, TILL, plus=("fee",), where={"currency": ZERO_ADDRESS}),
            Part(TillPayment, TILL, minus=("fees",)),
        ),
    ),
    Summed(Sale, ("address",), "raised", (Part(ContributionPayment, ("contract",), plus=("amount",)),)),
    Summed(
        Sale, ("address",), "released", (Part(SalePayout, ("contract",), plus=("amount",), where={"kind": "release"}),)
    ),
    Summed(Contribution, ACCOUNT, "amount", (Part(ContributionPayment, ACCOUNT, plus=("amount",)),)),
    Summed(Contribution, ACCOUNT, "bought", (Part(ContributionPayment, ACCOUNT, plus=("bought",)),)),
    Summed(Contribution, ACCOUNT, "paid", (Part(SalePayout, ACCOUNT, plus=("amount",), where={"kind": "membership"}),)),
    Summed(Contribution, ACCOUNT, "refunded", (Part(SalePayout, ACCOUNT, plus=("amount",), where={"kind": "refund"}),)),
    Summed(Contribution, ACCOUNT, "claimed_tokens", (Part(TokenClaim, ACCOUNT, plus=("amount",)),)),
    Summed(Token, ("address",), "supply", (Part(TokenHolder, ("contract",), plus=("balance",)),)),
    Summed(Token, ("address",), "distributed", (Part(IncomeDistribution, ("contract",), plus=("amount",)),)),
    Summed(TokenHolder, ACCOUNT, "claimed", (Part(IncomeClaim, ACCOUNT, plus=("amount",)),)),
)

OWED = (
    Owed("unearned", Part(Membership, ("contract",), plus=("unearned",))),
    Owed("earned", Part(Earnings, ("contract",), plus=("earned_total",), minus=("withdrawn_total",))),
    Owed("badges", Part(BadgeLedger, ("contract",), plus=("income",), minus=("claimed",))),
    Owed("funds", Part(Funds, ("contract",), plus=("amount",))),
    Owed("creators", Part(CreatorLedger, ("contract",), plus=("credited",), minus=("claimed",))),
    Owed("tills", Part(Till, ("contract",), plus=("royalties", "fees"))),
    Owed("raised", Part(Sale, ("address",), plus=("raised",), minus=("released",))),
    Owed("paid out", Part(Contribution, ("contract",), minus=("paid", "refunded"))),
    Owed("income", Part(Token, ("address",), plus=("distributed",))),
    Owed("income claimed", Part(TokenHolder, ("contract",), minus=("claimed",))),
)
