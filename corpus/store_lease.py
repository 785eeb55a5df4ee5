"""A lock in a place that only knows "write if nothing is there" and "write if it is still what I read".

The lock is one small object: who holds it, for how many seconds, and how often it was renewed. Its holder renews it
three times a lease; who waits takes it over once it has stood still for a whole lease by the waiter's own clock, so
clocks of two machines are never compared. A holder that was stopped for longer finds its lock lost when it confirms.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Protocol

__all__ = ["LeaseLost", "Slot", "leased"]

logger = logging.getLogger(__name__)


class LeaseLost(OSError):
    """Another writer has taken the lock over, or nobody could be asked for a whole lease."""


class Slot(Protocol):
    """Where the lock's object lies."""

    def get(self) -> tuple[bytes, str] | None:
        """Content and etag; None if there is nothing."""

    def put(self, content: bytes, *, if_match: str | None) -> str | None:
        """The new etag; None if what is there has another one (for None: if anything is there)."""


@dataclass(frozen=True)
class _State:
    holder: str | None
    """None: free."""
    place: str
    lease_seconds: float
    n_renewals: int = 0
    is_checked: bool = False
    """The server was seen to heed conditions."""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()


class _Lease:
    def __init__(self, slot: Slot, seconds: float) -> None:
        self._slot = slot
        self._state = _State(uuid.uuid4().hex, f"{socket.gethostname()} process {os.getpid()}", seconds)
        self._etag = ""
        self._renewed_at = 0.0
        self._is_ending = threading.Event()
        self._turn = threading.Lock()
        """The thread that renews and the caller who confirms take turns."""

    def acquire(self) -> None:
        seen, seen_at = "", 0.0
        while True:
            asked_at = time.monotonic()
            state, other = self._get()
            if state is not None and state.holder == self._state.holder:  # by a request whose answer was lost
                self._etag, self._renewed_at = other, asked_at
                break
            if other != seen:
                seen, seen_at = other, time.monotonic()
                if state is not None and state.holder:
                    logger.info("waiting for %s, which writes the same table", state.place)
            if state is not None and state.holder and time.monotonic() - seen_at < state.lease_seconds:
                time.sleep(min(1.0, state.lease_seconds / 10))
                continue
            self._state = replace(self._state, is_checked=state is not None and state.is_checked)
            etag = self._slot.put(self._state.to_json(), if_match=other or None)
            if etag is not None:
                self._etag, self._renewed_at = etag, asked_at
                break
        if not self._state.is_checked:
            self._check_conditions()

    def _get(self) -> tuple[_State | None, str]:
        found = self._slot.get()
        return (_State(**json.loads(found[0])), found[1]) if found else (None, "")

    def _check_conditions(self) -> None:
        """A server that writes whatever the condition would let two writers in. Asked once for each lock."""
        for condition in (None, '"00000000000000000000000000000000"'):
            if self._slot.put(self._state.to_json(), if_match=condition) is not None:
                raise OSError("this server ignores If-None-Match or If-Match, so one writer at a time can't be kept")
        self._state = replace(self._state, is_checked=True)
        self.renew()

    def renew(self) -> None:
        """Raises LeaseLost; other OSErrors if the place doesn't answer."""
        with self._turn:
            asked_at = time.monotonic()
            if asked_at - self._renewed_at > self._state.lease_seconds:
                raise LeaseLost("the lock was not renewed in time")
            self._state = replace(self._state, n_renewals=self._state.n_renewals + 1)
            etag = self._slot.put(self._state.to_json(), if_match=self._etag)
            while etag is None:  # another's, or ours and an answer was lost
                state, self._etag = self._get()
                if state is None or state.holder != self._state.holder:
                    raise LeaseLost("another writer has taken the lock over")
                is_written = state == self._state
                etag = self._etag if is_written else self._slot.put(self._state.to_json(), if_match=self._etag)
            self._etag, self._renewed_at = etag, asked_at

    def keep_renewing(self) -> None:
        while not self._is_ending.wait(self._state.lease_seconds / 3):
            try:
                self.renew()
            except LeaseLost:
                return  # the caller finds out when it confirms
            except OSError as error:
                logger.warning("the lock could not be renewed, trying again: %s", error)

    def release(self) -> None:
        self._is_ending.set()
        with self._turn:
            try:
                self._slot.put(replace(self._state, holder=None).to_json(), if_match=self._etag)
            except OSError as error:
                logger.warning("the lock was left to expire: %s", error)


@contextmanager
def leased(slot: Slot, *, seconds: float) -> Iterator[_Lease]:
    """Waits for the lock, holds and renews it. What has no second chance is done after `renew()`."""
    lease = _Lease(slot, seconds)
    lease.acquire()
    renewing = threading.Thread(target=lease.keep_renewing, name="lease", daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        lease.release()
        renewing.join()
