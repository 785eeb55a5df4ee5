"""The `gitlab` spider: projects on GitLab by topic and by words, over its REST API.

Requests only; `spiders.pages.gitlab` reads the answers. A listing tells when a project was last active, so that an
unchanged one costs nothing beyond it; the licence only a project by itself tells.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from spiders.pages.gitlab import full_name_in, next_page, parse_commit, parse_project, parse_projects
from spiders.pages.projects import Project
from spiders.sites.api import redacted
from spiders.sites.files import Found
from spiders.sites.forges import ForgeSpider

__all__ = ["GitlabSpider"]

_PER_PAGE = 100


class GitlabSpider(ForgeSpider):
    """`-a topics=openscad`, `-a terms=…`: words in names and descriptions. `-a seeds=true`: what other sites name too.

    `-a forks=true`: forks too. `-a max_archive_mb=N`: the largest archive taken.
    """

    name = "gitlab"
    source = "gitlab"
    api_url = "https://gitlab.com/api/v4"
    seed_host = "gitlab.com"
    api_slot = "gitlab-api"
    archive_slot = "gitlab-archive"
    # without a token: 400 listings in 10 minutes, 5 archives a minute
    slots: ClassVar[dict[str, float]] = {"gitlab-api": 1.6, "gitlab-archive": 12.5}

    async def start(self) -> AsyncIterator[Any]:
        for key, words in (("topic", self.topics), ("search", self.terms)):
            for word in words:
                # each page begins behind the last one's id: nothing is skipped or doubled while projects come and go
                asked = {key: word, "order_by": "id", "sort": "asc", "pagination": "keyset", "per_page": _PER_PAGE}
                url = f"{self.base_url}/projects?{urlencode(asked)}"
                yield self.ask_listing(url, self.got_listing, query=f"{key}={word}", page=1)
        for request in self.ask_seeds():
            yield request

    def got_listing(self, response: Any, query: str, page: int) -> Iterator[Any]:
        """The projects of one page that are new or changed, and the next page."""
        projects = parse_projects(self.json_of(response))
        if projects is None:
            self.note_problem(redacted(response.url), "the answer is no list of projects")
            return
        found = Found(redacted(response.url), query=query, page=page)
        for project in projects:
            if self.is_news(project):
                yield self.ask_project(project.full_name, found)
        more = next_page((response.headers.get("Link") or b"").decode("latin-1"), self.base_url)
        if more is not None and more != response.url:
            yield self.ask_listing(more, self.got_listing, query=query, page=page + 1)

    def project_url(self, full_name: str) -> str:
        return f"{self.base_url}/projects/{quote(full_name, safe='')}?license=true"

    def commit_url(self, project: Project, branch: str) -> str:
        return f"{self._below(project)}/repository/commits/{quote(branch, safe='')}"

    def archive_url(self, project: Project, commit: str) -> str:
        return f"{self._below(project)}/repository/archive.tar.gz?sha={commit}"

    def read_project(self, data: Any) -> Project | None:
        return parse_project(data)

    def read_commit(self, data: Any) -> str | None:
        return parse_commit(data)

    def name_in(self, url: str) -> str | None:
        return full_name_in(url)

    def _below(self, project: Project) -> str:
        return f"{self.base_url}/projects/{quote(project.full_name, safe='')}"
