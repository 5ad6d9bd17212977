"""The picture of a trend: columns on a quiet ground, readable on a phone."""

import io
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

#: Pixels. Twice what a phone shows across, so that letters are sharp there.
WIDTH, HEIGHT = 1080, 720
#: Pixels of a column at most.
WIDEST = 96
#: Labels under the columns at most.
MOST_LABELS = 6

_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 36, 150, 84
_GROUND, _INK, _QUIET, _RULE, _COLUMN, _PEAK = (
    "#ffffff",
    "#1d2733",
    "#5c6b7a",
    "#dfe5ea",
    "#2f7fb8",
    "#e0762b",
)
_STEPS = (1, 2, 5)


def draw(title: str, subtitle: str, columns: Sequence[tuple[str, int]]) -> bytes:
    """Return a PNG of columns, each with its label and its count; there is at least one that is not 0."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    pen = ImageDraw.Draw(image)
    pen.text((_LEFT, 34), _fitting(title, 46), font=_font(46, bold=True), fill=_INK)
    pen.text((_LEFT, 92), subtitle, font=_font(30), fill=_QUIET)
    most = max(count for _label, count in columns)
    step = rule_step(most)
    top = -(-most // step) * step
    for value in range(0, top + 1, step):
        y = _height_of(value, top)
        pen.line((_LEFT, y, WIDTH - _RIGHT, y), fill=_RULE, width=2)
        pen.text((_LEFT - 14, y), str(value), font=_font(28), fill=_QUIET, anchor="rm")
    _columns(pen, columns, top, most)
    _labels(pen, [label for label, _count in columns])
    written = io.BytesIO()
    image.quantize(32, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def rule_step(most: int) -> int:
    """Return the distance of the rules, so that there are at most six: 1, 2, 5, 10, 20, 50, ..."""
    size = 1
    while True:
        for step in _STEPS:
            if most <= step * size * 5:
                return step * size
        size *= 10


def _columns(pen: ImageDraw.ImageDraw, columns: Sequence[tuple[str, int]], top: int, most: int) -> None:
    slot = (WIDTH - _LEFT - _RIGHT) / len(columns)
    gap = max(min(slot * 0.25, 16), slot - WIDEST)
    peaks = [number for number, (_label, count) in enumerate(columns) if count == most]
    for number, (_label, count) in enumerate(columns):
        if count:
            left, right = _LEFT + number * slot + gap / 2, _LEFT + (number + 1) * slot - gap / 2
            colour = _PEAK if number in peaks[:1] else _COLUMN
            pen.rectangle((left, _height_of(count, top), max(right, left + 2), HEIGHT - _BOTTOM), fill=colour)
    middle = _LEFT + (peaks[0] + 0.5) * slot
    pen.text(
        (middle, _height_of(most, top) - 8), str(most), font=_font(30, bold=True), fill=_PEAK, anchor="mb"
    )


def _labels(pen: ImageDraw.ImageDraw, labels: Sequence[str]) -> None:
    slot = (WIDTH - _LEFT - _RIGHT) / len(labels)
    every = max(-(-len(labels) // MOST_LABELS), 1)
    for number in range(0, len(labels), every):
        middle = _LEFT + (number + 0.5) * slot
        half = pen.textlength(labels[number], font=_font(28)) / 2
        middle = min(max(middle, half + 8), WIDTH - half - 8)
        pen.text((middle, HEIGHT - _BOTTOM + 16), labels[number], font=_font(28), fill=_QUIET, anchor="mt")


def _height_of(value: int, top: int) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _fitting(text: str, size: int) -> str:
    """Cut a title to the width of the picture."""
    font, cut = _font(size, bold=True), text
    while font.getlength(cut) > WIDTH - _LEFT - _RIGHT:
        cut = f"{cut.removesuffix('…')[:-1].rstrip()}…"
    return cut


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return PT Sans, which has Latin and Cyrillic letters."""
    weight = "Bold" if bold else "Regular"
    with files("fontpkg_pt_sans").joinpath("files", f"PT_Sans-Web-{weight}.ttf").open("rb") as font:
        return ImageFont.truetype(io.BytesIO(font.read()), size)
