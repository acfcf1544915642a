"""The only list of what is plugged in: routers, act kinds, jobs and feed consumers. A new slice adds its lines here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

import backend.community.acts
import backend.community.api
import backend.community.jobs
import backend.community.pages
import backend.content.acts
import backend.content.api
import backend.content.pages
import backend.discussion.acts
import backend.discussion.api
import backend.gates.acts
import backend.gating.api
import backend.gating.pages
import backend.identity.api
import backend.keys.acts
import backend.membership.api
import backend.membership.pages
from backend.host import Host
from backend.log.kinds import Kind, Kinds
from indexer.tables.chain import Change

ROUTERS: Sequence[APIRouter] = [
    backend.identity.api.router,
    backend.community.api.router,
    backend.membership.api.router,
    backend.membership.api.anywhere,
    backend.content.api.router,
    backend.discussion.api.router,
    backend.gating.api.router,
    backend.gating.pages.router,
    backend.community.pages.router,
    backend.membership.pages.router,
    backend.content.pages.router,
]

_KINDS: Sequence[Kind] = [
    *backend.community.acts.KINDS,
    *backend.gates.acts.KINDS,
    *backend.keys.acts.KINDS,
    *backend.content.acts.KINDS,
    *backend.discussion.acts.KINDS,
]

KINDS: Kinds = {kind.name: kind for kind in _KINDS}

JOBS: Mapping[str, Callable[[Host, dict[str, Any]], None]] = {
    "blocks.erase": backend.community.jobs.erase,
    "blocks.push": backend.community.jobs.push,
    "bodies.sweep": backend.community.jobs.sweep,
    "log.anchor": backend.community.jobs.anchor,
}
"""What a job of each kind does. It may run twice and must then do nothing the second time."""

CHORES: Sequence[Callable[[Host], bool]] = [backend.community.jobs.copy, backend.community.jobs.schedule]
"""What every worker does about once a second; True when there was something to do."""

CONSUMERS: Mapping[str, Callable[[Host, Session, Sequence[Change]], None]] = {
    "log.rejudge": backend.community.jobs.judge_again,
}
"""Who follows the indexer's feed, each with a cursor of its own."""
