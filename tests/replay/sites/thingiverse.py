"""A replayed Thingiverse: search, tags, things, files, and a CDN on a host of its own.

`respond` is the site without a network; `answer` serves it. Tokens with other endings get the site's other faces:
`-revoked` a 401, `-robots` the sentence of its terms, `-challenge-200` and `-challenge-403` a page that challenges
robots.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.replay.site import Faults, Limit, Planted, Site
from tests.replay.special_things import plant_things
from tests.replay.things import Thing, ThingFile, ordinary_thing, sha256_of

__all__ = ["Answer", "Thingiverse"]

_TOKEN = "REPLAY-SECRET-thingiverse"
_FULL_SIZE = 3000
_ROBOTS = (
    "You are not allowed to use robots, spiders, scraping, or other technology to access or use Content or any Sites "
    "to obtain any information"
)
_CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf-challenge</body></html>"
_NO_TOKEN = {
    "error": "Unauthorized access. No authentication was provided.",
    "code": 401,
    "type": "NO_TOKEN_PROVIDED",
}
_LISTINGS = {
    "search:openscad": "404",
    "search:parametric box": "empty",
    "tag:customizer": "null",
    "tag:openscad": "404",
}
"""How each ends: all three ways are real."""
_BARE_LISTS = ("search:parametric box", "tag:openscad")
_HUGE_BYTES = 2 << 20


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Thingiverse(Site):
    name = "thingiverse"
    spider_names = ("thingiverse",)
    hosts = ("api", "cdn")

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self.rng = random.Random(f"thingiverse {seed}")
        self.things = {t.thing_id: t for t in plant_things(max(40, round(_FULL_SIZE * scale)), self.rng)}
        self.index()

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        given = self.respond(host, request.path, dict(request.query), dict(request.headers))
        return web.Response(status=given.status, body=given.body or None, headers=dict(given.headers))

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 300, 300, style="retry_after_seconds"),)

    def planted(self) -> list[Planted]:
        return [
            Planted(
                spider="thingiverse",
                source="thingiverse",
                source_item_id=str(thing.thing_id),
                path=expected.path,
                title=thing.name,
                description=thing.words,
                license_spdx=thing.license[1],
                scad_sha256=sha256_of(expected.scad),
                author=thing.author,
                description_kind="author" if thing.words else "none",
            )
            for thing in self.things.values()
            for expected in thing.expected
        ]

    def change(self, share: float) -> None:
        """A third of that share changed, a third taken away, a third new; at least one of each."""
        n_each = max(1, round(len(self.things) * share / 3))
        common = [t for t in self.things.values() if t.status == 200 and t.name.startswith("Parametric")]
        picked = self.rng.sample(common, 2 * n_each)
        for thing in picked[:n_each]:
            thing.change()
        for thing in picked[n_each:]:
            del self.things[thing.thing_id]
        first_id = max(self.things) + 1
        for i in range(n_each):
            self.things[first_id + i] = ordinary_thing(first_id + i, self.rng)
        self.index()

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {"base_url": self.urls["api"], "terms": "openscad,parametric box", "tags": "customizer,openscad"}

    def environment(self, spider: str) -> dict[str, str]:
        return {"THINGIVERSE_TOKEN": _TOKEN}

    def respond(self, host: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is decoded."""
        lower = {name.lower(): value for name, value in headers.items()}
        parts = [part for part in path.split("/") if part]
        if host == "cdn":
            return self._asset(parts)
        if parts == ["robots.txt"]:
            return Answer(404, b"none", {"Content-Type": "text/plain"})
        if (refused := _refused(lower.get("authorization", ""))) is not None:
            return refused
        routes: dict[tuple[str, int], Callable[[], Answer]] = {
            ("search", 2): lambda: self._hits(f"search:{parts[1]}", query),
            ("tags", 3): lambda: self._hits(f"tag:{parts[1]}", query),
            ("things", 2): lambda: self._thing(parts[1]),
            ("things", 3): lambda: self._part_of_thing(parts[1], parts[2]),
            ("files", 3): lambda: self._download(parts[1]),
        }
        route = routes.get((parts[0] if parts else "", len(parts)))
        return _validated(route() if route else _json({"error": "Not Found"}, 404), lower.get("if-none-match"))

    def index(self) -> None:
        """Build the look-ups anew, after a change of the things."""
        newest = sorted(self.things.values(), key=lambda thing: -thing.added_seconds)
        self.shown: dict[str, list[Thing]] = {name: [t for t in newest if name in t.listings] for name in _LISTINGS}
        self._files: dict[int, ThingFile] = {f.file_id: f for t in newest for f in t.files}

    def _hits(self, listing: str, query: Mapping[str, str]) -> Answer:
        things = self.shown.get(listing, [])
        per_page, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        hits = [thing.hit() for thing in things[(page - 1) * per_page : page * per_page]]
        end = _LISTINGS.get(listing, "404")
        if not hits and end == "404":
            return _json({"error": "Not Found"}, 404)
        if listing in _BARE_LISTS:
            return _json(hits)
        return _json({"total": len(things), "hits": hits or (None if end == "null" else [])})

    def _thing(self, thing_id: str) -> Answer:
        thing = self._find(thing_id)
        if thing is None or thing.status == 404:
            return _json({"error": f"Thing {thing_id} does not exist"}, 404)
        if thing.status != 200:
            return _json({"error": "You can't see this thing"}, thing.status)
        return _json(thing.page())

    def _part_of_thing(self, thing_id: str, part: str) -> Answer:
        thing = self._find(thing_id)
        if thing is None or (part == "ancestors" and not thing.ancestors):
            return _json({"error": "Not Found"}, 404)
        if part == "files":
            return _json(thing.file_list())
        pages = ((n, f"https://www.thingiverse.com/thing:{n}") for n in thing.ancestors)
        return _json([{"id": n, "name": "older", "public_url": page} for n, page in pages])

    def _download(self, file_id: str) -> Answer:
        file = self._files.get(int(file_id)) if file_id.isdigit() else None
        if file is None:
            return _json({"error": "Not Found"}, 404)
        where = f"{self.urls['cdn']}/assets/{file.file_id}/{quote(file.name.rpartition('/')[2])}"
        return Answer(302, headers={"Location": where})

    def _asset(self, parts: list[str]) -> Answer:
        file = self._files.get(int(parts[1])) if len(parts) == 3 and parts[1].isdigit() else None
        if file is None or file.how == "missing":
            return Answer(404, b"not here", {"Content-Type": "text/plain"})
        body = file.body if file.how == "ok" else b"// " + b"x" * _HUGE_BYTES
        return Answer(200, body, {"Content-Type": "application/octet-stream"})

    def _find(self, thing_id: str) -> Thing | None:
        return self.things.get(int(thing_id)) if thing_id.isdigit() else None


def _refused(authorization: str) -> Answer | None:
    """What the holder of this token is told instead of an answer; None for the good one."""
    if authorization == f"Bearer {_TOKEN}":
        return None
    page = {"Content-Type": "text/html; charset=utf-8"}
    if authorization.endswith("-robots"):
        return Answer(403, _ROBOTS.encode(), {"Content-Type": "text/plain"})
    if authorization.endswith("-challenge-200"):
        return Answer(200, _CHALLENGE.encode(), page)
    if authorization.endswith("-challenge-403"):
        return Answer(403, _CHALLENGE.encode(), page)
    return _json(_NO_TOKEN, 401)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _validated(answer: Answer, if_none_match: str | None) -> Answer:
    """With an ETag; a 304 for whoever has it."""
    if answer.status != 200:
        return answer
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
    if etag == if_none_match:
        return Answer(304, b"", {"ETag": etag})
    return Answer(200, answer.body, {**answer.headers, "ETag": etag})
