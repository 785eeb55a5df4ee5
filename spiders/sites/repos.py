"""What spiders of repositories share, whichever forge it is: an archive's rows, or the bare facts of one not taken.

What was withheld is counted by the reason and said at the end: thousands of files may share one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from corpus.schema import Provenance
from spiders.archive import ArchiveError
from spiders.items import License, Listing, Part, build_row
from spiders.pages.projects import Project
from spiders.repository import RepoDesign, RepoDesigns, RepoFacts, designs_in
from spiders.sites.api import ApiSpider, header_of, http_url, redacted, status_of
from spiders.sites.files import Found
from spiders.sites.options import parse_size

__all__ = ["RepoSpider"]

_GONE_STATUSES = frozenset((404, 410, 451))


class RepoSpider(ApiSpider):
    """A spider whose items are repositories."""

    source: ClassVar[str]
    """The site's name in the rows."""

    def __init__(self, *, base_url: str, max_archive_mb: int | str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.base_url = http_url("base_url", base_url)
        self.max_archive_mb = parse_size("max_archive_mb", max_archive_mb)
        self.allowed_domains = [urlsplit(self.base_url).hostname or ""]
        self.considered: set[str] = set()
        """Repositories that this run has come past: several queries list the same one."""
        self.n_withheld: Counter[tuple[str, str]] = Counter()
        """(repositories | files | companions, why) → how many."""

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    def ask_again(self, item_id: str) -> Request:
        """The request for the facts of a known repository."""
        raise NotImplementedError(f"{type(self).__name__} says how {item_id} is asked for")

    def rechecks(self) -> Iterator[Request]:
        """Known repositories that this run has not come past: do they still exist, and unchanged?"""
        for item_id in self.state.due(self.n_to_recheck()):
            if item_id not in self.considered:
                yield self.ask_again(item_id)

    def parts_of(
        self, response: Any, facts: RepoFacts, found: Found, *, item_id: str, version: str | None, **how: Any
    ) -> Iterator[Part]:
        """The rows of an archive; one without any is done with until it changes. `how` goes to `designs_in`."""
        try:
            content = designs_in(response.body, facts, is_refused=self._is_refused, **how)
        except ArchiveError as error:
            self.note_problem(f"{facts.web_url} at {facts.repo.commit}", str(error))
            return
        for problem in content.problems:
            self.note_skipped(facts.web_url, problem)
        designs = self._own(content, facts, item_id)
        if not designs:
            self.state.note_done(item_id, version, 0)
        for design in designs:
            if self.has_enough:
                return
            is_allowed = self.is_license_allowed(design.listing.license.spdx) is True
            row = build_row(
                source=self.source,
                source_item_id=item_id,
                path=design.path,
                decoded=design.decoded if is_allowed else None,
                listing=design.listing,
                companions=design.companions if is_allowed else (),
                provenance=self._provenance_of(found, response),
                fetched_at=self.now(),
            )
            yield Part(row, item_id, version, n_parts=len(designs))

    def bare_part(self, facts: RepoFacts, found: Found, *, title: str, item_id: str, version: str | None) -> Part:
        """A repository that is known and not taken: its facts, no file."""
        listing = Listing(
            title=title,
            description=facts.description,
            description_kind="author",
            tags=facts.tags,
            author=facts.author,
            license=facts.license,
            source_url=facts.web_url,
            is_remix=facts.is_fork,
            ancestors=facts.ancestors,
            repo=facts.repo,
            created_at=facts.created_at,
            modified_at=facts.modified_at,
        )
        row = build_row(
            source=self.source,
            source_item_id=item_id,
            path=None,
            decoded=None,
            listing=listing,
            provenance=self._provenance_of(found),
            fetched_at=self.now(),
        )
        return Part(row, item_id, version)

    def is_too_large(self, failure: Any, web_url: str) -> bool:
        """True, and written down, where the archive is over the cap: it stays so until the repository changes."""
        if not failure.check(DownloadCancelledError):
            return False
        self.note_skipped(web_url, f"its archive is larger than {self.max_archive_mb} MiB")
        return True

    def note_if_gone(self, failure: Any, item_id: str) -> bool:
        """True, and marked, where the answer says that there is no such repository."""
        if (status := status_of(failure)) not in _GONE_STATUSES:
            return False
        self.state.note_gone(item_id, f"answered {status}")
        return True

    def note_renamed(self, old_item_id: str, project: Project) -> None:
        """A repository has another name now: what it owned under the old one is its own still."""
        item_id = project.item_id
        if self.state.knows(old_item_id) and item_id in self.considered:
            # a listing showed it under the new name first, where its files were copies of the old one's: the next
            # night takes it again
            self.state.note_done(item_id, None, 0)
        self.state.note_gone(old_item_id, f"renamed to {project.full_name}")
        self.state.hand_over(old_item_id, item_id)

    def closed(self, reason: str) -> None:
        """Scrapy's hook: say what was withheld."""
        for (what, why), n_withheld in sorted(self.n_withheld.items()):
            self.note_skipped(f"{what} ({n_withheld})", why)

    def _provenance_of(self, found: Found, response: Any = None) -> Provenance:
        """How the repository was come by, and the answer that held its files; without one, it is not taken."""
        etag = header_of(response, "ETag") if response is not None else None
        return self.provenance(
            request_url=redacted(response.url) if response is not None else None,
            http_status=response.status if response is not None else None,
            etag=etag,
            discovered_via=found.via,
            query=found.query,
            page=found.page,
        )

    def _own(self, content: RepoDesigns, facts: RepoFacts, item_id: str) -> list[RepoDesign]:
        """The designs that no other repository showed before: copies of libraries lie in many."""
        own: list[RepoDesign] = []
        for design in content.designs:
            if design.content is not None and not self.state.claim(design.content, item_id):
                self.n_withheld["files", "copies of another repository's"] += 1
                continue
            if design.problem:
                self.note_problem(f"{facts.web_url} {design.path}", design.problem)
            elif self.is_license_allowed(design.listing.license.spdx) is not True:
                self.n_withheld["files", "no licence that is allowed"] += 1
            elif design.n_companions_refused:
                self.n_withheld["companions", "a licence of their own that is refused"] += design.n_companions_refused
            own.append(design)
        return own

    def _is_refused(self, license_found: License) -> bool:
        return self.is_license_allowed(license_found.spdx) == (False, "license_refused")
