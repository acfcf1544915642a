"""Joins, renewals, and what holders do."""

from typing import Any

from eth_account.messages import encode_typed_data

from scripts.bench.gas.bench import (
    DAY,
    FOR_EVER,
    MONTH,
    NATIVE,
    NO_HASH,
    PRICE,
    Bench,
    Community,
    domain_of,
    named,
    pass_time,
    tier,
    typed,
)

NO_VOUCHER = (NATIVE, 0, 0, 0, NATIVE, 0, 0, 0)
NO_PERMIT = (0, 0, 0, NO_HASH, NO_HASH)
CONSENT = (PRICE, 12, FOR_EVER)
NO_CONSENT = (0, 0, 0)


def measure(bench: Bench) -> None:
    for suffix, token in (("native", None), ("erc20", bench.token())):
        paying(bench, suffix, token)
        referring(bench, suffix, token)
        keeping(bench, suffix, token)
    extras(bench)
    holding(bench)
    leaving(bench)
    granting(bench)


def paying(bench: Bench, suffix: str, token: Any) -> None:
    """Joins and renewals without a badge."""
    _, worst = bench.open(token=token, tiers=[tier(saleStart=1, saleEnd=FOR_EVER)])
    first = bench.account()
    receipt, token_id = bench.join(worst, first)
    bench.note(f"join_{suffix}", receipt, state="worst")
    worst.membership.setTierPrice(1, 2 * PRICE, sender=bench.founder)
    pass_time(MONTH - DAY)
    bench.note(f"renew_{suffix}", bench.renew(worst, first, token_id), state="worst")

    _, usual = bench.open(token=token)
    bench.join(usual, bench.account())
    member = bench.account()
    receipt, token_id = bench.join(usual, member)
    bench.note(f"join_{suffix}", receipt)
    pass_time(MONTH - DAY)
    bench.note(f"renew_{suffix}", bench.renew(usual, member, token_id))
    pass_time(2 * MONTH)
    usual.membership.settle([token_id], sender=member)
    bench.note(f"renew_settled_{suffix}", bench.renew(usual, member, token_id))


def referring(bench: Bench, suffix: str, token: Any) -> None:
    """Joins and renewals of bound members, and claims of the badge; the worst is the first use of a badge."""
    _, community = bench.open(token=token, tiers=[tier(inviteeDiscountBps=0)])
    inviter, first, member = (bench.account() for _ in range(3))
    _, badge = bench.join(community, inviter)
    receipt, first_id = bench.join(community, first, badge)
    bench.note(f"join_referral_{suffix}", receipt, state="worst")
    receipt, token_id = bench.join(community, member, badge)
    bench.note(f"join_referral_{suffix}", receipt)
    pass_time(MONTH - DAY)
    bench.note(f"renew_referral_{suffix}", bench.renew(community, first, first_id), state="worst")
    bench.note(f"renew_referral_{suffix}", bench.renew(community, member, token_id))
    if token is not None:
        return
    membership = community.membership
    bench.note("claim_badge", membership.claim([badge], inviter, sender=inviter), state="worst")
    pass_time(3 * DAY)
    membership.settle([first_id], sender=member)
    bench.note("claim_badge", membership.claim([badge], inviter, sender=inviter))


def keeping(bench: Bench, suffix: str, token: Any) -> None:
    """Renewals by a keeper, bound members with the consent of before; the worst is a keeper's first tip."""
    _, community = bench.open(token=token)
    inviter, members, keeper = bench.account(), [bench.account(), bench.account()], bench.account()
    membership = community.membership
    _, badge = bench.join(community, inviter)
    _, plain = bench.join(community, bench.account())
    ids = [bench.join(community, member, badge)[1] for member in members]
    holders = [membership.ownerOf(each) for each in (plain, *ids)]
    for holder, token_id in zip(holders, (plain, *ids), strict=True):
        bench.note("set_auto_renew", membership.setAutoRenew(token_id, CONSENT, sender=holder))
        if token is None:
            bench.note("add_funds", membership.addFunds(holder, sender=holder, value=9 * PRICE))
    pass_time(MONTH - DAY // 2)
    membership.renewFor(ids[0], 0, sender=keeper)
    bench.note(f"renew_keeper_{suffix}", membership.renewFor(plain, 0, sender=keeper))
    bench.note(f"renew_keeper_referral_{suffix}", membership.renewFor(ids[1], 0, sender=keeper))
    pass_time(MONTH)
    tip = PRICE // 50
    action = f"renew_keeper_tip_referral_{suffix}"
    bench.note(action, membership.renewFor(ids[0], tip, sender=keeper), state="worst")
    bench.note(action, membership.renewFor(ids[1], tip, sender=keeper))
    if token is None:
        bench.note("withdraw_funds", membership.withdrawFunds(keeper, 1, sender=keeper))


def extras(bench: Bench) -> None:
    """Joins by voucher, renewals by the holder's own choice of a badge, and gifts."""
    _, community = bench.open()
    membership = community.membership
    _, badge = bench.join(community, bench.account())
    for state, consent in (("typical", NO_CONSENT), ("worst", CONSENT)):
        member = bench.account()
        voucher, signature = signed_voucher(bench, community)
        given = ((), voucher, signature, consent, NO_PERMIT, 0, 0, b"")
        receipt = membership.joinWith(
            1, 1, PRICE // 2, NATIVE, member, 0 if state == "typical" else badge, given, sender=member, value=PRICE // 2
        )
        bench.note("join_voucher", receipt, state=state)
    friends = [bench.account() for _ in range(3)]
    receipt = membership.giftMany(1, 1, PRICE, NATIVE, friends, sender=bench.founder, value=3 * PRICE)
    bench.gas["gift_each_of_three"] = {"typical": receipt.gas_used // 3}
    token_id = receipt.decode_logs(membership.MembershipJoined)[0].tokenId
    receipt = membership.renewWith(token_id, 1, PRICE, NATIVE, badge, (), NO_PERMIT, sender=friends[0], value=PRICE)
    bench.note("renew_with_badge", receipt)


def signed_voucher(bench: Bench, community: Community) -> tuple[tuple[Any, ...], bytes]:
    """A coupon of half the price, by the founder."""
    membership = community.membership
    voucher = (bench.founder.address, 1, 0, 5000, NATIVE, 9, FOR_EVER, 7)
    components = membership.voucherOf.abis[0].inputs[0].components
    message = encode_typed_data(
        domain_of("Koinon Membership", membership), {"Voucher": typed(components)}, named(components, voucher)
    )
    return voucher, bytes(bench.founder.sign_message(message).encode_rsv())


def holding(bench: Bench) -> None:
    """Transfers, settlements, changes of tier and wallet."""
    _, community = bench.open(tiers=[tier(), tier(price=2 * PRICE)])
    members = [bench.account() for _ in range(5)]
    tokens = [bench.join(community, member)[1] for member in members]
    fresh, other = bench.account(), bench.account()
    membership = community.membership
    bench.note("transfer", membership.transferFrom(members[0], fresh, tokens[0], sender=members[0]))
    bench.note("approve", membership.approve(other, tokens[1], sender=members[1]))
    receipt = membership.transferFrom(members[1], other, tokens[1], sender=other)
    bench.note("transfer", receipt, state="worst")
    pass_time(10 * DAY)
    bench.note("settle", membership.settle(tokens[2:3], sender=fresh))
    receipt = membership.settle(tokens[3:], sender=fresh)
    bench.gas["settle_each_in_a_batch"] = {"typical": receipt.gas_used // len(tokens[3:])}
    receipt = membership.changeTier(tokens[2], 2, 1, 2 * PRICE, NATIVE, 0, (), sender=members[2], value=2 * PRICE)
    bench.note("change_tier", receipt)


def leaving(bench: Bench) -> None:
    """Ends of memberships; the worst is that of a bound member with consent."""
    _, community = bench.open()
    inviter, free, bound, last = (bench.account() for _ in range(4))
    membership = community.membership
    _, badge = bench.join(community, inviter)
    _, free_id = bench.join(community, free)
    _, bound_id = bench.join(community, bound, badge)
    _, last_id = bench.join(community, last)
    membership.setAutoRenew(bound_id, CONSENT, sender=bound)
    pass_time(DAY)
    bench.note("cancel", membership.cancel(free_id, free, sender=free))
    bench.note("cancel", membership.cancel(bound_id, bound, sender=bound), state="worst")
    bench.note("revoke", membership.revoke(last_id, sender=bench.founder))
    bench.note("burn", membership.burn(last_id, last, sender=last))
    pass_time(2 * MONTH)
    bench.note("release_seat", membership.releaseSeat(free_id, sender=last))


def granting(bench: Bench) -> None:
    _, community = bench.open()
    membership, founder = community.membership, bench.founder
    accounts = [bench.account() for _ in range(4)]
    bench.join(community, accounts[0])
    receipt = membership.grant([(accounts[1], 1, MONTH, 0)], sender=founder)
    bench.note("grant", receipt)
    token_id = receipt.decode_logs(membership.MembershipGranted)[0].tokenId
    bench.note("grant_more", membership.grant([(accounts[1], 1, MONTH, token_id)], sender=founder))
