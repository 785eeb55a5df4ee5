"""A replayed Cults3D: one GraphQL address, and a host of its own for the files.

`respond` is the site without a network; `answer` serves it. The term `partial` gives a page with a null and an error
beside it, `broken` data that is null, `nothing` a missing batch. A user named `forbidden` is turned down by 403.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tests.replay.creations import Creation, CreationFile, ordinary_creation, plant_creations
from tests.replay.site import Faults, Limit, Planted, Site
from tests.replay.sites.thingiverse import Answer
from tests.replay.things import sha256_of

__all__ = ["Cults3d"]

_USER, _KEY = "replay-user", "REPLAY-SECRET-cults3d"
_FULL_SIZE = 600
_ALIAS = re.compile(r"(c\d+):creation\(slug:\$(s\d+)\)")


class Cults3d(Site):
    name = "cults3d"
    spider_names = ("cults3d",)
    hosts = ("api", "files")

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._rng = random.Random(f"cults3d {seed}")
        planted = plant_creations(max(30, round(_FULL_SIZE * scale)), self._rng)
        self.creations = {creation.slug: creation for creation in planted}
        self.index()

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        given = self.respond(host, request.path, await request.read(), dict(request.headers))
        return web.Response(status=given.status, body=given.body or None, headers=dict(given.headers))

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 60, 30, style="iso"),)

    def planted(self) -> list[Planted]:
        return [
            Planted(
                spider="cults3d",
                source="cults3d",
                source_item_id=creation.slug,
                path=expected.path,
                title=creation.title,
                description=creation.words,
                license_spdx=creation.license[1],
                scad_sha256=sha256_of(expected.scad),
                author=creation.author,
                description_kind="author" if creation.words else "none",
            )
            for creation in self.creations.values()
            for expected in creation.expected
        ]

    def change(self, share: float) -> None:
        """A third of that share changed, a third taken away, a third new; at least one of each."""
        n_each = max(1, round(len(self.creations) * share / 3))
        common = [creation for slug, creation in self.creations.items() if not slug.startswith("special-")]
        picked = self._rng.sample(common, 2 * n_each)
        for creation in picked[:n_each]:
            creation.change()
        for creation in picked[n_each:]:
            del self.creations[creation.slug]
        first_number = 1 + max(creation.number for creation in self.creations.values())
        for number in range(first_number, first_number + n_each):
            creation = ordinary_creation(number, self._rng)
            self.creations[creation.slug] = creation
        self.index()

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {"base_url": self.urls["api"], "terms": "openscad,parametric"}

    def environment(self, spider: str) -> dict[str, str]:
        return {"CULTS3D_USERNAME": _USER, "CULTS3D_API_KEY": _KEY}

    def respond(self, host: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is decoded."""
        lower = {name.lower(): value for name, value in headers.items()}
        parts = [part for part in path.split("/") if part]
        if host == "files":
            return self._file(parts)
        if parts != ["graphql"]:
            return Answer(404, b"not found", {"Content-Type": "text/plain"})
        if (status := _refusal(lower.get("authorization", ""))) is not None:
            return Answer(status, b"HTTP Basic: Access denied.\n", {"Content-Type": "text/plain; charset=utf-8"})
        asked = json.loads(body)
        is_search = "creationsSearchBatch" in asked["query"]
        answer = self._search(asked["variables"]) if is_search else self._by_slug(asked["query"], asked["variables"])
        return Answer(200, json.dumps(answer).encode(), {"Content-Type": "application/json; charset=utf-8"})

    def index(self) -> None:
        """Build the look-ups anew, after a change of the designs."""
        newest = sorted(self.creations.values(), key=lambda creation: -creation.published_seconds)
        self._found: dict[str, list[Creation]] = {
            term: [c for c in newest if term in c.terms] for term in ("openscad", "parametric")
        }
        self._found["partial"] = newest[:8]
        self._files: dict[str, CreationFile] = {f.file_id: f for c in newest for f in c.files}

    def _search(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        term, n, offset = variables["q"], min(100, variables["n"]), variables["o"]
        if term == "broken":
            return {"data": None, "errors": [{"message": "Internal error"}]}
        if term == "nothing":
            return {"data": {"creationsSearchBatch": None}}
        found = self._found.get(term, [])
        results: list[Any] = [c.shown(self.urls["files"]) for c in found[offset : offset + n]]
        answer: dict[str, Any] = {"data": {"creationsSearchBatch": {"total": len(found), "results": results}}}
        if term == "partial" and results:
            results[0] = None
            answer["errors"] = [{"message": "Can't be shown", "path": ["creationsSearchBatch", "results", 0]}]
        return answer

    def _by_slug(self, query: str, variables: Mapping[str, str]) -> dict[str, Any]:
        named = ((alias, self.creations.get(variables[name])) for alias, name in _ALIAS.findall(query))
        return {"data": {alias: c.shown(self.urls["files"]) if c else None for alias, c in named}}

    def _file(self, parts: list[str]) -> Answer:
        file = self._files.get(parts[1]) if len(parts) == 3 else None
        if file is None or file.how == "missing":
            return Answer(404, b"not here", {"Content-Type": "text/plain"})
        return Answer(200, file.body, {"Content-Type": "application/octet-stream"})


def _refusal(authorization: str) -> int | None:
    """The status for anyone but the one user."""
    given = base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
    if given == f"{_USER}:{_KEY}":
        return None
    return 403 if given.startswith("forbidden:") else 401
