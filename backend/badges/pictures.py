"""Pictures of badges: as the chain draws them, and the QR code of an invitation. Served so that none can run script."""

from functools import lru_cache
from io import BytesIO

import segno

from backend.answers import Undecodable, decoded
from backend.chain import CallFailed, Chain
from backend.problems import NotFound
from backend.transactions import call_data

MOST_BYTES = 200_000
SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "content-disposition": "inline",
    "cross-origin-resource-policy": "same-origin",
}
"""Headers of a picture that others had a hand in: opened by itself, it is a document without rights. Inside a page
it is an image, in which browsers run nothing."""


@lru_cache(maxsize=1024)
def picture(chain: Chain, badges: str, token_id: int, version: int) -> str:  # noqa: ARG001 - the key of the cache
    """The SVG that the community's Badges draws; `version`: block of the badge's last change. Raises NotFound,
    ChainUnavailable."""
    try:
        answer = chain.call(badges, call_data("Badges", "imageOf", token_id))
        (svg,) = decoded(["string"], answer, most=MOST_BYTES)
    except (CallFailed, Undecodable) as error:
        raise NotFound("The chain draws no picture of this badge.") from error
    if not svg.startswith("<svg"):
        raise NotFound("The chain draws no picture of this badge.")
    return str(svg)


@lru_cache(maxsize=1024)
def qr_code(url: str) -> bytes:
    """The address as a QR code in SVG: dark on light in every scheme, since scanners want that."""
    written = BytesIO()
    segno.make(url, error="m", micro=False).save(
        written, kind="svg", scale=8, border=3, dark="#1b211c", light="#ffffff", xmldecl=False, nl=False
    )
    return written.getvalue()


def invitation(base_url: str, community: str, badge: int) -> str:
    """Where a friend joins through a badge."""
    return f"{base_url}/c/{community}?badge={badge}"
