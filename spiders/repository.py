"""A repository's tarball and the facts of its site -> its designs, each with words, licence, author and permanent link.

Pure apart from the temporary folder: no requests. Whatever forge a repository lies on, what its files say is read the
same way; asking the forge is `spiders.sites`' business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import quote

from corpus.schema import Author, CompanionFile, RepoInfo
from spiders.archive import unpacked
from spiders.folder import Folder, FoundDesign
from spiders.items import Decoded, License, Listing
from spiders.pages.bosl2 import ExampleBlock, LibraryFile, parse_library_file
from spiders.pages.docs_examples import DocsExample, parse_docs_page
from spiders.pages.local import describe, has_customizer, title_from_stem
from spiders.pages.notices import credited_author

__all__ = ["EXTRACTS", "RepoDesign", "RepoDesigns", "RepoFacts", "designs_in", "file_url"]

EXTRACTS = ("files", "doc_comments", "docs")
"""What can be taken: .scad files; captioned examples in their comments, as BOSL2 writes them; docs examples."""

_UNKNOWN = License()


@dataclass(frozen=True)
class RepoFacts:
    """What the site says about the repository."""

    repo: RepoInfo
    web_url: str
    """Its page, without a slash at the end."""
    description: str | None = None
    license: License = _UNKNOWN
    author: Author | None = None
    tags: tuple[str, ...] = ()
    created_at: str | None = None
    modified_at: str | None = None
    is_fork: bool | None = None
    ancestors: tuple[str, ...] = ()


@dataclass(frozen=True)
class RepoDesign:
    """One design of a repository, ready to become a row."""

    path: str
    """In the repository; an example has `#name-number` behind the file it stands in."""
    decoded: Decoded | None
    """None where the text could not be taken; `problem` says why."""
    listing: Listing
    companions: tuple[CompanionFile, ...]
    problem: str | None
    content: str | None
    """sha256 of the bytes, hex, for `CrawlState.claim`."""
    n_companions_refused: int = 0
    """Files that it includes and that may not be given on."""


@dataclass(frozen=True)
class RepoDesigns:
    designs: tuple[RepoDesign, ...]
    problems: tuple[str, ...]
    """What the archive held against the rules, one line each."""


def designs_in(
    body: bytes,
    facts: RepoFacts,
    *,
    extracts: tuple[str, ...] = ("files",),
    exclude: tuple[str, ...] = (),
    is_refused: Callable[[License], bool] = lambda license_found: False,
) -> RepoDesigns:
    """Every design of a gzipped tar. `exclude`: glob patterns such as `tests/**`. Raises ArchiveError.

    `is_refused` keeps what a design includes from coming with it, by the licence in that file or of its folder.
    """
    with unpacked(body) as archive:
        folder = Folder(archive.root, name=facts.repo.full_name.rpartition("/")[2])
        reading = _Reading(folder, facts, tuple(_glob(pattern) for pattern in exclude), is_refused)
        designs: list[RepoDesign] = []
        if "files" in extracts:
            designs += reading.files()
        if "doc_comments" in extracts:
            designs += reading.doc_comments()
        if "docs" in extracts:
            designs += reading.docs()
        return RepoDesigns(tuple(designs), archive.problems)


@dataclass(frozen=True)
class _Reading:
    folder: Folder
    facts: RepoFacts
    exclude: tuple[re.Pattern[str], ...]
    is_refused: Callable[[License], bool]

    def is_wanted(self, path: str) -> bool:
        return not any(pattern.match(path) for pattern in self.exclude)

    @cached_property
    def found(self) -> list[FoundDesign]:
        return list(self.folder.designs(is_wanted=self.is_wanted, is_refused=self.is_refused))

    def files(self) -> Iterator[RepoDesign]:
        for design in self.found:
            listing = self._file_listing(design)
            yield RepoDesign(
                design.path,
                design.decoded,
                listing,
                design.companions,
                design.problem,
                design.content,
                design.n_companions_refused,
            )

    def doc_comments(self) -> Iterator[RepoDesign]:
        for design in self.found:
            if design.decoded is None:
                continue
            library = parse_library_file(PurePosixPath(design.path).name, design.decoded.text)
            for block in library.blocks:
                yield self._comment_example(design, library, block)

    def docs(self) -> Iterator[RepoDesign]:
        for path, text, license_found in self.folder.pages():
            if self.is_wanted(path):
                for example in parse_docs_page(text):
                    yield self._docs_example(path, example, license_found)

    def _file_listing(self, design: FoundDesign) -> Listing:
        scad = design.decoded.text if design.decoded else ""
        words = describe(design.path, scad, readme=design.readme, n_sharing_readme=design.n_sharing_readme)
        if words.description is None and self.facts.description:
            # what is said of the whole repository ranks with a README that several designs share
            words = replace(words, description=self.facts.description, description_kind="readme")
        credited = credited_author(scad)
        return replace(
            self._listing(design.path, design.license),
            title=words.title,
            description=words.description,
            description_kind=words.description_kind,
            author=self._author(credited),
            is_customizable=has_customizer(scad) if design.decoded else None,
        )

    def _comment_example(self, design: FoundDesign, library: LibraryFile, block: ExampleBlock) -> RepoDesign:
        item = block.item.removesuffix("()")
        listing = replace(
            self._listing(design.path, design.license),
            title=item,
            description=block.description,
            description_kind="doc_comment",
            tags=tuple(dict.fromkeys((*block.topics, *self.facts.tags))),
            category=library.group,
            source_url=f"{file_url(self.facts, design.path)}#L{block.line}",
            is_customizable=False,
        )
        decoded = Decoded(block.scad, tuple(f"prepended {line}" for line in block.includes))
        return RepoDesign(f"{design.path}#{item}-{block.index}", decoded, listing, (), None, _sha256(block.scad))

    def _docs_example(self, path: str, example: DocsExample, license_found: License) -> RepoDesign:
        listing = replace(
            self._listing(path, license_found),
            title=example.title or title_from_stem(PurePosixPath(path).stem),
            description=example.description or self.facts.description,
            description_kind="doc_comment" if example.description else "readme",
            is_customizable=has_customizer(example.code),
        )
        decoded = Decoded(f"{example.code}\n", ("unfenced",))
        return RepoDesign(f"{path}#{example.index}", decoded, listing, (), None, _sha256(decoded.text))

    def _listing(self, path: str, license_found: License) -> Listing:
        """What holds for whatever stands in this file."""
        return Listing(
            tags=self.facts.tags,
            category=path.partition("/")[0] if "/" in path else None,
            author=self.facts.author,
            license=license_found if license_found.raw else self.facts.license,
            source_url=file_url(self.facts, path),
            is_remix=self.facts.is_fork,
            ancestors=self.facts.ancestors,
            repo=self.facts.repo,
            created_at=self.facts.created_at,
            modified_at=self.facts.modified_at,
        )

    def _author(self, credited: str | None) -> Author | None:
        """The one the file credits; the owner with their page where that is the same name, or nobody is credited."""
        owner = self.facts.author
        is_owner = owner is not None and credited in (owner.name, owner.id)
        return owner if credited is None or is_owner else Author(name=credited)


def file_url(facts: RepoFacts, path: str) -> str:
    """The file's page at the very commit, which no later push changes."""
    repo = facts.repo
    if repo.commit is None:
        return facts.web_url
    host = repo.host.lower()
    is_forgejo = any(name in host for name in ("codeberg", "forgejo", "gitea"))
    place = "src/commit" if is_forgejo else "-/blob" if "gitlab" in host else "blob"
    return f"{facts.web_url}/{place}/{repo.commit}/{quote(path, errors='surrogateescape')}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _glob(pattern: str) -> re.Pattern[str]:
    """A path pattern: `**` any folders, `*` within a name; one that names a folder means all below it."""
    words = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts) + r"(?:/.*)?\Z")
