"""The doors of replayed advent calendars: the designs, how each year's index writes them, and what rows they must give.

What is expected of a door is said where it is planted, never worked out with the spider's own code.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["YEARS", "Door", "doors_of", "index_of", "new_door"]

YEARS = (2019, 2020, 2021, 2022, 2023, 2024, 2025)
_DOORS = 24
_LAST_PAGE_YEAR = 2020
_ADJECTIVES = ("Paper", "Golden", "Folded", "Twisted", "Hollow", "Woven", "Frosty", "Tiny")
_NOUNS = ("Star", "Bell", "Tree", "Candle", "Sledge", "Angel", "Snowman", "Lantern", "Comet")
_NOTICE = (  # as many real sources begin: no words about the design
    "// SCADvent 2022\n// To the extent possible under law,\n// Ulrich Bär has waived all copyright and related or "
    "neighboring rights to this work.\n// https://creativecommons.org/publicdomain/zero/1.0/\n\n"
)
_AUTHORS = ("Ulrich Bär", "Torsten Paul", "Ryan A. Colyer", "Ada Lovelace")


@dataclass
class Door:
    year: int
    number: int
    folder: str | None
    """None where the files lie in the calendar's own folder."""
    title: str
    """As the row must say it."""
    author: str | None
    license: str | None = "CC0"
    spdx: str = "CC0-1.0"
    info: str | None = None
    """HTML, as the index has it."""
    description: str | None = None
    kind: str = "none"
    sources: dict[str, str] = field(default_factory=dict)
    """Text by name in the folder."""
    missing: tuple[str, ...] = ()
    """Sources that the index names and nobody can have."""
    others: tuple[str, ...] = ()
    """Names in `src` that are no OpenSCAD."""
    quirk: str = ""
    """How the index writes it; "": plainly."""

    @property
    def item_id(self) -> str:
        return f"advent-calendar-{self.year}/{self.number}"

    @property
    def names(self) -> list[str]:
        return [*self.sources, *self.missing]

    def place(self, name: str) -> str:
        """The file's path on the host of the files."""
        return "/".join(part for part in (f"/advent-calendar-{self.year}", self.folder, name) if part)


def doors_of(seed: int) -> list[Door]:
    """Every door of every calendar."""
    rng = random.Random(f"doors {seed}")
    doors = [_page_door(rng, year, number) for year in YEARS[:2] for number in range(1, _DOORS + 1)]
    doors += [new_door(rng, year, number) for year in YEARS[2:] for number in range(1, _DOORS + 1)]
    by_id = {door.item_id: door for door in doors}
    for item_id, change in _ODD.items():
        change(by_id[item_id])
    return doors


def new_door(rng: random.Random, year: int, number: int) -> Door:
    """A design with a folder of its own and, as a rule, words of its own."""
    title = f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}{number}"
    folder = title.replace(" ", "")
    door = Door(year, number, folder, title, rng.choice(_AUTHORS))
    comment = ""
    if year > 2021 and number % 2:
        words = f"A {title.lower()} for the window of {year}"
        door.info = f'<p>{words} &amp; the tree, see <a href="https://example.org/{number}">there</a>.</p>'
        door.description, door.kind = f"{words} & the tree, see there.", "author"
    elif number % 3 == 0:
        comment = f"// {title}\n// Hangs from a thread of {number} cm.\n\n"
        door.description, door.kind = f"Hangs from a thread of {number} cm.", "doc_comment"
    elif year == 2022:
        comment = _NOTICE
    door.sources = {f"{folder}.scad": comment + _scad(rng, year, number)}
    return door


def _page_door(rng: random.Random, year: int, number: int) -> Door:
    """A design of which the page tells nothing: only its source speaks, if at all."""
    door = Door(year, number, None, f"Advent calendar {year}, day {number}", None)
    comment = ""
    if number == 9:
        comment = f"// OpenSCAD Advent Calendar {year}, Day {number}\n"
    elif number % 2 == 0:
        door.title = f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)} {number}"
        door.description, door.kind = f"Stands on the sill of {year}.", "doc_comment"
        comment = f"// {door.title}\n// {door.description}\n"
        if number % 4 == 0:
            door.author = "Grace Hopper"
            comment += f"// Copyright (c) {year} Grace Hopper\n"
    door.sources = {f"{number:02}.scad": f"{comment}\n{_scad(rng, year, number)}".lstrip()}
    return door


def _scad(rng: random.Random, year: int, number: int) -> str:
    return f"size = {rng.randrange(5, 99)};\n\nmodule door_{year}_{number}() cube(size);\n\ndoor_{year}_{number}();\n"


def index_of(year: int, doors: list[Door], files_url: str) -> str:
    """The calendar's page or script."""
    if year <= _LAST_PAGE_YEAR:
        return _page(year, doors, files_url)
    calls = [_QUIRKS.get(door.quirk, _WRITERS.get(year, _plain))(door) for door in doors]
    head = "/**/\n// setDay(1, { author: 'Nobody', license: 'CC0', dir: 'Draft', src: 'Draft.scad' });\n"
    return head + "\n".join(calls) + "\n"


def _page(year: int, doors: list[Door], files_url: str) -> str:
    links = "\n".join(
        f'<div class="day-{door.number}"><label><input type="checkbox"><div class="door"><div class="front">'
        f'{door.number}</div></div><div class="content hide"><div class="link">'
        f'<a href="{files_url}{door.place(name)}">{name}</a></div></div></input></label></div>'
        for door in doors
        for name in door.names
    )
    return (
        f"<html><head><title>OpenSCAD Advent Calendar {year}</title><script>$('.day-1 .door');</script></head><body>\n"
        f'<section class="cal"><div class="title"></div>\n{links}\n</section>\n<div class="footer">\n'
        '<span class="sep">||</span>\n<a class="footer" href="downloads.html">Download OpenSCAD</a>\n'
        '<span class="sep">||</span>\nAll scripts are licensed <a class="footer" '
        'ref="https://creativecommons.org/publicdomain/zero/1.0/legalcode">CC0</a>\n<span class="sep">||</span>\n'
        "Doors open midnight UTC\n</div></body></html>\n"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _listed(names: list[str]) -> str:
    return _quoted(names[0]) if len(names) == 1 else f"[{', '.join(map(_quoted, names))}]"


def _head(door: Door) -> str:
    license_said = f" license: {_quoted(door.license)}," if door.license else ""
    return f"author: {_quoted(door.author or '')},{license_said}"


def _plain(door: Door) -> str:
    """As the calendars since 2023 write a door."""
    lines = [
        f"setDay({door.number}, {{ {_head(door)} dir: {_quoted(door.folder or '')},",
        f"        img: {_quoted(f'{door.folder}.png')},",
        f"        src: {_listed([*door.names, *door.others])},",
        f"\tbin: ['{door.folder}_25mm.3mf', '{door.folder}_40mm.3mf']",
    ]
    if door.info:
        lines[-1] += ","
        lines.append(f"\tinfo: {_quoted(door.info)}")
    return "\n".join(lines) + "\n});"


def _short(door: Door) -> str:
    """As the calendar of 2021 writes a door: no folder, each path from the calendar's own."""
    path = f"{door.folder}/{door.names[0]}"
    image = _quoted(f"{door.folder}/{door.folder}.png")
    return f"setDay({door.number}, {{ {_head(door)} urlImg: {image}, urlScad: {_quoted(path)} }});"


def _spread(door: Door) -> str:
    """As early entries of 2022: a folder, and paths that may repeat it."""
    name = door.names[0] if door.number % 3 else f"{door.folder}/{door.names[0]}"
    info = f",\n\tinfo: {_quoted(door.info)}" if door.info else ""
    return (
        f"setDay({door.number:2}, {{ {_head(door)} dir: {_quoted(door.folder or '')},\n\turlScad: {_quoted(name)},\n"
        f"\turlImg: {_quoted(f'{door.folder}.png')}{info}\n}});\n"
    )


def _double_quoted(door: Door) -> str:
    return (
        f"setDay(\n  {door.number}, // the best one\n  {{ {json.dumps('author')}: {json.dumps(door.author)}, "
        f"license: {json.dumps(door.license)}, dir: {json.dumps(door.folder)}, /* src: 'old.scad', */ "
        f"src: {json.dumps(door.names)}, info: {json.dumps(door.info)}, }},\n);"
    )


def _template(door: Door) -> str:
    info = (door.info or "").replace(" ", "\n", 1)
    head, tail = info[:9], info[9:]
    return (
        f"setDay({door.number}, {{ {_head(door)} dir: `{door.folder}`, src: [`{door.names[0]}`], "
        f"info: `{head}` +\n  {_quoted(tail)} }})"
    )


def _broken(door: Door) -> str:
    return f"setDay({door.number}, {{ {_head(door)} dir: '{door.folder}, src: '{door.names[0]}' }});"


def _twice(door: Door) -> str:
    return f"setDay({door.number}, {{ author: 'Nobody', dir: 'Draft', src: 'Draft.scad' }});\n{_plain(door)}"


_WRITERS: dict[int, Callable[[Door], str]] = {2021: _short, 2022: _spread}
_QUIRKS: dict[str, Callable[[Door], str]] = {
    "double quoted": _double_quoted,
    "template": _template,
    "broken": _broken,
    "twice": _twice,
}


def _with_library(door: Door) -> None:
    main = next(iter(door.sources))
    door.sources[main] = f"include <lib/snow.scad>\n{door.sources[main]}"
    door.sources["lib/snow.scad"] = "// Snow\n// Falls on every roof.\nmodule snow() sphere(1);\n"
    door.others = ("theme/Cartoon dog.svg", "", "theme/horse.svg")


def _with_quotes(door: Door) -> None:
    door.info = '<p>It\'s a "star" of the Sierpi\u0144ski kind:<br>C:\\stars</p><p>Print it twice.</p>'
    door.description = 'It\'s a "star" of the Sierpi\u0144ski kind:\nC:\\stars\n\nPrint it twice.'
    door.kind = "author"


def _without_file(door: Door) -> None:
    door.missing, door.sources = tuple(door.sources), {}
    if door.kind == "doc_comment":
        door.description, door.kind = None, "none"


def _upper_case(door: Door) -> None:
    door.sources = {name.replace(".scad", ".SCAD"): text for name, text in door.sources.items()}


def _noncommercial(door: Door) -> None:
    door.license, door.spdx = "CC BY-NC 4.0", "CC-BY-NC-4.0"


def _unlicensed(door: Door) -> None:
    door.license, door.spdx = None, "NOASSERTION"


def _written(quirk: str) -> Callable[[Door], None]:
    def change(door: Door) -> None:
        door.quirk = quirk

    return change


_ODD: dict[str, Callable[[Door], None]] = {
    "advent-calendar-2023/3": _with_library,
    "advent-calendar-2023/4": _with_quotes,
    "advent-calendar-2023/5": _written("double quoted"),
    "advent-calendar-2024/7": _written("template"),
    "advent-calendar-2024/8": _upper_case,
    "advent-calendar-2024/9": _without_file,
    "advent-calendar-2025/10": _written("broken"),
    "advent-calendar-2025/11": _noncommercial,
    "advent-calendar-2025/13": _unlicensed,
    "advent-calendar-2025/15": _written("twice"),
}
