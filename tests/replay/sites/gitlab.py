"""A replayed GitLab: projects by topic and by words in keyset pages, projects by name, commits, archives.

`respond` is the site without a network; `answer` serves it. Nested groups, a rename, licences only on a project itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode

from tests.replay.forges import Answer, ForgeSite, json_answer, validated
from tests.replay.repositories import LICENSES, Repo, pushed_at
from tests.replay.site import Limit

__all__ = ["Gitlab"]

_API = "/api/v4"
_NOT_FOUND = {"message": "404 Project Not Found"}


class Gitlab(ForgeSite):
    name = "gitlab"
    spider = "gitlab"
    spider_names = ("gitlab",)
    n_full_size = 120
    quirks = (
        *("no license", "other license", "no scad", "hostile", "odd files", "endless", "empty", "missing"),
        "fork",
    )

    @property
    def base_url(self) -> str:
        return f"{self.urls['api']}{_API}"

    def owner_of(self, number: int) -> str:
        owner = super().owner_of(number)
        return f"{owner}/models" if number % 5 == 0 else owner

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 400, 600, path_prefix=f"{_API}/projects", style="epoch"),)

    def respond(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """The site's answer. `path` is as it was sent: a name's slashes are encoded."""
        if path == "/robots.txt":
            return Answer(200, self.robots.encode(), {"Content-Type": "text/plain"})
        parts = path.removeprefix(f"{_API}/").split("/")
        if not path.startswith(f"{_API}/projects"):
            return json_answer({"error": "404 Not Found"}, 404)
        if len(parts) == 1:
            return validated(self._listing(query), headers)
        full_name = unquote(parts[1])
        if full_name.lower() == "former-owner/old-name":
            url = f"{self.base_url}/projects/{self.repos[0].number}?{urlencode(query)}"
            return Answer(301, b"", {"Location": url})
        repo = self.named(full_name) or next((r for r in self.repos if str(r.number) == full_name), None)
        if repo is None:
            return json_answer(_NOT_FOUND, 404)
        if len(parts) == 2:
            return validated(json_answer(self._shown(repo, has_license=query.get("license") == "true")), headers)
        if parts[2:4] == ["repository", "commits"] and unquote(parts[4]) == self._branch(repo):
            return json_answer({"id": repo.commit, "short_id": repo.commit[:8], "title": "More things"})
        if parts[2:] == ["repository", "archive.tar.gz"] and query.get("sha") == repo.commit:
            return self.archive(repo)
        return json_answer({"message": "404 Commit Not Found"}, 404)

    def _listing(self, query: Mapping[str, str]) -> Answer:
        if query.get("pagination") != "keyset" or query.get("order_by") != "id" or query.get("sort") != "asc":
            return json_answer({"error": "this replay knows keyset pages by rising id"}, 400)
        after, per_page = int(query.get("id_after", "0")), int(query.get("per_page", "20"))
        found = self.found(topic=query.get("topic"), words=query.get("search"))
        behind = [repo for repo in found if repo.number > after]
        page = behind[: min(per_page, 100)]
        headers = {}
        if len(behind) > len(page):
            following = urlencode({**query, "id_after": page[-1].number})
            headers["Link"] = f'<{self.base_url}/projects?{following}>; rel="next"'
        return json_answer([self._shown(repo, has_license=None) for repo in page], **headers)

    def _branch(self, repo: Repo) -> str:
        return "release/1.0" if repo.number % 7 == 0 else "main"

    def _shown(self, repo: Repo, *, has_license: bool | None) -> dict[str, Any]:
        """The project as the API shows it to anybody; `has_license=None`: as a listing does."""
        page = f"https://gitlab.com/{repo.full_name}"
        topics = ["openscad", "3d-printing"] if self.has_topic(repo) else []
        shown: dict[str, Any] = {
            "id": repo.number,
            "description": repo.description,
            "name": repo.name,
            "name_with_namespace": repo.full_name.replace("/", " / "),
            "path": repo.name,
            "path_with_namespace": repo.full_name,
            "created_at": repo.created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "default_branch": None if repo.quirk == "empty" else self._branch(repo),
            "tag_list": topics,
            "topics": topics,
            "http_url_to_repo": f"{page}.git",
            "web_url": page,
            "star_count": repo.number % 9,
            "last_activity_at": pushed_at(repo),
            "visibility": "public",
            "namespace": {
                "id": repo.number % 37,
                "name": repo.owner,
                "path": repo.owner.rpartition("/")[2],
                "kind": "group",
                "full_path": repo.owner,
                "web_url": f"https://gitlab.com/{repo.owner}",
            },
        }
        if has_license is None:
            return shown
        shown |= {"archived": repo.number % 40 == 0, "empty_repo": repo.quirk == "empty"}
        if has_license:
            key, name = repo.license_key, LICENSES.get(repo.license_key or "", ("", "Other"))[1]
            shown["license"] = {"key": key, "name": name, "nickname": None} if key else None
        if repo.quirk == "fork":
            shown["forked_from_project"] = {"id": 1, "web_url": "https://gitlab.com/Maker-1/scad-1"}
        return shown
