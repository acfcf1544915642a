"""IBadges.claimAchievement"""

from typing import Any

import pytest
from eth_account import Account

from tests.factories.badges import ISSUER, claim, grant, issued, signed, state, token_id, voucher
from tests.factories.communities import World
from tests.factories.contracts import NATIVE, Chain

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # of secp256k1
OTHER_KEY = Account.from_key("0x" + "55" * 32)
ANSWERS = {"Refuses": 1, "Reverts": 2, "BurnsGas": 4}


@pytest.fixture
def wallet(ledger: Chain) -> Any:
    """A contract wallet of the issuer's key."""
    return ledger.deploy("WalletMock", ISSUER.address)


def test_claim_achievement_makes_a_token_for_whoever_claims(native: World) -> None:
    achievement_id = issued(native)
    token = token_id(achievement_id, 1)

    receipt = claim(native, voucher(achievement_id, nonce=300))

    assert receipt.names() == ["Transfer", "Unlocked", "AchievementClaimed"]
    assert receipt.only("AchievementClaimed") == {
        "achievementId": achievement_id,
        "tokenId": token,
        "recipient": native.member,
        "issuer": ISSUER.address,
        "nonce": 300,
        "made": 1,
        "allowance": 9,
    }
    assert native.badges.ownerOf(token) == native.member
    after = state(native, achievement_id)
    assert (after["made"], after["allowance"]) == (1, 9)


def test_claim_achievement_for_a_recipient_whoever_sends_it(native: World) -> None:
    terms = voucher(issued(native, locked=True), recipient=native.member)

    receipt = claim(native, terms, sender=native.stranger)

    claimed = receipt.only("AchievementClaimed")
    assert (claimed["recipient"], receipt.only("Locked")) == (native.member, {"tokenId": claimed["tokenId"]})
    assert native.badges.balanceOf(native.stranger) == 0


def test_claim_achievement_counts_on_after_grants(native: World) -> None:
    achievement_id = issued(native, cap=3)
    grant(native, achievement_id, native.other, native.other)

    receipt = claim(native, voucher(achievement_id))

    assert receipt.only("AchievementClaimed")["tokenId"] == token_id(achievement_id, 3)


def test_claim_achievement_takes_short_signatures(native: World) -> None:
    """ERC-2098"""
    terms = voucher(issued(native))
    signature = signed(native, terms)
    parity = (signature[64] - 27) << 255
    short = signature[:32] + (int.from_bytes(signature[32:64], "big") | parity).to_bytes(32, "big")

    claim(native, terms, short)

    assert native.badges.balanceOf(native.member) == 1


def test_claim_achievement_by_a_contract_wallet_that_issues(native: World, wallet: Any) -> None:
    """EIP-1271"""
    terms = voucher(issued(native, issuer=wallet.address), issuer=wallet.address)

    receipt = claim(native, terms)

    assert receipt.only("AchievementClaimed")["issuer"] == wallet.address


def test_claim_achievement_works_in_its_last_second(native: World) -> None:
    deadline = native.chain.now + 100
    terms = voucher(issued(native), deadline=deadline)
    native.chain.set_time(deadline)

    claim(native, terms)

    assert native.badges.balanceOf(native.member) == 1


def test_claim_achievement_reverts_after_its_last_second(native: World) -> None:
    deadline = native.chain.now + 100
    terms = voucher(issued(native), deadline=deadline)
    native.chain.set_time(deadline + 1)

    with native.chain.reverts("SignatureExpired", deadline=deadline):
        claim(native, terms)


def test_claim_achievement_reverts_when_the_voucher_was_used(native: World) -> None:
    achievement_id = issued(native)
    terms = voucher(achievement_id, recipient=native.member)
    claim(native, terms)

    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=0):
        claim(native, terms)
    assert state(native, achievement_id)["allowance"] == 9


def test_attack_signature_in_another_form_uses_a_voucher_twice(native: World) -> None:
    achievement_id = issued(native)
    terms = voucher(achievement_id)
    signature = signed(native, terms)
    claim(native, terms, signature)
    twin = signature[:32] + (ORDER - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")

    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=0):
        claim(native, terms, twin + bytes([27 + 28 - signature[64]]))


def test_claim_achievement_reverts_when_the_nonce_was_used_by_another_voucher(native: World) -> None:
    achievement_id = issued(native)
    claim(native, voucher(achievement_id, nonce=7))

    with native.chain.reverts("VoucherUsed", achievementId=achievement_id, issuer=ISSUER.address, nonce=7):
        claim(native, voucher(achievement_id, nonce=7, recipient=native.other))


def test_claim_achievement_counts_nonces_for_each_achievement(native: World) -> None:
    one, two = issued(native), issued(native)
    claim(native, voucher(one))

    claim(native, voucher(two))

    assert native.badges.balanceOf(native.member) == 2


@pytest.mark.parametrize("nonce", [0, 255, 256, 2**256 - 1])
def test_claim_achievement_uses_up_one_nonce_only(native: World, nonce: int) -> None:
    achievement_id = issued(native)

    claim(native, voucher(achievement_id, nonce=nonce))

    checked = [tuple(voucher(achievement_id, nonce=each).values()) for each in (0, 1, 254, 255, 256, 257, 2**256 - 1)]
    used = [native.chain.read(native.badges.achievementVoucherOf, terms)["used"] for terms in checked]
    assert used.count(True) == 1


def test_claim_achievement_reverts_when_somebody_else_signed(native: World) -> None:
    terms = voucher(issued(native))

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, terms, signed(native, terms, signer=OTHER_KEY))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 66, 96])
def test_claim_achievement_reverts_when_the_signature_is_noise(native: World, length: int) -> None:
    terms = voucher(issued(native))

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, terms, b"\x1b" * length)


@pytest.mark.parametrize(
    "changes",
    [{"recipient": "0x" + "66" * 20}, {"deadline": 2**40 - 2}, {"nonce": 1}],
    ids=["recipient", "deadline", "nonce"],
)
def test_claim_achievement_reverts_when_a_field_was_changed(native: World, changes: dict[str, Any]) -> None:
    terms = voucher(issued(native))

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, terms | changes, signed(native, terms))


def test_claim_achievement_reverts_when_it_was_signed_for_another_achievement(native: World) -> None:
    one, two = issued(native), issued(native)

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, voucher(two), signed(native, voucher(one)))


def test_claim_achievement_reverts_when_it_was_signed_for_another_chain(native: World) -> None:
    terms = voucher(issued(native))

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, terms, signed(native, terms, chainId=1))


def test_claim_achievement_reverts_when_it_was_signed_for_another_community(native: World, hosted: World) -> None:
    terms = voucher(issued(native))
    assert issued(hosted) == terms["achievementId"]

    with native.chain.reverts("SignatureInvalid", account=ISSUER.address):
        claim(native, terms, signed(hosted, terms))


@pytest.mark.parametrize("answer", ANSWERS)
def test_claim_achievement_reverts_when_the_issuing_wallet_does_not_agree(
    native: World, wallet: Any, answer: str
) -> None:
    terms = voucher(issued(native, issuer=wallet.address), issuer=wallet.address)
    native.chain.send(wallet.setAnswer, ANSWERS[answer], sender=native.stranger)

    with native.chain.reverts("SignatureInvalid", account=wallet.address):
        claim(native, terms)


def test_attack_voucher_of_one_wallet_used_at_the_next_with_the_same_key(
    ledger: Chain, native: World, wallet: Any
) -> None:
    """Both wallets would call the signature their own: the voucher names its issuer."""
    achievement_id = issued(native, issuer=wallet.address)
    terms = voucher(achievement_id, issuer=wallet.address)
    claim(native, terms)
    following = ledger.deploy("WalletMock", ISSUER.address)
    native.chain.send(native.badges.setAchievementIssuer, achievement_id, following.address, 5, sender=native.founder)

    with native.chain.reverts(
        "IssuerMismatch", achievementId=achievement_id, given=wallet.address, issuer=following.address
    ):
        claim(native, terms)
    with native.chain.reverts("SignatureInvalid", account=following.address):
        claim(native, terms | {"issuer": following.address}, signed(native, terms))


def test_claim_achievement_reverts_when_the_voucher_names_nobody(native: World) -> None:
    achievement_id = issued(native, issuer=NATIVE, allowance=0)
    terms = voucher(achievement_id, issuer=NATIVE)

    with native.chain.reverts("SignatureInvalid", account=NATIVE):
        claim(native, terms)


def test_claim_achievement_reverts_when_the_allowance_is_used_up(native: World) -> None:
    achievement_id = issued(native, allowance=1)
    claim(native, voucher(achievement_id))

    with native.chain.reverts("AllowanceUsedUp", achievementId=achievement_id, issuer=ISSUER.address):
        claim(native, voucher(achievement_id, nonce=1))


def test_claim_achievement_reverts_above_the_cap(native: World) -> None:
    achievement_id = issued(native, cap=1)
    grant(native, achievement_id, native.other)

    with native.chain.reverts("AchievementCapExceeded", achievementId=achievement_id, amount=1, left=0):
        claim(native, voucher(achievement_id))
    assert state(native, achievement_id)["allowance"] == 10


def test_claim_achievement_reverts_when_there_is_no_such_achievement(native: World) -> None:
    with native.chain.reverts("AchievementUnknown", achievementId=1):
        claim(native, voucher(1))


def test_attack_issuer_that_became_the_owner_signs_on(native: World) -> None:
    """The owner's key never signs vouchers, also when the community was handed to its issuer."""
    achievement_id = issued(native)
    native.chain.send(native.community.offerOwnership, ISSUER.address, sender=native.founder)
    with native.chain.impersonated(ISSUER.address):
        native.chain.send(native.community.acceptOwnership, sender=ISSUER.address)

    with native.chain.reverts("IssuerIsOwner", issuer=ISSUER.address):
        claim(native, voucher(achievement_id))


def test_achievement_voucher_of_is_the_digest_that_issuers_sign(native: World) -> None:
    terms = voucher(issued(native), recipient=native.member, deadline=5, nonce=9)
    signature = signed(native, terms)

    answer = native.chain.read(native.badges.achievementVoucherOf, tuple(terms.values()))

    assert not answer["used"]
    assert Account._recover_hash(answer["digest"], signature=signature) == ISSUER.address
