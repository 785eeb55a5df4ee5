"""The `openscad_org` spider: the advent calendars' designs, and seeds from the library list and the gallery.

Requests only; `spiders.pages.openscad_org` reads the answers. A calendar's index tells what it holds, not whether a
file changed: an unchanged entry's files are asked for again, conditionally, once a month.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request

from corpus.schema import Author
from spiders.items import Listing
from spiders.pages.local import describe
from spiders.pages.notices import credited_author
from spiders.pages.openscad_org import (
    Calendar,
    Day,
    Pointed,
    names_calendar_only,
    parse_calendar_page,
    parse_calendar_script,
    parse_gallery,
    parse_libraries,
    parse_things,
)
from spiders.seeds import Seed
from spiders.sites.api import http_url, redacted, status_of
from spiders.sites.base import SpiderUsageError
from spiders.sites.files import FilesSpider, Found, Item, SourceFile
from spiders.sites.options import parse_words

__all__ = ["OpenscadOrgSpider"]

_YEARS = (2019, 2020, 2021, 2022, 2023, 2024, 2025)
_FIRST_YEAR = 2019
_LAST_PAGE_YEAR = 2020
"""The last calendar that was a page of links."""
_GONE = (404, 410)


class OpenscadOrgSpider(FilesSpider):
    """`-a years=2022,2023`: the advent calendars to take."""

    name = "openscad_org"
    source = "openscad.org"
    slots: ClassVar[dict[str, float]] = {"openscad.org": 1.0, "files.openscad.org": 1.0}
    file_slot = "files.openscad.org"
    is_file_kept = True

    def __init__(
        self,
        *,
        base_url: str = "https://openscad.org",
        files_url: str = "https://files.openscad.org",
        years: Sequence[int | str] | str = _YEARS,
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(run_id=run_id, limit=limit, since=since)
        self.base_url = http_url("base_url", base_url)
        self.files_url = http_url("files_url", files_url)
        self.years = _parse_years(years)
        hosts = [urlsplit(url).hostname or "" for url in self.base_urls()]
        self.allowed_domains = [*hosts, *(f"www.{host}" for host in hosts)]
        self._days: dict[str, Day] = {}
        self._gone: frozenset[str] = frozenset()
        self._whole_years: set[int] = set()
        """Calendars of which every entry could be read tonight."""

    def base_urls(self) -> tuple[str, ...]:
        return (self.base_url, self.files_url)

    async def start(self) -> AsyncIterator[Any]:
        self._gone = frozenset(self.state.gone())
        yield self._ask_page(f"{self.base_url}/libraries.html", self.parse_libraries)
        # gallery.html itself is empty: a script fills it from these lists
        yield self._ask_page(f"{self.files_url}/lists/gallery.jsonp", self.parse_gallery)
        for name in ("thingiverse-gallery", "thingiverse-recent"):
            yield self._ask_page(f"{self.base_url}/inc/{name}.json", self.parse_things)
        for year in self.years:
            folder = f"advent-calendar-{year}"
            is_page = year <= _LAST_PAGE_YEAR
            url = f"{self.base_url}/{folder}/index.html" if is_page else f"{self.files_url}/{folder}/index.js"
            yield self._ask_page(url, self.parse_calendar, year=year)

    def rechecks(self) -> Iterator[Request]:
        """A thirtieth of the designs a night: are their files as they were? One that lost its door is gone."""
        n_left = self.n_to_recheck()
        for item_id in self.state.due(len(self.state)):
            day = self._days.get(item_id)
            if day is None and _year_of(item_id) in self._whole_years:
                self.state.note_gone(item_id, "the calendar has no such door")
            elif day is not None and n_left > 0:
                n_left -= 1
                yield from self._look_again(day)

    def parse_libraries(self, response: Any) -> None:
        """Seeds of the library list."""
        self.heed(response)
        self._add_seeds(parse_libraries(_text(response)), response)

    def parse_gallery(self, response: Any) -> None:
        """Seeds of the gallery."""
        self.heed(response)
        self._add_seeds(parse_gallery(_text(response)), response)

    def parse_things(self, response: Any) -> None:
        """Seeds of a list of things."""
        self._add_seeds(parse_things(self.json_of(response)), response)

    def parse_calendar(self, response: Any, year: int) -> Iterator[Any]:
        """The designs of one year that are new, or of which the calendar says something else than before."""
        self.heed(response)
        parse = parse_calendar_page if year <= _LAST_PAGE_YEAR else parse_calendar_script
        calendar = parse(_text(response), year)
        self._note_unreadable(calendar, response)
        for day in calendar.days:
            self._days[day.item_id] = day
            if day.item_id in self._gone:
                yield from self._look_again(day)
            # a door that stays as it was is not seen in the state's sense: its files are due for a look some night
            elif not self.state.is_current(day.item_id, day.version) and self.is_recent(day.opened_on):
                yield from self._take_day(day, Found(redacted(response.url)))

    def checked_again(self, response: Any, day: Day, place: int) -> Iterator[Any]:
        """One file of a design as it is now: the next one if this is unchanged, else the design anew."""
        self.heed(response)
        if "not modified" not in response.flags or day.item_id in self._gone:
            yield from self._take_day(day, Found("asked again"))
        elif place + 1 < len(day.files):
            yield self._ask_again(day, place + 1)
        else:
            self.state.saw(day.item_id)

    def lost_again(self, failure: Any) -> None:
        """A design is gone with its first file; a later one that is missing was missing when it was taken."""
        day, place, status = failure.request.cb_kwargs["day"], failure.request.cb_kwargs["place"], status_of(failure)
        if status in _GONE and place == 0:
            self.state.note_gone(day.item_id, f"answered {status}")
        elif status in _GONE:
            self.state.saw(day.item_id)
        else:
            self.failed(failure)

    def described(self, item: Item, file: SourceFile, scad: str | None) -> Listing:
        """Where the calendar gives no words, the source's own; a source named `03` needs a title at least."""
        listing = item.listing
        words = describe(file.path or "", scad or "", readme=None, n_sharing_readme=0)
        if listing.title is None:
            door = item.item_id.removeprefix("advent-calendar-").replace("/", ", day ")
            is_named = not words.title.isdigit() and not names_calendar_only(words.title)
            listing = replace(listing, title=words.title if is_named else f"Advent calendar {door}")
        if listing.description is None and words.description and not names_calendar_only(words.description):
            listing = replace(listing, description=words.description, description_kind=words.description_kind)
        name = credited_author(scad or "") if listing.author is None else None
        return replace(listing, author=Author(name=name)) if name else listing

    def _take_day(self, day: Day, found: Found) -> Iterator[Any]:
        if not day.files:
            self.state.note_done(day.item_id, day.version, 0)
            return
        item = Item(day.item_id, day.version, day.listing, found)
        files = [SourceFile(file.path, url=self._url(day, place)) for place, file in enumerate(day.files)]
        is_allowed = self.is_license_allowed(day.license.spdx)
        if is_allowed is True:
            yield from self.take(item, files)
        else:
            yield from self.withhold(item, files, why=is_allowed[1])

    def _look_again(self, day: Day) -> Iterator[Request]:
        """A request for the first file; none where there is nothing that may be fetched."""
        if day.files and self.is_license_allowed(day.license.spdx) is True:
            yield self._ask_again(day)
        else:
            self.state.saw(day.item_id)

    def _ask_again(self, day: Day, place: int = 0) -> Request:
        return self.ask(
            self._url(day, place),
            self.checked_again,
            facts={"day": day, "place": place},
            slot=self.file_slot,
            is_kept=True,
            errback=self.lost_again,
        )

    def _url(self, day: Day, place: int) -> str:
        return f"{self.files_url}/advent-calendar-{day.year}/{day.files[place].place}"

    def _ask_page(self, url: str, callback: Any, **facts: Any) -> Request:
        slot = "openscad.org" if url.startswith(f"{self.base_url}/") else "files.openscad.org"
        return self.ask(url, callback, facts=facts, slot=slot, is_kept=True, priority=1)

    def _add_seeds(self, pointed: Sequence[Pointed] | None, response: Any) -> None:
        if not pointed:
            self.note_problem(redacted(response.url), "it points at no design: has it changed its form?")
            return
        for one in pointed:
            self.seed_file.add(Seed(one.url, one.title, redacted(response.url)))

    def _note_unreadable(self, calendar: Calendar, response: Any) -> None:
        """Say what can't be read, once: an index that is as it was is no news."""
        if calendar.days and not calendar.n_unreadable:
            self._whole_years.add(calendar.days[0].year)
        elif not calendar.days:
            self.note_problem(redacted(response.url), "no door of the calendar can be read: has it changed its form?")
        elif "not modified" not in response.flags:
            self.note_problem(
                redacted(response.url), f"doors of the calendar that can't be read: {calendar.n_unreadable}"
            )


def _text(response: Any) -> str:
    """The answer as the UTF-8 that the site writes, whatever type it is sent as."""
    text: str = response.body.decode("utf-8", "replace")
    return text


def _year_of(item_id: str) -> int | None:
    digits = item_id.removeprefix("advent-calendar-").partition("/")[0]
    return int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else None


def _parse_years(value: Sequence[int | str] | str) -> tuple[int, ...]:
    """Raises SpiderUsageError for what is no year with a calendar."""
    years = parse_words("years", value)
    if any(not (year.isascii() and year.isdigit() and _FIRST_YEAR <= int(year) <= 2100) for year in years):
        raise SpiderUsageError(f"years={value!r} are not years since {_FIRST_YEAR} with commas between them")
    return tuple(int(year) for year in years)
