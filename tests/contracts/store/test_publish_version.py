"""IStore.publishVersion"""

from tests.factories.stores import DIGEST, LABEL, Shop

NEW_LABEL = b"History, second edition".ljust(32, b"\0")
NEW_DIGEST = b"\x08" * 32


def test_publish_version_replaces_label_and_metadata(coins: Shop) -> None:
    product = coins.list()
    before = coins.product(product)

    receipt = coins.chain.send(coins.store.publishVersion, product, NEW_LABEL, NEW_DIGEST, sender=coins.creator)

    after = before | {"label": NEW_LABEL, "digest": NEW_DIGEST, "version": 2}
    assert receipt.only("ProductSet") == {"productId": product, "creator": coins.creator, "product": after}
    assert receipt.only("URI") == {"id": product, "value": coins.store.uri(product)}
    assert coins.product(product) == after


def test_publish_version_leaves_licenses_as_they_are(coins: Shop) -> None:
    product = coins.list()
    coins.buy(product)

    coins.chain.send(coins.store.publishVersion, product, NEW_LABEL, NEW_DIGEST, sender=coins.creator)

    assert coins.store.isLicensed(coins.member, product)
    assert coins.buy(product).only("LicenseBought")["version"] == 2


def test_publish_version_reverts_without_label_or_metadata(coins: Shop) -> None:
    product = coins.list()

    with coins.chain.reverts("LabelMissing"):
        coins.chain.send(coins.store.publishVersion, product, b"\0" * 32, DIGEST, sender=coins.creator)
    with coins.chain.reverts("DigestMissing"):
        coins.chain.send(coins.store.publishVersion, product, LABEL, b"\0" * 32, sender=coins.creator)


def test_publish_version_reverts_when_the_caller_is_not_the_creator(coins: Shop) -> None:
    product = coins.list()

    for caller in (coins.founder, coins.stranger):
        with coins.chain.reverts("NotCreator", productId=product, caller=caller):
            coins.chain.send(coins.store.publishVersion, product, LABEL, DIGEST, sender=caller)
