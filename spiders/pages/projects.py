"""A repository as a forge's API shows it, whichever forge that is.

Pure. `spiders.pages.github`, `gitlab` and `codeberg` read it out of answers; `spiders.sites` takes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from corpus.licenses import NOASSERTION
from corpus.schema import Author, RepoInfo
from spiders.items import License, listed_license
from spiders.pages.fields import field
from spiders.repository import RepoFacts

__all__ = ["Project", "branch_of", "detected_license", "is_sha", "owner_and_name_in", "path_in", "sha_in"]

_BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\#]{1,250}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True)
class Project:
    host: str
    full_name: str
    """With every group that it lies in: `owner/name`, `group/subgroup/name`."""
    name: str
    description: str | None
    default_branch: str | None
    """None where there is no commit yet, or the forge tells none that git would take."""
    licenses: tuple[License, ...] | None
    """Those that the forge found in the repository; None where it doesn't tell: the files may."""
    owner: Author
    topics: tuple[str, ...]
    created_at: str | None
    changed_at: str | None
    size_kb: int | None
    """Of the whole history; None where the forge doesn't tell."""
    n_stars: int | None
    is_fork: bool | None
    parent_url: str | None
    why_unusable: str | None
    """private | disabled | empty: not to be taken whatever else it says."""

    @property
    def item_id(self) -> str:
        """One string a repository: forges take names in any case."""
        return self.full_name.lower()

    @property
    def license(self) -> License:
        """The one of the whole repository; of several, none is: which holds for a file, only the files tell."""
        found = self.licenses or ()
        if len(found) == 1:
            return found[0]
        return License(raw=", ".join(one.raw for one in found if one.raw) or None, scope="repo" if found else None)

    @property
    def web_url(self) -> str:
        return f"https://{self.host}/{self.full_name}"

    def facts(self, commit: str | None) -> RepoFacts:
        return RepoFacts(
            repo=RepoInfo(host=self.host, full_name=self.full_name, commit=commit, stars=self.n_stars),
            web_url=self.web_url,
            description=self.description,
            license=self.license,
            author=self.owner,
            tags=self.topics,
            created_at=self.created_at,
            modified_at=self.changed_at,
            is_fork=self.is_fork,
            ancestors=(self.parent_url,) if self.parent_url else (),
        )


def branch_of(value: Any) -> str | None:
    """A branch's name; None for anything that git would not take as one."""
    return value if isinstance(value, str) and _BRANCH.fullmatch(value) else None


def sha_in(data: Any, *names: str) -> str | None:
    """The hash of a commit under these names; None for anything else."""
    value = field(data, *names)
    return value if is_sha(value) else None


def is_sha(value: Any) -> bool:
    """True for the whole hash of a commit, in lower case."""
    return isinstance(value, str) and _SHA.fullmatch(value) is not None


def detected_license(words: str | None) -> License:
    """What a forge calls a licence. It compares files with texts that it knows: that is detected, not declared."""
    found = listed_license(words, scope="repo")
    return replace(found, confidence="detected") if found.spdx != NOASSERTION else found


def path_in(url: str, host: str, site_pages: Collection[str]) -> str | None:
    """The path of a page on this host; None for another host, and where the first word is one of the site's own."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = parts.path.strip("/")
    is_here = (parts.hostname or "").removeprefix("www.") == host
    return path if is_here and path.partition("/")[0].lower() not in site_pages else None


def owner_and_name_in(url: str, host: str, site_pages: Collection[str]) -> str | None:
    """`owner/name`, the first two words of the path of a page on this host; None as in `path_in`."""
    path = path_in(url, host, site_pages)
    if path is None:
        return None
    owner, _, rest = path.partition("/")
    return f"{owner}/{rest.partition('/')[0].removesuffix('.git')}"
