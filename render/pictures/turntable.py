"""A part that turns once about its vertical axis, as a looping GIF. Light, scale and ground stand still."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from render.geometry.mesh import Triangles, read_stl
from render.pictures.camera import Camera, View, axes_of, frame
from render.pictures.lettering import failed_picture
from render.pictures.raster import SHADOW_SHIFT, draw

__all__ = ["turntable_gif"]

Floats = npt.NDArray[np.float64]

_GROUND = (246, 248, 251)
_N_PALETTE_FRAMES = 8
"""Frames that the palette is made from: the same colours come back at every angle."""


def turntable_gif(stl: bytes | None, *, size_px: int = 240, n_frames: int = 36, seconds: float = 3.0) -> bytes:
    """One turn counter-clockwise (seen from above) in `n_frames`, from the three-quarter view on, looping for ever.

    Neighbouring frames that are equal, as of a round part, become one that stays longer: GIF knows no other way.
    None gives a still grey "no mesh" picture. Raises ValueError if `stl` isn't a binary STL.
    """
    if n_frames < 1 or seconds <= 0:
        raise ValueError(f"a turntable needs a frame and a time, not {n_frames} frames in {seconds} s")
    mesh = read_stl(stl) if stl is not None else None
    if mesh is None or len(mesh.faces) == 0:
        return _gif([failed_picture(size_px, "no mesh").convert("RGB")], seconds)
    return _gif(_frames(mesh, size_px, n_frames), seconds)


def _frames(mesh: Triangles, size_px: int, n_frames: int) -> list[Image.Image]:
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    vertices = mesh.vertices - (low + high) / 2
    camera = _camera(vertices, size_px)
    ground = Image.new("RGBA", (size_px, size_px), (*_GROUND, 255))
    pictures = []
    for angle in np.arange(n_frames) * (2 * np.pi / n_frames):
        turned = Triangles(_turned(vertices, float(angle)), mesh.faces)
        part = Image.fromarray(draw(turned, camera, size_px, has_shadow=True))
        pictures.append(Image.alpha_composite(ground, part).convert("RGB"))
    return pictures


def _turned(vertices: Floats, angle: float) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    turned: Floats = vertices @ turn.T
    return turned


def _camera(vertices: Floats, size_px: int) -> Camera:
    """Shows vertices and shadow at every angle: a vertex draws a circle about the axis, and its shadow another."""
    axes = axes_of(View.ISO)
    radius = np.hypot(vertices[:, 0], vertices[:, 1])
    height = vertices[:, 2] - vertices[:, 2].min()
    reach = radius * np.hypot(axes[:, 0], axes[:, 1])[:, None]  # (3, n) mm along right, down and towards the viewer
    middles = (
        vertices[:, 2] * axes[:, 2:],
        vertices[:, 2].min() * axes[:, 2:] + height * (axes[:, :2] @ SHADOW_SHIFT)[:, None],
    )
    low = np.min([(middle - reach).min(axis=1) for middle in middles], axis=0)
    high = np.max([(middle + reach).max(axis=1) for middle in middles], axis=0)
    return frame(low, high, axes, np.zeros(3), size_px, margin=0.05)


def _gif(pictures: list[Image.Image], seconds: float) -> bytes:
    """All frames in one palette, without dithering, so that nothing flickers."""
    shown = pictures[:: max(len(pictures) // _N_PALETTE_FRAMES, 1)]
    size = pictures[0].width
    strip = Image.new("RGB", (size, size * len(shown)))
    for index, picture in enumerate(shown):
        strip.paste(picture, (0, index * size))
    palette = strip.quantize(255, method=Image.Quantize.MEDIANCUT, kmeans=1)
    indexed = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    # GIF counts hundredths of a second: rounded one by one, 36 frames in 3 s would lose 0.12 s
    ends = np.round(np.arange(1, len(indexed) + 1) * seconds * 100 / len(indexed))
    duration = (np.diff(ends, prepend=0) * 10).astype(int).tolist()
    buffer = io.BytesIO()
    indexed[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        loop=0,
        duration=duration,
        disposal=1,
        optimize=False,
        palette=bytes(palette.getpalette() or b""),  # named, or every frame would carry a copy of it
    )
    return buffer.getvalue()
