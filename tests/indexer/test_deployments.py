import json
from pathlib import Path

import pytest

from indexer import deployments
from indexer.deployments import Contract, load_abi, load_deployment
from indexer.errors import FatalError

FACTORY = {"address": "0x" + "Ab" * 20, "first_block": 3}


def write(folder: Path, document: object) -> Path:
    (folder / "31337.json").write_text(document if isinstance(document, str) else json.dumps(document))
    return folder


def test_load_deployment_gives_lowercase_addresses(tmp_path: Path) -> None:
    folder = write(tmp_path, {"chain_id": 31337, "contracts": {"CommunityFactory": FACTORY}})

    assert load_deployment(folder, 31337).factory == Contract("0x" + "ab" * 20, 3)


def test_load_deployment_says_what_to_do_when_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match=r"No deployment file .*31337\.json: deploy .* or set KOINON_DEPLOYMENTS"):
        load_deployment(tmp_path, 31337)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("{", "Expecting"),
        ([], "list indices"),
        ({"chain_id": 1, "contracts": {}}, "it is of chain 1, not 31337"),
        ({"chain_id": 31337, "contracts": {}}, "it names no CommunityFactory"),
        ({"chain_id": 31337, "contracts": {"CommunityFactory": {"address": "0x1", "first_block": 1}}}, "no address"),
        ({"chain_id": 31337, "contracts": {"CommunityFactory": FACTORY | {"first_block": -1}}}, "negative"),
        ({"chain_id": 31337, "contracts": {"CommunityFactory": FACTORY | {"first_block": None}}}, "TypeError"),
    ],
)
def test_load_deployment_refuses_a_wrong_file(tmp_path: Path, document: object, complaint: str) -> None:
    with pytest.raises(FatalError, match=f"is wrong .*{complaint}"):
        load_deployment(write(tmp_path, document), 31337)


def test_load_abi_says_what_to_do_when_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployments, "ABI_FOLDER", tmp_path)

    with pytest.raises(FatalError, match=r"No ABI of Community .* run scripts/export_abi\.py"):
        load_abi("Community")
