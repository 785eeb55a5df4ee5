"""What the replayed GitLab and Codeberg share: their repositories, and what a crawl must make of each."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from aiohttp import web

from tests.replay.repositories import LICENSES, Expected, Repo, tarball_of
from tests.replay.repository_files import content_of
from tests.replay.site import Faults, Planted, Site

__all__ = ["COPIED_PATH", "Answer", "ForgeSite", "json_answer", "validated"]

_FIRST_DAY = datetime(2014, 5, 1, tzinfo=UTC)
_TOO_LARGE = bytes(5 << 20)
COPIED_PATH = "libs/ball.scad"
_GITHUBS_COPY = "libs/rounded.scad"  # there it is known which repository shows it first
_MAX_ARCHIVE_MB = "4"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class ForgeSite(Site):
    """A forge of some repositories, each found by its topic, by words, or by both."""

    n_full_size: ClassVar[int]
    spider: ClassVar[str]
    quirks: ClassVar[tuple[str, ...]]
    hosts = ("api",)
    has_robots = True

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._seed = seed
        self._rng = random.Random(f"{self.name} {seed}")
        n_ordinary = max(12, round(self.n_full_size * scale))
        self.repos = [self.ordinary(number) for number in range(1, n_ordinary + 1)]
        self.repos += [self.odd(n_ordinary + 1 + i, quirk) for i, quirk in enumerate(self.quirks)]
        self.unlisted = [self.ordinary(n_ordinary + 100)]
        """Found by no query: only another site's page names it."""
        self.robots = ""
        self.has_copies = False
        """True: ordinary archives hold one and the same library file, which then is nobody's in particular."""

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        # the raw path: a name's slash may be encoded
        given = self.respond(request.rel_url.raw_path, dict(request.query), dict(request.headers))
        return web.Response(status=given.status, body=given.body or None, headers=dict(given.headers))

    def respond(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        raise NotImplementedError

    def owner_of(self, number: int) -> str:
        return f"Maker-{number % 37}"

    def ordinary(self, number: int) -> Repo:
        key = self._rng.choices(list(LICENSES), [share for *_, share in LICENSES.values()])[0]
        created = _FIRST_DAY + timedelta(days=31 * number)
        return Repo(number, self.owner_of(number), f"scad-{number}", key, created, f"My OpenSCAD things {number}.")

    def odd(self, number: int, quirk: str) -> Repo:
        keys = {"no license": None, "other license": "other", "per model": None}
        name = f"odd.{quirk.replace(' ', '_')}-{number}"
        return Repo(number, "odd-owner", name, keys.get(quirk, "mit"), _FIRST_DAY, f"Odd: {quirk}.", quirk=quirk)

    def planted(self) -> list[Planted]:
        return [row for repo in self.repos if not repo.is_gone for row in self.rows_of(repo)]

    def rows_of(self, repo: Repo) -> list[Planted]:
        """The rows that a repository must give."""
        return [self._row(repo, expected) for expected in content_of(repo, self._seed).expected]

    def change(self, share: float) -> None:
        """A third of that share pushed to, a third deleted, a third new; at least one of each."""
        n_each = max(1, round(len(self.repos) * share / 3))
        picked = self._rng.sample([repo for repo in self.repos if not repo.quirk and not repo.is_gone], 2 * n_each)
        for repo in picked[:n_each]:
            repo.generation += 1
        for repo in picked[n_each:]:
            repo.is_gone = True
        first = max(repo.number for repo in [*self.repos, *self.unlisted]) + 1
        self.repos += [self.ordinary(first + i) for i in range(n_each)]

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {"base_url": self.base_url, "max_archive_mb": _MAX_ARCHIVE_MB}

    def environment(self, spider: str) -> dict[str, str]:
        return {}

    @property
    def base_url(self) -> str:
        raise NotImplementedError

    def found(self, *, topic: str | None = None, words: str | None = None) -> list[Repo]:
        """The repositories of a query, by number."""
        if "openscad" not in (topic, words):
            return []
        shown = [repo for repo in self.repos if not repo.is_gone]
        return [repo for repo in shown if (self.has_topic(repo) if topic else repo.number % 3 != 1)]

    @staticmethod
    def has_topic(repo: Repo) -> bool:
        return repo.number % 3 != 2

    def named(self, full_name: str) -> Repo | None:
        """The repository, unless it is gone."""
        every = [*self.repos, *self.unlisted]
        found = [repo for repo in every if repo.full_name.lower() == full_name.lower() and not repo.is_gone]
        return found[0] if found and found[0].quirk != "missing" else None

    def archive(self, repo: Repo) -> Answer:
        headers = {"Content-Type": "application/octet-stream", "ETag": f'W/"{repo.commit}"'}
        if repo.quirk == "endless":
            return Answer(200, _TOO_LARGE, headers)
        flat = replace(repo, owner=repo.owner.replace("/", "-"))  # a group's slash is none in the top folder
        content = content_of(repo, self._seed)
        content.files.pop(_GITHUBS_COPY, None)
        if self.has_copies and not repo.quirk:
            content.files[COPIED_PATH] = b"// Ball\nmodule ball() sphere(3);\n"
        return Answer(200, tarball_of(flat, content), headers)

    def _row(self, repo: Repo, row: Expected) -> Planted:
        is_taken = row.scad is not None and row.license != "NOASSERTION"
        return Planted(
            spider=self.spider,
            source=self.spider,
            source_item_id=repo.full_name.lower(),
            path=row.path,
            title=row.title,
            description=row.description,
            license_spdx=row.license,
            scad_sha256=hashlib.sha256((row.scad or "").encode()).hexdigest() if is_taken else None,
            author=row.author,
            description_kind=row.kind,
        )


def json_answer(data: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(data).encode(), {"Content-Type": "application/json", **headers})


def validated(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """With an ETag; 304 without a body where the asker has it already."""
    etag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    asked = {name.lower(): value for name, value in headers.items()}.get("if-none-match")
    shown = {**answer.headers, "ETag": etag}
    return Answer(304, b"", shown) if asked == etag else Answer(200, answer.body, shown)
