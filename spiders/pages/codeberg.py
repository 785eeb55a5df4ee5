"""Forgejo's REST answers, as Codeberg gives them -> repositories, pages of a search, commits.

Pure and total: any JSON in, values or None out. Newer versions tell the licences found in a repository, older don't.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from corpus.schema import Author
from spiders.pages.fields import MAX_TEXT_CHARS, field, flag, link, moment, number, text, texts
from spiders.pages.projects import Project, branch_of, detected_license, owner_and_name_in, sha_in

__all__ = ["SearchPage", "full_name_in", "is_full_name", "parse_commit", "parse_repository", "parse_search"]

_HOST = "codeberg.org"
_FULL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,99}/[A-Za-z0-9._\-]{1,100}")
# first path segments of codeberg.org that are pages of the site, not of an owner
_SITE_PAGES = frozenset(("-", "admin", "api", "assets", "explore", "org", "repo", "swagger", "user"))


@dataclass(frozen=True)
class SearchPage:
    projects: tuple[Project, ...]
    n_listed: int
    """With those that can't be read; 0 behind the last page."""


def parse_search(data: Any) -> SearchPage | None:
    """None for anything that is no answer of a search."""
    entries = field(data, "data")
    if not isinstance(entries, list):
        return None
    projects = tuple(project for entry in entries if (project := parse_repository(entry)) is not None)
    return SearchPage(projects, len(entries))


def parse_repository(data: Any) -> Project | None:
    """None for anything without a usable full name."""
    full_name = field(data, "full_name")
    if not is_full_name(full_name):
        return None
    owner, _, name = full_name.partition("/")
    licenses = field(data, "licenses")
    branch = branch_of(field(data, "default_branch"))
    is_empty = branch is None or flag(field(data, "empty")) is True
    return Project(
        host=_HOST,
        full_name=full_name,
        name=name,
        description=text(field(data, "description"), max_chars=MAX_TEXT_CHARS),
        default_branch=branch,
        licenses=tuple(map(detected_license, texts(licenses))) if isinstance(licenses, list) else None,
        owner=Author(
            id=owner, name=text(field(data, "owner", "full_name")) or owner, profile_url=f"https://{_HOST}/{owner}"
        ),
        topics=texts(field(data, "topics")),
        created_at=moment(field(data, "created_at")),
        changed_at=moment(field(data, "updated_at")),
        size_kb=number(field(data, "size")),
        n_stars=number(field(data, "stars_count")),
        is_fork=flag(field(data, "fork")),
        parent_url=link(field(data, "parent", "html_url")),
        why_unusable="private" if flag(field(data, "private")) else "empty" if is_empty else None,
    )


def parse_commit(data: Any) -> str | None:
    """The hash that a branch stands at."""
    return sha_in(data, "commit", "id")


def is_full_name(value: Any) -> bool:
    """True for `owner/name`."""
    return isinstance(value, str) and _FULL_NAME.fullmatch(value) is not None and not value.endswith(("/.", "/.."))


def full_name_in(url: str) -> str | None:
    """`owner/name` of a repository's page or of any page below it; None for the site's other pages."""
    full_name = owner_and_name_in(url, _HOST, _SITE_PAGES)
    return full_name if is_full_name(full_name) else None
