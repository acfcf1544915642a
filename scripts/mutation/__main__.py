"""Plays mutants and says which survived: `.venv/bin/python -m scripts.mutation --help`"""

import argparse
import os
import sys
import time
import tomllib
from collections.abc import Collection, Iterable, Mapping
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
    try:
        outcomes = play(texts, mutants, jobs=options.jobs, tell=lambda outcome: tell(outcome, known))
    except ControlFailed as failed:
        print(f"FAILED: {failed}")
        return 1
    faults = faults_of(outcomes, known, {mutant.name for mutant in everything})
    killed = sum(bool(outcome.killer) for outcome in outcomes)
    print(f"{killed} of {len(outcomes)} mutants killed in {time.monotonic() - started:.0f} s")
    print("".join(f"FAILED: {fault}\n" for fault in faults), end="")
    return int(bool(faults))


def faults_of(outcomes: Iterable[Outcome], known: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Who survived and may not, and who is in the list of survivors and does not belong there."""
    faults = [f"survived: {each.mutant}" for each in outcomes if not each.killer and each.mutant.name not in known]
    faults += [
        f"{SURVIVORS.name} has it, but it was killed: {each.mutant}"
        for each in outcomes
        if each.killer and each.mutant.name in known
    ]
    return faults + [f"{SURVIVORS.name} has {name}, which there is no more" for name in sorted({*known} - {*names})]


def tell(outcome: Outcome, known: Mapping[str, str]) -> None:
    """Past pytest, which holds sys.stdout."""
    fate = f"killed by {outcome.killer}" if outcome.killer else "SURVIVED"
    if not outcome.killer and outcome.mutant.name in known:
        fate = f"survives: {known[outcome.mutant.name]}"
    print(f"{outcome.mutant}\n          {fate} ({outcome.seconds:.1f} s)", file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
