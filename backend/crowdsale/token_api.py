"""Tokens that crowdsales sold: what holders, the attestor and the owner sign."""

from typing import Annotated

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from backend.community.reading import Here, Place, Shown
from backend.crowdsale.reading import TOKEN_DECIMALS
from backend.crowdsale.token import TokenView, holder_count, token_of
from backend.crowdsale.words import date
from backend.currency import Currency, currency_of
from backend.db import Database, Opened, Reading
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
    Transaction,
    TransactionRequest,
    Translator,
    call_data,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}", tags=["crowdsale"], dependencies=[Depends(require_same_origin)]
)
MOST_ATTESTED = 200


class TokenRequest(TransactionRequest):
    """`token` was sold by a crowdsale of this community."""

    token: AddressText


class DistributeRequest(TokenRequest):
    amount: Annotated[int, Field(gt=0, lt=1 << 128)]


class AttestRequest(TokenRequest):
    """`until`: unix seconds, exclusive; 0 takes the attestation back."""

    accounts: Annotated[list[AddressText], Field(min_length=1, max_length=MOST_ATTESTED)]
    until: Annotated[int, Field(ge=0, lt=1 << 40)]


class FreezeRequest(TokenRequest):
    holder: AddressText
    frozen: bool


class OtherRequest(TokenRequest):
    """`to`: the attestor, or to whom votes are delegated."""

    to: AddressText


class SendTokensRequest(OtherRequest):
    amount: Annotated[int, Field(gt=0, lt=1 << 104)]


class TokenAnswer(BaseModel):
    """A token; amounts are decimal strings in base units, `distributed` in those of the community's currency."""

    address: str
    sale: str
    name: str
    symbol: str
    restricted: bool
    maximum: str
    supply: str
    holders: int
    locked_until: int
    attestor: str | None
    distributed: str
    distributed_written: str


@router.get("/tokens/{address}")
def token(
    here: Shown,
    address: Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")],
    host: CurrentHost,
    session: Reading,
) -> TokenAnswer:
    """One token of a community."""
    found = token_of(session, here.view.chain_id, here.view.address, address, at=here.at)
    return TokenAnswer(
        address=to_checksum_address(found.address),
        sale=to_checksum_address(found.sale),
        name=found.name,
        symbol=found.symbol,
        restricted=found.restricted,
        maximum=str(found.maximum),
        supply=str(found.supply),
        holders=holder_count(session, found),
        locked_until=found.locked_until,
        attestor=to_checksum_address(found.attestor) if found.attestor else None,
        distributed=str(found.distributed),
        distributed_written=currency_of(host.chain, here.view.currency).written(found.distributed),
    )


@router.post("/transactions/claim-token-income", dependencies=RATIONED)
def claim_income(here: Here, body: TokenRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The account's part of the distributed income is paid to it."""
    found = _token(database, here, body.token)
    due = int.from_bytes(host.chain.call(found.address, call_data("CommunityToken", "incomeOf", body.account))[:32])
    text = say._("Claim %(amount)s: your part of what holders of %(token)s have earned.")
    written = currency_of(host.chain, here.view.currency).written(due, say.language)
    summary = text % {"amount": written, "token": found.symbol}
    call = Call("CommunityToken", found.address, "claimIncome", (body.account, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/distribute-income", dependencies=RATIONED)
def distribute(
    here: Here, body: DistributeRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Everybody who holds the token at that moment shares `amount`. Anybody may pay."""
    found = _token(database, here, body.token)
    text = say._("Share %(amount)s among all who hold %(token)s now, by what each holds. It cannot be taken back.")
    written = currency_of(host.chain, here.view.currency).written(body.amount, say.language)
    summary = text % {"amount": written, "token": found.symbol}
    arguments = (body.amount, here.view.currency or NATIVE)
    call = Call("CommunityToken", found.address, "distribute", arguments, body.amount, here.view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/attest", dependencies=RATIONED)
def attest(here: Here, body: AttestRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """These accounts may hold a restricted token until then. The attestor or the owner."""
    found = _token(database, here, body.token)
    names = ", ".join(to_checksum_address(each) for each in body.accounts[:3])
    more = len(body.accounts) - 3
    named = {"accounts": names + (f" +{more}" if more > 0 else ""), "token": found.symbol}
    if body.until:
        text = say._("Attest that %(accounts)s may hold %(token)s until %(until)s.")
        summary = text % {**named, "until": date(say, body.until)}
    else:
        summary = say._("Take back the attestation of %(accounts)s for %(token)s.") % named
    call = Call("CommunityToken", found.address, "attest", (body.accounts, body.until))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/freeze-holder", dependencies=RATIONED)
def freeze(here: Here, body: FreezeRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """No token in or out of an account, and no income; or again. The attestor or the owner."""
    found = _token(database, here, body.token)
    if body.frozen:
        text = say._("Freeze %(holder)s: it can neither send nor receive %(token)s, nor take its income, until thawed.")
    else:
        text = say._("Thaw %(holder)s: it can send and receive %(token)s again.")
    summary = text % {"holder": to_checksum_address(body.holder), "token": found.symbol}
    call = Call("CommunityToken", found.address, "setFrozen", (body.holder, body.frozen))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/set-attestor", dependencies=RATIONED)
def set_attestor(here: Here, body: OtherRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Who attests and freezes beside the owner. Only the owner; address 0 means nobody."""
    found = _token(database, here, body.token)
    text = say._("Let %(account)s attest and freeze holders of %(token)s, beside you.")
    if body.to == NATIVE:
        text = say._("Nobody beside you attests and freezes holders of %(token)s any more.")
    summary = text % {"account": to_checksum_address(body.to), "token": found.symbol}
    call = Call("CommunityToken", found.address, "setAttestor", (body.to,))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/delegate-votes", dependencies=RATIONED)
def delegate(here: Here, body: OtherRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The account's votes count for `to`, or for itself."""
    found = _token(database, here, body.token)
    if body.to.lower() == body.account.lower():
        summary = say._("Let your votes of %(token)s count for yourself.") % {"token": found.symbol}
    else:
        text = say._("Let %(account)s cast the votes of your %(token)s. The tokens stay yours.")
        summary = text % {"account": to_checksum_address(body.to), "token": found.symbol}
    call = Call("CommunityToken", found.address, "delegate", (body.to,))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/send-tokens", dependencies=RATIONED)
def send(here: Here, body: SendTokensRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Tokens go to another account."""
    found = _token(database, here, body.token)
    amount = unit_of(found).written(body.amount, say.language)
    text = say._("Give %(amount)s to %(to)s. This cannot be undone by us.")
    summary = text % {"amount": amount, "to": to_checksum_address(body.to)}
    call = Call("CommunityToken", found.address, "transfer", (body.to, body.amount))
    return prepare(host, call, account=body.account, summary=summary, say=say)


def unit_of(token: TokenView) -> Currency:
    """The token, as amounts of it are written."""
    return Currency(token.address, token.symbol, TOKEN_DECIMALS)


def _token(database: Database, here: Place, address: str) -> TokenView:
    with database.reading() as session:
        return token_of(session, here.view.chain_id, here.view.address, address, at=here.at)
