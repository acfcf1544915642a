"""Fails when a file has grown past the sizes of CONTRIBUTING.md, or names a package registry's host.

A registry is the business of pip's and npm's own settings: with a host in a file, mirrors and closed networks break.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES = 400
FUNCTION_LINES = 45
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SIZED = {".py", ".sol", ".js", ".mjs", ""}
# In parts, so that this file passes its own check.
REGISTRIES = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("crates", "io"),
]
REGISTRY_HOST = re.compile(r"\b(" + "|".join(rf"{name}\.{domain}" for name, domain in REGISTRIES) + r")\b")


JOURNEY = re.compile(r"test_\w+_journey\.py")
"""A journey is read from its first click to its last: to cut it up would hide what depends on what."""


def tracked_files() -> list[Path]:
    """What git knows of, new files included, and what it is not told to ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def faults(path: Path) -> Iterator[str]:
    """Sentences, each naming the file, and the line where there is one."""
    name = path.relative_to(ROOT)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    if found := REGISTRY_HOST.search(text):
        line = text[: found.start()].count("\n") + 1
        yield f"{name}:{line}: names the package registry {found.group()}"
    if path.suffix not in SIZED or "vendor" in path.parts or not (path.suffix or text.startswith("#!")):
        return
    lines = text.count("\n")
    if lines > MODULE_LINES:
        yield f"{name}: {lines} lines, at most {MODULE_LINES}: split it by noun"
    if path.suffix == ".py" and "migrations" not in path.parts and not JOURNEY.fullmatch(path.name):
        yield from (f"{name}:{fault}" for fault in long_functions(text))


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FUNCTIONS) and (lines := own_lines(node)) > FUNCTION_LINES:
            yield f"{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES}"


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without those of the functions inside it, which are measured by themselves."""
    inner = (node for statement in function.body for node in ast.walk(statement) if isinstance(node, FUNCTIONS))
    covered = {line for node in inner for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    return len(set(range(function.lineno, (function.end_lineno or function.lineno) + 1)) - covered)


def main() -> None:
    found = [fault for path in tracked_files() for fault in faults(path)]
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
