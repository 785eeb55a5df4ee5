"""The things of a replayed Thingiverse: what each holds, how its answers look, and what a crawl must make of it.

What is expected of a thing is said where it is planted, never worked out with the spider's own code.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

__all__ = [
    "LICENSES",
    "Expected",
    "Thing",
    "ThingFile",
    "expect",
    "iso",
    "ordinary_thing",
    "scad_of",
    "sha256_of",
    "source_file",
]

LICENSES = (
    ("Creative Commons - Attribution", "CC-BY-4.0"),
    ("Creative Commons - Attribution - Share Alike", "CC-BY-SA-4.0"),
    ("Attribution - Share Alike", "CC-BY-SA-4.0"),
    ("Creative Commons - Public Domain Dedication", "CC0-1.0"),
    ("Public Domain", "LicenseRef-PublicDomain"),
    ("GNU - GPL", "LicenseRef-GPL-unversioned"),
    ("GNU - LGPL", "LicenseRef-LGPL-unversioned"),
    ("BSD License", "LicenseRef-BSD-unversioned"),
)
"""Those that allow a download."""
_REFUSED = (
    ("Creative Commons - Attribution - Non-Commercial", "CC-BY-NC-4.0"),
    ("Creative Commons - Attribution - Non-Commercial - Share Alike", "CC-BY-NC-SA-4.0"),
    ("Creative Commons - Attribution - Non-Commercial - No Derivatives", "CC-BY-NC-ND-4.0"),
    ("Creative Commons - Attribution - No Derivatives", "CC-BY-ND-4.0"),
    ("All Rights Reserved", "NOASSERTION"),
    (None, "NOASSERTION"),
)
_NOUNS = ("box", "hook", "gear", "bracket", "knob", "tray", "clip", "vase", "stand", "hinge")
_SEARCH, _BOXES, _CUSTOMIZER, _TAG = "search:openscad", "search:parametric box", "tag:customizer", "tag:openscad"
_FIRST_ADDED_SECONDS = 1_600_000_000


@dataclass
class ThingFile:
    file_id: int
    name: str
    body: bytes
    how: str = "ok"
    """ok | missing: 404 where the redirect leads | huge: more than the list of files says"""
    size_bytes: int | None = None
    """As listed; None: the true size."""


@dataclass(frozen=True)
class Expected:
    path: str | None
    scad: str | None


@dataclass
class Thing:
    thing_id: int
    name: str
    listings: tuple[str, ...]
    """Of "search:TERM" and "tag:NAME", where it is shown."""
    license: tuple[str | None, str] = LICENSES[0]
    files: list[ThingFile] = field(default_factory=list)
    description: dict[str, Any] = field(default_factory=dict)
    """The fields of the answer that hold it."""
    words: str | None = None
    """The description as a row must have it."""
    expected: list[Expected] = field(default_factory=list)
    has_zip: bool = True
    author: str | None = "u1"
    tags: tuple[str, ...] = ("openscad",)
    modified_seconds: int = 0
    ancestors: tuple[int, ...] = ()
    status: int = 200
    """Of its page."""
    odd: dict[str, Any] = field(default_factory=dict)
    """Fields of its page that are other than usual."""

    @property
    def added_seconds(self) -> int:
        return _FIRST_ADDED_SECONDS + 600 * (self.thing_id - 1_000_000)

    def change(self) -> None:
        """A new version: other texts, another name."""
        self.modified_seconds += 86_400
        self.name += " again"
        for file in self.files:
            if file.how == "ok" and b"\x00" not in file.body:
                file.body += b"// changed\n"
        self.expected = [Expected(e.path, e.scad + "// changed\n" if e.scad else None) for e in self.expected]

    def hit(self) -> dict[str, Any]:
        """As a search shows it: numbers and booleans mix."""
        shown = {
            "id": self.thing_id,
            "name": self.name,
            "url": f"https://api.thingiverse.com/things/{self.thing_id}",
            "public_url": f"https://www.thingiverse.com/thing:{self.thing_id}",
            "created_at": iso(self.added_seconds),
            "creator": {"id": 1, "name": self.author},
            "is_private": 0,
            "is_published": 1,
            "is_nsfw": False,
            "tags": [],
        }
        return shown | {key: self.odd[key] for key in ("is_private", "is_published") if key in self.odd}

    def page(self) -> dict[str, Any]:
        """As its own page shows it."""
        shown: dict[str, Any] = {
            "id": self.thing_id if self.thing_id % 2 else str(self.thing_id),
            "name": self.name,
            "public_url": f"https://www.thingiverse.com/thing:{self.thing_id}",
            "creator": {"id": 1, "name": self.author, "public_url": f"https://www.thingiverse.com/{self.author}"}
            if self.author
            else None,
            "added": iso(self.added_seconds),
            "modified": iso(self.modified_seconds or self.added_seconds),
            "is_published": 1,
            "is_wip": 0,
            "is_nsfw": False,
            "is_ai": False,
            "like_count": 3,
            "license": self.license[0],
            "tags": [{"name": tag, "tag": tag, "url": "", "count": 100} for tag in self.tags],
            "file_count": len(self.files),
            "app_id": None,
            "is_derivative": bool(self.ancestors),
            "ancestors": [],
            "type_name": "Thing",
            "zip_data": {"files": [{"name": file.name, "url": "…"} for file in self.files], "images": []},
            **self.description,
        }
        if not self.has_zip:
            del shown["zip_data"]
        return shown | self.odd

    def file_list(self) -> list[dict[str, Any]]:
        return [
            {
                "id": file.file_id,
                "name": file.name,
                "size": len(file.body) if file.size_bytes is None else file.size_bytes,
                "download_url": f"https://api.thingiverse.com/files/{file.file_id}/download",
                "threejs_url": "",
                "default_image": None,
                "date": "2019-08-09 11:41:43",
                "direct_url": None,
            }
            for file in self.files
        ]


def ordinary_thing(thing_id: int, rng: random.Random) -> Thing:
    """One of the usual kinds: most hold one source, some several, a fifth only meshes."""
    kind, noun = rng.random(), rng.choice(_NOUNS)
    listings = rng.choice(((_SEARCH,), (_CUSTOMIZER,), (_SEARCH, _CUSTOMIZER, _TAG), (_TAG, _BOXES)))
    is_allowed = kind > 0.9 or rng.random() < 0.7
    thing = Thing(
        thing_id,
        f"Parametric {noun} {thing_id}",
        listings,
        license=rng.choice(LICENSES if is_allowed else _REFUSED),
        author=f"u{thing_id % 400}",
        tags=("customizer", noun) if _CUSTOMIZER in listings else ("openscad", noun),
        has_zip=rng.random() < 0.5 or not is_allowed,
        ancestors=(thing_id - 1, 999_000) if rng.random() < 0.1 else (),
    )
    thing.description, thing.words = _wording(thing_id, noun)
    thing.files = [ThingFile(10 * thing_id, f"{noun}.stl", b"solid x\nendsolid x\n")]
    if kind <= 0.9 and rng.random() < 0.8:
        n_sources = 1 if kind < 0.75 else 2 + thing_id % 2
        names = (f"{noun}.scad", "helper.SCAD", f"{noun} lid.scad")[:n_sources]
        thing.files += [source_file(thing, i + 1, name) for i, name in enumerate(names)]
    expect(thing, is_allowed=is_allowed)
    return thing


def source_file(thing: Thing, n: int, name: str) -> ThingFile:
    return ThingFile(10 * thing.thing_id + n, name, scad_of(thing.thing_id, n).encode())


def expect(thing: Thing, *, is_allowed: bool = True) -> None:
    """A row a source; with its text where the licence allows."""
    thing.expected = [
        Expected(file.name, file.body.decode() if is_allowed else None)
        for file in thing.files
        if file.name.lower().endswith(".scad")
    ]


def scad_of(thing_id: int, n: int = 1) -> str:
    width = f"width = {20 + thing_id % 50}; // [10:100]"
    return f"// part {n} of {thing_id}\n{width}\ncube([width, {n + 1}, {thing_id % 97 + 1}]);\n"


def _wording(thing_id: int, noun: str) -> tuple[dict[str, Any], str | None]:
    """(fields, words): plain with CR LF, with entities, HTML alone, with instructions, or none."""
    first = f"A {noun} of number {thing_id}."
    forms: tuple[tuple[dict[str, Any], str | None], ...] = (
        ({"description": f"{first}\r\nSet the width.", "instructions": ""}, f"{first}\nSet the width."),
        ({"description": f"{first} Tom &amp; Ann&#39;s"}, f"{first} Tom & Ann's"),
        (
            {"description": None, "description_html": f"<p>{first}</p><p>use &lt;a.scad&gt;<br/>now</p>"},
            f"{first}\n\nuse <a.scad>\nnow",
        ),
        ({"description": first, "instructions": "Print it.\r\n"}, f"{first}\n\nPrint it."),
        ({"description": "", "description_html": "<p></p>"}, None),
    )
    return forms[thing_id % len(forms)]


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def sha256_of(scad: str | None) -> str | None:
    return hashlib.sha256(scad.encode()).hexdigest() if scad is not None else None
