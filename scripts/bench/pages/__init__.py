"""How long pages take for a small community and one of 10,000 posts and 100,000 members: `make bench NAME=pages`.

In: a home of the tests' factories, filled by fill.py. Out: figures by page. Start reading at __main__.py; served.py
starts the real application in a process of its own, visits.py asks it, by HTTP and in Chromium.
"""

import sys
from pathlib import Path
from types import ModuleType

_tests = ModuleType("tests")  # a package of this name lies among the installed ones, and ours has no __init__.py
_tests.__path__ = [str(Path(__file__).resolve().parents[3] / "tests")]
sys.modules.setdefault("tests", _tests)
