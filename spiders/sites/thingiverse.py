"""The `thingiverse` spider: searches and tags -> things -> their files, over Thingiverse's API.

Requests only; `spiders.pages.thingiverse` reads the answers. A listing says neither licence nor version: each new thing
is asked for, and a thirtieth of the known ones a night. The licence is looked at before any file is fetched, and of the
files only OpenSCAD sources are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scrapy import Request

from spiders.credentials import bearer, secret
from spiders.pages.thingiverse import (
    MAX_HITS,
    PER_PAGE,
    Thing,
    parse_ancestors,
    parse_files,
    parse_hits,
    parse_thing,
    search_path,
    tag_path,
    thing_id_of,
)
from spiders.sites.api import http_url, redacted, status_of
from spiders.sites.base import SpiderUsageError
from spiders.sites.files import FilesSpider, Found, Item, SourceFile
from spiders.sites.options import parse_switch, parse_words
from spiders.sites.walks import Rechecks, Walks

__all__ = ["ThingiverseSpider"]

_TOKEN = "THINGIVERSE_TOKEN"
_DEFAULT_WORDS = ("openscad", "customizer")
_LAST_PAGE = MAX_HITS // PER_PAGE
_GONE = (404, 410)


@dataclass(frozen=True)
class _Listing:
    """A listing to walk."""

    via: str
    """search | tag"""
    word: str
    license: str | None = None

    @property
    def name(self) -> str:
        return f"{self.via}:{self.word}" + (f":{self.license}" if self.license else "")

    def path(self, page: int) -> str:
        return tag_path(self.word, page) if self.via == "tag" else search_path(self.word, page, license=self.license)


class ThingiverseSpider(FilesSpider):
    """`-a terms=… -a tags=…`: what to look for. `licenses`: Thingiverse's codes, such as cc-sa, that searches keep to.

    `seeds`: also the things that other sites point at. Without any of the three: OpenSCAD and customizer things, and
    seeds.
    """

    name = "thingiverse"
    source = "thingiverse"
    slots: ClassVar[dict[str, float]] = {"thingiverse": 1.2}  # 300 requests per 5 minutes allowed; this makes 250
    file_slot = "thingiverse"
    is_file_authorized = True
    is_missing_doubted = True

    def __init__(
        self,
        *,
        base_url: str = "https://api.thingiverse.com",
        terms: Sequence[str] | str | None = None,
        tags: Sequence[str] | str | None = None,
        licenses: Sequence[str] | str | None = None,
        seeds: bool | str | None = None,
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit, since=since)
        if secret(_TOKEN) is None:
            raise SpiderUsageError(
                f"{_TOKEN} is not set: make an app at https://www.thingiverse.com/apps/create and export its token"
            )
        self.base_url = http_url("base_url", base_url)
        is_default = terms is None and tags is None and seeds is None
        words = {"search": parse_words("terms", terms), "tag": parse_words("tags", tags)}
        if is_default:
            words = {"search": _DEFAULT_WORDS[:1], "tag": _DEFAULT_WORDS}
        codes = parse_words("licenses", licenses) or (None,)
        self._listings = [
            *(_Listing("search", word, code) for word in words["search"] for code in codes),
            *(_Listing("tag", word) for word in words["tag"]),
        ]
        self._is_seeded = is_default or parse_switch("seeds", seeds or False)
        if not self._listings and not self._is_seeded:
            raise SpiderUsageError("nothing to look for: give -a terms=…, -a tags=… or -a seeds=true")
        self._walks = Walks(self)
        self._rechecks = Rechecks(self)

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url,)

    def auth_headers(self) -> dict[str, str]:
        return bearer(_TOKEN)

    async def start(self) -> AsyncIterator[Any]:
        for listing in self._listings:
            yield self._ask_hits(listing, 1)
        for thing_id in self._walks.unfinished():
            for request in self._ask_thing(thing_id, Found("unfinished")):
                yield request
        for seed in self.seed_file.seeds("thingiverse.com") if self._is_seeded else ():
            seeded_id = thing_id_of(seed.url)
            if seeded_id and not self.state.knows(seeded_id):
                for request in self._ask_thing(seeded_id, Found(redacted(seed.discovered_via))):
                    yield request

    def rechecks(self) -> Iterator[Request]:
        self._walks.settle()
        due = [thing_id for thing_id in self.state.due(self.n_to_recheck()) if not self._walks.is_asked(thing_id)]
        self._rechecks.expect(set(due) - self.state.gone().keys())
        for thing_id in due:
            yield from self._ask_thing(thing_id, Found("recheck"))

    def parse_hits(self, response: Any, listing: _Listing, page: int) -> Iterator[Request]:
        """The new things of one page of a listing, and its next page."""
        hits = parse_hits(self.json_of(response))
        if hits is None:
            self.note_problem(redacted(response.url), "not a page of hits")
            return
        if not hits.n_hits:
            self._run_out(response.url, listing, page, hits.total)
            return
        self._walks.come_past(listing.name, total=hits.total, is_full=hits.n_hits >= PER_PAGE)
        # one that counts as gone is news: it is listed, so it may be back
        news = [thing_id for thing_id in hits.thing_ids if not self._is_old(thing_id)]
        if news:
            self._walks.note_news(listing.name)
        for thing_id in news:  # no `saw` for others: a hit says no version, and what was seen is not looked at again
            yield from self._ask_thing(thing_id, Found(listing.via, listing.word, page))
        if not news and hits.is_newest_first and self._walks.may_stop(listing.name):
            self._walks.stop(listing.name)
        elif page < _LAST_PAGE:
            yield self._ask_hits(listing, page + 1)
        else:
            self.note_skipped(listing.name, f"what lies behind {MAX_HITS} hits (narrower words reach it)")
            self._walks.end(listing.name)

    def lost_hits(self, failure: Any) -> None:
        """The end of a listing is a 404 where all was shown; anything else leaves the walk unfinished."""
        if status_of(failure) == 404:
            facts = failure.request.cb_kwargs
            self._run_out(failure.request.url, facts["listing"], facts["page"], None)
        else:
            self.failed(failure)

    def parse_thing(self, response: Any, thing_id: str, found: Found) -> Iterator[Any]:
        """A thing that is new or has changed: what it was made from and its files, if its licence allows."""
        self._rechecks.hear(thing_id)
        thing = parse_thing(self.json_of(response))
        if thing is None or thing.thing_id != thing_id:
            self.note_problem(redacted(response.url), f"not thing {thing_id}")
            return
        if self.state.is_current(thing_id, thing.version):
            self.state.saw(thing_id)
            return
        if thing.withheld:
            self._leave(thing_id, thing.version, thing.withheld)
        elif self.is_recent(thing.listing.modified_at):
            yield from self._take_thing(thing, Item(thing_id, thing.version, thing.listing, found, thing.is_customizer))

    def lost_thing(self, failure: Any) -> None:
        """A thing that is gone, or that nobody may see; anything else is asked for again next night."""
        status, thing_id = status_of(failure), failure.request.cb_kwargs["thing_id"]
        if status not in _GONE:
            self.failed(failure)
            self._rechecks.hear(thing_id)
        if self._rechecks.is_expected(thing_id):
            self._rechecks.hear(thing_id, evidence=f"answered {status}")
        elif status in (403, *_GONE):
            self._leave(thing_id, None, f"answered {status}")

    def parse_ancestors(self, response: Any, item: Item) -> Iterator[Request]:
        """Where a remix comes from; then its files."""
        ancestors = parse_ancestors(self.json_of(response))
        yield self._ask_files(replace(item, listing=replace(item.listing, ancestors=ancestors)))

    def lost_ancestors(self, failure: Any) -> Iterator[Request]:
        """The files all the same."""
        self.failed(failure)
        yield self._ask_files(replace(failure.request.cb_kwargs["item"], is_final=status_of(failure) in (403, *_GONE)))

    def parse_files(self, response: Any, item: Item) -> Iterator[Any]:
        """The downloads of a thing's OpenSCAD sources; a thing without any is done with."""
        files = parse_files(self.json_of(response))
        if files is None:
            self.note_problem(redacted(response.url), "not a list of files")
        elif not files:
            self.state.note_done(item.item_id, item.version, 0)
        else:
            urls = (f"{self.base_url}/files/{file.file_id}/download" for file in files)
            yield from self.take(
                item, [SourceFile(f.name, f.file_id, url, f.size_bytes) for f, url in zip(files, urls, strict=True)]
            )

    def lost_files(self, failure: Any) -> Iterator[Any]:
        """A thing whose files are not shown is a row without a text; else it is asked for again next night."""
        self.failed(failure)
        item, unnamed = failure.request.cb_kwargs["item"], SourceFile(None)
        if status_of(failure) in (403, *_GONE):
            is_final = item.is_final and (status_of(failure) == 410 or self.is_missing_again(item, unnamed))
            yield from self.take(replace(item, is_final=is_final), [unnamed])

    def _take_thing(self, thing: Thing, item: Item) -> Iterator[Any]:
        self._walks.want(thing.thing_id, thing.version)
        names = [name for name in thing.names or () if name.lower().endswith(".scad")]
        unread = [SourceFile(name) for name in names] or [SourceFile(None)]
        is_allowed = self.is_license_allowed(thing.listing.license.spdx)
        if thing.names is not None and not names:
            self.state.note_done(item.item_id, item.version, 0)
        elif thing.listing.is_nsfw:
            yield from self.withhold(item, unread, why="not safe for work")
        elif is_allowed is not True:
            yield from self.withhold(item, unread, why=is_allowed[1])
        elif thing.listing.is_remix and not thing.listing.ancestors:
            url = f"{self.base_url}/things/{item.item_id}/ancestors"
            yield self._ask(url, self.parse_ancestors, self.lost_ancestors, {"item": item}, priority=2)
        else:
            yield self._ask_files(item)

    def _leave(self, thing_id: str, version: str | None, why: str) -> None:
        """A thing that is not to be had: gone if it once was, else done with until it changes."""
        if not self.state.knows(thing_id):
            self.state.note_done(thing_id, version, 0)
        if why != "answered 403":
            self.state.note_gone(thing_id, why)
        self.state.saw(thing_id)

    def _is_old(self, thing_id: str) -> bool:
        return self.state.knows(thing_id) and not self._walks.is_asked(thing_id)

    def _run_out(self, url: str, listing: _Listing, page: int, total: int | None) -> None:
        """A page that shows nothing: the end, or a page that went missing."""
        if not self._walks.run_out(listing.name, (page - 1) * PER_PAGE, total=total):
            self.note_problem(redacted(url), f"{listing.name} shows nothing on page {page}, and that is not its end")

    def _ask_hits(self, listing: _Listing, page: int) -> Request:
        facts = {"listing": listing, "page": page}
        return self._ask(self.base_url + listing.path(page), self.parse_hits, self.lost_hits, facts, is_kept=True)

    def _ask_thing(self, thing_id: str, found: Found) -> Iterator[Request]:
        """The request for a thing; none where this run has already made it."""
        if self._walks.is_first(thing_id):
            facts = {"thing_id": thing_id, "found": found}
            url = f"{self.base_url}/things/{thing_id}"
            yield self._ask(url, self.parse_thing, self.lost_thing, facts, is_kept=True, priority=1)

    def _ask_files(self, item: Item) -> Request:
        url = f"{self.base_url}/things/{item.item_id}/files"
        return self._ask(url, self.parse_files, self.lost_files, {"item": item}, priority=2)

    def _ask(self, url: str, callback: Any, errback: Any, facts: dict[str, Any], **more: Any) -> Request:
        return self.ask(url, callback, facts=facts, errback=errback, slot="thingiverse", **more)
