"""Achievements: what there is, who has it, and their prepared transactions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from backend.badges.achievements import (
    AchievementView,
    achievement_of,
    achievements_of,
    token_of,
    tokens_of,
    voucher_spent,
)
from backend.community.reading import Here, Shown
from backend.db import Opened, Reading
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.people import listed, spoken_of
from backend.problems import Conflict
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
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
    here: Shown,
    session: Reading,
    before: Annotated[int | None, Query(ge=1, lt=1 << 32)] = None,
) -> list[AchievementAnswer]:
    """What can be achieved here, the newest first."""
    found = achievements_of(session, here.view.chain_id, here.contracts.badges, before=before)
    return [_achievement(each) for each in found]


@router.get("/achievements/{achievement_id}/holders")
def holders(
    here: Shown,
    achievement_id: AchievementPath,
    session: Reading,
    after: Annotated[str, Query(pattern=r"^[0-9]{1,22}$")] = "0",
) -> list[HolderAnswer]:
    """Who has it, in the order in which it was given."""
    chain_id, badges = here.view.chain_id, here.contracts.badges
    found = achievement_of(session, chain_id, badges, achievement_id)
    tokens = tokens_of(session, chain_id, badges, found.id, after=int(after))
    return [HolderAnswer(token_id=str(each.id), owner=each.owner, made_at=each.made_at) for each in tokens]


@router.post("/transactions/achievement-create", dependencies=RATIONED)
def create(here: Here, body: CreateRequest, host: CurrentHost, say: Translator) -> Transaction:
    """A new achievement. Only the owner."""
    label = body.label.encode()[:32].ljust(32, b"\0")
    params = (label, body.cap, body.locked, body.issuer or NATIVE, body.allowance, body.description, body.uri)
    call = Call("Badges", here.contracts.badges, "createAchievement", (params,))
    summary = say._("Create the achievement “%(label)s” in %(community)s") % {
        "label": body.label,
        "community": here.view.name,
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-grant", dependencies=RATIONED)
def grant(here: Here, body: GrantRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Each of these wallets gets a token of the achievement. Only the owner or a granter."""
    with database.reading() as session:
        found = achievement_of(session, here.view.chain_id, here.contracts.badges, body.achievement_id)
        recipients = list(dict.fromkeys(each.lower() for each in body.recipients))
        receivers = spoken_of(session, here.view.chain_id, here.view.address, recipients)
    call = Call("Badges", here.contracts.badges, "grantAchievement", (found.id, recipients))
    summary = say.ngettext(
        "Give the achievement “%(label)s” to %(count)s wallet: %(who)s",
        "Give the achievement “%(label)s” to %(count)s wallets: %(who)s",
        len(receivers),
        label=found.label,
        who=listed(receivers.values()),
    )
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-text", dependencies=RATIONED)
def set_text(here: Here, body: TextRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """What is told about an achievement is changed. Only the owner."""
    with database.reading() as session:
        found = achievement_of(session, here.view.chain_id, here.contracts.badges, body.achievement_id)
    call = Call("Badges", here.contracts.badges, "setAchievementText", (found.id, body.description, body.uri))
    summary = say._("Change what is told about the achievement “%(label)s”") % {"label": found.label}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-issuer", dependencies=RATIONED)
def set_issuer(here: Here, body: IssuerRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Who signs vouchers for the achievement. Only the owner."""
    with database.reading() as session:
        found = achievement_of(session, here.view.chain_id, here.contracts.badges, body.achievement_id)
    arguments = (found.id, body.issuer or NATIVE, body.allowance)
    call = Call("Badges", here.contracts.badges, "setAchievementIssuer", arguments)
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
    here: Here, body: VoucherRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A voucher becomes a token of the achievement."""
    with database.reading() as session:
        found = achievement_of(session, here.view.chain_id, here.contracts.badges, body.achievement_id)
    voucher = (body.issuer, found.id, body.recipient or NATIVE, body.deadline, int(body.nonce))
    arguments = (voucher, bytes.fromhex(body.signature[2:]))
    call = Call("Badges", here.contracts.badges, "claimAchievement", arguments)
    summary = say._("Take the achievement “%(label)s” of %(community)s") % {
        "label": found.label,
        "community": here.view.name,
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-withdraw", dependencies=RATIONED)
def withdraw(here: Here, body: WithdrawRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A voucher that nobody has used works no more. Only its issuer or the owner."""
    chain_id, badges = here.view.chain_id, here.contracts.badges
    issuer, nonce = body.issuer.lower(), int(body.nonce)
    with database.reading() as session:
        found = achievement_of(session, chain_id, badges, body.achievement_id)
        spent = voucher_spent(session, chain_id, badges, found.id, issuer=issuer, nonce=nonce)
    if spent:
        raise VoucherSpent("This voucher was used or taken back already.", reason="voucher-spent")
    call = Call("Badges", badges, "withdrawAchievementVoucher", (found.id, issuer, nonce))
    summary = say._("Take back a voucher for “%(label)s”: nobody can use it any more.") % {"label": found.label}
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/achievement-burn", dependencies=RATIONED)
def burn(here: Here, body: BurnRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A token of an achievement is no more, also a locked one. Only its holder."""
    chain_id, badges = here.view.chain_id, here.contracts.badges
    with database.reading() as session:
        token = token_of(session, chain_id, badges, body.token_id)
        found = achievement_of(session, chain_id, badges, token.achievement)
    call = Call("Badges", badges, "burn", (token.id,))
    text = say._("Burn your achievement “%(label)s” of %(community)s. It is gone for good")
    summary = text % {"label": found.label, "community": here.view.name}
    return prepare(host, call, account=body.account, summary=summary, say=say)


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
