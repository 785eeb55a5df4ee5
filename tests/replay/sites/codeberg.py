"""A replayed Codeberg: Forgejo's search by topic and by words, repositories, branches, archives.

`respond` is the site without a network; `answer` serves it. Two in three repositories tell their licences, as newer
versions do; of the others only the files tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from tests.replay.forges import Answer, ForgeSite, json_answer
from tests.replay.repositories import Repo, pushed_at
from tests.replay.site import Limit, Planted

__all__ = ["Codeberg"]

_API = "/api/v1"
_MAX_PER_PAGE = 50
_NOT_FOUND = {"errors": [], "message": "The target couldn't be found.", "url": "https://codeberg.org/api/swagger"}


class Codeberg(ForgeSite):
    name = "codeberg"
    spider = "codeberg"
    spider_names = ("codeberg",)
    n_full_size = 80
    quirks = (
        *("no license", "other license", "no scad", "hostile", "odd files", "endless", "empty", "fork"),
        *("per model", "two licenses", "refused"),
    )

    @property
    def base_url(self) -> str:
        return f"{self.urls['api']}{_API}"

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 2000, 300, style="retry_after_seconds"),)

    def ordinary(self, number: int) -> Repo:
        """Where the site doesn't tell the licence, the archive has a LICENSE file: that of MIT."""
        repo = super().ordinary(number)
        if number % 3 == 0:
            repo.license_key = "mit"
        return repo

    def rows_of(self, repo: Repo) -> list[Planted]:
        rows = super().rows_of(repo)
        if repo.quirk != "refused":
            return rows
        return [
            replace(
                rows[0],
                path=None,
                title=repo.name,
                description=repo.description,
                description_kind="author",
                license_spdx="CC-BY-NC-4.0",
                scad_sha256=None,
                author=repo.owner,
            )
        ]

    def respond(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is as it was sent."""
        if path == "/robots.txt":
            return Answer(200, self.robots.encode(), {"Content-Type": "text/plain"})
        parts = [unquote(part) for part in path.removeprefix(f"{_API}/").split("/")]
        if parts == ["repos", "search"]:
            return self._search(query)
        repo = self.named("/".join(parts[1:3])) if parts[0] == "repos" and len(parts) > 2 else None
        if repo is None:
            return json_answer(_NOT_FOUND, 404)
        if len(parts) == 3:
            return json_answer(self._shown(repo))
        if parts[3:] == ["branches", "main"]:
            return json_answer({"name": "main", "commit": {"id": repo.commit, "message": "More"}, "protected": False})
        if parts[3:] == ["archive", f"{repo.commit}.tar.gz"]:
            return self.archive(repo)
        return json_answer(_NOT_FOUND, 404)

    def _search(self, query: Mapping[str, str]) -> Answer:
        per_page = min(int(query.get("limit", "30")), _MAX_PER_PAGE)
        start = (int(query.get("page", "1")) - 1) * per_page
        is_topic = query.get("topic") == "true"
        word = query.get("q", "")
        found = self.found(topic=word) if is_topic else self.found(words=word)
        page = [self._shown(repo) for repo in found[start : start + per_page]]
        return json_answer({"ok": True, "data": page}, **{"X-Total-Count": str(len(found))})

    def _shown(self, repo: Repo) -> dict[str, Any]:
        page = f"https://codeberg.org/{repo.full_name}"
        shown: dict[str, Any] = {
            "id": repo.number,
            "owner": {"id": 7, "login": repo.owner, "full_name": "", "html_url": f"https://codeberg.org/{repo.owner}"},
            "name": repo.name,
            "full_name": repo.full_name,
            "description": repo.description,
            "empty": repo.quirk == "empty",
            "private": False,
            "fork": repo.quirk == "fork",
            "parent": {"html_url": "https://codeberg.org/Maker-1/scad-1"} if repo.quirk == "fork" else None,
            "size": repo.size_kb,
            "language": "OpenSCAD",
            "html_url": page,
            "stars_count": repo.number % 9,
            "default_branch": "main",
            "archived": repo.number % 40 == 0,
            "created_at": repo.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": pushed_at(repo).replace("Z", "+00:00"),
            "topics": ["openscad", "3d-printing"] if self.has_topic(repo) else [],
        }
        told = self._licenses(repo)
        return shown if told is None else {**shown, "licenses": told}

    def _licenses(self, repo: Repo) -> list[str] | None:
        """The ids that Forgejo tells; None for a version that tells none."""
        if repo.quirk == "per model" or (not repo.quirk and repo.number % 3 == 0):
            return None
        if repo.quirk == "two licenses":
            return ["CC-BY-NC-4.0", "MIT"]
        if repo.quirk == "refused":
            return ["CC-BY-NC-4.0"]
        if repo.quirk == "other license":
            return ["Other"]
        return [repo.spdx] if repo.license_key else []
