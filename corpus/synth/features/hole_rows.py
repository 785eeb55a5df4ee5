"""Several equal round holes through a face, in straight lines: pairs, rows, grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.features.holes import bore_area
from corpus.synth.features.room import (
    check_apart,
    count_through,
    flat_room,
    var,
)
from corpus.synth.num import Num
from corpus.synth.part import Applied, Face, Feature, Options, Rect, Values
from corpus.synth.text import at, cylinder, each, on_face, through_cut
from corpus.synth.words import Measure, pools

__all__ = ["HOLE_ROW_FEATURES", "centered_step", "holes", "looped", "pattern_diameter", "shape"]


def centered_step(index: str, count: Num, pitch: Num) -> Num:
    """Where the repeat `index` of `count` is, about the middle: `(i - (count - 1) / 2) * pitch`."""
    return (var(index) - (count - 1) / 2) * pitch


def holes(v: Values, face: Face, options: Options, spots: Sequence[tuple[float, float]], cut: str) -> Applied:
    d = v["diameter"].value
    return Applied(
        footprints=tuple(Rect(x, y, d, d) for x, y in spots),
        cuts=(cut,),
        volume=-len(spots) * bore_area(v["diameter"], options) * face.thickness.value,
        genus=count_through(face, len(spots)),
    )


def shape(v: Values, face: Face) -> str:
    return cylinder(v["diameter"], face.thickness + 2)


def looped(face: Face, head: str, x: Num | float, y: Num | float, shape: str) -> str:
    """A cut at (x, y) from the middle, which hang on the loop's variables."""
    return on_face(face, each(head, at(face.middle[0] + x, face.middle[1] + y, face.bottom - 1, shape)))


def _draw_pair(draw: Draw, face: Face) -> Mapping[str, float]:
    room, _ = flat_room(face)
    d = draw.size(2, min(20, room * 0.3))
    return {"diameter": d, "spacing": draw.size(d + 1.5, room - d)}


def _pair(v: Values, face: Face, options: Options) -> Applied:
    d, pitch = v["diameter"], v["spacing"]
    check_apart(pitch.value, d.value)
    spots = [(-pitch.value / 2, 0.0), (pitch.value / 2, 0.0)]
    if options["loop"] == "sides":
        cut = looped(face, "sgn = [-1, 1]", var("sgn") * pitch / 2, 0, shape(v, face))
    else:
        mx = face.middle[0]
        cut = on_face(
            face,
            each(
                f"x = [{mx - pitch / 2}, {mx + pitch / 2}]",
                at(var("x"), face.middle[1], face.bottom - 1, shape(v, face)),
            ),
        )
    return holes(v, face, options, spots, cut)


def _draw_row(draw: Draw, face: Face) -> Mapping[str, float]:
    return _row_values(draw, flat_room(face)[0])


def _draw_column(draw: Draw, face: Face) -> Mapping[str, float]:
    return _row_values(draw, flat_room(face)[1])


def _row_values(draw: Draw, room: float) -> Mapping[str, float]:
    count = draw.count(3, 8)
    d = draw.size(2, min(16, room / count - 1))
    return {"count": count, "diameter": d, "spacing": draw.size(d + 1, (room - d) / (count - 1))}


def _row(v: Values, face: Face, options: Options) -> Applied:
    step = _step(v, options)
    return holes(v, face, options, [(x, 0.0) for x in _line(v)], _along(v, face, options, step, 0))


def _column(v: Values, face: Face, options: Options) -> Applied:
    step = _step(v, options)
    return holes(v, face, options, [(0.0, y) for y in _line(v)], _along(v, face, options, 0, step))


def _line(v: Values) -> list[float]:
    count, pitch = int(v["count"].value), v["spacing"].value
    if count < 2:
        raise Infeasible("a row needs two holes")
    check_apart(pitch, v["diameter"].value)
    return [(i - (count - 1) / 2) * pitch for i in range(count)]


def _step(v: Values, options: Options) -> Num:
    return centered_step("i", v["count"], v["spacing"]) if options["loop"] == "centered" else var("i") * v["spacing"]


def _along(v: Values, face: Face, options: Options, x: Num | float, y: Num | float) -> str:
    """The loop of a row: about its middle, or from its first hole on."""
    head = f"i = [0 : {v['count'] - 1}]"
    if options["loop"] == "centered":
        return looped(face, head, x, y, shape(v, face))
    back = -((v["count"] - 1) * v["spacing"] / 2)
    first_x, first_y = (back if isinstance(n, Num) else 0 for n in (x, y))
    return through_cut(face, first_x, first_y, each(head, at(x, y, 0, shape(v, face))))


def _draw_grid(draw: Draw, face: Face) -> Mapping[str, float]:
    width, depth = flat_room(face)
    columns, rows = draw.count(2, 6), draw.count(2, 5)
    d = draw.size(2, min(12, width / columns - 1, depth / rows - 1))
    most = min((width - d) / (columns - 1), (depth - d) / (rows - 1))
    return {"columns": columns, "rows": rows, "diameter": d, "spacing": draw.size(d + 1, most)}


def _grid(v: Values, face: Face, options: Options) -> Applied:
    columns, rows, pitch = v["columns"], v["rows"], v["spacing"]
    check_apart(pitch.value, v["diameter"].value)
    n, m = int(columns.value), int(rows.value)
    if min(n, m) < 1:
        raise Infeasible("a grid needs a row")
    spots = [((i - (n - 1) / 2) * pitch.value, (j - (m - 1) / 2) * pitch.value) for i in range(n) for j in range(m)]
    head = f"i = [0 : {columns - 1}], j = [0 : {rows - 1}]"
    if options["loop"] == "centered":
        moved = at(centered_step("i", columns, pitch), centered_step("j", rows, pitch), 0, shape(v, face))
        cut = through_cut(face, 0, 0, each(head, moved))
    else:
        moved = at(var("i") * pitch, var("j") * pitch, 0, shape(v, face))
        cut = through_cut(face, -((columns - 1) * pitch / 2), -((rows - 1) * pitch / 2), each(head, moved))
    return holes(v, face, options, spots, cut)


_LOOP = {"loop": ("centered", "first")}
_SPACING = Measure(("hole spacing", "hole pitch"), low=3, high=100)


def pattern_diameter(noun: str) -> Measure:
    return Measure((noun, "hole diameter"), low=2, high=20, is_screw=True)


HOLE_ROW_FEATURES = (
    Feature(
        "hole_pair",
        "pair of holes",
        "pair_",
        {"diameter": pattern_diameter("pair hole diameter"), "spacing": _SPACING},
        _draw_pair,
        _pair,
        pools(
            "two {diameter} holes {spacing} apart@F | a pair of {diameter} holes@F spaced {spacing} | "
            "2 holes of {diameter} side by side@F, {spacing} center to center | "
            "two holes@F, {diameter} in diameter and {spacing} apart, left and right of the middle | "
            "a pair of holes@F, {diameter} each, {spacing} between centers | "
            "two {diameter} mounting holes@F with a spacing of {spacing} | "
            "two {diameter} screw holes@F, {spacing} apart",
            "twin {diameter} bores@F set {spacing} from one another | "
            "two round openings of {diameter}@F at a distance of {spacing}",
        ),
        pools(
            "two holes side by side@F | a pair of screw holes@F | two mounting holes@F",
            "twin bores@F",
        ),
        options={"loop": ("sides", "places")},
        weight=1.3,
    ),
    Feature(
        "hole_row",
        "row of holes",
        "row_",
        {
            "count": Measure(("number of holes",), low=2, high=12, kind="count"),
            "diameter": pattern_diameter("row hole diameter"),
            "spacing": _SPACING,
        },
        _draw_row,
        _row,
        pools(
            "a row of {count#} {diameter} holes {spacing} apart@F | "
            "{count#} holes in a row@F, {diameter} wide, {spacing} apart | "
            "{count#} {diameter} holes in a line@F spaced {spacing} | "
            "a line of {count#} holes@F, {diameter} each, pitch {spacing} | "
            "{count#} evenly spaced {diameter} holes along the middle@F, {spacing} between centers | "
            "a left-to-right row of {count#} holes@F with a diameter of {diameter} and a spacing of {spacing}",
            "{count#} {diameter} bores@F queued left to right every {spacing} | "
            "a string of {count#} openings@F, {diameter} across, one each {spacing}",
        ),
        pools("a row of holes@F | several holes in a line@F", "a string of openings@F"),
        options=_LOOP,
        weight=1.3,
    ),
    Feature(
        "hole_column",
        "column of holes",
        "column_",
        {
            "count": Measure(("number of holes",), low=2, high=12, kind="count"),
            "diameter": pattern_diameter("column hole diameter"),
            "spacing": _SPACING,
        },
        _draw_column,
        _column,
        pools(
            "a column of {count#} {diameter} holes {spacing} apart@F | "
            "{count#} holes one above the other@F, {diameter} wide and {spacing} apart | "
            "{count#} {diameter} holes in a vertical line@F spaced {spacing} | "
            "an upright row of {count#} holes@F, {diameter} each, pitch {spacing} | "
            "{count#} {diameter} holes stacked in a column@F, {spacing} between centers | "
            "a vertical row of {count#} holes@F with diameter {diameter} and spacing {spacing}",
            "{count#} {diameter} bores@F lined up bottom to top every {spacing} | "
            "a file of {count#} openings@F, {diameter} across, one above another each {spacing}",
        ),
        pools("a column of holes@F | a vertical row of holes@F", "a file of openings@F, one above another"),
        options=_LOOP,
        weight=0.7,
    ),
    Feature(
        "hole_grid",
        "grid of holes",
        "grid_",
        {
            "columns": Measure(("number of columns",), low=2, high=12, kind="count"),
            "rows": Measure(("number of rows",), low=2, high=12, kind="count"),
            "diameter": pattern_diameter("grid hole diameter"),
            "spacing": _SPACING,
        },
        _draw_grid,
        _grid,
        pools(
            "a grid of {columns} x {rows} holes@F, {diameter} wide and {spacing} apart | "
            "a {columns} by {rows} grid of {diameter} holes@F spaced {spacing} | "
            "{columns#} columns and {rows#} rows of {diameter} holes@F, {spacing} apart | "
            "an array of {columns} by {rows} {diameter} holes@F with @a {spacing} pitch | "
            "a hole grid@F: {columns} across, {rows} down, {diameter} holes, {spacing} spacing | "
            "{rows#} rows of {columns#} holes@F, each {diameter}, on @a {spacing} grid",
            "a matrix of {columns} by {rows} bores@F, {diameter} wide at {spacing} intervals | "
            "perforated@F with {columns#} times {rows#} openings of {diameter}, one each {spacing}",
        ),
        pools("a grid of holes@F | an array of small holes@F | a perforated area@F", "a matrix of openings@F"),
        options=_LOOP,
        weight=1.2,
    ),
)
