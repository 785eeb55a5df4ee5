"""The `github_repos` spider: repositories named one by one, and those that other sites point at."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from spiders.items import License, listed_license
from spiders.pages.github import full_name_in, is_full_name
from spiders.pages.projects import is_sha
from spiders.repository import EXTRACTS
from spiders.sites.base import SpiderUsageError
from spiders.sites.files import Found
from spiders.sites.github import GITHUB_API, GithubSpider, Wish
from spiders.sites.options import parse_switch, parse_words

__all__ = ["GithubReposSpider"]

_KEYS = ("name", "commit", "extracts", "exclude", "license", "reason")


class GithubReposSpider(GithubSpider):
    """`-a repos=owner/name,owner/name`; in YAML (or as JSON) also mappings with a commit and what to take.

    `-a seeds=true`: also the repositories that openscad.org names. `-a max_archive_mb=N`: the largest tarball taken.
    """

    name = "github_repos"

    def __init__(
        self,
        *,
        repos: Sequence[Any] | str = (),
        seeds: bool | str = False,
        base_url: str = GITHUB_API,
        max_archive_mb: int | str = 256,
        run_id: str | None = None,
        limit: int | str | None = None,
        since: str | None = None,
    ) -> None:
        super().__init__(base_url=base_url, max_archive_mb=max_archive_mb, run_id=run_id, limit=limit, since=since)
        self.wishes = {wish.full_name.lower(): wish for wish in _wishes(repos)}
        self.takes_seeds = parse_switch("seeds", seeds)

    async def start(self) -> AsyncIterator[Any]:
        if self.takes_seeds:
            self.wishes = {**dict(self._seeded()), **self.wishes}
        if not self.wishes:
            self.note_absence("no repository is named: list some under `repos`, or let openscad_org find seeds")
        for wish in self.wishes.values():
            yield self.ask_repository(wish)

    def wish_of(self, item_id: str, found: Found) -> Wish:
        """As it is listed; one that no list names any more is taken like a seed."""
        return self.wishes.get(item_id) or Wish(item_id, found)

    def _seeded(self) -> Iterator[tuple[str, Wish]]:
        for seed in self.seed_file.seeds("github.com"):
            full_name = full_name_in(seed.url)
            if full_name is not None:
                yield full_name.lower(), Wish(full_name, Found(seed.discovered_via))


def _wishes(repos: Sequence[Any] | str) -> Iterator[Wish]:
    """The repositories of the option. Raises SpiderUsageError for one that is not described rightly."""
    if isinstance(repos, str) and repos.lstrip().startswith("["):
        try:
            repos = json.loads(repos)
        except ValueError as error:
            raise SpiderUsageError(f"repos is not JSON ({error})") from None
    entries = parse_words("repos", repos) if isinstance(repos, str) else repos
    if not isinstance(entries, list | tuple):
        raise SpiderUsageError(f"repos={repos!r} is not a list of `owner/name`")
    for entry in entries:
        yield _wish(entry if isinstance(entry, dict) else {"name": entry})


def _wish(entry: Mapping[str, Any]) -> Wish:
    name, commit = entry.get("name"), entry.get("commit")
    if unknown := sorted(str(key) for key in entry if key not in _KEYS):
        raise SpiderUsageError(f"repos: {name}: unknown {unknown[0]!r}; known: {', '.join(_KEYS)}")
    if not is_full_name(name):
        raise SpiderUsageError(f"repos: {name!r} is not `owner/name`")
    if commit is not None and not is_sha(commit):
        raise SpiderUsageError(f"repos: {name}: commit {commit!r} is not a whole hash of 40 hex digits in quotes")
    extracts = parse_words(f"repos: {name}: extracts", entry.get("extracts", EXTRACTS[:1]))
    if not extracts or not set(extracts) <= set(EXTRACTS):
        raise SpiderUsageError(f"repos: {name}: extracts {entry['extracts']!r}; known: {', '.join(EXTRACTS)}")
    return Wish(
        full_name=str(name),
        found=Found("named in repos"),
        commit=commit,
        extracts=extracts,
        exclude=parse_words(f"repos: {name}: exclude", entry.get("exclude")),
        license=_license(str(name), entry.get("license"), entry.get("reason")),
        needs_license=False,
    )


def _license(name: str, spdx: Any, reason: Any) -> License | None:
    """A licence that whoever wrote the list vouches for."""
    if spdx is None:
        return None
    found = listed_license(str(spdx), scope="repo")
    if found.spdx == "NOASSERTION":
        raise SpiderUsageError(f"repos: {name}: license {spdx!r} is no known SPDX id")
    if not isinstance(reason, str) or not reason.strip():
        raise SpiderUsageError(f"repos: {name}: say in `reason` how license {spdx} is known")
    return License(raw=f"{found.spdx}: {reason.strip()}", spdx=found.spdx, scope="repo", confidence="assumed")
