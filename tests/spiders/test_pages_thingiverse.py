"""Thingiverse's JSON: the shapes there are, and what is made of broken ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.licenses import is_allowed
from corpus.schema import Author
from spiders.pages.thingiverse import (
    HitPage,
    ThingFile,
    license_of,
    parse_ancestors,
    parse_files,
    parse_hits,
    parse_thing,
    search_path,
    tag_path,
    thing_id_of,
)
from tests.spiders.test_pages_fields import ANY_JSON

HIT = {"id": 1000001, "name": "Parametric box", "is_private": 0, "is_published": 1, "tags": []}
PAGE: dict[str, Any] = {
    "id": 1000001,
    "name": "Parametric box",
    "public_url": "https://www.thingiverse.com/thing:1000001",
    "creator": {"id": 1, "name": "u1", "public_url": "https://www.thingiverse.com/u1", "count_of_designs": 4},
    "added": "2023-04-27T04:09:42+00:00",
    "modified": "2024-01-02T03:04:05+00:00",
    "is_published": 1,
    "is_wip": 0,
    "is_nsfw": False,
    "is_ai": False,
    "description": "plain text\r\nline 2",
    "instructions": "",
    "description_html": "<p>plain text</p>",
    "license": "Creative Commons - Attribution - Share Alike",
    "tags": [{"name": "openscad", "tag": "openscad", "url": "…", "count": 100}],
    "file_count": 2,
    "is_derivative": False,
    "ancestors": [],
    "zip_data": {"files": [{"name": "box.scad", "url": "…"}, {"name": "box.stl", "url": "…"}], "images": []},
}


def test_hits_come_as_an_object_or_as_a_bare_list() -> None:
    assert parse_hits({"total": 1, "hits": [HIT]}) == HitPage(("1000001",), 1, is_newest_first=True, total=1)
    assert parse_hits([HIT]) == HitPage(("1000001",), 1, is_newest_first=True)


@pytest.mark.parametrize(
    ("end", "total"),
    [({"total": 7, "hits": None}, 7), ({"total": {}, "hits": None}, None), ({"hits": []}, None), ([], None)],
)
def test_the_end_of_the_hits_is_empty_in_each_of_its_forms(end: Any, total: int | None) -> None:
    assert parse_hits(end) == HitPage((), 0, total=total)


@pytest.mark.parametrize("broken", [None, 7, "x", {"error": "Not Found"}, {"hits": {"a": 1}}])
def test_what_is_no_page_of_hits_is_not_taken_for_its_end(broken: Any) -> None:
    assert parse_hits(broken) is None


def test_hits_that_are_withheld_or_unreadable_are_left_out_and_counted() -> None:
    hits = [HIT, {**HIT, "id": 2, "is_private": 1}, {**HIT, "id": 3, "is_published": False}, {"id": {}}, None, HIT]
    assert parse_hits({"hits": hits}) == HitPage(("1000001",), 6, is_newest_first=True)


@pytest.mark.parametrize(
    ("ids", "is_newest_first"),
    [
        ([9, 8, 7, 6, 5, 4], True),
        ([9, 8, 7, 5, 6, 4], True),
        ([4, 9, 5, 8, 6, 7], False),
        ([1, 2, 3], False),
        ([], False),
    ],
)
def test_the_order_of_hits_is_seen_by_their_ids(ids: list[int], is_newest_first: bool) -> None:
    page = parse_hits([{"id": thing_id} for thing_id in ids])
    assert page is not None
    assert page.is_newest_first is is_newest_first


def test_a_thing_is_read_whole() -> None:
    thing = parse_thing(PAGE)
    assert thing is not None
    assert (thing.thing_id, thing.version, thing.withheld) == ("1000001", "2024-01-02T03:04:05+00:00", None)
    assert thing.names == ("box.scad", "box.stl")
    listing = thing.listing
    assert (listing.title, listing.description, listing.description_kind) == (
        "Parametric box",
        "plain text\nline 2",
        "author",
    )
    assert listing.tags == ("openscad",)
    assert listing.author == Author("1", "u1", "https://www.thingiverse.com/u1")
    assert (listing.license.spdx, listing.license.scope, listing.license.confidence) == (
        "CC-BY-SA-4.0",
        "item",
        "assumed",
    )
    assert (listing.is_ai, listing.is_nsfw, listing.is_remix) == (False, False, False)
    assert listing.source_url == "https://www.thingiverse.com/thing:1000001"
    assert (listing.created_at, listing.modified_at) == ("2023-04-27T04:09:42+00:00", "2024-01-02T03:04:05+00:00")


def test_a_thing_of_nothing_but_an_id_is_still_one() -> None:
    thing = parse_thing({"id": "5"})
    assert thing is not None
    assert thing.listing.source_url == "https://www.thingiverse.com/thing:5"
    assert thing.listing.license.spdx == "NOASSERTION"
    assert thing.listing.is_remix is None
    assert thing.names is None


def test_the_version_without_a_date_follows_what_is_said_and_not_how_often_it_was_liked() -> None:
    undated = {**PAGE, "modified": None}
    versions = [parse_thing(undated | more) for more in ({}, {"like_count": 99}, {"description": "other"})]
    first, liked, changed = (thing.version if thing else None for thing in versions)
    assert first == liked != changed


def test_the_files_of_the_zip_count_only_if_all_are_there() -> None:
    partial = parse_thing({**PAGE, "file_count": 3})
    assert partial is not None
    assert partial.names is None


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"description": None, "description_html": "<p>one</p><p>two</p>"}, "one\n\ntwo"),
        ({"description": "one", "instructions": "two"}, "one\n\ntwo"),
        ({"description": "one", "instructions": "one"}, "one"),
        ({"description": 5, "description_html": []}, None),
    ],
)
def test_the_description_is_both_texts_in_whatever_form(fields: dict[str, Any], description: str | None) -> None:
    thing = parse_thing({"id": 1, **fields})
    assert thing is not None
    assert thing.listing.description == description


@pytest.mark.parametrize("flags", [{"is_private": True}, {"is_private": "1"}, {"is_published": 0}])
def test_what_is_private_or_unpublished_is_withheld(flags: dict[str, Any]) -> None:
    thing = parse_thing({**PAGE, **flags})
    assert thing is not None
    assert thing.withheld is not None


def test_a_remix_names_what_it_was_made_from() -> None:
    thing = parse_thing({**PAGE, "ancestors": [{"id": 7}, {"id": 8, "public_url": "https://x.example/thing:8"}, None]})
    assert thing is not None
    assert thing.listing.is_remix is True
    assert thing.listing.ancestors == ("https://www.thingiverse.com/thing:7", "https://x.example/thing:8")
    assert parse_ancestors({"error": "Not Found"}) == ()


def test_sources_are_told_by_their_name_in_any_case() -> None:
    files = [
        {"id": 1, "name": "box.scad", "size": 10},
        {"id": "2", "name": "BOX.SCAD", "size": "11"},
        {"id": 3, "name": "box.stl", "size": 12},
        {"id": 4, "name": "../x/scad"},
        {"id": None, "name": "a.scad"},
        {"id": 5, "name": "notes.scad.txt"},
        "box.scad",
    ]
    assert parse_files(files) == (ThingFile("1", "box.scad", 10), ThingFile("2", "BOX.SCAD", 11))
    assert parse_files({"error": "Not Found"}) is None


@pytest.mark.parametrize(
    ("words", "spdx"),
    [
        ("Attribution", "CC-BY-4.0"),
        ("Attribution - Share Alike", "CC-BY-SA-4.0"),
        ("Attribution - No Derivatives", "CC-BY-ND-4.0"),
        ("Attribution - Non-Commercial", "CC-BY-NC-4.0"),
        ("Attribution - Non-Commercial - Share Alike", "CC-BY-NC-SA-4.0"),
        ("Attribution - Non-Commercial - No Derivatives", "CC-BY-NC-ND-4.0"),
        ("Public Domain Dedication", "CC0-1.0"),
        ("Public Domain", "LicenseRef-PublicDomain"),
    ],
)
def test_creative_commons_in_thingiverses_words_with_or_without_the_prefix(words: str, spdx: str) -> None:
    assert license_of(words).spdx == license_of(f"Creative Commons - {words}").spdx == spdx
    assert license_of(f"Creative Commons - {words}").raw == f"Creative Commons - {words}"


@pytest.mark.parametrize(
    ("words", "spdx", "is_open"),
    [
        ("GNU - GPL", "LicenseRef-GPL-unversioned", True),
        ("GNU - LGPL", "LicenseRef-LGPL-unversioned", True),
        ("BSD License", "LicenseRef-BSD-unversioned", True),
        ("All Rights Reserved", "NOASSERTION", False),
        ("Something Else", "NOASSERTION", False),
        (None, "NOASSERTION", False),
        (["CC"], "NOASSERTION", False),
    ],
)
def test_other_licences_are_known_or_refused(words: Any, spdx: str, is_open: bool) -> None:
    assert license_of(words).spdx == spdx
    assert (is_allowed(spdx) is True) is is_open


@pytest.mark.parametrize(
    ("url", "thing_id"),
    [
        ("https://www.thingiverse.com/thing:42", "42"),
        ("http://thingiverse.com/thing:0042/files", "42"),
        ("https://www.thingiverse.com/thing:42x", None),
        ("https://www.thingiverse.com/u1/designs", None),
        ("https://www.thingiverse.com", None),
    ],
)
def test_a_seed_names_its_thing(url: str, thing_id: str | None) -> None:
    assert thing_id_of(url) == thing_id


def test_words_of_a_query_stay_in_their_place() -> None:
    assert search_path("a/b&c", 2, license="cc-sa").startswith("/search/a%2Fb%26c/?type=things&page=2&per_page=30")
    assert tag_path("a?b", 1).startswith("/tags/a%3Fb/things?page=1")


@given(
    ANY_JSON | st.fixed_dictionaries({"id": st.just(1), "creator": ANY_JSON, "tags": ANY_JSON, "zip_data": ANY_JSON})
)
def test_no_answer_makes_the_reader_fail(data: Any) -> None:
    parse_hits(data)
    parse_thing(data)
    parse_files(data)
    parse_ancestors(data)
