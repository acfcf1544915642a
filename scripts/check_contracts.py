"""Fails when Slither finds in a contract of ours what is not explained beside the code, or an explanation is stale.

    python -m scripts.check_contracts [--all]

Findings of high and medium impact count, in contracts/ without the mocks. One is explained by

    // Why it is safe, in a sentence.
    // slither-disable-next-line <detector>

above the function or the line that it names. Three kinds of finding explain themselves: an equality with 0 (none) or
FOR_LIFE (never) of what no balance decides; a part of an answer that code leaves out by an empty place, `(x,) =`; and a
local variable that begins as 0, which is what the language says (one that points into storage would not compile).
`--all` prints these too. npm's solc gives Slither the syntax trees alone, which takes it seconds; Slither itself takes
half a minute, so that an outcome is kept in .build until a source, this file or Slither changes.
"""

import argparse
import hashlib
import inspect
import json
import re
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crytic_compile import CryticCompile
from crytic_compile.compilation_unit import CompilationUnit
from crytic_compile.compiler.compiler import CompilerVersion
from crytic_compile.platform.solc_standard_json import SolcStandardJson, parse_standard_json_output
from slither import Slither
from slither.detectors import all_detectors
from slither.detectors.abstract_detector import AbstractDetector, DetectorClassification

from scripts.solc import LIBRARIES, MOCKS, MODULES, ROOT, sources, standard_input, standard_json

KEPT = ROOT / ".build" / "slither.json"
IMPACTS = (DetectorClassification.HIGH, DetectorClassification.MEDIUM)
NO_CODE = {"object": "", "sourceMap": ""}
DISABLED = re.compile(r"^\s*//\s*slither-disable-")
COMMENT = re.compile(r"^\s*(//|\*)\s*\S")
ANY_DISABLED = re.compile(r"slither-disable-(?!next-line )")
IS_NONE = re.compile(r"==\s*(address\(0\)|0(?!\w)|TierLib\.FOR_LIFE)")
PARTS = re.compile(r"\(([^()]*)\)\s*=(?!=)")


class Npm(SolcStandardJson):
    """The syntax trees and ABIs, as npm's solc gives them; no code, which would take minutes."""

    def compile(self, crytic_compile: CryticCompile, **options: Any) -> None:
        unit = CompilationUnit(crytic_compile, "standard_json")
        number = json.loads((MODULES / "solc" / "package.json").read_text())["version"]
        unit.compiler_version = CompilerVersion(compiler="solc", version=number, optimized=True, via_ir=True)
        output = standard_json(self.to_dict())
        for contracts in output["contracts"].values():
            for contract in contracts.values():
                contract["evm"] = {"bytecode": NO_CODE, "deployedBytecode": NO_CODE}
        parse_standard_json_output(output, unit)


def audited() -> dict[str, str]:
    """Path -> text, of what Slither judges."""
    return {path: text for path, text in sources().items() if not path.startswith(MOCKS)}


def task(texts: Mapping[str, str]) -> dict[str, Any]:
    """What solc is asked. Slither wants each source under the path where it lies."""
    asked = standard_input(list(texts), texts)
    asked["sources"] = {_place(name): source for name, source in asked["sources"].items()}
    asked["settings"] |= {
        "remappings": [f"{prefix}=node_modules/{folder}" for prefix, folder in LIBRARIES.items()],
        "outputSelection": {"*": {"*": ["abi"], "": ["ast"]}},
    }
    return asked


def found(texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every finding that counts and is not disabled, and every comment that disables none: which, where and what."""
    slither = Slither(CryticCompile(Npm(task(texts))), filter_paths=["node_modules/"])
    known: list[Any] = [each for each in vars(all_detectors).values() if inspect.isclass(each)]
    for detector in known:
        if issubclass(detector, AbstractDetector) and detector.IMPACT in IMPACTS:
            slither.register_detector(detector)
    findings = [_finding(result) for results in slither.run_detectors() for result in results]
    return findings + [
        _stale(each) for each in slither.get_unused_ignore_comments() if "node_modules" not in each["file"]
    ]


def unexplained(texts: Mapping[str, str]) -> list[str]:
    """Comments that disable a detector and do not say why, or disable more than the next line."""
    faults = []
    for path, text in texts.items():
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            if not DISABLED.match(line):
                continue
            before = lines[number - 2] if number > 1 else ""
            if ANY_DISABLED.search(line) or not COMMENT.match(before) or DISABLED.match(before):
                faults.append(f"{path}:{number}: why?")
    return faults


def explains_itself(finding: dict[str, Any]) -> bool:
    what, check = finding["code"], finding["check"]
    if check == "uninitialized-local":
        return True
    if check == "incorrect-equality":
        return "alance" not in what and "==" not in IS_NONE.sub("", what)
    parts = PARTS.search(what)
    return check == "unused-return" and parts is not None and not all(part.strip() for part in parts[1].split(","))


def outcome() -> list[dict[str, Any]]:
    """As `found`, from the last time if nothing has changed."""
    digest = _digest()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if kept.get("digest") != digest:
        kept = {"digest": digest, "findings": found(audited())}
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps(kept, indent=1))
    findings: list[dict[str, Any]] = kept["findings"]
    return findings


def _finding(result: dict[str, Any]) -> dict[str, Any]:
    places = [each["source_mapping"] for each in result["elements"]]
    last = places[-1] if result["check"] in ("incorrect-equality", "unused-return") else places[0]
    lines = (ROOT / last["filename_relative"]).read_text().splitlines()
    return {
        "impact": result["impact"],
        "check": result["check"],
        "where": f"{last['filename_relative']}:{last['lines'][0]}",
        "what": " ".join(result["description"].split()),
        "code": " ".join(lines[number - 1].strip() for number in last["lines"]),
    }


def _stale(comment: dict[str, Any]) -> dict[str, Any]:
    where = f"{Path(comment['file']).relative_to(ROOT)}:{comment['line']}"
    what = f"nothing is found here by {', '.join(comment['unused_detectors'])}"
    return {"impact": "Stale", "check": "comment", "where": where, "what": what, "code": ""}


def _place(name: str) -> str:
    for prefix, folder in LIBRARIES.items():
        if name.startswith(prefix):
            return f"node_modules/{folder}{name.removeprefix(prefix)}"
    return name


def _digest() -> str:
    text = json.dumps([task(audited()), version("slither-analyzer"), Path(__file__).read_text()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="print also what explains itself")
    options = parser.parse_args()
    findings = outcome()
    silent = [each for each in findings if explains_itself(each)]
    faults = unexplained(audited()) + [
        f"{each['where']}: {each['impact']} {each['check']}: {each['what']}" for each in findings if each not in silent
    ]
    for each in silent if options.all else []:
        print(f"{each['where']}: explains itself: {each['check']}: {each['code']}")
    print("\n".join(faults) or f"Slither finds nothing unexplained in {len(audited())} files.")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
