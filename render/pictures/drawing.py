"""A sheet as an engineer draws it: top over front, right beside it, all to one scale, with the overall dimensions.

The fourth quarter holds the three-quarter view. Third-angle projection. Dimensions of features are not covered.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from render.geometry.mesh import Triangles, read_stl
from render.pictures.camera import Camera, View, axes_of, fit
from render.pictures.lettering import INK, SOFT_INK, WHITE, Font, failed_picture, font, png, size_in_words
from render.pictures.raster import draw, draw_mesh

__all__ = ["render_views"]

_QUARTERS = ((View.TOP, 0, 0), (View.ISO, 1, 0), (View.FRONT, 0, 1), (View.RIGHT, 1, 1))
_MARGIN = 0.19
"""Room around a view for its dimensions, as a share of a quarter."""
_RULE = (206, 212, 220)


def render_views(stl: bytes | None, *, size_px: int = 768) -> bytes:
    """A square PNG of the top, three-quarter, front and right views. None gives a grey "no mesh" picture.

    Raises ValueError if `stl` isn't a binary STL.
    """
    mesh = read_stl(stl) if stl is not None else None
    if mesh is None or len(mesh.faces) == 0:
        return png(failed_picture(size_px, "no mesh").convert("RGB"))
    sheet = Image.new("RGBA", (size_px, size_px), (*WHITE, 255))
    quarter = size_px // 2
    size_mm = mesh.vertices.max(axis=0) - mesh.vertices.min(axis=0)
    scale = quarter * (1 - 2 * _MARGIN) / (float(size_mm.max()) or 1.0)
    for view, column, row in _QUARTERS:
        cell = _draw_cell(mesh, view, quarter, scale, size_mm)
        sheet.paste(cell, (column * (size_px - quarter), row * (size_px - quarter)))
    pen = ImageDraw.Draw(sheet)
    for line in ((quarter, 0, quarter, size_px), (0, quarter, size_px, quarter)):
        pen.line(line, fill=_RULE)
    pen.rectangle((0, 0, size_px - 1, size_px - 1), outline=_RULE)
    return png(sheet.convert("RGB"))


def _draw_cell(mesh: Triangles, view: View, size_px: int, scale: float, size_mm: np.ndarray) -> Image.Image:
    cell = Image.new("RGBA", (size_px, size_px), (*WHITE, 255))
    pen, inset = ImageDraw.Draw(cell), size_px // 26
    if view is View.ISO:
        cell.alpha_composite(Image.fromarray(draw_mesh(mesh, size_px)))
        words = " x ".join(size_in_words(side) for side in size_mm.tolist()) + " mm"
        pen.text((size_px - inset, size_px - inset), words, fill=INK, font=_face(size_px), anchor="rs")
    else:
        camera = fit(mesh.vertices, axes_of(view), size_px, scale=scale)
        cell.alpha_composite(Image.fromarray(draw(mesh, camera, size_px, has_shadow=False)))
        _draw_dimensions(cell, mesh, view, camera)
    pen.text((inset, inset), view.value.capitalize(), fill=SOFT_INK, font=_face(size_px), anchor="lt")
    return cell


def _face(size_px: int) -> Font:
    return font(max(size_px // 24, 10))


def _draw_dimensions(cell: Image.Image, mesh: Triangles, view: View, camera: Camera) -> None:
    """The width below each view but the top one, the height left of each but the right one."""
    screen = camera.project(mesh.vertices)
    (left, top, _), (right, bottom, _) = screen.min(axis=1).tolist(), screen.max(axis=1).tolist()
    size = np.ptp(mesh.vertices @ camera.axes.T, axis=0).tolist()
    away = cell.width // 16
    if view is not View.TOP:
        _draw_dimension(cell, left, right, bottom, away, size_in_words(size[0]))
    if view is not View.RIGHT:  # drawn above the view that lies on its right side: its number is read from the right
        lying = cell.transpose(Image.Transpose.ROTATE_270)
        _draw_dimension(lying, cell.width - bottom, cell.width - top, left, -away, size_in_words(size[1]))
        cell.paste(lying.transpose(Image.Transpose.ROTATE_90))


def _draw_dimension(cell: Image.Image, left: float, right: float, base: float, away: int, words: str) -> None:
    """A level dimension line `away` below `base` (above, if negative), and its number beyond it."""
    pen = ImageDraw.Draw(cell)
    x0, x1, y = round(left), round(right), round(base) + away
    for x in (x0, x1):
        pen.line((x, round(base) + away // 3, x, y + away // 4), fill=SOFT_INK)
    arrow = max(cell.width // 48, 4)
    is_wide = x1 - x0 >= 3 * arrow
    reach = 0 if is_wide else 2 * arrow  # too narrow for arrows inside: they point at it from outside
    pen.line((x0 - reach, y, x1 + reach, y), fill=SOFT_INK)
    for x, inward in ((x0, 1), (x1, -1)):
        tip = arrow * (inward if is_wide else -inward)
        pen.polygon([(x, y), (x + tip, y - arrow / 3), (x + tip, y + arrow / 3)], fill=INK)
    face = _face(cell.width)
    if not is_wide:  # beside the arrow, which would strike it through; on the side where there is room
        beyond, room = x1 + reach + arrow, pen.textlength(words, face)
        is_right = beyond + room < cell.width
        pen.text(
            (beyond if is_right else x0 - reach - arrow, y),
            words,
            fill=INK,
            font=face,
            anchor="lm" if is_right else "rm",
        )
        return
    anchor = "mt" if away > 0 else "mb"
    pen.text(((x0 + x1) / 2, y + away // 4), words, fill=INK, font=face, anchor=anchor)
