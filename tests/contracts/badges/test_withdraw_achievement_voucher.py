"""IBadges.withdrawAchievementVoucher"""

from tests.factories.badges import ISSUER, claim, issued, voucher
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Receipt


def withdraw(world: World, achievement_id: int, nonce: int, *, sender: str, issuer: str = ISSUER.address) -> Receipt:
    return world.chain.send(world.badges.withdrawAchievementVoucher, achievement_id, issuer, nonce, sender=sender)


def test_withdraw_achievement_voucher_by_the_owner_ends_it(native: World) -> None:
    achievement_id = issued(native)

    receipt = withdraw(native, achievement_id, 5, sender=native.founder)

    assert receipt.only("AchievementVoucherWithdrawn") == {
        "achievementId": achievement_id,
        "issuer": ISSUER.address,
        "nonce": 5,
        "by": native.founder,
    }
    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=5):
        claim(native, voucher(achievement_id, nonce=5))
    claim(native, voucher(achievement_id, nonce=4))


def test_withdraw_achievement_voucher_by_the_issuer_ends_it(native: World) -> None:
    achievement_id = issued(native)

    with native.chain.impersonated(ISSUER.address):
        receipt = withdraw(native, achievement_id, 0, sender=ISSUER.address)

    assert receipt.only("AchievementVoucherWithdrawn")["by"] == ISSUER.address
    terms = tuple(voucher(achievement_id).values())
    assert native.chain.read(native.badges.achievementVoucherOf, terms)["used"]


def test_withdraw_achievement_voucher_touches_only_the_callers_own(native: World) -> None:
    achievement_id = issued(native)

    withdraw(native, achievement_id, 0, sender=native.stranger, issuer=native.stranger)

    claim(native, voucher(achievement_id))


def test_withdraw_achievement_voucher_reverts_for_anybody_else(native: World) -> None:
    achievement_id = issued(native)
    native.chain.send(native.community.setRoles, native.other, 15, sender=native.founder)

    with native.chain.reverts("NotOwner", caller=native.other):
        withdraw(native, achievement_id, 0, sender=native.other)


def test_withdraw_achievement_voucher_reverts_when_it_was_used(native: World) -> None:
    achievement_id = issued(native)
    claim(native, voucher(achievement_id))

    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=0):
        withdraw(native, achievement_id, 0, sender=native.founder)


def test_withdraw_achievement_voucher_reverts_when_there_is_no_such_achievement(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        withdraw(native, 1, 0, sender=native.founder, issuer=NATIVE)
