"""The designs of a replayed Cults3D: what each answer holds, and what a crawl must make of it.

What is expected of a design is said where it is planted, never worked out with the spider's own code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.replay.things import Expected, iso

__all__ = ["Creation", "CreationFile", "ordinary_creation", "plant_creations"]

_ALLOWED = (
    ({"code": "cc_by", "name": "CC BY", "spdxId": "CC-BY-4.0"}, "CC-BY-4.0"),
    ({"code": "cc_by_sa", "name": "CC BY-SA", "spdxId": "CC-BY-SA-4.0"}, "CC-BY-SA-4.0"),
    ({"code": "cc0", "name": "CC0", "spdxId": None}, "CC0-1.0"),
    ({"code": "gpl", "name": "GNU GPL v3", "spdxId": "GPL-3.0-only"}, "GPL-3.0-only"),
)
_REFUSED = (
    ({"code": "cults_pu", "name": "CULTS - Private use", "spdxId": None}, "LicenseRef-Cults-PU"),
    ({"code": "cults_cu", "name": "CULTS - Commercial use", "spdxId": None}, "LicenseRef-Cults-CU"),
    ({"code": "cc_by_nc", "name": "CC BY-NC", "spdxId": "CC-BY-NC-4.0"}, "CC-BY-NC-4.0"),
    (None, "NOASSERTION"),
)
_NOUNS = ("hook", "planter", "organiser", "spool", "wrench", "funnel", "coaster", "latch")


@dataclass
class CreationFile:
    file_id: str
    name: str
    body: bytes
    is_given: bool = True
    """False: the API says no address for it."""
    how: str = "ok"
    """ok | missing | elsewhere: an address on a host that is not Cults3D's"""


@dataclass
class Creation:
    number: int
    slug: str
    title: str
    terms: tuple[str, ...]
    license: tuple[dict[str, Any] | None, str] = _ALLOWED[0]
    files: list[CreationFile] = field(default_factory=list)
    description: str | None = None
    words: str | None = None
    """The description as a row must have it."""
    expected: list[Expected] = field(default_factory=list)
    updated_seconds: int = 0
    author: str | None = "u1"
    odd: dict[str, Any] = field(default_factory=dict)
    """Fields that are other than usual."""

    @property
    def published_seconds(self) -> int:
        return 1_650_000_000 + 3600 * self.number

    def change(self) -> None:
        """A new version."""
        self.updated_seconds = (self.updated_seconds or self.published_seconds) + 86_400
        self.title += " again"

    def shown(self, files_url: str) -> dict[str, Any]:
        """As the API shows it."""
        blueprints = [
            {
                "id": file.file_id,
                "fileName": file.name,
                "fileExtension": file.name.rpartition(".")[2],
                "fileUrl": self._url_of(file, files_url) if file.is_given else None,
                "imageUrl": "…",
                "position": i,
            }
            for i, file in enumerate(self.files)
        ]
        return {
            "identifier": f"Q3JlYXRpb24v{self.number}",
            "slug": self.slug,
            "name": self.title,
            "url": f"https://cults3d.com/en/3d-model/various/{self.slug}",
            "description": self.description,
            "details": "",
            "tags": ["openscad", "parametric"],
            "publishedAt": iso(self.published_seconds),
            "updatedAt": iso(self.updated_seconds or self.published_seconds),
            "license": self.license[0],
            "creator": {"nick": self.author, "url": f"https://cults3d.com/en/users/{self.author}"}
            if self.author
            else None,
            "category": {"id": "1", "name": "Home"},
            "blueprints": blueprints,
            **self.odd,
        }

    def _url_of(self, file: CreationFile, files_url: str) -> str:
        if file.how == "elsewhere":
            return f"http://elsewhere.invalid/{file.file_id}/{file.name}"
        return f"{files_url}/blueprints/{file.file_id}/{file.name}"


def plant_creations(n_creations: int, rng: random.Random) -> list[Creation]:
    """Ordinary designs, newest last, with the special ones among them."""
    creations = [ordinary_creation(i, rng) for i in range(n_creations)]
    return creations + list(_special_creations(n_creations))


def ordinary_creation(number: int, rng: random.Random) -> Creation:
    """A design as most are: its source named, and given for a third of them; a fifth are meshes only."""
    kind, noun = rng.random(), rng.choice(_NOUNS)
    is_allowed = kind > 0.8 or rng.random() < 0.7
    creation = Creation(
        number,
        f"{noun}-of-openscad-{number}",
        f"{noun.title()} {number}",
        rng.choice((("openscad",), ("openscad", "parametric"), ("parametric",))),
        license=rng.choice(_ALLOWED if is_allowed else _REFUSED),
        author=f"u{number % 90}",
    )
    first = f"A {noun} of number {number}."
    creation.description, creation.words = (
        (f"<p>{first}</p><ul><li>one</li><li>two</li></ul>", f"{first}\n\n- one\n- two"),
        (f"{first}\r\nSecond &amp; last.", f"{first}\nSecond & last."),
        (None, None),
    )[number % 3]
    if kind > 0.8:
        creation.files = [CreationFile(f"b{number}", f"{noun}.stl", b"solid\n", is_given=False)]
        return creation
    text = scad_of(number)
    creation.files = [CreationFile(f"b{number}", f"{noun}.scad", text.encode(), is_given=kind < 0.4)]
    creation.expected = [Expected(f"{noun}.scad", text if is_allowed and kind < 0.4 else None)]
    return creation


def scad_of(number: int) -> str:
    return f"// design {number}\nr = {5 + number % 30}; // [1:50]\nsphere(r);\n"


def _special_creations(first_number: int) -> Iterator[Creation]:
    for i, make in enumerate(_SPECIAL):
        number = first_number + i
        creation = Creation(number, f"special-{number}", f"Special {make.__name__.strip('_')}", ("openscad",))
        creation.description = creation.words = "Special."
        creation.files = [CreationFile(f"b{number}", "part.scad", scad_of(number).encode())]
        creation.expected = [Expected("part.scad", scad_of(number))]
        make(creation)
        yield creation


def _archive(creation: Creation) -> None:
    creation.files, creation.expected = [CreationFile("z", "all.zip", b"PK")], [Expected(None, None)]


def _files_unknown(creation: Creation) -> None:
    creation.odd, creation.files, creation.expected = {"blueprints": None}, [], [Expected(None, None)]


def _bare(creation: Creation) -> None:
    creation.odd = {"creator": None, "category": None, "tags": None, "updatedAt": None, "publishedAt": None}
    creation.description = creation.words = creation.author = None


def _lost_file(creation: Creation) -> None:
    creation.files[0].how, creation.expected = "missing", [Expected("part.scad", None)]


def _file_elsewhere(creation: Creation) -> None:
    creation.files[0].how, creation.expected = "elsewhere", [Expected("part.scad", None)]


def _two_sources(creation: Creation) -> None:
    lib = CreationFile(f"l{creation.number}", "lib.SCAD", b"module lib() { cube(2); }\n")
    main = f"use <lib.SCAD>\nlib(); // {creation.number}\n"
    creation.files = [CreationFile(f"m{creation.number}", "main.scad", main.encode()), lib]
    creation.expected = [Expected("main.scad", main), Expected("lib.SCAD", lib.body.decode())]


_SPECIAL = (_archive, _files_unknown, _bare, _lost_file, _file_elsewhere, _two_sources)
