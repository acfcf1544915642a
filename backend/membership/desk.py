"""The owner's desk: members as a list, allow-lists, grants read from CSV, vouchers that wallets signed."""

from typing import Annotated, Any

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of, owned_community, roles_of
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.signature import verify_wallet
from backend.identity.viewer import SignedInViewer
from backend.membership.grants import Line, addresses_of, lines_of, with_memberships
from backend.membership.lists import MOST_ACCOUNTS, accounts_in, keep_list, list_sizes
from backend.membership.people import State, Wanted, holders_among, people_of
from backend.membership.queries import tier_of, tiers_of
from backend.membership.tables import SignedVoucher
from backend.membership.voucher_link import MOST_TRIAL
from backend.membership.vouchers import VoucherView, digest_of, keep_voucher, voucher_of, vouchers_of
from backend.problems import Forbidden, Malformed
from backend.transactions import (
    RATIONED,
    AddressText,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    Uint256Text,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}", tags=["membership"], dependencies=[Depends(require_same_origin)]
)

ISSUER = 4
VOUCHERS_PAGE = 20
SEARCH = r"^[^\x00-\x1f]{0,60}$"
AFTER = r"^[0-9]{1,13}-[0-9]{1,13}$"


class PersonAnswer(BaseModel):
    """A membership with its holder; amounts in base units as decimal text, times unix seconds."""

    token_id: int
    holder: str
    tier_id: int
    tier: str
    expires_at: int
    expired: bool
    joined_at: int
    unearned: str
    unearned_written: str
    badge: int


class PeopleAnswer(BaseModel):
    """`after`: for the next page; None on the last."""

    people: list[PersonAnswer]
    after: str | None


class ListRequest(BaseModel):
    """Addresses with spaces, commas or lines between them."""

    accounts: str = Field(max_length=MOST_ACCOUNTS * 44 + 100, examples=["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc"])


class ListAnswer(BaseModel):
    root: str
    count: int


class GrantsRequest(BaseModel):
    """CSV lines `address, tier, days`; `tier_id` and `days` where a line says none."""

    text: str = Field(max_length=200_000, examples=["0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc, Observer, 90"])
    tier_id: int | None = Field(default=None, ge=1, lt=1 << 16)
    days: int | None = Field(default=None, ge=1, le=730)


class LineAnswer(BaseModel):
    """`fault`: a code why the line cannot be granted; None when it can."""

    number: int
    text: str
    recipient: str
    tier_id: int
    tier: str
    seconds: int
    token_id: int
    fault: str | None


class VoucherFields(BaseModel):
    """IMembershipBase.Voucher; numbers as decimal text."""

    issuer: AddressText
    tierId: int = Field(ge=1, lt=1 << 16)  # noqa: N815 - Solidity's name
    kind: int = Field(ge=0, le=2)
    value: str = Field(pattern=r"^[0-9]{1,29}$")
    recipient: AddressText
    uses: int = Field(ge=1, lt=(1 << 32) - 1)
    deadline: int = Field(ge=1, lt=1 << 40)
    nonce: Uint256Text

    @property
    def values(self) -> dict[str, Any]:
        return {**self.model_dump(), "value": int(self.value), "nonce": int(self.nonce)}


class VoucherRequest(BaseModel):
    voucher: VoucherFields
    signature: str = Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")
    note: str = Field(default="", max_length=80)


class VoucherAnswer(BaseModel):
    """A voucher that this home keeps for its issuer. `used`: how often; `withdrawn`: it works no more."""

    digest: str
    tier_id: int
    kind: int
    value: str
    recipient: str
    uses: int
    used: int
    withdrawn: bool
    deadline: int
    note: str
    created_at: int
    code: str


class WithdrawRequest(TransactionRequest):
    voucher: VoucherFields


@router.get("/people")
def list_people(
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    q: Annotated[str, Query(pattern=SEARCH)] = "",
    tier: Annotated[int | None, Query(ge=1, lt=1 << 16)] = None,
    state: State = "valid",
    after: Annotated[str | None, Query(pattern=AFTER)] = None,
) -> PeopleAnswer:
    """Members for the owner, fifty a page: found by the beginning of an address or #number."""
    with database.reading() as session:
        view, at = owned_community(session, host.settings.chain_id, community, viewer.account)
        page = people_of(session, view.chain_id, view.membership, Wanted(q, tier, state), at=at, after=after)
    currency = currency_of(host.chain, view.currency)
    people = [
        PersonAnswer(
            token_id=each.token_id,
            holder=to_checksum_address(each.holder),
            tier_id=each.tier_id,
            tier=each.tier,
            expires_at=each.expires_at,
            expired=each.expired,
            joined_at=each.joined_at,
            unearned=str(each.unearned),
            unearned_written=currency.written(each.unearned),
            badge=each.badge,
        )
        for each in page.people
    ]
    return PeopleAnswer(people=people, after=page.after)


@router.post("/allow-lists", status_code=201)
def make_list(
    community: CommunityPath, body: ListRequest, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> ListAnswer:
    """Keeps a list of accounts here, so that they get their proof, and gives its root for a tier to name."""
    with database.reading() as session:
        view, _ = owned_community(session, host.settings.chain_id, community, viewer.account)
        kept = list_sizes(session, view.chain_id, view.address)
    accounts = accounts_in(body.accounts)
    if sum(kept.values()) + len(accounts) > 10 * MOST_ACCOUNTS:
        raise Malformed("Too many accounts are kept on lists already.", reason="list-size", limit=10 * MOST_ACCOUNTS)
    with database.writing() as session:
        root = keep_list(session, view.chain_id, view.address, accounts)
    return ListAnswer(root=root, count=len(accounts))


@router.post("/grants/check")
def check_grants(
    community: CommunityPath, body: GrantsRequest, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> list[LineAnswer]:
    """What each line of a CSV would grant, or what is wrong with it. Nothing happens yet."""
    with database.reading() as session:
        view, at = owned_community(session, host.settings.chain_id, community, viewer.account)
        tiers = tiers_of(session, view.chain_id, view.membership, at=at)
        lines = lines_of(body.text, tiers, tier_id=body.tier_id, days=body.days)
        held = holders_among(session, view.chain_id, view.membership, addresses_of(lines))
    return [_line(line) for line in with_memberships(lines, held)]


@router.get("/vouchers")
def list_vouchers(
    community: CommunityPath,
    host: CurrentHost,
    viewer: SignedInViewer,
    database: Opened,
    before: Annotated[int | None, Query(ge=1, lt=1 << 40)] = None,
) -> list[VoucherAnswer]:
    """What the viewer signed here, the newest first. Whoever has a `code` can use it: only its issuer sees it."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        found = vouchers_of(
            session,
            view.chain_id,
            view.address,
            view.membership,
            issuer=viewer.account,
            before=before,
            limit=VOUCHERS_PAGE,
        )
    return [_voucher(each) for each in found]


@router.post("/vouchers", status_code=201, dependencies=RATIONED)
def add_voucher(
    community: CommunityPath, body: VoucherRequest, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> VoucherAnswer:
    """Keeps a voucher that the viewer's wallet has just signed."""
    fields = body.voucher.values
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
        _require_issuer(session, view, viewer.account)
        tier = tier_of(session, view.chain_id, view.membership, body.voucher.tierId, at=at)
    if body.voucher.issuer.lower() != viewer.account:
        raise Forbidden("Only who signed a voucher keeps it here.", reason="issuer-other")
    _check_value(body.voucher)
    digest = digest_of(view.chain_id, view.membership, fields)
    signature = bytes.fromhex(body.signature[2:])
    verify_wallet(host.chain, viewer.account, digest=digest, signature=signature)
    voucher = SignedVoucher(
        chain_id=view.chain_id,
        community=view.address,
        digest="0x" + digest.hex(),
        issuer=viewer.account,
        tier_id=tier.id,
        kind=body.voucher.kind,
        value=fields["value"],
        recipient=body.voucher.recipient.lower(),
        uses=body.voucher.uses,
        deadline=body.voucher.deadline,
        nonce=fields["nonce"],
        signature=signature,
        note="".join(filter(str.isprintable, body.note)),
        created_at=at,
    )
    with database.writing() as session:
        keep_voucher(session, voucher)
        kept = voucher_of(session, view.chain_id, view.address, view.membership, voucher.digest, issuer=viewer.account)
    return _voucher(kept)


@router.post("/transactions/withdraw-voucher", dependencies=RATIONED)
def withdraw_voucher(
    community: CommunityPath, body: WithdrawRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A voucher that was signed works no more."""
    with database.reading() as session:
        at = feed.time_at(session, host.settings.chain_id)
        view = community_of(session, host.settings.chain_id, community, at=at)
    call = Call("Membership", view.membership, "withdrawVoucher", (tuple(body.voucher.values.values()),))
    summary = say._("Withdraw a coupon of %(community)s: nobody can use it any more.") % {"community": view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _check_value(voucher: VoucherFields) -> None:
    """As VoucherLib.fits: else the voucher would never work."""
    value = int(voucher.value)
    if (voucher.kind == 0 and value > 10_000) or (voucher.kind == 2 and not 0 < value <= MOST_TRIAL):
        raise Malformed("A discount is at most 10,000, a trial at most 90 days.", reason="voucher-value")
    if value >= 1 << 96:
        raise Malformed("The number is too large.", reason="voucher-value")


def _require_issuer(session: Session, view: CommunityView, account: str) -> None:
    roles = {each.account: each.roles for each in roles_of(session, view.chain_id, view.address)}
    if view.owner != account and not roles.get(account, 0) & ISSUER:
        raise Forbidden("Only the owner and issuers sign vouchers.", reason="issuer-only")


def _voucher(kept: VoucherView) -> VoucherAnswer:
    return VoucherAnswer(
        digest=kept.digest,
        tier_id=kept.tier_id,
        kind=kept.kind,
        value=str(kept.value),
        recipient=to_checksum_address(kept.recipient),
        uses=kept.uses,
        used=min(kept.used, kept.uses),
        withdrawn=kept.withdrawn,
        deadline=kept.deadline,
        note=kept.note,
        created_at=kept.created_at,
        code=kept.code,
    )


def _line(line: Line) -> LineAnswer:
    return LineAnswer(
        number=line.number,
        text=line.text,
        recipient=to_checksum_address(line.recipient) if line.recipient else "",
        tier_id=line.tier_id,
        tier=line.tier,
        seconds=line.seconds,
        token_id=line.token_id,
        fault=line.fault,
    )
