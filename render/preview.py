"""Meshes to PNG files: one part with a caption, or a contact sheet of many. numpy and Pillow only."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from render.mesh import read_stl
from render.raster import draw_mesh

__all__ = ["Tile", "contact_sheet", "render_png"]

_WHITE = (255, 255, 255)
_GROUND_TOP, _GROUND_BOTTOM = (252, 253, 254), (236, 240, 245)
_FAILED = (226, 228, 232)
_INK, _SOFT_INK = (38, 46, 60), (110, 119, 134)
_GOOD, _BAD = (46, 160, 92), (208, 66, 62)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Tile:
    """One part on a contact sheet."""

    stl: bytes | None
    """None draws a grey tile that says why, from the caption's second line on."""
    caption: str
    """The first line stands below the picture."""
    is_good: bool | None
    """A green or a red dot; None for none."""


def render_png(stl: bytes | None, *, size_px: int = 256, caption: str = "", is_transparent: bool = False) -> bytes:
    """A square picture of a part, with the caption below it if there is one. None gives a grey "no mesh" picture.

    Raises ValueError if `stl` isn't a binary STL.
    """
    picture = _picture(stl, size_px, "no mesh", is_transparent=is_transparent)
    if caption:
        strip = max(18, size_px // 9)
        ground = (*_WHITE, 0) if is_transparent else (*_WHITE, 255)
        sheet = Image.new("RGBA", (size_px, size_px + strip), ground)
        sheet.paste(picture, (0, 0))
        _caption(ImageDraw.Draw(sheet), (size_px // 24, size_px), caption, size_px - size_px // 12, strip)
        picture = sheet
    return _png(picture if is_transparent else picture.convert("RGB"))


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 6, tile_px: int = 192, title: str = "") -> bytes:
    """All tiles in rows of `columns`, as one PNG."""
    if not tiles:
        raise ValueError("a contact sheet needs at least one tile")
    gap, strip = max(tile_px // 16, 4), max(tile_px // 8, 16)
    columns = min(columns, len(tiles))
    n_rows = -(-len(tiles) // columns)
    head = tile_px // 4 if title else 0
    width, height = gap + columns * (tile_px + gap), gap + head + n_rows * (tile_px + strip + gap)
    sheet = Image.new("RGBA", (width, height), (*_WHITE, 255))
    draw = ImageDraw.Draw(sheet)
    if title:
        size = max(tile_px // 9, 12)
        draw.text((gap, gap + head // 2 - size // 8), title, fill=_INK, font=_font(size), anchor="lm")
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        _draw_tile(sheet, tile, (gap + column * (tile_px + gap), gap + head + row * (tile_px + strip + gap)), tile_px)
    return _png(sheet.convert("RGB"))


def _draw_tile(sheet: Image.Image, tile: Tile, corner: tuple[int, int], tile_px: int) -> None:
    x, y = corner
    first, _, rest = tile.caption.partition("\n")
    picture = _picture(tile.stl, tile_px, rest or "no mesh", is_transparent=False)
    mask = Image.new("L", (tile_px * 4, tile_px * 4), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, tile_px * 4 - 1, tile_px * 4 - 1), tile_px // 4, fill=255)
    sheet.paste(picture, corner, mask.resize((tile_px, tile_px), Image.Resampling.LANCZOS))
    text_x = x + 2
    strip = max(tile_px // 8, 16)
    if tile.is_good is not None:
        _dot(sheet, (x + strip // 3 + 1, y + tile_px + strip // 2), max(tile_px // 40, 4), tile.is_good)
        text_x = x + strip
    width = x + tile_px - text_x
    _caption(ImageDraw.Draw(sheet), (text_x, y + tile_px), first, width, strip)


def _dot(sheet: Image.Image, centre: tuple[int, int], radius: int, is_good: bool) -> None:
    big = Image.new("L", (radius * 8, radius * 8), 0)
    ImageDraw.Draw(big).ellipse((0, 0, radius * 8 - 1, radius * 8 - 1), fill=255)
    mask = big.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)
    sheet.paste(Image.new("RGB", mask.size, _GOOD if is_good else _BAD), (centre[0] - radius, centre[1] - radius), mask)


def _picture(stl: bytes | None, size_px: int, reason: str, *, is_transparent: bool) -> Image.Image:
    mesh = read_stl(stl) if stl is not None else None
    if mesh is None or len(mesh.faces) == 0:
        return _failed_picture(size_px, reason)
    part = Image.fromarray(draw_mesh(mesh, size_px))
    if is_transparent:
        return part
    return Image.alpha_composite(_ground(size_px), part)


def _ground(size_px: int) -> Image.Image:
    """A faint gradient, so that a part doesn't float in plain white."""
    mask = Image.linear_gradient("L").resize((size_px, size_px))
    size = (size_px, size_px)
    return Image.composite(Image.new("RGBA", size, _GROUND_BOTTOM), Image.new("RGBA", size, _GROUND_TOP), mask)


def _failed_picture(size_px: int, reason: str) -> Image.Image:
    picture = Image.new("RGBA", (size_px, size_px), (*_FAILED, 255))
    draw = ImageDraw.Draw(picture)
    font = _font(max(size_px // 15, 10))
    lines = _wrapped(draw, reason, font, size_px * 0.86)[:5]
    draw.multiline_text(
        (size_px / 2, size_px / 2), "\n".join(lines), fill=_SOFT_INK, font=font, anchor="mm", align="center"
    )
    return picture


def _wrapped(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and draw.textlength(f"{lines[-1]} {word}", font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(_shortened(draw, word, font, width))
    return lines


def _caption(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, width: float, height: int) -> None:
    font = _font(max(int(height * 0.56), 10))
    shown = _shortened(draw, " ".join(text.split()), font, width)
    draw.text((corner[0], corner[1] + height // 2), shown, fill=_INK, font=font, anchor="lm")


def _shortened(draw: ImageDraw.ImageDraw, text: str, font: Font, width: float) -> str:
    if draw.textlength(text, font) <= width:
        return text
    while text and draw.textlength(f"{text}…", font) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
