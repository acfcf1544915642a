"""ICommunityToken.distribute and claimIncome"""

from typing import Any

import pytest

from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Chain
from tests.factories.crowdsales import COIN, RESTRICTED, UNIT, VESTING, Sale, open_sale

BACKERS, OTHERS = 12_000 * UNIT, 8_000 * UNIT  # in `Sale.reach`


@pytest.fixture
def held(restricted: Sale) -> Sale:
    """Backer and other have claimed all their tokens, 60 % and 40 % of the supply."""
    restricted.reach()
    restricted.chain.advance(VESTING)
    restricted.claim()
    restricted.claim(restricted.other)
    return restricted


def distribute(sale: Sale, amount: int, *, sender: str = "", **changes: Any) -> Any:
    sender = sender or sale.stranger
    token = sale.world.token
    if token and amount:
        sale.chain.send(token.mint, sender, amount, sender=sender)
        sale.chain.send(token.approve, sale.token.address, amount, sender=sender)
    value = changes.get("value", 0 if token else amount)
    currency = changes.get("currency", sale.world.currency)
    return sale.chain.send(sale.token.distribute, amount, currency, sender=sender, value=value)


def claim(sale: Sale, account: str = "", *, sender: str = "", to: str = "") -> Any:
    account = account or sale.backer
    return sale.chain.send(sale.token.claimIncome, account, to or account, sender=sender or account)


def due(sale: Sale, account: str = "") -> int:
    return int(sale.chain.read(sale.token.incomeOf, account or sale.backer)["due"])


def move(sale: Sale, amount: int, *, sender: str = "", to: str = "") -> None:
    sale.chain.send(sale.token.transfer, to or sale.other, amount, sender=sender or sale.backer)


def test_income_is_shared_by_the_holders_of_the_moment(held: Sale) -> None:
    receipt = distribute(held, 10 * COIN)

    index = (10 * COIN << 128) // (BACKERS + OTHERS)
    assert receipt.only("IncomeDistributed") == {
        "from": held.stranger,
        "amount": 10 * COIN,
        "supply": BACKERS + OTHERS,
        "index": index,
        "distributed": 10 * COIN,
    }
    assert (held.token.incomeIndex(), held.token.distributed()) == (index, 10 * COIN)
    assert held.balance(held.token.address) == 10 * COIN
    assert (due(held), due(held, held.other)) == (6 * COIN - 1, 4 * COIN - 1)  # rounded down


def test_income_is_pulled(held: Sale) -> None:
    distribute(held, 10 * COIN)
    before = held.balance(held.backer)

    receipt = claim(held)

    amount = 6 * COIN - 1
    assert receipt.only("IncomeClaimed") == {
        "account": held.backer, "to": held.backer, "amount": amount, "claimed": amount,
    }  # fmt: skip
    assert held.balance(held.backer) == before + amount
    assert held.chain.read(held.token.incomeOf, held.backer) == {"due": 0, "claimed": amount}


def test_income_of_several_distributions_adds_up(held: Sale) -> None:
    for amount in (COIN, 2 * COIN, 3 * COIN):
        distribute(held, amount)
    claim(held)
    distribute(held, COIN)

    claimed = claim(held).only("IncomeClaimed")

    assert 7 * COIN * 6 // 10 - 2 <= claimed["claimed"] <= 7 * COIN * 6 // 10


def test_holder_names_another_address(held: Sale) -> None:
    distribute(held, 10 * COIN)
    before = held.balance(held.third)

    claim(held, to=held.third)

    assert held.balance(held.third) == before + 6 * COIN - 1


def test_anybody_pays_a_holder_its_income(held: Sale) -> None:
    distribute(held, 10 * COIN)

    assert claim(held, sender=held.stranger).only("IncomeClaimed")["to"] == held.backer


def test_nobody_sends_anothers_income_elsewhere(held: Sale) -> None:
    distribute(held, 10 * COIN)

    with held.chain.reverts("NotHolder", account=held.backer, caller=held.stranger):
        claim(held, sender=held.stranger, to=held.stranger)


def test_income_stays_with_who_held_at_the_checkpoint(held: Sale) -> None:
    """Moving tokens after a distribution moves no income of it, and makes none."""
    distribute(held, 10 * COIN)
    move(held, BACKERS)

    assert (due(held), due(held, held.other)) == (6 * COIN - 1, 4 * COIN - 1)
    distribute(held, 10 * COIN)
    assert (due(held), due(held, held.other)) == (6 * COIN - 1, 14 * COIN - 2)


def test_buyer_before_the_checkpoint_has_the_income(held: Sale) -> None:
    move(held, BACKERS)
    distribute(held, 10 * COIN)

    assert (due(held), due(held, held.other)) == (0, 10 * COIN - 1)


def test_tokens_sent_round_in_a_circle_earn_once(held: Sale) -> None:
    distribute(held, 10 * COIN)
    for _ in range(3):
        move(held, BACKERS)
        move(held, BACKERS, sender=held.other, to=held.backer)

    assert due(held) + due(held, held.other) <= 10 * COIN
    claim(held)
    claim(held, held.other)
    assert held.balance(held.token.address) in (1, 2)


def test_transfer_to_oneself_earns_nothing(held: Sale) -> None:
    distribute(held, 10 * COIN)
    before = due(held)

    move(held, BACKERS, to=held.backer)

    assert due(held) == before


def test_tokens_claimed_after_the_checkpoint_have_no_share_of_it(restricted: Sale) -> None:
    restricted.reach()
    restricted.chain.advance(VESTING)
    restricted.claim()
    distribute(restricted, 10 * COIN)

    restricted.claim(restricted.other)

    assert (due(restricted), due(restricted, restricted.other)) == (10 * COIN - 1, 0)


def test_dust_is_shared_downwards(held: Sale) -> None:
    """A base unit for two holders: neither gets it, and nothing is owed beyond what is there."""
    distribute(held, 1)

    assert (due(held), due(held, held.other)) == (0, 0)
    distribute(held, 1)
    assert due(held) + due(held, held.other) <= 2


def test_frequent_transfers_take_no_income_away(held: Sale) -> None:
    """A stranger's dust cannot round a holder's income away: between distributions nothing is counted again."""
    distribute(held, 10 * COIN)
    before = due(held)

    for _ in range(5):
        move(held, 1, sender=held.other, to=held.backer)

    assert due(held) == before


def test_income_of_a_frozen_account_waits(held: Sale) -> None:
    distribute(held, 10 * COIN)
    held.chain.send(held.token.setFrozen, held.backer, True, sender=held.founder)

    with held.chain.reverts("TransferRestricted", restriction=4):
        claim(held)
    held.chain.send(held.token.setFrozen, held.backer, False, sender=held.founder)

    assert claim(held).only("IncomeClaimed")["amount"] == 6 * COIN - 1


def test_income_needs_no_attestation(held: Sale) -> None:
    distribute(held, 10 * COIN)
    held.attest(held.backer, until=0)

    assert claim(held).only("IncomeClaimed")["amount"] == 6 * COIN - 1


def test_distribution_to_nobody_reverts(restricted: Sale) -> None:
    with restricted.chain.reverts("NothingHeld"):
        distribute(restricted, COIN)


def test_distribution_of_nothing_reverts(held: Sale) -> None:
    with held.chain.reverts("NothingToDistribute"):
        distribute(held, 0)


def test_distribution_in_another_currency_reverts(held: Sale) -> None:
    with held.chain.reverts("CurrencyMismatch", expected=held.third, currency=held.world.currency):
        distribute(held, COIN, currency=held.third)


def test_distribution_with_other_value_reverts(held: Sale) -> None:
    native = held.world.token is None

    with held.chain.reverts("ValueMismatch", value=7, due=COIN if native else 0):
        distribute(held, COIN, value=7)


def test_claim_of_nothing_reverts(held: Sale) -> None:
    with held.chain.reverts("NothingToClaim", account=held.backer):
        claim(held)
    distribute(held, 10 * COIN)
    claim(held)
    with held.chain.reverts("NothingToClaim", account=held.backer):
        claim(held)


def test_the_largest_income_overflows_nothing(native: World) -> None:
    """A supply of one unit and all the coins that the counter holds."""
    sale = open_sale(native, RESTRICTED, founderAllocation=0, vestingSeconds=0, cliffSeconds=0, lockupSeconds=0,
                     steps=((COIN, COIN * COIN),), goal=1)  # fmt: skip
    sale.attest(sale.backer, sale.other)
    sale.contribute(COIN)
    sale.finalize()
    sale.claim()
    assert sale.token.totalSupply() == 1
    most = 10**21

    distribute(sale, most)

    assert claim(sale).only("IncomeClaimed")["amount"] == most


def test_more_than_can_be_counted_reverts(hostile: World) -> None:
    chain: Chain = hostile.chain
    sale = open_sale(hostile, RESTRICTED, vestingSeconds=0, cliffSeconds=0, lockupSeconds=0)
    sale.attest(sale.backer)
    sale.contribute(10 * COIN)
    sale.finish()
    sale.claim()
    distribute(sale, 2**128 - 1)

    with chain.reverts("IncomeTooLarge", amount=1, most=0):
        distribute(sale, 1)


def test_fee_token_distributes_nothing(hostile: World) -> None:
    sale = open_sale(hostile, RESTRICTED, vestingSeconds=0, cliffSeconds=0, lockupSeconds=0)
    sale.attest(sale.backer)
    sale.contribute(10 * COIN)
    sale.finish()
    sale.claim()
    hostile.chain.send(hostile.token.misbehave, 3, NATIVE, b"", sender=hostile.stranger)

    with hostile.chain.reverts("TransferShort", received=COIN - COIN // 100, due=COIN):
        distribute(sale, COIN)
