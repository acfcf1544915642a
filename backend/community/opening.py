"""Opening a community: three fields of the founder, the rest by default, one transaction of the factory."""

from dataclasses import dataclass
from typing import Annotated, Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field, field_validator
from sqlalchemy import select
from sqlmodel import Session, col

from backend.chain import CallFailed, Chain
from backend.currency import Currency, currency_of, nameless
from backend.db import Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.problems import Conflict, NotFound, Problem
from backend.texts import fitting
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
from indexer.deployments import load_deployment
from indexer.tables.chain import Log

router = APIRouter(prefix="/api", tags=["community"], dependencies=[Depends(require_same_origin)])

DAY = 86_400
PERIOD_SECONDS, NOTICE_SECONDS, ROYALTY_BPS, DISCOUNT_BPS = 30 * DAY, 30 * DAY, 500, 1_000
RATES = (500, 1_000, 1_500, 5, 25, 0)
"""IMembershipBase.Rates: bronze, silver, gold in 1/10 000; members for silver and gold; the unit is the contract's."""
MOST_NAME, MOST_SYMBOL, MOST_LABEL = 64, 16, 32  # bytes: CommunityFactory._MOST_NAME, _MOST_SYMBOL, a word
MOST_PRICE = (1 << 96) - 1
MOST_SUPPLY = 1 << 112
"""A currency's total supply must be below (docs/contracts.md, "Tokens that may be a currency")."""
_SUPPLY, _ERC165 = bytes.fromhex("18160ddd"), bytes.fromhex("01ffc9a7")
_RESTRICTED = bytes.fromhex("ab84a5c8").ljust(32, b"\0")  # ERC-1404, as CommunityToken says by ERC-165


class CurrencyRefused(Conflict):
    """Nothing can be paid in this token. `reason`: `no-contract`, `no-token`, `too-large` or `restricted`."""

    slug, title = "currency-refused", "Nothing can be paid in this token"


class NotOpen(Problem):
    """This host chooses its communities itself."""

    slug, title, status = "not-open", "This host takes no new communities", 403


class CurrencyAnswer(BaseModel):
    """A token that can be paid with; `address` None is the native coin."""

    address: str | None
    symbol: str
    decimals: int


class OpenedAnswer(BaseModel):
    """The community that a transaction opened."""

    community: str


class OpenRequest(TransactionRequest):
    """What a founder chooses. `price` in base units of `currency` (None: the native coin) for each `period_seconds`."""

    name: str = Field(min_length=1, max_length=MOST_NAME)
    symbol: str = Field(pattern=r"^[A-Z0-9]{1,16}$")
    price: str = Field(pattern=r"^[0-9]{1,29}$")
    currency: AddressText | None = None
    tier_label: str = Field(min_length=1, max_length=MOST_LABEL)
    period_seconds: int = Field(default=PERIOD_SECONDS, ge=3600, le=100 * 365 * DAY)
    notice_seconds: int = Field(default=NOTICE_SECONDS, ge=7 * DAY, le=90 * DAY)
    royalty_bps: int = Field(default=ROYALTY_BPS, ge=0, le=1_000)
    salt: str = Field(pattern=r"^0x[0-9a-f]{64}$")

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        return fitting(name, MOST_NAME)

    @field_validator("tier_label")
    @classmethod
    def _label_fits(cls, label: str) -> str:
        return fitting(label, MOST_LABEL)

    @field_validator("price")
    @classmethod
    def _price_fits(cls, price: str) -> str:
        if int(price) > MOST_PRICE:
            raise ValueError("at most 2^96 - 1 base units")
        return price


@dataclass(frozen=True)
class Defaults:
    """What a founder need not think about, as the page shows it before anything is signed."""

    factory: str
    home_uri: str
    home_key: str
    period_seconds: int = PERIOD_SECONDS
    notice_seconds: int = NOTICE_SECONDS
    royalty_bps: int = ROYALTY_BPS
    discount_bps: int = DISCOUNT_BPS
    rates: tuple[int, ...] = RATES


def defaults_of(host: Host) -> Defaults:
    """The factory of the chain and this home, as new communities name them."""
    factory = load_deployment(host.settings.deployments, host.settings.chain_id).factory.address
    return Defaults(factory, host.settings.base_url, host.home.address)


def checked_currency(chain: Chain, address: str | None) -> Currency:
    """The currency at this address. Raises CurrencyRefused for what no community should be paid in."""
    if address is None:
        return currency_of(chain, None)
    if not chain.code(address):
        raise CurrencyRefused("There is no contract at this address.", reason="no-contract")
    try:
        (supply,) = decode(["uint256"], chain.call(address, _SUPPLY))
    except (CallFailed, DecodingError) as error:
        raise CurrencyRefused("The contract at this address is no token.", reason="no-token") from error
    currency = currency_of(chain, address.lower())
    if currency == nameless(address.lower()):
        raise CurrencyRefused("The contract at this address is no token.", reason="no-token")
    if supply >= MOST_SUPPLY:
        raise CurrencyRefused("There are too many units of this token.", reason="too-large")
    if _is_restricted(chain, address):
        raise CurrencyRefused("Not everybody may hold this token.", reason="restricted")
    return currency


def _is_restricted(chain: Chain, address: str) -> bool:
    try:
        return int.from_bytes(chain.call(address, _ERC165 + _RESTRICTED)[:32]) == 1
    except CallFailed:
        return False


@router.get("/currencies/{address}", dependencies=RATIONED)
def currency(address: CommunityPath, host: CurrentHost) -> CurrencyAnswer:
    """Whether a community can be paid in the token at this address. 409 with a reason when not."""
    found = checked_currency(host.chain, address.lower())
    return CurrencyAnswer(address=found.address, symbol=found.symbol, decimals=found.decimals)


@router.post("/transactions/open", dependencies=RATIONED)
def open_community(body: OpenRequest, host: CurrentHost, say: Translator) -> Transaction:
    """One transaction that makes a community of the caller, with one tier, served by this host."""
    if host.settings.communities:
        raise NotOpen("This host serves only communities that its operator chose.", reason="not-open")
    paid_in = checked_currency(host.chain, body.currency)
    defaults = defaults_of(host)
    call = Call("CommunityFactory", defaults.factory, "open", (_opening(body, defaults),))
    price = paid_in.written(int(body.price), say.language) if int(body.price) else say._("free")
    text = say._(
        "Open the community %(name)s, yours from the first block. Its tier %(tier)s costs %(price)s %(length)s."
    )
    summary = text % {
        "name": body.name,
        "tier": body.tier_label,
        "price": price,
        "length": say.length(body.period_seconds),
    }
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.get("/transactions/{tx_hash}/community")
def opened_community(
    tx_hash: Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$")], host: CurrentHost, database: Opened
) -> OpenedAnswer:
    """Which community a transaction opened, once it is indexed."""
    receipt = host.chain.receipt(tx_hash)
    factory = defaults_of(host).factory
    with database.reading() as session:
        found = receipt and _opened_by(session, host.settings.chain_id, receipt.block_number, tx_hash, factory)
    if not found:
        raise NotFound("This transaction has opened no community that is known here yet.")
    return OpenedAnswer(community=found)


def _opened_by(session: Session, chain_id: int, block_number: int, tx_hash: str, factory: str) -> str | None:
    statement = select(col(Log.topics)).where(
        col(Log.chain_id) == chain_id,
        col(Log.block_number) == block_number,
        col(Log.tx_hash) == tx_hash,
        col(Log.address) == factory,
    )
    topics = session.execute(statement).scalars().first()
    return "0x" + bytes(topics)[44:64].hex() if topics else None


def _opening(body: OpenRequest, defaults: Defaults) -> tuple[Any, ...]:
    """ICommunityFactory.Opening, in its order."""
    nobody, price = NATIVE, int(body.price)
    label = body.tier_label.encode().ljust(32, b"\0")
    discount = DISCOUNT_BPS if price else 0
    tier = (label, price, body.period_seconds, 0, 0, 0, 0, False, False, discount, b"\0" * 32)
    return (
        bytes.fromhex(body.salt[2:]),
        body.name,
        body.symbol,
        body.currency or nobody,
        body.notice_seconds,
        body.royalty_bps,
        defaults.rates,
        nobody,
        0,
        nobody,
        0,
        0,
        defaults.home_uri,
        defaults.home_key,
        [tier],
    )
