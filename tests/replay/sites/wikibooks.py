"""A replayed Wikibooks: MediaWiki's API over the pages of a user manual.

Lists and texts come in several answers. The first listing and the first texts are refused for lag, once in a 200 (as
the API does) and once in a 503.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.replay.site import Faults, Limit, Planted, Site

__all__ = ["Wikibooks"]

_BOOK = "OpenSCAD User Manual"
_FULL_SIZE = 40
_LISTED_AT_ONCE = 15
_TEXTS_AT_ONCE = 8
_TOPICS = ("Solids", "Flat shapes", "Moving", "Combining", "Extruding", "Functions", "Tricks", "Projects")


@dataclass(frozen=True)
class _Expected:
    path: str
    section: str
    description: str | None
    scad: str


@dataclass
class _Page:
    page_id: int
    title: str
    revision: int
    wikitext: str
    expected: tuple[_Expected, ...]


class Wikibooks(Site):
    name = "wikibooks"
    spider_names = ("wikibooks",)
    hosts = ("api",)

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._rng = random.Random(f"wikibooks {seed}")
        self._next_id, self._next_revision = 5000, 700_000
        self.robots: str | None = None
        self.error: str | None = None
        """MediaWiki's code of what is wrong with every answer from now on."""
        self._lags = {"listing": True, "texts": True}
        self.pages: dict[int, _Page] = {}
        for _ in range(max(18, round(_FULL_SIZE * scale))):
            self._add()
        plain = self._add()
        plain.wikitext, plain.expected = "Nothing but words.\n\n<pre>cube(1);</pre>\n", ()

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt" and self.robots is not None:
            return web.Response(text=self.robots)
        query = dict(request.query)
        if request.path != "/w/api.php" or query.get("action") != "query":
            return web.Response(status=404)
        if self.error is not None:
            return web.json_response({"error": {"code": self.error, "info": "…"}})
        part = "texts" if "pageids" in query else "listing"
        if self._lags[part] and "maxlag" in query:
            self._lags[part] = False
            return _lagging(200 if part == "listing" else 503)
        return web.json_response(self._texts(query) if part == "texts" else self._listing(query))

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 200, 60, style="retry_after_seconds"),)

    def planted(self) -> list[Planted]:
        return [
            Planted(
                spider="wikibooks",
                source="wikibooks",
                source_item_id=str(page.page_id),
                path=expected.path,
                title=f"{page.title.rpartition('/')[2]}: {expected.section}",
                description=expected.description,
                license_spdx="CC-BY-SA-4.0",
                scad_sha256=hashlib.sha256(expected.scad.encode()).hexdigest(),
                author="Wikibooks contributors",
                description_kind="author" if expected.description else "none",
            )
            for page in self.pages.values()
            for expected in page.expected
        ]

    def change(self, share: float) -> None:
        """That share of the pages rewritten (one at least), one page deleted, one new."""
        picked = self._rng.sample(
            [p for p in self.pages.values() if p.expected], max(1, round(len(self.pages) * share)) + 1
        )
        del self.pages[picked[0].page_id]
        for page in picked[1:]:
            page.wikitext, page.expected = _written(self._rng)
            page.revision = self._revise()
        self._add()

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {"base_url": f"{self.urls['api']}/w/api.php"}

    def environment(self, spider: str) -> dict[str, str]:
        return {}

    def _add(self) -> _Page:
        self._next_id += 1
        title = f"{_BOOK}/{self._rng.choice(_TOPICS)} {self._next_id}"
        page = _Page(self._next_id, title, self._revise(), *_written(self._rng))
        self.pages[page.page_id] = page
        return page

    def _revise(self) -> int:
        self._next_revision += self._rng.randint(1, 9)
        return self._next_revision

    def _listing(self, query: dict[str, str]) -> dict[str, Any]:
        prefix, start = query.get("gapprefix", ""), query.get("gapcontinue", "").replace("_", " ")
        titles = sorted((p.title, p.page_id) for p in self.pages.values() if p.title.startswith(prefix))
        left = [page_id for title, page_id in titles if title >= start]
        answer: dict[str, Any] = {
            "batchcomplete": True,
            "query": {"pages": [self._page(i) for i in left[:_LISTED_AT_ONCE]]},
        }
        if len(left) > _LISTED_AT_ONCE:
            following = self.pages[left[_LISTED_AT_ONCE]].title.replace(" ", "_")
            answer["continue"] = {"gapcontinue": following, "continue": "gapcontinue||"}
        if "rightsinfo" in query.get("siprop", ""):
            answer["query"]["rightsinfo"] = {
                "url": "https://creativecommons.org/licenses/by-sa/4.0/deed.en",
                "text": "Creative Commons Attribution-Share Alike 4.0",
            }
        return answer

    def _texts(self, query: dict[str, str]) -> dict[str, Any]:
        """Every page asked for, some without their revision: that comes with the next part."""
        wanted = [int(page_id) for page_id in query["pageids"].split("|")]
        start = int(query.get("rvcontinue", "0"))
        shown = set(wanted[start : start + _TEXTS_AT_ONCE])
        answer: dict[str, Any] = {"query": {"pages": [self._page(i, shown=i in shown) for i in wanted]}}
        if start + _TEXTS_AT_ONCE < len(wanted):
            answer["continue"] = {"rvcontinue": str(start + _TEXTS_AT_ONCE), "continue": "||"}
        else:
            answer["batchcomplete"] = True
        return answer

    def _page(self, page_id: int, *, shown: bool | None = None) -> dict[str, Any]:
        """One page of an answer: with its text, without any revision, or (`shown=None`) with its revision only."""
        page = self.pages.get(page_id)
        if page is None:
            return {"pageid": page_id, "missing": True}
        entry: dict[str, Any] = {"pageid": page_id, "ns": 0, "title": page.title}
        if shown is not False:
            revision: dict[str, Any] = {"revid": page.revision, "parentid": 1, "timestamp": "2026-01-02T03:04:05Z"}
            if shown:
                main = {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": page.wikitext}
                revision["slots"] = {"main": main}
            entry["revisions"] = [revision]
        return entry


def _lagging(status: int) -> web.Response:
    info = {"code": "maxlag", "info": "Waiting for 10.64.0.1: 5.4 seconds lagged.", "lag": 5.4, "type": "db"}
    return web.json_response({"error": info}, status=status, headers={"Retry-After": "5", "X-Database-Lag": "5"})


def _written(rng: random.Random) -> tuple[str, tuple[_Expected, ...]]:
    """(wikitext of a page, the blocks that a crawl must find in it)."""
    lines, found = ["__TOC__", "An introduction with a {{note|template}}.", ""], []
    for number in range(1, rng.randint(2, 5)):
        section = f"Part {number} of {rng.randint(10, 99)}"
        slug = section.lower().replace(" ", "-")
        sizes = [rng.randint(1, 99) for _ in range(4)]
        first = f"difference() {{\n\tcube([{sizes[0]}, {sizes[1]}, 5]);\n\tsphere(r = {sizes[2]});\n}}\n"
        second = f"a = {sizes[3]};\nif (a < 50 && a > 1) rotate([0, 0, a]) cylinder(h = {sizes[0]}, r = 2); // turned\n"
        third = f"linear_extrude({sizes[1]}) square({sizes[2]});\n"
        lines += [
            f"== {section} ==",
            "Some words that belong to nothing here.",
            "",
            f"A [[{_BOOK}/Solids#cube|'''plate''']] with a ''hole''{{{{note|x}}}} of",
            f"{sizes[2]}&nbsp;mm<ref>A book.</ref>,",
            "see [https://example.org/x the drawing].",
            f'<syntaxhighlight lang="openscad">\n{first}</syntaxhighlight>',
            "[[File:Plate.png|thumb|A [[plate]]]]",
            ": Then a rod, turned by {{code|rotate}}:",
            f"<source line lang='openscad'>\n{second}</source>",
            f'<syntaxhighlight lang="java" style="x">\n{third}</syntaxhighlight>',
            "Its parameters:",
            '<syntaxhighlight lang="openscad">\ncube(size = [x, y, z], center = true/false);\n</syntaxhighlight>',
            "On the command line:",
            '<syntaxhighlight lang="openscad">\nopenscad -o a.stl a.scad; echo {}\n</syntaxhighlight>',
            "<pre>cube(3);</pre>",
            "",
        ]
        plate = f"A plate with a hole of {sizes[2]} mm, see the drawing."
        found += [
            _Expected(f"{slug}-1.scad", section, plate, first),
            _Expected(f"{slug}-2.scad", section, "Then a rod, turned by rotate:", second),
            _Expected(f"{slug}-3.scad", section, None, third),
        ]
    return "\n".join(lines), tuple(found)
