"""IMembershipDesk.withdrawVoucher"""

from dataclasses import astuple

from tests.factories.communities import PRICE, World
from tests.factories.contracts import Receipt
from tests.factories.memberships import ISSUER, Voucher, give_role, issue, join_with, voucher_digest

ALL = 2**32 - 1


def withdraw(world: World, voucher: Voucher, *, sender: str = "") -> Receipt:
    return world.chain.send(world.membership.withdrawVoucher, astuple(voucher), sender=sender or world.founder)


def test_withdraw_voucher_takes_all_uses_back(native: World) -> None:
    issued = issue(native, value=5_000, uses=3)
    voucher, digest = issued["voucher"], voucher_digest(native, issued["voucher"])
    join_with(native, price=PRICE // 2, sender=native.other, **issued)

    receipt = withdraw(native, voucher)

    assert [(event.name, event.fields) for event in receipt.events] == [
        ("VoucherUsed", {"digest": digest, "issuer": native.founder, "tokenId": 0, "used": ALL})
    ]
    assert native.chain.read(native.membership.voucherOf, astuple(voucher)) == {"digest": digest, "used": ALL}
    with native.chain.reverts("VoucherUsedUp", digest=digest, uses=3):
        join_with(native, price=PRICE // 2, **issued)


def test_withdraw_voucher_before_anybody_saw_it(native: World) -> None:
    voucher = Voucher(issuer=native.founder, uses=ALL)

    withdraw(native, voucher)

    with native.chain.reverts("VoucherUsedUp", digest=voucher_digest(native, voucher), uses=ALL):
        join_with(native, **issue(native, uses=ALL))


def test_withdraw_voucher_leaves_all_others(native: World) -> None:
    withdraw(native, issue(native, nonce=1)["voucher"])

    assert join_with(native, **issue(native, nonce=2)).events


def test_withdraw_voucher_by_its_issuer(native: World) -> None:
    issued = issue(native, issuer=give_role(native, native.stranger, ISSUER))

    assert withdraw(native, issued["voucher"], sender=native.stranger).only("VoucherUsed")["used"] == ALL


def test_withdraw_voucher_by_the_owner_for_an_issuer(native: World) -> None:
    issued = issue(native, issuer=give_role(native, native.stranger, ISSUER))

    assert withdraw(native, issued["voucher"]).only("VoucherUsed")["issuer"] == native.stranger


def test_withdraw_voucher_reverts_when_the_caller_is_neither(native: World) -> None:
    other_issuer = give_role(native, native.other, ISSUER)

    for caller in (native.stranger, other_issuer, native.member):
        with native.chain.reverts("NotOwner", caller=caller):
            withdraw(native, issue(native)["voucher"], sender=caller)


def test_naming_oneself_the_issuer_withdraws_nothing_of_others(native: World) -> None:
    issued = issue(native)
    forged = Voucher(**{**issued["voucher"].__dict__, "issuer": native.stranger})

    withdraw(native, forged, sender=native.stranger)

    assert join_with(native, **issued).events
