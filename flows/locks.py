"""Locks between threads and processes: a file each, held by the operating system, gone with their holder."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LockHeld", "locked"]

_POLL_SECONDS = 0.05


class LockHeld(RuntimeError):
    """Another process or thread holds the lock; one line."""


@contextmanager
def locked(path: Path, *, wait_seconds: float | None = None, stop: threading.Event | None = None) -> Iterator[int]:
    """Holds the lock of a file until the block ends; waits for it, for good without a number, or until `stop` is set.

    Gives the open descriptor: a child process that inherits it holds the lock too, and keeps it should this process be
    killed. Raises LockHeld.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                is_late = wait_seconds is not None and time.monotonic() - started >= wait_seconds
                if is_late or (stop is not None and stop.is_set()):
                    raise LockHeld(f"{path} is held by another process") from None
                time.sleep(_POLL_SECONDS)
        yield file.fileno()
