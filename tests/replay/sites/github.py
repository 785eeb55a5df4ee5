"""A replayed GitHub: repository search, repositories, commits, and tarballs on a host of their own.

`respond` is the site without a network; `answer` serves it. A token that ends in `-revoked` gets a 401.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.replay.repositories import LICENSES, Repo, pushed_at, tarball_of
from tests.replay.repository_files import content_of
from tests.replay.site import Faults, Limit, Planted, Site

__all__ = ["Answer", "Github"]

_TOKEN = "REPLAY-SECRET-github"
_FULL_SIZE = 5000
_FIRST_DAY = datetime(2011, 3, 1, tzinfo=UTC)
_N_DAYS = 5200
_MAX_RESULTS = 1000
_ENDLESS_BYTES = 3 << 30
_CHUNK = bytes(1 << 20)
_SECONDARY = {
    "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
}
_SEARCH_QUIRKS = (
    *("hostile", "bomb", "odd files", "no scad", "no license", "other license", "large", "endless", "empty"),
    *("missing", "fork", "private", "library"),
)
_NAMED_QUIRKS = ("doc comments", "docs", "per model", "vouched", "", "missing", "empty")


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_endless: bool = False


class Github(Site):
    name = "github"
    spider_names = ("github_repos", "github_search")
    hosts = ("api", "codeload")

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._seed = seed
        self._rng = random.Random(f"github {seed}")
        n_ordinary = max(30, round(_FULL_SIZE * scale))
        self.searched = [self._ordinary(number) for number in range(1, n_ordinary + 1)]
        self.searched += [self._odd(n_ordinary + 1 + i, quirk) for i, quirk in enumerate(_SEARCH_QUIRKS)]
        first = len(self.searched) + 1_000_001
        self.named = [self._named(first + i, quirk) for i, quirk in enumerate(_NAMED_QUIRKS)]
        self.old_names = {"former-owner/old-name": self.named[4].full_name}
        self._n_searched: Counter[str] = Counter()
        self._n_core = 0
        self._index()

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        given = self.respond(host, request.path, dict(request.query), dict(request.headers))
        if given.is_endless:
            return await _stream_for_ever(request, given.headers)
        return web.Response(status=given.status, body=given.body or None, headers=dict(given.headers))

    def limits(self) -> tuple[Limit, ...]:
        return (
            Limit("api", 30, 60, path_prefix="/search", style="epoch"),
            Limit("api", 5000, 3600, path_prefix="/repos", style="epoch"),
        )

    def planted(self) -> list[Planted]:
        found = [("github_search", repo) for repo in self.searched] + [("github_repos", repo) for repo in self.named]
        return [
            Planted(
                spider=spider,
                source="github",
                source_item_id=repo.full_name.lower(),
                path=row.path,
                title=row.title,
                description=row.description,
                license_spdx=row.license,
                scad_sha256=hashlib.sha256(row.scad.encode()).hexdigest() if row.scad is not None else None,
                author=row.author,
                description_kind=row.kind,
            )
            for spider, repo in found
            if not repo.is_gone
            for row in content_of(repo, self._seed).expected
        ]

    def change(self, share: float) -> None:
        """A third of that share of the searched ones pushed to, a third deleted, a third new; at least one of each."""
        n_each = max(1, round(len(self.searched) * share / 3))
        picked = self._rng.sample([r for r in self.searched if not r.quirk and not r.is_gone], 2 * n_each)
        for repo in picked[:n_each]:
            repo.generation += 1
        for repo in picked[n_each:]:
            repo.is_gone = True
        first = max(repo.number for repo in self.searched) + 1
        self.searched += [replace(self._ordinary(first + i), generation=1) for i in range(n_each)]
        self._index()

    def spider_arguments(self, spider: str) -> dict[str, str]:
        if spider == "github_search":
            return {"base_url": self.urls["api"], "licenses": ",".join(LICENSES), "created_to": "2026-01-01"}
        doc_comments, docs, per_model, vouched, _, *others = self.named
        repos: list[Any] = [
            {"name": doc_comments.full_name, "commit": doc_comments.commit, "extracts": ["doc_comments"]},
            {"name": docs.full_name, "extracts": ["files", "docs"], "exclude": ["tests/**"]},
            per_model.full_name,
            {"name": vouched.full_name, "license": "CC0-1.0", "reason": "its README says so"},
            *self.old_names,
            *(repo.full_name for repo in others),
        ]
        return {"base_url": self.urls["api"], "repos": json.dumps(repos)}

    def environment(self, spider: str) -> dict[str, str]:
        return {"GITHUB_TOKEN": _TOKEN}

    def respond(self, host: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is decoded."""
        lower = {name.lower(): value for name, value in headers.items()}
        parts = path.strip("/").split("/")
        if host == "codeload":
            return self._tarball(parts)
        if lower.get("authorization", "").endswith("-revoked"):
            return _json({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}, 401)
        if parts == ["search", "repositories"]:
            return self._search(query)
        if parts[0] == "repositories" and len(parts) == 2:
            repo = self._by_number.get(parts[1])
            return _validated(self._repository(repo), lower.get("if-none-match"))
        if parts[0] != "repos" or len(parts) < 3:
            return _json({"message": "Not Found"}, 404)
        self._n_core += 1
        if self._n_core == 40 and self.clock_speed > 1:  # in real time its pause is a minute
            return _json(_SECONDARY, 403)
        return self._below_repos(f"{parts[1]}/{parts[2]}".lower(), parts[3:], lower)

    def _below_repos(self, full_name: str, rest: list[str], headers: Mapping[str, str]) -> Answer:
        new_name = self.old_names.get(full_name)
        if new_name is not None:
            url = f"{self.urls['api']}/repositories/{self._by_name[new_name.lower()].number}"
            return Answer(301, json.dumps({"message": "Moved Permanently", "url": url}).encode(), {"Location": url})
        repo = self._by_name.get(full_name)
        if not rest or repo is None or repo.is_gone or repo.quirk == "missing":
            return _validated(self._repository(repo), headers.get("if-none-match"))
        if rest[0] == "commits" and "/".join(rest[1:]) == "main":
            if repo.quirk == "empty":
                return _json({"message": "Git Repository is empty."}, 409)
            if "vnd.github.sha" in headers.get("accept", ""):
                return Answer(200, repo.commit.encode(), {"Content-Type": "application/vnd.github.sha; charset=utf-8"})
            return _json({"sha": repo.commit, "files": []})
        if rest == ["tarball", repo.commit]:
            location = f"{self.urls['codeload']}/{repo.full_name}/legacy.tar.gz/{repo.commit}"
            return Answer(302, b"", {"Location": location})
        return _json({"message": "Not Found"}, 404)

    def _repository(self, repo: Repo | None) -> Answer:
        if repo is None or repo.is_gone or repo.quirk == "missing":
            return _json({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, 404)
        return _json(shown(repo))

    def _tarball(self, parts: list[str]) -> Answer:
        repo = self._by_name.get("/".join(parts[:2]).lower())
        if repo is None or repo.is_gone or parts[2:] != ["legacy.tar.gz", repo.commit]:
            return Answer(404, b"404: Not Found", {"Content-Type": "text/plain"})
        headers = {"Content-Type": "application/x-gzip", "ETag": f'"{repo.commit}"'}
        if repo.quirk == "endless":
            return Answer(200, b"", headers, is_endless=True)
        return Answer(200, tarball_of(repo, content_of(repo, self._seed)), headers)

    def _search(self, query: Mapping[str, str]) -> Answer:
        words = query.get("q", "")
        per_page, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        if (page - 1) * per_page >= _MAX_RESULTS:
            return _json({"message": "Only the first 1000 search results are available"}, 422)
        found = self._matches(words)
        if found is None:
            return _json({"message": "Validation Failed", "errors": [{"resource": "Search", "field": "q"}]}, 422)
        shown_ones = found[:_MAX_RESULTS][(page - 1) * per_page : page * per_page]
        key = f"{words} {page}"
        self._n_searched[key] += 1
        is_incomplete = self._n_searched[key] == 1 and hashlib.sha256(key.encode()).digest()[0] % 7 == 0
        n_found = len(found) // 2 if is_incomplete else len(found)
        items = [{**shown(repo), "score": 1.0} for repo in shown_ones[: n_found if is_incomplete else None]]
        return _json({"total_count": n_found, "incomplete_results": is_incomplete, "items": items})

    def _matches(self, words: str) -> list[Repo] | None:
        """The repositories of a query, newest push first; None for one that GitHub would not take."""
        asked = dict(word.split(":", 1) for word in words.split() if ":" in word)
        created = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", asked.get("created", ""))
        if asked.get("language", "").lower() != "openscad" or created is None:
            return None
        found = [
            repo
            for repo in self._by_license.get(asked.get("license", ""), [])
            if created[1] <= repo.created.date().isoformat() <= created[2]
            and pushed_at(repo)[:10] >= asked.get("pushed", "").removeprefix(">=")
        ]
        return sorted(found, key=lambda repo: (pushed_at(repo), repo.number), reverse=True)

    def _index(self) -> None:
        everything = [*self.searched, *self.named]
        self._by_name = {repo.full_name.lower(): repo for repo in everything}
        self._by_number = {str(repo.number): repo for repo in everything}
        self._by_license: dict[str, list[Repo]] = {}
        for repo in self.searched:
            key = repo.listed_key or repo.license_key
            if key is not None and not repo.is_gone:
                self._by_license.setdefault(key, []).append(repo)

    def _ordinary(self, number: int) -> Repo:
        key = self._rng.choices(list(LICENSES), [share for *_, share in LICENSES.values()])[0]
        # growing numbers over the years, as on the real site
        created = _FIRST_DAY + timedelta(days=int(_N_DAYS * self._rng.random() ** 0.6))
        owner, name = f"Maker-{number % 997}", f"scad-things-{number}"
        return Repo(number, owner, name, key, created, f"My OpenSCAD things, shelf {number}.")

    def _odd(self, number: int, quirk: str) -> Repo:
        has_license = quirk not in ("no license", "other license")
        return Repo(
            number,
            "odd-owner",
            f"odd.{quirk.replace(' ', '_')}-{number}",
            "mit" if has_license else None if quirk == "no license" else "other",
            _FIRST_DAY + timedelta(days=number % _N_DAYS),
            f"Odd in one way: {quirk}.",
            quirk=quirk,
            size_kb=900_000 if quirk == "large" else 120,
            listed_key="mit",
        )

    def _named(self, number: int, quirk: str) -> Repo:
        keys = {"doc comments": "bsd-2-clause", "docs": "lgpl-2.1", "per model": None, "vouched": "other"}
        name = f"{(quirk or 'renamed').replace(' ', '-')}-{number}"
        return Repo(number, "Named-Owner", name, keys.get(quirk, "mit"), _FIRST_DAY, f"Named: {quirk}.", quirk=quirk)


def shown(repo: Repo) -> dict[str, Any]:
    """The repository as the API shows it."""
    known = LICENSES.get(repo.license_key or "")
    spdx_id, name = known[:2] if known else ("NOASSERTION", "Other")
    page = f"https://github.com/{quote(repo.full_name)}"
    return {
        "id": repo.number,
        "node_id": f"R_{repo.number}",
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.quirk == "private",
        "owner": {
            "login": repo.owner,
            "id": repo.number + 7,
            "type": "User",
            "html_url": f"https://github.com/{repo.owner}",
        },
        "html_url": page,
        "description": repo.description,
        "fork": repo.quirk == "fork",
        "created_at": repo.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "updated_at": pushed_at(repo),
        "pushed_at": pushed_at(repo),
        "size": repo.size_kb,
        "stargazers_count": repo.number % 50,
        "language": "OpenSCAD",
        "archived": repo.number % 40 == 0,
        "disabled": False,
        "license": {"key": repo.license_key, "name": name, "spdx_id": spdx_id} if repo.license_key else None,
        "topics": ["openscad", "3d-printing"] if repo.number % 2 else [],
        "default_branch": "main",
    }


def _json(data: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(data).encode(), {"Content-Type": "application/json; charset=utf-8"})


def _validated(answer: Answer, if_none_match: str | None) -> Answer:
    """With an ETag; 304 without a body where the asker has it already."""
    if answer.status != 200:
        return answer
    etag = f'W/"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = {**answer.headers, "ETag": etag}
    return Answer(304, b"", headers) if if_none_match == etag else Answer(200, answer.body, headers)


async def _stream_for_ever(request: web.Request, headers: Mapping[str, str]) -> web.StreamResponse:
    """3 GiB, in pieces, until the asker has had enough."""
    response = web.StreamResponse(headers=dict(headers))
    await response.prepare(request)
    for _ in range(_ENDLESS_BYTES // len(_CHUNK)):
        try:
            await response.write(_CHUNK)
        except (ConnectionError, OSError):
            break
    return response
