"""Cover images, drawn: flat geometry, one palette and one motif per theme, no text, nobody.

The same key always gives the same picture.
"""

from __future__ import annotations

import hashlib
import io
import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageOps

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = 1600, 900
# Drawn larger and reduced, since Pillow's shapes have jagged edges.
SCALE = 2

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Palette:
    """Five colours: what lies behind, three that cover each other, one that stands out."""

    ground: str
    deep: str
    middle: str
    light: str
    accent: str

    @property
    def shapes(self) -> list[str]:
        return [self.deep, self.middle, self.light, self.accent]


PALETTES = {
    "lagoon": Palette("#e9f1ee", "#0f4c5c", "#2f8f8b", "#a9d6c9", "#f2a65a"),
    "night": Palette("#ecedf6", "#23305e", "#5266b0", "#b7c2e8", "#f4b860"),
    "violet": Palette("#f1ecf5", "#3d2c63", "#7a5ea8", "#cdbde3", "#f08a74"),
    "plum": Palette("#f6ecee", "#52233f", "#99486b", "#e2b4c2", "#e9a34f"),
    "ink": Palette("#f3efe6", "#1f2f46", "#56708f", "#c3cfd9", "#d9903d"),
    "sage": Palette("#eef2e8", "#2b4f3f", "#6b9a75", "#c2d8b9", "#ef9a73"),
    "coral": Palette("#f9eee8", "#5b2f3c", "#d4735e", "#f0bfa5", "#3f8c8c"),
    "ochre": Palette("#f8f1e0", "#4a3b5c", "#d99a2b", "#f2d48f", "#2f8f8b"),
}


class Sheet:
    """What is drawn on, in the units of the final image."""

    def __init__(self, palette: Palette, chance: random.Random) -> None:
        self.palette = palette
        self.chance = chance
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), palette.ground)
        self.draw = ImageDraw.Draw(self.image)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.draw.ellipse(_scaled(_around(x, y, radius)), fill=colour)

    def ring(self, x: float, y: float, radius: float, width: float, colour: str) -> None:
        box = _scaled(_around(x, y, radius))
        self.draw.ellipse(box, outline=colour, width=round(width * SCALE))

    def sector(  # noqa: PLR0917 (as a circle, with its two angles)
        self, x: float, y: float, radius: float, start: int, end: int, colour: str
    ) -> None:
        self.draw.pieslice(_scaled(_around(x, y, radius)), start, end, fill=colour)

    def block(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self.draw.rectangle(_scaled((left, top, right, bottom)), fill=colour)

    def pill(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        radius = round(min(right - left, bottom - top) * SCALE / 2)
        self.draw.rounded_rectangle(_scaled((left, top, right, bottom)), radius, fill=colour)

    def polygon(self, points: list[tuple[float, float]], colour: str) -> None:
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def line(self, points: list[tuple[float, float]], width: float, colour: str) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, colour)

    def png(self) -> bytes:
        output = io.BytesIO()
        reduced = self.image.reduce(SCALE)
        if self.chance.random() < 1 / 2:
            reduced = ImageOps.mirror(reduced)
        # Lightly: whoever keeps the file encodes it again.
        reduced.save(output, "PNG", compress_level=1)
        return output.getvalue()


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _scaled(box: Box) -> Box:
    left, top, right, bottom = box
    return left * SCALE, top * SCALE, right * SCALE, bottom * SCALE


# Motifs


def mosaic(sheet: Sheet) -> None:
    """Tiles of quarters, halves, leaves and discs."""
    size = 225
    colours = [*sheet.palette.shapes, sheet.palette.ground, sheet.palette.light]
    previous = ""
    for row in range(4):
        for column in range(8):
            left, top = column * size - 100, row * size
            back = sheet.chance.choice([colour for colour in colours if colour != previous])
            front = sheet.chance.choice([colour for colour in colours if colour != back])
            previous = back
            sheet.block(left, top, left + size, top + size, back)
            _tile(sheet, left, top, size, front)


def _tile(sheet: Sheet, left: float, top: float, size: float, colour: str) -> None:
    corner = sheet.chance.randrange(4)
    x = left + size * (corner in (1, 2))
    y = top + size * (corner in (2, 3))
    start = corner * 90
    half = size / 2
    match sheet.chance.choice(["quarter", "quarter", "leaf", "half", "half", "disc", "arcs"]):
        case "quarter":
            sheet.sector(x, y, size, start, start + 90, colour)
        case "leaf":
            sheet.polygon(_leaf(left, top, size, rising=bool(corner % 2)), colour)
        case "half":
            side = [(left, top + half), (left + half, top), (left + size, top + half)]
            middle = [*side, (left + half, top + size)][corner]
            first = [270, 0, 90, 180][corner]
            sheet.sector(*middle, half, first, first + 180, colour)
        case "disc":
            sheet.disc(left + half, top + half, size * 0.3, colour)
        case "arcs":
            sheet.sector(x, y, size, start, start + 90, colour)
            sheet.sector(x, y, size * 0.7, start, start + 90, sheet.palette.ground)
            sheet.sector(x, y, size * 0.4, start, start + 90, sheet.palette.accent)


def _leaf(left: float, top: float, size: float, *, rising: bool) -> list[tuple[float, float]]:
    """Return the outline of what two quarters of discs of opposite corners share."""
    steps = [math.radians(degrees) for degrees in range(0, 91, 3)]
    there = [(size * math.sin(a), size * (1 - math.cos(a))) for a in steps]
    back = [(size * (1 - math.sin(a)), size * math.cos(a)) for a in steps]
    points = [*there, *back]
    if rising:
        points = [(size - x, y) for x, y in points]
    return [(left + x, top + y) for x, y in points]


def rings(sheet: Sheet) -> None:
    """Circles that spread from two places: to notice, to listen."""
    chance, palette = sheet.chance, sheet.palette
    sheet.block(0, 0, WIDTH, HEIGHT, palette.deep)
    left = chance.uniform(380, 620)
    top = chance.uniform(340, 560)
    for step, radius in enumerate(range(1500, 120, -120)):
        colour = (palette.deep, palette.middle, palette.deep, palette.light)[step % 4]
        sheet.disc(left, top, radius, colour)
        sheet.disc(left, top, radius - (96 if step % 4 in (1, 3) else 60), palette.deep)
    sheet.disc(left, top, 150, palette.accent)
    x, y = chance.uniform(1130, 1330), chance.uniform(300, 600)
    for radius, colour in (
        (300, palette.ground),
        (225, palette.middle),
        (150, palette.light),
        (75, palette.deep),
    ):
        sheet.disc(x, y, radius, colour)


def hills(sheet: Sheet) -> None:
    """Hills one behind the other under a sun: a way that goes on."""
    chance, palette = sheet.chance, sheet.palette
    sun = chance.uniform(350, 1250)
    height = chance.uniform(250, 340)
    sheet.disc(sun, height, 210, palette.light)
    sheet.disc(sun, height, 150, palette.accent)
    colours = [palette.light, palette.middle, palette.deep]
    colours = [_mix(palette.ground, palette.light, 0.6), *colours]
    for layer, colour in enumerate(colours):
        base = 420 + layer * 125
        waves = [
            (chance.uniform(55, 100), chance.uniform(1.1, 1.9), chance.uniform(0, math.tau)),
            (chance.uniform(12, 30), chance.uniform(2.5, 3.8), chance.uniform(0, math.tau)),
        ]
        crest = [
            (
                float(x),
                base + sum(high * math.sin(math.tau * x / WIDTH * n + at) for high, n, at in waves),
            )
            for x in range(0, WIDTH + 1, 8)
        ]
        sheet.polygon([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], colour)


def network(sheet: Sheet) -> None:
    """Points that lines join: a network and its territory."""
    chance, palette = sheet.chance, sheet.palette
    sheet.disc(chance.uniform(200, 500), chance.uniform(600, 800), 520, palette.light)
    sheet.disc(
        chance.uniform(1150, 1400),
        chance.uniform(100, 300),
        420,
        _mix(palette.ground, palette.light, 0.5),
    )
    points = [
        (
            column * 270 + 125 + chance.uniform(-75, 75),
            row * 250 + 200 + chance.uniform(-70, 70),
        )
        for row in range(3)
        for column in range(6)
    ]
    pairs = {
        (min(index, other), max(index, other))
        for index, point in enumerate(points)
        for other in sorted(range(len(points)), key=lambda o: math.dist(point, points[o]))[1:4]
    }
    for one, other in sorted(pairs):
        sheet.line([points[one], points[other]], 7, palette.middle)
    for index, (x, y) in enumerate(points):
        radius = chance.choice([24, 32, 32, 46, 64])
        colour = palette.accent if index % 7 == 3 else palette.deep  # noqa: PLR2004
        sheet.disc(x, y, radius + 12, palette.ground)
        sheet.disc(x, y, radius, colour)
        if radius > 40:  # noqa: PLR2004
            sheet.disc(x, y, radius * 0.42, palette.ground)


def arches(sheet: Sheet) -> None:
    """Arches inside arches: a door, a shelter."""
    chance, palette = sheet.chance, sheet.palette
    sheet.disc(chance.uniform(600, 1000), 330, 260, palette.light)
    width = 400
    for column in range(5):
        middle = column * width
        top = chance.uniform(300, 560)
        colours = [palette.deep, palette.middle, palette.light, palette.accent]
        if column % 2:
            colours = [palette.middle, palette.deep, palette.accent, palette.ground]
        for step, colour in enumerate(colours):
            half = width / 2 - step * 46
            sheet.disc(middle, top + width / 2, half, colour)
            sheet.block(middle - half, top + width / 2, middle + half, HEIGHT, colour)


def dots(sheet: Sheet) -> None:
    """A screen of dots through which a wave goes."""
    chance, palette = sheet.chance, sheet.palette
    sheet.block(0, 0, WIDTH, HEIGHT, palette.deep)
    at = [(chance.uniform(200, 1400), chance.uniform(100, 800)) for _ in range(2)]
    length = chance.uniform(300, 420)
    step = 50
    for row in range(HEIGHT // step):
        for column in range(WIDTH // step):
            x, y = (column + 0.5) * step, (row + 0.5) * step
            wave = sum(math.cos(math.dist((x, y), here) / length * math.tau) for here in at) / 2
            radius = 4 + 19 * (wave + 1) / 2
            strong = wave > 0.72  # noqa: PLR2004
            colour = palette.accent if strong else palette.light if wave > 0 else palette.middle
            sheet.disc(x, y, radius, colour)


def paths(sheet: Sheet) -> None:
    """Lines side by side that turn together: ways out, ways back."""
    chance, palette = sheet.chance, sheet.palette
    colours = [palette.deep, palette.middle, palette.accent, palette.light]
    width, gap = 52, 74
    bend = chance.uniform(380, 620)
    climb = chance.uniform(330, 470)
    for rank, colour in enumerate(colours):
        y = 660 + (rank - 1.5) * gap
        x = bend + (rank - 1.5) * gap * 0.41
        points = [(-60.0, y), (x, y), (x + climb, y - climb), (WIDTH + 60.0, y - climb)]
        sheet.line(points, width, colour)
        stop = x + climb + 160 + 90 * chance.randrange(5)
        sheet.disc(stop, y - climb, 17, palette.ground)
    x = chance.uniform(1050, 1250)
    sheet.disc(chance.uniform(180, 330), 220, 110, palette.light)
    sheet.disc(x, 745, 130, palette.middle)
    sheet.disc(x, 745, 78, palette.ground)
    sheet.disc(x, 745, 36, palette.accent)


def columns(sheet: Sheet) -> None:
    """Bars with round ends, at the height of their rank: rules, reference points."""
    chance, palette = sheet.chance, sheet.palette
    colours = [palette.deep, palette.middle, palette.light]
    width, gap = 84, 28
    for rank in range(15):
        left = rank * (width + gap) - 25
        wave = math.sin(rank * chance.uniform(0.5, 0.62)) * 190
        top, bottom = 300 + wave - chance.uniform(0, 90), 640 + wave + chance.uniform(0, 120)
        sheet.pill(left, top, left + width, bottom, colours[rank % 3])
        if rank % 4 == 1:
            sheet.disc(left + width / 2, top + width / 2, width * 0.3, palette.accent)
        sheet.disc(left + width / 2, bottom + 70, width * 0.2, colours[(rank + 1) % 3])


def _mix(one: str, other: str, share: float) -> str:
    """Return the colour that lies between two, at ``share`` of the way."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


STYLES: dict[str, tuple[str, Callable[[Sheet], None]]] = {
    "reperage": ("lagoon", rings),
    "signalement": ("lagoon", rings),
    "orientation": ("lagoon", paths),
    "accompagnement": ("sage", hills),
    "soin": ("coral", hills),
    "psychotraumatisme": ("coral", arches),
    "prevention": ("ochre", mosaic),
    "comprendre": ("lagoon", mosaic),
    "fugue": ("night", paths),
    "numerique": ("violet", dots),
    "emprise": ("plum", columns),
    "auteurs": ("plum", columns),
    "juridique": ("ink", columns),
    "addictions": ("coral", mosaic),
    "parentalite": ("coral", arches),
    "vie-affective": ("coral", mosaic),
    "handicap": ("violet", mosaic),
    "traite": ("plum", network),
    "hebergement": ("night", arches),
    "insertion": ("sage", arches),
    "outre-mer": ("lagoon", hills),
    "pratiques": ("sage", mosaic),
    "partenariats": ("ink", network),
    "reseau": ("night", network),
    "urgence": ("night", rings),
}
"""Palette and motif of each theme, and of what has none."""


@lru_cache(maxsize=64)
def draw_cover(key: str, style: str) -> bytes:
    """Return the picture for ``key`` as a PNG.

    Args:
        key: any text; two keys of one style give two pictures of one family.
        style: a key of :data:`STYLES`.
    """
    palette, motif = STYLES[style]
    seed = hashlib.sha256(key.encode()).digest()
    sheet = Sheet(PALETTES[palette], random.Random(seed))  # noqa: S311 (a picture, no secret)
    motif(sheet)
    return sheet.png()
