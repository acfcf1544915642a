"""Achievements: what there is, who has it, and their prepared transactions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field
from sqlmodel import Session

from backend import feed
from backend.badges.achievements import (
    AchievementView,
    achievement_of,
    achievements_of,
    token_of,
    tokens_of,
    voucher_spent,
)
from backend.badges.queries import Contracts, contracts_of
from backend.community.queries import CommunityView, community_of
from backend.db import Opened, Reading
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.problems import Conflict
from backend.transactions import (
    NATIVE,
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
    prefix="/api/communities/{community}", tags=["achievements"], dependencies=[Depends(require_same_origin)]
)

MOST_GRANTED = 100
AchievementId = Annotated[int, Field(ge=1, lt=1 << 32)]
AchievementPath = Annotated[int, Path(ge=1, lt=1 << 32)]


class VoucherSpent(Conflict):
    slug, title = "voucher-spent", "This voucher works no more"


class CreateRequest(TransactionRequest):
    """A new achievement, as IBadges.AchievementParams says it. `label` and texts are counted in bytes of UTF-8."""

    label: str = Field(min_length=1, max_length=32)
    cap: int = Field(default=0, ge=0, lt=1 << 32)
    locked: bool = False
    issuer: AddressText | None = None
    allowance: int = Field(default=0, ge=0, lt=1 << 24)
    description: str = Field(default="", max_length=500)
    uri: str = Field(default="", max_length=200)


class GrantRequest(TransactionRequest):
    achievement_id: AchievementId
    recipients: list[AddressText] = Field(min_length=1, max_length=MOST_GRANTED)


class IssuerRequest(TransactionRequest):
    """Whose vouchers work from now on, and how many; no `issuer`: nobody's."""

    achievement_id: AchievementId
    issuer: AddressText | None = None
    allowance: int = Field(default=0, ge=0, lt=1 << 24)


class TextRequest(TransactionRequest):
    """What is told about an achievement; counted in bytes of UTF-8."""

    achievement_id: AchievementId
    description: str = Field(default="", max_length=500)
    uri: str = Field(default="", max_length=200)


class VoucherRequest(TransactionRequest):
    """A voucher as its issuer signed it (IBadges.AchievementVoucher). `recipient` None: whoever claims it first."""

    issuer: AddressText
    achievement_id: AchievementId
    recipient: AddressText | None = None
    deadline: int = Field(ge=0, lt=1 << 40)
    nonce: Uint256Text
    signature: str = Field(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")


class WithdrawRequest(TransactionRequest):
    """Which voucher: its issuer, achievement and nonce."""

    issuer: AddressText
    achievement_id: AchievementId
    nonce: Uint256Text


class BurnRequest(TransactionRequest):
    """`token_id`: a number, or a decimal string, which no reader rounds."""

    token_id: Annotated[int, Field(ge=1 << 40, lt=1 << 72)]


class AchievementAnswer(BaseModel):
    id: int
    label: str
    description: str
    uri: str
    cap: int
    made: int
    locked: bool
    issuer: str | None
    allowance: int


class HolderAnswer(BaseModel):
    token_id: str
    owner: str
    made_at: int


@router.get("/achievements")
def achievements(
    community: CommunityPath,
    host: CurrentHost,
    session: Reading,
    before: Annotated[int | None, Query(ge=1, lt=1 << 32)] = None,
) -> list[AchievementAnswer]:
    """What can be achieved here, the newest first."""
    view, contracts, _ = _community(host, session, community)
    return [_achievement(each) for each in achievements_of(session, view.chain_id, contracts.badges, before=before)]


@router.get("/achievements/{achievement_id}/holders")
def holders(
    community: CommunityPath,
    achievement_id: AchievementPath,
    host: CurrentHost,
    session: Reading,
    after: Annotated[str, Query(pattern=r"^[0-9]{1,22}$")] = "0",
) -> list[HolderAnswer]:
    """Who has it, in the order in which it was given."""
    view, contracts, _ = _community(host, session, community)
    found = achievement_of(session, view.chain_id, contracts.badges, achievement_id)
    tokens = tokens_of(session, view.chain_id, contracts.badges, found.id, after=int(after))
    return [HolderAnswer(token_id=str(each.id), owner=each.owner, made_at=each.made_at) for each in tokens]


@router.post("/transactions/achievement-create", dependencies=RATIONED)
def create(
    community: CommunityPath, body: CreateRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A new achievement. Only the owner."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
    label = body.label.encode()[:32].ljust(32, b"\0")
    params = (label, body.cap, body.locked, body.issuer or NATIVE, body.allowance, body.description, body.uri)
    call = Call("Badges", contracts.badges, "createAchievement", (params,))
    summary = say._("Create the achievement “%(label)s” in %(community)s") % {
        "label": body.label,
        "community": view.name,
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-grant", dependencies=RATIONED)
def grant(
    community: CommunityPath, body: GrantRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Each of these wallets gets a token of the achievement. Only the owner or a granter."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        found = achievement_of(session, view.chain_id, contracts.badges, body.achievement_id)
    call = Call("Badges", contracts.badges, "grantAchievement", (found.id, body.recipients))
    summary = say.ngettext(
        "Give the achievement “%(label)s” to %(count)s wallet",
        "Give the achievement “%(label)s” to %(count)s wallets",
        len(body.recipients),
        label=found.label,
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-text", dependencies=RATIONED)
def set_text(
    community: CommunityPath, body: TextRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """What is told about an achievement is changed. Only the owner."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        found = achievement_of(session, view.chain_id, contracts.badges, body.achievement_id)
    call = Call("Badges", contracts.badges, "setAchievementText", (found.id, body.description, body.uri))
    summary = say._("Change what is told about the achievement “%(label)s”") % {"label": found.label}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-issuer", dependencies=RATIONED)
def set_issuer(
    community: CommunityPath, body: IssuerRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Who signs vouchers for the achievement. Only the owner."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        found = achievement_of(session, view.chain_id, contracts.badges, body.achievement_id)
    arguments = (found.id, body.issuer or NATIVE, body.allowance)
    call = Call("Badges", contracts.badges, "setAchievementIssuer", arguments)
    summary = (
        say.ngettext(
            "%(issuer)s may sign %(count)s voucher for “%(label)s”",
            "%(issuer)s may sign %(count)s vouchers for “%(label)s”",
            body.allowance,
            issuer=body.issuer,
            label=found.label,
        )
        if body.issuer
        else say._("Nobody signs vouchers for “%(label)s” any more") % {"label": found.label}
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-claim", dependencies=RATIONED)
def claim_achievement(
    community: CommunityPath, body: VoucherRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A voucher becomes a token of the achievement."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        found = achievement_of(session, view.chain_id, contracts.badges, body.achievement_id)
    voucher = (body.issuer, found.id, body.recipient or NATIVE, body.deadline, int(body.nonce))
    arguments = (voucher, bytes.fromhex(body.signature[2:]))
    call = Call("Badges", contracts.badges, "claimAchievement", arguments)
    summary = say._("Take the achievement “%(label)s” of %(community)s") % {
        "label": found.label,
        "community": view.name,
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-withdraw", dependencies=RATIONED)
def withdraw(
    community: CommunityPath, body: WithdrawRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A voucher that nobody has used works no more. Only its issuer or the owner."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        found = achievement_of(session, view.chain_id, contracts.badges, body.achievement_id)
        spent = voucher_spent(
            session, view.chain_id, contracts.badges, found.id, issuer=body.issuer.lower(), nonce=int(body.nonce)
        )
    if spent:
        raise VoucherSpent("This voucher was used or taken back already.", reason="voucher-spent")
    call = Call("Badges", contracts.badges, "withdrawAchievementVoucher", (found.id, body.issuer, int(body.nonce)))
    summary = say._("Take back a voucher for “%(label)s”: nobody can use it any more.") % {"label": found.label}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-burn", dependencies=RATIONED)
def burn(
    community: CommunityPath, body: BurnRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A token of an achievement is no more, also a locked one. Only its holder."""
    with database.reading() as session:
        view, contracts, _ = _community(host, session, community)
        token = token_of(session, view.chain_id, contracts.badges, body.token_id)
        found = achievement_of(session, view.chain_id, contracts.badges, token.achievement)
    call = Call("Badges", contracts.badges, "burn", (token.id,))
    text = say._("Burn your achievement “%(label)s” of %(community)s. It is gone for good")
    summary = text % {"label": found.label, "community": view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _community(host: Host, session: Session, address: str) -> tuple[CommunityView, Contracts, int]:
    at = feed.time_at(session, host.settings.chain_id)
    view = community_of(session, host.settings.chain_id, address, at=at)
    return view, contracts_of(session, view.chain_id, view.address), at


def _achievement(view: AchievementView) -> AchievementAnswer:
    return AchievementAnswer(
        id=view.id,
        label=view.label,
        description=view.description,
        uri=view.uri,
        cap=view.cap,
        made=view.made,
        locked=view.locked,
        issuer=view.issuer,
        allowance=view.allowance,
    )
