"""The `codeberg` spider: repositories on Codeberg by topic and by words, over Forgejo's REST API.

Requests only; `spiders.pages.codeberg` reads the answers. A search tells all there is to know of a repository, so that
an unchanged one costs nothing beyond it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from scrapy import Request

from spiders.pages.codeberg import full_name_in, parse_commit, parse_repository, parse_search
from spiders.pages.fields import number
from spiders.pages.projects import Project
from spiders.sites.api import redacted
from spiders.sites.files import Found
from spiders.sites.forges import ForgeSpider

__all__ = ["CodebergSpider"]

_PER_PAGE = 50
"""The most that Codeberg gives in one answer."""
_LAST_PAGE = 200


class CodebergSpider(ForgeSpider):
    """`-a topics=openscad`, `-a terms=…`: words in names and descriptions. `-a seeds=true`: what other sites name too.

    `-a forks=true`: forks too. `-a max_archive_mb=N`: the largest archive taken.
    """

    name = "codeberg"
    source = "codeberg"
    api_url = "https://codeberg.org/api/v1"
    seed_host = "codeberg.org"
    api_slot = "codeberg-api"
    archive_slot = "codeberg-archive"
    slots: ClassVar[dict[str, float]] = {"codeberg-api": 1.0, "codeberg-archive": 2.0}

    async def start(self) -> AsyncIterator[Any]:
        for word in self.topics:
            yield self._ask_search({"q": word, "topic": "true"})
        for word in self.terms:
            yield self._ask_search({"q": word, "includeDesc": "true"})
        for request in self.ask_seeds():
            yield request

    def got_search(self, response: Any, words: dict[str, str], page: int, n_before: int) -> Iterator[Any]:
        """The repositories of one page that are new or changed, and the next page."""
        answer = parse_search(self.json_of(response))
        if answer is None:
            self.note_problem(redacted(response.url), "the answer is no page of a search")
            return
        found = Found(redacted(response.url), query=urlencode(words), page=page)
        for project in answer.projects:
            yield from self.consider(project, found)
        n_listed = n_before + answer.n_listed
        n_found = number((response.headers.get("X-Total-Count") or b"").decode("latin-1"))
        if answer.n_listed and (n_found is None or n_listed < n_found) and page < _LAST_PAGE:
            yield self._ask_search(words, page + 1, n_listed)

    def project_url(self, full_name: str) -> str:
        return f"{self.base_url}/repos/{quote(full_name)}"

    def commit_url(self, project: Project, branch: str) -> str:
        return f"{self.project_url(project.full_name)}/branches/{quote(branch)}"

    def archive_url(self, project: Project, commit: str) -> str:
        return f"{self.project_url(project.full_name)}/archive/{commit}.tar.gz"

    def read_project(self, data: Any) -> Project | None:
        return parse_repository(data)

    def read_commit(self, data: Any) -> str | None:
        return parse_commit(data)

    def name_in(self, url: str) -> str | None:
        return full_name_in(url)

    def _ask_search(self, words: dict[str, str], page: int = 1, n_before: int = 0) -> Request:
        # by id: a repository that changes while the pages are read stays where it is
        asked = {**words, "sort": "id", "order": "asc", "limit": _PER_PAGE, "page": page}
        url = f"{self.base_url}/repos/search?{urlencode(asked)}"
        return self.ask_listing(url, self.got_search, words=words, page=page, n_before=n_before)
