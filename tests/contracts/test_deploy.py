"""scripts/deploy.py and scripts/export_abi.py"""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.deploy import CREATE2_DEPLOYER, SINGLETONS, deploy, write_sources
from scripts.export_abi import exported
from scripts.solc import standard_json
from tests.factories.communities import OPERATOR_CAP_BPS, community_of
from tests.factories.contracts import Chain


def test_deploy_writes_where_the_factory_is(ledger: Chain, accounts: Any, tmp_path: Path) -> None:
    document = deploy(accounts[0], tmp_path / "new")

    assert json.loads((tmp_path / "new" / "31337.json").read_text()) == document
    factory, market = (document["contracts"][name] for name in ("CommunityFactory", "Market"))
    assert (document["chain_id"], set(document["contracts"])) == (31337, set(SINGLETONS))
    head = int(ledger.rpc("eth_blockNumber"), 16)
    assert (factory["first_block"], market["first_block"]) == (head - 1, head)  # the last two that were made
    assert factory["address"] == factory["address"].lower()
    assert ledger.at("Market", market["address"]).communityFactory().lower() == factory["address"]


def test_sources_compile_to_what_was_deployed(project: Any, tmp_path: Path) -> None:
    """What an explorer is given, compiled by itself, is the code on the chain."""
    write_sources(tmp_path, ["CommunityFactory"])

    task = json.loads((tmp_path / "CommunityFactory.json").read_text())

    found = standard_json(task)["contracts"]["contracts/community/CommunityFactory.sol"]["CommunityFactory"]
    expected = project.CommunityFactory.contract_type.get_deployment_bytecode()
    assert bytes.fromhex(found["evm"]["bytecode"]["object"]) == bytes(expected)


def test_deploy_makes_a_factory_that_opens_communities(ledger: Chain, accounts: Any, tmp_path: Path) -> None:
    address = deploy(accounts[0], tmp_path, operator_cap_bps=200)["contracts"]["CommunityFactory"]["address"]

    factory = ledger.at("CommunityFactory", address)

    assert factory.operatorCapBps() == 200
    assert factory.isCommunity(community_of(ledger, factory).community.address)


def test_deploy_again_finds_what_is_there(ledger: Chain, accounts: Any, tmp_path: Path) -> None:
    first = deploy(accounts[0], tmp_path)
    nonce = accounts[1].nonce

    assert deploy(accounts[1], tmp_path) == first
    assert accounts[1].nonce == nonce


def test_deploy_without_create2_deployer_makes_new_contracts(ledger: Chain, accounts: Any, tmp_path: Path) -> None:
    ledger.rpc("anvil_setCode", CREATE2_DEPLOYER, "0x")

    first, second = deploy(accounts[0], tmp_path), deploy(accounts[0], tmp_path)

    assert first["contracts"]["CommunityFactory"] != second["contracts"]["CommunityFactory"]
    factory = ledger.at("CommunityFactory", second["contracts"]["CommunityFactory"]["address"])
    assert factory.operatorCapBps() == OPERATOR_CAP_BPS


def test_exported_abis_are_those_in_the_tree() -> None:
    for path, text in exported().items():
        assert path.read_text() == text, f"{path.name} is stale: run python scripts/export_abi.py"


@pytest.mark.parametrize(
    ("contract", "error"),
    [
        ("CommunityFactory", "TierParamsInvalid"),
        ("CommunityFactory", "DeploymentFailed"),
        ("Community", "ETHTransferFailed"),
        ("Membership", "TransferFromFailed"),
        ("Membership", "NotOwnerNorApproved"),
    ],
)
def test_exported_abis_name_every_error_that_comes_through(contract: str, error: str) -> None:
    abis = {path.stem: json.loads(text) for path, text in exported().items() if path.suffix == ".json"}

    assert error in {entry["name"] for entry in abis[contract] if entry["type"] == "error"}


def test_contracts_leave_room_below_the_size_limit(project: Any) -> None:
    """24,576 bytes is EIP-170's limit."""
    sizes = {
        name: len(getattr(project, name).contract_type.get_runtime_bytecode() or b"") for name in project.contracts
    }

    assert max(sizes.values()) < 24_000, sizes
