"""Keeps the translations in step with the sentences of code and templates.

`python scripts/locales.py` adds new sentences to each backend/locales/<language>/LC_MESSAGES/koinon.po and drops those
that nothing says any more; `--check` changes nothing and names what is missing, stale or vague. English is the source.
"""

import argparse
import ast
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

BACKEND = Path(__file__).resolve().parent.parent / "backend"
LOCALES = BACKEND / "locales"
HEADER = "# Sentences of Koinon. Kept by scripts/locales.py.\n"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}


def sentences() -> Catalog:
    """Every sentence that people may read: of templates, of code, and the titles of problems."""
    catalog = Catalog(project="koinon", header_comment=HEADER)
    with (LOCALES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for path, _, message, _, _ in extract_from_dir(BACKEND, methods, options, KEYWORDS):
        catalog.add(message, locations=[(path, 0)])
    for module in sorted(BACKEND.rglob("*.py")):
        for title in _titles(ast.parse(module.read_text())):
            catalog.add(title, locations=[(str(module.relative_to(BACKEND)), 0)])
    return catalog


def _titles(tree: ast.AST) -> list[str]:
    """What classes with a `slug` assign to `title`, alone or in a tuple: the titles of problems."""
    found = []
    for each in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        values = _assigned(each)
        title = values.get("title")
        if "slug" in values and isinstance(title, ast.Constant) and isinstance(title.value, str):
            found.append(title.value)
    return found


def _assigned(definition: ast.ClassDef) -> dict[str, ast.expr]:
    values: dict[str, ast.expr] = {}
    for line in definition.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value is not None:
            values[line.target.id] = line.value
        if not isinstance(line, ast.Assign):
            continue
        target, value = line.targets[0], line.value
        if isinstance(target, ast.Name):
            values[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            names = [name.id for name in target.elts if isinstance(name, ast.Name)]
            values |= dict(zip(names, value.elts, strict=True))
    return values


def faults(language: str, wanted: Catalog) -> list[str]:
    """What is wrong with a language's sentences: missing, stale, fuzzy, or with other placeholders."""
    kept = _read(language)
    found = []
    for message in wanted:
        if not message.id:
            continue
        translated = kept.get(message.id)
        if translated is None or not all(_parts(translated.string)):
            found.append(f"{language}: no translation of {message.id!r}")
        elif translated.fuzzy:
            found.append(f"{language}: unsure about {message.id!r}")
        else:
            found += [f"{language}: {error} in {message.id!r}" for error in translated.check(kept)]
    stale = [message.id for message in kept if message.id and wanted.get(message.id) is None]
    return found + [f"{language}: nothing says {identity!r}" for identity in stale]


def _parts(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _path(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "koinon.po"


def _read(language: str) -> Catalog:
    if not _path(language).exists():
        return Catalog(locale=language)
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, wanted: Catalog) -> None:
    """The language's file has exactly the sentences wanted; new ones without translation."""
    kept = _read(language)
    kept.update(wanted, no_fuzzy_matching=True)
    kept.header_comment, kept.fuzzy = HEADER, False
    kept.obsolete.clear()
    written = BytesIO()
    write_po(written, kept, width=100, no_location=False, omit_header=False, sort_by_file=True, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    volatile = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By", "Report-")
    _path(language).write_text("".join(line for line in lines if not line.lstrip('"').startswith(volatile)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 when something is missing or stale"
    )
    wanted, check = sentences(), parser.parse_args().check
    languages = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/koinon.po")) or ["ru"]
    if not check:
        for language in languages:
            update(language, wanted)
    found = [fault for language in languages for fault in faults(language, wanted)]
    print("\n".join(found) or f"{len(wanted)} sentences in {', '.join(languages)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
