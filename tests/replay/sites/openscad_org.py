"""A replayed openscad.org: its library list, its gallery's lists, and seven advent calendars with their files.

`respond` is the site without a network; `answer` serves it.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.replay.doors import YEARS, Door, doors_of, index_of, new_door
from tests.replay.site import Faults, Limit, Planted, Site

__all__ = ["Answer", "OpenscadOrg"]

_N_LIBRARIES = 27
_N_GALLERY, _N_FAVOURITES, _N_RECENT = 9, 15, 30
_ROBOTS = "User-agent: *\nDisallow: /private/\n"
_LICENSES = ("BSD-2-Clause", "LGPL-3.0-only", "GPL-3.0-or-later", "CC0-1.0", "MIT")
_HTML, _SCRIPT = "text/html; charset=utf-8", "application/javascript"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class OpenscadOrg(Site):
    name = "openscad_org"
    spider_names = ("openscad_org",)
    hosts = ("www", "files")
    has_robots = True

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._rng = random.Random(f"openscad.org {seed}")
        self.doors = doors_of(seed)  # whatever the scale: the real one is no larger
        self.libraries = [_library(number) for number in range(1, _N_LIBRARIES + 1)]
        self.gallery = [_model(number) for number in range(1, _N_GALLERY + 1)]
        self.favourites = [_thing(10_000 + number) for number in range(_N_FAVOURITES)]
        self.recent = [_thing(10_010 + number) for number in range(_N_RECENT)]  # five are in both lists
        self.recent.append({"id": "none", "name": "Without a page", "public_url": None})
        self.robots = _ROBOTS

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        given = self.respond(host, request.path, dict(request.headers))
        return web.Response(status=given.status, body=given.body or None, headers=dict(given.headers))

    def limits(self) -> tuple[Limit, ...]:
        return ()

    def planted(self) -> list[Planted]:
        return [
            _planted(door, name, text)
            for door in self.doors
            if door.quirk != "broken"
            for name, text in [*door.sources.items(), *((name, None) for name in door.missing)]
        ]

    def planted_seeds(self) -> set[str]:
        """The pages that the site points at."""
        things = [*self.gallery, *self.favourites, *self.recent]
        return {library["url"] for library in self.libraries} | {t["public_url"] for t in things if t["public_url"]}

    def change(self, share: float) -> None:
        """Of that share a third gets new words, a third is taken down, a third is new; at least one of each."""
        n_each = max(1, round(len(self.doors) * share / 3))
        picked = self._rng.sample([door for door in self.doors if door.info and not door.quirk], 2 * n_each)
        for door in picked[:n_each]:
            door.info, door.description, door.kind = "<p>Now with new words.</p>", "Now with new words.", "author"
        self.doors = [door for door in self.doors if door not in picked[n_each:]]
        last = max(door.number for door in self.doors)
        self.doors += [new_door(self._rng, YEARS[-1], last + 1 + i) for i in range(min(n_each, 31 - last))]

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {"base_url": self.urls["www"], "files_url": self.urls["files"]}

    def environment(self, spider: str) -> dict[str, str]:
        return {}

    def respond(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is decoded."""
        if path == "/robots.txt":
            return Answer(200, self.robots.encode(), {"Content-Type": "text/plain"})
        found = self._page(path) if host == "www" else self._file(path)
        if found is None:
            return Answer(404, b"<html><h1>404</h1></html>", {"Content-Type": "text/html"})
        kind, body = found
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        lower = {name.lower(): value for name, value in headers.items()}
        if lower.get("if-none-match") == etag:
            return Answer(304, b"", {"ETag": etag})
        return Answer(200, body, {"Content-Type": kind, "ETag": etag})

    def _page(self, path: str) -> tuple[str, bytes] | None:
        if path == "/libraries.html":
            return _HTML, _libraries_page(self.libraries).encode()
        if path == "/gallery.html":
            return _HTML, b'<html><body><section id="gallery"></section></body></html>'
        if path == "/inc/thingiverse-gallery.json":
            return "application/json", json.dumps(self.favourites).encode()
        if path == "/inc/thingiverse-recent.json":
            return "application/json", json.dumps(self.recent).encode()
        return next(((_HTML, self._index(y)) for y in YEARS[:2] if path == f"/advent-calendar-{y}/index.html"), None)

    def _file(self, path: str) -> tuple[str, bytes] | None:
        if path == "/lists/gallery.jsonp":
            return _SCRIPT, f"/**/\ngallery({json.dumps(self.gallery, indent=1)});\n".encode()
        for year in YEARS[2:]:
            if path == f"/advent-calendar-{year}/index.js":
                return _SCRIPT, self._index(year)
        texts = (text for door in self.doors for name, text in door.sources.items() if door.place(name) == path)
        text = next(texts, None)
        return ("application/octet-stream", text.encode()) if text is not None else None

    def _index(self, year: int) -> bytes:
        return index_of(year, [door for door in self.doors if door.year == year], self.urls["files"]).encode()


def _planted(door: Door, name: str, text: str | None) -> Planted:
    is_allowed = door.spdx == "CC0-1.0"
    is_silent = not is_allowed and door.kind == "doc_comment"  # the source would speak, and is not fetched
    is_library = name == "lib/snow.scad" and door.kind != "author"
    kind, description = door.kind, door.description
    if is_silent:
        kind, description = "none", None
    if is_library:
        kind, description = "doc_comment", "Falls on every roof."
    return Planted(
        spider="openscad_org",
        source="openscad.org",
        source_item_id=door.item_id,
        path=name if door.folder is None or door.year != 2021 else f"{door.folder}/{name}",
        title=door.title,
        description=description,
        license_spdx=door.spdx,
        scad_sha256=hashlib.sha256(text.encode()).hexdigest() if text is not None and is_allowed else None,
        author=door.author,
        description_kind=kind,
    )


def _library(number: int) -> dict[str, str]:
    host = "codeberg.org" if number in (22, 23) else "github.com"
    return {
        "id": "Assets" if number in (10, 11) else f"Library{number}",  # the real page has one id twice, too
        "name": f"Library {number} (beta)" if number == 2 else f"Library {number}",
        "url": f"https://{host}/maker-{number}/library-{number}",
        "license": _LICENSES[number % len(_LICENSES)],
    }


def _libraries_page(libraries: list[dict[str, str]]) -> str:
    general, single = libraries[:11], libraries[11:]
    sections = (("general", "General", general), ("singletopic", "Single Topic", single))
    body = "\n".join(
        f'<section id="{key}"><h1>{title}</h1>\n' + "\n".join(map(_library_html, listed)) + "\n</section>"
        for key, title, listed in sections
    )
    return (
        '<!DOCTYPE html><html><body><div id="sidebar"><h1>Libraries</h1><ul><li><a href="#general">General</a></li>'
        f"</ul></div><article>\n{body}\n"
        '<section id="elsewhere"><h2 id="no">Not listed</h2><ul><li><a href="https://github.com/not/listed">Library</a>'
        "</li></ul></section></article></body></html>"
    )


def _library_html(library: dict[str, str]) -> str:
    url, spdx = library["url"], library["license"]
    license_html = f'<a href="https://spdx.org/licenses/{spdx}.html">{spdx}</a>'
    if library["name"] == "Library 9":
        license_html += ' | <a href="https://spdx.org/licenses/GPL-3.0-only.html">GPL-3.0-only</a>'
    if library["name"] == "Library 11":
        license_html = f'<a href="{url}?tab=Apache-2.0-1-ov-file">Apache 2.0</a>'
    first = '<li><a href="https://www.example.org/">The project</a></li>' if library["name"] == "Library 18" else ""
    slash = "/" if library["name"] == "Library 2 (beta)" else ""
    return (
        f'<img class="libimg" src="images/x.gif" width="200" align="right">\n<h2 id="{library["id"]}">'
        f"{library['name']}</h2>\n<p>Tools, shapes, & helpers.</p><p>For a newer OpenSCAD.</p>\n"
        f'<ul>{first}<li><a href="{url}{slash}">Library</a></li><li><a href="{url}/wiki">Documentation</a></li>'
        f'<li>License: {license_html}</li></ul>\n<p class="clear"></p>'
    )


def _model(number: int) -> dict[str, Any]:
    creator = {"name": f"maker-{number}", "public_url": f"https://github.com/maker-{number}"}
    page = f"https://github.com/maker-{number}/model-{number}"
    return {"id": f"model-{number}", "name": f"Model {number}", "public_url": page, "thumbnail": "", "creator": creator}


def _thing(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Thing {number}",
        "url": f"https://api.thingiverse.com/things/{number}",
        "public_url": f"https://www.thingiverse.com/thing:{number}",
        "thumbnail": "https://thingiverse-production-new.s3.amazonaws.com/renders/x_thumb_medium.jpg",
        "creator": {"id": 1, "name": "u1", "first_name": "", "last_name": ""},
        "is_private": False,
        "is_published": True,
    }
