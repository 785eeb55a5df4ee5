"""The `github_search` spider: every repository in OpenSCAD under an open licence, found by GitHub's own search.

A query shows at most 1,000 repositories, so a licence's years are halved until each part holds fewer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from scrapy import Request

from spiders.pages.github import SearchPage, error_message, parse_search
from spiders.sites.api import redacted, status_of
from spiders.sites.base import SpiderUsageError
from spiders.sites.files import Found
from spiders.sites.github import GITHUB_API, SEARCH_SLOT, GithubSpider, Wish
from spiders.sites.options import parse_size, parse_switch, parse_words

__all__ = ["OPEN_LICENSES", "GithubSearchSpider"]

OPEN_LICENSES = (
    *("0bsd", "agpl-3.0", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "bsl-1.0", "cc-by-4.0", "cc-by-sa-4.0"),
    *("cc0-1.0", "cern-ohl-p-2.0", "cern-ohl-s-2.0", "cern-ohl-w-2.0", "eupl-1.2", "gpl-2.0", "gpl-3.0", "isc"),
    *("lgpl-2.1", "lgpl-3.0", "mit", "mit-0", "mpl-2.0", "unlicense", "wtfpl", "zlib"),
)
"""GitHub's keys of the licences that `corpus.licenses` allows."""

_FIRST_DAY = "2008-01-01"  # GitHub opened in that year
_PAGE_SIZE = 100
_MAX_RESULTS = 1000
_MAX_QUERIES_AGAIN = 3


@dataclass(frozen=True)
class _Query:
    """One licence, and the days on which a repository may have been created, both included."""

    license: str
    first: date
    last: date
    page: int = 1
    n_asked: int = 0
    """How often the same page was incomplete."""

    def halves(self) -> tuple[_Query, _Query]:
        middle = self.first + (self.last - self.first) // 2
        return (
            _Query(self.license, self.first, middle),
            _Query(self.license, middle + timedelta(days=1), self.last),
        )


class GithubSearchSpider(GithubSpider):
    """`-a licenses=mit,gpl-3.0`, `-a created_from=2020-01-01`, `-a created_to=2022-06-30`, `-a except_repos=o/r,o/r`.

    `-a forks=true`: forks too. `-a max_repo_kb=N`: larger repositories are recorded, not taken.
    """

    name = "github_search"

    def __init__(
        self,
        *,
        licenses: Sequence[str] | str = OPEN_LICENSES,
        created_from: str | date = _FIRST_DAY,
        created_to: str | date | None = None,
        except_repos: Sequence[str] | str = (),
        forks: bool | str = False,
        max_repo_kb: int | str = 100_000,
        base_url: str = GITHUB_API,
        max_archive_mb: int | str = 64,
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(base_url=base_url, max_archive_mb=max_archive_mb, run_id=run_id, limit=limit, since=since)
        self.licenses = parse_words("licenses", licenses)
        self.created_from = _day("created_from", created_from)
        self.created_to = _day("created_to", created_to) if created_to else datetime.now(UTC).date()
        if self.created_from > self.created_to:
            raise SpiderUsageError(f"created_from={self.created_from} is later than created_to={self.created_to}")
        self.except_repos = frozenset(name.lower() for name in parse_words("except_repos", except_repos))
        self.takes_forks = parse_switch("forks", forks)
        self.max_repo_kb = parse_size("max_repo_kb", max_repo_kb)

    async def start(self) -> AsyncIterator[Any]:
        for query in self.first_queries():
            yield self._ask(query)

    def first_queries(self) -> list[_Query]:
        """Each licence, over all the days."""
        return [_Query(license_key, self.created_from, self.created_to) for license_key in self.licenses]

    def wish_of(self, item_id: str, found: Found) -> Wish:
        return Wish(item_id, found, max_size_kb=self.max_repo_kb)

    def got_page(self, response: Any, query: _Query) -> Iterator[Any]:
        """Take what one page of a search lists; ask for the next page, or for the halves of too many days."""
        page = parse_search(self.json_of(response))
        if page is None:
            self.note_problem(redacted(response.url), "the answer is no page of a search")
            return
        if page.is_incomplete and query.n_asked < _MAX_QUERIES_AGAIN:
            yield self._ask(replace(query, n_asked=query.n_asked + 1))
            return
        if page.is_incomplete:
            self.note_problem(self._words(query), f"page {query.page} stayed incomplete")
        if page.n_unreadable:
            self.note_problem(self._words(query), f"page {query.page}: {page.n_unreadable} entries are no repositories")
        if query.page == 1 and page.n_found > _MAX_RESULTS and query.first < query.last:
            for half in query.halves():
                yield self._ask(half)
            return
        yield from self._take(page, query)
        if query.page == 1:
            yield from self._other_pages(page, query)

    def lost_page(self, failure: Any) -> None:
        """422: GitHub doesn't understand the query, and says why."""
        if status_of(failure) == 422:
            try:
                answer = orjson.loads(failure.value.response.body)
            except orjson.JSONDecodeError:
                answer = None
            self.note_problem(self._words(failure.request.cb_kwargs["query"]), error_message(answer) or "answered 422")
            return
        self.failed(failure)

    def _take(self, page: SearchPage, query: _Query) -> Iterator[Any]:
        found = Found(f"{self.base_url}/search/repositories", query=self._words(query), page=query.page)
        for repository in page.repositories:
            if repository.item_id in self.except_repos:
                continue
            if repository.is_fork and not self.takes_forks:
                continue
            yield from self.consider(repository, self.wish_of(repository.item_id, found))

    def _other_pages(self, page: SearchPage, query: _Query) -> Iterator[Request]:
        if page.n_found > _MAX_RESULTS:
            n_left_out = page.n_found - _MAX_RESULTS
            self.note_problem(self._words(query), f"{n_left_out} of a day's repositories are beyond what a query shows")
        n_pages = -(-min(page.n_found, _MAX_RESULTS) // _PAGE_SIZE)
        for number in range(2, n_pages + 1):
            yield self._ask(replace(query, page=number, n_asked=0))

    def _ask(self, query: _Query) -> Request:
        # not kept: the last day is today's, so its address is new every night; newest change first, so that of what
        # changes while the pages are read only that very repository can be missed, and only tonight: it moves to the
        # first page, which is read already, and those before it move on to pages not read yet
        words = {"q": self._words(query), "sort": "updated", "order": "desc"}
        return self.ask_api(
            f"{self.base_url}/search/repositories?{urlencode({**words, 'per_page': _PAGE_SIZE, 'page': query.page})}",
            self.got_page,
            slot=SEARCH_SLOT,
            facts={"query": query},
            errback=self.lost_page,
            dont_filter=query.n_asked > 0,
        )

    def _words(self, query: _Query) -> str:
        words = f"language:OpenSCAD license:{query.license} created:{query.first}..{query.last}"
        return f"{words} pushed:>={self.since}" if self.since else words


def _day(name: str, value: str | date) -> date:
    """Raises SpiderUsageError for what is no day."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise SpiderUsageError(f"{name}={value!r} is not a day such as 2022-06-30") from None
