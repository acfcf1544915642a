"""IBadges.refresh"""

from tests.factories.badges import minted
from tests.factories.communities import World


def test_refresh_by_anybody_tells_that_the_metadata_changed(native: World) -> None:
    badge = minted(native)

    receipt = native.chain.send(native.badges.refresh, badge, sender=native.stranger)

    assert receipt.only("MetadataUpdate") == {"_tokenId": badge}


def test_refresh_reverts_when_the_badge_is_no_token(native: World) -> None:
    badge = native.join()

    with native.chain.reverts("TokenDoesNotExist"):
        native.chain.send(native.badges.refresh, badge, sender=native.member)
