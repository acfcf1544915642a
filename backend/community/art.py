"""Pictures made from an address: the same address always looks the same, and nobody has to upload anything.

A picture is a mosaic: square tiles, each with one shape of the palette that the address chooses. Each address has a few
looks of its own, of which a community's owner chooses one; nobody else can have them.
"""

from collections.abc import Iterator
from colorsys import hls_to_rgb
from hashlib import sha256
from typing import Literal

Kind = Literal["hero", "cover", "mark", "portrait"]

GRIDS: dict[Kind, tuple[int, int]] = {"hero": (5, 5), "cover": (14, 3), "mark": (3, 3), "portrait": (2, 2)}
TILE = 80  # units of the SVG's view box
LOOKS = 12
"""Of each address; 0 is what it has before anybody chooses."""


def _dice(seed: str) -> Iterator[int]:
    """Bytes without end that depend on the seed alone."""
    block = sha256(seed.encode()).digest()
    while True:
        yield from block
        block = sha256(block).digest()


def _color(hue: float, lightness: float, saturation: float) -> str:
    red, green, blue = hls_to_rgb(hue % 1, lightness, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _palette(hue: float, turn: float) -> tuple[str, list[str]]:
    """Ground and four inks: two tones of the hue, a neighbor at `turn` from it, and a warm light."""
    return _color(hue, 0.30, 0.34), [
        _color(hue, 0.22, 0.38),
        _color(hue, 0.46, 0.30),
        _color(hue + turn, 0.62, 0.52),
        _color(0.115, 0.88, 0.55),
    ]


def _shape(pick: int, x: int, y: int) -> str:
    """A path of one tile whose upper left corner is (x, y)."""
    s, half = TILE, TILE // 2
    quarters = (
        f"M{x} {y}h{s}a{s} {s} 0 0 1-{s} {s}z",
        f"M{x + s} {y}v{s}a{s} {s} 0 0 1-{s}-{s}z",
        f"M{x + s} {y + s}h-{s}a{s} {s} 0 0 1 {s}-{s}z",
        f"M{x} {y + s}v-{s}a{s} {s} 0 0 1 {s} {s}z",
    )
    leaves = (
        f"M{x} {y}a{s} {s} 0 0 1 {s} {s}a{s} {s} 0 0 1-{s}-{s}z",
        f"M{x + s} {y}a{s} {s} 0 0 0-{s} {s}a{s} {s} 0 0 0 {s}-{s}z",
    )
    halves = (
        f"M{x} {y}h{s}a{half} {half} 0 0 1-{s} 0z",
        f"M{x} {y + s}h{s}a{half} {half} 0 0 0-{s} 0z",
    )
    dot = (f"M{x + half} {y + half // 2}a{half // 2} {half // 2} 0 1 0 .1 0z",)
    shapes = quarters + leaves + leaves + halves + dot
    return shapes[pick % len(shapes)]


def picture(kind: Kind, address: str, look: int = 0) -> str:
    """The SVG of an address as `kind`; well below 10 kB. The case of the address does not matter."""
    columns, rows = GRIDS[kind]
    seed = f"{address.lower()} {look}" if look else address.lower()
    dice = _dice(seed)
    ground, inks = _palette(next(dice) / 256, (next(dice) % 3 - 1) * 0.09 + 0.05)
    dice = _dice(f"{kind} {seed}")
    paths: dict[str, list[str]] = {ink: [] for ink in inks}
    for row in range(rows):
        for column in range(columns):
            ink = inks[(0, 0, 1, 1, 1, 2, 2, 3)[next(dice) % 8]]
            paths[ink].append(_shape(next(dice), column * TILE, row * TILE))
    width, height = columns * TILE, rows * TILE
    body = "".join(f'<path fill="{ink}" d="{"".join(shapes)}"/>' for ink, shapes in paths.items() if shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<path fill="{ground}" d="M0 0h{width}v{height}H0z"/>{body}</svg>'
    )
