"""Deploys the contracts with Ape and writes `<folder>/<chain id>.json`, which indexer and backend read.

The same contracts get the same addresses on every chain that has the usual CREATE2 deployer (anvil has it); a second
run on such a chain finds them in place and only writes the file again. Elsewhere each run deploys new ones.

From the command line, with an account of `ape accounts import` (its key never lies in the tree):

    python scripts/deploy.py --network ethereum:sepolia:node --account deployer --sources verify
    python scripts/deploy.py --rpc http://127.0.0.1:8545              # a local chain: the first test account pays

From another script, on a chain that it started itself (importing Ape takes 3 s, connecting no time):

    with connect("http://127.0.0.1:8545"):
        account = ape.accounts.test_accounts[0]
        deployment = deploy(account, Path("data/deployments"))
        factory = ape.Contract(deployment["contracts"]["CommunityFactory"]["address"], abi=abi)

Test accounts derive from the mnemonic of ape-config.yaml, which is anvil's own: accounts 0 to 9 are funded there.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ape
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts.solc import sources, standard_input
from scripts.solidity import compiled

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FOLDER = ROOT / "indexer" / "deployments"
OPERATOR_CAP_BPS = 500  # highest commission of an operator, 1/10 000; what the factory itself allows at most
SINGLETONS = ("CommunityFactory", "CrowdsaleFactory", "Market")
"""Contracts of which a chain has one; all others are found through the factories."""
CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"  # takes salt ‖ init code; same address on most chains
SALT = b"koinon".ljust(32, b"\0")


@contextmanager
def connect(url: str) -> Iterator[None]:
    """Ape talks to the local node at `url` (any chain id), which somebody else started and will stop."""
    with ape.networks.ethereum.local.use_provider("foundry", provider_settings={"host": url, "manage_process": False}):
        yield


def deploy(account: Any, folder: Path, *, operator_cap_bps: int = OPERATOR_CAP_BPS) -> dict[str, Any]:
    """Implementations and factory are on the connected chain, and `<folder>/<chain id>.json` says where."""
    contracts = compiled()
    path = folder / f"{ape.chain.chain_id}.json"
    made: dict[str, str] = {}
    blocks = _known_blocks(path)

    def put(name: str, *arguments: tuple[str, Any]) -> str:
        """Address of the contract, made with these constructor arguments: each a type and a value."""
        types, values = [kind for kind, _ in arguments], [value for _, value in arguments]
        address, block = _place(account, getattr(contracts, name), encode(types, values))
        made[name] = address.lower()
        if block is not None:
            blocks[made[name]] = block
        return address

    sold = [("address", put(name)) for name in ("Crowdsale", "CommunityToken")]
    community = put("Community", ("address", put("CrowdsaleFactory", *sold)), ("uint16", operator_cap_bps))
    membership = put("MembershipOffice", ("address", put("MembershipArt")))
    for name in ("MembershipHolder", "MembershipDesk", "Membership"):  # each hands on to the one before
        membership = put(name, ("address", membership))
    clones = (community, put("Badges", ("address", put("BadgeArt"))), put("Store"), membership)
    factory = put("CommunityFactory", *(("address", implementation) for implementation in clones))
    put("Market", ("address", factory))
    document = {
        "chain_id": ape.chain.chain_id,
        "contracts": {name: _contract(made.pop(name), blocks) for name in SINGLETONS},
        "implementations": made,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")
    return document


def write_sources(folder: Path, names: Sequence[str]) -> None:
    """`<folder>/<Name>.json` is what an explorer asks for to verify a contract's source.

    It is solc's standard JSON input as it was compiled, with nothing but the contract's own imports.
    """
    texts = sources()
    folder.mkdir(parents=True, exist_ok=True)
    for path in texts:
        if Path(path).stem in names:
            task = json.dumps(standard_input([path], texts), indent=2)
            (folder / f"{Path(path).stem}.json").write_text(task + "\n")


def _contract(address: str, blocks: Mapping[str, int]) -> dict[str, Any]:
    block = blocks[address] if address in blocks else _first_block(to_checksum_address(address))
    return {"address": address, "first_block": block}


def _known_blocks(path: Path) -> dict[str, int]:
    """What an earlier run wrote: address -> the block that made it. A node need not have the state of old blocks."""
    if not path.exists():
        return {}
    contracts = json.loads(path.read_text())["contracts"].values()
    return {each["address"]: each["first_block"] for each in contracts}


def _place(account: Any, container: Any, arguments: bytes = b"") -> tuple[str, int | None]:
    """A contract that is on the chain after the call, by CREATE2 if the chain has the deployer: its address, and the
    block that made it, None if it was there before."""
    code = bytes(container.contract_type.get_deployment_bytecode()) + arguments
    if not ape.chain.provider.get_code(CREATE2_DEPLOYER):
        receipt = _send(account, None, code)
        return str(receipt.contract_address), int(receipt.block_number)
    digest = keccak(b"\xff" + bytes.fromhex(CREATE2_DEPLOYER[2:]) + SALT + keccak(code))
    address = to_checksum_address(digest[-20:])
    if ape.chain.provider.get_code(address):
        return str(address), None
    receipt = _send(account, CREATE2_DEPLOYER, SALT + code)
    if not ape.chain.provider.get_code(address):
        raise RuntimeError(f"The CREATE2 deployer made no contract at {address}.")
    return str(address), int(receipt.block_number)


def _send(account: Any, receiver: str | None, data: bytes) -> Any:
    fields = {"data": data} if receiver is None else {"data": data, "receiver": receiver}
    return account.call(ape.chain.provider.network.ecosystem.create_transaction(**fields))


def _first_block(address: str) -> int:
    """The block that made the contract, by bisection: the node must still have the state of old blocks."""
    low, high = 0, ape.chain.blocks.height
    while low < high:
        middle = (low + high) // 2
        if ape.chain.provider.get_code(address, block_id=middle):
            high = middle
        else:
            low = middle + 1
    return low


def main() -> None:
    """The command line; see the module's docstring."""
    parser = argparse.ArgumentParser(description="Deploy the contracts and write where they are.")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--network", help="Ape's choice of ecosystem:network:provider")
    place.add_argument("--rpc", help="URL of a running local chain")
    parser.add_argument("--account", help="alias of an Ape account; on a local chain the first test account")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where the file goes (%(default)s)")
    parser.add_argument("--operator-cap-bps", type=int, default=OPERATOR_CAP_BPS, help="1/10 000 (%(default)s)")
    parser.add_argument("--sources", type=Path, help="folder for the input by which explorers verify the sources")
    options = parser.parse_args()
    with connect(options.rpc) if options.rpc else ape.networks.parse_network_choice(options.network):
        account = ape.accounts.load(options.account) if options.account else ape.accounts.test_accounts[0]
        document = deploy(account, options.folder, operator_cap_bps=options.operator_cap_bps)
    if options.sources:
        write_sources(options.sources, [*document["contracts"], *document["implementations"]])
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
