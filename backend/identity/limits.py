"""How often one may do something, counted in the database: several processes share one count."""

import hashlib
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col

from backend.db import Database, insert_into
from backend.identity.tables import LimitCount
from backend.problems import TooMuch


@dataclass(frozen=True)
class Allowance:
    """At most `most` times in each window of `seconds`, for each one who is counted under `name`."""

    name: str
    most: int
    seconds: int


def spend(database: Database, allowance: Allowance, *, who: str, at: int) -> None:
    """One more is counted, in a transaction of its own; `TooMuch` with `retry_after` seconds when none was left."""
    window_start = at - at % allowance.seconds
    with database.writing() as session:
        count = _count(session, allowance, who=who, window_start=window_start)
    if count > allowance.most:
        raise TooMuch("Please wait a little.", retry_after=window_start + allowance.seconds - at)


def network_of(address: str | None) -> str:
    """Whom an IP address stands for: itself, or its /64, which one holder of IPv6 has whole."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or "local"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        ip = ip.ipv4_mapped
    return str(ip)


def _count(session: Session, allowance: Allowance, *, who: str, window_start: int) -> int:
    """The count with this one; past windows are swept. Names are hashed with their window, so that rows tell little."""
    session.execute(delete(LimitCount).where(col(LimitCount.expires_at) <= window_start))
    digest = hashlib.sha256(f"{window_start}|{who}".encode()).hexdigest()[:32]
    counted = (
        insert_into(session, LimitCount)
        .values(
            bucket=f"{allowance.name}:{digest}",
            window_start=window_start,
            expires_at=window_start + allowance.seconds,
            count=1,
        )
        .on_conflict_do_update(index_elements=["bucket", "window_start"], set_={"count": col(LimitCount.count) + 1})
        .returning(col(LimitCount.count))
    )
    return int(session.execute(counted).scalar_one())
