"""The few things a store asks of the place it lies in, and a local folder that does them; S3 is `corpus.store_s3`.

A file appears whole or not at all. Paths are relative to the root, with "/". Expected failures are FileNotFoundError,
FileExistsError and other OSErrors, whatever the place.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

import pyarrow as pa

__all__ = ["Confirm", "Entry", "Files", "LocalFiles", "is_remote"]

_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Confirm(Protocol):
    def __call__(self) -> None:
        """Raises OSError if the table's lock was lost meanwhile."""


@dataclass(frozen=True)
class Entry:
    name: str
    n_bytes: int
    modified: float
    """Seconds since 1970, by the clock of the place."""


class Files(Protocol):
    def url(self, path: str) -> str:
        """What another program opens it by."""

    def list(self, folder: str) -> list[Entry]:
        """The files right below a folder; none if it isn't there."""

    def read(self, path: str) -> bytes: ...

    def open(self, path: str, n_bytes: int | None) -> Any:
        """For pyarrow, seekable; the size if it is known."""

    def spool(self, table: str) -> AbstractContextManager[IO[bytes]]:
        """A file to write to, that nobody reads; `keep` it before the end, or it is gone. Needs the table's lock."""

    def keep(self, spooled: IO[bytes], path: str) -> None:
        """What was spooled appears under its name, in place of what had it."""

    def create(self, path: str, content: bytes) -> None:
        """Raises FileExistsError if another file has the name."""

    def remove(self, path: str) -> None: ...

    def lock(self, table: str) -> AbstractContextManager[Confirm]:
        """Waits for the table's writer lock, holds it, and gives what confirms that it is still held."""

    def advice(self, error: OSError) -> str:
        """What went wrong with writing, and what to do."""


def is_remote(root: str | Path) -> bool:
    return "://" in str(root) and not str(root).startswith("file://")


class LocalFiles:
    """A folder. The lock is the operating system's: gone with its process, whatever ended it."""

    def __init__(self, root: str | Path) -> None:
        text = str(root)
        self._root = Path(unquote(urlsplit(text).path) if text.startswith("file://") else text).resolve()

    def url(self, path: str) -> str:
        return str(self._root / path)

    def list(self, folder: str) -> list[Entry]:
        entries = []
        try:
            with os.scandir(self._root / folder) as found:
                for entry in found:
                    if entry.is_file():
                        entries.append(Entry(entry.name, entry.stat().st_size, entry.stat().st_mtime))
        except FileNotFoundError:
            return entries  # the folder, or a file that went while we looked
        return entries

    def read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def open(self, path: str, n_bytes: int | None) -> Any:
        return pa.OSFile(str(self._root / path))

    @contextmanager
    def spool(self, table: str) -> Iterator[IO[bytes]]:
        """One name a table, since there is one writer: a killed one leaves one file, which the next overwrites."""
        path = self._root / table / ".new"
        try:
            with path.open("wb+") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def keep(self, spooled: IO[bytes], path: str) -> None:
        """Outlives a power cut: fsync the file, rename, fsync the folder."""
        spooled.flush()
        os.fsync(spooled.fileno())
        target = self._root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(spooled.name).replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def create(self, path: str, content: bytes) -> None:
        if (self._root / path).exists():  # nobody can come between: the caller holds the lock
            raise FileExistsError(errno.EEXIST, "exists already", str(self._root / path))
        with self.spool(path.split("/")[0]) as file:
            file.write(content)
            self.keep(file, path)

    def remove(self, path: str) -> None:
        (self._root / path).unlink(missing_ok=True)

    @contextmanager
    def lock(self, table: str) -> Iterator[Confirm]:
        folder = self._root / table
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lambda: None

    def advice(self, error: OSError) -> str:
        if error.errno in _FULL_DISK:
            return f"no space left under {self._root}; free some and run the same command, nothing is lost"
        return f"can't write under {self._root} ({error.strerror or error})"
