"""The only list of what is plugged in: routers, act kinds, jobs and feed consumers. A new slice adds its lines here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

import backend.analytics.api
import backend.analytics.pages
import backend.badges.achievement_api
import backend.badges.api
import backend.badges.pages
import backend.community.acts
import backend.community.api
import backend.community.jobs
import backend.community.manage
import backend.community.moving
import backend.community.offices
import backend.community.opening
import backend.community.pages
import backend.community.people_api
import backend.community.session_keys
import backend.community.strays
import backend.content.acts
import backend.content.api
import backend.content.desk
import backend.content.pages
import backend.content.scheduling
import backend.crowdsale.acts
import backend.crowdsale.api
import backend.crowdsale.pages
import backend.crowdsale.token_api
import backend.discussion.acts
import backend.discussion.api
import backend.gates.acts
import backend.gating.api
import backend.gating.pages
import backend.identity.api
import backend.identity.linking_api
import backend.keys.acts
import backend.market.api
import backend.market.jobs
import backend.market.pages
import backend.market.trading
import backend.membership.api
import backend.membership.desk
import backend.membership.holder_pages
import backend.membership.holding
import backend.membership.manage
import backend.membership.pages
import backend.membership.seats
import backend.membership.tending
import backend.notices.api
import backend.notices.jobs
import backend.notices.pages
import backend.platform.api
import backend.portability.api
import backend.renewals.api
import backend.renewals.jobs
import backend.renewals.pages
import backend.store.api
import backend.store.creator_api
import backend.store.pages
from backend.host import Host
from backend.log.kinds import Kind, Kinds
from indexer.tables.chain import Change

ROUTERS: Sequence[APIRouter] = [
    backend.identity.api.router,
    backend.identity.linking_api.router,
    backend.community.api.router,
    backend.community.people_api.router,
    backend.community.opening.router,
    backend.community.offices.router,
    backend.community.session_keys.router,
    backend.community.session_keys.pages,
    backend.community.moving.router,
    backend.community.moving.pages,
    backend.community.strays.router,
    backend.membership.api.router,
    backend.membership.desk.router,
    backend.membership.seats.router,
    backend.membership.tending.router,
    backend.membership.api.anywhere,
    backend.membership.holding.router,
    backend.platform.api.router,
    backend.portability.api.router,
    backend.content.api.router,
    backend.content.desk.router,
    backend.content.desk.fragments,
    backend.discussion.api.router,
    backend.gating.api.router,
    backend.gating.pages.router,
    backend.crowdsale.api.router,
    backend.crowdsale.token_api.router,
    backend.badges.api.router,
    backend.badges.api.anywhere,
    backend.badges.achievement_api.router,
    backend.market.api.router,
    backend.market.trading.router,
    backend.analytics.api.router,
    backend.store.api.router,
    backend.store.api.anywhere,
    backend.store.creator_api.router,
    backend.community.pages.router,
    backend.community.manage.router,
    backend.membership.pages.router,
    backend.membership.holder_pages.router,
    backend.content.pages.router,
    backend.renewals.api.router,
    backend.renewals.api.anywhere,
    backend.renewals.pages.router,
    backend.notices.api.router,
    backend.notices.pages.router,
    backend.crowdsale.pages.router,
    backend.badges.pages.router,
    backend.market.pages.router,
    backend.membership.manage.router,
    backend.analytics.pages.router,
    backend.store.pages.router,
]

_KINDS: Sequence[Kind] = [
    *backend.community.acts.KINDS,
    *backend.gates.acts.KINDS,
    *backend.keys.acts.KINDS,
    *backend.content.acts.KINDS,
    *backend.discussion.acts.KINDS,
    *backend.crowdsale.acts.KINDS,
]

KINDS: Kinds = {kind.name: kind for kind in _KINDS}

JOBS: Mapping[str, Callable[[Host, dict[str, Any]], None]] = {
    "blocks.erase": backend.community.jobs.erase,
    "blocks.push": backend.community.jobs.push,
    "bodies.sweep": backend.community.jobs.sweep,
    "log.anchor": backend.community.jobs.anchor,
    "renewals.run": backend.renewals.jobs.run,
    "renewals.settle": backend.renewals.jobs.settle_all,
    "notices.mail": backend.notices.jobs.mail,
}
"""What a job of each kind does. It may run twice and must then do nothing the second time."""

CHORES: Sequence[Callable[[Host], bool]] = [
    backend.community.jobs.copy,
    backend.community.jobs.schedule,
    backend.renewals.jobs.schedule,
    backend.notices.jobs.collect,
    backend.content.scheduling.publish_due,
]
"""What every worker does about once a second; True when there was something to do."""

CONSUMERS: Mapping[str, Callable[[Host, Session, Sequence[Change]], None]] = {
    "log.rejudge": backend.community.jobs.judge_again,
    "renewals.again": backend.renewals.jobs.again,
    "notices.chain": backend.notices.jobs.follow_chain,
    "market.announced": backend.market.jobs.copy_announced,
}
"""Who follows the indexer's feed, each with a cursor of its own."""
