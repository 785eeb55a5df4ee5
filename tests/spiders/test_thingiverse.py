"""The thingiverse spider against a replayed Thingiverse: night after night, and its refusals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from scrapy.exceptions import CloseSpider

from corpus.schema import CrawledRow
from spiders.seeds import Seed, SeedFile
from spiders.sites.thingiverse import ThingiverseSpider
from spiders.state import CrawlState
from tests.replay.crawl import compare
from tests.replay.faults import NO_FAULTS
from tests.replay.site import Planted
from tests.replay.sites.thingiverse import Thingiverse
from tests.replay.things import LICENSES, Thing, ThingFile
from tests.spiders.nights import Asked, Given, Night, one_night

TOKEN = "REPLAY-SECRET-thingiverse"
Respond = Callable[[Asked], Given]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN)


def site_of(scale: float = 0.02) -> Thingiverse:
    site = Thingiverse(scale=scale, seed=1, clock_speed=1.0, faults=NO_FAULTS)
    site.urls = {"api": "http://127.0.0.1:1", "cdn": "http://127.0.0.1:2"}
    return site


def responder(site: Thingiverse) -> Respond:
    hosts = {urlsplit(url).netloc: host for host, url in site.urls.items()}

    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        query = dict(parse_qsl(parts.query))
        answer = site.respond(hosts[parts.netloc], unquote(parts.path), query, asked.headers)
        return Given(answer.status, answer.body, answer.headers)

    return respond


def night(site: Thingiverse, folder: Path, respond: Respond | None = None, **more: Any) -> Night:
    seeds = more.pop("seed_file", None)
    spider = ThingiverseSpider(**{**site.spider_arguments("thingiverse"), **more})
    return one_night(spider, folder / "state.sqlite", respond or responder(site), seeds=seeds)


def assert_exact(planted: list[Planted], rows: list[CrawledRow]) -> None:
    """Every planted row came once, right in every field, and no other."""
    found = compare(planted, rows)
    assert found.is_exact, found


def special(site: Thingiverse, name: str) -> Thing:
    return next(thing for thing in site.things.values() if thing.name == f"Special {name}")


def asked_paths(found: Night) -> Counter[str]:
    return Counter(urlsplit(asked.url).path for asked in found.asked)


def test_the_first_night_finds_every_planted_design_once_and_right(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    assert_exact(site.planted(), found.rows)
    for row in found.rows:
        assert row.source_url == f"https://www.thingiverse.com/thing:{row.source_item_id}"
        assert row.license_scope == ("item" if row.license_raw else None)
        assert row.created_at is not None
        assert row.provenance.discovered_via in ("search", "tag")
        assert row.provenance.query in ("openscad", "parametric box", "customizer")
        assert (row.provenance.page or 0) >= 1
        assert row.scad is None or (row.provenance.http_status, row.includes is not None) == (200, True)


def test_each_thing_is_asked_for_once_and_only_open_sources_are_downloaded(tmp_path: Path) -> None:
    site = site_of()
    paths = asked_paths(night(site, tmp_path))
    assert {path: n for path, n in paths.items() if n > 1 and not path.startswith(("/search/", "/tags/"))} == {}
    downloads = {path for path in paths if path.startswith("/files/")}
    open_files = {
        f"/files/{file.file_id}/download"
        for thing in site.things.values()
        for file in thing.files
        if file.name.lower().endswith(".scad") and thing.license in LICENSES
    }
    assert downloads <= open_files
    assert len(downloads) > 20


def test_the_token_goes_to_the_api_and_never_to_the_cdn_or_into_a_url(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    by_host = Counter((urlsplit(a.url).netloc, a.headers.get("Authorization")) for a in found.asked)
    assert set(by_host) == {("127.0.0.1:1", f"Bearer {TOKEN}"), ("127.0.0.1:2", None)}
    assert not [asked.url for asked in found.asked if "SECRET" in asked.url]
    assert TOKEN not in repr(found.rows) + repr(found.problems)
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_source_carries_the_files_beside_it_that_it_includes(tmp_path: Path) -> None:
    site = site_of()
    thing = special(site, "with_companion")
    rows = {r.path: r for r in night(site, tmp_path).rows if r.source_item_id == str(thing.thing_id)}
    assert [c.path for c in rows["main.scad"].companions] == ["lib.scad"]
    assert rows["main.scad"].companions[0].text.startswith("module lib_box")
    assert rows["lib.scad"].companions == ()


def test_a_remix_names_its_ancestors_whether_told_at_once_or_asked_for(tmp_path: Path) -> None:
    site = site_of()
    rows = {row.source_item_id: row for row in night(site, tmp_path).rows}
    at_once = rows[str(special(site, "remix_told_at_once").thing_id)]
    assert (at_once.is_remix, at_once.ancestors) == (True, ("https://www.thingiverse.com/thing:42",))
    lost = rows[str(special(site, "remix_of_the_lost").thing_id)]
    assert (lost.is_remix, lost.ancestors, lost.scad is not None) == (True, (), True)
    asked = [t for t in site.things.values() if t.ancestors and str(t.thing_id) in rows]
    named = [rows[str(t.thing_id)] for t in asked if rows[str(t.thing_id)].scad]
    assert named
    assert all("https://www.thingiverse.com/thing:999000" in row.ancestors for row in named)


def test_flags_are_kept_and_what_is_not_safe_for_work_is_not_downloaded(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    rows = {row.source_item_id: row for row in found.rows}
    nsfw = rows[str(special(site, "nsfw").thing_id)]
    assert (nsfw.is_nsfw, nsfw.scad) == (True, None)
    odd = rows[str(special(site, "odd_types").thing_id)]
    assert (odd.is_ai, odd.is_customizable) == (True, True)
    assert rows[str(special(site, "bare").thing_id)].is_ai is None
    assert any("not safe for work" in problem for problem in found.problems)


def test_a_quiet_night_asks_for_one_page_a_listing_and_a_thirtieth_of_the_things(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    found = night(site, tmp_path)
    paths = asked_paths(found)
    assert found.rows == []
    assert len(pages(found)) == 4
    still_listed = f"/things/{special(site, 'deleted').thing_id}"  # gone, but the listings don't know: asked each night
    rechecked = {path for path in paths if path.startswith("/things/")} - {still_listed}
    assert len(rechecked) == -(-len(remembered(tmp_path)[0]) // 30)
    assert set(found.statuses) <= {304, 403, 404}


def remembered(folder: Path) -> tuple[set[str], dict[str, str]]:
    """(every thing known, evidence by id of those gone)."""
    state = CrawlState(folder / "state.sqlite")
    found = {item_id for item_id, _ in state.items()}, state.gone()
    state.close()
    return found


def test_at_full_size_a_second_night_with_one_in_a_hundred_changed_asks_three_in_a_hundred(tmp_path: Path) -> None:
    site = site_of(1.0)
    first = night(site, tmp_path)
    assert_exact(site.planted(), first.rows)
    site.change(0.01)
    second = night(site, tmp_path)
    assert len(second.asked) <= 0.03 * len(first.asked), (len(first.asked), len(second.asked))


def test_thirty_nights_find_every_change_every_removal_and_every_new_thing(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    before = dict(site.things)
    site.change(0.2)
    rows = []
    for _ in range(30):
        rows += night(site, tmp_path).rows
    changed = [t for t in site.things.values() if t.name.endswith(" again")]
    new = [t for t in site.things.values() if t.thing_id not in before]
    assert changed
    assert new
    for thing in [*changed, *new]:
        shown = {row.title for row in rows if row.source_item_id == str(thing.thing_id)}
        assert shown == ({thing.name} if thing.expected else set())
    assert {str(thing_id) for thing_id in before.keys() - site.things.keys()} <= remembered(tmp_path)[1].keys()


def test_news_behind_an_interrupted_night_is_found_by_the_next(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    newest = max(site.things)
    site.change(0.99)  # more than a page of new things
    respond, n_asked = responder(site), 0

    def respond_for_a_while(asked: Asked) -> Given:
        nonlocal n_asked
        n_asked += 1
        if n_asked > 40:
            raise CloseSpider("killed")
        return respond(asked)

    rows = night(site, tmp_path, respond_for_a_while).rows
    assert rows
    for _ in range(2):
        rows += night(site, tmp_path).rows
    new = {p.source_item_id for p in site.planted() if int(p.source_item_id) > newest}
    assert len(new) > 15
    assert new - {row.source_item_id for row in rows} == set()


@pytest.mark.parametrize("failing", ["/things/{thing_id}", "/things/{thing_id}/files", "/files/{file_id}/download"])
def test_what_failed_for_a_night_is_asked_for_again_and_found(failing: str, tmp_path: Path) -> None:
    site = site_of()
    oldest = min(site.things)  # on a listing's last page, which the second night doesn't come to
    thing = site.things[oldest]
    thing.license, thing.ancestors, thing.has_zip = ("Public Domain", "LicenseRef-PublicDomain"), (), True
    thing.files = [ThingFile(7, "a.scad", b"cube(7);\n")]
    site.index()
    path = failing.format(thing_id=oldest, file_id=7)
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        return Given(503, b"", {}) if urlsplit(asked.url).path == path else respond(asked)

    first = [row for row in night(site, tmp_path, respond_but).rows if row.source_item_id == str(oldest)]
    assert [row.scad for row in first] == ([None] if "download" in failing else [])
    second = [row for row in night(site, tmp_path).rows if row.source_item_id == str(oldest)]
    assert [(row.path, row.scad) for row in second] == [("a.scad", "cube(7);\n")]


def test_a_walk_that_lost_a_page_is_walked_again(tmp_path: Path) -> None:
    site = site_of(0.1)
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        return Given(503, b"", {}) if "page=2" in asked.url else respond(asked)

    first = night(site, tmp_path, respond_but)
    assert len(first.rows) < len(site.planted())
    second = night(site, tmp_path)
    assert {row.record_id for row in first.rows} & {row.record_id for row in second.rows} == set()
    first.rows += second.rows
    assert_exact(site.planted(), first.rows)


def test_a_listing_that_is_not_newest_first_is_walked_whole_every_night(tmp_path: Path) -> None:
    site = site_of(0.1)
    for things in site.shown.values():
        site.rng.shuffle(things)
    n_pages = len(pages(night(site, tmp_path)))
    assert n_pages > 20
    assert len(pages(night(site, tmp_path))) >= n_pages - 4  # a last page of one hit may count as ordered


def pages(found: Night) -> list[str]:
    return [asked.url for asked in found.asked if "&per_page=" in asked.url]


def test_a_changed_thing_whose_file_failed_is_asked_for_again_at_once(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    thing = special(site, "crlf")
    thing.change()
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        return Given(503, b"", {}) if urlsplit(asked.url).path.startswith("/files/") else respond(asked)

    nights = [night(site, tmp_path, respond_but) for _ in range(30)]
    assert any(row.title == thing.name and row.scad is None for found in nights for row in found.rows)
    assert [row.title for row in night(site, tmp_path).rows if row.scad is not None] == [thing.name]


def test_a_web_page_in_place_of_a_file_is_no_source_and_is_asked_for_again(tmp_path: Path) -> None:
    site = site_of()
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        is_cdn = ":2/" in asked.url
        return Given(200, b"<!DOCTYPE html><p>Busy</p>", {"Content-Type": "text/html"}) if is_cdn else respond(asked)

    assert [row for row in night(site, tmp_path, respond_but).rows if row.scad is not None] == []
    again = {row.source_item_id for row in night(site, tmp_path).rows if row.scad is not None}
    assert again == {p.source_item_id for p in site.planted() if p.scad_sha256}


@pytest.mark.parametrize(
    ("ending", "problem"),
    [
        ("-revoked", "the credentials are not accepted"),
        ("-robots", "the site's terms forbid robots"),
        ("-challenge-200", "the site challenges robots"),
        ("-challenge-403", "the site challenges robots"),
    ],
)
def test_a_refusal_ends_the_crawl_at_the_first_answer(
    ending: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN + ending)
    found = night(site_of(), tmp_path)
    assert (found.reason, len(found.asked), found.rows) == ("terms_block", 1, [])
    assert any(problem in line for line in found.problems)


def test_seeds_are_taken_and_lead_nowhere_else(tmp_path: Path) -> None:
    site = site_of()
    thing = special(site, "crlf")
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    for url in (f"https://www.thingiverse.com/thing:{thing.thing_id}", "https://www.thingiverse.com/u1/designs"):
        seeds.add(Seed(url, "Seeded", "https://files.example/gallery.jsonp"))
    seeds.add(Seed("https://github.com/o/thing:5", None, "x"))
    found = night(site, tmp_path, terms="", tags="", seeds="true", seed_file=seeds)
    assert [row.source_item_id for row in found.rows] == [str(thing.thing_id)]
    assert found.rows[0].provenance.discovered_via == "https://files.example/gallery.jsonp"
    assert sorted(asked_paths(found)) == sorted(
        [
            f"/things/{thing.thing_id}",
            f"/things/{thing.thing_id}/files",
            f"/files/{thing.files[0].file_id}/download",
            f"/assets/{thing.files[0].file_id}/part.scad",
        ]
    )


def test_a_known_thing_that_turns_private_is_marked_and_not_forgotten(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    thing = special(site, "crlf")
    thing.odd = {"is_private": True}
    thing.modified_seconds = 1_900_000_000
    for _ in range(30):
        night(site, tmp_path)
    known, gone = remembered(tmp_path)
    assert str(thing.thing_id) in known
    assert gone[str(thing.thing_id)] == "private"


def test_since_leaves_older_things_out_and_does_not_call_them_done(tmp_path: Path) -> None:
    site = site_of()
    thing = special(site, "crlf")
    thing.modified_seconds = 1_900_000_000
    found = night(site, tmp_path, since="2029-01-01")
    undated = special(site, "bare")
    assert {row.source_item_id for row in found.rows} == {str(thing.thing_id), str(undated.thing_id)}
    found.rows += night(site, tmp_path).rows
    assert_exact(site.planted(), found.rows)


def test_a_licence_filter_makes_a_walk_of_each_licence(tmp_path: Path) -> None:
    found = night(site_of(), tmp_path, terms="openscad", tags="", licenses=["cc-sa", "pd0"])
    codes = {m[1] for asked in found.asked if (m := re.search(r"license=([\w-]+)", asked.url))}
    assert codes == {"cc-sa", "pd0"}
