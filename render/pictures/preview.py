"""Meshes to PNG files: one part with a caption, or a contact sheet of many. numpy and Pillow only.

A sheet of several views is `drawing`'s, what changed `difference`'s, a part that turns
`turntable`'s.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from render.geometry.mesh import read_stl
from render.pictures.camera import View
from render.pictures.lettering import INK, WHITE, caption, drawable, failed_picture, font, png
from render.pictures.raster import draw_mesh

__all__ = ["Tile", "View", "contact_sheet", "on_ground", "picture_sheet", "render_png"]

_GROUND_TOP, _GROUND_BOTTOM = (252, 253, 254), (236, 240, 245)
_GOOD, _BAD = (46, 160, 92), (208, 66, 62)


@dataclass(frozen=True)
class Tile:
    """One part on a contact sheet."""

    stl: bytes | None
    """None draws a grey tile that says why, from the caption's second line on."""
    caption: str
    """The first line stands below the picture."""
    is_good: bool | None
    """A green or a red dot; None for none."""


def render_png(
    stl: bytes | None,
    *,
    size_px: int = 256,
    caption: str = "",
    is_transparent: bool = False,
    view: View = View.ISO,
) -> bytes:
    """A square picture of a part, with the caption below it if there is one. None gives a grey "no mesh" picture.

    Raises ValueError if `stl` isn't a binary STL.
    """
    picture = _picture(stl, size_px, "no mesh", is_transparent=is_transparent, view=view)
    if caption:
        picture = _with_caption(picture, caption, is_transparent=is_transparent)
    return png(picture if is_transparent else picture.convert("RGB"))


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 6, tile_px: int = 192, title: str = "") -> bytes:
    """All tiles in rows of `columns`, as one PNG."""
    if not tiles:
        raise ValueError("a contact sheet needs at least one tile")
    gap, strip = max(tile_px // 16, 4), max(tile_px // 8, 16)
    columns = min(columns, len(tiles))
    n_rows = -(-len(tiles) // columns)
    head = tile_px // 4 if title else 0
    width, height = gap + columns * (tile_px + gap), gap + head + n_rows * (tile_px + strip + gap)
    sheet = Image.new("RGBA", (width, height), (*WHITE, 255))
    draw = ImageDraw.Draw(sheet)
    if title:
        size = max(tile_px // 9, 12)
        draw.text((gap, gap + head // 2 - size // 8), drawable(title), fill=INK, font=font(size), anchor="lm")
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        _draw_tile(sheet, tile, (gap + column * (tile_px + gap), gap + head + row * (tile_px + strip + gap)), tile_px)
    return png(sheet.convert("RGB"))


def picture_sheet(pictures: Sequence[bytes], *, columns: int = 8) -> bytes:
    """Small pictures of one size, all PNG, in rows of `columns`, as one PNG. Raises ValueError for none."""
    if not pictures:
        raise ValueError("a sheet needs at least one picture")
    opened = [Image.open(io.BytesIO(picture)) for picture in pictures]
    (width, height), gap = opened[0].size, 4
    columns = min(columns, len(opened))
    n_rows = -(-len(opened) // columns)
    sheet = Image.new("RGB", (gap + columns * (width + gap), gap + n_rows * (height + gap)), WHITE)
    for index, picture in enumerate(opened):
        row, column = divmod(index, columns)
        sheet.paste(picture, (gap + column * (width + gap), gap + row * (height + gap)))
    return png(sheet)


def on_ground(part: Image.Image) -> Image.Image:
    """The part before a faint gradient, so that it doesn't float in plain white."""
    mask = Image.linear_gradient("L").resize(part.size)
    top, bottom = Image.new("RGBA", part.size, _GROUND_TOP), Image.new("RGBA", part.size, _GROUND_BOTTOM)
    return Image.alpha_composite(Image.composite(bottom, top, mask), part)


def _picture(stl: bytes | None, size_px: int, reason: str, *, is_transparent: bool, view: View) -> Image.Image:
    mesh = read_stl(stl) if stl is not None else None
    if mesh is None or len(mesh.faces) == 0:
        return failed_picture(size_px, reason)
    part = Image.fromarray(draw_mesh(mesh, size_px, view=view))
    return part if is_transparent else on_ground(part)


def _with_caption(picture: Image.Image, text: str, *, is_transparent: bool) -> Image.Image:
    size_px = picture.width
    strip = max(18, size_px // 9)
    sheet = Image.new("RGBA", (size_px, size_px + strip), (*WHITE, 0 if is_transparent else 255))
    sheet.paste(picture, (0, 0))
    caption(ImageDraw.Draw(sheet), (size_px // 24, size_px), text, size_px - size_px // 12, strip)
    return sheet


def _draw_tile(sheet: Image.Image, tile: Tile, corner: tuple[int, int], tile_px: int) -> None:
    x, y = corner
    first, _, rest = tile.caption.partition("\n")
    picture = _picture(tile.stl, tile_px, rest or "no mesh", is_transparent=False, view=View.ISO)
    mask = Image.new("L", (tile_px * 4, tile_px * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, tile_px * 4 - 1, tile_px * 4 - 1), tile_px // 4, fill=255)
    sheet.paste(picture, corner, mask.resize((tile_px, tile_px), Image.Resampling.LANCZOS))
    text_x = x + 2
    strip = max(tile_px // 8, 16)
    if tile.is_good is not None:
        _dot(sheet, (x + strip // 3 + 1, y + tile_px + strip // 2), max(tile_px // 40, 4), tile.is_good)
        text_x = x + strip
    caption(ImageDraw.Draw(sheet), (text_x, y + tile_px), first, x + tile_px - text_x, strip)


def _dot(sheet: Image.Image, centre: tuple[int, int], radius: int, is_good: bool) -> None:
    big = Image.new("L", (radius * 8, radius * 8), 0)
    ImageDraw.Draw(big).ellipse((0, 0, radius * 8 - 1, radius * 8 - 1), fill=255)
    mask = big.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)
    sheet.paste(Image.new("RGB", mask.size, _GOOD if is_good else _BAD), (centre[0] - radius, centre[1] - radius), mask)
