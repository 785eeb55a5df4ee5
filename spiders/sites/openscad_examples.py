"""The `openscad_examples` spider: the examples that come with an installed OpenSCAD.

Debian's package puts them under /usr/share/openscad/examples. Where they are not installed the run
yields nothing and says so; that is no error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.schema import CrawledRow, RepoInfo
from spiders.folder import FoundDesign
from spiders.items import License
from spiders.sites.base import DiskSpider
from spiders.sites.local import LocalSpider

__all__ = ["OpenscadExamplesSpider"]

DEFAULT_FOLDER = Path("/usr/share/openscad/examples")


class OpenscadExamplesSpider(LocalSpider):
    """`-a folder=PATH` for another place than Debian's."""

    name = "openscad_examples"

    def __init__(self, *, folder: str | None = None, run_id: str | None = None, limit: int | str | None = None) -> None:
        DiskSpider.__init__(self, run_id=run_id, limit=limit)
        self.folder = Path(folder) if folder else DEFAULT_FOLDER
        self.item_name = "openscad/openscad/examples"

    def rows(self) -> Iterator[CrawledRow]:
        if not self.folder.is_dir():
            self.note_absence(f"{self.folder} is not there: install Debian's package `openscad` to have its examples")
            return
        yield from super().rows()

    def license_of(self, design: FoundDesign, repo: RepoInfo | None) -> License:
        """A file's own notice; without one the collection's CC0 dedication, held as an assumption."""
        if design.license.spdx != "NOASSERTION":
            return super().license_of(design, repo)
        return License(raw="CC0 (OpenSCAD examples)", spdx="CC0-1.0", scope="directory", confidence="assumed")
