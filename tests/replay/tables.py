"""The rows of a replayed Hugging Face: what each holds, and what a crawl must make of it.

What is expected of a row is said where it is planted, never worked out with the spider's own code.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["COLUMNS", "Expected", "TableRow", "plant_rows"]

COLUMNS = ("id", "name", "description", "scad", "fakeprompt", "thumbnail", "creator", "license", "public_url", "tags")

_LICENSES = (
    ("Creative Commons - Attribution", "CC-BY-4.0"),
    ("Creative Commons - Attribution - Share Alike", "CC-BY-SA-4.0"),
    ("Creative Commons - Public Domain Dedication", "CC0-1.0"),
    ("GNU - GPL", "LicenseRef-GPL-unversioned"),
)
_NON_COMMERCIAL = ("Creative Commons - Attribution - Non-Commercial - Share Alike", "CC-BY-NC-SA-4.0")
_NOUNS = ("bracket", "coaster", "drawer", "funnel", "jig", "lid", "planter", "rack", "spool", "wedge")
_FIRST_THING = 2_000_000


@dataclass(frozen=True)
class Expected:
    """A row that a crawl must give of a table's row."""

    path: str | None
    scad: str | None


@dataclass
class TableRow:
    values: dict[str, Any]
    expected: tuple[Expected, ...]
    license_spdx: str
    is_double: bool = False
    """The very same row stands further up, or its thing with other contents does."""
    is_cut: bool = False
    """/rows cuts its source short."""

    @property
    def source(self) -> str:
        return "huggingface" if self.values["id"] is None or self.is_double else "thingiverse"

    def item_id(self, dataset: str) -> str:
        """The thing's id, or for a row without one its own: the data set and a hash of what it holds."""
        if self.source == "thingiverse":
            return str(self.values["id"])
        said = self.values["scad"] or f"{self.values['name']}\n{self.values['description']}"
        return f"{dataset}#{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def plant_rows(n_rows: int, rng: random.Random, *, first_thing: int = _FIRST_THING) -> list[TableRow]:
    """Rows of every kind that the format is known for, and at last two doubles."""
    rows = [_row(index, rng, first_thing + index) for index in range(n_rows - 2)]
    rows.append(TableRow(dict(rows[9].values), (), rows[9].license_spdx, is_double=True))
    other = _row(14, rng, rows[12].values["id"])
    rows.append(TableRow(other.values, other.expected, other.license_spdx, is_double=True))
    return rows


def _row(index: int, rng: random.Random, thing_id: int) -> TableRow:
    name = f"{rng.choice(_NOUNS).title()} {thing_id}"
    cell, expected = _cell_kind(index)(rng, thing_id)
    license_raw: str | None
    license_raw, license_spdx = rng.choice(_LICENSES)
    if index % 13 == 5:
        license_raw, license_spdx = None, "NOASSERTION"
    elif index % 11 == 6:
        license_raw, license_spdx = _NON_COMMERCIAL
    has_id = index % 9 != 7
    values = {
        "id": thing_id if has_id else None,
        "name": name,
        "description": None if index % 23 == 8 else f"{name} for the workshop, {rng.randint(20, 400)} mm long.",
        "scad": cell,
        "fakeprompt": f"Please make me something like {name.lower()}.",
        "thumbnail": f"https://cdn.example.org/{thing_id}.jpg",
        "creator": f"maker{rng.randint(1, 300)}",
        "license": license_raw,
        "public_url": f"https://www.thingiverse.com/thing:{thing_id}" if has_id else None,
        "tags": ["openscad", rng.choice(_NOUNS)],
    }
    return TableRow(values, expected, license_spdx)


_Cell = tuple[str | None, tuple[Expected, ...]]


def _cell_kind(index: int) -> Callable[[random.Random, int], _Cell]:
    named = {1: _null, 2: _left_open, 4: _left_open_above_another, 6: _windows}
    if index in named:
        return named[index]
    if index % 10 == 0:
        return _several
    return _bare if index % 17 == 3 else _one


def _source(rng: random.Random, thing_id: int) -> str:
    """A compilable source of 0.2 to 6 KiB, unlike all others."""
    sizes = [rng.randint(1, 90) for _ in range(3)]
    holes = "\n".join(
        f"  translate([{i * 4}, {rng.randint(0, 50)}, 0]) cylinder(d={rng.randint(1, 9)}, h={sizes[2]});"
        for i in range(rng.randint(1, 90))
    )
    return f"// {thing_id}\ndifference() {{\n  cube([{sizes[0]}, {sizes[1]}, {sizes[2]}]);\n{holes}\n}}\n"


def _null(rng: random.Random, thing_id: int) -> _Cell:
    return None, (Expected(None, None),)


def _bare(rng: random.Random, thing_id: int) -> _Cell:
    source = _source(rng, thing_id)
    return source, (Expected(None, source),)


def _one(rng: random.Random, thing_id: int) -> _Cell:
    source, name = _source(rng, thing_id), f"part_{thing_id}.scad"
    return f"{name}:\n```\n{source}```\n", (Expected(name, source),)


def _windows(rng: random.Random, thing_id: int) -> _Cell:
    cell, expected = _one(rng, thing_id)
    return str(cell).replace("\n", "\r\n"), expected


def _several(rng: random.Random, thing_id: int) -> _Cell:
    library = f"module piece(d) {{\n  sphere(d=d + {thing_id % 97});\n}}\n"
    main = f"use <lib_{thing_id}.scad>\n{_source(rng, thing_id)}piece({rng.randint(1, 40)});\n"
    cell = f"main.scad:\n```openscad\n{main}```\n\nlib_{thing_id}.scad:\n```openscad\n{library}```\n\n"
    cell += "notes.txt:\n```\nPrint it flat.\n```"
    return cell, (Expected("main.scad", main), Expected(f"lib_{thing_id}.scad", library))


def _left_open(rng: random.Random, thing_id: int) -> _Cell:
    source, name = _source(rng, thing_id), f"open_{thing_id}.scad"
    return f"{name}:\n```\n{source}", (Expected(name, source),)


def _left_open_above_another(rng: random.Random, thing_id: int) -> _Cell:
    first, second = _source(rng, thing_id), _source(rng, thing_id + 1)
    return f"a.scad:\n```\n{first}\nb.scad:\n```\n{second}```\n", (
        Expected("a.scad", first),
        Expected("b.scad", second),
    )
