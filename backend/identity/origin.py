"""Requests that change something come from our own pages, or from no browser at all."""

from fastapi import Request

from backend.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossOrigin(Problem):
    slug, title, status = "cross-origin", "Another site sent this", 403


async def require_same_origin(request: Request) -> None:
    """A dependency for the whole app: `CrossOrigin` when another site's page sent an unsafe request.

    Every browser since 2020 says where such a request comes from, by `Sec-Fetch-Site` or `Origin`, and no page can
    forge them; a request with neither comes from a program, which has no cookies of others. Asynchronous, since it
    waits for nothing and stands before every route.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin") or origin not in (None, request.app.state.settings.base_url):
        raise CrossOrigin("Only pages of this site may do that.", expected=request.app.state.settings.base_url)
