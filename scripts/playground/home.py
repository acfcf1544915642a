"""The home's own processes in a playground: settings, API, worker, and its move when the address has changed."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping
from typing import Any

import uvicorn
from eth_account.signers.local import LocalAccount
from sqlalchemy import and_, select
from sqlmodel import col

from backend import catalog, feed, setup
from backend.app import create_app
from backend.config import Settings
from backend.db import Database
from backend.feed import MirrorStale
from backend.host import Host, open_host
from backend.log.home import load_home_key
from backend.log.record import digest_of
from backend.log.tables import LogHead, PublishedManifest
from backend.transactions import call_data
from backend.worker import work
from indexer.tables.columns import ZERO_HASH
from indexer.tables.community import Community
from scripts.node import Node
from scripts.playground.accounts import ACCOUNTS, account_of
from scripts.playground.chain import CHAIN_ID
from scripts.playground.folder import Folder
from scripts.playground.routes import demo_router

ANCHOR_SECONDS = 30
GRACE_SECONDS = 1
"""Open event streams are cut off after this: Ctrl-C must not wait for a browser."""


def settings_of(folder: Folder, *, rpc: str, url: str, anchor_seconds: int) -> Settings:
    """All that `Settings` reads, so that no variable or .env file of the checkout reaches into a playground."""
    port = int(url.rpartition(":")[2])
    return Settings(
        data=folder.home,
        database="",
        rpc=rpc,
        chain_id=CHAIN_ID,
        chain_name="Koinon demo",
        public_rpc=rpc,
        deployments=folder.deployments,
        base_url=url,
        host="127.0.0.1",
        port=port,
        trusted_proxies="127.0.0.1",
        kubo="",
        anchor_seconds=anchor_seconds,
        demo=True,
    )


def environment_of(settings: Settings) -> Mapping[str, str]:
    """The environment in which any program of Koinon works on this home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KOINON_")}
    return inherited | {f"KOINON_{name.upper()}": str(value) for name, value in settings.model_dump().items()}


def serve(settings: Settings, listener: socket.socket) -> None:
    """API and pages, with the demo's routes, until a signal comes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    host = open_host(settings, catalog.KINDS)
    host.chain.check()
    setup.check(host.database)
    server_of(host, settings.rpc).run(sockets=[listener])
    host.close()


def server_of(host: Host, rpc: str) -> uvicorn.Server:
    """A web server over these parts."""
    app = create_app(host, routers=[demo_router(Node(rpc))])
    config = uvicorn.Config(
        app, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False, log_level="warning", access_log=False
    )
    return uvicorn.Server(config)


def labor(settings: Settings) -> None:
    """Jobs, until a signal comes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    host = open_host(settings, catalog.KINDS)
    work(host, stop)
    host.close()


def home_address(settings: Settings) -> str:
    """The address of the home's key, which is made if it is missing."""
    return load_home_key(settings.home_key_file).address


def covered_records(settings: Settings, community: str, sequence: int) -> int:
    """How many records of the log this manifest of the home covers; 0 for none."""
    database = Database(settings.database, settings.data)
    try:
        with database.reading() as session:
            row = session.get(PublishedManifest, (settings.chain_id, community, sequence))
            return row.head_seq if row else 0
    finally:
        database.close()


def indexed_block(settings: Settings) -> int:
    """The newest block that the index has; -1 for none."""
    database = Database(settings.database, settings.data)
    try:
        with database.reading() as session:
            return feed.tip(session, settings.chain_id).number
    except MirrorStale:
        return -1
    finally:
        database.close()


def move(settings: Settings) -> int:
    """Every community that is kept here names this address on the chain; how many had to move. The index is current."""
    host, node = open_host(settings, catalog.KINDS), Node(settings.rpc)
    owners = {account_of(index).address.lower(): account_of(index) for index in range(ACCOUNTS)}
    with host.database.reading() as session:
        same = and_(col(LogHead.chain_id) == col(Community.chain_id), col(LogHead.community) == col(Community.address))
        statement = select(Community, LogHead).outerjoin(LogHead, same)
        moves = [
            (owners[community.owner], community.address, _arguments(settings, host, head))
            for community, head in session.execute(statement).all()
            if community.home_key == host.home.address
            and community.home_uri != settings.base_url
            and community.owner in owners
        ]
    for owner, community, arguments in moves:
        _move_one(node, owner, community, arguments)
    node.close()
    host.close()
    return len(moves)


def _arguments(settings: Settings, host: Host, head: LogHead | None) -> tuple[Any, ...]:
    """Where the new epoch begins: at the log's newest record."""
    digest = digest_of(head.record) if head and head.record else ZERO_HASH
    return settings.base_url, host.home.address, bytes.fromhex(digest[2:]), head.seq if head else 0


def _move_one(node: Node, owner: LocalAccount, community: str, arguments: tuple[Any, ...]) -> None:
    node.send(owner, community, data=call_data("Community", "moveHome", *arguments))
