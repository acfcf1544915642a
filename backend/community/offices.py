"""Who holds an office in a community and shares in its income: prepared transactions of the Community contract."""

from typing import Any

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, field_validator

from backend import feed
from backend.community.queries import (
    CommunityView,
    OfficeView,
    collections_of,
    community_of,
    office_of,
    owned_community,
    roles_of,
)
from backend.community.reading import due_of, owner_bps, source_currency
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.identity.viewer import SignedInViewer
from backend.problems import Malformed
from backend.texts import Say
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}", tags=["community"], dependencies=[Depends(require_same_origin)]
)

MOST_SPLITS = 16
MOST_ROLES = 15
"""Bits that an owner gives: treasurer, granter, issuer, publisher."""


class CollectRequest(TransactionRequest):
    """`source`: the memberships (None), the store, or the currency of what the community itself was sent."""

    source: AddressText | None = None


class RolesRequest(TransactionRequest):
    """`holder` has exactly these roles afterwards: bits 1 treasurer, 2 granter, 4 issuer, 8 publisher."""

    holder: AddressText
    roles: int = Field(ge=0, le=MOST_ROLES)


class SplitPart(BaseModel):
    account: AddressText
    bps: int = Field(ge=1, le=10_000)


class SplitsRequest(TransactionRequest):
    """All co-founders' parts, 1/10 000 of what is earned; `locked_until` unix seconds, 0 for not."""

    splits: list[SplitPart] = Field(max_length=MOST_SPLITS)
    locked_until: int = Field(default=0, ge=0, lt=1 << 40)

    @field_validator("splits")
    @classmethod
    def _each_once(cls, splits: list[SplitPart]) -> list[SplitPart]:
        if len({part.account.lower() for part in splits}) < len(splits):
            raise ValueError("an account stands there twice")
        if sum(part.bps for part in splits) > 10_000:
            raise ValueError("more than all is given away")
        return splits


class OperatorRequest(TransactionRequest):
    """The operator from the end of the notice on; None and 0 for nobody."""

    operator: AddressText | None = None
    bps: int = Field(default=0, ge=0, le=10_000)


class ParentShareRequest(TransactionRequest):
    bps: int = Field(ge=0, le=10_000)


class OwnershipRequest(TransactionRequest):
    """`to` None takes an offer back."""

    to: AddressText | None = None


class RoleAnswer(BaseModel):
    account: str
    roles: int


class SplitAnswer(BaseModel):
    account: str
    bps: int


class OfficesAnswer(BaseModel):
    """Addresses with checksum, shares in 1/10 000, times in unix seconds (0: never)."""

    owner: str
    pending_owner: str | None
    operator: str | None
    operator_bps: int
    operator_cap_bps: int
    next_operator: str | None
    next_operator_bps: int
    next_operator_since: int
    parent: str | None
    parent_bps: int
    splits: list[SplitAnswer]
    splits_locked_until: int
    owner_bps: int
    roles: list[RoleAnswer]


class CollectionAnswer(BaseModel):
    """Money that was paid out; `amount` in base units of `currency`."""

    source: str
    account: str
    currency: str | None
    amount: str
    amount_written: str
    tx_hash: str
    at: int


@router.get("/offices")
def read_offices(community: CommunityPath, host: CurrentHost, database: Opened) -> OfficesAnswer:
    """Who holds an office and who shares in the income: all of it is public on the chain."""
    with database.reading() as session:
        view = community_of(
            session, host.settings.chain_id, community, at=feed.time_at(session, host.settings.chain_id)
        )
        office = office_of(session, view)
        roles = roles_of(session, view.chain_id, view.address)
    return OfficesAnswer(
        owner=to_checksum_address(view.owner),
        pending_owner=_shown(view.pending_owner),
        operator=_shown(view.operator),
        operator_bps=view.operator_bps,
        operator_cap_bps=office.operator_cap_bps,
        next_operator=_shown(office.next_operator),
        next_operator_bps=office.next_operator_bps,
        next_operator_since=office.next_operator_since,
        parent=_shown(view.parent),
        parent_bps=view.parent_bps,
        splits=[SplitAnswer(account=to_checksum_address(each.account), bps=each.bps) for each in office.splits],
        splits_locked_until=office.splits_locked_until,
        owner_bps=owner_bps(view, office),
        roles=[RoleAnswer(account=to_checksum_address(each.account), roles=each.roles) for each in roles],
    )


@router.get("/collections")
def read_collections(
    community: CommunityPath, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> list[CollectionAnswer]:
    """The newest payments out of this community's income, for its owner."""
    with database.reading() as session:
        view, _ = owned_community(session, host.settings.chain_id, community, viewer.account)
        found = collections_of(session, view.chain_id, view.address)
    return [
        CollectionAnswer(
            source=to_checksum_address(each.source),
            account=to_checksum_address(each.account),
            currency=_shown(each.currency),
            amount=str(each.amount),
            amount_written=currency_of(host.chain, each.currency).written(each.amount),
            tx_hash=each.tx_hash,
            at=each.at,
        )
        for each in found
    ]


@router.post("/transactions/collect", dependencies=RATIONED)
def collect(
    community: CommunityPath, body: CollectRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """All that a source owes this account is paid to it; the account gets nothing that belongs to others."""
    view, office = _seen(host, database, community)
    source = (body.source or view.membership).lower()
    amount = _due(host, view, office, source, body.account, say)
    where = {
        view.membership: say._("Collect %(amount)s that the memberships of %(community)s have earned for you"),
        office.store: say._("Collect %(amount)s that the store of %(community)s has earned for you"),
    }.get(source, say._("Collect %(amount)s, your part of what %(community)s was sent"))
    return _prepared(host, view, body, say, "collect", (source, body.account), where % _named(view, amount=amount))


@router.post("/transactions/roles", dependencies=RATIONED)
def set_roles(
    community: CommunityPath, body: RolesRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Gives an account exactly these roles."""
    view, _ = _seen(host, database, community)
    names = ", ".join(name for bit, name in role_names(say).items() if body.roles & bit)
    text = (
        say._("%(who)s may act for %(community)s as: %(roles)s")
        if names
        else say._("%(who)s has no role in %(community)s")
    )
    summary = text % _named(view, who=_shown(body.holder), roles=names)
    return _prepared(host, view, body, say, "setRoles", (body.holder, body.roles), summary)


@router.post("/transactions/splits", dependencies=RATIONED)
def set_splits(
    community: CommunityPath, body: SplitsRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Divides the founder's share of what is earned from now on."""
    view, _ = _seen(host, database, community)
    parts = ", ".join(f"{part.account[:6]}…{part.account[-4:]} {say.percent(part.bps)}" for part in body.splits)
    text = (
        say._("From now on these share in what %(community)s earns: %(parts)s. The owner gets the rest.")
        if parts
        else say._("From now on nobody but the owner shares in what %(community)s earns.")
    )
    summary = text % _named(view, parts=parts)
    if body.locked_until:
        summary += " " + say._("Nobody can change this before %(date)s.") % {"date": say.date(body.locked_until)}
    splits = [(part.account, part.bps) for part in body.splits]
    return _prepared(host, view, body, say, "setSplits", (splits, body.locked_until), summary)


@router.post("/transactions/announce-operator", dependencies=RATIONED)
def announce_operator(
    community: CommunityPath, body: OperatorRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Another operator takes over after the community's notice."""
    view, _ = _seen(host, database, community)
    if (body.operator is None) != (body.bps == 0):
        raise Malformed("An operator has a share, and nobody has none.")
    text = (
        say._("After %(days)s days %(who)s is the operator of %(community)s and gets %(share)s of what it earns.")
        if body.operator
        else say._("After %(days)s days %(community)s has no operator, and nobody gets a commission.")
    )
    days = round(view.notice_seconds / 86_400)
    summary = text % _named(view, days=days, who=_shown(body.operator) or "", share=say.percent(body.bps))
    return _prepared(host, view, body, say, "announceOperator", (body.operator or NATIVE, body.bps), summary)


@router.post("/transactions/replace-operator", dependencies=RATIONED)
def replace_operator(
    community: CommunityPath, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The announced operator takes over, once the notice has passed."""
    view, _ = _seen(host, database, community)
    summary = say._("The announced operator of %(community)s takes over now.") % _named(view)
    return _prepared(host, view, body, say, "replaceOperator", (), summary)


@router.post("/transactions/parent-share", dependencies=RATIONED)
def lower_parent_share(
    community: CommunityPath, body: ParentShareRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The parent's share of what is earned from now on; it can only fall."""
    view, _ = _seen(host, database, community)
    text = say._(
        "The parent community gets %(share)s of what %(community)s earns from now on. It can never rise again."
    )
    summary = text % _named(view, share=say.percent(body.bps))
    return _prepared(host, view, body, say, "lowerParentShare", (body.bps,), summary)


@router.post("/transactions/offer-ownership", dependencies=RATIONED)
def offer_ownership(
    community: CommunityPath, body: OwnershipRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Offers the community to another account, which must accept."""
    view, _ = _seen(host, database, community)
    text = (
        say._("Offer %(community)s to %(who)s. Nothing changes until they accept; then all of it is theirs.")
        if body.to
        else say._("Take back the offer of %(community)s.")
    )
    summary = text % _named(view, who=_shown(body.to) or "")
    return _prepared(host, view, body, say, "offerOwnership", (body.to or NATIVE,), summary)


@router.post("/transactions/accept-ownership", dependencies=RATIONED)
def accept_ownership(
    community: CommunityPath, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Takes the community that was offered to the caller."""
    view, _ = _seen(host, database, community)
    summary = say._("Take over %(community)s: you are its owner from then on.") % _named(view)
    return _prepared(host, view, body, say, "acceptOwnership", (), summary)


def role_names(say: Say) -> dict[int, str]:
    """What the bits of a role are called."""
    return {
        1: say._("treasurer"),
        2: say._("granter"),
        4: say._("issuer"),
        8: say._("publisher"),
    }


def _seen(host: Host, database: Database, community: str) -> tuple[CommunityView, OfficeView]:
    chain_id = host.settings.chain_id
    with database.reading() as session:
        view = community_of(session, chain_id, community, at=feed.time_at(session, chain_id))
        return view, office_of(session, view)


def _prepared(
    host: Host,
    view: CommunityView,
    body: TransactionRequest,
    say: Say,
    function: str,
    arguments: tuple[Any, ...],
    summary: str,
) -> Transaction:
    call = Call("Community", view.address, function, arguments)
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _due(host: Host, view: CommunityView, office: OfficeView, source: str, account: str, say: Say) -> str:
    """What `collect` pays, written in the source's currency."""
    currency = currency_of(host.chain, source_currency(view, office, source))
    return currency.written(due_of(host, view, source, account), say.language)


def _named(view: CommunityView, **more: Any) -> dict[str, Any]:
    return {"community": view.name, **more}


def _shown(address: str | None) -> str | None:
    return to_checksum_address(address) if address else None
