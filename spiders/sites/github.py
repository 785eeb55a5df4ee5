"""What both GitHub spiders share: a repository's facts → the branch's commit → one tarball → its rows.

Requests only; `spiders.pages.github` reads the answers, `spiders.repository` the tarball. Two requests of the hourly
allowance a repository that changed (the tarball's redirect is free of it), one or none for one that didn't.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import quote

from scrapy import Request

from spiders.credentials import bearer
from spiders.items import License, Part
from spiders.pages.github import parse_commit, parse_repository
from spiders.pages.projects import Project
from spiders.repository import RepoFacts
from spiders.sites.api import redacted, status_of
from spiders.sites.files import Found
from spiders.sites.repos import RepoSpider

__all__ = ["CORE_SLOT", "GITHUB_API", "SEARCH_SLOT", "GithubSpider", "Wish"]

CORE_SLOT = "github-core"
SEARCH_SLOT = "github-search"
GITHUB_API = "https://api.github.com"
_DOWNLOAD_HOST = "codeload.github.com"
_SLOWEST_BYTES_PER_SECOND = 200_000
_LEAST_TIMEOUT_SECONDS = 30
_MAX_TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Wish:
    """A repository to take, and how."""

    full_name: str
    found: Found
    commit: str | None = None
    """The one to take for ever; None: the head of the default branch."""
    extracts: tuple[str, ...] = ("files",)
    exclude: tuple[str, ...] = ()
    license: License | None = None
    """Known from elsewhere; a notice in a file or a folder comes first."""
    needs_license: bool = True
    """False: taken without a licence that GitHub recognises, for the sake of notices in its files."""
    max_size_kb: int | None = None
    """A larger one is left alone; None: only the tarball's own size counts."""

    def version(self, repository: Project) -> str | None:
        """What changes when the repository, or what is wished of it, does; None where the site tells no push."""
        state = self.commit or repository.changed_at
        how = (self.extracts, self.exclude, self.license.spdx if self.license else None)
        default = (Wish.extracts, Wish.exclude, None)
        return state if state is None or how == default else f"{state} {how}"


class GithubSpider(RepoSpider):
    """A spider of repositories on GitHub. The token of `GITHUB_TOKEN` raises the allowance from 60 to 5,000 an hour."""

    source = "github"
    slots: ClassVar[dict[str, float]] = {CORE_SLOT: 0.8, SEARCH_SLOT: 2.1}
    max_wait_seconds: ClassVar[float] = 3700.0  # an hour's allowance comes back after the hour

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.allowed_domains.append(_DOWNLOAD_HOST)

    def auth_headers(self) -> dict[str, str]:
        return bearer("GITHUB_TOKEN")

    def wish_of(self, item_id: str, found: Found) -> Wish:
        """How a known repository is taken again."""
        raise NotImplementedError(f"{type(self).__name__} says how {item_id} is taken")

    def ask_again(self, item_id: str) -> Request:
        return self.ask_repository(self.wish_of(item_id, Found("asked again")))

    def ask_api(self, url: str, callback: Any, *, accept: str = "application/vnd.github+json", **more: Any) -> Request:
        """A request to the API as its documentation wants it."""
        headers = {"Accept": accept, "X-GitHub-Api-Version": "2022-11-28"}
        return self.ask(url, callback, headers=headers, **{"slot": CORE_SLOT, **more})

    def ask_repository(self, wish: Wish) -> Request:
        return self.ask_api(
            f"{self.base_url}/repos/{wish.full_name}",
            self.got_repository,
            facts={"wish": wish},
            is_kept=True,
            errback=self.lost_repository,
        )

    def got_repository(self, response: Any, wish: Wish) -> Iterator[Any]:
        """The facts of one repository, under the name it has now."""
        repository = parse_repository(self.json_of(response))
        if repository is None:
            self.note_problem(redacted(response.url), "the answer is no repository")
            return
        if repository.item_id != wish.full_name.lower():
            self.note_renamed(wish.full_name.lower(), repository)
        yield from self.consider(repository, wish)

    def consider(self, repository: Project, wish: Wish) -> Iterator[Any]:
        """Take the repository unless this run did, it is as it was, or something speaks against it."""
        item_id, version = repository.item_id, wish.version(repository)
        if item_id in self.considered:
            return
        self.considered.add(item_id)
        self.state.saw(item_id)
        if self.state.is_current(item_id, version) or not self.is_recent(repository.changed_at):
            return
        if repository.why_unusable:
            self.note_skipped(repository.web_url, f"it is {repository.why_unusable}")
            return
        why = self._why_withheld(repository, wish)
        if why is not None:
            self.n_withheld["repositories", why] += 1
            yield self.bare_row(repository, wish)
            return
        if wish.commit is not None:
            yield self.ask_tarball(repository, wish, wish.commit)
            return
        branch = quote(repository.default_branch or "HEAD", safe="/")
        yield self.ask_api(
            f"{self.base_url}/repos/{repository.full_name}/commits/{branch}",
            self.got_commit,
            accept="application/vnd.github.sha",  # the commit as JSON carries its whole diff
            facts={"repository": repository, "wish": wish},
            errback=self.lost_commit,
            priority=1,
        )

    def got_commit(self, response: Any, repository: Project, wish: Wish) -> Iterator[Request]:
        self.heed(response)
        commit = parse_commit(response.body)
        if commit is None:
            self.note_problem(redacted(response.url), "the answer is no commit")
            return
        yield self.ask_tarball(repository, wish, commit)

    def ask_tarball(self, repository: Project, wish: Wish, commit: str) -> Request:
        request = self.ask_api(
            f"{self.base_url}/repos/{repository.full_name}/tarball/{commit}",
            self.got_tarball,
            facts={"repository": repository, "wish": wish, "commit": commit},
            errback=self.lost_tarball,
            max_bytes=self.max_archive_mb << 20,
            priority=2,
        )
        expected_seconds = (repository.size_kb or 0) * 1000 / _SLOWEST_BYTES_PER_SECOND
        request.meta["download_timeout"] = min(_LEAST_TIMEOUT_SECONDS + expected_seconds, _MAX_TIMEOUT_SECONDS)
        return request

    def got_tarball(self, response: Any, repository: Project, wish: Wish, commit: str) -> Iterator[Part]:
        """The rows of a repository."""
        self.heed(response)
        yield from self.parts_of(
            response,
            self._facts(repository, wish, commit),
            wish.found,
            item_id=repository.item_id,
            version=wish.version(repository),
            extracts=wish.extracts,
            exclude=wish.exclude,
        )

    def bare_row(self, repository: Project, wish: Wish) -> Part:
        """A repository that is known and not taken: its facts, no file."""
        return self.bare_part(
            self._facts(repository, wish, None),
            wish.found,
            title=repository.name,
            item_id=repository.item_id,
            version=wish.version(repository),
        )

    def lost_repository(self, failure: Any) -> None:
        """404: one that was taken before is gone since, which is news and no error; another one never was there."""
        item_id = failure.request.cb_kwargs["wish"].full_name.lower()
        if self.state.knows(item_id) and self.note_if_gone(failure, item_id):
            self.n_withheld["repositories", "gone since they were taken"] += 1
        else:
            self.failed(failure)

    def lost_commit(self, failure: Any) -> None:
        """409: there is no commit yet. Nothing to take until a push changes that."""
        repository, wish = failure.request.cb_kwargs["repository"], failure.request.cb_kwargs["wish"]
        if status_of(failure) == 409:
            self.note_skipped(repository.web_url, "it is empty")
            self.state.note_done(repository.item_id, wish.version(repository), 0)
            return
        self.note_if_gone(failure, repository.item_id)
        self.failed(failure)

    def lost_tarball(self, failure: Any) -> Iterator[Part]:
        """A tarball over the cap stays so until a push; anything else is tried again the next night."""
        repository, wish = failure.request.cb_kwargs["repository"], failure.request.cb_kwargs["wish"]
        if self.is_too_large(failure, repository.web_url):
            yield self.bare_row(repository, wish)
            return
        self.note_if_gone(failure, repository.item_id)
        self.failed(failure)

    def _why_withheld(self, repository: Project, wish: Wish) -> str | None:
        if wish.max_size_kb is not None and (repository.size_kb or 0) > wish.max_size_kb:
            return f"larger than {wish.max_size_kb} kB"
        answer = self.is_license_allowed((wish.license or repository.license).spdx)
        if answer is True or (answer[1] == "no_license" and not wish.needs_license):
            return None
        return "no licence known" if answer[1] == "no_license" else "a licence that is refused"

    def _facts(self, repository: Project, wish: Wish, commit: str | None) -> RepoFacts:
        facts = repository.facts(commit)
        return replace(facts, license=wish.license) if wish.license else facts
