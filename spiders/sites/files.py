"""Taking an item that is a flat list of files: a thing of three sources, a design of one.

Its files are fetched one by one, and its rows given once the last is in, each with the files beside it that it
includes. Which items and files there are is each site's own business.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError

from corpus.includes import find_includes
from corpus.schema import CompanionFile
from spiders.folder import MAX_COMPANION_BYTES, MAX_COMPANIONS, MAX_FILE_BYTES
from spiders.items import Decoded, Listing, Part, build_row, decode_scad
from spiders.pages.local import has_customizer
from spiders.sites.api import ApiSpider, header_of, redacted, status_of

__all__ = ["FilesSpider", "Found", "Item", "SourceFile", "companions_of"]

MAX_FILES = 60
"""Sources taken of one item; the largest collections seen have some 40."""
_FINAL_STATUSES = frozenset((410, 451))
_DOUBTFUL_STATUSES = frozenset((403, 404))
"""Where the site is doubted, believed when said again of the same version."""


@dataclass(frozen=True)
class Found:
    """How an item was come by."""

    via: str
    query: str | None = None
    page: int | None = None


@dataclass(frozen=True)
class Item:
    item_id: str
    version: str | None
    listing: Listing
    found: Found
    is_customizer: bool = False
    """The site itself says that it has parameters to set."""
    is_final: bool = True
    """False where something about it could not be had tonight."""


@dataclass(frozen=True)
class SourceFile:
    path: str | None
    """None where no file is named: the item is known, no more."""
    file_id: str | None = None
    url: str | None = None
    """None: not to be fetched."""
    size_bytes: int | None = None


@dataclass(frozen=True)
class _Fetched:
    decoded: Decoded | None = None
    status: int | None = None
    etag: str | None = None
    is_final: bool = True


@dataclass
class _Taking:
    """An item whose files are coming in, by their place in the list."""

    item: Item
    files: tuple[SourceFile, ...]
    fetched: dict[int, _Fetched] = field(default_factory=dict)


class FilesSpider(ApiSpider):
    """A spider of a site whose items are flat lists of files."""

    source: ClassVar[str]
    """The site's name in the rows."""
    file_slot: ClassVar[str | None] = None
    is_file_authorized: ClassVar[bool] = False
    """True where the API itself is asked for files, and redirects to wherever they are."""
    is_missing_doubted: ClassVar[bool] = False
    """True where listings come from what there is: a file just named and not there is asked for a second night."""
    is_file_kept: ClassVar[bool] = False
    """True where few small files are asked for again and again, so that an unchanged one should cost nothing."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._n_withheld: Counter[str] = Counter()

    def take(self, item: Item, files: Sequence[SourceFile]) -> Iterator[Any]:
        """Requests for the files; the rows at once where there is nothing to fetch."""
        if len(files) > MAX_FILES:
            self.note_skipped(str(item.listing.source_url), f"{len(files) - MAX_FILES} of its {len(files)} files")
        taking = _Taking(item, _with_own_paths(files[:MAX_FILES]))
        for index, file in enumerate(taking.files):
            if file.url is not None and (file.size_bytes or 0) > MAX_FILE_BYTES:
                self.note_skipped(redacted(file.url), f"larger than {MAX_FILE_BYTES} bytes")
                taking.fetched[index] = _Fetched()
            elif file.url is None:
                taking.fetched[index] = _Fetched()
            else:
                yield from self._ask_file(file.url, taking, index)
        yield from self._rows(taking)

    def withhold(self, item: Item, files: Sequence[SourceFile], *, why: str) -> Iterator[Any]:
        """The item's rows without their texts. Counted by the reason: thousands may share it."""
        self._n_withheld[why] += 1
        yield from self.take(item, [replace(file, url=None) for file in files])

    def described(self, item: Item, file: SourceFile, scad: str | None) -> Listing:
        """What is said of one file; a subclass may let the source itself speak."""
        return item.listing

    def closed(self, reason: str) -> None:
        """Scrapy's hook: say what was withheld."""
        for why, n_items in sorted(self._n_withheld.items()):
            self.note_skipped(f"{n_items} design{'s' if n_items > 1 else ''}", why.replace("_", " "))

    def got_file(self, response: Any, taking: _Taking, index: int) -> Iterator[Part]:
        """A file came in."""
        self.heed(response)
        etag = header_of(response, "ETag")
        decoded, why = _source_in(response.body)
        is_page = decoded is None and why is not None and "page" in why
        if why is not None:
            self.note_problem(redacted(str(taking.files[index].url)), why)
        taking.fetched[index] = _Fetched(decoded, response.status, etag, is_final=not is_page)
        yield from self._rows(taking)

    def lost_file(self, failure: Any) -> Iterator[Part]:
        """A file that could not be had; for good, or for tonight."""
        self.failed(failure)
        status = status_of(failure)
        taking, index = failure.request.cb_kwargs["taking"], failure.request.cb_kwargs["index"]
        is_too_large = bool(failure.check(DownloadCancelledError))
        is_missing = status in _DOUBTFUL_STATUSES and self.is_missing_again(taking.item, taking.files[index])
        is_final = is_too_large or is_missing or status in _FINAL_STATUSES
        taking.fetched[index] = _Fetched(status=status, is_final=is_final)
        yield from self._rows(taking)

    def _ask_file(self, url: str, taking: _Taking, index: int) -> Iterator[Request]:
        """The request for a file; none for an address that can't be one, such as port 99999: that file is done with."""
        try:
            yield self.ask(
                url,
                self.got_file,
                facts={"taking": taking, "index": index},
                slot=self.file_slot,
                is_kept=self.is_file_kept,
                is_authorized=self.is_file_authorized,
                errback=self.lost_file,
                max_bytes=MAX_FILE_BYTES,
                priority=3,
                dont_filter=True,  # two files of one address would leave their item waiting for ever
            )
        except ValueError as error:
            self.note_problem(redacted(url), f"not an address: {error}")
            taking.fetched[index] = _Fetched()

    def is_missing_again(self, item: Item, file: SourceFile) -> bool:
        """True if an earlier night missed the file of this version too (or its site is believed at once)."""
        if not self.is_missing_doubted:
            return True
        name, version = f"lost:{item.item_id}:{file.path}", item.version or ""
        is_again = self.state.note(name) == version
        self.state.set_note(name, version)
        return is_again

    def _rows(self, taking: _Taking) -> Iterator[Part]:
        if len(taking.fetched) < len(taking.files) or self.has_enough:
            return
        item = taking.item
        texts = {
            file.path: decoded.text
            for index, file in enumerate(taking.files)
            if file.path is not None and (decoded := taking.fetched[index].decoded) is not None
        }
        for index, file in enumerate(taking.files):
            fetched = taking.fetched[index]
            scad = fetched.decoded.text if fetched.decoded else None
            is_customizable = True if item.is_customizer else has_customizer(scad) if scad is not None else None
            row = build_row(
                source=self.source,
                source_item_id=item.item_id,
                path=file.path,
                decoded=fetched.decoded,
                listing=replace(self.described(item, file, scad), is_customizable=is_customizable),
                provenance=self.provenance(
                    request_url=redacted(file.url) if file.url else None,
                    http_status=fetched.status,
                    etag=fetched.etag,
                    discovered_via=item.found.via,
                    query=item.found.query,
                    page=item.found.page,
                ),
                fetched_at=self.now(),
                companions=companions_of(file.path, scad, texts) if file.path and scad is not None else (),
                file_id=file.file_id,
            )
            is_final = item.is_final and fetched.is_final
            yield Part(row, item.item_id, item.version, n_parts=len(taking.files), is_final=is_final)


def companions_of(path: str, scad: str, texts: Mapping[str, str]) -> tuple[CompanionFile, ...]:
    """The files beside a source that it includes, and those that they include; `texts` by path, all in one folder."""
    found: dict[str, CompanionFile] = {}
    queue, budget_bytes = [scad], MAX_COMPANION_BYTES
    while queue and len(found) < MAX_COMPANIONS:
        for include in find_includes(queue.pop(0)):
            target = posixpath.normpath(include.target)
            text = texts.get(target)
            if text is None or target == path or target in found or len(found) >= MAX_COMPANIONS:
                continue
            if (n_bytes := len(text.encode("utf-8", "replace"))) > budget_bytes:
                continue
            budget_bytes -= n_bytes
            found[target] = CompanionFile(target, text)
            queue.append(text)
    return tuple(found[target] for target in sorted(found))


def _with_own_paths(files: Sequence[SourceFile]) -> tuple[SourceFile, ...]:
    """The files, a later one of the same name in a folder of its own: a path names one row."""
    seen: set[str | None] = set()
    own: list[SourceFile] = []
    for index, file in enumerate(files):
        if file.path in seen:
            file = replace(file, path=f"{file.file_id or index}/{file.path or ''}")
        seen.add(file.path)
        own.append(file)
    return tuple(own)


def _source_in(body: bytes) -> tuple[Decoded | None, str | None]:
    """(text, None), or (None, why it is no source)."""
    if body[:200].lstrip().lower().startswith((b"<!doctype", b"<html")):
        return None, "a web page in place of the file"
    decoded = decode_scad(body)
    return (decoded, None) if decoded else (None, "binary, not OpenSCAD text")
