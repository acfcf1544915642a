"""Several wallets on one account: what a linked wallet holds counts for the account that it is linked to.

Gates alone ask for it (`gates/wallets.py`): whoever governs, holds a role or writes in a log does so by the wallet
that signed, alone. A wallet counts for at most one account, and an account that counts for another has no wallets of
its own: there are no chains. Who is linked to whom is known to the two of them and to nobody else.
"""

from dataclasses import dataclass

from eth_utils.address import to_checksum_address
from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.identity import siwe
from backend.identity.limits import Allowance, spend
from backend.identity.login import Challenge
from backend.identity.nonces import NONCE_SECONDS, give_nonce, require_nonce, use_nonce
from backend.identity.signature import personal_digest, verify_wallet
from backend.identity.tables import LinkedWallet
from backend.problems import Conflict, NotFound

MOST_WALLETS = 8
"""Linked to one account: each decision reads what all of them hold."""
LINKS = Allowance("link", most=5, seconds=86_400)
"""For one wallet, counted once its signature was found right: a membership is not lent around by linking."""
_LOCK = 0x6C696E6B  # "link": the advisory lock of links in PostgreSQL


class LinkRefused(siwe.SignInRefused):
    """The message was not made to link a wallet to the account that is signed in."""

    slug, title = "link-refused", "This message does not link a wallet"


class CannotLink(Conflict):
    """The wallet signed, but cannot count for this account; `reason` is a stable code."""

    slug, title = "cannot-link", "This wallet cannot be linked"


@dataclass(frozen=True)
class Link:
    """`wallet` counts for `account` since `linked_at`."""

    wallet: str
    account: str
    linked_at: int


@dataclass(frozen=True)
class Links:
    """What an account may know: the wallets that count for it, the newest last, or the account that it counts for."""

    wallets: tuple[Link, ...]
    counts_for: Link | None


def statement_for(account: str) -> str:
    """What the wallet shows and signs, in plain words."""
    return (
        f"What this wallet holds shall count for the account {to_checksum_address(account)} at this home: gates that "
        "it opens, open for that account too. This costs nothing, moves no money and lets nobody spend or write for "
        "this wallet. Either of the two can undo it."
    )


def resource_of(account: str) -> str:
    """The one resource of a message that links: no sign-in accepts it, and it names whom it is for."""
    return f"urn:koinon:wallet:{to_checksum_address(account)}"


def new_challenge(session: Session, settings: Settings, *, account: str, wallet: str, at: int) -> Challenge:
    """A challenge whose nonce links this wallet to this account once, within ten minutes. It tells nothing of the
    wallet: nobody has shown yet that it is theirs."""
    if wallet == account:
        raise CannotLink("This is the wallet that you are signed in with.", reason="link-itself")
    nonce = give_nonce(session, wallet, links_to=account, at=at)
    return Challenge(wallet, settings.base_url, settings.chain_id, nonce, at, at + NONCE_SECONDS)


def link(
    database: Database, chain: Chain, *, settings: Settings, account: str, message: str, signature: bytes, at: int
) -> Link:
    """The wallet that signed the message counts for the account.

    `SignInRefused` tells which part of the message is wrong, `SignatureWrong` that the wallet did not sign it,
    `ChainUnavailable` that a contract wallet cannot be asked, `CannotLink` what is in the way, `TooMuch` that the
    wallet was linked too often. Of any number of calls with one nonce, one succeeds.
    """
    parsed = siwe.parse(message)
    siwe.check(parsed, base_url=settings.base_url, chain_id=settings.chain_id, at=at)
    if (parsed.statement, parsed.resources) != (statement_for(account), (resource_of(account),)):
        raise LinkRefused("This message was not made to link a wallet to your account.")
    with database.reading() as session:
        require_nonce(session, parsed, links_to=account, at=at)
    verify_wallet(chain, parsed.address, digest=personal_digest(parsed.text.encode()), signature=signature)
    spend(database, LINKS, who=parsed.address, at=at)
    with database.writing() as session:
        use_nonce(session, parsed, links_to=account, at=at)
        return keep_link(session, account=account, wallet=parsed.address, at=at)


def keep_link(session: Session, *, account: str, wallet: str, at: int) -> Link:
    """The wallet counts for the account from now on; `CannotLink` names what is in the way. Who calls has seen that
    both agree."""
    _one_at_a_time(session)
    if wallet == account:
        raise CannotLink("This is the wallet that you are signed in with.", reason="link-itself")
    known = session.get(LinkedWallet, wallet)
    if known is not None and known.account == account:
        raise CannotLink("This wallet is linked to you already.", reason="link-there")
    if known is not None:
        raise CannotLink(
            "This wallet counts for another account; sign in with it to end that.", reason="link-elsewhere"
        )
    if session.get(LinkedWallet, account) is not None:
        raise CannotLink("Your account counts for another one. End that first.", reason="link-counts")
    if linked_wallets(session, wallet):
        raise CannotLink("This wallet has wallets of its own. Sign in with it to unlink them.", reason="link-chain")
    if len(linked_wallets(session, account)) >= MOST_WALLETS:
        raise CannotLink(f"At most {MOST_WALLETS} wallets are linked.", reason="link-many", limit=MOST_WALLETS)
    row = LinkedWallet(wallet=wallet, account=account, linked_at=at)
    session.add(row)
    session.flush()
    return _link(row)


def unlink(session: Session, viewer: str, wallet: str) -> None:
    """The wallet counts for no other account, if the viewer is one of the two; `NotFound` for others' links, as for
    none."""
    both = (col(LinkedWallet.account) == viewer) | (col(LinkedWallet.wallet) == viewer)
    gone = delete(LinkedWallet).where(col(LinkedWallet.wallet) == wallet, both).returning(col(LinkedWallet.wallet))
    if session.execute(gone).first() is None:
        raise NotFound("You have linked no such wallet.")


def links_of(session: Session, account: str) -> Links:
    """What the account itself may see."""
    statement = select(LinkedWallet).where(
        (col(LinkedWallet.account) == account) | (col(LinkedWallet.wallet) == account)
    )
    rows = session.execute(statement.order_by(col(LinkedWallet.linked_at), col(LinkedWallet.wallet))).scalars().all()
    wallets = tuple(_link(row) for row in rows if row.account == account)
    return Links(wallets, next((_link(row) for row in rows if row.wallet == account), None))


def linked_wallets(session: Session, account: str) -> list[str]:
    """The wallets that count for the account, besides itself. One indexed lookup."""
    statement = select(col(LinkedWallet.wallet)).where(col(LinkedWallet.account) == account)
    return list(session.execute(statement.order_by(col(LinkedWallet.linked_at), col(LinkedWallet.wallet))).scalars())


def _one_at_a_time(session: Session) -> None:
    """Two links that would make a chain together are not made side by side; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _link(row: LinkedWallet) -> Link:
    return Link(row.wallet, row.account, row.linked_at)
