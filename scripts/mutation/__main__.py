"""Plays mutants and says which survived: `.venv/bin/python -m scripts.mutation --help`"""

import argparse
import os
import sys
import time
import tomllib
from pathlib import Path

from scripts.mutation.mutants import Mutant, mutants_of
from scripts.mutation.play import ControlFailed, Outcome, play
from scripts.solc import ROOT, sources

SURVIVORS = ROOT / "tests" / "contracts" / "survivors.toml"


def accepted(path: Path = SURVIVORS) -> dict[str, str]:
    """Name of a mutant that may survive -> why."""
    return {name: entry["reason"] for name, entry in tomllib.loads(path.read_text()).items()}


def chosen(mutants: list[Mutant], *, tenth: bool, words: list[str]) -> list[Mutant]:
    """Those of the fixed tenth, and of these files or names."""
    if words:
        mutants = [each for each in mutants if each.name in words or any(word in each.file for word in words)]
    return [each for each in mutants if each.in_the_tenth] if tenth else mutants


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenth", action="store_true", help="only the fixed tenth of `make test`")
    parser.add_argument("--list", action="store_true", help="print the mutants and play none")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("words", nargs="*", help="parts of files' names, or names of mutants")
    options = parser.parse_args()
    texts, known = sources(), accepted()
    everything = mutants_of(texts)
    mutants = chosen(everything, tenth=options.tenth, words=options.words)
    if options.list:
        print("\n".join(map(str, mutants)))
        return 0
    started = time.monotonic()
    survivors = []
    try:
        for outcome in play(texts, mutants, jobs=options.jobs):
            tell(outcome, known)
            if not outcome.killer and outcome.mutant.name not in known:
                survivors.append(outcome.mutant)
    except ControlFailed as failed:
        print(f"FAILED: {failed}")
        return 1
    stale = sorted(set(known) - {mutant.name for mutant in everything})
    print(f"{len(mutants)} mutants in {time.monotonic() - started:.0f} s, {len(survivors)} survived that may not")
    print("".join(f"  {mutant}\n" for mutant in survivors), end="")
    print("".join(f"  {SURVIVORS.name} knows {name}, which there is no more\n" for name in stale), end="")
    return int(bool(survivors or stale))


def tell(outcome: Outcome, known: dict[str, str]) -> None:
    fate = f"killed by {outcome.killer}" if outcome.killer else "SURVIVED"
    if not outcome.killer and outcome.mutant.name in known:
        fate = f"survives: {known[outcome.mutant.name]}"
    print(f"{outcome.mutant}\n          {fate} ({outcome.seconds:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
