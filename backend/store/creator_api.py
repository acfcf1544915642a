"""What creators and the owner of the community sign to run their store."""

from fastapi import APIRouter, Depends
from sqlmodel import Session

from backend import feed
from backend.community.queries import CommunityView, community_of
from backend.currency import currency_of
from backend.db import Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.store import words
from backend.store.bodies import (
    AccountRequest,
    ListedRequest,
    ListProductRequest,
    PolicyRequest,
    PriceRequest,
    RetireRequest,
    VersionRequest,
)
from backend.store.queries import KINDS, ProductView, ledger_of, product_of, store_of
from backend.transactions import (
    RATIONED,
    Call,
    CommunityPath,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(prefix="/api/communities/{community}", tags=["store"], dependencies=[Depends(require_same_origin)])


@router.post("/transactions/list-product", dependencies=RATIONED)
def list_product(
    community: CommunityPath, body: ListProductRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """A new product. A member names its membership, the owner passes 0."""
    with database.reading() as session:
        view, store = _store(host, session, community)
    params = (
        KINDS.index(body.kind),
        body.label_word,
        bytes.fromhex(body.digest[2:]),
        body.price,
        body.period_seconds,
        body.cap,
        body.royalty_bps,
        body.payout or body.account,
        body.community_bps,
    )
    currency = currency_of(host.chain, view.currency)
    summary = words.list_product(say, body.label, currency, body.price, body.community_bps)
    call = Call("Store", store, "list", (params, body.membership_id))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/set-product-price", dependencies=RATIONED)
def set_price(
    community: CommunityPath, body: PriceRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Another price, also for renewals. Only the creator."""
    with database.reading() as session:
        view, found = _product(host, session, community, body.product_id)
    summary = words.price(say, found, currency_of(host.chain, view.currency), body.price)
    call = Call("Store", found.contract, "setPrice", (found.id, body.price))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/publish-product-version", dependencies=RATIONED)
def publish_version(
    community: CommunityPath, body: VersionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Another name or other words; licenses hold for them. Only the creator."""
    with database.reading() as session:
        _, found = _product(host, session, community, body.product_id)
    arguments = (found.id, body.label_word, bytes.fromhex(body.digest[2:]))
    call = Call("Store", found.contract, "publishVersion", arguments)
    return prepare(host, call, account=body.account, summary=words.version(say, found), say=say)


@router.post("/transactions/set-product-payout", dependencies=RATIONED)
def set_payout(
    community: CommunityPath, body: AccountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Whom later sales credit. Only the creator."""
    with database.reading() as session:
        _, found = _product(host, session, community, body.product_id)
    call = Call("Store", found.contract, "setPayout", (found.id, body.to))
    return prepare(host, call, account=body.account, summary=words.payout(say, found, body.to), say=say)


@router.post("/transactions/set-product-creator", dependencies=RATIONED)
def set_creator(
    community: CommunityPath, body: AccountRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Who changes the product. Only the creator of today."""
    with database.reading() as session:
        _, found = _product(host, session, community, body.product_id)
    call = Call("Store", found.contract, "setCreator", (found.id, body.to))
    return prepare(host, call, account=body.account, summary=words.creator(say, found, body.to), say=say)


@router.post("/transactions/set-product-listed", dependencies=RATIONED)
def set_listed(
    community: CommunityPath, body: ListedRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Off sale, or on again: by the creator, and for itself by the owner of the community."""
    with database.reading() as session:
        _, found = _product(host, session, community, body.product_id)
    call = Call("Store", found.contract, "setListed", (found.id, body.listed))
    summary = words.listed(say, found, body.listed)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/retire-product", dependencies=RATIONED)
def retire(
    community: CommunityPath, body: RetireRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """No more sales, and no renewals from then on. Only the creator, for good."""
    with database.reading() as session:
        _, found = _product(host, session, community, body.product_id)
    call = Call("Store", found.contract, "retire", (found.id, body.at))
    return prepare(host, call, account=body.account, summary=words.retire(say, found, body.at), say=say)


@router.post("/transactions/claim-store-income", dependencies=RATIONED)
def claim(
    community: CommunityPath, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """All that sales and tips have credited to the account is paid to it."""
    with database.reading() as session:
        view, store = _store(host, session, community)
        due = ledger_of(session, view.chain_id, store, body.account.lower()).due
    summary = words.claim(say, currency_of(host.chain, view.currency).written(due))
    call = Call("Store", store, "claim", (body.account, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/set-store-policy", dependencies=RATIONED)
def set_policy(
    community: CommunityPath, body: PolicyRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The community's part of what is listed from now on, and who lists. Only the owner."""
    with database.reading() as session:
        _, store = _store(host, session, community)
    call = Call("Store", store, "setPolicy", (body.community_bps, body.members_may_list))
    summary = words.policy(say, body.community_bps / 100, body.members_may_list)
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _store(host: Host, session: Session, address: str) -> tuple[CommunityView, str]:
    chain_id = host.settings.chain_id
    view = community_of(session, chain_id, address, at=feed.time_at(session, chain_id))
    return view, store_of(session, chain_id, view.address)


def _product(host: Host, session: Session, address: str, product_id: int) -> tuple[CommunityView, ProductView]:
    view, store = _store(host, session, address)
    at = feed.time_at(session, view.chain_id)
    return view, product_of(session, view.chain_id, store, product_id, at=at)
