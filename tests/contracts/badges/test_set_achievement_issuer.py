"""IBadges.setAchievementIssuer"""

from tests.factories.badges import ISSUER, LABEL, claim, create, issued, state, voucher
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Receipt


def set_issuer(world: World, achievement_id: int, issuer: str, allowance: int, *, sender: str = "") -> Receipt:
    return world.chain.send(
        world.badges.setAchievementIssuer, achievement_id, issuer, allowance, sender=sender or world.founder
    )


def test_set_achievement_issuer_changes_nothing_else(native: World) -> None:
    achievement_id = create(native, cap=5, locked=True, description="Said.")
    before = state(native, achievement_id)

    receipt = set_issuer(native, achievement_id, ISSUER.address, 7)

    after = before | {"issuer": ISSUER.address, "allowance": 7}
    assert receipt.only("AchievementSet") == {"achievementId": achievement_id, "achievement": after}
    assert state(native, achievement_id) == after


def test_set_achievement_issuer_renews_the_allowance(native: World) -> None:
    achievement_id = issued(native, allowance=1)
    claim(native, voucher(achievement_id))

    set_issuer(native, achievement_id, ISSUER.address, 1)
    claim(native, voucher(achievement_id, nonce=1))

    assert (state(native, achievement_id)["made"], state(native, achievement_id)["allowance"]) == (2, 0)


def test_set_achievement_issuer_to_nobody_ends_all_vouchers(native: World) -> None:
    achievement_id = issued(native)

    set_issuer(native, achievement_id, NATIVE, 0)

    with native.chain.reverts("IssuerMismatch", achievementId=achievement_id, given=ISSUER.address, issuer=NATIVE):
        claim(native, voucher(achievement_id))


def test_set_achievement_issuer_lets_no_used_voucher_of_an_earlier_time_work_again(native: World) -> None:
    achievement_id = issued(native)
    claim(native, voucher(achievement_id))
    set_issuer(native, achievement_id, native.stranger, 1)

    set_issuer(native, achievement_id, ISSUER.address, 10)

    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=0):
        claim(native, voucher(achievement_id))


def test_set_achievement_issuer_reverts_when_the_caller_is_not_the_owner(native: World) -> None:
    with native.chain.reverts("NotOwner", caller=native.member):
        set_issuer(native, create(native), ISSUER.address, 1, sender=native.member)


def test_set_achievement_issuer_reverts_when_there_is_no_such_achievement(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        set_issuer(native, 1, ISSUER.address, 1)


def test_set_achievement_issuer_reverts_when_it_is_the_owner(native: World) -> None:
    with native.chain.reverts("IssuerIsOwner", issuer=native.founder):
        set_issuer(native, create(native), native.founder, 1)


def test_set_achievement_issuer_reverts_when_nobody_has_the_allowance(native: World) -> None:
    with native.chain.reverts("AchievementInvalid", label=LABEL, issuer=NATIVE, allowance=1):
        set_issuer(native, create(native), NATIVE, 1)
