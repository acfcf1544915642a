"""The one face of all benchmarks: their figures as docs/benchmarks/<name>.json, and as a table in docs/benchmarks.md.

A benchmark `scripts/bench/<name>.py` prints its table and writes its figures: a row's name, then one number, or the
names and values of several. `make bench NAME=<name>` runs it, then this, which puts the same figures with machine,
commit and date between the marks of its section in docs/benchmarks.md.
"""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
FIGURES = ROOT / "docs" / "benchmarks"

Cell = str | int | float | None
Figures = dict[str, Cell | dict[str, Cell]]


def write(name: str, figures: Figures) -> None:
    """docs/benchmarks/<name>.json holds these figures."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    (FIGURES / f"{name}.json").write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def read(name: str) -> Figures:
    figures: Figures = json.loads((FIGURES / f"{name}.json").read_text())
    return figures


def columns_of(figures: Figures) -> list[str]:
    """The names of all values, in the order of their first use."""
    named = [row for row in figures.values() if isinstance(row, dict)]
    return list(dict.fromkeys(column for row in named for column in row)) or ["figure"]


def rows_of(figures: Figures) -> list[list[str]]:
    """A list of texts per row: its name, then a text for each column."""
    columns = columns_of(figures)
    values = {name: row if isinstance(row, dict) else {columns[0]: row} for name, row in figures.items()}
    return [[name, *(text_of(row.get(column)) for column in columns)] for name, row in values.items()]


def text_of(cell: Cell) -> str:
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int | float) else cell


def show(name: str, figures: Figures) -> None:
    """The figures stand on the screen."""
    table = Table(title=name)
    for index, column in enumerate([name, *columns_of(figures)]):
        table.add_column(column.replace("_", " "), justify="right" if index else "left")
    for row in rows_of(figures):
        table.add_row(*row)
    Console().print(table)


def machine() -> str:
    """Processor, cores and memory, without the machine's name."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, {platform.system()}, Python {platform.python_version()}"


def section(name: str, figures: Figures) -> str:
    """What stands between the marks of a benchmark."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    today = dt.datetime.now(dt.UTC).date()
    columns = [column.replace("_", " ") for column in columns_of(figures)]
    lines = [
        f"`make bench NAME={name}` at {commit}, {today}: {machine()}.",
        "",
        "| | " + " | ".join(columns) + " |",
        "|---|" + "---:|" * len(columns),
        *("| " + " | ".join(row) + " |" for row in rows_of(figures)),
    ]
    return "\n".join(lines)


def place(page: str, name: str, text: str) -> str:
    """The page with this text between the marks of the benchmark; a section is added where it has none."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if begin not in page:
        return f"{page.rstrip()}\n\n## {name}\n\n{begin}\n{text}\n{end}\n"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    name = sys.argv[1]
    page = PAGE.read_text() if PAGE.exists() else "# Benchmarks\n"
    PAGE.write_text(place(page, name, section(name, read(name))))
    Console().print(f"The figures are in docs/benchmarks/{name}.json and docs/benchmarks.md.")


if __name__ == "__main__":
    main()
