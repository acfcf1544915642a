"""Crowdsales as JSON, and the transactions that a contributor, the owner or anybody signs."""

from typing import Annotated, Literal

from eth_utils.address import to_checksum_address
from fastapi import APIRouter, Depends, Path, Query

from backend.community.queries import require_owner
from backend.community.reading import Here, Shown
from backend.crowdsale import words
from backend.crowdsale.allow_list import siblings, tree_of
from backend.crowdsale.bodies import (
    MOST_KEPT,
    AllowListAnswer,
    AllowListBody,
    ClaimMembershipRequest,
    ContributeRequest,
    OpenSaleRequest,
    OwnAnswer,
    PaymentAnswer,
    QuoteAnswer,
    SaleAnswer,
    SaleRequest,
    StepAnswer,
)
from backend.crowdsale.queries import contribution_of, listed, payments_of, proof_of, sales_of
from backend.crowdsale.reading import SalePage, open_page, own_part, planned_page, sale_page
from backend.crowdsale.tables import AllowListEntry
from backend.currency import currency_of
from backend.db import Opened, Reading, insert_into
from backend.host import CurrentHost
from backend.identity.origin import require_same_origin
from backend.identity.viewer import CurrentViewer, SignedInViewer
from backend.membership.queries import tiers_of
from backend.problems import Conflict, Malformed
from backend.transactions import (
    NATIVE,
    RATIONED,
    AddressText,
    Call,
    Transaction,
    Translator,
    prepare,
)

router = APIRouter(
    prefix="/api/communities/{community}", tags=["crowdsale"], dependencies=[Depends(require_same_origin)]
)
SalePath = Annotated[str, Path(pattern=r"^0x[0-9a-fA-F]{40}$")]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9]{1,15}-[0-9]{1,9}$")]
NO_PERMIT = (0, 0, 0, bytes(32), bytes(32))


class NotListed(Conflict):
    """The recipient is not on the sale's allow-list, this home was not told the list, or somebody else asks.

    `reason`: `sale-list`, or `list-sign-in` when only the recipient itself may ask.
    """

    slug, title = "not-listed", "This wallet is not on the list of the sale"


@router.get("/sales")
def sales(here: Shown, host: CurrentHost, session: Reading, before: AddressText | None = None) -> list[SaleAnswer]:
    """The crowdsales of a community, the newest first, 20 at a time; `before`: the last address of the page before."""
    tiers = tiers_of(session, here.view.chain_id, here.view.membership, at=here.at)
    found = sales_of(session, here.view.chain_id, here.view.address, at=here.at, before=before)
    return [_answer(sale_page(host.chain, here.view, each, tiers)) for each in found]


@router.get("/sales/{address}")
def sale(here: Shown, address: SalePath, host: CurrentHost, session: Reading) -> SaleAnswer:
    """One crowdsale."""
    return _answer(open_page(session, host.chain, here.view, address, at=here.at))


@router.get("/sales/{address}/quote")
def quote(
    here: Shown,
    address: SalePath,
    host: CurrentHost,
    session: Reading,
    viewer: CurrentViewer,
    say: Translator,
    amount: Annotated[int, Query(gt=0, lt=1 << 96)],
    unit: Literal["money", "periods"] = "money",
    account: AddressText | None = None,
    gift: bool = False,
) -> QuoteAnswer:
    """What a contribution would take and give now. `amount`: base units, or periods where these are sold.

    `account`: whose it is, else the viewer's; `gift`: somebody else pays.
    """
    page = open_page(session, host.chain, here.view, address, at=here.at)
    if unit == "periods" and not page.sale.terms.sells_periods:
        raise Malformed("This sale sells tokens: give an amount of money.", reason="quote")
    part = contribution_of(session, page.sale, account or (viewer.account if viewer else NATIVE))
    pledge = part.pledge(page.sale.cost(amount) if unit == "periods" else amount, gift=gift)
    bought = pledge.bought
    return QuoteAnswer(
        taken=str(bought.taken),
        taken_written=page.currency.written(bought.taken, say.language),
        gets=str(pledge.gets),
        gets_written=page.bought_written(pledge.gets, say.language),
        membership=str(pledge.tier_money),
        membership_written=page.currency.written(pledge.tier_money, say.language),
        all=str(pledge.allocation),
        all_written=page.bought_written(pledge.allocation, say.language),
        price=str(bought.price),
        price_written=page.currency.written(bought.price, say.language),
        clipped=(bought.amount if unit == "periods" else bought.taken) < amount,
        whole=bought.whole,
    )


@router.get("/sales/{address}/contributions")
def contributions(
    here: Shown, address: SalePath, host: CurrentHost, session: Reading, before: Cursor = None
) -> list[PaymentAnswer]:
    """Contributions, the newest first, 20 at a time; `before`: the last `cursor` of the page before."""
    page = open_page(session, host.chain, here.view, address, at=here.at)
    block, _, log = before.partition("-") if before else ("", "", "")
    lines = payments_of(session, page.sale, before=(int(block), int(log)) if before else None)
    return [
        PaymentAnswer(
            account=to_checksum_address(line.account),
            payer=to_checksum_address(line.payer),
            amount=str(line.amount),
            amount_written=page.currency.written(line.amount),
            bought=str(line.bought),
            at=line.at,
            cursor=f"{line.block_number}-{line.log_index}",
        )
        for line in lines
    ]


@router.get("/sales/{address}/mine")
def mine(here: Shown, address: SalePath, host: CurrentHost, viewer: SignedInViewer, session: Reading) -> OwnAnswer:
    """What the viewer has in the sale, and what it can do now."""
    page = open_page(session, host.chain, here.view, address, at=here.at)
    own = own_part(session, here.view, page.sale, viewer.account, at=page.sale.at)
    part = own.part
    return OwnAnswer(
        account=viewer.account,
        amount=str(part.amount),
        bought=str(part.bought),
        refundable=str(part.refundable),
        claimable_tokens=str(part.claimable_tokens),
        allocation=str(part.allocation),
        periods=part.periods,
        vote_weight=str(part.weight),
        voted=part.voted,
        may_vote=part.may_vote,
        funds=str(part.funds),
        allowed=own.allowed,
    )


@router.post("/sales/allow-lists", status_code=201)
def keep_allow_list(here: Here, body: AllowListBody, viewer: SignedInViewer, database: Opened) -> AllowListAnswer:
    """Keeps an allow-list, so that each of its accounts finds its proof here. Only the owner."""
    require_owner(here.view, viewer.account)
    tree = tree_of(sorted({account.lower() for account in body.accounts}))
    chain_id, community = here.view.chain_id, here.view.address
    with database.writing() as session:
        if listed(session, chain_id, community, but=tree.root) + len(tree.proofs) > MOST_KEPT:
            raise Malformed("Too many accounts are kept on lists already.", reason="list-size", limit=MOST_KEPT)
        rows = [
            {"chain_id": chain_id, "community": community, "root": tree.root, "account": each, "proof": proof}
            for each, proof in tree.proofs.items()
        ]
        session.execute(insert_into(session, AllowListEntry).on_conflict_do_nothing(), rows)
    return AllowListAnswer(root=tree.root, count=len(tree.proofs))


@router.post("/transactions/open-sale", dependencies=RATIONED)
def open_sale(here: Here, body: OpenSaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A new crowdsale; only the owner's wallet can."""
    with database.reading() as session:
        page = planned_page(session, host.chain, here.view, body.terms.terms(), at=here.at, maximum=0)
    call = Call("Community", here.view.address, "openSale", (body.terms.struct(),))
    return prepare(host, call, account=body.account, summary=words.open_sale(say, here.view, page), say=say)


@router.post("/transactions/contribute", dependencies=RATIONED)
def contribute(
    here: Here, body: ContributeRequest, host: CurrentHost, viewer: CurrentViewer, database: Opened, say: Translator
) -> Transaction:
    """A contribution for oneself or `recipient`. The proof for an allow-list is found here, for the recipient alone:
    who is on it is nobody else's business. Raises NotListed."""
    recipient = (body.recipient or body.account).lower()
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
        if page.sale.terms.listed and (viewer is None or viewer.account != recipient):
            raise NotListed("Sign in with the wallet that contributes: the list is private.", reason="list-sign-in")
        proof = proof_of(session, page.sale, recipient) if page.sale.terms.listed else b""
        part = contribution_of(session, page.sale, recipient)
    if proof is None:
        raise NotListed("This wallet is not on the allow-list of the sale.", reason="sale-list")
    arguments = (body.amount, body.price, here.view.currency or NATIVE, recipient, body.badge)
    given = None if recipient == body.account.lower() else to_checksum_address(recipient)
    pledge = part.pledge(body.amount, gift=given is not None)
    summary = words.contribute(say, here.view, page, pledge, recipient=given)
    if page.sale.terms.listed:
        listed = (*arguments, siblings(proof), NO_PERMIT)
        call = Call("Crowdsale", page.sale.address, "contributeWith", listed, body.amount, here.view.currency)
    else:
        call = Call("Crowdsale", page.sale.address, "contribute", arguments, body.amount, here.view.currency)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/refund-contribution", dependencies=RATIONED)
def refund(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The account's contribution, or what a stop left of it, is paid back to it."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
        part = contribution_of(session, page.sale, body.account)
    call = Call("Crowdsale", page.sale.address, "claimRefund", (NATIVE,))
    summary = words.refund(say, page, part.refundable)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/claim-tokens", dependencies=RATIONED)
def claim_tokens(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The tokens of the account that have vested are minted to it."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
        part = contribution_of(session, page.sale, body.account)
    call = Call("Crowdsale", page.sale.address, "claimTokens", (body.account,))
    summary = words.claim_tokens(say, page, part.claimable_tokens)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/claim-sale-membership", dependencies=RATIONED)
def claim_membership(
    here: Here, body: ClaimMembershipRequest, host: CurrentHost, database: Opened, say: Translator
) -> Transaction:
    """The account, or another wallet of its own, becomes a member, or its membership is renewed."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
    arguments = (body.account, body.wallet or body.account, body.periods, body.token_id)
    call = Call("Crowdsale", page.sale.address, "claimMembership", arguments)
    summary = words.claim_membership(say, here.view, page, body.periods)
    return prepare(host, call, account=body.account, summary=summary, say=say)


@router.post("/transactions/finalize-sale", dependencies=RATIONED)
def finalize(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """The schedule of a sale that reached its goal begins. Anybody can."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
    call = Call("Crowdsale", page.sale.address, "finalize")
    return prepare(host, call, account=body.account, summary=words.finalize(say, page), say=say)


@router.post("/transactions/release-sale", dependencies=RATIONED)
def release(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """What the schedule has released goes to the community. Anybody can."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
    call = Call("Crowdsale", page.sale.address, "release")
    return prepare(host, call, account=body.account, summary=words.release(say, here.view, page), say=say)


@router.post("/transactions/vote-stop", dependencies=RATIONED)
def vote_stop(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """A contributor's vote to stop the schedule, for good."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
        part = contribution_of(session, page.sale, body.account)
    call = Call("Crowdsale", page.sale.address, "voteStop")
    return prepare(host, call, account=body.account, summary=words.vote(say, page, part), say=say)


@router.post("/transactions/withdraw-sale-funds", dependencies=RATIONED)
def withdraw_funds(here: Here, body: SaleRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """What the account sent beyond the cap is paid back to it."""
    with database.reading() as session:
        page = open_page(session, host.chain, here.view, body.sale, at=here.at)
        part = contribution_of(session, page.sale, body.account)
    call = Call("Crowdsale", page.sale.address, "withdrawFunds", (NATIVE,))
    summary = words.withdraw(say, currency_of(host.chain, None).written(part.funds, say.language))
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _answer(page: SalePage) -> SaleAnswer:
    sale, terms = page.sale, page.sale.terms
    same = ("asset", "token_name", "token_symbol", "starts_at", "ends_at", "listed", "tier_id", "tier_periods")
    more = ("cliff_seconds", "vesting_seconds", "stop_threshold_bps", "lockup_seconds")
    amounts = ("goal", "cap", "account_min", "account_max", "tier_threshold", "founder_allocation")
    return SaleAnswer(
        address=to_checksum_address(sale.address),
        state=sale.state,
        token=to_checksum_address(sale.token) if sale.token else None,
        raised=str(sale.raised),
        raised_written=page.currency.written(sale.raised),
        steps=[
            StepAnswer(up_to=str(step.up_to), price=str(step.price), price_written=page.currency.written(step.price))
            for step in terms.steps
        ],
        finalized_at=sale.finalized_at,
        released=str(sale.released),
        releasable=str(sale.releasable),
        votes=str(sale.votes),
        votes_needed=str(sale.votes_needed),
        stopped_at=sale.stopped_at,
        made_at=sale.made_at,
        **{name: getattr(terms, name) for name in (*same, *more)},
        **{name: str(getattr(terms, name)) for name in amounts},
    )
