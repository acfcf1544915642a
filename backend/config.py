"""Settings of the backend: what two deployments need different. Environment variables `KOINON_*`."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEPLOYMENTS = Path(__file__).resolve().parent.parent / "indexer" / "deployments"
DEFAULT_PORTS = {"http": 80, "https": 443}
RELAY = re.compile(r"(wss://[0-9a-z.-]+|ws://(127\.0\.0\.1|localhost))(:[0-9]{1,5})?")
"""As it stands in a Content-Security-Policy."""


class Settings(BaseSettings):
    """What an operator chooses. Every field has the environment variable `KOINON_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="KOINON_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Path("data")
    """Folder of databases, blocks and keys. Made with mode 0700 if missing."""
    database: str = ""
    """`postgresql://…`, or empty for SQLite files in `data`."""
    rpc: str = "http://127.0.0.1:8545"
    """JSON-RPC endpoint of the chain's node."""
    chain_id: int = 31337
    """EIP-155 id that the node must answer with."""
    chain_name: str = ""
    """What wallets call the chain when a member adds it to them; empty: they are not offered it."""
    public_rpc: str = ""
    """JSON-RPC endpoint that wallets of members may use, for the same."""
    deployments: Path = DEPLOYMENTS
    """Folder with `<chain id>.json`: where the contracts are."""
    base_url: str = "http://127.0.0.1:8000"
    """Where people reach this home. Decides the SIWE domain, never the `Host` header."""
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = 8000
    """Port that the server listens on."""
    trusted_proxies: str = "127.0.0.1"
    """Comma-separated addresses whose forwarded headers are believed."""
    kubo: str = ""
    """RPC multiaddr of a Kubo daemon that keeps a replica; empty for none."""
    communities: str = ""
    """Comma-separated addresses of the communities that this home serves; empty: any that names its home key."""
    anchor_seconds: int = 3600
    """Least time between two anchors of one community's manifest."""
    keeper: bool = True
    """Renew memberships whose holders agreed to it. Its key needs coins for gas; without them nothing is sent."""
    keeper_key: str = ""
    """Private key of the keeper, 64 hex digits; empty: the file `keeper.key` in `data`, made if missing."""
    keeper_tip_bps: int = Field(default=0, ge=0, le=200)
    """What the keeper keeps of each renewal that it sends, 1/10 000; it comes out of the price."""
    keeper_max_gas_wei: int = Field(default=0, ge=0)
    """Most that the keeper pays for a unit of gas; 0: whatever it costs."""
    smtp: str = ""
    """`smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…`; empty: no mail is sent."""
    mail_from: str = ""
    """Sender of mail; empty: `koinon@` the home's host."""
    walletconnect_project: str = ""
    """Id of a project with WalletConnect, which then reaches wallets on other devices; empty: it is not offered."""
    walletconnect_relay: str = "wss://relay.walletconnect.org"
    """The relay's origin. Pages may connect to it, and to nothing else outside, where the project is set."""
    demo: bool = False
    """Serve the demo's routes and bar. Never in production: they control the chain."""

    @field_validator("base_url")
    @classmethod
    def _origin_only(cls, url: str) -> str:
        """As browsers write it in `Origin`: in small letters, without a port that the scheme implies."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be an origin such as https://koinon.example, without a path")
        if "@" in parts.netloc or not parts.netloc.isascii():
            raise ValueError("must name a host in ASCII (xn--… for other letters), and no account")
        port = None if parts.port == DEFAULT_PORTS[parts.scheme] else parts.port
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return f"{parts.scheme}://{host}" + (f":{port}" if port else "")

    @field_validator("smtp")
    @classmethod
    def _mail_server(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("smtp", "smtps") or not urlsplit(url).hostname):
            raise ValueError("must be smtp://host:port or smtps://host:port")
        return url

    @field_validator("walletconnect_project")
    @classmethod
    def _project(cls, project: str) -> str:
        if not re.fullmatch("[0-9A-Za-z_-]*", project):
            raise ValueError("must be the id of a project: letters and digits")
        return project

    @field_validator("walletconnect_relay")
    @classmethod
    def _relay(cls, url: str) -> str:
        if not RELAY.fullmatch(url):
            raise ValueError(
                "must be an origin such as wss://relay.example, without a path; ws:// on this machine only"
            )
        return url

    @field_validator("keeper_key")
    @classmethod
    def _secret_key(cls, key: str) -> str:
        if key and not re.fullmatch("(0x)?[0-9a-fA-F]{64}", key):
            raise ValueError("must be 64 hexadecimal digits")
        return key

    @property
    def domain(self) -> str:
        """The authority that SIWE messages must name (EIP-4361 `domain`)."""
        return urlsplit(self.base_url).netloc

    @property
    def secure(self) -> bool:
        """Whether cookies may only travel over TLS."""
        return self.base_url.startswith("https://")

    def serves(self, community: str) -> bool:
        """Whether this home lets the community (lower-case address) write here at all."""
        return self.chosen is None or community in self.chosen

    @property
    def chosen(self) -> frozenset[str] | None:
        """Addresses (lower-case) of the communities that this home serves; None: any that names its home key."""
        return frozenset(each.strip().lower() for each in self.communities.split(",") if each.strip()) or None

    @property
    def blocks_folder(self) -> Path:
        return self.data / "blocks"

    @property
    def home_key_file(self) -> Path:
        """The home's secp256k1 key: signs heads and sends anchors."""
        return self.data / "home.key"

    @property
    def keeper_key_file(self) -> Path:
        """The keeper's secp256k1 key: holds coins for gas, and what it was tipped."""
        return self.data / "keeper.key"

    @property
    def master_key_file(self) -> Path:
        """Wraps the keks in the database; never in a database or backup."""
        return self.data / "master.key"
