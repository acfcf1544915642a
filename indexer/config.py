"""Settings of the indexer: what two deployments need different. Environment variables `KOINON_*`."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

DEPLOYMENTS = Path(__file__).resolve().parent / "deployments"


class Settings(BaseSettings):
    """What an operator chooses. Every field has the environment variable `KOINON_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="KOINON_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Path("data")
    """Folder of `mirror.db`; unused with PostgreSQL."""
    database: str = ""
    """`postgresql://…`, `sqlite:///<path of mirror.db>`, or empty for SQLite in `data`."""
    rpc: str = "http://127.0.0.1:8545"
    """JSON-RPC endpoints of the chain's nodes, comma-separated; the next is used when one fails."""
    chain_id: int = 31337
    """EIP-155 id that every node must answer with."""
    deployments: Path = DEPLOYMENTS
    """Folder with `<chain id>.json`: where the contracts are."""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'mirror.db'}"

    @property
    def endpoints(self) -> list[str]:
        return [url.strip() for url in self.rpc.split(",") if url.strip()]
