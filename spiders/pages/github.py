"""GitHub's REST answers -> repositories, pages of a search, commits.

Pure and total: any JSON in, values or None out. What a repository's files say is `spiders.repository`' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from corpus.schema import Author, RepoInfo
from spiders.items import License, listed_license
from spiders.pages.fields import MAX_TEXT_CHARS, field, flag, link, moment, number, text, texts
from spiders.repository import RepoFacts

__all__ = [
    "Repository",
    "SearchPage",
    "error_message",
    "full_name_in",
    "is_full_name",
    "is_sha",
    "parse_commit",
    "parse_repository",
    "parse_search",
]

_HOST = "github.com"
_FULL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,38})/[A-Za-z0-9._\-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\#]{1,250}")
# first path segments of github.com that are pages of the site, not of an owner
_SITE_PAGES = frozenset(
    ("about", "apps", "collections", "contact", "enterprise", "explore", "features", "login", "marketplace")
    + ("new", "notifications", "orgs", "pricing", "search", "security")
    + ("settings", "site", "sponsors", "stars", "topics", "trending", "users")
)


@dataclass(frozen=True)
class Repository:
    """A repository as the API shows it, in a search or by itself."""

    full_name: str
    web_url: str
    description: str | None
    default_branch: str | None
    license: License
    """What GitHub made of the LICENSE file; NOASSERTION where it knows none."""
    owner: Author
    topics: tuple[str, ...]
    created_at: str | None
    pushed_at: str | None
    size_kb: int | None
    """Of the whole history; a tarball is smaller as a rule."""
    n_stars: int | None
    is_fork: bool | None
    parent_url: str | None
    """Of a fork, where the answer says it: searches don't."""
    why_unusable: str | None
    """Private or disabled: not to be taken whatever else it says."""

    @property
    def item_id(self) -> str:
        """One string a repository: GitHub takes names in any case."""
        return self.full_name.lower()

    def facts(self, commit: str | None) -> RepoFacts:
        return RepoFacts(
            repo=RepoInfo(host=_HOST, full_name=self.full_name, commit=commit, stars=self.n_stars),
            web_url=self.web_url,
            description=self.description,
            license=self.license,
            author=self.owner,
            tags=self.topics,
            created_at=self.created_at,
            modified_at=self.pushed_at,
            is_fork=self.is_fork,
            ancestors=(self.parent_url,) if self.parent_url else (),
        )


@dataclass(frozen=True)
class SearchPage:
    n_found: int
    """Of the whole query, on all pages."""
    is_incomplete: bool
    """The search ran out of time: there may be more."""
    repositories: tuple[Repository, ...]
    n_unreadable: int


def parse_repository(data: Any) -> Repository | None:
    """None for anything without a usable full name."""
    full_name = field(data, "full_name")
    if not is_full_name(full_name):
        return None
    login = text(field(data, "owner", "login")) or full_name.partition("/")[0]
    branch = field(data, "default_branch")
    reasons = [word for word in ("private", "disabled") if flag(field(data, word))]
    parent_url = link(field(data, "parent", "html_url"))
    return Repository(
        full_name=full_name,
        web_url=f"https://{_HOST}/{full_name}",
        description=text(field(data, "description"), max_chars=MAX_TEXT_CHARS),
        default_branch=branch if isinstance(branch, str) and _BRANCH.fullmatch(branch) else None,
        license=_license(field(data, "license")),
        owner=Author(id=login, name=login, profile_url=f"https://{_HOST}/{login}"),
        topics=texts(field(data, "topics")),
        created_at=moment(field(data, "created_at")),
        pushed_at=moment(field(data, "pushed_at")),
        size_kb=number(field(data, "size")),
        n_stars=number(field(data, "stargazers_count")),
        is_fork=flag(field(data, "fork")),
        parent_url=parent_url,
        why_unusable=reasons[0] if reasons else None,
    )


def _license(data: Any) -> License:
    """GitHub compares the LICENSE file with texts it knows, so the licence is detected, not declared."""
    spdx_id, name = text(field(data, "spdx_id")), text(field(data, "name"))
    raw = spdx_id if spdx_id not in (None, "NOASSERTION") else name
    found = listed_license(raw, scope="repo")
    if found.spdx != "NOASSERTION":
        return replace(found, confidence="detected")
    return License(raw=found.raw, scope=found.scope)


def parse_search(data: Any) -> SearchPage | None:
    """None for anything that is no answer of a search."""
    items = field(data, "items")
    if not isinstance(items, list):
        return None
    repositories = tuple(repository for item in items if (repository := parse_repository(item)) is not None)
    n_found = number(field(data, "total_count"))
    return SearchPage(
        n_found=len(items) if n_found is None else n_found,
        is_incomplete=flag(field(data, "incomplete_results")) or False,
        repositories=repositories,
        n_unreadable=len(items) - len(repositories),
    )


def parse_commit(body: bytes) -> str | None:
    """The commit's hash: the whole answer of `Accept: application/vnd.github.sha`; None for anything else."""
    sha = body[:100].strip().decode("ascii", "replace").lower()
    return sha if is_sha(sha) else None


def error_message(data: Any) -> str:
    """What an error answer says: one line, or nothing."""
    return text(field(data, "message")) or ""


def is_sha(value: Any) -> bool:
    """True for the whole hash of a commit, in lower case."""
    return isinstance(value, str) and _SHA.fullmatch(value) is not None


def is_full_name(value: Any) -> bool:
    """True for `owner/name`."""
    return isinstance(value, str) and _FULL_NAME.fullmatch(value) is not None and not value.endswith(("/.", "/.."))


def full_name_in(url: str) -> str | None:
    """`owner/name` of a repository's page or of any page below it; None for the site's other pages."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if (parts.hostname or "").removeprefix("www.") != _HOST:
        return None
    owner, _, rest = parts.path.strip("/").partition("/")
    name = rest.partition("/")[0].removesuffix(".git")
    full_name = f"{owner}/{name}"
    return full_name if owner.lower() not in _SITE_PAGES and is_full_name(full_name) else None
