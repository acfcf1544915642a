"""A bad request is a Problem, told as RFC 9457 under /api and as a page elsewhere (see `app.py`)."""

from typing import Any, ClassVar


class Problem(Exception):
    """The request cannot be answered as asked; the reason is for the caller's eyes.

    `slug` is stable and names the type; `title` is a msgid that pages translate;
    `extensions` become members of the problem object and must be JSON.
    """

    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be answered"
    status: ClassVar[int] = 400

    def __init__(self, detail: str, **extensions: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extensions = extensions

    def body(self, instance: str) -> dict[str, Any]:
        """The problem object of RFC 9457 for the request path `instance`."""
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.extensions,
        }


class NotFound(Problem):
    slug, title, status = "not-found", "There is nothing here", 404


class Malformed(Problem):
    slug, title, status = "malformed", "The request is malformed", 422


class Conflict(Problem):
    slug, title, status = "conflict", "The request conflicts with what is there", 409


class Forbidden(Problem):
    slug, title, status = "forbidden", "This is not yours to do", 403


class SignInRequired(Problem):
    slug, title, status = "sign-in-required", "Sign in first", 401


class TooMuch(Problem):
    slug, title, status = "too-much", "That was too much at once", 429


class TooLarge(Problem):
    slug, title, status = "too-large", "That is too large", 413


class Unavailable(Problem):
    slug, title, status = "unavailable", "Koinon cannot answer safely right now", 503
