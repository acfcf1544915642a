"""Tokens that somebody sent to a community's contracts by accident: the owner or a treasurer sends them on.

The currency itself is never swept: it is members' money, or creators'. In a community that is paid in a token, native
coins are strays too. Whatever lies in the Community itself is no stray: it is income, see `offices.collect`.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from backend.chain import CallFailed
from backend.community.reading import Here, Place
from backend.currency import Currency, currency_of
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
Contract = Literal["memberships", "store"]


class NoStray(Conflict):
    """There is nothing to send on, or it is not a stray. `reason`: `stray-currency`, `stray-nothing`."""

    slug, title = "no-stray", "There is nothing to send on"


class SweepRequest(TransactionRequest):
    """`token` None: native coins. `to`: who gets it, by default who signs."""

    place: Contract
    token: AddressText | None = None
    to: AddressText | None = None


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
    place: Contract,
    token: Annotated[str | None, Query(pattern=r"^0x[0-9a-fA-F]{40}$")] = None,
) -> StrayAnswer:
    """How much of a token, or of native coins, lies where it does not belong."""
    amount, currency = _stray(host, here, place, token)
    return StrayAnswer(place=place, token=token, amount=str(amount), amount_written=currency.written(amount))


@router.post("/transactions/sweep", dependencies=RATIONED)
def sweep(here: Here, body: SweepRequest, host: CurrentHost, say: Translator) -> Transaction:
    """Strays go to `to`. Only the owner or a treasurer."""
    to = body.to or body.account
    amount, currency = _stray(host, here, body.place, body.token)
    if not amount:
        raise NoStray("Nothing of it lies there.", reason="stray-nothing")
    name = "Store" if body.place == "store" else "Membership"
    call = Call(name, _contract(here, body.place), "sweep", (body.token or NATIVE, to))
    text = say._("Send %(amount)s, which came to a contract of %(community)s by accident, to %(to)s.")
    summary = text % {"amount": currency.written(amount, say.language), "community": here.view.name, "to": to}
    return prepare(host, call, account=body.account, summary=summary, say=say)


def _contract(here: Place, name: Contract) -> str:
    return here.contracts.store if name == "store" else here.view.membership


def _stray(host: Host, here: Place, name: Contract, token: str | None) -> tuple[int, Currency]:
    """How much lies there. Raises NoStray for the community's currency, NotFound for what is no token."""
    token, contract = token.lower() if token else None, _contract(here, name)
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
