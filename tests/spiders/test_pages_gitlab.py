"""GitLab's answers: what is read out of them, and that any JSON is an answer that can be read or left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.gitlab import full_name_in, next_page, parse_commit, parse_project, parse_projects
from tests.spiders.test_pages_openscad_org import ANY_JSON

BASE = "https://gitlab.com/api/v4"
SHA = "a" * 40
SHOWN: dict[str, Any] = {
    "id": 4,
    "description": "Boxes\nof all kinds",
    "name": "Scad Boxes",
    "path_with_namespace": "Group/sub/boxes",
    "created_at": "2013-09-30T13:46:02Z",
    "default_branch": "main",
    "topics": ["openscad", "boxes"],
    "web_url": "https://gitlab.com/Group/sub/boxes",
    "star_count": 3,
    "last_activity_at": "2022-06-24T17:11:26.841Z",
    "visibility": "public",
    "namespace": {"id": 3, "name": "The Group", "path": "sub", "full_path": "Group/sub"},
}


def test_a_listed_project_tells_its_version_and_no_licence() -> None:
    project = parse_project(SHOWN)
    assert project is not None
    assert (project.full_name, project.item_id, project.name) == ("Group/sub/boxes", "group/sub/boxes", "Scad Boxes")
    assert (project.changed_at, project.default_branch) == ("2022-06-24T17:11:26.841Z", "main")
    assert (project.licenses, project.is_fork, project.why_unusable) == (None, None, None)
    facts = project.facts(SHA)
    assert (facts.web_url, facts.tags, facts.repo.stars) == (
        "https://gitlab.com/Group/sub/boxes",
        ("openscad", "boxes"),
        3,
    )
    assert facts.author is not None
    assert (facts.author.name, facts.author.profile_url) == ("The Group", "https://gitlab.com/Group/sub")


@pytest.mark.parametrize(
    ("license_shown", "raw", "spdx", "confidence"),
    [
        ({"key": "mit", "name": "MIT License"}, "mit", "MIT", "detected"),
        ({"key": "gpl-3.0", "name": "GNU General Public License v3.0"}, "gpl-3.0", "GPL-3.0-only", "detected"),
        ({"key": "odd", "name": "BSD 2-Clause"}, "BSD 2-Clause", "BSD-2-Clause", "detected"),
        ({"key": "other", "name": "Other"}, "other", "NOASSERTION", None),
        (None, None, "NOASSERTION", None),
        ("mit", None, "NOASSERTION", None),
    ],
)
def test_a_project_by_itself_tells_its_licence(license_shown: Any, raw: str | None, spdx: str, confidence: Any) -> None:
    project = parse_project({**SHOWN, "license": license_shown})
    assert project is not None
    assert project.licenses is not None
    assert (project.license.raw, project.license.spdx, project.license.confidence) == (raw, spdx, confidence)
    assert project.is_fork is False


def test_a_fork_names_what_it_was_made_from() -> None:
    project = parse_project({**SHOWN, "license": None, "forked_from_project": {"web_url": "https://gitlab.com/a/b"}})
    assert project is not None
    assert (project.is_fork, project.facts(SHA).ancestors) == (True, ("https://gitlab.com/a/b",))


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"default_branch": None}, "empty"), ({"empty_repo": True}, "empty"), ({"visibility": "private"}, "private"),
     ({"default_branch": "a b"}, "empty"), ({"default_branch": "feature/x"}, None), ({"visibility": None}, None)],
)  # fmt: skip
def test_what_can_not_be_taken_says_why(changed: dict[str, Any], why: str | None) -> None:
    project = parse_project({**SHOWN, **changed})
    assert project is not None
    assert project.why_unusable == why


@pytest.mark.parametrize(
    "name", [None, 3, "", "one", "a//b", "../b", "a/..", "a/b c", "a/b?x=1", "/a/b", "a/b/", "-/b"]
)
def test_a_project_without_a_usable_name_is_none(name: Any) -> None:
    assert parse_project({**SHOWN, "path_with_namespace": name}) is None


def test_what_can_not_be_read_on_a_page_is_left_out() -> None:
    assert [p.full_name for p in parse_projects([None, SHOWN, {"id": 3}, "x"]) or ()] == ["Group/sub/boxes"]
    assert parse_projects({"message": "404 Not Found"}) is None


@given(st.dictionaries(st.sampled_from([*SHOWN, "license", "forked_from_project"]), ANY_JSON), ANY_JSON)
def test_any_json_is_read_or_left(changed: dict[str, Any], anything: Any) -> None:
    kept = {"path_with_namespace": "a/b"}
    project = parse_project({**SHOWN, **changed, **kept})
    assert project is not None
    assert project.facts(None).license.spdx
    parse_project(anything)
    parse_projects(anything)
    parse_commit(anything)


def test_a_commit_is_its_whole_hash() -> None:
    assert parse_commit({"id": SHA, "short_id": "aaaaaaaa"}) == SHA
    assert [parse_commit(data) for data in ({"id": SHA[:8]}, {"id": SHA.upper()}, {"id": f"{SHA}\n"}, [], None)] == [
        None
    ] * 5


def test_the_next_page_is_followed_within_the_api_only() -> None:
    following = f"{BASE}/projects?id_after=42&pagination=keyset"
    header = f'<{BASE}/projects?x=1>; rel="first", <{following}>; rel="next", <{BASE}/z>; rel="last"'
    assert next_page(header, BASE) == following
    assert next_page(f'<{BASE}/projects?x=1>; rel="first"', BASE) is None
    assert next_page('<https://evil.example/api/v4/projects>; rel="next"', BASE) is None
    assert next_page(f'<{BASE}.evil.example/projects>; rel="next"', BASE) is None
    assert next_page("", BASE) is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://gitlab.com/group/sub/boxes", "group/sub/boxes"),
        ("https://gitlab.com/group/boxes/-/tree/main/x", "group/boxes"),
        ("https://www.gitlab.com/group/boxes.git", "group/boxes"),
        ("https://gitlab.com/explore/projects", None),
        ("https://gitlab.com/group", None),
        ("https://gitlab.example.org/group/boxes", None),
        ("https://[", None),
    ],
)
def test_a_page_belongs_to_a_project_or_to_none(url: str, name: str | None) -> None:
    assert full_name_in(url) == name
