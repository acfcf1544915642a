"""The tree of an allow-list: every account's proof leads to the root, by Python and by the page's own code."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from backend.crowdsale.allow_list import leaf_of, siblings, tree_of
from tests.factories.crowdsales import tree_of as reference
from tests.fixtures.tools import ROOT, find_tool, missing

SCRIPT = """
globalThis.document = { querySelectorAll: () => [] };
const { keccak, rootOf } = await import(process.argv[1]);
const [texts, lists] = JSON.parse(process.argv[2]);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
console.log(JSON.stringify([texts.map((text) => hex(keccak(new TextEncoder().encode(text)))), lists.map(rootOf)]));
"""


def accounts(count: int) -> list[str]:
    return [f"0x{keccak(text=str(number)).hex()[:40]}" for number in range(count)]


def led_to(account: str, proof: Sequence[bytes]) -> bytes:
    """Where a proof leads, as MerkleProofLib walks it."""
    node = leaf_of(account)
    for sibling in proof:
        node = keccak(b"".join(sorted((node, sibling))))
    return node


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 33])
def test_every_proof_leads_to_the_root(count: int) -> None:
    listed = accounts(count)

    tree = tree_of(listed)

    assert set(tree.proofs) == set(listed)
    for account, proof in tree.proofs.items():
        assert "0x" + led_to(account, siblings(proof)).hex() == tree.root


def test_the_order_of_the_list_does_not_matter() -> None:
    listed = accounts(7)

    assert tree_of(listed).root == tree_of(listed[::-1]).root


def test_the_contracts_own_tests_make_the_same_leaves() -> None:
    [account] = accounts(1)

    assert tree_of([account]).root == "0x" + reference([account])[0].hex()


def test_the_page_makes_the_same_root() -> None:
    node: Path | None = find_tool("node")
    if node is None:
        missing("node")
    texts, lists = ["", "abc", "x" * 135, "x" * 136, "x" * 300], [accounts(count) for count in (1, 2, 3, 20)]
    module = (ROOT / "backend" / "static" / "js" / "merkle.js").as_uri()
    command = [str(node), "--no-warnings", "--input-type=module", "-e", SCRIPT, module, json.dumps([texts, lists])]

    hashes, roots = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert hashes == [keccak(text=text).hex() for text in texts]
    assert roots == [tree_of(listed).root for listed in lists]
