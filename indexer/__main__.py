"""Command line: `python -m indexer run | migrate | rebuild | verify | status`."""

import argparse
import gc
import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from indexer.config import Settings
from indexer.database import open_engine, reader, reason
from indexer.deployments import load_deployment
from indexer.errors import FatalError, RetryableError
from indexer.follow import follow, open_decoder, open_source, prepare_tables, rebuild_all
from indexer.progress import Progress, served
from indexer.reconcile import reconcile
from indexer.status import status
from indexer.verify import verify

FAILED, DIFFERENT = 1, 3  # exit codes


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command. What went wrong is one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        chosen = {name: getattr(options, name) for name in Settings.model_fields if getattr(options, name, None)}
        code: int = options.command(Settings(**chosen), options)
        return code
    except (FatalError, RetryableError) as error:
        return _failed(str(error))
    except ValidationError as error:
        wrong = "; ".join(f"KOINON_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        return _failed(f"A setting is wrong: {wrong}.")
    except DBAPIError as error:
        return _failed(f"The database refused: {reason(error)}.")


def _failed(message: str) -> int:
    print(f"indexer: {message}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--database", help="postgresql://… or sqlite:///… (KOINON_DATABASE; default: SQLite in --data)")
    common.add_argument("--data", type=Path, help="folder of mirror.db (KOINON_DATA; default ./data)")
    common.add_argument("--chain-id", type=int, help="EIP-155 id (KOINON_CHAIN_ID; default 31337)")
    common.add_argument("--deployments", type=Path, help="folder of <chain id>.json (KOINON_DEPLOYMENTS)")
    common.add_argument("--rpc", help="JSON-RPC endpoints, comma-separated (KOINON_RPC)")
    parser = argparse.ArgumentParser(prog="indexer", description="Mirrors the contracts of one chain into tables.")
    commands = parser.add_subparsers(required=True, metavar="command")
    run = commands.add_parser("run", parents=[common], help="follow the chain until stopped")
    run.add_argument("--once", action="store_true", help="stop at the node's head")
    run.add_argument("--metrics-port", type=int, help="serve Prometheus metrics on this port of 127.0.0.1")
    run.set_defaults(command=_run)
    for name, command, help_ in (
        ("migrate", _migrate, "make the tables, or rebuild those whose shape changed"),
        ("rebuild", _rebuild, "make the projected tables anew from the stored logs"),
        ("verify", _verify, "compare the tables with a fresh index; exit code 3 when they differ"),
        ("status", _status, "show how far the mirror is"),
    ):
        command_parser = commands.add_parser(name, parents=[common], help=help_)
        command_parser.add_argument("--json", action="store_true", help="answer in JSON")
        command_parser.set_defaults(command=command)
        if command is _verify:
            command_parser.add_argument("--books", action="store_true", help="also compare money with the contracts")
            command_parser.add_argument("--community", type=str.lower, help="whose books; default: all of them")
    return parser


def _run(settings: Settings, options: argparse.Namespace) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gc.freeze()  # nothing made so far becomes garbage: the collector need not look at it
    progress = Progress(_report, time.monotonic)
    with served(progress.registry, options.metrics_port):
        follow(settings, once=options.once, stop=stop, clock=time.time, report=_report, watch=progress)
    return 0


def _migrate(settings: Settings, _options: argparse.Namespace) -> int:
    prepare_tables(open_engine(settings.database_url), settings)
    return 0


def _rebuild(settings: Settings, options: argparse.Namespace) -> int:
    engine = open_engine(settings.database_url)
    prepare_tables(engine, settings)
    applied = rebuild_all(engine, settings)
    _answer({"logs": applied}, f"Rebuilt from {applied} logs.", as_json=options.json)
    return 0


def _verify(settings: Settings, options: argparse.Namespace) -> int:
    decoder = open_decoder()
    source = open_source(settings, decoder, stop=threading.Event())
    deployment = load_deployment(settings.deployments, settings.chain_id)
    with reader(open_engine(settings.database_url)) as connection:
        verdict = verify(connection, source, deployment=deployment, decoder=decoder, clock=time.time)
        answer, ok = verdict.as_json(), verdict.ok
        if options.books:
            books = reconcile(connection, source.rpc, deployment=deployment, community=options.community)
            answer |= {"books": books.as_json(), "ok": ok and not books.wrong}
    words = "equal" if ok else "differ from"
    _answer(answer, f"The tables {words} a fresh index up to block {verdict.number}.", as_json=options.json)
    return 0 if answer["ok"] else DIFFERENT


def _status(settings: Settings, options: argparse.Namespace) -> int:
    with reader(open_engine(settings.database_url)) as connection:
        answer = status(connection, settings.chain_id, now=time.time())
    _answer(answer, "\n".join(f"{name}: {value}" for name, value in answer.items()), as_json=options.json)
    return 0


def _answer(answer: dict[str, Any], words: str, *, as_json: bool) -> None:
    print(json.dumps(answer, indent=2) if as_json else words)


def _report(message: str) -> None:
    print(f"indexer: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
