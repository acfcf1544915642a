"""EIP-1271 and ERC-6492 against a real chain."""

from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from backend.chain import Chain, WrongChain
from backend.identity.signature import ERC6492_MAGIC, SignatureWrong, personal_digest, verify_wallet
from tests.factories.identity import sign
from tests.factories.wallets import Wallets, start_wallets
from tests.fixtures.anvil import Anvil

MESSAGE = "I am the owner."
DIGEST = personal_digest(MESSAGE.encode())


@pytest.fixture
def wallets(anvil: Anvil, node: Path) -> Wallets:
    return start_wallets(anvil, node)


def test_verify_wallet_accepts_what_the_owner_of_a_contract_wallet_signed(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    address = wallets.deploy(wallet)
    signature = sign(wallet, MESSAGE)

    proof = verify_wallet(chain, address, digest=DIGEST, signature=signature)

    head = wallets.anvil.block()
    assert (proof.how, proof.scheme, proof.signature) == ("contract", "eip1271", signature)
    assert proof.as_of == (31337, int(head["number"], 16), bytes.fromhex(head["hash"][2:]))


def test_verify_wallet_refuses_what_a_stranger_signed_for_a_contract_wallet(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    address = wallets.deploy(wallet)
    stranger = Account.from_key(b"\x12" * 32)

    with pytest.raises(SignatureWrong):
        verify_wallet(chain, address, digest=DIGEST, signature=sign(stranger, MESSAGE))
    with pytest.raises(SignatureWrong):
        verify_wallet(chain, address, digest=personal_digest(b"Another."), signature=sign(wallet, MESSAGE))
    with pytest.raises(SignatureWrong):
        verify_wallet(chain, address, digest=DIGEST, signature=b"")


@pytest.mark.parametrize("answer", ["Refuses", "Reverts", "LooksElsewhere", "BurnsGas", "TrustsEstimates"])
def test_verify_wallet_refuses_a_contract_that_does_not_say_yes(
    answer: str, chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    address = wallets.deploy(wallet)
    wallets.answer(address, answer)

    with pytest.raises(SignatureWrong):
        verify_wallet(chain, address, digest=DIGEST, signature=sign(wallet, MESSAGE))


@pytest.mark.parametrize(
    "code",
    [
        "631626ba7e5f526004601cf3",  # returns the four bytes alone
        "631626ba7e5f5260205ff3",  # returns them at the wrong end of a word
        "5f195f5260205ff3",  # returns a word of ones
        "00",  # returns nothing
    ],
)
def test_verify_wallet_refuses_an_answer_that_is_not_the_word(
    code: str, chain: Chain, anvil: Anvil, wallet: LocalAccount
) -> None:
    address = "0x" + "33" * 20
    anvil.rpc("anvil_setCode", address, "0x" + code)

    with pytest.raises(SignatureWrong):
        verify_wallet(chain, address, digest=DIGEST, signature=sign(wallet, MESSAGE))


def test_verify_wallet_accepts_the_owner_of_a_wallet_that_is_not_deployed_yet(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    address = wallets.address_of(wallet)
    signature = wallets.wrapped(wallet, sign(wallet, MESSAGE))

    proof = verify_wallet(chain, address, digest=DIGEST, signature=signature)

    assert (proof.how, proof.scheme, proof.signature) == ("contract", "erc6492", signature)
    assert chain.code(address) == b""


def test_verify_wallet_refuses_a_stranger_for_a_wallet_that_is_not_deployed_yet(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    address = wallets.address_of(wallet)
    stranger = Account.from_key(b"\x12" * 32)

    for owner, signer in ((wallet, stranger), (stranger, stranger), (stranger, wallet)):
        with pytest.raises(SignatureWrong):
            verify_wallet(chain, address, digest=DIGEST, signature=wallets.wrapped(owner, sign(signer, MESSAGE)))


def test_verify_wallet_refuses_a_wrapped_signature_for_an_account_without_a_contract(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    """The wrapper may not smuggle in another account's ordinary signature."""
    stranger = Account.from_key(b"\x12" * 32)

    for address in (wallet.address.lower(), stranger.address.lower()):
        with pytest.raises(SignatureWrong):
            verify_wallet(chain, address, digest=DIGEST, signature=wallets.wrapped(wallet, sign(wallet, MESSAGE)))


@pytest.mark.parametrize("wrapped", [b"", b"\0" * 96, b"\xff" * 96, b"\0" * 31])
def test_verify_wallet_refuses_a_broken_wrapper(
    wrapped: bytes, chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    with pytest.raises(SignatureWrong):
        verify_wallet(chain, wallets.address_of(wallet), digest=DIGEST, signature=wrapped + ERC6492_MAGIC)


def test_verify_wallet_accepts_a_wrapped_signature_after_the_wallet_was_deployed(
    chain: Chain, wallets: Wallets, wallet: LocalAccount
) -> None:
    """A second deployment fails, and the wallet that is there answers."""
    address = wallets.deploy(wallet)

    proof = verify_wallet(chain, address, digest=DIGEST, signature=wallets.wrapped(wallet, sign(wallet, MESSAGE)))

    assert proof.scheme == "erc6492"


def test_verify_wallet_refuses_an_account_without_code_or_key(chain: Chain, wallet: LocalAccount) -> None:
    with pytest.raises(SignatureWrong):
        verify_wallet(chain, "0x" + "22" * 20, digest=DIGEST, signature=sign(wallet, MESSAGE))


@pytest.mark.parametrize("number", range(1, 10))
def test_verify_wallet_refuses_every_precompiled_contract(number: int, chain: Chain, wallet: LocalAccount) -> None:
    """The identity contract, 4, returns what it is given: the selector, but not as a word of its own."""
    with pytest.raises(SignatureWrong):
        verify_wallet(chain, f"0x{number:040x}", digest=DIGEST, signature=sign(wallet, MESSAGE))


def test_verify_wallet_asks_no_node_of_another_chain(anvil: Anvil, wallets: Wallets, wallet: LocalAccount) -> None:
    address = wallets.deploy(wallet)
    other = Chain(anvil.url, 1)

    with pytest.raises(WrongChain):
        verify_wallet(other, address, digest=DIGEST, signature=sign(wallet, MESSAGE))

    other.close()
