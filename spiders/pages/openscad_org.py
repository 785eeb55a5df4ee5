"""openscad.org's pages and scripts -> what they point at, and the designs of its advent calendars.

Pure and total: text in, values out; an entry that can't be read is counted. The calendars of 2019 and 2020 are HTML,
those since are scripts of `setDay(…)` calls.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from parsel import Selector

from corpus.schema import Author
from spiders.items import License, Listing, listed_license
from spiders.pages.fields import field, link, number, plain_text, text
from spiders.pages.js_literals import calls_in
from spiders.pages.local import title_from_stem

__all__ = [
    "Calendar",
    "Day",
    "DayFile",
    "Pointed",
    "names_calendar_only",
    "parse_calendar_page",
    "parse_calendar_script",
    "parse_gallery",
    "parse_libraries",
    "parse_things",
]

SITE_URL = "https://openscad.org"
_MAX_LINKS = 500
_MAX_FILES = 50
_LAST_DAY = 31
_SITE_LICENSE = re.compile(r"(?i)all scripts are licen[sc]ed\s+(?:under\s+)?(\S[^|\n]{0,60}?)\s*(?:[|\n]|\Z)")
_CALENDAR_ONLY = re.compile(r"(?i)\W*(?:openscad\s+)?(?:scadvent|advent\s+calendar)\W*(?:20\d\d)?\W*(?:day\s*\d+)?\W*")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^/|^\w+:|(?:^|/)\.\.?(?:/|$)|//")


@dataclass(frozen=True)
class Pointed:
    """A design or library elsewhere."""

    url: str
    title: str | None


@dataclass(frozen=True)
class DayFile:
    path: str
    """In the design's own folder."""
    place: str
    """Below the calendar's folder, ready for a URL."""


@dataclass(frozen=True)
class Day:
    """One door of a calendar."""

    year: int
    number: int
    title: str | None
    """None where only the source can tell."""
    description: str | None
    author: str | None
    license: License
    files: tuple[DayFile, ...]

    @property
    def item_id(self) -> str:
        return f"advent-calendar-{self.year}/{self.number}"

    @property
    def version(self) -> str:
        """Changes with whatever the calendar says of the design."""
        said = (self.title, self.description, self.author, self.license.raw, self.files)
        return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def opened_on(self) -> str:
        return f"{self.year}-12-{self.number:02}"

    @property
    def listing(self) -> Listing:
        return Listing(
            title=self.title,
            description=self.description,
            description_kind="author",
            category="advent calendar",
            author=Author(name=self.author) if self.author else None,
            license=self.license,
            source_url=f"{SITE_URL}/advent-calendar-{self.year}/",
            created_at=self.opened_on,
        )


@dataclass(frozen=True)
class Calendar:
    days: tuple[Day, ...]
    n_unreadable: int


def names_calendar_only(words: str) -> bool:
    """True for `SCADvent 2022`, which many sources have at their head: it says nothing of the design."""
    return len(words) < 60 and _CALENDAR_ONLY.fullmatch(words) is not None


def parse_libraries(html: str) -> tuple[Pointed, ...]:
    """The libraries of the two sections that list some, each with the link that bears the word Library."""
    page = Selector(text=html or "<html></html>", type="html")
    found: list[Pointed] = []
    title: str | None = None
    for node in page.xpath("//section[@id='general' or @id='singletopic']//*[self::h2 or self::ul]")[:_MAX_LINKS]:
        if node.root.tag == "h2":
            title = text(node.xpath("substring(string(), 1, 1000)").get())
            continue
        labelled = node.xpath("li/a[normalize-space(substring(string(), 1, 100)) = 'Library']/@href").getall()
        url = link(labelled[0]) if labelled else None
        if url is not None and title is not None:
            found.append(Pointed(url.rstrip("/"), title))
            title = None  # ids repeat and sections differ: one library a heading, one heading a library
    return tuple(found)


def parse_gallery(script: str) -> tuple[Pointed, ...] | None:
    """The designs in `gallery([…]);`; None where there is no such call that can be read."""
    lists = [arguments[0] for arguments in calls_in(script, "gallery").arguments if arguments]
    return parse_things(lists[0]) if lists else None


def parse_things(data: Any) -> tuple[Pointed, ...] | None:
    """The public pages of a list of things; None for anything else than a list."""
    if not isinstance(data, list):
        return None
    pages = ((link(field(thing, "public_url")), text(field(thing, "name"))) for thing in data[:_MAX_LINKS])
    return tuple(Pointed(url.rstrip("/"), title) for url, title in pages if url is not None)


def parse_calendar_script(script: str, year: int) -> Calendar:
    """The days of a calendar's index.js. Where a day is set twice, the later call counts, as in a browser."""
    calls = calls_in(script, "setDay")
    days: dict[int, Day] = {}
    n_unreadable = calls.n_broken
    for arguments in calls.arguments:
        day_number = number(arguments[0]) if arguments else None
        if day_number is None or not 1 <= day_number <= _LAST_DAY or not isinstance(arguments[-1], dict):
            n_unreadable += 1
            continue
        days[day_number] = _day(year, day_number, arguments[-1])
    return Calendar(tuple(days[day_number] for day_number in sorted(days)), n_unreadable)


def _day(year: int, day_number: int, entry: dict[str, Any]) -> Day:
    folder = _safe(entry.get("dir"))
    given = entry.get("src") or entry.get("urlScad")
    names = [_safe(name) for name in (given if isinstance(given, list) else [given])[:_MAX_FILES]]
    files = tuple(dict.fromkeys(_file(folder, name) for name in names if name and name.lower().endswith(".scad")))
    title = text(entry.get("name")) or text(entry.get("title"))
    info = entry.get("info")
    stem = folder or (PurePosixPath(files[0].path).stem if files else None)
    return Day(
        year=year,
        number=day_number,
        title=title or (title_from_stem(stem) if stem else None),
        description=plain_text(" ".join(info.split()))
        if isinstance(info, str)
        else None,  # HTML: a line break is a blank
        author=text(entry.get("author")),
        license=listed_license(text(entry.get("license")), scope="item"),
        files=files,
    )


def _file(folder: str | None, name: str) -> DayFile:
    """`src` is a name in `dir`; some entries repeat the folder in it, and the first calendar knows no `dir`."""
    if folder is None:
        return DayFile(name, quote(name))
    path = name.removeprefix(f"{folder}/")
    return DayFile(path, quote(f"{folder}/{path}"))


def _safe(value: Any) -> str | None:
    """A relative path that stays where it is; None for anything else."""
    if not isinstance(value, str) or not 1 <= len(value) <= 300 or _UNSAFE.search(value):
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return value.strip("/") or None


def parse_calendar_page(html: str, year: int) -> Calendar:
    """The days of a calendar that is a page of links, all under the licence that its foot names."""
    page = Selector(text=html or "<html></html>", type="html")
    foot = _SITE_LICENSE.search(page.xpath("string(//body)").get() or "")
    license_found = listed_license(foot[1] if foot else None, scope="site")
    days: dict[int, Day] = {}
    n_unreadable = 0
    for anchor in page.css("div.link a")[:_MAX_LINKS]:
        name = _name_in(anchor.attrib.get("href", ""), year)
        door = re.search(
            r"\bday-(\d{1,2})\b", anchor.xpath("ancestor::*[contains(@class,'day-')][1]/@class").get() or ""
        )
        if name is None or door is None or not 1 <= int(door[1]) <= _LAST_DAY:
            n_unreadable += 1
            continue
        day_number = int(door[1])
        before = days[day_number].files if day_number in days else ()
        files = tuple(dict.fromkeys((*before, DayFile(name, quote(name)))))
        days[day_number] = Day(year, day_number, None, None, None, license_found, files)
    return Calendar(tuple(days[day_number] for day_number in sorted(days)), n_unreadable)


def _name_in(href: str, year: int) -> str | None:
    """The source's path below the calendar's folder; None for a link to anything else."""
    try:
        path = unquote(urlsplit(href).path)
    except ValueError:
        return None
    _, is_there, name = path.partition(f"/advent-calendar-{year}/")
    return _safe(name) if is_there and name.lower().endswith(".scad") else None
