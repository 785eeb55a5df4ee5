"""The repositories of a replayed forge: their facts, their contents' form, and the tarball of one.

What files there are is `tests.replay.repository_files`' business.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

__all__ = ["LICENSES", "Content", "Expected", "Repo", "pushed_at", "tarball_of"]

LICENSES: Mapping[str, tuple[str, str, str, int]] = {
    "mit": ("MIT", "MIT License", "MIT", 36),
    "gpl-3.0": ("GPL-3.0", "GNU General Public License v3.0", "GPL-3.0-only", 26),
    "cc0-1.0": ("CC0-1.0", "Creative Commons Zero v1.0 Universal", "CC0-1.0", 8),
    "cc-by-sa-4.0": ("CC-BY-SA-4.0", "Creative Commons Attribution Share Alike 4.0 International", "CC-BY-SA-4.0", 8),
    "apache-2.0": ("Apache-2.0", "Apache License 2.0", "Apache-2.0", 6),
    "bsd-2-clause": ("BSD-2-Clause", 'BSD 2-Clause "Simplified" License', "BSD-2-Clause", 5),
    "lgpl-2.1": ("LGPL-2.1", "GNU Lesser General Public License v2.1", "LGPL-2.1-only", 5),
    "unlicense": ("Unlicense", "The Unlicense", "Unlicense", 3),
    "cc-by-4.0": ("CC-BY-4.0", "Creative Commons Attribution 4.0 International", "CC-BY-4.0", 3),
}
"""GitHub's key → (its SPDX id, its name, what the row must say, share in percent)."""

_FIRST_PUSH = datetime(2025, 1, 1, tzinfo=UTC)
_BOMB_BYTES = 3 << 30
_BLOCK_BYTES = 64 << 20


@dataclass(frozen=True)
class Expected:
    """One row that a repository must give."""

    path: str | None
    title: str | None
    description: str | None
    kind: str
    license: str
    author: str | None
    scad: str | None


@dataclass
class Repo:
    number: int
    owner: str
    name: str
    license_key: str | None
    """GitHub's; None: it shows no licence."""
    created: datetime
    description: str | None = None
    quirk: str = ""
    """What is odd about it; "": nothing."""
    generation: int = 0
    """Goes up with every push."""
    size_kb: int = 120
    is_gone: bool = False
    listed_key: str | None = None
    """The licence under which the search lists it, where that is another than it shows."""

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def commit(self) -> str:
        return hashlib.sha1(f"{self.number} {self.generation}".encode()).hexdigest()

    @property
    def spdx(self) -> str:
        return LICENSES[self.license_key][2] if self.license_key and self.license_key in LICENSES else "NOASSERTION"


@dataclass
class Content:
    """The files of a repository at one commit."""

    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """Name → (tar's type of link, what it points at)."""
    expected: list[Expected] = field(default_factory=list)
    is_bomb: bool = False
    """The archive goes on with 3 GiB of zeros, in 3 MB."""


def pushed_at(repo: Repo) -> str:
    return (_FIRST_PUSH + timedelta(hours=repo.number % 5000, days=repo.generation)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tarball_of(repo: Repo, content: Content) -> bytes:
    """A gzipped tar as the forge packs it: one top folder, a pax header with the commit."""
    top = f"{repo.owner}-{repo.name}-{repo.commit[:7]}"
    plain = io.BytesIO()
    tar = tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": repo.commit})  # noqa: SIM115
    folder = tarfile.TarInfo(top)
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    tar.addfile(folder)
    for name, body in content.files.items():
        member = tarfile.TarInfo(name if name.startswith("/") else f"{top}/{name}")
        member.size, member.mode = len(body), 0o644
        tar.addfile(member, io.BytesIO(body))
    for name, (kind, target) in content.links.items():
        member = tarfile.TarInfo(f"{top}/{name}")
        member.type, member.linkname = kind, target
        tar.addfile(member)
    if content.is_bomb:
        member = tarfile.TarInfo(f"{top}/zeros.scad")
        member.size = _BOMB_BYTES
        return gzip.compress(plain.getvalue() + member.tobuf()) + _zeros() * (_BOMB_BYTES // _BLOCK_BYTES)
    tar.close()
    return gzip.compress(plain.getvalue(), 6)


@cache
def _zeros() -> bytes:
    return gzip.compress(bytes(_BLOCK_BYTES), 6)
