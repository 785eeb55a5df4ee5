"""The `local` spider: a folder or git checkout of the user's own.

No requests are made; `spiders.folder` reads the files, with caps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.schema import CrawledRow, RepoInfo
from spiders.folder import Folder, FoundDesign, git_info
from spiders.items import License, Listing, build_row
from spiders.pages.local import describe, has_customizer
from spiders.sites.base import DiskSpider, SpiderUsageError

__all__ = ["LocalSpider"]

_WEB_HOSTS = frozenset({"github.com", "gitlab.com", "codeberg.org"})


class LocalSpider(DiskSpider):
    """`-a folder=PATH`: every .scad below it. `-a item_name=NAME` names the collection (default: git remote)."""

    name = "local"

    def __init__(
        self,
        *,
        folder: str,
        item_name: str | None = None,
        run_id: str | None = None,
        limit: int | str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit)
        self.folder = Path(folder).expanduser()
        self.item_name = item_name
        if not self.folder.is_dir():
            raise SpiderUsageError(
                f"folder={folder!r} is not a folder; give the path of a folder that holds .scad files"
            )

    def rows(self) -> Iterator[CrawledRow]:
        """Every design below the folder, in path order."""
        repo = git_info(self.folder)
        item_id = self.item_name or _collection_id(self.folder, repo)
        for design in Folder(self.folder).designs():
            if design.problem:
                self.note_problem(design.path, design.problem)
            yield self._row(design, item_id, repo)

    def _row(self, design: FoundDesign, item_id: str, repo: RepoInfo | None) -> CrawledRow:
        scad = design.decoded.text if design.decoded else ""
        words = describe(design.path, scad, readme=design.readme, n_sharing_readme=design.n_sharing_readme)
        category = design.path.partition("/")[0] if "/" in design.path else None
        listing = Listing(
            title=words.title,
            description=words.description,
            description_kind=words.description_kind,
            category=category,
            license=self.license_of(design, repo),
            source_url=_web_url(repo),
            is_customizable=has_customizer(scad) if design.decoded else None,
            repo=repo,
            modified_at=_iso(design.modified_at_seconds),
        )
        return build_row(
            source=self.name,
            source_item_id=item_id,
            path=design.path,
            decoded=design.decoded,
            listing=listing,
            provenance=self.provenance(discovered_via="git checkout" if repo else "folder"),
            fetched_at=self.now(),
            companions=design.companions,
        )

    def license_of(self, design: FoundDesign, repo: RepoInfo | None) -> License:
        """The design's licence; "repo" is a scope only inside a checkout."""
        if design.license.scope == "repo" and repo is None:
            return replace(design.license, scope="directory")
        return design.license


def _collection_id(folder: Path, repo: RepoInfo | None) -> str:
    """The same for the same collection every night; a plain folder's path enters only as a hash."""
    if repo and repo.host != "local":
        return f"{repo.host}/{repo.full_name}"
    resolved = folder.resolve()
    return f"{resolved.name}-{hashlib.sha256(str(resolved).encode()).hexdigest()[:12]}"


def _web_url(repo: RepoInfo | None) -> str | None:
    return f"https://{repo.host}/{repo.full_name}" if repo and repo.host in _WEB_HOSTS else None


def _iso(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds is not None else None
