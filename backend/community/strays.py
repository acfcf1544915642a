"""Tokens that somebody sent to a community's contracts by accident: the owner or a treasurer sends them on; what lies
in a crowdsale anybody passes to the community.

The currency itself is never swept: it is members' money, creators' or contributors'. In a community that is paid in a
token, native coins are strays too. Whatever lies in the Community itself is no stray: it is income, see
`offices.collect`.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, model_validator

from backend.chain import CallFailed
from backend.community.reading import Here, Place
from backend.crowdsale.queries import sale_of
from backend.currency import Currency, currency_of
from backend.db import Database, Opened
from backend.host import CurrentHost, Host
from backend.identity.origin import require_same_origin
from backend.problems import Conflict, NotFound
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
    prefix="/api/communities/{community}", tags=["community"], dependencies=[Depends(require_same_origin)]
)
WORD = 32
Contract = Literal["memberships", "store", "sale"]


@dataclass(frozen=True)
class Holder:
    """A contract of the community, and the name of its ABI."""

    contract: str
    address: str


class NoStray(Conflict):
    """There is nothing to send on, or it is not a stray. `reason`: `stray-currency`, `stray-nothing`."""

    slug, title = "no-stray", "There is nothing to send on"


class SweepRequest(TransactionRequest):
    """`token` None: native coins. `to`: who gets it, by default who signs; out of a `sale`, which is named then, always
    the community."""

    place: Contract
    sale: AddressText | None = None
    token: AddressText | None = None
    to: AddressText | None = None

    @model_validator(mode="after")
    def _names_its_sale(self) -> Self:
        if (self.place == "sale") != (self.sale is not None) or (self.sale and self.to):
            raise ValueError("a crowdsale is named by its address, and passes on to its community only")
        return self


class StrayAnswer(BaseModel):
    """What lies in a contract of a token, base units as decimal text."""

    place: Contract
    token: str | None
    amount: str = Field(pattern=r"^[0-9]{1,78}$")
    amount_written: str


@router.get("/strays", dependencies=RATIONED)
def strays(
    here: Here,
    host: CurrentHost,
    database: Opened,
    place: Contract,
    sale: Annotated[str | None, Query(pattern=r"^0x[0-9a-fA-F]{40}$")] = None,
    token: Annotated[str | None, Query(pattern=r"^0x[0-9a-fA-F]{40}$")] = None,
) -> StrayAnswer:
    """How much of a token, or of native coins, lies where it does not belong. `sale`: in which crowdsale."""
    amount, currency = _stray(host, here, _holder(database, here, place, sale), token)
    return StrayAnswer(place=place, token=token, amount=str(amount), amount_written=currency.written(amount))


@router.post("/transactions/sweep", dependencies=RATIONED)
def sweep(here: Here, body: SweepRequest, host: CurrentHost, database: Opened, say: Translator) -> Transaction:
    """Strays go to `to`: only the owner or a treasurer may. Those in a crowdsale go to the community: anybody may."""
    holder, to = _holder(database, here, body.place, body.sale), body.to or body.account
    amount, currency = _stray(host, here, holder, body.token)
    if not amount:
        raise NoStray("Nothing of it lies there.", reason="stray-nothing")
    named = {"amount": currency.written(amount, say.language), "community": here.view.name, "to": to}
    arguments: tuple[str, ...] = (body.token or NATIVE, to)
    text = say._("Send %(amount)s, which came to a contract of %(community)s by accident, to %(to)s.")
    if body.place == "sale":
        arguments = (body.token or NATIVE,)
        text = say._("Pass %(amount)s, which came to a crowdsale by accident, to %(community)s, where it is income.")
    call = Call(holder.contract, holder.address, "sweep", arguments)
    return prepare(host, call, account=body.account, summary=text % named, say=say)


def _holder(database: Database, here: Place, place: Contract, sale: str | None) -> Holder:
    """Where the stray lies. Raises NotFound for a crowdsale of another community."""
    if place == "store":
        return Holder("Store", here.contracts.store)
    if place == "memberships":
        return Holder("Membership", here.view.membership)
    with database.reading() as session:
        found = sale_of(session, here.view.chain_id, here.view.address, sale or NATIVE, at=here.at)
    return Holder("Crowdsale", found.address)


def _stray(host: Host, here: Place, holder: Holder, token: str | None) -> tuple[int, Currency]:
    """How much lies there. Raises NoStray for the community's currency, NotFound for what is no token."""
    token, contract = token.lower() if token else None, holder.address
    if token == here.view.currency:
        raise NoStray("The community's own currency is members' money, and is never sent on.", reason="stray-currency")
    try:
        if token is None:
            return host.chain.balance(contract), currency_of(host.chain, None)
        data = host.chain.call(token, call_data("ERC20", "balanceOf", contract))
    except CallFailed as error:
        raise NotFound("There is no such token on this chain.") from error
    if len(data) < WORD:  # nothing is there
        raise NotFound("There is no such token on this chain.")
    return int.from_bytes(data[:WORD]), currency_of(host.chain, token)
