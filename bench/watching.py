"""Looking at another process while it runs: its memory, its CPU time, the lines of the file it writes."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil


@dataclass
class LineCount:
    """The lines of a file that grows."""

    path: Path
    n_lines: int = 0
    n_bytes: int = 0

    def now(self) -> int:
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self.n_bytes)
                new = file.read()
            self.n_bytes += len(new)
            self.n_lines += new.count(b"\n")
        return self.n_lines


@dataclass
class Watched:
    """A process that came to its end."""

    seconds: float
    cpu_seconds: float = 0.0
    max_mb: float = 0.0
    samples: list[tuple[int, float]] = field(default_factory=list)
    """(rows, resident MB)."""


def watch(process: subprocess.Popen[str], rows: Path | None = None, every: int = 1) -> Watched:
    """Look at the process every 20 ms until it ends; take down its memory each so many rows."""
    watched, own = Watched(time.perf_counter()), psutil.Process(process.pid)
    lines = LineCount(rows) if rows else None
    while process.poll() is None:
        try:
            with own.oneshot():
                mb, cpu = own.memory_info().rss / 1e6, own.cpu_times()
        except psutil.NoSuchProcess:
            break
        watched.cpu_seconds = max(watched.cpu_seconds, cpu.user + cpu.system)
        watched.max_mb = max(watched.max_mb, mb)
        n_rows = lines.now() if lines else 0
        if n_rows >= (1 + len(watched.samples)) * every:
            watched.samples.append((n_rows, mb))
        time.sleep(0.02)
    watched.seconds = time.perf_counter() - watched.seconds
    return watched
