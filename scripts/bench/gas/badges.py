"""Badges as tokens: minting, transfers, achievements."""

from eth_account.messages import encode_typed_data

from scripts.bench.gas.bench import FOR_EVER, NATIVE, Bench, domain_of, named, typed

DEED = b"First light".ljust(32, b"\0")


def measure(bench: Bench) -> None:
    _, community = bench.open()
    badges = community.badges
    inviter, friend, other = (bench.account() for _ in range(3))
    _, badge = bench.join(community, inviter)
    bench.note("mint_badge", badges.mint(badge, sender=inviter), state="worst")
    bench.join(community, friend)
    _, second = bench.join(community, other)
    bench.join(community, bench.account(), second)
    bench.note("mint_badge", badges.mint(second, sender=other))
    bench.note("give_badge", badges.transferFrom(inviter, friend, badge, sender=inviter))
    founder, issuer = bench.founder, bench.account()
    params = (DEED, 0, True, issuer, 10, "Seen by who came to the first evening.", "")
    bench.note("create_achievement", badges.createAchievement(params, sender=founder))
    receipt = badges.grantAchievement(1, [friend, other], sender=founder)
    bench.gas["grant_achievement_each_of_two"] = {"typical": receipt.gas_used // 2}
    voucher = (issuer.address, 1, NATIVE, FOR_EVER, 1)
    parameter = badges.claimAchievement.abis[0].inputs[0]
    types = {"AchievementVoucher": typed(parameter.components)}
    message = encode_typed_data(domain_of("Koinon Badges", badges), types, named(parameter.components, voucher))
    signature = bytes(issuer.sign_message(message).encode_rsv())
    bench.note("claim_achievement", badges.claimAchievement(voucher, signature, sender=inviter))
