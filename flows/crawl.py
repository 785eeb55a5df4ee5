"""One crawl: a spider in a process of its own, watched until it ends. Its rows stay in its folder (`flows.take_in`)."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.crawl_folders import CrawlFolder, Crawls
from flows.settings import TOKEN_NAMES, Settings, child_environment
from spiders.known import KNOWN_SPIDERS
from spiders.sources import Source

__all__ = ["CrawlEnd", "CrawlOptions", "crawl"]

_POLL_SECONDS = 0.25
_GRACE_SECONDS = 45.0  # a spider told to stop ends its requests in flight first, 30 s each at most


@dataclass(frozen=True)
class CrawlOptions:
    """What a person asks of one run."""

    limit: int | None = None
    """Designs a spider takes at most; None: as sources.yaml says."""
    since: str | None = None
    """A day, YYYY-MM-DD: designs unchanged since then are left out."""
    is_afresh: bool = False
    """Forget what the source was found to hold, so that it is asked for everything again."""


@dataclass(frozen=True)
class CrawlEnd:
    """How a spider's process ended."""

    folder: CrawlFolder
    exit_code: int
    line: str
    """Its last word."""
    seconds: float


def crawl(
    settings: Settings,
    source: Source,
    *,
    options: CrawlOptions,
    lock: int,
    stop: threading.Event,
    on_rows: Callable[[int], None],
) -> CrawlEnd:
    """Runs one spider to its end. A failing site is a value, not an error.

    `lock`: the descriptor of the source's lock, which the process inherits. `stop`: set to end the spider early.
    `on_rows` hears how many rows came since it last heard.
    """
    crawls = Crawls(settings.data_dir / "crawls")
    folder = crawls.new(source.name)
    started = time.monotonic()
    with _spider_arguments(settings, source) as (arguments, has_state):
        command = [sys.executable, "-m", "flows.spider_process", source.name]
        command += ["--output", str(folder.rows), "--stats", str(folder.stats_file), "--log", str(folder.scrapy_log)]
        command += ["--state-dir", str(crawls.state_dir)] if has_state else []
        command += ["--sources", settings.sources_file] if settings.sources_file else []
        command += ["--contact", settings.contact] if settings.contact else []
        command += [part for key, value in arguments.items() for part in ("-a", f"{key}={value}")]
        command += ["--limit", str(limit)] if (limit := _limit(settings, source, options)) else []
        command += ["--since", options.since] if options.since and source.spider.has_dates else []
        with (
            folder.last_words.open("w") as last_words,
            subprocess.Popen(
                command,
                env=_environment(settings, source.name),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=last_words,
                pass_fds=(lock,),
                process_group=0,  # Ctrl-C reaches it through us, once: Scrapy takes a second one for impatience
            ) as process,
        ):
            _watch(process, folder.rows, stop, on_rows)
    code = process.returncode
    line = _last_line(folder, source.name) if code >= 0 else f"killed by signal {-code}; its rows so far are whole"
    return CrawlEnd(folder, code, line, time.monotonic() - started)


@contextlib.contextmanager
def _spider_arguments(settings: Settings, source: Source) -> Iterator[tuple[dict[str, str], bool]]:
    """(`-a` arguments, is a state kept?). Serves the sample site while the gallery spider runs, unless it has another.

    No state for the sample site: its port, and so every URL, is another each time.
    """
    if source.name == "gallery" and not (settings.gallery_url or source.options.get("base_url")):
        from spiders.sample_site.server import serve

        with serve() as base_url:
            yield {"base_url": base_url}, False
    elif source.name == "gallery" and settings.gallery_url:
        yield {"base_url": settings.gallery_url}, True
    elif source.name == "local" and settings.local_path:
        yield {"folder": settings.local_path}, True
    else:
        yield {}, True


def _limit(settings: Settings, source: Source, options: CrawlOptions) -> int | None:
    """The command's word, else that of sources.yaml, else BOSL2's own setting; None for all."""
    own = settings.bosl2_limit if source.name == "bosl2" else None
    return options.limit or source.limit or own or None


def _environment(settings: Settings, name: str) -> dict[str, str]:
    """This process's environment without the credentials of other sites."""
    foreign = set(TOKEN_NAMES) - set(KNOWN_SPIDERS[name].tokens)
    return {key: value for key, value in child_environment(settings).items() if key not in foreign}


def _watch(process: subprocess.Popen[bytes], rows: Path, stop: threading.Event, on_rows: Callable[[int], None]) -> None:
    """Until the process has ended: counts its rows, and ends it when `stop` is set. Nothing of it is left behind."""
    n_read_bytes, told_seconds = 0, 0.0
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_POLL_SECONDS)
            n_rows, n_read_bytes = _count_from(rows, n_read_bytes)
            on_rows(n_rows)
            if process.returncode is not None:
                return
            if stop.is_set() and not told_seconds:
                process.send_signal(signal.SIGINT)
                told_seconds = time.monotonic()
            elif told_seconds and time.monotonic() - told_seconds > _GRACE_SECONDS:
                process.kill()
    finally:
        process.kill()  # does nothing to a process that has ended


def _count_from(path: Path, start: int) -> tuple[int, int]:
    """(whole lines after a byte of a growing file, the byte to go on from)."""
    if not path.exists():
        return 0, start
    n_lines = 0
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(1 << 20):
            n_lines += chunk.count(b"\n")
        return n_lines, file.tell()


def _last_line(folder: CrawlFolder, source: str) -> str:
    """The last line of standard error, without the names that its reader knows."""
    lines = folder.last_words.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("spiders.run: ").removeprefix(f"{source}: ") if lines else "it said nothing"
