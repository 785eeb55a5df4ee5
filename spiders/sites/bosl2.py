"""The `bosl2` spider: captioned examples of the BOSL2 library, which the package solidpython2 carries.

No requests: the library is found without importing the package, and its files are read. Blocks come
fastest files first, so that a limited run compiles quickly.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from corpus.schema import Author, CrawledRow, RepoInfo
from spiders.items import Decoded, License, Listing, build_row, license_in_text
from spiders.pages.bosl2 import ExampleBlock, LibraryFile, parse_library_file, pick_spread
from spiders.sites.base import DiskSpider, SpiderUsageError

__all__ = ["Bosl2Spider", "library_folder"]

# Files whose blocks compile quickest (mean of 20 to 38 blocks each); they are used up before any other file is touched.
# skin, rounding and distributors take 2 to 4 times as long a block; screws and isosurface 10 to 20 times.
_QUICK_FILES = frozenset(
    ("attachments.scad", "masks2d.scad", "masks3d.scad", "shapes3d.scad", "transforms.scad", "walls.scad")
)
_REPO = RepoInfo(host="github.com", full_name="BelfrySCAD/BOSL2")
_COPYRIGHT = re.compile(r"(?im)^copyright \(c\) [\d\-, ]+(.+)$")


def library_folder() -> Path | None:
    """Where the installed BOSL2 lies; None if solidpython2 is not installed."""
    spec = importlib.util.find_spec("solid2")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "extensions" / "bosl2" / "BOSL2"
        if folder.is_dir():
            return folder
    return None


class Bosl2Spider(DiskSpider):
    """`-a limit=N`: N blocks in turn from the quick files, then the others. `-a folder=PATH`: another BOSL2."""

    name = "bosl2"

    def __init__(self, *, folder: str | None = None, run_id: str | None = None, limit: int | str | None = None) -> None:
        super().__init__(run_id=run_id, limit=limit)
        found = Path(folder) if folder else library_folder()
        if found is None or not (found / "std.scad").is_file():
            raise SpiderUsageError(f"no BOSL2 at {folder or 'solid2'}: install the package `solidpython2`")
        self.folder = found

    def rows(self) -> Iterator[CrawledRow]:
        """The picked blocks as rows."""
        notice = (self.folder / "LICENSE").read_text(encoding="utf-8")
        license_found = license_in_text(notice, scope="directory") or License()
        license_declared = replace(license_found, raw=notice.partition("\n")[0].strip(), confidence="declared")
        holder = _COPYRIGHT.search(notice)
        author = Author(name=holder[1].strip()) if holder else None
        for file, block in self.picked():
            yield self._row(file, block, license_declared, author)

    def picked(self) -> Iterator[tuple[LibraryFile, ExampleBlock]]:
        """The blocks of the quick files in turn, then those of all other files in turn."""
        files = self.files()
        quick = [file for file in files if file.name in _QUICK_FILES]
        others = [file for file in files if file.name not in _QUICK_FILES]
        return islice(chain(pick_spread(quick, None), pick_spread(others, None)), self.limit)

    def files(self) -> list[LibraryFile]:
        """Every library file that has blocks: those within std.scad first, then by name."""
        files = [
            parse_library_file(path.name, path.read_text(encoding="utf-8"))
            for path in sorted(self.folder.glob("*.scad"))
        ]
        return sorted((file for file in files if file.blocks), key=lambda file: (not file.is_in_std, file.name))

    def _row(
        self, file: LibraryFile, block: ExampleBlock, license_declared: License, author: Author | None
    ) -> CrawledRow:
        listing = Listing(
            title=block.item.removesuffix("()"),
            description=block.description,
            description_kind="doc_comment",
            tags=block.topics,
            category=file.group,
            author=author,
            license=license_declared,
            source_url=f"https://{_REPO.host}/{_REPO.full_name}/wiki/{file.name}",
            is_customizable=False,
            repo=_REPO,
        )
        return build_row(
            source=self.name,
            source_item_id=f"{file.name}:{block.item}:{block.index}",
            path=file.name,
            decoded=Decoded(block.scad, tuple(f"prepended {line}" for line in block.includes)),
            listing=listing,
            provenance=self.provenance(discovered_via=f"doc comment at {file.name}:{block.line}"),
            fetched_at=self.now(),
        )
