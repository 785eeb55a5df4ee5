"""What changed between two parts, as one picture: added green, removed a red ghost, the rest grey-blue.

The solids are compared by manifold3d's booleans, so both must be closed. Where one isn't, the two are drawn side by
side and the picture says why. Changes that can't be seen from `view`, behind or inside the part, shine through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from render.geometry.mesh import Triangles, read_stl
from render.geometry.overlap import manifold_or_error
from render.pictures.camera import Camera, View
from render.pictures.lettering import INK, SOFT_INK, WHITE, caption, failed_picture, font, png
from render.pictures.preview import on_ground
from render.pictures.raster import camera_for, draw, draw_shadow, finish, paint, samples_a_side
from render.pictures.scan import Hits, scan

__all__ = ["ADDED_RGB", "KEPT_RGB", "REMOVED_RGB", "Change", "compare", "difference_png"]

Pixels = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.float32]

KEPT_RGB, ADDED_RGB, REMOVED_RGB = (0.66, 0.71, 0.79), (0.33, 0.76, 0.40), (0.92, 0.30, 0.27)
_GHOST_OPACITY, _HIDDEN_OPACITY = 0.55, 0.32
_NEARER_PX = 0.5
"""How far a layer must lie before another to be in front of it: touching faces of both are one plane."""
_FILM_SHARE = 2e-5
"""A piece thinner than this share of the part is rounding (STL's float32 keeps 6e-8), not a change."""
_NOTHING = Triangles(np.zeros((0, 3)), np.zeros((0, 3), np.int64))


@dataclass(frozen=True, eq=False)
class Change:
    """Two solids taken apart."""

    kept: Triangles
    added: Triangles
    removed: Triangles
    added_mm3: float
    removed_mm3: float


def compare(before: Triangles, after: Triangles) -> Change | str:
    """What stayed, came and went; or a sentence that says why the two can't be compared. An empty mesh is no solid."""
    solids = []
    for name, mesh in (("before", before), ("after", after)):
        solid = _solid(mesh)
        if isinstance(solid, str):
            return f"the mesh {name} {solid}"
        solids.append(solid)
    old, new = solids
    size_mm = _extent(before, after)
    kept, added, removed = old ^ new, _without_films(new - old, size_mm), _without_films(old - new, size_mm)
    for solid in (kept, added, removed):
        if solid.status().name != "NoError":
            return f"the boolean failed ({solid.status().name})"
    return Change(_mesh(kept), _mesh(added), _mesh(removed), added.volume(), removed.volume())


def difference_png(
    before_stl: bytes | None,
    after_stl: bytes | None,
    *,
    size_px: int = 512,
    view: View = View.ISO,
    is_triptych: bool = False,
) -> bytes:
    """A square picture of what changed over a legend with the volumes; `is_triptych` sets before and after beside it.

    None or an empty mesh counts as nothing: all of the other was added or removed. Two of them give a grey "no mesh"
    picture. Raises ValueError if one is given that isn't a binary STL.
    """
    before, after = (read_stl(stl) if stl is not None else _NOTHING for stl in (before_stl, after_stl))
    meshes = [mesh for mesh in (before, after) if len(mesh.faces)]
    if not meshes:
        return png(failed_picture(size_px, "no mesh").convert("RGB"))
    camera = camera_for(np.concatenate([mesh.vertices for mesh in meshes]), size_px, view)
    has_shadow = view is View.ISO
    pictures = [
        _labelled(_alone(mesh, camera, size_px, has_shadow=has_shadow), word)
        for mesh, word in ((before, "before"), (after, "after"))
    ]
    change = compare(before, after)
    if isinstance(change, str):
        return _beside(pictures, f"No difference drawn: {change}.")
    pixels = _draw_change(change, Triangles(*_joined(meshes)), camera, size_px, has_shadow=has_shadow)
    picture = on_ground(Image.fromarray(pixels))
    shown = [*pictures, _labelled(picture, "difference")] if is_triptych else [picture]
    return _beside(shown, change)


def _solid(mesh: Triangles) -> Any:
    """A manifold3d solid, or what is wrong with the mesh."""
    import manifold3d

    if len(mesh.faces) == 0:
        return manifold3d.Manifold()
    solid = manifold_or_error(mesh)
    if isinstance(solid, str):
        return "isn't a closed solid" if solid == "NotManifold" else f"isn't a solid ({solid})"
    return "is wound inside out" if solid.volume() < 0 else solid


def _without_films(solid: Any, size_mm: float) -> Any:
    """The solid without pieces that are only rounding."""
    import manifold3d

    pieces = solid.decompose()
    thick = [p for p in pieces if 2 * p.volume() > _FILM_SHARE * size_mm * p.surface_area()]
    return solid if len(thick) == len(pieces) else manifold3d.Manifold.compose(thick)


def _mesh(solid: Any) -> Triangles:
    data = solid.to_mesh64()
    return Triangles(np.asarray(data.vert_properties)[:, :3], np.asarray(data.tri_verts).astype(np.int64))


def _extent(*meshes: Triangles) -> float:
    points = np.concatenate([mesh.vertices for mesh in meshes])
    return float(np.ptp(points, axis=0).max()) if len(points) else 0.0


def _joined(meshes: list[Triangles]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts.tolist(), strict=False)]
    return np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces)


def _alone(mesh: Triangles, camera: Camera, size_px: int, *, has_shadow: bool) -> Image.Image:
    if len(mesh.faces) == 0:
        return failed_picture(size_px, "nothing")
    return on_ground(Image.fromarray(draw(mesh, camera, size_px, has_shadow=has_shadow)))


def _draw_change(change: Change, whole: Triangles, camera: Camera, size_px: int, *, has_shadow: bool) -> Pixels:
    """RGBA as `raster.draw`'s: kept and added are opaque, removed is a ghost, what they hide shines through."""
    k = samples_a_side(size_px)
    close = camera.enlarged(k)
    solid = Triangles(*_joined([change.kept, change.added]))
    hits, removed, added = (
        scan(close.project(mesh.vertices), mesh.faces, size_px * k) for mesh in (solid, change.removed, change.added)
    )
    is_added = hits.face >= len(change.kept.faces)
    samples = paint(hits, np.where(is_added[:, None], ADDED_RGB, KEPT_RGB))
    samples = _lay_over(samples, hits, added, ADDED_RGB, seen=0.0)
    samples = _lay_over(samples, hits, removed, REMOVED_RGB, seen=_GHOST_OPACITY)
    return finish(samples, k, draw_shadow(whole, camera, size_px) if has_shadow else None)


def _lay_over(samples: Pixels, under: Hits, over: Hits, rgb: tuple[float, float, float], *, seen: float) -> Pixels:
    """Samples with another layer: at opacity `seen` where it is in front, faintly where it is behind."""
    layer = paint(over, rgb)
    is_behind = (under.triangle >= 0) & (over.depth < under.depth - _NEARER_PX)
    is_in_front = (under.triangle < 0) | (over.depth > under.depth + _NEARER_PX)
    opacity = np.where(is_behind, _HIDDEN_OPACITY, np.where(is_in_front, seen, 0.0)).astype(np.float32)
    place = np.nonzero((layer[:, :, 3] > 0) & (opacity > 0))
    share = opacity[place][:, None]
    samples[place] = np.round(samples[place] * (1 - share) + layer[place] * share)
    return samples


def _labelled(picture: Image.Image, word: str) -> Image.Image:
    inset = picture.width // 26
    face = font(max(picture.width // 24, 10))
    ImageDraw.Draw(picture).text((inset, inset), word, fill=SOFT_INK, font=face, anchor="lt")
    return picture


def _beside(pictures: list[Image.Image], below: Change | str) -> bytes:
    """Pictures in a row over a legend, or over a sentence."""
    size_px = pictures[0].width
    strip = max(size_px // 12, 20)
    sheet = Image.new("RGB", (size_px * len(pictures), size_px + strip), WHITE)
    for index, picture in enumerate(pictures):
        sheet.paste(picture.convert("RGB"), (index * size_px, 0))
    pen = ImageDraw.Draw(sheet)
    if isinstance(below, str):
        caption(pen, (size_px // 26, size_px), below, sheet.width - size_px // 13, strip)
    else:
        _draw_legend(pen, below, (sheet.width - size_px, size_px), size_px, strip)
    return png(sheet)


def _draw_legend(pen: ImageDraw.ImageDraw, change: Change, corner: tuple[int, int], width: int, height: int) -> None:
    words = [f"added {_volume(change.added_mm3)}", f"removed {_volume(change.removed_mm3)}"]
    inset, box = width // 26, max(height // 3, 8)
    size = max(height // 2, 10)
    # 3.5: two boxes with a gap beside each, and room for the raised 3
    while size > 7 and sum(pen.textlength(w, font(size)) + 3.5 * box for w in words) > width - 2 * inset:
        size -= 1
    x, y = corner[0] + inset, corner[1] + height // 2
    for rgb, shown in zip((ADDED_RGB, REMOVED_RGB), words, strict=True):
        colour = tuple(round(255 * channel) for channel in rgb)
        pen.rectangle((x, y - box // 2, x + box, y - box // 2 + box), fill=colour)
        x += box * 3 // 2
        pen.text((x, y), shown, fill=INK, font=font(size), anchor="lm")
        x += round(pen.textlength(shown, font(size)))
        if shown.endswith("mm"):
            pen.text((x, y - size // 12), "3", fill=INK, font=font(max(size * 5 // 8, 7)), anchor="ls")
        x += 2 * box


def _volume(volume_mm3: float) -> str:
    """Without its exponent: the font has no ³, so that the legend draws a small 3."""
    if volume_mm3 == 0:
        return "nothing"
    return f"{volume_mm3:,.1f} mm" if 0.05 <= volume_mm3 < 1e9 else f"{volume_mm3:.3g} mm"
