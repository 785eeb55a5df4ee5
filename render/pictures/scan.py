"""Which triangle of a mesh is seen in each pixel, with numpy alone.

Pure: projected corners in, numbers out; colours are `raster`'s. One span for each triangle and row, filled
where a pixel's centre lies inside, so that neighbours neither overlap nor leave a gap; `np.maximum.at` on depth and
triangle number packed into one integer keeps the nearest. What is thinner than a pixel is drawn as a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Hits", "cover", "scan"]

Reals = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

_PIXELS_AT_ONCE = 1 << 17
"""A batch's arrays of about 1 MB stay in the cache: a third faster than batches of 2 M pixels."""
_BEHIND_PX = 0.02
"""How much farther a back face counts: where it meets a front face in an outline, the front one is seen."""
_IN_FRONT_PX = 3.0
"""How far a line must lie before what is behind it to be drawn over it."""
_LEAST_DOUBLED_AREA_PX = 1e-6
"""A triangle below this is seen edge-on: it has no slope, and is a line at most."""
_ID_BITS = np.uint64(32)
_ID_MASK = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Hits:
    """What is seen in a picture of n x n pixels. Triangles too small to be seen have no number."""

    triangle: Ints
    """(n, n) number of the nearest triangle, -1 where there is none"""
    depth: Reals
    """(n, n) pixels towards the viewer; 0 where there is no triangle"""
    slope: Reals
    """(2, m) how much nearer each triangle comes a pixel to the right and a pixel down"""
    face: Ints
    """(m,) the row in `faces` of each triangle"""


@dataclass(frozen=True, eq=False)
class _Triangles:
    """Corners as (3, m) arrays, in pixels."""

    x: Reals
    y: Reals
    z: Reals
    doubled_area: Reals
    """(m,) px²; negative where a face wound counter-clockwise looks to the viewer"""
    slope: Reals
    """(2, m) as in `Hits`"""


def scan(screen: Reals, faces: Ints, n: int) -> Hits:
    """The nearest triangle in each of n x n pixels. `screen` is (3, n_vertices) pixels with depths of at least 1."""
    x, y = _corners(screen[0], faces), _corners(screen[1], faces)
    doubled_area = _doubled_area(x, y)
    is_filling = _holds_a_centre(x) & _holds_a_centre(y)
    is_thin = doubled_area**2 < _longest_squared(x, y)
    face = np.nonzero(is_filling | is_thin)[0]
    z = _corners(screen[2], faces[face])
    seen = _triangles(x[:, face], y[:, face], z, doubled_area[face])
    filled, lines = np.zeros(n * n, np.uint64), np.zeros(n * n, np.uint64)
    _fill(filled, seen, np.nonzero(is_filling[face])[0], n)
    _draw_lines(lines, seen, np.nonzero(is_thin[face])[0], n)
    keys = _merged(filled, lines, seen.slope, n)
    triangle = np.where(keys > 0, (keys & _ID_MASK).astype(np.int64), -1)
    return Hits(triangle.reshape(n, n), _depth(keys).reshape(n, n), seen.slope, face)


def cover(screen: Reals, faces: Ints, n: int) -> Bools:
    """(n, n) which pixels any triangle covers; triangles between pixel centres are left out."""
    x, y = _corners(screen[0], faces), _corners(screen[1], faces)
    face = np.nonzero(_holds_a_centre(x) & _holds_a_centre(y))[0]
    x, y = x[:, face], y[:, face]
    covered = np.zeros(n * n, dtype=np.bool_)
    for row_triangle, row, first, last in _spans(x, y, n):
        span, pixel = _expand(row * n + first, last - first)
        covered[pixel] = True
        del row_triangle, span
    return covered.reshape(n, n)


def _corners(values: Reals, faces: Ints) -> Reals:
    """(3, m) the value at each corner."""
    return values[faces.T]


def _doubled_area(x: Reals, y: Reals) -> Reals:
    area: Reals = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    return area


def _holds_a_centre(values: Reals) -> Bools:
    """Whether a pixel centre lies between a triangle's outermost corners."""
    low, high = _extremes(values)
    held: Bools = np.ceil(low - np.float32(0.5)) < np.ceil(high - np.float32(0.5))
    return held


def _extremes(values: Reals) -> tuple[Reals, Reals]:
    """The least and the greatest of three rows: ten times as fast as `min(axis=0)`."""
    first, second, third = values
    return np.minimum(np.minimum(first, second), third), np.maximum(np.maximum(first, second), third)


def _longest_squared(x: Reals, y: Reals) -> Reals:
    sides = [(x[k] - x[k - 1]) ** 2 + (y[k] - y[k - 1]) ** 2 for k in range(3)]
    return _extremes(np.stack(sides))[1]


def _triangles(x: Reals, y: Reals, z: Reals, doubled_area: Reals) -> _Triangles:
    ux, uy, uz = x[1] - x[0], y[1] - y[0], z[1] - z[0]
    vx, vy, vz = x[2] - x[0], y[2] - y[0], z[2] - z[0]
    is_flat = np.abs(doubled_area) < _LEAST_DOUBLED_AREA_PX
    inverse = np.where(is_flat, np.float32(0), 1 / np.where(is_flat, np.float32(1), doubled_area))
    slope = np.stack(((uz * vy - vz * uy) * inverse, (vz * ux - uz * vx) * inverse))
    return _Triangles(x, y, z, doubled_area, slope)


def _fill(keys: Keys, seen: _Triangles, which: Ints, n: int) -> None:
    """Put the triangles named in `which` into the (n n,) `keys`, where they are nearest."""
    x, y, z = seen.x[:, which], seen.y[:, which], seen.z[:, which]
    rise_x, rise_y = seen.slope[:, which]
    low, high = _extremes(z)
    back = np.where(seen.doubled_area[which] > 0, np.float32(_BEHIND_PX), np.float32(0))
    number = which.astype(np.uint64)
    for triangle, row, first, last in _spans(x, y, n):
        # the plane at both ends of the span, kept within the corners' depths: a plane seen almost edge-on runs away
        at_row = z[0, triangle] + rise_y[triangle] * (_centres(row) - y[0, triangle])
        a, x0 = rise_x[triangle], x[0, triangle]
        ends = [
            (at_row + a * (column - x0)).clip(low[triangle], high[triangle]) - back[triangle]
            for column in (_centres(first), _centres(last - 1))
        ]
        step = (ends[1] - ends[0]) / np.maximum(last - first - 1, 1).astype(np.float32)
        span, pixel = _expand(row * n + first, last - first)
        depth = ends[0][span] + step[span] * (pixel - (row * n + first)[span]).astype(np.float32)
        _put(keys, pixel, depth, number[triangle][span])


def _spans(x: Reals, y: Reals, n: int) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Triangle, row, first pixel and one past the last pixel of every row of every triangle, in batches.

    An edge is always followed from its upper end to its lower one, so that both its triangles round alike.
    """
    order = np.argsort(y, axis=0)
    x, y = np.take_along_axis(x, order, axis=0), np.take_along_axis(y, order, axis=0)
    rows = np.ceil(y - np.float32(0.5)).clip(0, n).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):  # a level edge has no row
        slope_long = (x[2] - x[0]) / (y[2] - y[0])
        slope_upper = (x[1] - x[0]) / (y[1] - y[0])
        slope_lower = (x[2] - x[1]) / (y[2] - y[1])
    n_rows = rows[2] - rows[0]
    low, high = _extremes(x)
    for start, stop in _batches(n_rows * (high - low).astype(np.int64) // 2 + n_rows):
        triangle, row = _expand(rows[0, start:stop], n_rows[start:stop])
        triangle += start
        centre = _centres(row)
        top = x[0, triangle] + (centre - y[0, triangle]) * slope_long[triangle]
        is_upper = row < rows[1, triangle]
        corner = np.where(is_upper, 0, 1)
        slope = np.where(is_upper, slope_upper[triangle], slope_lower[triangle])
        other = x[corner, triangle] + (centre - y[corner, triangle]) * slope
        first = np.ceil(np.minimum(top, other) - np.float32(0.5)).clip(0, n).astype(np.int64)
        last = np.ceil(np.maximum(top, other) - np.float32(0.5)).clip(0, n).astype(np.int64)
        is_there = first < last
        yield triangle[is_there], row[is_there], first[is_there], last[is_there]


def _draw_lines(keys: Keys, seen: _Triangles, which: Ints, n: int) -> None:
    """Put the longest side of each triangle named in `which` into the (n n,) `keys`, where it is nearest."""
    x, y, z = seen.x[:, which], seen.y[:, which], seen.z[:, which]
    sides = np.stack([(x[k] - x[k - 1]) ** 2 + (y[k] - y[k - 1]) ** 2 for k in range(3)])
    end = sides.argmax(axis=0)
    each = np.arange(len(which))
    x0, y0, z0 = x[end - 1, each], y[end - 1, each], z[end - 1, each]
    dx, dy, dz = x[end, each] - x0, y[end, each] - y0, z[end, each] - z0
    steps = np.ceil(np.maximum(np.abs(dx), np.abs(dy))).clip(1, n).astype(np.int64)
    number = which.astype(np.uint64)
    for start, stop in _batches(steps):
        line, k = _expand(np.zeros(stop - start, np.int64), steps[start:stop])
        line += start
        share = (k + 0.5).astype(np.float32) / steps[line].astype(np.float32)
        column = (x0[line] + dx[line] * share).astype(np.int64).clip(0, n - 1)
        row = (y0[line] + dy[line] * share).astype(np.int64).clip(0, n - 1)
        _put(keys, row * n + column, z0[line] + dz[line] * share, number[line])


def _merged(filled: Keys, lines: Keys, slope: Reals, n: int) -> Keys:
    """Lines where all that is filled beside them is clearly behind: along a closed surface they change nothing."""
    place = np.nonzero(lines)[0]
    nearest = _depth(lines[place])
    margin = _IN_FRONT_PX + 2 * np.abs(slope[:, (lines[place] & _ID_MASK).astype(np.int64)]).sum(axis=0)
    row, column = np.divmod(place, n)
    for dy, dx in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = _depth(filled[(row + dy).clip(0, n - 1) * n + (column + dx).clip(0, n - 1)])
        is_kept = (beside == 0) | (nearest > beside + margin)
        place, nearest, margin = place[is_kept], nearest[is_kept], margin[is_kept]
        row, column = row[is_kept], column[is_kept]
    filled[place] = lines[place]
    return filled


def _centres(pixels: Ints) -> Reals:
    return pixels.astype(np.float32) + np.float32(0.5)


def _put(keys: Keys, pixel: Ints, depth: Reals, number: Keys) -> None:
    """A positive float's bits are in the order of its value, so that the greatest key is the nearest."""
    bits = depth.view(np.uint32).astype(np.uint64)
    np.maximum.at(keys, pixel, (bits << _ID_BITS) | number)


def _depth(keys: Keys) -> Reals:
    return (keys >> _ID_BITS).astype(np.uint32).view(np.float32)


def _batches(work: Ints) -> Iterator[tuple[int, int]]:
    """Ranges start..stop of about `_PIXELS_AT_ONCE` of work each."""
    done = np.cumsum(work)
    total = int(done[-1]) if len(done) else 0
    cuts = np.searchsorted(done, np.arange(_PIXELS_AT_ONCE, total, _PIXELS_AT_ONCE)) + 1
    bounds = np.unique(np.concatenate(([0], cuts, [len(work)])))
    yield from zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)


def _expand(start: Ints, count: Ints) -> tuple[Ints, Ints]:
    """For runs of `count` numbers from `start`: each number's run, and the number."""
    run = np.repeat(np.arange(len(count)), count)
    offset = np.cumsum(count) - count
    return run, np.arange(len(run)) + (start - offset)[run]
