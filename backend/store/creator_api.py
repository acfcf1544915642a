"""What creators and the owner of the community sign to run their store."""

from fastapi import APIRouter, Depends

from backend.community.reading import Here, Place
from backend.currency import currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost
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
from backend.store.queries import KINDS, ProductView, ledger_of, product_of
from backend.transactions import (
    RATIONED,
    Call,
    Transaction,
    TransactionRequest,
    Translator,
    prepare,
)

router = APIRouter(prefix="/api/communities/{community}", tags=["store"], dependencies=[Depends(require_same_origin)])


@router.post("/transactions/list-product", dependencies=RATIONED)
def list_product(here: Here, body: ListProductRequest, host: CurrentHost, say: Translator) -> Transaction:
    """A new product. A member names its membership, the owner passes 0."""
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
    currency = currency_of(host.chain, here.view.currency)
    summary = words.list_product(say, body.label, currency, body.price, body.community_bps)
    call = Call("Store", here.contracts.store, "list", (params, body.membership_id))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/set-product-price", dependencies=RATIONED)
def set_price(here: Here, body: PriceRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Another price, also for renewals. Only the creator."""
    found = _product(database, here, body.product_id)
    summary = words.price(say, found, currency_of(host.chain, here.view.currency), body.price)
    call = Call("Store", found.contract, "setPrice", (found.id, body.price))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/publish-product-version", dependencies=RATIONED)
def publish_version(
    here: Here, body: VersionRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """Another name or other words; licenses hold for them. Only the creator."""
    found = _product(database, here, body.product_id)
    arguments = (found.id, body.label_word, bytes.fromhex(body.digest[2:]))
    call = Call("Store", found.contract, "publishVersion", arguments)
    return prepare(host, call, account=body.account, summary=words.version(say, found), say=say)


@router.post("/transactions/set-product-payout", dependencies=RATIONED)
def set_payout(here: Here, body: AccountRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Whom later sales credit. Only the creator."""
    found = _product(database, here, body.product_id)
    call = Call("Store", found.contract, "setPayout", (found.id, body.to))
    return prepare(host, call, account=body.account, summary=words.payout(say, found, body.to), say=say)


@router.post("/transactions/set-product-creator", dependencies=RATIONED)
def set_creator(here: Here, body: AccountRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Who changes the product. Only the creator of today."""
    found = _product(database, here, body.product_id)
    call = Call("Store", found.contract, "setCreator", (found.id, body.to))
    return prepare(host, call, account=body.account, summary=words.creator(say, found, body.to), say=say)


@router.post("/transactions/set-product-listed", dependencies=RATIONED)
def set_listed(here: Here, body: ListedRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Off sale, or on again: by the creator, and for itself by the owner of the community."""
    found = _product(database, here, body.product_id)
    call = Call("Store", found.contract, "setListed", (found.id, body.listed))
    summary = words.listed(say, found, body.listed)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/retire-product", dependencies=RATIONED)
def retire(here: Here, body: RetireRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """No more sales, and no renewals from then on. Only the creator, for good."""
    found = _product(database, here, body.product_id)
    call = Call("Store", found.contract, "retire", (found.id, body.at))
    return prepare(host, call, account=body.account, summary=words.retire(say, found, body.at), say=say)


@router.post("/transactions/claim-store-income", dependencies=RATIONED)
def claim(here: Here, body: TransactionRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """All that sales and tips have credited to the account is paid to it."""
    with database.reading() as session:
        due = ledger_of(session, here.view.chain_id, here.contracts.store, body.account.lower()).due
    summary = words.claim(say, currency_of(host.chain, here.view.currency).written(due, say.language))
    call = Call("Store", here.contracts.store, "claim", (body.account, body.account))
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/set-store-policy", dependencies=RATIONED)
def set_policy(here: Here, body: PolicyRequest, host: CurrentHost, say: Translator) -> Transaction:
    """The community's part of what is listed from now on, and who lists. Only the owner."""
    call = Call("Store", here.contracts.store, "setPolicy", (body.community_bps, body.members_may_list))
    summary = words.policy(say, body.community_bps, body.members_may_list)
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _product(database: Database, here: Place, product_id: int) -> ProductView:
    with database.reading() as session:
        return product_of(session, here.view.chain_id, here.contracts.store, product_id, at=here.at)
