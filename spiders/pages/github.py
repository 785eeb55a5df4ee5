"""GitHub's REST answers -> repositories, pages of a search, commits.

Pure and total: any JSON in, values or None out. What a repository's files say is `spiders.repository`' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from corpus.licenses import NOASSERTION
from corpus.schema import Author
from spiders.items import License
from spiders.pages.fields import MAX_TEXT_CHARS, field, flag, link, moment, number, text, texts
from spiders.pages.projects import Project, branch_of, detected_license, is_sha, owner_and_name_in

__all__ = [
    "SearchPage",
    "error_message",
    "full_name_in",
    "is_full_name",
    "parse_commit",
    "parse_repository",
    "parse_search",
]

_HOST = "github.com"
_FULL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,38})/[A-Za-z0-9._\-]{1,100}")
# first path segments of github.com that are pages of the site, not of an owner
_SITE_PAGES = frozenset(
    ("about", "apps", "collections", "contact", "enterprise", "explore", "features", "login", "marketplace")
    + ("new", "notifications", "orgs", "pricing", "search", "security")
    + ("settings", "site", "sponsors", "stars", "topics", "trending", "users")
)


@dataclass(frozen=True)
class SearchPage:
    n_found: int
    """Of the whole query, on all pages."""
    is_incomplete: bool
    """The search ran out of time: there may be more."""
    repositories: tuple[Project, ...]
    n_unreadable: int


def parse_repository(data: Any) -> Project | None:
    """None for anything without a usable full name."""
    full_name = field(data, "full_name")
    if not is_full_name(full_name):
        return None
    owner, _, name = full_name.partition("/")
    login = text(field(data, "owner", "login")) or owner
    reasons = [word for word in ("private", "disabled") if flag(field(data, word))]
    return Project(
        host=_HOST,
        full_name=full_name,
        name=name,
        description=text(field(data, "description"), max_chars=MAX_TEXT_CHARS),
        default_branch=branch_of(field(data, "default_branch")),
        licenses=(_license(field(data, "license")),),
        owner=Author(id=login, name=login, profile_url=f"https://{_HOST}/{login}"),
        topics=texts(field(data, "topics")),
        created_at=moment(field(data, "created_at")),
        changed_at=moment(field(data, "pushed_at")),
        size_kb=number(field(data, "size")),
        n_stars=number(field(data, "stargazers_count")),
        is_fork=flag(field(data, "fork")),
        parent_url=link(field(data, "parent", "html_url")),
        why_unusable=reasons[0] if reasons else None,
    )


def _license(data: Any) -> License:
    spdx_id, name = text(field(data, "spdx_id")), text(field(data, "name"))
    return detected_license(spdx_id if spdx_id not in (None, NOASSERTION) else name)


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


def is_full_name(value: Any) -> bool:
    """True for `owner/name`."""
    return isinstance(value, str) and _FULL_NAME.fullmatch(value) is not None and not value.endswith(("/.", "/.."))


def full_name_in(url: str) -> str | None:
    """`owner/name` of a repository's page or of any page below it; None for the site's other pages."""
    full_name = owner_and_name_in(url, _HOST, _SITE_PAGES)
    return full_name if is_full_name(full_name) else None
