"""The badges of a community: short ways to mint, to make achievements and vouchers, and to read their documents."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from tests.factories.communities import MONTHLY, World
from tests.factories.contracts import NATIVE, Receipt

LABEL = b"First Light".ljust(32, b"\0")
ISSUER: LocalAccount = Account.from_key("0x" + "44" * 32)
NEVER = 2**40 - 1
SVG = "{http://www.w3.org/2000/svg}"
VOUCHER = {
    "issuer": "address",
    "achievementId": "uint32",
    "recipient": "address",
    "deadline": "uint40",
    "nonce": "uint256",
}
HOSTILE = "\"</text><script>alert('&amp;')\\"
Voucher = dict[str, Any]


def minted(world: World, *, sender: str = "", tier_id: int = MONTHLY) -> int:
    """The referral badge of a new member, as a token."""
    sender = sender or world.member
    badge = world.join(tier_id, sender=sender)
    world.chain.send(world.badges.mint, badge, sender=sender)
    return badge


def invite(world: World, badge: int, sender: str) -> int:
    """Membership of an account that joins with the badge and pays by itself."""
    price = world.price_of(MONTHLY)
    world.fund(sender, price)
    arguments = (MONTHLY, 1, price, world.currency, sender, badge)
    receipt = world.chain.send(world.membership.join, *arguments, sender=sender, value=0 if world.token else price)
    return int(receipt.only("MembershipJoined")["tokenId"])


def credit(world: World, badge: int, amount: int) -> None:
    """The badge earns `amount` by a sale in the store."""
    if world.token:
        world.chain.send(world.token.mint, world.membership.address, amount, sender=world.stranger)
    else:
        world.chain.rpc("anvil_setBalance", world.store.address, hex(amount))
    with world.chain.impersonated(world.store.address):
        world.chain.send(
            world.membership.creditBadge,
            badge,
            amount,
            sender=world.store.address,
            value=0 if world.token else amount,
        )


def achievement(**changes: Any) -> dict[str, Any]:
    """Parameters of a transferable achievement without cap and issuer."""
    return {
        "label": LABEL,
        "cap": 0,
        "locked": False,
        "issuer": NATIVE,
        "allowance": 0,
        "description": "",
        "uri": "",
    } | changes


def create(world: World, **changes: Any) -> int:
    """Id of a new achievement."""
    params = tuple(achievement(**changes).values())
    receipt = world.chain.send(world.badges.createAchievement, params, sender=world.founder)
    return int(receipt.only("AchievementSet")["achievementId"])


def issued(world: World, **changes: Any) -> int:
    """Id of a new achievement with an issuer of vouchers."""
    return create(world, **{"issuer": ISSUER.address, "allowance": 10} | changes)


def grant(world: World, achievement_id: int, *recipients: str, sender: str = "") -> Receipt:
    return world.chain.send(
        world.badges.grantAchievement, achievement_id, list(recipients), sender=sender or world.founder
    )


def granted(world: World, achievement_id: int, recipient: str) -> int:
    """Id of a new token of the achievement."""
    return int(grant(world, achievement_id, recipient).only("AchievementGranted")["firstTokenId"])


def token_id(achievement_id: int, serial: int) -> int:
    return achievement_id << 40 | serial


def state(world: World, achievement_id: int) -> dict[str, Any]:
    return dict(world.chain.read(world.badges.achievementOf, achievement_id))


def voucher(achievement_id: int, **changes: Any) -> Voucher:
    """For anybody, without end."""
    return {
        "issuer": ISSUER.address,
        "achievementId": achievement_id,
        "recipient": NATIVE,
        "deadline": NEVER,
        "nonce": 0,
    } | changes


def signed(world: World, terms: Voucher, *, signer: LocalAccount = ISSUER, **domain: Any) -> bytes:
    """The signer's EIP-712 signature. `domain`: what differs from the contract's own."""
    own = world.chain.read(world.badges.eip712Domain)
    fields = {key: own[key] for key in ("name", "version", "chainId", "verifyingContract")} | domain
    types = {"AchievementVoucher": [{"name": name, "type": kind} for name, kind in VOUCHER.items()]}
    return bytes(signer.sign_message(encode_typed_data(fields, types, terms)).signature)


def claim(world: World, terms: Voucher, signature: bytes | None = None, *, sender: str = "") -> Receipt:
    return world.chain.send(
        world.badges.claimAchievement,
        tuple(terms.values()),
        signed(world, terms) if signature is None else signature,
        sender=sender or world.member,
    )


def document(uri: str) -> dict[str, Any]:
    """The JSON in a data URI. Its `image` is the picture's SVG."""
    parsed: dict[str, Any] = json.loads(_opened(uri, "application/json"))
    return parsed | {"image": _opened(parsed["image"], "image/svg+xml")}


def texts(svg: str) -> list[str]:
    """What a picture says, in the order of the file. Raises when it is not well-formed, or more than a picture."""
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in _ELEMENTS, element.tag
        assert set(element.keys()) <= _ATTRIBUTES, element.keys()
        assert set(_targets(element)) <= ids
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def trait(parsed: dict[str, Any], name: str) -> Any:
    """The value of one attribute of a document."""
    (found,) = [each["value"] for each in parsed["attributes"] if each["trait_type"] == name]
    return found


_ELEMENTS = {
    "svg",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "ellipse",
    "circle",
    "rect",
    "path",
    "g",
    "use",
    "text",
    "textPath",
}
_ATTRIBUTES = {
    "cx",
    "cy",
    "d",
    "fill",
    "font-family",
    "font-size",
    "font-weight",
    "height",
    "href",
    "id",
    "letter-spacing",
    "offset",
    "opacity",
    "r",
    "rx",
    "ry",
    "startOffset",
    "stop-color",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "transform",
    "viewBox",
    "width",
    "x",
    "x2",
    "y",
    "y2",
}


def _opened(uri: str, media_type: str) -> str:
    head, _, body = uri.partition(",")
    assert head == f"data:{media_type};base64"
    return base64.b64decode(body, validate=True).decode()


def _targets(element: ET.Element) -> Iterator[str]:
    """Ids that an element refers to. Nothing outside the picture."""
    if link := element.get("href"):
        assert link.startswith("#")
        yield link[1:]
    for value in element.attrib.values():
        if value.startswith("url("):
            yield value.removeprefix("url(#").removesuffix(")")
