"""What a developer reads: the OpenAPI document of the JSON API, and a page for each type of problem."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.openapi.utils import get_openapi

from backend.identity.viewer import CurrentViewer
from backend.problems import NotFound, Problem
from backend.rendering import render

PROBLEM_TYPE = "application/problem+json"
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem object (RFC 9457). Further members depend on its type; /problems lists all types.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "pattern": "^/problems/[a-z0-9-]+$", "examples": ["/problems/gate-denied"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class ProblemType:
    """A type of problem: `about` is what its class says of it, in English."""

    slug: str
    title: str
    status: int
    about: str


def problem_types() -> list[ProblemType]:
    """All types that this home answers with, by slug."""
    found = {each.slug: each for each in _subclasses(Problem)}
    return [_type_of(found[slug]) for slug in sorted(found)]


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document: errors are problem objects, request bodies have an example made of their fields'."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        schemas["Problem"] = _PROBLEM
        for operation in (each for path in made["paths"].values() for each in path.values()):
            _describe(operation, schemas)
        app.openapi_schema = made
    return app.openapi_schema


def _describe(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    problem = {
        "description": "A problem (RFC 9457)",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    operation["responses"].pop("422", None)
    operation["responses"] |= {"4XX": problem, "5XX": problem}
    for media in operation.get("requestBody", {}).get("content", {}).values():
        name = str(media["schema"].get("$ref", "")).rpartition("/")[2]
        if name and "example" not in media:
            media["example"] = _example(schemas[name], schemas)


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Of an object: the example or default of each field that has one."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "properties" in schema:
        made = {name: _example(each, schemas) for name, each in schema["properties"].items()}
        return {name: value for name, value in made.items() if value is not None}
    if "items" in schema:
        return [_example(schema["items"], schemas)]
    return None


@router.get("/problems")
def problems(request: Request, viewer: CurrentViewer) -> Response:
    """Every type of problem."""
    return render(request, "problems.html", viewer=viewer, problems=problem_types())


@router.get("/problems/{slug}")
def problem(request: Request, slug: Annotated[str, Path(max_length=64)], viewer: CurrentViewer) -> Response:
    """One type of problem: where the `type` of a problem object leads."""
    found = [each for each in problem_types() if each.slug == slug]
    if not found:
        raise NotFound("There is no problem of this type.")
    return render(request, "problems.html", viewer=viewer, problems=found)


def _subclasses(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _subclasses(each)


def _type_of(kind: type[Problem]) -> ProblemType:
    about = " ".join((kind.__doc__ or "").split()).replace("`", "")
    return ProblemType(kind.slug, kind.title, kind.status, about)
