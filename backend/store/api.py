"""The store as JSON, and what a buyer, a holder of licenses or who tips signs."""

import hashlib
import json
from typing import Annotated

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Path, Query

from backend import clock, feed
from backend.community.queries import communities_by_address
from backend.community.reading import Here, Shown
from backend.currency import Currency, currency_of
from backend.db import Opened, Reading
from backend.host import CurrentHost
from backend.identity.limits import Allowance, spend
from backend.identity.origin import require_same_origin
from backend.identity.people import spoken_of
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.ipfs.store import StoreError, raw_block
from backend.membership.queries import membership_of
from backend.problems import Forbidden, Malformed, Unavailable
from backend.store import words
from backend.store.bodies import (
    BuyRequest,
    DescriptionAnswer,
    DescriptionBody,
    GiveRequest,
    LicenseAnswer,
    OpenedAnswer,
    ProductAnswer,
    ProductId,
    TipRequest,
)
from backend.store.opening import opened_by
from backend.store.queries import (
    WHOLE,
    LicenseView,
    ProductView,
    badge_bps_of,
    license_of,
    licenses_of,
    policy_of,
    product_of,
    products_of,
    split_of,
)
from backend.store.reading import MAX_DESCRIPTION_BYTES, cid_of_digest
from backend.transactions import NATIVE, RATIONED, Call, Transaction, Translator, prepare

router = APIRouter(prefix="/api/communities/{community}", tags=["store"], dependencies=[Depends(require_same_origin)])
anywhere = APIRouter(prefix="/api", tags=["store"])
ProductPath = Annotated[ProductId, Path()]
Before = Annotated[int | None, Query(ge=1, lt=1 << 63)]
After = Annotated[str | None, Query(pattern=r"^0x[0-9a-f]{40}-[0-9]{1,18}$")]
NO_PERMIT = (0, 0, 0, bytes(32), bytes(32))
NOTHING = bytes(32)
DESCRIBED = Allowance("describe", most=60, seconds=3_600)
"""For one account: descriptions stay in the block store."""


@router.get("/store/products")
def products(here: Shown, host: CurrentHost, session: Reading, before: Before = None) -> list[ProductAnswer]:
    """The products on sale, the newest first, 20 at a time; `before`: the last id of the page before."""
    currency = currency_of(host.chain, here.view.currency)
    found = products_of(session, here.view.chain_id, here.contracts.store, at=here.at, before=before)
    return [_answer(product, currency) for product in found]


@router.get("/store/products/{product_id}")
def product(here: Shown, product_id: ProductPath, host: CurrentHost, session: Reading) -> ProductAnswer:
    """One product."""
    found = product_of(session, here.view.chain_id, here.contracts.store, product_id, at=here.at)
    return _answer(found, currency_of(host.chain, here.view.currency))


@router.get("/store/products/{product_id}/opens")
def opens(here: Shown, product_id: ProductPath, viewer: CurrentViewer, session: Reading) -> list[OpenedAnswer]:
    """Posts, with their files, behind gates that ask for a license of the product: the newest of each gate."""
    found = product_of(session, here.view.chain_id, here.contracts.store, product_id, at=here.at)
    account = viewer.account if viewer else None
    opened = opened_by(session, here.view, [found.id], account=account, at=here.at)[found.id]
    return [
        OpenedAnswer(
            post=each.post.id,
            title=each.post.title,
            gate=each.post.gate or "",
            files=each.files,
            alone=each.alone,
            readable=each.readable,
        )
        for each in opened
    ]


@router.post("/store/descriptions", status_code=201)
def describe(
    here: Here, body: DescriptionBody, host: CurrentHost, viewer: SignedInViewer, database: Opened
) -> DescriptionAnswer:
    """Keeps the words of a product as a raw block, whose hash goes on chain. For members and the owner."""
    data = body.text.encode()
    if len(data) > MAX_DESCRIPTION_BYTES or not _is_description(body.text):
        raise Malformed("A description is a JSON object with `description`, of at most 16 KiB.")
    with database.reading() as session:
        held = membership_of(session, here.view.chain_id, here.view.membership, viewer.account, at=here.at)
    if viewer.account != here.view.owner and (held is None or held.expired):
        raise Forbidden("Only members list products here.", reason="members-only")
    spend(database, DESCRIBED, who=viewer.account, at=clock.now())
    block = raw_block(data)
    try:
        host.store.put(block)
        host.store.pin(block.cid, f"product:{here.view.address}")
    except StoreError as error:
        raise Unavailable(f"The description could not be stored: {error}") from error
    return DescriptionAnswer(digest="0x" + hashlib.sha256(data).hexdigest(), cid=block.cid.encode())


@anywhere.get("/account/licenses")
def licenses(host: CurrentHost, viewer: SignedInViewer, session: Reading, after: After = None) -> list[LicenseAnswer]:
    """What the viewer holds in all communities, 20 at a time; `after`: `<store>-<product>` of the last one before."""
    chain_id = host.settings.chain_id
    at = feed.time_at(session, chain_id)
    contract, _, number = after.partition("-") if after else ("", "", "")
    found = licenses_of(session, chain_id, viewer.account, at=at, after=(contract, int(number)) if after else None)
    views = communities_by_address(session, chain_id, {each.community for each in found}, at=at)
    return [_license(each, currency_of(host.chain, views[each.community].currency)) for each in found]


@router.post("/transactions/buy", dependencies=RATIONED)
def buy(here: Here, body: BuyRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A license for good, or periods of one, for oneself or `recipient`."""
    recipient = (body.recipient or body.account).lower()
    with database.reading() as session:
        found = product_of(session, here.view.chain_id, here.contracts.store, body.product_id, at=here.at)
        mine = license_of(session, here.view.address, found, recipient)
        held = membership_of(session, here.view.chain_id, here.view.membership, recipient, at=here.at)
    until = None
    if found.period_seconds:
        until = max(mine.valid_until if mine else 0, here.at) + found.period_seconds * body.quantity
    gift = None if recipient == body.account.lower() else recipient
    currency = currency_of(host.chain, here.view.currency)
    summary = words.buy(say, found, currency, quantity=body.quantity, until=until, recipient=gift)
    purchase = (
        found.id,
        body.quantity,
        body.price,
        here.view.currency or NATIVE,
        body.version,
        recipient,
        held.token_id if held else 0,
    )
    due = body.price * body.quantity
    function, arguments = ("buyWith", (purchase, body.expired, NO_PERMIT)) if body.expired else ("buy", (purchase,))
    call = Call("Store", here.contracts.store, function, arguments, due, here.view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/tip", dependencies=RATIONED)
def tip(here: Here, body: TipRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A gift to a creator or member, divided as a sale."""
    payee, account = body.payee.lower(), body.account.lower()
    chain_id, store = here.view.chain_id, here.contracts.store
    with database.reading() as session:
        held = membership_of(session, chain_id, here.view.membership, account, at=here.at)
        badge_bps = badge_bps_of(session, chain_id, here.view.membership, account)
        if body.product_id:
            community_bps = product_of(session, chain_id, store, body.product_id, at=here.at).community_bps
        else:
            community_bps = policy_of(session, chain_id, store).community_bps
    own = WHOLE if payee == here.view.address else community_bps
    split = split_of(body.amount, badge_bps=badge_bps, community_bps=own)
    currency = currency_of(host.chain, here.view.currency)
    token_id = held.token_id if held else 0
    gift = (payee, body.product_id, body.amount, here.view.currency or NATIVE, token_id, NOTHING)
    call = Call("Store", store, "tip", (gift,), body.amount, here.view.currency)
    summary = words.tip(say, currency, body.amount, payee, split)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/give-license", dependencies=RATIONED)
def give(here: Here, body: GiveRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A license for good goes to another wallet."""
    with database.reading() as session:
        found = product_of(session, here.view.chain_id, here.contracts.store, body.product_id, at=here.at)
        receiver = spoken_of(session, here.view.chain_id, here.view.address, [body.to])[body.to]
    arguments = (body.account, body.to, found.id, body.units, b"")
    call = Call("Store", here.contracts.store, "safeTransferFrom", arguments)
    return prepare(host, call, account=body.account, summary=words.give(say, found, receiver), say=say)


def _is_description(text: str) -> bool:
    try:
        words_ = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(words_, dict) and isinstance(words_.get("description"), str)


def _answer(product: ProductView, currency: Currency) -> ProductAnswer:
    same = ("id", "kind", "label", "state", "period_seconds", "cap", "units", "version", "community_bps")
    more = ("royalty_bps", "retires_at", "listed_at")
    return ProductAnswer(
        creator=to_checksum_address(product.creator),
        payout=to_checksum_address(product.payout),
        price=str(product.price),
        price_written=currency.written(product.price),
        cid=cid_of_digest(product.digest).encode(),
        **{name: getattr(product, name) for name in (*same, *more)},
    )


def _license(each: LicenseView, currency: Currency) -> LicenseAnswer:
    return LicenseAnswer(
        community=to_checksum_address(each.community),
        product=_answer(each.product, currency),
        units=each.units,
        valid=each.valid,
        valid_until=None if each.for_good else each.valid_until,
        renewable=each.renewable,
    )
