"""GitLab's REST answers -> projects, the next page of a listing, commits.

Pure and total: any JSON in, values or None out. A listing shows nobody the licence; a project by itself does.
"""

from __future__ import annotations

import re
from typing import Any

from corpus.licenses import NOASSERTION
from corpus.schema import Author
from spiders.items import License
from spiders.pages.fields import MAX_TEXT_CHARS, field, flag, link, moment, number, text, texts
from spiders.pages.projects import Project, branch_of, detected_license, path_in, sha_in

__all__ = ["full_name_in", "is_full_name", "next_page", "parse_commit", "parse_project", "parse_projects"]

_HOST = "gitlab.com"
_FULL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,254}(?:/[A-Za-z0-9_][A-Za-z0-9_.\-]{0,254}){1,20}")
_NEXT = re.compile(r'<([^<>\s]{1,2000})>\s*;\s*rel="?next"?(?:[\s;,]|\Z)')
# first path segments of gitlab.com that are pages of the site, not of a group
_SITE_PAGES = frozenset(("-", "admin", "api", "dashboard", "explore", "groups", "help", "projects", "search", "users"))


def parse_projects(data: Any) -> tuple[Project, ...] | None:
    """The projects on one page of a listing, without those that can't be read; None for anything but a list."""
    if not isinstance(data, list):
        return None
    return tuple(project for entry in data if (project := parse_project(entry)) is not None)


def parse_project(data: Any) -> Project | None:
    """None for anything without a usable full name."""
    full_name = field(data, "path_with_namespace")
    if not is_full_name(full_name):
        return None
    group = full_name.rpartition("/")[0]
    parent = field(data, "forked_from_project")
    branch = branch_of(field(data, "default_branch"))
    is_private = field(data, "visibility") not in (None, "public")
    is_empty = branch is None or flag(field(data, "empty_repo")) is True
    return Project(
        host=_HOST,
        full_name=full_name,
        name=text(field(data, "name")) or full_name.rpartition("/")[2],
        description=text(field(data, "description"), max_chars=MAX_TEXT_CHARS),
        default_branch=branch,
        licenses=_licenses(data["license"]) if "license" in data else None,
        owner=Author(
            id=group, name=text(field(data, "namespace", "name")) or group, profile_url=f"https://{_HOST}/{group}"
        ),
        topics=texts(field(data, "topics")) or texts(field(data, "tag_list")),
        created_at=moment(field(data, "created_at")),
        changed_at=moment(field(data, "last_activity_at")),
        size_kb=None,
        n_stars=number(field(data, "star_count")),
        is_fork=isinstance(parent, dict) if "license" in data else None,
        parent_url=link(field(parent, "web_url")),
        why_unusable="private" if is_private else "empty" if is_empty else None,
    )


def _licenses(data: Any) -> tuple[License, ...]:
    """The one licence, by its key or else by its name; () where GitLab found none."""
    words = [text(field(data, "key")), text(field(data, "name"))]
    found = [detected_license(word) for word in words if word is not None]
    known = [one for one in found if one.spdx != NOASSERTION]
    return tuple((known or found)[:1])


def parse_commit(data: Any) -> str | None:
    """The hash of a commit."""
    return sha_in(data, "id")


def next_page(link_header: str, base_url: str) -> str | None:
    """Where the listing goes on; None at its end, and for an address that is not this API's."""
    found = _NEXT.search(link_header[:10_000])
    return found[1] if found and found[1].startswith(f"{base_url}/") else None


def is_full_name(value: Any) -> bool:
    """True for `group/name`, with any subgroups between."""
    return isinstance(value, str) and len(value) <= 1000 and _FULL_NAME.fullmatch(value) is not None


def full_name_in(url: str) -> str | None:
    """The project of a page on gitlab.com, or of any page below it; None for the site's other pages."""
    path = (path_in(url, _HOST, _SITE_PAGES) or "").partition("/-/")[0].strip("/").removesuffix(".git")
    return path if is_full_name(path) else None
