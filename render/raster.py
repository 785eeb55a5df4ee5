"""Draws a mesh with numpy alone: orthographic three-quarter view, soft shading, dark feature edges, a soft shadow.

Pure: mesh in, RGBA pixels out. One span for each triangle and row, and a z-test by `np.maximum.at` on depth and
triangle number packed into one integer. Needs no graphics library; files and captions are `render.preview`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from render.mesh import Triangles

__all__ = ["draw_mesh"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]

SUPERSAMPLING = 2
MARGIN = 0.09
"""Empty border around the part, as a share of the picture."""
EYE = np.array([0.62, -1.0, 0.72])
"""From the part towards the viewer: a look from the front right, from above."""
_LIGHTS = ((np.array([-0.35, -0.75, 1.0]), 0.72), (np.array([1.0, -0.35, 0.25]), 0.26))
_AMBIENT = 0.30
_PART_RGB = np.array([0.60, 0.70, 0.83])
_EDGE_RGB = np.array([0.10, 0.14, 0.21])
_EDGE_OPACITY = 0.88
_SHADOW_OPACITY = 0.20
_SHADOW_SHIFT = np.array([0.22, 0.30])
"""Where the shadow of one mm of height falls, mm in x and y."""
_EDGE_COSINE = float(np.cos(np.radians(28)))
"""Facets of a circle of 13 segments or more meet at less than 28° and show no edge between them."""
_FRAGMENTS_AT_ONCE = 1 << 21


@dataclass(frozen=True, eq=False)
class _View:
    """Screen coordinates (x right, y down, in pixels; depth towards the viewer, mm) of points in space."""

    axes: Floats
    """(3, 3) right, down and towards the viewer, as rows"""
    scale: float
    """pixels a mm"""
    offset: Floats

    def project(self, points: Floats) -> Floats:
        seen = points @ self.axes.T
        seen[..., :2] = seen[..., :2] * self.scale + self.offset
        return seen

    def at_scale(self, factor: float) -> _View:
        return _View(self.axes, self.scale * factor, self.offset * factor)


def draw_mesh(mesh: Triangles, size_px: int) -> Pixels:
    """(size_px, size_px, 4) RGBA, straight alpha; the ground is transparent but for the shadow."""
    n = size_px * SUPERSAMPLING
    corners = mesh.corners
    shadow_corners = corners.copy()
    height = corners[:, :, 2] - corners[:, :, 2].min()
    shadow_corners[:, :, :2] += height[:, :, None] * _SHADOW_SHIFT
    shadow_corners[:, :, 2] -= height
    view = _fit(corners.reshape(-1, 3), shadow_corners.reshape(-1, 3), n)
    colour, coverage = _draw_part(corners, view, n)
    colour, coverage = _downsample(colour * coverage[..., None]), _downsample(coverage)
    shadow = _draw_shadow(shadow_corners, view.at_scale(1 / SUPERSAMPLING), size_px)
    alpha = coverage + (1 - coverage) * shadow
    with np.errstate(invalid="ignore", divide="ignore"):
        straight = np.where(alpha[..., None] > 0, colour / alpha[..., None], 0.0)  # the shadow itself is black
    return np.round(np.concatenate((straight, alpha[..., None]), axis=2).clip(0, 1) * 255).astype(np.uint8)


def _fit(points: Floats, shadow: Floats, n: int) -> _View:
    towards = EYE / np.linalg.norm(EYE)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    axes = np.stack((right, -np.cross(towards, right), towards))
    seen = np.concatenate((points @ axes.T, shadow @ axes.T))[:, :2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = n * (1 - 2 * MARGIN) / max(float((high - low).max()), 1e-9)
    return _View(axes, scale, n / 2 - (low + high) / 2 * scale)


def _draw_part(corners: Floats, view: _View, n: int) -> tuple[Floats, Floats]:
    """Colour (n, n, 3) and coverage (n, n), 0 or 1."""
    screen = view.project(corners)
    planes, is_visible = _depth_planes(screen)
    screen, planes = screen[is_visible], planes[is_visible]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[is_visible]
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    normals *= np.where(normals @ view.axes[2] < 0, -1.0, 1.0)[:, None]  # an open mesh shows its inside too
    nearest = _nearest_triangle(screen, planes, n)
    is_part = nearest >= 0
    colour = np.zeros((n, n, 3))
    colour[is_part] = _shade(normals)[nearest[is_part]]
    edge = _feature_edges(nearest, normals, planes, view.scale)
    colour[edge] += (_EDGE_RGB - colour[edge]) * _EDGE_OPACITY
    return colour, (is_part | edge).astype(np.float64)


def _shade(normals: Floats) -> Floats:
    light = np.full(len(normals), _AMBIENT)
    for direction, strength in _LIGHTS:
        light += strength * np.maximum(normals @ (direction / np.linalg.norm(direction)), 0.0)
    shaded: Floats = np.clip(light[:, None] * _PART_RGB * 1.12 + 0.04, 0, 1)
    return shaded


def _depth_planes(screen: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(n, 3) a, b, c with depth = a x + b y + c, and which triangles aren't seen edge-on."""
    p0, p1, p2 = screen[:, 0], screen[:, 1], screen[:, 2]
    u, v = p1 - p0, p2 - p0
    det = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    is_visible = np.abs(det) > 1e-6
    safe = np.where(is_visible, det, 1.0)
    a = (u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) / safe
    b = (v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) / safe
    return np.stack((a, b, p0[:, 2] - a * p0[:, 0] - b * p0[:, 1]), axis=1), is_visible


def _nearest_triangle(screen: Floats, planes: Floats, n: int) -> Ints:
    """(n, n) number of the triangle seen in each pixel, -1 for none."""
    depths = screen[:, :, 2]
    low, high = (float(depths.min()), float(depths.max())) if len(screen) else (0.0, 1.0)
    keys = np.zeros(n * n, dtype=np.uint64)
    for triangle, x, y in _fragments(screen, n):
        depth = planes[triangle, 0] * (x + 0.5) + planes[triangle, 1] * (y + 0.5) + planes[triangle, 2]
        level = ((depth - low) / max(high - low, 1e-12)).clip(0, 1) * (2**32 - 2) + 1  # 0 means nothing there
        np.maximum.at(keys, y * n + x, (level.astype(np.uint64) << np.uint64(32)) | triangle.astype(np.uint64))
    nearest = np.where(keys > 0, (keys & np.uint64(0xFFFFFFFF)).astype(np.int64), -1)
    return nearest.reshape(n, n)


def _fragments(screen: Floats, n: int) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Every (triangle, x, y) whose pixel centre a triangle covers, a few million at a time."""
    y_low = np.ceil(screen[:, :, 1].min(axis=1) - 0.5).clip(0, n).astype(np.int64)
    y_high = np.floor(screen[:, :, 1].max(axis=1) - 0.5).clip(-1, n - 1).astype(np.int64)
    row_triangle, row_y = _expand(y_low, y_high)
    x_low, x_high = _spans(screen, row_triangle, row_y + 0.5, n)
    n_before = np.cumsum(np.maximum(x_high - x_low + 1, 0))
    starts = np.searchsorted(n_before, np.arange(0, n_before[-1] if len(n_before) else 0, _FRAGMENTS_AT_ONCE))
    for start, stop in pairwise([*starts.tolist(), len(row_triangle)]):
        row, x = _expand(x_low[start:stop], x_high[start:stop])
        yield row_triangle[start:stop][row], x, row_y[start:stop][row]


def _expand(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """For ranges low..high: each range's number, repeated, and its values one after the other."""
    counts = np.maximum(high - low + 1, 0)
    owner = np.repeat(np.arange(len(low)), counts)
    first = np.repeat(low - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) if len(low) else low
    return owner, np.arange(len(owner)) + first


def _spans(screen: Floats, triangle: Ints, y: npt.NDArray[np.floating], n: int) -> tuple[Ints, Ints]:
    """First and last pixel that each triangle covers in a row."""
    low, high = np.full(len(y), np.inf), np.full(len(y), -np.inf)
    for k in range(3):
        p, q = screen[triangle, k, :2], screen[triangle, (k + 1) % 3, :2]
        rise = q[:, 1] - p[:, 1]
        t = (y - p[:, 1]) / np.where(rise == 0, np.inf, rise)
        crosses = (rise != 0) & (t >= 0) & (t <= 1)
        x = p[:, 0] + t * (q[:, 0] - p[:, 0])
        low = np.where(crosses, np.minimum(low, x), low)
        high = np.where(crosses, np.maximum(high, x), high)
    is_crossed = low <= high
    first = np.ceil(np.where(is_crossed, low, 1) - 0.5).clip(0, n).astype(np.int64)
    last = np.floor(np.where(is_crossed, high, 0) - 0.5).clip(-1, n - 1).astype(np.int64)
    return first, last


def _feature_edges(nearest: Ints, normals: Floats, planes: Floats, scale: float) -> npt.NDArray[np.bool_]:
    """Pixels on an outline, a crease or a step in depth."""
    n = len(nearest)
    edge = np.zeros((n, n), dtype=bool)
    for dx, dy in ((1, 0), (0, 1)):
        here, there = nearest[: n - dy, : n - dx], nearest[dy:, dx:]
        ys, xs = np.nonzero(here != there)
        one, other = here[ys, xs], there[ys, xs]
        is_edge = (one < 0) | (other < 0)
        both = np.nonzero(~is_edge)[0]
        a, b = one[both], other[both]
        is_crease = np.einsum("ij,ij->i", normals[a], normals[b]) < _EDGE_COSINE
        x, y = xs[both] + 0.5 + dx / 2, ys[both] + 0.5 + dy / 2
        apart = planes[a] - planes[b]
        gap = np.abs(apart[:, 0] * x + apart[:, 1] * y + apart[:, 2])
        steep = np.abs(planes[a, :2]).max(axis=1) + np.abs(planes[b, :2]).max(axis=1)
        is_edge[both] = is_crease | (gap > 2.5 / scale + 1.5 * steep)
        edge[ys[is_edge], xs[is_edge]] = True
        edge[ys[is_edge] + dy, xs[is_edge] + dx] = True
    return edge


def _draw_shadow(corners: Floats, view: _View, n: int) -> Floats:
    from PIL import Image, ImageFilter

    screen = view.project(corners)
    covered = np.zeros(n * n, dtype=np.uint8)
    for _triangle, x, y in _fragments(screen[_depth_planes(screen)[1]], n):
        covered[y * n + x] = 255
    soft = Image.fromarray(covered.reshape(n, n)).filter(ImageFilter.GaussianBlur(n / 45))
    return np.asarray(soft, dtype=np.float64) / 255 * _SHADOW_OPACITY


def _downsample(pixels: Floats) -> Floats:
    k = SUPERSAMPLING
    n = len(pixels) // k
    averaged: Floats = pixels.reshape(n, k, n, k, *pixels.shape[2:]).mean(axis=(1, 3))
    return averaged
