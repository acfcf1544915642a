"""Contract wallets on a real chain, compiled from contracts/mocks/WalletMock.sol."""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.abi import function_signature_to_4byte_selector as selector

from backend.identity.signature import ERC6492_MAGIC
from tests.fixtures.anvil import Anvil
from tests.fixtures.tools import ROOT

SOURCE = "contracts/mocks/WalletMock.sol"
ANSWERS = ("Honest", "Refuses", "Reverts", "LooksElsewhere", "BurnsGas", "TrustsEstimates")
SALT = b"\7" * 32
_COMPILE = """
const solc = require("solc");
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(solc.compile(JSON.stringify(input)));
"""


@cache
def creation_codes(node: Path) -> dict[str, bytes]:
    """Contract name -> creation code."""
    task = {
        "language": "Solidity",
        "sources": {SOURCE: {"content": (ROOT / SOURCE).read_text()}},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    done = subprocess.run(
        [node, "-e", _COMPILE], input=json.dumps(task), capture_output=True, text=True, check=True, cwd=ROOT
    )
    output: dict[str, Any] = json.loads(done.stdout)
    assert "contracts" in output, output.get("errors")
    contracts = output["contracts"][SOURCE]
    return {name: bytes.fromhex(made["evm"]["bytecode"]["object"]) for name, made in contracts.items()}


@dataclass(frozen=True)
class Wallets:
    """A factory on the chain, and the wallets that it makes for their owners."""

    anvil: Anvil
    factory: str

    def address_of(self, owner: LocalAccount, salt: bytes = SALT) -> str:
        """Where `deploy` puts the wallet, also before it did."""
        arguments = encode(["address", "bytes32"], [owner.address, salt])
        data = "0x" + (selector("addressOf(address,bytes32)") + arguments).hex()
        answer = str(self.anvil.rpc("eth_call", {"to": self.factory, "data": data}, "latest"))
        return "0x" + answer[-40:]

    def deploy(self, owner: LocalAccount, salt: bytes = SALT) -> str:
        self.anvil.send({"from": self.anvil.accounts[0], "to": self.factory, "data": self._deployment(owner, salt)})
        return self.address_of(owner, salt)

    def answer(self, wallet: str, answer: str) -> None:
        """From now on the wallet answers so, whatever it is asked."""
        data = selector("setAnswer(uint8)") + encode(["uint8"], [ANSWERS.index(answer)])
        self.anvil.send({"from": self.anvil.accounts[0], "to": wallet, "data": "0x" + data.hex()})

    def wrapped(self, owner: LocalAccount, signature: bytes, salt: bytes = SALT) -> bytes:
        """The owner's signature for a wallet that is not deployed yet (ERC-6492)."""
        deployment = bytes.fromhex(self._deployment(owner, salt)[2:])
        return encode(["address", "bytes", "bytes"], [self.factory, deployment, signature]) + ERC6492_MAGIC

    def _deployment(self, owner: LocalAccount, salt: bytes) -> str:
        arguments = encode(["address", "bytes32"], [owner.address, salt])
        return "0x" + (selector("deploy(address,bytes32)") + arguments).hex()


def start_wallets(anvil: Anvil, node: Path) -> Wallets:
    code = creation_codes(node)["WalletMockFactory"]
    receipt = anvil.send({"from": anvil.accounts[0], "data": "0x" + code.hex()})
    return Wallets(anvil, str(receipt["contractAddress"]).lower())
