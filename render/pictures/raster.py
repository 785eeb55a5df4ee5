"""Draws a mesh with numpy alone: soft shading, dark feature edges, and in the iso view a soft shadow.

Pure: mesh in, RGBA pixels out. Which triangle is seen where is `scan`'s, the viewpoint `camera`'s,
files and captions `preview`'s. Needs no graphics library.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from render.geometry.mesh import Triangles
from render.pictures.camera import Camera, View, axes_of, fit
from render.pictures.scan import Hits, cover, scan

__all__ = [
    "PART_RGB",
    "SHADOW_SHIFT",
    "camera_for",
    "draw",
    "draw_mesh",
    "draw_shadow",
    "finish",
    "paint",
    "samples_a_side",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Pixels = npt.NDArray[np.uint8]

PART_RGB = (0.60, 0.70, 0.83)
_LIGHTS = (((-0.534, 0.475, 0.700), 0.72), ((0.611, -0.199, 0.766), 0.26))
"""Direction to the right, up and towards the viewer, and strength: from the upper left, and a little from the right."""
_AMBIENT = 0.30
_EDGE_RGB = (0.10, 0.14, 0.21)
_EDGE_OPACITY = 0.88
_EDGE_COSINE = float(np.cos(np.radians(28)))
"""Facets of a circle of 13 segments or more meet at less than 28° and show no edge between them."""
_CROWD_RADIUS = 4
"""Samples around an edge that are looked at for others: a single edge covers 0.22 of them."""
_SHADOW_OPACITY = 0.20
SHADOW_SHIFT = np.array([0.22, 0.30])
"""Where the shadow of one mm of height falls, mm in x and y."""
_SHADOW_REDUCTION = 4
"""The shadow is blurred by 1/45 of the picture, so that one drawn at a quarter of its size looks the same."""


def draw_mesh(mesh: Triangles, size_px: int, *, view: View = View.ISO) -> Pixels:
    """(size_px, size_px, 4) RGBA, straight alpha; the ground is transparent but for the iso view's shadow."""
    return draw(mesh, camera_for(mesh.vertices, size_px, view), size_px, has_shadow=view is View.ISO)


def draw(mesh: Triangles, camera: Camera, size_px: int, *, has_shadow: bool) -> Pixels:
    """As `draw_mesh`, seen by a camera of one's own."""
    k = samples_a_side(size_px)
    hits = scan(camera.enlarged(k).project(mesh.vertices), mesh.faces, size_px * k)
    return finish(paint(hits), k, draw_shadow(mesh, camera, size_px) if has_shadow else None)


def samples_a_side(size_px: int) -> int:
    """k for k x k samples a pixel: thumbnails need more, and one picture shall not need more than 1 GB."""
    if size_px <= 256:
        return 3
    return 2 if size_px <= 2048 else 1


def camera_for(vertices: Floats, size_px: int, view: View) -> Camera:
    """The camera that shows the vertices, and in the iso view their shadow, as large as fits."""
    points = np.concatenate((vertices, ground_points(vertices))) if view is View.ISO else vertices
    return fit(points, axes_of(view), size_px)


def ground_points(vertices: Floats) -> Floats:
    """Where the shadow of each vertex falls on the plane below the lowest one."""
    points = vertices.copy()
    height = vertices[:, 2] - vertices[:, 2].min()
    points[:, :2] += height[:, None] * SHADOW_SHIFT
    points[:, 2] -= height
    return points


def paint(hits: Hits, rgb: Floats | tuple[float, float, float] = PART_RGB) -> Pixels:
    """(n, n, 4) samples: shaded colour with dark edges, alpha 0 or 255. `rgb` is one colour, or one a triangle."""
    n = len(hits.triangle)
    table = np.full((hits.slope.shape[1] + 1, 4), 255, dtype=np.uint8)
    table[:-1, :3] = _shaded(hits.slope, np.asarray(rgb, dtype=np.float32))
    table[-1] = 0  # number -1: nothing there
    samples = table.view(np.uint32).ravel()[hits.triangle].view(np.uint8).reshape(n, n, 4)
    edge = feature_edges(hits)
    ink = np.array([*_EDGE_RGB, 1.0], dtype=np.float32) * 255
    was = samples[edge]
    samples[edge] = np.round(was + (ink - was) * _edge_opacity(edge, hits)[:, None])
    samples[edge, 3] = 255
    return samples


def _edge_opacity(edge: Bools, hits: Hits) -> npt.NDArray[np.float32]:
    """For each sample of `edge`: fainter where edges crowd, or fine threads and grilles would turn black."""
    from PIL import Image, ImageFilter

    crowd = Image.fromarray(edge.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(_CROWD_RADIUS))
    share = np.asarray(crowd)[edge].astype(np.float32) / 255
    strength = np.where(hits.triangle[edge] >= 0, (1.6 - 2 * share).clip(0.15, 1), 1).astype(np.float32)
    return strength * np.float32(_EDGE_OPACITY)


def _shaded(slope: npt.NDArray[np.float32], rgb: npt.NDArray[np.float32]) -> Pixels:
    """(m, 3) the colour of each triangle; an open mesh shows its inside as if it were its outside."""
    a, b = slope
    length = np.sqrt(a * a + b * b + 1)
    light = np.full(len(a), _AMBIENT, dtype=np.float32)
    for (right, up, towards), strength in _LIGHTS:
        # the normal is (-a, -b, 1) / length to the right, down and towards the viewer
        light += np.float32(strength) * np.maximum((up * b - right * a + towards) / length, 0)
    colour = light[:, None] * rgb * np.float32(1.12) + np.float32(0.04)
    shaded: Pixels = np.round(colour.clip(0, 1) * 255).astype(np.uint8)
    return shaded


def feature_edges(hits: Hits) -> Bools:
    """(n, n) samples on an outline, a crease or a step in depth."""
    n = len(hits.triangle)
    edge = np.zeros((n, n), dtype=np.bool_)
    a, b = hits.slope
    square = a * a + b * b + 1
    steep = np.maximum(np.abs(a), np.abs(b))
    for (dx, dy), rise in (((1, 0), a), ((0, 1), b)):
        here, there = hits.triangle[: n - dy, : n - dx], hits.triangle[dy:, dx:]
        place = np.nonzero((here != there).ravel())[0]
        ys, xs = np.divmod(place, n - dx)
        one, other = here[ys, xs], there[ys, xs]
        is_edge = (one < 0) | (other < 0)
        both = np.nonzero(~is_edge)[0]
        p, q, y, x = one[both], other[both], ys[both], xs[both]
        cosine = (a[p] * a[q] + b[p] * b[q] + 1) / np.sqrt(square[p] * square[q])
        gap = np.abs(hits.depth[y, x] + rise[p] / 2 - hits.depth[y + dy, x + dx] + rise[q] / 2)
        is_edge[both] = (cosine < _EDGE_COSINE) | (gap > 2.5 + 1.5 * (steep[p] + steep[q]))
        ys, xs = ys[is_edge], xs[is_edge]
        edge[ys, xs] = True
        edge[ys + dy, xs + dx] = True
    return edge


def draw_shadow(mesh: Triangles, camera: Camera, size_px: int) -> npt.NDArray[np.float32]:
    """(size_px, size_px) opacity of the soft shadow on the ground."""
    from PIL import Image, ImageFilter

    n = max(size_px // _SHADOW_REDUCTION, min(size_px, 32))
    covered = cover(camera.enlarged(n / size_px).project(ground_points(mesh.vertices)), mesh.faces, n)
    soft = Image.fromarray(covered.astype(np.uint8) * 255).filter(ImageFilter.GaussianBlur(n / 45))
    soft = soft.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return np.asarray(soft, dtype=np.float32) * np.float32(_SHADOW_OPACITY / 255)


def finish(samples: Pixels, k: int, shadow: npt.NDArray[np.float32] | None) -> Pixels:
    """k x k samples to one pixel each, over the shadow: RGBA with straight alpha."""
    total = sum(samples[y::k, x::k].astype(np.uint16) for y in range(k) for x in range(k))
    pixels = np.asarray(total, dtype=np.float32) / np.float32(k * k)
    coverage = pixels[:, :, 3] / 255
    alpha = coverage if shadow is None else coverage + (1 - coverage) * shadow
    pixels[:, :, :3] /= np.maximum(alpha, np.float32(1e-6))[:, :, None]  # the shadow itself is black
    pixels[:, :, 3] = alpha * 255
    return np.round(pixels.clip(0, 255)).astype(np.uint8)
