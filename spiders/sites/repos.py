"""The rows of a repository, whichever forge it lies on: each design of its own, or the bare facts of one not taken.

What was withheld is counted by the reason and said at the end: thousands of files may share one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from corpus.schema import Provenance
from spiders.items import Listing, Part, build_row
from spiders.repository import RepoDesign, RepoDesigns, RepoFacts
from spiders.sites.api import ApiSpider, redacted
from spiders.sites.files import Found

__all__ = ["RepoSpider"]


class RepoSpider(ApiSpider):
    """A spider whose items are repositories."""

    source: ClassVar[str]
    """The site's name in the rows."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.n_withheld: Counter[tuple[str, str]] = Counter()
        """(repositories | files, why) → how many."""

    def parts_of(
        self, content: RepoDesigns, facts: RepoFacts, *, item_id: str, version: str | None, provenance: Provenance
    ) -> Iterator[Part]:
        """The rows of an archive; one without any is done with until it changes."""
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
                companions=design.companions,
                provenance=provenance,
                fetched_at=self.now(),
            )
            yield Part(row, item_id, version, n_parts=len(designs))

    def bare_part(
        self, facts: RepoFacts, *, title: str, item_id: str, version: str | None, provenance: Provenance
    ) -> Part:
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
            provenance=provenance,
            fetched_at=self.now(),
        )
        return Part(row, item_id, version)

    def provenance_of(self, found: Found, response: Any = None) -> Provenance:
        """How the repository was come by, and the answer that held its files; without one, it is not taken."""
        etag = (response.headers.get("ETag") or b"").decode("latin-1") or None if response is not None else None
        return self.provenance(
            request_url=redacted(response.url) if response is not None else None,
            http_status=response.status if response is not None else None,
            etag=etag,
            discovered_via=found.via,
            query=found.query,
            page=found.page,
        )

    def closed(self, reason: str) -> None:
        """Scrapy's hook: say what was withheld."""
        for (what, why), n_withheld in sorted(self.n_withheld.items()):
            self.note_skipped(f"{what} ({n_withheld})", why)

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
            own.append(design)
        return own
