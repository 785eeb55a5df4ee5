"""Numbers in relief on a face: raised and engraved. Their volume is left open: it hangs on the font.

A letter's hole makes none through the part, so the number of handles stays as it was. Words would need a request that
can quote a choice, not only numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.room import check_blind, flat_room, square_footprint
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import blind_cut, standing
from corpus.synth.words import Measure, pools

__all__ = ["LABEL_FEATURES"]

_DIGIT_WIDTH, _DIGIT_HEIGHT = 0.78, 1.0
"""Of the default font's figures, in sizes of the text: 0.772 from one to the next, 0.983 tall."""


def _draw_number(draw: Draw, face: Face) -> tuple[float, float]:
    width, depth = flat_room(face)
    number = draw.choice((draw.count(0, 9), draw.count(0, 9), draw.count(10, 99), draw.count(100, 999)))
    n = len(f"{number:.0f}")
    return number, draw.size(4, min(40, width / (n * _DIGIT_WIDTH), depth / _DIGIT_HEIGHT))


def _text(v: Values, height: Num) -> str:
    outline = f'text(str({v["number"]}), size = {v["size"]}, halign = "center", valign = "center");'
    return f"linear_extrude(height = {height})\n  {outline}"


def _spot(v: Values) -> tuple[Rect, ...]:
    number, size = v["number"].value, v["size"].value
    if number < 0 or number != int(number):
        raise Infeasible("a whole number")
    return (square_footprint(0, 0, size * _DIGIT_WIDTH * len(f"{number:.0f}"), size * _DIGIT_HEIGHT),)


def _draw_raised(draw: Draw, face: Face) -> Mapping[str, float]:
    number, size = _draw_number(draw, face)
    most = 3.0 if face.rise_limit is None else min(3.0, face.rise_limit)
    return {"number": number, "size": size, "height": draw.size(0.5, most)}


def _raised(v: Values, face: Face, options: Options) -> Applied:
    h = v["height"]
    text = standing(face, 0, 0, _text(v, face.thickness / 2 + h))
    return Applied(_spot(v), adds=(text,), rise=h.value, is_exact=False)


def _draw_engraved(draw: Draw, face: Face) -> Mapping[str, float]:
    number, size = _draw_number(draw, face)
    return {"number": number, "size": size, "depth": draw.size(0.3, min(3, face.thickness.value - 0.8))}


def _engraved(v: Values, face: Face, options: Options) -> Applied:
    depth = v["depth"]
    check_blind(depth, face)
    return Applied(_spot(v), cuts=(blind_cut(face, 0, 0, depth, _text(v, depth + 1)),), is_exact=False)


_NUMBER = Measure(("label number",), low=0, high=999, kind="count")
_SIZE = Measure(("text size",), low=3, high=60)

LABEL_FEATURES = (
    Feature(
        "raised_number",
        "raised number",
        "label_",
        {"number": _NUMBER, "size": _SIZE, "height": Measure(("text height",), low=0.4, high=5)},
        _draw_raised,
        _raised,
        pools(
            "the number {number} raised {height}@F, text size {size} | "
            "raised number {number}@F, {size} tall and {height} high | "
            "the number {number} in raised figures@F, size {size}, standing out {height} | "
            "an embossed {number}@F, size {size}, {height} high | "
            "the number {number}@F as raised text of size {size}, {height} thick | "
            "a raised label {number}@F with text size {size} and {height} of relief",
            "{number} in relief@F, figures of {size}, {height} proud | "
            "bearing the figures {number}@F, lifted {height}, each {size}",
        ),
        pools("a raised number@F | an embossed number@F", "figures in relief@F"),
        weight=0.8,
    ),
    Feature(
        "engraved_number",
        "engraved number",
        "label_",
        {"number": _NUMBER, "size": _SIZE, "depth": Measure(("engraving depth",), low=0.3, high=5)},
        _draw_engraved,
        _engraved,
        pools(
            "the number {number} engraved {depth} deep@F, text size {size} | "
            "engraved number {number}@F, {size} tall and {depth} deep | "
            "the number {number} cut {depth} into it@F, size {size} | "
            "an engraved {number}@F, size {size}, depth {depth} | "
            "the number {number}@F as engraved text of size {size}, {depth} deep | "
            "an engraved label {number}@F with text size {size} and a depth of {depth}",
            "{number} incised@F, figures of {size}, {depth} down | "
            "bearing the figures {number}@F, sunk {depth}, each {size}",
        ),
        pools("an engraved number@F | a number cut into it@F", "incised figures@F"),
        weight=0.8,
    ),
)
