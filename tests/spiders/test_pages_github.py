"""GitHub's answers: true shapes, missing fields, other types, hostile values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.schema import Author
from spiders.items import License
from spiders.pages.github import full_name_in, is_full_name, parse_commit, parse_repository, parse_search
from spiders.sites.base import SpiderUsageError
from spiders.sites.github_repos import GithubReposSpider
from spiders.sites.github_search import OPEN_LICENSES, GithubSearchSpider

REPOSITORY: dict[str, Any] = {
    "id": 1,
    "name": "Shelf",
    "full_name": "Ada/Shelf",
    "private": False,
    "owner": {"login": "Ada", "id": 1, "type": "User", "html_url": "https://github.com/Ada"},
    "html_url": "https://github.com/Ada/Shelf",
    "description": "Things\nfor a shelf",
    "fork": False,
    "created_at": "2020-01-01T00:00:00Z",
    "pushed_at": "2021-01-01T00:00:00Z",
    "size": 120,
    "stargazers_count": 5,
    "language": "OpenSCAD",
    "archived": True,
    "license": {"key": "gpl-3.0", "name": "GNU General Public License v3.0", "spdx_id": "GPL-3.0"},
    "topics": ["openscad", "openscad", 3],
    "default_branch": "main",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REPOSITORY, "items"]), inner, max_size=5)
    ),
    max_leaves=20,
)


def test_a_repository_is_read_whole() -> None:
    repository = parse_repository(REPOSITORY)
    assert repository is not None
    assert (repository.full_name, repository.item_id) == ("Ada/Shelf", "ada/shelf")
    assert repository.description == "Things for a shelf"
    assert repository.license == License("GPL-3.0", "GPL-3.0-only", "repo", "detected")
    assert (repository.changed_at, repository.size_kb, repository.default_branch) == (
        "2021-01-01T00:00:00Z",
        120,
        "main",
    )
    facts = repository.facts("c" * 40)
    assert facts.author == Author(id="Ada", name="Ada", profile_url="https://github.com/Ada")
    assert (facts.repo.commit, facts.repo.stars, facts.is_fork, facts.tags) == ("c" * 40, 5, False, ("openscad", "3"))


@pytest.mark.parametrize(
    ("given_license", "spdx", "raw"),
    [
        (None, "NOASSERTION", None),
        ({"key": "other", "name": "Other", "spdx_id": "NOASSERTION"}, "NOASSERTION", "Other"),
        ({"key": "mit", "name": "MIT License", "spdx_id": None}, "MIT", "MIT License"),
        ({"spdx_id": "CC-BY-NC-4.0"}, "CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        ("MIT", "NOASSERTION", None),
        ([], "NOASSERTION", None),
    ],
)
def test_a_licence_is_what_github_detected_or_unknown(given_license: Any, spdx: str, raw: str | None) -> None:
    repository = parse_repository({**REPOSITORY, "license": given_license})
    assert repository is not None
    assert (repository.license.spdx, repository.license.raw) == (spdx, raw)
    assert repository.license.confidence == ("detected" if spdx != "NOASSERTION" else None)


@pytest.mark.parametrize(
    "name", [None, "", "Ada", "Ada/", "/Shelf", "../x", "a/..", "a/b/c", "a b/c", "a/b?c=d", 7, "a/" + "b" * 200]
)
def test_what_has_no_name_for_a_url_is_no_repository(name: Any) -> None:
    assert parse_repository({**REPOSITORY, "full_name": name}) is None


@pytest.mark.parametrize("branch", [None, "", "a b", "a\n", "x?y", "x#y", ["main"]])
def test_a_branch_that_is_none_is_left_to_the_site(branch: Any) -> None:
    repository = parse_repository({**REPOSITORY, "default_branch": branch})
    assert repository is not None
    assert repository.default_branch is None


def test_a_search_tells_its_size_and_what_it_could_not_read() -> None:
    page = parse_search({"total_count": 1200, "incomplete_results": True, "items": [REPOSITORY, None, {"id": 3}]})
    assert page is not None
    assert (page.n_found, page.is_incomplete, len(page.repositories), page.n_unreadable) == (1200, True, 1, 2)
    assert parse_search({"message": "Validation Failed"}) is None
    assert parse_search([]) is None


@given(JSON)
def test_no_json_makes_the_parsers_raise(data: Any) -> None:
    parse_repository(data)
    parse_search({"items": [data], "total_count": data})
    if isinstance(data, dict):
        repository = parse_repository({**REPOSITORY, **data, "full_name": "a/b"})
        assert repository is not None
        assert repository.facts(None).web_url == "https://github.com/a/b"


@pytest.mark.parametrize(
    ("body", "commit"),
    [
        (b"A" * 40, "a" * 40),
        (b"a" * 40 + b"\n", "a" * 40),
        (b"a" * 39, None),
        (b'{"sha":"x"}', None),
        (b"", None),
        (b"\xff" * 40, None),
    ],
)
def test_only_a_whole_hash_is_a_commit(body: bytes, commit: str | None) -> None:
    assert parse_commit(body) == commit


@pytest.mark.parametrize(
    ("url", "full_name"),
    [
        ("https://github.com/Ada/Shelf", "Ada/Shelf"),
        ("http://www.github.com/Ada/Shelf.git", "Ada/Shelf"),
        ("https://github.com/Ada/Shelf/tree/main/parts?x=1#y", "Ada/Shelf"),
        ("https://github.com/Ada", None),
        ("https://github.com/topics/openscad", None),
        ("https://gist.github.com/Ada/abc", None),
        ("https://github.com.evil.example/Ada/Shelf", None),
        ("https://[bad/", None),
    ],
)
def test_a_seed_is_reduced_to_its_repository(url: str, full_name: str | None) -> None:
    assert full_name_in(url) == full_name


def test_every_licence_the_search_asks_for_may_be_downloaded() -> None:
    from corpus.licenses import DEFAULT_ALLOWED, spdx_of

    assert {key for key in OPEN_LICENSES if spdx_of(key).spdx not in DEFAULT_ALLOWED} == set()


@pytest.mark.parametrize(
    "repos",
    [
        "Ada",
        "[{}]",
        "[",
        '[{"name": "a/b", "commit": "abc"}]',
        '[{"name": "a/b", "extracts": ["all"]}]',
        '[{"name": "a/b", "licence": "MIT"}]',
        '[{"name": "a/b", "extracts": 7}]',
        '[{"name": "a/b", "exclude": true}]',
        '[{"name": "a/b", "license": "MIT"}]',
        '[{"name": "a/b", "license": "Some", "reason": "x"}]',
        [7],
        {"a/b": None},
        None,
    ],
)
def test_a_wrong_list_of_repositories_is_refused_before_any_request(repos: Any) -> None:
    with pytest.raises(SpiderUsageError, match="repos"):
        GithubReposSpider(repos=repos)


@pytest.mark.parametrize(
    "wrong",
    [{"created_from": "soon"}, {"created_from": "2024-01-01", "created_to": "2023-01-01"}, {"base_url": "ftp://x"},
     {"forks": "perhaps"}, {"max_repo_kb": "-1"}, {"max_archive_mb": "lots"}],
)  # fmt: skip
def test_a_wrong_argument_of_the_search_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SpiderUsageError, match=next(iter(wrong))):
        GithubSearchSpider(**wrong)


def test_names_of_owners_and_repositories_are_those_github_allows() -> None:
    assert is_full_name("a-b/c.d_e-f")
    assert not is_full_name("-a/b")
