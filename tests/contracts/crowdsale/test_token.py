"""ICommunityToken: supply, votes, permit, transfers"""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.factories.communities import World
from tests.factories.contracts import NATIVE
from tests.factories.crowdsales import ALLOCATION, GOAL, LOCKUP, RESTRICTED, UNIT, UTILITY, VESTING, Sale, open_sale

BOUGHT = 12_000 * UNIT  # of the backer in `Sale.reach`
KEY = "0x" + "5b" * 32
PERMIT = {
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ]
}


@pytest.fixture
def held(sale: Sale) -> Sale:
    """The backer has claimed all its tokens."""
    sale.reach()
    sale.chain.advance(VESTING)
    sale.claim()
    return sale


@pytest.fixture
def restrictedly_held(restricted: Sale) -> Sale:
    """The same of a restricted token, after the lock-up."""
    restricted.reach()
    restricted.chain.advance(VESTING)
    restricted.claim()
    return restricted


def transfer(sale: Sale, to: str, amount: int = UNIT, *, sender: str = "") -> Any:
    return sale.chain.send(sale.token.transfer, to, amount, sender=sender or sale.backer)


# Supply


@pytest.mark.parametrize("caller", ["founder", "backer", "community"])
def test_nobody_but_the_sale_mints(sale: Sale, caller: str) -> None:
    account = sale.world.community.address if caller == "community" else str(getattr(sale, caller))

    with sale.chain.reverts("NotSale", caller=account), sale.chain.impersonated(account):
        sale.chain.send(sale.token.mint, account, 1, sender=account)


def test_sale_itself_mints_no_more_than_the_maximum(sale: Sale) -> None:
    left = sale.token.maximum()

    with sale.chain.impersonated(sale.address):
        with sale.chain.reverts("MaximumExceeded", amount=left + 1, left=left):
            sale.chain.send(sale.token.mint, sale.backer, left + 1, sender=sale.address)
        sale.chain.send(sale.token.mint, sale.backer, left, sender=sale.address)
    assert sale.token.totalSupply() == left


def test_nobody_but_the_sale_locks(restricted: Sale) -> None:
    with restricted.chain.reverts("NotSale", caller=restricted.founder):
        restricted.chain.send(restricted.token.lock, 1, sender=restricted.founder)


def test_token_is_wired_once(sale: Sale) -> None:
    with sale.chain.reverts("AlreadyInitialized"):
        sale.chain.send(sale.token.initialize, sale.stranger, sender=sale.stranger)


# Votes and permit


def delegate_of(token: Any) -> Any:
    """The method of this name, which Ape's contracts hide behind one of their own."""
    return getattr(token, "_mutable_methods_", {}).get("delegate") or token.delegate


def test_holder_votes_by_delegation(held: Sale) -> None:
    token, chain = held.token, held.chain
    assert token.getVotes(held.backer) == 0

    chain.send(delegate_of(token), held.backer, sender=held.backer)
    at = chain.now
    chain.advance(1)
    transfer(held, held.other, 1000 * UNIT)
    chain.advance(1)

    assert (token.getVotes(held.backer), token.getVotes(held.other)) == (BOUGHT - 1000 * UNIT, 0)
    assert (token.getPastVotes(held.backer, at), token.getPastVotesTotalSupply(at)) == (BOUGHT, BOUGHT)


def test_clock_of_votes_is_the_time(held: Sale) -> None:
    assert (held.token.clock(), held.token.CLOCK_MODE()) == (held.chain.now, "mode=timestamp")


def test_claims_and_transfers_add_to_the_votes_of_the_delegate(sale: Sale) -> None:
    sale.reach()
    sale.chain.send(delegate_of(sale.token), sale.third, sender=sale.backer)
    sale.chain.advance(VESTING)

    sale.claim()

    assert sale.token.getVotes(sale.third) == BOUGHT


def test_permit_allows(held: Sale) -> None:
    token, owner = held.token, Account.from_key(KEY).address
    domain = {"name": "Test Token", "version": "1", "chainId": 31337, "verifyingContract": token.address}
    message = {"owner": owner, "spender": held.other, "value": UNIT, "nonce": 0, "deadline": held.chain.now}
    signed = Account.from_key(KEY).sign_message(encode_typed_data(domain, PERMIT, message))
    r, s = signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
    transfer(held, owner)

    held.chain.send(token.permit, owner, held.other, UNIT, held.chain.now, signed.v, r, s, sender=held.stranger)
    held.chain.send(token.transferFrom, owner, held.other, UNIT, sender=held.other)

    assert (held.tokens_of(held.other), token.nonces(owner)) == (UNIT, 1)


def test_permit2_has_no_allowance_that_nobody_gave(held: Sale) -> None:
    permit2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"

    assert held.token.allowance(held.backer, permit2) == 0


# Transfers of a utility token


def test_utility_token_moves_freely(held: Sale) -> None:
    transfer(held, held.stranger, BOUGHT)

    assert held.tokens_of(held.stranger) == BOUGHT
    assert held.token.detectTransferRestriction(held.stranger, held.third, 1) == 0


@pytest.mark.parametrize("call", ["attest", "setAttestor", "setFrozen", "distribute"])
def test_utility_token_restricts_nobody_and_pays_no_income(held: Sale, call: str) -> None:
    """Not even its owner can freeze."""
    calls: dict[str, list[Any]] = {
        "attest": [[held.backer], 1],
        "setAttestor": [held.backer],
        "setFrozen": [held.backer, True],
        "distribute": [1, held.world.currency],
    }

    with held.chain.reverts("NotRestricted"):
        held.chain.send(getattr(held.token, call), *calls[call], sender=held.founder)


# Transfers of a restricted token


def test_restricted_token_moves_between_attested_accounts(restrictedly_held: Sale) -> None:
    sale = restrictedly_held

    transfer(sale, sale.other)

    assert (sale.tokens_of(), sale.tokens_of(sale.other)) == (BOUGHT - UNIT, UNIT)


def restriction(sale: Sale, sender: str, recipient: str) -> int:
    return int(sale.chain.read(sale.token.detectTransferRestriction, sender, recipient, UNIT))


def test_transfer_to_an_account_without_attestation_reverts(restrictedly_held: Sale) -> None:
    sale = restrictedly_held

    assert restriction(sale, sale.backer, sale.third) == 2
    with sale.chain.reverts("TransferRestricted", restriction=2):
        transfer(sale, sale.third)


def test_transfer_from_an_account_without_attestation_reverts(restrictedly_held: Sale) -> None:
    sale = restrictedly_held
    sale.attest(sale.backer, until=sale.chain.now)

    assert restriction(sale, sale.backer, sale.other) == 1
    with sale.chain.reverts("TransferRestricted", restriction=1):
        transfer(sale, sale.other)


@pytest.mark.parametrize(("frozen", "code"), [("backer", 3), ("other", 4)])
def test_transfer_of_a_frozen_account_reverts(restrictedly_held: Sale, frozen: str, code: int) -> None:
    sale = restrictedly_held
    sale.chain.send(sale.token.setFrozen, getattr(sale, frozen), True, sender=sale.founder)

    assert restriction(sale, sale.backer, sale.other) == code
    with sale.chain.reverts("TransferRestricted", restriction=code):
        transfer(sale, sale.other)


def test_transfer_by_an_approved_account_is_checked_alike(restrictedly_held: Sale) -> None:
    sale = restrictedly_held
    sale.chain.send(sale.token.approve, sale.other, UNIT, sender=sale.backer)

    with sale.chain.reverts("TransferRestricted", restriction=2):
        sale.chain.send(sale.token.transferFrom, sale.backer, sale.third, UNIT, sender=sale.other)


def test_transfer_during_the_lockup_reverts(restricted: Sale) -> None:
    at = restricted.reach()
    restricted.chain.set_time(at + LOCKUP - 1)
    restricted.claim()

    assert restriction(restricted, restricted.backer, restricted.other) == 5
    with restricted.chain.reverts("TransferRestricted", restriction=5):
        transfer(restricted, restricted.other)
    restricted.chain.advance(1)
    transfer(restricted, restricted.other)

    assert restricted.tokens_of(restricted.other) == UNIT


def test_founder_is_locked_up_too(restricted: Sale) -> None:
    at = restricted.reach()
    restricted.chain.set_time(at + LOCKUP - 1)
    restricted.claim(restricted.founder)

    with restricted.chain.reverts("TransferRestricted", restriction=5):
        transfer(restricted, restricted.other, sender=restricted.founder)


def test_codes_have_words(restricted: Sale) -> None:
    """ERC-1404. The numbers stand in wallets: they never change."""
    words = [restricted.token.messageForTransferRestriction(code) for code in range(7)]

    assert words == [
        "The transfer is allowed.",
        "The sender is not attested.",
        "The recipient is not attested.",
        "The sender is frozen.",
        "The recipient is frozen.",
        "The token is locked up.",
        "Unknown restriction.",
    ]


@pytest.mark.parametrize("asset", [UTILITY, RESTRICTED])
def test_token_says_whether_it_is_restricted(native: World, asset: int) -> None:
    """By ERC-165: the id of ERC-1404 is that of its two functions."""
    token = open_sale(native, asset).token
    functions = ("detectTransferRestriction(address,address,uint256)", "messageForTransferRestriction(uint8)")
    first, second = (int.from_bytes(keccak(text=each)[:4], "big") for each in functions)
    erc1404 = (first ^ second).to_bytes(4, "big")

    assert token.supportsInterface(bytes.fromhex("01ffc9a7"))
    assert token.supportsInterface(erc1404) is (asset == RESTRICTED)
    assert not token.supportsInterface(b"\xff" * 4)


def test_claim_is_no_transfer_of_somebody(restricted: Sale) -> None:
    assert restriction(restricted, NATIVE, restricted.backer) == 0
    assert restriction(restricted, NATIVE, restricted.third) == 2


def test_founders_allocation_is_part_of_the_maximum(held: Sale) -> None:
    held.claim(held.founder)

    assert held.token.totalSupply() == BOUGHT + ALLOCATION <= held.token.maximum()
    assert held.totals()["raised"] == 2 * GOAL
