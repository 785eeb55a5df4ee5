"""Seeds: designs that one site only points at, left for the spider of the site that has them.

openscad.org's gallery and library list name repositories and things elsewhere. Its spider adds them to one JSONL file;
the spiders of GitHub, Codeberg and Thingiverse read those of their host. A seed is never removed: the site it points
at says whether it still exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Seed", "SeedFile"]


@dataclass(frozen=True)
class Seed:
    url: str
    """Of the design or repository, on its own site."""
    title: str | None
    discovered_via: str
    """The page that points at it."""


class SeedFile:
    """The seeds found so far. `path=None` keeps none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = {seed.url for seed in self.seeds()}

    def add(self, seed: Seed) -> bool:
        """Write the seed down if its URL is new; True if it was."""
        if seed.url in self._known or self._path is None:
            return False
        self._known.add(seed.url)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(asdict(seed)))  # the line break first: a torn line spoils no other
        return True

    def seeds(self, *hosts: str) -> Iterator[Seed]:
        """Those of these hosts (of all without any named), in the order found; a line torn by a kill is left out."""
        if self._path is None or not self._path.is_file():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                seed = Seed(**json.loads(line))
                host = urlsplit(seed.url).hostname or ""
            except (ValueError, TypeError, AttributeError):
                continue  # torn by a kill, or no address at all: a seed is a stranger's word
            if not hosts or host.removeprefix("www.") in hosts:
                yield seed
