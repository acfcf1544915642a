"""The API is what its OpenAPI document says, for outsider, member and founder: never a 5xx, never another shape."""

from secrets import token_bytes
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.reference import PROBLEM_TYPE, problem_types
from scripts.member import Member
from tests.browser.conftest import on_sqlite
from tests.fixtures.koinon import FREE, PAID, Koinon

pytestmark = on_sqlite
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES, DEEP_EXAMPLES = 5, 400
STREAMS = {"/api/communities/{community}/events"}  # never end
LEAVING = {("delete", "/api/session"), ("delete", "/api/sessions/{session_id}")}
ROLES = ["outsider", "member", "founder"]


@schemathesis.serializer("application/vnd.ipld.dag-cbor")
def _as_it_is(_: Any, value: Any) -> bytes:
    """Any bytes: that acts are malformed, too large or wrongly signed is what this can find."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def people(koinon: Koinon) -> dict[str, Any]:
    """A community with a post and a reply, and somebody of each role."""
    founder, member = koinon.member(1), koinon.member(2)
    community = koinon.open_community(founder, salt=token_bytes(32)).community
    koinon.await_head()
    member.join(community, tier_id=FREE)
    post = founder.publish(community, title="Hello", teaser="A beginning.")
    member.reply(community, post.act, "Hello back.")
    known = {"community": community, "post_id": post.act, "tier_id": PAID, "token_id": 1}
    return {"outsider": koinon.outsider(), "member": member, "founder": founder, "known": known}


@pytest.fixture(scope="module")
def operations(koinon: Koinon) -> list[Any]:
    schema = schemathesis.openapi.from_url(f"{koinon.url}/api/openapi.json")
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is tested elsewhere; here it would hide everything behind 429."""
    monkeypatch.setattr("backend.transactions.spend", lambda *_, **__: None)


@pytest.mark.parametrize("role", ROLES)
def test_answers_are_as_documented(role: str, people: dict[str, Any], operations: list[Any]) -> None:
    examine(role, people, operations, EXAMPLES)


@pytest.mark.deep
@pytest.mark.parametrize("role", ROLES)
def test_answers_are_as_documented_to_many_requests(role: str, people: dict[str, Any], operations: list[Any]) -> None:
    examine(role, people, operations, DEEP_EXAMPLES)


def test_every_type_of_problem_has_a_page(koinon: Koinon) -> None:
    types = [each.slug for each in problem_types()]

    assert {"gate-denied", "not-found", "would-revert"} <= set(types)
    for slug in types:
        assert f"/problems/{slug}" in requests.get(f"{koinon.url}/problems/{slug}", timeout=10).text
    assert requests.get(f"{koinon.url}/problems/none-such", timeout=10).status_code == 404


def test_every_request_has_an_example(operations: list[Any]) -> None:
    bodies = [
        (operation.label, media.get("example"))
        for operation in operations
        for media in operation.definition.raw.get("requestBody", {}).get("content", {}).values()
        if "$ref" in media.get("schema", {})
    ]

    assert bodies
    assert [label for label, example in bodies if not example] == []


def examine(role: str, people: dict[str, Any], operations: list[Any], examples: int) -> None:
    """Requests that keep to the document and requests that do not, half of them about things that exist."""
    person: Member = people[role]
    faults: list[str] = []
    for operation in operations:
        if operation.path in STREAMS or (operation.method, operation.path) in LEAVING:
            continue

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            known = {name: value for name, value in people["known"].items() if name in (case.path_parameters or {})}
            for parameters in (case.path_parameters, {**(case.path_parameters or {}), **known}):
                case.path_parameters = parameters
                response = case.call(session=person.browser)
                case.validate_response(response, checks=CHECKS)
                if response.status_code >= 400:
                    assert response.headers["content-type"][0].split(";")[0] == PROBLEM_TYPE

        try:
            ask()
        except Exception as fault:  # noqa: BLE001 - all operations are told of at once
            faults.append(f"{operation.label}: {str(fault)[:600]}")
    assert not faults, "\n".join(faults)
