"""Every sentence exists in every language, and what scripts say is on the page that they run in."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ROOT / "backend" / "static" / "js"
SENTENCE = re.compile(r'data-key="([^"]+)"')
SAID = re.compile(r'\bsay\("([^"]+)"')
SHOWN = re.compile(r'\bask\("([^"]+)"')


def test_locales_translate_every_sentence_and_no_other() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "locales.py"), "--check"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_scripts_say_only_what_the_page_holds() -> None:
    templates = ROOT / "backend" / "templates"
    pages = [templates / "dialogs.html", *sorted(templates.glob("*/*sentences.html"))]
    dialogs = "\n".join(page.read_text() for page in pages)
    source = "\n".join(path.read_text() for path in sorted(SCRIPTS.glob("*.js")))

    assert set(SAID.findall(source)) <= set(SENTENCE.findall(dialogs))
    assert all(f'"{dialog}"' in dialogs for dialog in SHOWN.findall(source))
