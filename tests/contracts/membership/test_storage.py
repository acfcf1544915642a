"""Where Membership keeps what: the words of docs/contracts.md, which later versions must not move"""

from typing import Any

from eth_utils.crypto import keccak

from tests.factories.communities import DAY, MONTH, PRICE, World, community_of, tier
from tests.factories.contracts import Chain

TOTALS, TIERS = 0, 1


def word(world: World, slot: int | bytes) -> int:
    at = slot if isinstance(slot, int) else int.from_bytes(slot, "big")
    return int(world.chain.rpc("eth_getStorageAt", world.membership.address, f"0x{at:064x}", "latest"), 16)


def tier_slot(tier_id: int) -> int:
    return int.from_bytes(keccak(tier_id.to_bytes(32, "big") + TIERS.to_bytes(32, "big")), "big")


def packed(*fields: tuple[int, int]) -> int:
    """Values and their widths, high bits first."""
    total = 0
    for value, width in fields:
        assert value < 1 << width
        total = total << width | value
    return total


def test_token_word_holds_expiry_tier_badge_and_owner(native: World) -> None:
    token_id = native.join()
    seed = keccak((token_id >> 32).to_bytes(28, "big") + bytes.fromhex("7d882553"))  # Solady's slot of a token
    slot = (int.from_bytes(seed, "big") + 2 * token_id) % 2**256

    assert word(native, slot) == packed((native.chain.now + MONTH, 40), (1, 16), (0, 40), (int(native.member, 16), 160))


def test_holder_word_holds_money_times_and_counters(native: World) -> None:
    token_id = native.join()
    native.chain.send(native.membership.transferFrom, native.member, native.other, token_id, sender=native.member)
    slot = keccak(bytes.fromhex(native.other[2:]) + bytes.fromhex("0a5a2e7a00000000"))  # Solady's slot of an owner
    now = native.chain.now

    assert word(native, slot) == packed(
        (PRICE, 96), (now, 36), (now + MONTH, 36), (0, 12), (0, 24), (1, 16), (0, 4), (1, 32)
    )


def test_holder_word_is_empty_once_the_membership_has_moved_on(native: World) -> None:
    token_id = native.join()
    slot = keccak(bytes.fromhex(native.member[2:]) + bytes.fromhex("0a5a2e7a00000000"))

    native.chain.send(native.membership.transferFrom, native.member, native.other, token_id, sender=native.member)

    assert word(native, slot) == 0


def test_totals_word_holds_earned_withdrawn_and_tiers(native: World) -> None:
    token_id = native.join(periods=2)
    native.chain.advance(MONTH)
    native.settle(token_id)
    native.collect(native.founder)

    assert word(native, TOTALS) == packed((1, 8), (0, 8), (4, 16), (PRICE, 112), (PRICE, 112))


def test_tier_words_hold_terms_and_dates(ledger: Chain, factory: Any) -> None:
    end = ledger.now + DAY
    world = community_of(ledger, factory, tiers=[tier(cap=9, saleStart=3, saleEnd=end, soulbound=True)])
    world.join()
    slot = tier_slot(1)

    terms = packed((2 + 4, 8), (0, 16), (1, 24), (1, 24), (9, 24), (MONTH, 32), (MONTH, 32), (PRICE, 96))
    assert word(world, slot) == terms
    assert word(world, slot + 1) == packed((0, 40), (end, 40), (3, 40), (0, 40), (0, 96))
    assert word(world, slot + 2) == int.from_bytes(b"Member".ljust(32, b"\0"), "big")
