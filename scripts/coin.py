"""A coin (ERC-20) of nobody's community on a local chain, for the demo and for tests: anybody may mint it."""

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts.node import Node
from scripts.solc import artifacts

DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""Makes contracts by CREATE2 from salt ‖ init code; anvil has it."""
SALT = b"koinon".ljust(32, b"\0")
MINT, TRANSFER = keccak(b"mint(address,uint256)")[:4], keccak(b"transfer(address,uint256)")[:4]


def put_coin(node: Node, payer: LocalAccount, *, name: str, symbol: str, decimals: int = 18) -> str:
    """The coin's address, lower-case; it is on the chain after the call."""
    code = artifacts()["MockToken"].code + encode(["string", "string", "uint8"], [name, symbol, decimals])
    node.send(payer, DEPLOYER, data=SALT + code)
    digest = keccak(b"\xff" + bytes.fromhex(DEPLOYER[2:]) + SALT + keccak(code))
    return "0x" + digest[-20:].hex()


def mint(node: Node, payer: LocalAccount, coin: str, account: str, amount: int) -> None:
    """The account has so many base units more."""
    node.send(payer, coin, data=MINT + encode(["address", "uint256"], [to_checksum_address(account), amount]))


def pass_on(node: Node, owner: LocalAccount, coin: str, account: str, amount: int) -> None:
    """So many base units of the owner belong to the account."""
    node.send(owner, coin, data=TRANSFER + encode(["address", "uint256"], [to_checksum_address(account), amount]))
