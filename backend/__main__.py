"""The `koinon` command line. Each command says what went wrong in one line and exits with a code other than 0."""

import json
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from backend import catalog, setup
from backend.app import create_app
from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.host import Host, open_host
from backend.ipfs.embedded import EmbeddedStore
from backend.keys.keyring import KeyringBroken, load_recovery_key
from backend.keys.recovery import reopen
from backend.log.verify import LogBroken, anchored_manifest, verify_log
from backend.problems import Problem
from backend.reconcile import reconcile
from backend.worker import work

cli = typer.Typer(name="koinon", help="A token-gated community backend.", no_args_is_help=True, add_completion=False)
out, err = Console(), Console(stderr=True)


def main() -> None:
    """Runs the command; what a person can mend is told without a traceback."""
    try:
        cli()
    except (setup.SetupFailed, LogBroken, KeyringBroken, Problem, OSError, ValueError) as error:
        _fail(str(error))
    except DBAPIError as error:
        _fail(f"The database refused: {error.orig}")


@cli.command()
def init() -> None:
    """Make the data folder, the home's key and the master key; print what to put on chain."""
    with _host() as host:
        out.print(f"data folder   {host.settings.data.resolve()}")
        out.print(f"home key      {host.home.address}   (name it as `homeKey`, give it gas and the publisher role)")
        out.print(f"master key    {host.settings.master_key_file}   (back it up apart from the database)")


@cli.command()
def migrate() -> None:
    """Bring all tables to today's shape."""
    rebuilt = setup.migrate(_settings(), catalog.KINDS)
    out.print(f"migrated; rebuilt {', '.join(rebuilt) or 'nothing'}")


@cli.command()
def serve() -> None:
    """Serve pages and API."""
    with _host() as host:
        host.chain.check()
        setup.check(host.database)
        _serve(host)


def _serve(host: Host) -> None:
    uvicorn.run(
        create_app(host),
        host=host.settings.host,
        port=host.settings.port,
        forwarded_allow_ips=host.settings.trusted_proxies,
        timeout_graceful_shutdown=3,
        server_header=False,
        log_level="warning",
    )


@cli.command()
def index() -> None:
    """Follow the chain (the indexer, in this process's place)."""
    arguments = [sys.executable, "-m", "indexer", "run", *setup.indexer_options(_settings())]
    os.execv(sys.executable, arguments)  # noqa: S606 - our own program


@cli.command(name="work")
def work_() -> None:
    """Run jobs: anchors, copies, replicas, erasures."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _host() as host:
        setup.check(host.database)
        work(host, stop)


@cli.command()
def verify(
    community: Annotated[str, typer.Argument(help="address of the community's contract")],
    blocks: Annotated[Path | None, typer.Option(help="folder of a block store; default: this home's")] = None,
    recovery_key: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="file of a recovery key: also reopen what is gated")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="answer in JSON")] = False,
) -> None:
    """Prove a community's log from the chain and a block store alone, trusting no host and no database."""
    if not re.fullmatch("0x[0-9a-fA-F]{40}", community):
        raise typer.BadParameter("An address is 0x and 40 hexadecimal digits.", param_hint="community")
    settings = _settings()
    store = EmbeddedStore(blocks or settings.blocks_folder)
    with TemporaryDirectory(prefix="koinon-verify-") as folder:
        scratch = settings.model_copy(update={"data": Path(folder), "database": ""})
        setup.run_indexer(scratch, "run", "--once")
        database, chain = Database("", scratch.data), Chain(settings.rpc, settings.chain_id)
        address = community.lower()
        try:
            report = verify_log(database, store, chain, catalog.KINDS, chain_id=settings.chain_id, community=address)
            answer = asdict(report)
            if recovery_key is not None:
                manifest = anchored_manifest(database, store, settings.chain_id, address)
                answer["reopened"] = reopen(store, manifest, load_recovery_key(recovery_key.read_text()))
        finally:
            database.close()
            chain.close()
    if as_json:
        print(json.dumps(answer))
        return
    for name, value in answer.items():
        out.print(f"{name:10} {value}")
    out.print("[green]The log holds.[/green]")


@cli.command(name="reconcile")
def reconcile_(
    community: Annotated[str | None, typer.Option(help="address of one community; default: all of them")] = None,
) -> None:
    """Compare tables, contracts' balances and events at one block; name every row that is wrong, to the last unit."""
    if community is not None and not re.fullmatch("0x[0-9a-fA-F]{40}", community):
        raise typer.BadParameter("An address is 0x and 40 hexadecimal digits.", param_hint="community")
    found = reconcile(_settings(), community)
    for account in found.accounts:
        more = f", and {account.balance - account.owed} that nobody owns" if account.balance > account.owed else ""
        line = f"{account.kind:14} {account.contract}  holds {account.balance}, owes {account.owed}{more}"
        out.print(line, highlight=False, soft_wrap=True)
    for fault in found.faults:
        err.print(fault, style="red", highlight=False, soft_wrap=True, markup=False)
    if not found.ok:
        raise SystemExit(f"koinon: {len(found.faults)} differences at block {found.number}.")
    words = f"{found.compared} figures at block {found.number}: difference {found.difference} wei."
    out.print(f"[green]{words}[/green]", soft_wrap=True)


@cli.command()
def doctor() -> None:
    """Check settings, node, tables and keys, and say what is missing."""
    with _host() as host:
        host.chain.check()
        out.print(f"node       {host.settings.rpc} serves chain {host.settings.chain_id}")
        out.print(f"mirror     {setup.run_indexer(host.settings, 'status').strip()}")
        setup.check(host.database)
        out.print("tables     up to date")
        out.print(f"home key   {host.home.address}: {host.chain.balance(host.home.address)} wei for anchors")


@contextmanager
def _host() -> Iterator[Host]:
    host = open_host(_settings(), catalog.KINDS)
    try:
        yield host
    finally:
        host.close()


def _settings() -> Settings:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"KOINON_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        raise setup.SetupFailed(f"A setting is wrong: {wrong}.") from error


def _fail(message: str) -> None:
    err.print(f"koinon: {message}", style="red", highlight=False, soft_wrap=True)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
