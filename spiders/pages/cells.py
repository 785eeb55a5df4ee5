"""A table cell that holds one or several source files -> the files.

Pure and total: any text in. Each file stands as a line with its name and a colon, then a fenced block; a cell may also
be one fenced block, or bare source. Covers no table format: `spiders.pages.parquet` and `huggingface` do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from spiders.pages.fields import file_name

__all__ = ["CellFile", "unwrap"]

_MAX_FILES = 200
_MAX_HEADER_CHARS = 300
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([\w+.#-]*)[ \t]*")
_HEADER = re.compile(r"[\s*#`]*([^\s*#`][^`\n]*?\.[A-Za-z]\w{0,7})[\s*`]*(:?)[\s*`]*")


@dataclass(frozen=True)
class CellFile:
    name: str | None
    """Bare file name; None where the cell doesn't tell."""
    text: str
    transformations: tuple[str, ...] = ()
    """What was done to get it out of the cell."""

    @property
    def is_scad(self) -> bool:
        return self.name is None or self.name.lower().endswith(".scad")


def unwrap(cell: str) -> tuple[CellFile, ...]:
    """The files of a cell that are not blank, names made distinct; () for a blank cell.

    A fence that never closes ends where the next file begins, or with the cell.
    """
    lines = cell.replace("\r\n", "\n").split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return ()
    name = _header_at(lines, start)
    if _FENCE.fullmatch(lines[start]) is None and not _has_fence_next(lines, start):
        return (_bare(lines, start, name),)
    blocks = [block for block in _blocks(lines) if block.text.strip()][:_MAX_FILES]
    n_scad = sum(block.is_scad for block in blocks)
    how = "unfenced" if n_scad <= 1 else f"unwrapped {n_scad} files"
    taken: set[str] = set()
    found: list[CellFile] = []
    for number, block in enumerate(blocks, 1):
        wanted = block.name or (f"part-{number}.scad" if len(blocks) > 1 else None)
        distinct = _distinct(wanted, taken) if wanted else None
        found.append(CellFile(distinct, block.text, (how, *block.transformations)))
    return tuple(found)


def _bare(lines: list[str], start: int, name: str | None) -> CellFile:
    """A cell without fences; a first line `name.scad:` is no OpenSCAD and goes."""
    if name is None:
        return CellFile(None, "\n".join(lines))
    return CellFile(name, "\n".join(lines[start + 1 :]), ("removed the file name above",))


def _blocks(lines: list[str]) -> list[CellFile]:
    """The fenced blocks in order, each with the name that stands above it."""
    found: list[CellFile] = []
    name: str | None = None
    index = 0
    while index < len(lines):
        fence = _FENCE.fullmatch(lines[index])
        if fence is None:
            if lines[index].strip():
                name = _name_above_fence(lines, index)
            index += 1
            continue
        end, is_closed = _end_of_block(lines, index + 1, fence[1])
        notes = () if is_closed else ("ended a fence left open",)
        found.append(CellFile(name, "\n".join(lines[index + 1 : end]) + "\n", notes))
        name = None
        index = end + 1 if is_closed else end
    return found


def _end_of_block(lines: list[str], start: int, marker: str) -> tuple[int, bool]:
    """(index of the line after the block's text, whether that is its closing fence)."""
    for index in range(start, len(lines)):
        line = lines[index].strip()
        if line.startswith(marker) and not line.strip(marker[0]):
            return index, True
        if _header_at(lines, index) is not None and _has_fence_next(lines, index):
            return index, False
    return len(lines), False


def _header_at(lines: list[str], index: int) -> str | None:
    """The file name of a line `name.ext:`; None for any other line."""
    match = _header(lines[index])
    return file_name(match[1]) if match and match[2] else None


def _name_above_fence(lines: list[str], index: int) -> str | None:
    """The file name on a line that a fence follows; the colon may be missing there."""
    match = _header(lines[index]) if _has_fence_next(lines, index) else None
    return file_name(match[1]) if match else None


def _header(line: str) -> re.Match[str] | None:
    return _HEADER.fullmatch(line) if len(line) <= _MAX_HEADER_CHARS else None


def _has_fence_next(lines: list[str], index: int) -> bool:
    """True if the next line that is not blank opens a fence; two blank lines between are too many."""
    following = next((line for line in lines[index + 1 : index + 3] if line.strip()), "")
    return _FENCE.fullmatch(following) is not None


def _distinct(name: str, taken: set[str]) -> str:
    stem, dot, extension = name.rpartition(".")
    wanted, n = name, 2
    while wanted in taken:
        wanted, n = f"{stem}-{n}{dot}{extension}", n + 1
    taken.add(wanted)
    return wanted
