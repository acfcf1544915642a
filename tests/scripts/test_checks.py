"""What `make check` finds by itself, what `make test` runs, and what documents must agree with the code."""

import re
from pathlib import Path

import pytest

from backend.config import Settings as BackendSettings
from indexer.config import Settings as IndexerSettings
from scripts import check_files, run_tests
from scripts.bench import report
from tests.fixtures.tools import ROOT


def faults_of(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(check_files, "ROOT", folder)
    (folder / name).write_text(text)
    return list(check_files.faults(folder / name))


def test_check_files_accepts_a_module_at_both_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    function = "def whole():\n" + "    x = 1\n" * (check_files.FUNCTION_LINES - 1)
    rest = "\n" * (check_files.MODULE_LINES - check_files.FUNCTION_LINES)

    assert faults_of(tmp_path, "a.py", function + rest, monkeypatch) == []


@pytest.mark.parametrize("least", [0, 1 << 62])
def test_temporary_files_lie_in_memory_where_there_is_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, least: int
) -> None:
    monkeypatch.setattr(run_tests, "MEMORY", tmp_path)
    monkeypatch.setattr(run_tests, "MEMORY_BYTES", least)

    with run_tests.temporary_files() as environment:
        inside = list(tmp_path.iterdir())
        assert [str(folder) for folder in inside] == ([] if least else [environment["TMPDIR"]])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.py", "\n" * 401, "a.py: 401 lines, at most 400"),
        ("a.sol", "\n" * 401, "a.sol: 401 lines, at most 400"),
        ("a.py", "def long():\n" + "    x = 1\n" * 45, "a.py:1: long has 46 lines, at most 45"),
        ("a.txt", "one\nhttps://" + "pypi" + ".org/simple\n", "a.txt:2: names the package registry"),
        ("a.json", "registry." + "npmjs" + ".org", "a.json:1: names the package registry"),
    ],
)
def test_check_files_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, fault: str) -> None:
    assert [found[: len(fault)] for found in faults_of(tmp_path, name, text, monkeypatch)] == [fault]


def test_run_tests_ends_with_the_tests_that_need_no_ape() -> None:
    contracts, others = run_tests.runs([])

    assert contracts[-1] == run_tests.CONTRACTS
    assert "no:ape_test" not in contracts
    assert others[-2:] == ["tests", f"--ignore={run_tests.CONTRACTS}"]
    assert "no:ape_test" in others


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (["tests/contracts", "-x"], ["tests/contracts"]),
        (["tests/scripts"], ["tests/scripts"]),
        (["-k", "join"], ["tests/contracts", f"--ignore={run_tests.CONTRACTS}"]),
    ],
)
def test_run_tests_runs_what_the_paths_name(arguments: list[str], last: list[str]) -> None:
    assert [command[-1] for command in run_tests.runs(arguments)] == last


def test_report_replaces_the_section_of_its_benchmark_only() -> None:
    page = "# All\n\n<!-- a -->\nold\n<!-- /a -->\n\n<!-- b -->\nkept\n<!-- /b -->\n"

    assert report.place(page, "a", "new") == page.replace("old", "new")
    assert report.place(page, "c", "new") == page + "\n## c\n\n<!-- c -->\nnew\n<!-- /c -->\n"


def test_report_makes_a_row_of_one_figure_or_several() -> None:
    assert report.rows_of({"a": {"x": 1, "y": None}, "b": {"y": 2.5}}) == [["a", "1", ""], ["b", "", "2.5"]]
    assert report.rows_of({"gas": 21_000}) == [["gas", "21,000"]]


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "benchmarks").glob("*.json")), ids=lambda path: path.stem)
def test_benchmarks_page_shows_the_same_figures_as_the_file(path: Path) -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    section = page.partition(f"<!-- {path.stem} -->")[2].partition(f"<!-- /{path.stem} -->")[0]

    rows = ["| " + " | ".join(row) + " |" for row in report.rows_of(report.read(path.stem))]
    assert section.strip().splitlines()[-len(rows) :] == rows


def test_example_of_settings_names_all_of_them() -> None:
    named = set(re.findall(r"^#?(KOINON_[A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    fields = {*BackendSettings.model_fields, *IndexerSettings.model_fields}
    assert named == {f"KOINON_{field.upper()}" for field in fields}
