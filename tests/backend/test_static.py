"""What the browser is given: nothing from elsewhere, nothing inline."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "backend" / "static"
TEMPLATES = ROOT / "backend" / "templates"


def test_templates_hold_no_inline_script_or_style() -> None:
    for path in TEMPLATES.rglob("*.html"):
        html = path.read_text()

        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html), path


def test_pages_load_nothing_from_another_host() -> None:
    sources = [*TEMPLATES.rglob("*.html"), STATIC / "koinon.css", *(STATIC / "js").glob("*.js")]
    for path in sources:
        loaded = re.findall(r"(?:src=|<link[^>]*href=|url\(|import\(|from )[\"']?(https?:)?//", path.read_text())

        assert not loaded, path


def test_scripts_put_no_text_into_the_page_as_html() -> None:
    for path in (STATIC / "js").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text()), path
