"""Every route that changes something refuses other sites' pages, whoever writes the next one."""

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from backend import catalog
from backend.identity.origin import SAFE_METHODS, require_same_origin

# A mail program asks from elsewhere, without any cookie: the token is all that it takes (RFC 8058).
OPEN = {"/mail/off"}


def needs(dependant: Dependant) -> bool:
    return dependant.call is require_same_origin or any(needs(inner) for inner in dependant.dependencies)


def test_every_route_that_changes_something_requires_the_same_origin() -> None:
    routes = [route for router in catalog.ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    unsafe = [route for route in routes if (route.methods or set()) - SAFE_METHODS]

    assert unsafe
    assert {route.path for route in unsafe if not needs(route.dependant)} == OPEN
