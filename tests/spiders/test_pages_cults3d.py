"""Cults3D's GraphQL answers: whole, in part, and broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from corpus.licenses import is_allowed
from corpus.schema import Author
from spiders.pages.cults3d import (
    creations_query,
    errors_of,
    license_of,
    parse_creation,
    parse_creations,
    parse_page,
    search_query,
)
from tests.spiders.test_pages_fields import ANY_JSON

CREATION: dict[str, Any] = {
    "identifier": "Q3JlYXRpb24vMQ==",
    "slug": "wall-hook",
    "name": "Wall hook",
    "url": "https://cults3d.com/en/3d-model/home/wall-hook?ref=x",
    "description": "<p>A hook.</p><p>Strong &amp; small.</p>",
    "details": "Print it flat.",
    "tags": ["openscad", "hook"],
    "publishedAt": "2024-01-01T00:00:00Z",
    "updatedAt": "2024-02-02T00:00:00Z",
    "license": {"code": "cc_by", "name": "CC BY", "spdxId": "CC-BY-4.0", "url": "…", "allowsCommercialUse": True},
    "creator": {"nick": "u1", "url": "https://cults3d.com/en/users/u1"},
    "category": {"id": "1", "name": "Home"},
    "blueprints": [{"id": "9", "fileName": "hook.scad", "fileExtension": "scad", "fileUrl": None, "position": 1}],
}


def batch(*results: Any, total: Any = 1) -> dict[str, Any]:
    return {"data": {"creationsSearchBatch": {"total": total, "results": list(results)}}}


def test_a_design_is_read_whole() -> None:
    page = parse_page(batch(CREATION))
    assert page is not None
    assert (page.n_results, page.total) == (1, 1)
    (creation,) = page.creations
    listing = creation.listing
    assert (creation.slug, creation.version) == ("wall-hook", "2024-02-02T00:00:00Z")
    assert (listing.title, listing.category, listing.tags) == ("Wall hook", "Home", ("openscad", "hook"))
    assert listing.description == "A hook.\n\nStrong & small.\n\nPrint it flat."
    assert listing.author == Author(None, "u1", "https://cults3d.com/en/users/u1")
    assert listing.source_url == "https://cults3d.com/en/3d-model/home/wall-hook"
    assert (listing.created_at, listing.modified_at) == ("2024-01-01T00:00:00Z", "2024-02-02T00:00:00Z")
    assert [(b.name, b.url) for b in creation.sources] == [("hook.scad", None)]


@pytest.mark.parametrize("broken", [None, [], {"data": None}, {"data": {"creationsSearchBatch": None}}, {"errors": []}])
def test_a_missing_batch_is_no_empty_page(broken: Any) -> None:
    assert parse_page(broken) is None


def test_part_of_an_answer_is_taken_and_its_errors_are_told() -> None:
    answer = batch(None, CREATION, {"name": "no slug"}, total="3") | {
        "errors": [{"message": "Can't be shown", "path": ["creationsSearchBatch", "results", 0]}, {}, 5]
    }
    page = parse_page(answer)
    assert page is not None
    assert [creation.slug for creation in page.creations] == ["wall-hook"]
    assert (page.n_results, page.total) == (3, 3)
    assert errors_of(answer) == ("Can't be shown", "an error without a message", "an error without a message")
    assert errors_of({"errors": "x"}) == ()


@pytest.mark.parametrize(
    ("data", "spdx", "is_open"),
    [
        ({"code": "cc_by", "name": "CC BY", "spdxId": "CC-BY-4.0"}, "CC-BY-4.0", True),
        ({"code": "cc_by_sa", "name": "CC BY-SA", "spdxId": None}, "CC-BY-SA-4.0", True),
        ({"code": None, "name": "CC BY-NC", "spdxId": "odd"}, "CC-BY-NC-4.0", False),
        ({"code": "cults_pu", "name": "CULTS - Private use", "spdxId": None}, "LicenseRef-Cults-PU", False),
        ({"code": "cults_cu", "name": "x", "spdxId": "CC-BY-4.0"}, "LicenseRef-Cults-CU", False),
        ({"code": "own", "name": "own", "spdxId": 5}, "NOASSERTION", False),
        (None, "NOASSERTION", False),
        ("CC-BY-4.0", "NOASSERTION", False),
    ],
)
def test_licences_by_id_or_code(data: Any, spdx: str, is_open: bool) -> None:
    assert license_of(data).spdx == spdx
    assert (is_allowed(spdx) is True) is is_open


@pytest.mark.parametrize(
    ("names", "may_hold"),
    [
        (["a.stl", "b.obj"], False),
        (["a.stl", "b.SCAD"], True),
        (["a.zip"], True),
        (["a"], True),
        ([], True),
    ],
)
def test_a_design_of_meshes_alone_holds_no_source(names: list[str], may_hold: bool) -> None:
    creation = parse_creation({"slug": "x", "blueprints": [{"fileName": name} for name in names]})
    assert creation is not None
    assert creation.may_hold_source is may_hold


@pytest.mark.parametrize("url", ["javascript:x", "file:///etc/passwd", 5, ""])
def test_an_address_that_is_none_gives_no_file(url: Any) -> None:
    creation = parse_creation({"slug": "x", "blueprints": [{"fileName": "a.scad", "fileUrl": url}]})
    assert creation is not None
    assert [b.url for b in creation.sources] == [None]


def test_designs_asked_for_by_name_are_there_gone_or_not_answered() -> None:
    slugs = ("wall-hook", "gone", "in-error", "unanswered", "other")
    answer = {
        "data": {"c0": CREATION, "c1": None, "c2": None, "c4": CREATION},
        "errors": [{"message": "timeout", "path": ["c2"]}],
    }
    found = parse_creations(answer, slugs)
    assert set(found) == {"wall-hook", "gone"}
    assert found["gone"] is None
    assert found["wall-hook"] is not None
    assert parse_creations({"data": None, "errors": [{"message": "no"}]}, slugs) == {}


def test_queries_carry_words_as_variables_only() -> None:
    hostile = 'x"){secret}'
    assert hostile not in search_query(hostile, 100)["query"]
    assert search_query(hostile, 100)["variables"] == {"q": hostile, "n": 100, "o": 100}
    asked = creations_query([hostile, "b"])
    assert hostile not in asked["query"]
    assert asked["variables"] == {"s0": hostile, "s1": "b"}
    assert asked["query"].count("{") == asked["query"].count("}")


@pytest.mark.parametrize(
    "errors",
    [[{"message": "busy"}], [{"path": []}], [{"path": [0]}], [{"path": ["other"]}], [{"path": ["c2"]}, 5], "x"],
)
def test_a_null_beside_an_error_about_nothing_is_not_taken_for_gone(errors: Any) -> None:
    answer = {"data": {"c0": None, "c1": {"slug": "there"}, "c2": None}, "errors": errors}
    assert list(parse_creations(answer, ("a", "there", "b"))) == ["there"]


@given(ANY_JSON)
def test_no_answer_makes_the_reader_fail(data: Any) -> None:
    for answer in (data, {"data": data}, batch(data), {"data": {"c0": data}}):
        parse_page(answer)
        parse_creations(answer, ("a",))
        errors_of(answer)
    parse_creation({"slug": "x", "license": data, "blueprints": [data, {"fileName": data, "fileUrl": data}]})
