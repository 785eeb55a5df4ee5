"""Codeberg's answers: what is read out of them, and that any JSON is an answer that can be read or left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.codeberg import full_name_in, parse_commit, parse_repository, parse_search
from tests.spiders.test_pages_openscad_org import ANY_JSON

SHA = "b" * 40
SHOWN: dict[str, Any] = {
    "id": 9,
    "owner": {"id": 1, "login": "Ada", "full_name": "Ada Lovelace"},
    "name": "boxes",
    "full_name": "Ada/boxes",
    "description": "Boxes",
    "empty": False,
    "private": False,
    "fork": False,
    "size": 77,
    "html_url": "https://codeberg.org/Ada/boxes",
    "stars_count": "4",
    "default_branch": "main",
    "created_at": "2021-05-01T10:00:00+02:00",
    "updated_at": "2024-05-01T10:00:00+02:00",
    "topics": ["openscad"],
}


def test_a_repository_tells_its_version_its_size_and_whose_it_is() -> None:
    project = parse_repository(SHOWN)
    assert project is not None
    assert (project.item_id, project.name, project.size_kb) == ("ada/boxes", "boxes", 77)
    assert (project.changed_at, project.is_fork, project.why_unusable) == ("2024-05-01T10:00:00+02:00", False, None)
    facts = project.facts(SHA)
    assert (facts.repo.host, facts.repo.stars, facts.tags) == ("codeberg.org", 4, ("openscad",))
    assert facts.author is not None
    assert (facts.author.id, facts.author.name) == ("Ada", "Ada Lovelace")


@pytest.mark.parametrize(
    ("told", "spdx_ids", "raw", "spdx"),
    [
        (["MIT"], ["MIT"], "MIT", "MIT"),
        (["GPL-3.0-or-later"], ["GPL-3.0-or-later"], "GPL-3.0-or-later", "GPL-3.0-or-later"),
        (["MIT", "CC-BY-NC-4.0"], ["MIT", "CC-BY-NC-4.0"], "MIT, CC-BY-NC-4.0", "NOASSERTION"),
        (["Other"], ["NOASSERTION"], "Other", "NOASSERTION"),
        ([], [], None, "NOASSERTION"),
        ([None, 3.5, {}], [], None, "NOASSERTION"),
    ],
)
def test_licences_are_told_one_by_one_and_only_a_single_one_is_the_repositorys(
    told: Any, spdx_ids: list[str], raw: str | None, spdx: str
) -> None:
    project = parse_repository({**SHOWN, "licenses": told})
    assert project is not None
    assert [one.spdx for one in project.licenses or ()] == spdx_ids
    assert (project.license.raw, project.license.spdx) == (raw, spdx)


@pytest.mark.parametrize("changed", [{}, {"licenses": None}, {"licenses": "MIT"}])
def test_a_version_that_tells_no_licences_leaves_them_open(changed: dict[str, Any]) -> None:
    project = parse_repository({**SHOWN, **changed})
    assert project is not None
    assert project.licenses is None


@pytest.mark.parametrize(
    ("changed", "why"), [({"empty": True}, "empty"), ({"default_branch": ""}, "empty"), ({"private": True}, "private")]
)
def test_what_can_not_be_taken_says_why(changed: dict[str, Any], why: str) -> None:
    project = parse_repository({**SHOWN, **changed})
    assert project is not None
    assert project.why_unusable == why


@pytest.mark.parametrize("name", [None, 3, "", "one", "a/b/c", "../b", "a/..", "a/.", "a/b c", "a/b?x=1", "/a/b", "a/"])
def test_a_repository_without_a_usable_name_is_none(name: Any) -> None:
    assert parse_repository({**SHOWN, "full_name": name}) is None


def test_a_page_of_a_search_counts_what_it_lists() -> None:
    page = parse_search({"ok": True, "data": [SHOWN, None, {"full_name": "x"}]})
    assert page is not None
    assert ([p.full_name for p in page.projects], page.n_listed) == (["Ada/boxes"], 3)
    assert parse_search({"ok": False, "error": "no"}) is None
    assert parse_search([SHOWN]) is None


@given(st.dictionaries(st.sampled_from([*SHOWN, "licenses", "parent"]), ANY_JSON), ANY_JSON)
def test_any_json_is_read_or_left(changed: dict[str, Any], anything: Any) -> None:
    project = parse_repository({**SHOWN, **changed, "full_name": "a/b"})
    assert project is not None
    assert project.facts(None).license.spdx
    parse_repository(anything)
    parse_search(anything)
    parse_commit(anything)


def test_a_branch_stands_at_a_whole_hash() -> None:
    assert parse_commit({"name": "main", "commit": {"id": SHA}}) == SHA
    assert [parse_commit(data) for data in ({"id": SHA}, {"commit": SHA}, {"commit": {"id": SHA[1:]}}, 3)] == [None] * 4


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://codeberg.org/Ada/boxes", "Ada/boxes"),
        ("https://codeberg.org/Ada/boxes.git", "Ada/boxes"),
        ("https://codeberg.org/Ada/boxes/src/branch/main/README.md", "Ada/boxes"),
        ("https://codeberg.org/explore/repos", None),
        ("https://codeberg.org/Ada", None),
        ("https://codeberg.example.org/Ada/boxes", None),
        ("https://[", None),
    ],
)
def test_a_page_belongs_to_a_repository_or_to_none(url: str, name: str | None) -> None:
    assert full_name_in(url) == name
