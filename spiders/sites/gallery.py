"""The `gallery` spider: index pages -> design pages -> .scad files, over HTTP.

Requests only; `spiders.pages.gallery` reads the answers. Stays on the host it was given. A design
whose file can't be had becomes a metadata-only row, and the reason is written down.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider, IgnoreRequest
from scrapy.http import TextResponse
from scrapy.spidermiddlewares.httperror import HttpError

from corpus.schema import Author, CrawledRow
from spiders.items import Listing, build_row, decode_scad, listed_license
from spiders.pages.gallery import DesignPage, file_name_of, item_id_of, parse_design, parse_index
from spiders.pages.local import has_customizer
from spiders.sites.base import DesignSpider, SpiderUsageError

__all__ = ["GallerySpider"]


class GallerySpider(DesignSpider):
    """`-a base_url=http://HOST:PORT/`: the site's first index page. `-a source=NAME` names it in the rows."""

    name = "gallery"

    def __init__(
        self,
        *,
        base_url: str,
        source: str = "gallery",
        run_id: str | None = None,
        limit: int | str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit)
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SpiderUsageError(f"base_url={base_url!r} is not an http(s) URL")
        self.base_url = base_url
        self.source = source
        self.allowed_domains = [parts.hostname]

    async def start(self) -> AsyncIterator[Any]:
        yield Request(self.base_url, callback=self.parse_index, errback=self.failed_index, cb_kwargs={"page": 1})

    def parse_index(self, response: Any, page: int) -> Iterator[Any]:
        """Request the designs of one index page, and the next index page."""
        if not isinstance(response, TextResponse):
            self.note_problem(_redacted(response.url), "the index is not a text page")
            return
        index = parse_index(response.text, response.url)
        if not index.design_urls:
            self.note_problem(_redacted(response.url), "no designs listed on this index page")
        for url in index.design_urls:
            yield Request(
                url, callback=self.parse_design, errback=self.failed, cb_kwargs={"page": page}, meta={"page": page}
            )
        if index.next_url:
            yield Request(
                index.next_url, callback=self.parse_index, errback=self.failed_index, cb_kwargs={"page": page + 1}
            )

    def parse_design(self, response: Any, page: int) -> Iterator[Any]:
        """Request a design's files; a design without any is a metadata-only row."""
        text = response.text if isinstance(response, TextResponse) else ""
        design = parse_design(text, response.url)
        facts = {"design": design, "design_url": response.url, "page": page}
        if not design.download_urls:
            self.note_problem(_redacted(response.url), "no .scad download on this page")
            yield self._row(response.url, None, status=response.status, **facts)
        for url in design.download_urls:
            yield Request(url, callback=self.parse_scad, errback=self.failed_download, cb_kwargs=facts, priority=1)

    def parse_scad(self, response: Any, **facts: Any) -> Iterator[CrawledRow]:
        """The row of a downloaded source."""
        etag = (response.headers.get("ETag") or b"").decode("latin-1") or None
        yield self._row(response.url, response.body, status=response.status, etag=etag, **facts)

    def failed_index(self, failure: Any) -> None:
        """An index page is what the crawl hangs on: a refusal there is the site's word for all of it."""
        self._note_failure(failure)
        if failure.check(HttpError) and failure.value.response.status in (401, 403):
            raise CloseSpider("terms_block")

    def failed(self, failure: Any) -> None:
        """A design page that could not be had: written down, the rest goes on."""
        self._note_failure(failure)

    def failed_download(self, failure: Any) -> Iterator[CrawledRow]:
        """A file that could not be had: a metadata-only row."""
        self._note_failure(failure)
        status = failure.value.response.status if failure.check(HttpError) else None
        yield self._row(failure.request.url, None, status=status, **failure.request.cb_kwargs)

    def _note_failure(self, failure: Any) -> None:
        where = _redacted(failure.request.url)
        if failure.check(HttpError):
            self.note_problem(where, f"answered {failure.value.response.status}")
        elif failure.check(IgnoreRequest):
            self.note_skipped(where, str(failure.value) or "not allowed")
        else:
            self.note_problem(where, f"{failure.type.__name__}: {failure.getErrorMessage()}")

    def _row(
        self,
        url: str,
        body: bytes | None,
        *,
        status: int | None,
        design: DesignPage,
        design_url: str,
        page: int,
        etag: str | None = None,
    ) -> CrawledRow:
        decoded = decode_scad(body) if body is not None else None
        if body is not None and decoded is None:
            self.note_problem(_redacted(url), "binary, not OpenSCAD text")
        is_author_known = design.author_name or design.author_url
        listing = Listing(
            title=design.title,
            description=design.description,
            description_kind="author",
            tags=design.tags,
            category=design.category,
            author=Author(name=design.author_name, profile_url=design.author_url) if is_author_known else None,
            license=listed_license(design.license_raw, scope="item"),
            source_url=_redacted(design_url),
            is_customizable=has_customizer(decoded.text) if decoded else None,
        )
        return build_row(
            source=self.source,
            source_item_id=item_id_of(design_url),
            path=file_name_of(url) if url != design_url else None,
            decoded=decoded,
            listing=listing,
            provenance=self.provenance(
                request_url=_redacted(url),
                http_status=status,
                etag=etag,
                discovered_via=_redacted(design_url),
                page=page,
            ),
            fetched_at=self.now(),
        )


def _redacted(url: str) -> str:
    """The URL without user, password and query: whatever secret it might carry stays out of rows and logs."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
