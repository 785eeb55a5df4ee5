"""The thingiverse spider night after night: what changed, what failed, what is gone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy.exceptions import CloseSpider

from tests.replay.things import ThingFile
from tests.spiders.nights import Asked, Given
from tests.spiders.thingiverse_nights import (
    TOKEN,
    asked_paths,
    assert_exact,
    night,
    pages,
    remembered,
    responder,
    site_of,
    special,
)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN)


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
