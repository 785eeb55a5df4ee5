"""A repository's tarball -> a temporary folder of the files that tell about designs. Trusts nothing in it.

Covers untrusted archives: no link is made, nothing lands outside the folder, and sizes are capped before memory or
disk is spent. What the files say is `spiders.repository`'s business.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

__all__ = ["ArchiveError", "Unpacked", "unpacked"]

_PREFIX = "cad-copilot-archive-"
_STALE_SECONDS = 3600.0
"""A folder this old was left by a killed process: unpacking and reading one takes seconds."""
_HEADER_BYTES = 1 << 20
"""The most that may stand between two members: tarfile reads a long name or a comment into memory whole."""
_MAX_NAME_BYTES = 1000
_MAX_DEPTH = 40
_MAX_PROBLEMS = 20
_COPY_BYTES = 64 * 1024
_WANTED_NAME = re.compile(r"(?i)^(readme|licen[sc]e|copying|unlicense)([.\-_].*)?$")
# What OpenSCAD includes, imports or reads as text beside .scad; a mesh is no text worth a row.
_COMPANION_SUFFIXES = frozenset((".csv", ".dat", ".dxf", ".inc", ".json", ".svg", ".txt"))
_DOCS_FOLDERS = frozenset(("doc", "docs", "documentation"))


class ArchiveError(ValueError):
    """The bytes are no whole gzipped tar; one line."""


@dataclass(frozen=True)
class Unpacked:
    """An archive's files on the disk, for as long as the `with` block lasts."""

    root: Path
    """The archive's single top folder (owner-repo-sha/), or the temporary folder itself."""
    n_files: int
    problems: tuple[str, ...]
    """What was left out against the rules, one line each."""


class _CapReached(Exception):
    """The archive goes on beyond what may be read of it; what came before is kept."""


@contextmanager
def unpacked(
    body: bytes, *, max_members: int = 50_000, max_total_bytes: int = 512 << 20, max_member_bytes: int = 4 << 20
) -> Iterator[Unpacked]:
    """The files of a gzipped tar that matter, in a folder that is gone after the block whatever happens.

    `max_total_bytes` counts the unzipped archive, written or not. Where a cap stops the reading, a problem says so and
    the files before it are there. Raises ArchiveError for bytes that are no whole gzipped tar.
    """
    _sweep_stale()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
        unpacking = _Unpacking(Path(folder), max_members, max_member_bytes)
        unpacking.read(body, max_total_bytes)
        if unpacking.n_links:
            unpacking.problems.append(f"links and special files: {unpacking.n_links} of them")
        yield Unpacked(unpacking.root(), unpacking.n_files, tuple(unpacking.problems))


@dataclass
class _CappedReader:
    """The unzipped bytes, as far as they are allowed."""

    file: IO[bytes]
    max_total_bytes: int
    n_read: int = 0
    n_allowed: int = _HEADER_BYTES

    def allow(self, n_more: int) -> None:
        """Let the next member's bytes be read: `n_more`, and its header."""
        self.n_allowed = min(self.n_read + n_more + _HEADER_BYTES, self.max_total_bytes)

    def read(self, size: int) -> bytes:
        if self.n_read >= self.n_allowed:
            is_total = self.n_allowed >= self.max_total_bytes
            what = f"it unzips to more than {self.max_total_bytes} bytes" if is_total else "a header has no end"
            raise _CapReached(what)
        data = self.file.read(size)
        self.n_read += len(data)
        return data


@dataclass
class _Unpacking:
    folder: Path
    max_members: int
    max_member_bytes: int
    n_files: int = 0
    n_links: int = 0
    problems: list[str] = field(default_factory=list)
    tops: set[str] = field(default_factory=set)

    def root(self) -> Path:
        top = self.folder / next(iter(self.tops)) if len(self.tops) == 1 else self.folder
        return top if top.is_dir() else self.folder

    def read(self, body: bytes, max_total_bytes: int) -> None:
        """Take every wanted member, until the end or a cap."""
        reader = _CappedReader(gzip.GzipFile(fileobj=BytesIO(body)), max_total_bytes)  # type: ignore[arg-type]
        try:
            # as a stream, read once: neither the unzipped bytes nor their headers add up in memory
            with tarfile.open(fileobj=reader, mode="r|") as archive:  # type: ignore[call-overload]
                self._take_all(archive, reader)
        except _CapReached as cap:
            self._note("the archive", f"{cap}; the rest is left out")
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, OverflowError) as error:
            what = " ".join(str(error).split()) or type(error).__name__
            raise ArchiveError(f"not a whole .tar.gz ({what})") from error
        except OSError as error:
            raise ArchiveError(f"can't be unpacked ({error.strerror or error})") from error

    def _take_all(self, archive: tarfile.TarFile, reader: _CappedReader) -> None:
        n_members = 0
        while (member := archive.next()) is not None:
            n_members += 1
            if n_members > self.max_members:
                raise _CapReached(f"it has more than {self.max_members} members")
            reader.allow(member.size)
            self._take(archive, member)
            archive.members.clear()  # type: ignore[attr-defined]  # it keeps every header it has read

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Write one member, if it is a plain file of a wanted kind within the folder."""
        parts = _safe_parts(member.name)
        if parts is None:
            self._note(member.name, "it points outside the archive or its name is too long")
            return
        if parts:
            self.tops.add(parts[0])
        if not member.isreg() or member.issparse():
            self.n_links += not member.isdir()
            return
        if not _is_wanted(PurePosixPath(*parts)):
            return
        try:
            tarfile.data_filter(member, str(self.folder))
            self._write(archive, member, self.folder.joinpath(*parts))
        except tarfile.FilterError as error:
            self._note(member.name, str(error))
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            self._note(member.name, "a file stands where a folder should, or the other way round")

    def _write(self, archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
        is_too_large = member.size > self.max_member_bytes
        if is_too_large and path.suffix.lower() != ".scad":
            self._note(member.name, f"larger than {self.max_member_bytes} bytes")
            return
        content = archive.extractfile(member)
        if content is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            if is_too_large:
                file.truncate(self.max_member_bytes + 1)  # all holes: it is known, and no text to take for a design
            else:
                shutil.copyfileobj(content, file, _COPY_BYTES)
        self.n_files += 1

    def _note(self, where: str, what: str) -> None:
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(" ".join(f"{where[:200]}: {what}".split()))


def _safe_parts(name: str) -> tuple[str, ...] | None:
    """The name's parts; None for one that leads outside, or is longer or deeper than any real one."""
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    is_odd = name.startswith("/") or ".." in parts or "\0" in name or "\\" in name
    is_long = len(name.encode("utf-8", "surrogateescape")) > _MAX_NAME_BYTES or len(parts) > _MAX_DEPTH
    is_long |= any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts)
    return None if is_odd or is_long else parts


def _is_wanted(path: PurePosixPath) -> bool:
    suffix = path.suffix.lower()
    if suffix == ".scad" or suffix in _COMPANION_SUFFIXES or _WANTED_NAME.match(path.name):
        return True
    return suffix in (".md", ".markdown") and any(part.lower() in _DOCS_FOLDERS for part in path.parts[:-1])


@cache
def _sweep_stale() -> None:
    """Remove, once a process, what a killed process left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            stale = folder.lstat()
            is_ours = stale.st_uid == os.getuid() and time.time() - stale.st_mtime > _STALE_SECONDS
        except OSError:
            continue  # another process was quicker
        if is_ours:
            shutil.rmtree(folder, ignore_errors=True)
