"""A community on a real chain, as the real contracts make it, and an indexer that follows it."""

from functools import cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from indexer.deployments import load_abi
from indexer.run import Indexer
from indexer.tables.community import Community
from indexer.tables.membership import Tier
from tests.factories.mirror import rows_of
from tests.fixtures.anvil import Anvil
from tests.fixtures.koinon import Deployed, opening


class Story:
    """A community on a real chain, and an indexer that looks when it is told to."""

    def __init__(self, deployed: Deployed, indexer: Indexer, connection: Any) -> None:
        self.anvil: Anvil = deployed.anvil
        self.factory = deployed.factory
        self.indexer = indexer
        self.connection = connection
        self.founder, self.alice, self.bob = self.anvil.accounts[1:4]

    def index(self) -> None:
        while not self.indexer.step():
            pass

    def send(self, contract: str, address: str, function: str, *arguments: Any, sender: str, value: int = 0) -> Any:
        """The receipt of a transaction in a block of its own."""
        data = call_data(contract, function, *arguments)
        transaction = {"from": sender, "to": address, "data": "0x" + data.hex(), "value": hex(value)}
        receipt = self.anvil.send(transaction | {"gas": hex(6_000_000)})
        assert receipt["status"] == "0x1", f"{function} failed"
        return receipt

    def read(self, contract: str, address: str, function: str, *arguments: Any) -> tuple[Any, ...]:
        """What a view answers, structs as tuples."""
        outputs = [collapse_if_tuple(each) for each in _function(contract, function)["outputs"]]
        data = "0x" + call_data(contract, function, *arguments).hex()
        answer = self.anvil.rpc("eth_call", {"to": address, "data": data}, "latest")
        return decode(outputs, bytes.fromhex(answer[2:]))

    def open(self) -> tuple[str, str]:
        """Addresses of a new community and its membership contract."""
        fields = opening("http://home.example", self.bob, salt=self.anvil.head.to_bytes(32, "big"))
        fields["tiers"] = [tuple(tier.values()) for tier in fields["tiers"]]
        self.send("CommunityFactory", self.factory, "open", tuple(fields.values()), sender=self.founder)
        self.index()
        newest = max(self.rows(Community), key=lambda row: row["opened_block"])
        return newest["address"], newest["membership"]

    def rows(self, model: Any) -> list[dict[str, Any]]:
        return rows_of(self.connection, model)

    def join(self, membership: str, tier_id: int, sender: str) -> None:
        [tier] = [row for row in self.rows(Tier) if (row["contract"], row["tier_id"]) == (membership, tier_id)]
        arguments = (tier_id, 1, tier["price"], "0x" + "00" * 20, sender, 0)
        self.send("Membership", membership, "join", *arguments, sender=sender, value=tier["price"])


def call_data(contract: str, function: str, *arguments: Any) -> bytes:
    entry = _function(contract, function)
    types = [collapse_if_tuple(argument) for argument in entry["inputs"]]
    return function_abi_to_4byte_selector(entry) + encode(types, arguments)  # type: ignore[arg-type]


@cache
def _function(contract: str, function: str) -> dict[str, Any]:
    [entry] = [each for each in load_abi(contract) if each.get("name") == function and each["type"] == "function"]
    return entry
