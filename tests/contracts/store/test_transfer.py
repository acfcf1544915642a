"""Licenses for good as ERC-1155 tokens"""

from tests.factories.stores import FOR_GOOD, Shop


def test_transfer_moves_the_right(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product, quantity=3)

    coins.chain.send(coins.store.safeTransferFrom, coins.member, coins.stranger, product, 3, b"", sender=coins.member)

    assert (coins.held(coins.member, product), coins.held(coins.stranger, product)) == (0, 3)
    assert coins.valid_until(coins.member, product) == 0
    assert coins.valid_until(coins.stranger, product) == FOR_GOOD
    assert coins.product(product)["units"] == 3


def test_transfer_of_a_part_leaves_both_licensed(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product, quantity=2)

    coins.chain.send(coins.store.safeTransferFrom, coins.member, coins.stranger, product, 1, b"", sender=coins.member)

    assert coins.store.isLicensed(coins.member, product)
    assert coins.store.isLicensed(coins.stranger, product)


def test_transfer_by_others_needs_approval(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product)
    move = (coins.store.safeTransferFrom, coins.member, coins.stranger, product, 1, b"")

    with coins.chain.reverts("NotOwnerNorApproved"):
        coins.chain.send(*move, sender=coins.stranger)
    coins.chain.send(coins.store.setApprovalForAll, coins.stranger, True, sender=coins.member)
    coins.chain.send(*move, sender=coins.stranger)

    assert coins.held(coins.stranger, product) == 1


def test_transfer_of_several_products_at_once(coins: Shop) -> None:
    ids = [coins.list(), coins.list()]
    for product in ids:
        coins.buy(product)

    coins.chain.send(
        coins.store.safeBatchTransferFrom, coins.member, coins.stranger, ids, [1, 1], b"", sender=coins.member
    )

    assert [coins.held(coins.stranger, product) for product in ids] == [1, 1]
