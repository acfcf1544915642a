"""What one process of a home holds open: made once by `app.create_app` or `worker.main`, handed to every request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.chain import Chain
from backend.config import Settings
from backend.db import Database
from backend.ipfs.embedded import EmbeddedStore
from backend.ipfs.kubo import KuboStore
from backend.keys.custody import MasterKey, load_master_key
from backend.log.append import Log
from backend.log.home import HomeKey, load_home_key
from backend.log.kinds import Kinds

KEEP_FREE = 512 * 1024 * 1024
"""Bytes of the disk that files leave free: the databases must be able to go on."""


@dataclass(frozen=True)
class Host:
    """The parts of a running home."""

    settings: Settings
    database: Database
    chain: Chain
    store: EmbeddedStore
    replica: KuboStore | None
    master: MasterKey
    home: HomeKey
    kinds: Kinds
    log: Log

    def keeps(self, community: str, home_key: str) -> bool:
        """Whether this home serves a community that names this home key on chain."""
        return home_key == self.home.address and self.settings.serves(community)

    def close(self) -> None:
        self.database.close()
        self.chain.close()
        if self.replica is not None:
            self.replica.close()


def open_host(settings: Settings, kinds: Kinds) -> Host:
    """The parts that these settings name. Files are made if missing; the node is not asked yet."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database, settings.data)
    chain = Chain(settings.rpc, settings.chain_id)
    replica = KuboStore(settings.kubo) if settings.kubo else None
    home = load_home_key(settings.home_key_file)
    return Host(
        settings=settings,
        database=database,
        chain=chain,
        store=EmbeddedStore(settings.blocks_folder, replicas=[replica] if replica else [], keep_free=KEEP_FREE),
        replica=replica,
        master=load_master_key(settings.master_key_file),
        home=home,
        kinds=kinds,
        log=Log(database, chain, home, kinds, serves=settings.serves),
    )


def _host(request: Request) -> Host:
    host: Host = request.app.state.host
    return host


CurrentHost = Annotated[Host, Depends(_host)]
