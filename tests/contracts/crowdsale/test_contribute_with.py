"""ICrowdsale.contributeWith"""

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.factories.communities import World, community_of
from tests.factories.contracts import Chain
from tests.factories.crowdsales import COIN, NO_PERMIT, UNIT, Sale, contribution_word, open_sale, tree_of

KEY = "0x" + "5a" * 32
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
def permitting(ledger: Chain, factory: Any) -> Sale:
    """A sale for a currency with ERC-2612: the utility token that another sale has sold. The stranger owns 1000."""
    source = open_sale(community_of(ledger, factory), vestingSeconds=0, cliffSeconds=0, goal=1)
    source.contribute(COIN, sender=source.stranger)
    source.finish()
    source.claim(source.stranger)
    return open_sale(community_of(ledger, factory, token=source.token))


def permit_of(sale: Sale, key: str, value: int, deadline: int) -> tuple[int, int, int, bytes, bytes]:
    token, owner = sale.world.token, Account.from_key(key).address
    domain = {"name": token.name(), "version": "1", "chainId": 31337, "verifyingContract": token.address}
    nonce = sale.chain.read(token.nonces, owner)
    message = {"owner": owner, "spender": sale.address, "value": value, "nonce": nonce, "deadline": deadline}
    signed = Account.from_key(key).sign_message(encode_typed_data(domain, PERMIT, message))
    return value, deadline, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def listed(world: World, *accounts: str) -> tuple[Sale, dict[str, list[bytes]]]:
    root, proofs = tree_of(list(accounts))
    return open_sale(world, allowRoot=root), proofs


def test_account_on_the_list_contributes(world: World) -> None:
    accounts = world.chain.accounts[3:8]
    sale, proofs = listed(world, *accounts)

    for account in accounts:
        contributed = sale.contribute(COIN, sender=account, proof=proofs[account]).only("Contributed")
        assert contributed["contribution"] == contribution_word(COIN, 1000 * UNIT)


def test_proof_of_another_account_is_refused(native: World) -> None:
    sale, proofs = listed(native, native.member, native.other)

    with native.chain.reverts("NotAllowed", account=sale.stranger):
        sale.contribute(COIN, sender=sale.stranger, proof=proofs[sale.backer])


def test_recipient_must_be_on_the_list_not_the_payer(native: World) -> None:
    sale, proofs = listed(native, native.member, native.other)

    sale.contribute(COIN, sender=sale.stranger, recipient=sale.backer, proof=proofs[sale.backer])

    assert sale.contribution()["amount"] == COIN
    with native.chain.reverts("NotAllowed", account=sale.stranger):
        sale.contribute(COIN, recipient=sale.stranger, proof=proofs[sale.backer])


def test_inner_node_of_the_tree_is_no_account(native: World) -> None:
    """Leaves are hashed twice: two nodes of a level cannot be shown as somebody's leaf."""
    sale, _ = listed(native, native.member, native.other)

    with native.chain.reverts("NotAllowed", account=sale.backer):
        sale.contribute(COIN, proof=[])


def test_proof_is_ignored_without_a_list(sale: Sale) -> None:
    sale.contribute(COIN, proof=[b"\1" * 32])

    assert sale.contribution()["amount"] == COIN


def test_permit_pays(permitting: Sale) -> None:
    sale, token, owner = permitting, permitting.world.token, Account.from_key(KEY).address
    sale.chain.send(token.transfer, owner, COIN, sender=sale.stranger)
    permit = permit_of(sale, KEY, COIN, sale.chain.now)

    with sale.chain.impersonated(owner):
        sale.contribute(COIN, sender=owner, funds=0, permit=permit)

    assert (sale.contribution(owner)["amount"], token.nonces(owner), sale.balance()) == (COIN, 1, COIN)


def test_permit_that_somebody_else_sent_before_does_no_harm(permitting: Sale) -> None:
    sale, token, owner = permitting, permitting.world.token, Account.from_key(KEY).address
    sale.chain.send(token.transfer, owner, COIN, sender=sale.stranger)
    permit = permit_of(sale, KEY, COIN, sale.chain.now)
    sale.chain.send(token.permit, owner, sale.address, *permit, sender=sale.other)

    with sale.chain.impersonated(owner):
        sale.contribute(COIN, sender=owner, funds=0, permit=permit)

    assert sale.contribution(owner)["amount"] == COIN


def test_permit_that_is_wrong_leaves_the_allowance_to_decide(permitting: Sale) -> None:
    sale, token = permitting, permitting.world.token
    permit = (COIN, sale.chain.now, 27, b"\1" * 32, b"\1" * 32)

    with sale.chain.reverts("TransferFromFailed"):
        sale.contribute(COIN, sender=sale.stranger, funds=0, permit=permit)
    sale.chain.send(token.approve, sale.address, COIN, sender=sale.stranger)
    sale.contribute(COIN, sender=sale.stranger, funds=0, permit=permit)

    assert sale.contribution(sale.stranger)["amount"] == COIN


def test_permit_means_nothing_for_native_coins_and_for_tokens_without(sale: Sale) -> None:
    sale.contribute(COIN, permit=(COIN, sale.chain.now, 27, b"\1" * 32, b"\1" * 32))

    assert sale.contribution()["amount"] == COIN


def test_contribute_with_checks_what_contribute_does(native_sale: Sale) -> None:
    sale = native_sale

    with sale.chain.reverts("BadgeNotChosen", badge=7, recipient=sale.other):
        sale.contribute(COIN, recipient=sale.other, badge=7, permit=NO_PERMIT)
    with sale.chain.reverts("ValueMismatch", value=1, due=COIN):
        sale.contribute(COIN, value=1, permit=NO_PERMIT)
