"""What the spiders of GitLab and Codeberg share: a project's facts → its branch's commit → one archive → its rows.

Requests only; a subclass says where things are and how answers are read, `spiders.repository` reads the archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from scrapy import Request

from spiders.items import Part
from spiders.pages.projects import Project
from spiders.sites.api import redacted
from spiders.sites.files import Found
from spiders.sites.options import parse_switch, parse_words
from spiders.sites.repos import RepoSpider

__all__ = ["ForgeSpider"]

_ARCHIVE_TIMEOUT_SECONDS = 300
"""A forge packs an archive when it is asked for: the first byte may take a minute."""


class ForgeSpider(RepoSpider):
    """A spider of repositories on a forge other than GitHub."""

    api_url: ClassVar[str]
    """Where its API is, unless `base_url` says otherwise."""
    seed_host: ClassVar[str]
    api_slot: ClassVar[str]
    archive_slot: ClassVar[str]

    def __init__(
        self,
        *,
        base_url: str | None = None,
        topics: Sequence[str] | str = ("openscad",),
        terms: Sequence[str] | str = ("openscad",),
        seeds: bool | str = True,
        forks: bool | str = False,
        max_archive_mb: int | str = 64,
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(
            base_url=self.api_url if base_url is None else base_url,
            max_archive_mb=max_archive_mb,
            run_id=run_id,
            limit=limit,
            since=since,
        )
        self.topics = parse_words("topics", topics)
        self.terms = parse_words("terms", terms)
        self.takes_seeds = parse_switch("seeds", seeds)
        self.takes_forks = parse_switch("forks", forks)

    def project_url(self, full_name: str) -> str:
        raise NotImplementedError(f"{type(self).__name__} says where a project is in project_url()")

    def commit_url(self, project: Project, branch: str) -> str:
        raise NotImplementedError(f"{type(self).__name__} says where a branch's commit is in commit_url()")

    def archive_url(self, project: Project, commit: str) -> str:
        raise NotImplementedError(f"{type(self).__name__} says where an archive is in archive_url()")

    def read_project(self, data: Any) -> Project | None:
        raise NotImplementedError(f"{type(self).__name__} says what a project is in read_project()")

    def read_commit(self, data: Any) -> str | None:
        raise NotImplementedError(f"{type(self).__name__} says what a commit is in read_commit()")

    def name_in(self, url: str) -> str | None:
        """The full name of the repository that a page belongs to."""
        raise NotImplementedError(f"{type(self).__name__} says whose a page is in name_in()")

    def ask_seeds(self) -> Iterator[Request]:
        """The repositories that other sites point at. Asked for each night: no listing tells their version."""
        names = (self.name_in(seed.url) for seed in self.seed_file.seeds(self.seed_host)) if self.takes_seeds else ()
        for full_name in dict.fromkeys(name for name in names if name is not None):
            yield self.ask_project(full_name, Found("seeds"))

    def ask_again(self, item_id: str) -> Request:
        return self.ask_project(item_id, Found("asked again"))

    def ask_listing(self, url: str, callback: Any, **facts: Any) -> Request:
        return self.ask(url, callback, facts=facts, slot=self.api_slot, is_kept=True)

    def ask_project(self, full_name: str, found: Found) -> Request:
        return self.ask(
            self.project_url(full_name),
            self.got_project,
            facts={"full_name": full_name, "found": found},
            slot=self.api_slot,
            is_kept=True,
            errback=self.lost_project,
            priority=1,
        )

    def got_project(self, response: Any, full_name: str, found: Found) -> Iterator[Any]:
        """The facts of one repository, under the name it has now."""
        project = self.read_project(self.json_of(response))
        if project is None:
            self.note_problem(redacted(response.url), "the answer is no repository")
            return
        if project.item_id != full_name.lower():
            self.note_renamed(full_name.lower(), project)
        yield from self.consider(project, found)

    def is_news(self, project: Project) -> bool:
        """True once a run for a repository that changed since it was taken, in so far as a listing tells."""
        if project.item_id in self.considered:
            return False
        self.state.saw(project.item_id)
        versions = [project.changed_at] if self.takes_forks else [project.changed_at, _fork_version(project)]
        is_current = any(self.state.is_current(project.item_id, version) for version in versions)
        return not is_current and self.is_recent(project.changed_at)

    def consider(self, project: Project, found: Found) -> Iterator[Any]:
        """Take the repository unless this run did, it is as it was, or something speaks against it."""
        is_news = self.is_news(project)
        self.considered.add(project.item_id)
        if not is_news:
            return
        if project.why_unusable:
            self.n_withheld["repositories", project.why_unusable] += 1
            self.state.note_done(project.item_id, project.changed_at, 0)
            return
        if project.is_fork and not self.takes_forks:
            self.n_withheld["repositories", "forks"] += 1
            self.state.note_done(project.item_id, _fork_version(project), 0)
            return
        if (why := self._why_withheld(project)) is not None:
            self.n_withheld["repositories", why] += 1
            yield self._bare_part(project, found)
            return
        yield self.ask(
            self.commit_url(project, project.default_branch or "HEAD"),
            self.got_commit,
            facts={"project": project, "found": found},
            slot=self.api_slot,
            priority=2,
        )

    def got_commit(self, response: Any, project: Project, found: Found) -> Iterator[Request]:
        commit = self.read_commit(self.json_of(response))
        if commit is None:
            self.note_problem(redacted(response.url), "the answer is no commit")
            return
        request = self.ask(
            self.archive_url(project, commit),
            self.got_archive,
            facts={"project": project, "found": found, "commit": commit},
            slot=self.archive_slot,
            errback=self.lost_archive,
            max_bytes=self.max_archive_mb << 20,
            priority=3,
        )
        request.meta["download_timeout"] = _ARCHIVE_TIMEOUT_SECONDS
        yield request

    def got_archive(self, response: Any, project: Project, found: Found, commit: str) -> Iterator[Part]:
        """The rows of a repository."""
        self.heed(response)
        yield from self.parts_of(
            response, project.facts(commit), found, item_id=project.item_id, version=project.changed_at
        )

    def lost_project(self, failure: Any) -> None:
        """A repository that is gone is marked; anything else is asked for again next night."""
        if not self.note_if_gone(failure, failure.request.cb_kwargs["full_name"].lower()):
            self.failed(failure)

    def lost_archive(self, failure: Any) -> Iterator[Part]:
        """An archive over the cap stays so until the project changes; anything else is tried again next night."""
        project, found = failure.request.cb_kwargs["project"], failure.request.cb_kwargs["found"]
        if self.is_too_large(failure, project.web_url):
            yield self._bare_part(project, found)
        else:
            self.failed(failure)

    def _why_withheld(self, project: Project) -> str | None:
        """The gate before the download. A licence that the forge doesn't tell is looked for in the archive."""
        if project.licenses is None:
            return None
        answers = [self.is_license_allowed(one.spdx) for one in project.licenses or (project.license,)]
        if True in answers:
            return None
        return "a licence that is refused" if (False, "license_refused") in answers else "no licence known"

    def _bare_part(self, project: Project, found: Found) -> Part:
        return self.bare_part(
            project.facts(None), found, title=project.name, item_id=project.item_id, version=project.changed_at
        )


def _fork_version(project: Project) -> str:
    """Of a fork that was passed by: where forks are wanted, it is not current."""
    return f"{project.changed_at} fork"
