"""ICrowdsale.sweep"""

from typing import Any

from tests.factories.communities import community_of
from tests.factories.contracts import NATIVE, Chain
from tests.factories.crowdsales import COIN, Sale, open_sale


def stray(ledger: Chain, sale: Sale) -> Any:
    """A token that somebody sent to the sale by accident."""
    token = ledger.deploy("MockToken", "Stray", "STRAY", 18)
    ledger.send(token.mint, sale.address, COIN, sender=sale.stranger)
    return token


def test_stray_token_goes_to_the_community(sale: Sale) -> None:
    token = stray(sale.chain, sale)
    community = sale.world.community.address
    sale.contribute(COIN)

    receipt = sale.chain.send(sale.contract.sweep, token.address, sender=sale.stranger)

    assert receipt.only("Swept") == {"token": token.address, "to": community, "amount": COIN}
    assert sale.chain.balance(community, token.address) == COIN
    assert sale.balance() == COIN


def test_coins_forced_into_an_erc20_sale_go_to_the_community(token_sale: Sale) -> None:
    sale = token_sale
    bomb = sale.chain.deploy("CoinBomb")
    sale.chain.send(bomb.explode, sale.address, sender=sale.stranger, value=5)
    community = sale.world.community.address
    before = sale.chain.balance(community)

    receipt = sale.chain.send(sale.contract.sweep, NATIVE, sender=sale.stranger)

    assert receipt.only("Swept") == {"token": NATIVE, "to": community, "amount": 5}
    assert sale.chain.balance(community) == before + 5


def test_currency_is_never_swept(sale: Sale) -> None:
    sale.contribute(COIN)

    with sale.chain.reverts("CurrencyNotSwept", currency=sale.world.currency):
        sale.chain.send(sale.contract.sweep, sale.world.currency, sender=sale.founder)


def test_plain_coins_are_refused(sale: Sale) -> None:
    with sale.chain.reverts("unknown", data=b""):
        sale.chain.rpc(
            "eth_call",
            {"from": sale.stranger, "to": sale.address, "value": "0x1", "gasPrice": "0x0", "gas": hex(10**6)},
        )


def test_second_address_of_the_currency_sweeps_nothing(ledger: Chain, factory: Any) -> None:
    """Some tokens answer at two addresses: the founder could take the contributions through the other one."""
    token = ledger.deploy("TwinToken")
    sale = open_sale(community_of(ledger, factory, token=token))
    sale.contribute(COIN)

    with ledger.reverts("CurrencyNotSwept", currency=token.address):
        ledger.send(sale.contract.sweep, token.twin(), sender=sale.founder)
