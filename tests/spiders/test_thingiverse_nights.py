"""The thingiverse spider night after night: what changed, what failed, what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from scrapy.exceptions import CloseSpider, DownloadCancelledError, IgnoreRequest
from twisted.python.failure import Failure

from spiders.sites.thingiverse import ThingiverseSpider
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
    night(site, tmp_path)  # a file that was not there is asked for once more
    found = night(site, tmp_path)
    paths = asked_paths(found)
    assert found.rows == []
    deleted = special(site, "deleted")  # gone, but the listings don't know: news each night, which costs a page
    assert len(pages(found)) == 4 + sum(deleted in things for things in site.shown.values())
    still_listed = f"/things/{deleted.thing_id}"
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
    twice = {row.record_id for row in first.rows} & {row.record_id for row in second.rows}
    assert {row.title for row in first.rows if row.record_id in twice} == {"Special lost_file"}
    first.rows += [row for row in second.rows if row.record_id not in twice]
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


_EMPTY = Given(200, b'{"total": 999, "hits": []}', {"Content-Type": "application/json"})


@pytest.mark.parametrize("answer", [Given(404, b"", {}), _EMPTY])
@pytest.mark.parametrize("listing", ["/tags/customizer/", "/search/openscad/"])
def test_a_page_missing_in_mid_listing_is_no_end_and_the_walk_is_made_again(
    listing: str, answer: Given, tmp_path: Path
) -> None:
    site = site_of(0.1)
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        return answer if listing in asked.url and "page=2&" in asked.url else respond(asked)

    first = night(site, tmp_path, respond_but)
    assert len(first.rows) < len(site.planted())
    assert any("page 2, and that is not its end" in problem for problem in first.problems)
    rows = {row.record_id: row for row in [*first.rows, *night(site, tmp_path).rows]}
    assert_exact(site.planted(), list(rows.values()))


def test_a_thing_that_slipped_between_two_pages_is_found_the_next_night(tmp_path: Path) -> None:
    site = site_of(0.1)
    respond = responder(site)
    things = site.shown["search:openscad"]
    slipping, removed = things[30], things[0]

    def respond_but(asked: Asked) -> Given:
        if "/search/openscad/" in asked.url and "page=2&" in asked.url:
            site.shown["search:openscad"] = [thing for thing in things if thing is not removed]
        return respond(asked)

    path = f"/things/{slipping.thing_id}"
    only: dict[str, Any] = {"terms": "openscad", "tags": "", "seeds": "false"}
    assert path not in asked_paths(night(site, tmp_path, respond_but, **only))
    assert path in asked_paths(night(site, tmp_path, **only))


def test_a_night_without_any_thing_heals_when_the_listings_come_past_them(tmp_path: Path) -> None:
    site = site_of()
    respond = responder(site)

    def under_repair(asked: Asked) -> Given:
        return Given(404, b"", {}) if urlsplit(asked.url).path.startswith("/things/") else respond(asked)

    assert night(site, tmp_path, under_repair).rows == []
    assert_exact(site.planted(), night(site, tmp_path).rows)
    assert len(remembered(tmp_path)[1]) < 5


def test_rechecks_that_mostly_answer_404_mark_nothing_as_gone(tmp_path: Path) -> None:
    site = site_of(0.2)
    respond = responder(site)
    night(site, tmp_path)
    night(site, tmp_path)
    gone = remembered(tmp_path)[1]

    def under_repair(asked: Asked) -> Given:
        return Given(404, b"", {}) if urlsplit(asked.url).path.startswith("/things/") else respond(asked)

    found = night(site, tmp_path, under_repair)
    assert any("answered 404: not marked as gone" in problem for problem in found.problems)
    assert remembered(tmp_path)[1] == gone


@pytest.mark.parametrize(("status", "n_nights"), [(403, 2), (404, 2), (410, 1), (451, 1)])
def test_a_file_that_is_named_and_not_there_is_believed_the_second_night(
    status: int, n_nights: int, tmp_path: Path
) -> None:
    site = site_of()
    respond = responder(site)
    file_id = special(site, "crlf").files[0].file_id

    def respond_but(asked: Asked) -> Given:
        return Given(status, b"", {}) if f"/files/{file_id}/" in asked.url else respond(asked)

    n_asked = [asked_paths(night(site, tmp_path, respond_but))[f"/files/{file_id}/download"] for _ in range(4)]
    assert n_asked == [1] * n_nights + [0] * (4 - n_nights)


@pytest.mark.parametrize(
    ("error", "n_asked_again"),
    [(IgnoreRequest("Forbidden by robots.txt"), 1), (DownloadCancelledError("too large"), 0)],
)
def test_only_a_file_that_is_too_large_is_never_asked_for_again(
    error: Exception, n_asked_again: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_of()
    file_id = special(site, "crlf").files[0].file_id

    def lose(self: ThingiverseSpider, response: Any, taking: Any, index: int) -> Any:
        failure = Failure(error)
        failure.request = response.request
        yield from self.lost_file(failure)

    with monkeypatch.context() as patch:
        patch.setattr(ThingiverseSpider, "got_file", lose)
        night(site, tmp_path)
    assert asked_paths(night(site, tmp_path))[f"/files/{file_id}/download"] == n_asked_again


@pytest.mark.parametrize(("status", "n_nights"), [(403, 2), (404, 2), (410, 1)])
def test_a_list_of_files_that_is_not_there_is_believed_the_second_night(
    status: int, n_nights: int, tmp_path: Path
) -> None:
    site = site_of()
    thing = special(site, "crlf")
    thing.has_zip = False
    respond = responder(site)
    path = f"/things/{thing.thing_id}/files"

    def respond_but(asked: Asked) -> Given:
        return Given(status, b"", {}) if urlsplit(asked.url).path == path else respond(asked)

    n_asked = [asked_paths(night(site, tmp_path, respond_but))[path] for _ in range(4)]
    assert n_asked == [1] * n_nights + [0] * (4 - n_nights)
