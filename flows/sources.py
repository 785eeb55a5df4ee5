"""Which sources a crawl asks, which are off and why, and what each has given so far.

Covers the choice and the report; `spiders.sources` reads sources.yaml, `flows.collect` runs the crawls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.crawl_folders import CrawlFolder, Crawls
from flows.settings import PREFIX, Settings, has_token
from spiders.known import KNOWN_SPIDERS
from spiders.settings import is_loopback_url
from spiders.sources import Source, SourcesFile, load_sources

__all__ = [
    "LastRun",
    "SourceOff",
    "SourceStatus",
    "choose_sources",
    "failures",
    "sources_file",
    "summary_line",
    "survey",
    "words_for",
]

_CONTACT = f"{PREFIX}CONTACT"
_EXIT_WORDS = {
    0: "done",
    1: "a fault of ours",
    2: "wrong usage",
    3: "the site did not answer",
    4: "the site does not want it",
    5: "a file or lock was in the way",
    130: "interrupted",
}


class SourceOff(ValueError):
    """A source was named that can't run here; one line, with the next step."""


@dataclass(frozen=True)
class LastRun:
    """The newest crawl of a source."""

    started_at: str
    """ISO-8601, UTC."""
    exit_code: int | None
    """None: it still runs, or was killed."""
    outcome: str
    """In words: done, the site did not answer, killed, running, …"""
    n_rows: int | None
    seconds: float | None
    detail: str = ""


@dataclass(frozen=True)
class SourceStatus:
    """One source as it is on this machine."""

    name: str
    is_on: bool
    why: str
    """One clause: `on`, or `off: …` with what to do about it."""
    tokens: dict[str, bool] = field(default_factory=dict)
    """By name: is it set? Its value is nobody's business."""
    last_run: LastRun | None = None
    n_records: int = 0
    """Distinct records of its spider in `crawled`."""
    n_vanished: int = 0
    """Items that their site has no more."""
    licenses: dict[str, int] = field(default_factory=dict)
    """Records by licence, the commonest first."""
    quotas: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Requests (left, allowed) as the site last said, by what they count."""


def words_for(exit_code: int | None) -> str:
    """What an exit code of a crawl means, in a few words."""
    if exit_code is None or exit_code < 0:
        return "killed"
    return _EXIT_WORDS.get(exit_code, f"exit code {exit_code}")


def sources_file(settings: Settings) -> SourcesFile:
    """sources.yaml as the settings name it. Raises SourcesError."""
    return load_sources(Path(settings.sources_file) if settings.sources_file else None)


def choose_sources(settings: Settings) -> list[Source]:
    """What a crawl asks: the sources of the settings, or else those that sources.yaml enables and that can run here.

    Raises SourceOff for a named one that can't run, SourcesError for a file that can't be used.
    """
    file = sources_file(settings)
    if not settings.sources:
        return [s for s in file.sources.values() if s.is_enabled and not _needs(settings, s)]
    chosen = [file.source(name) for name in dict.fromkeys(settings.sources)]
    for source in chosen:
        if source.spider.needs_opt_in and not source.is_enabled:
            raise SourceOff(f"{source.name} is off until you opt in: set enabled: true for it in {file.path.name}")
        if needs := _needs(settings, source):
            raise SourceOff(f"{source.name} can't run: {_what_to_set(needs)}")
    return chosen


def _needs(settings: Settings, source: Source) -> list[str]:
    """The variables that are not set and that it can't run without."""
    needs = [n for n in source.spider.tokens if not has_token(n)] if source.spider.needs_tokens else []
    if source.name == "local" and not (settings.local_path or source.options.get("folder")):
        needs.append(f"{PREFIX}LOCAL_PATH")
    if not settings.contact and _asks_foreign_site(settings, source):
        needs.append(_CONTACT)
    return needs


def _asks_foreign_site(settings: Settings, source: Source) -> bool:
    """True unless it reads files, or all the addresses given for it are this machine's own. The spider checks again."""
    given = [str(value) for key, value in source.options.items() if key.endswith("url")]
    if source.name == "gallery":
        given = [settings.gallery_url] if settings.gallery_url else given
        return any(not is_loopback_url(url) for url in given)
    return source.spider.is_remote and not (given and all(map(is_loopback_url, given)))


def _what_to_set(needs: Sequence[str]) -> str:
    named = " and ".join(filter(None, (", ".join(needs[:-1]), needs[-1])))
    return f"set {named}" + (" (whom a site may write to)" if needs[-1] == _CONTACT else "")


def survey(settings: Settings) -> list[SourceStatus]:
    """Every known source, in the order of sources.yaml. Reads only. Raises SourcesError, StoreError."""
    file = sources_file(settings)
    names = list(dict.fromkeys((*file.sources, *KNOWN_SPIDERS)))
    licenses, n_vanished = _licenses_by_spider(settings), _vanished_by_spider(settings)
    return [
        _status(settings, file, file.source(name), licenses.get(name, Counter()), n_vanished[name]) for name in names
    ]


def _status(
    settings: Settings, file: SourcesFile, source: Source, licenses: Counter[str], n_vanished: int
) -> SourceStatus:
    why = _why_off(settings, file, source)
    crawls = Crawls(settings.data_dir / "crawls").of(source.name)
    last_stats = next((stats for folder in reversed(crawls) if (stats := folder.stats())), None)
    return SourceStatus(
        name=source.name,
        is_on=why is None,
        why=f"off: {why}" if why else "on",
        tokens={name: has_token(name) for name in source.spider.tokens},
        last_run=_last_run(settings, crawls[-1]) if crawls else None,
        n_records=licenses.total(),
        n_vanished=n_vanished,
        licenses=dict(licenses.most_common()),
        quotas=last_stats.quotas if last_stats else {},
    )


def _why_off(settings: Settings, file: SourcesFile, source: Source) -> str | None:
    """None for a source that a crawl of all sources would ask."""
    if settings.sources and source.name not in settings.sources:
        return f"not in {PREFIX}SOURCES"
    if not source.is_enabled and (source.spider.needs_opt_in or not settings.sources):
        return f"enabled: false in {file.path.name}"
    needs = _needs(settings, source)
    return _what_to_set(needs) if needs else None


def _last_run(settings: Settings, folder: CrawlFolder) -> LastRun:
    report, stats = folder.report(), folder.stats()
    if report is not None:
        outcome = words_for(report.exit_code)
        n_rows = stats.n_items if stats else report.n_items
        return LastRun(folder.started_at, report.exit_code, outcome, n_rows, round(report.seconds, 1), report.detail)
    if stats is not None:
        return LastRun(folder.started_at, stats.exit_code, words_for(stats.exit_code), stats.n_items, stats.seconds)
    is_running = Crawls(settings.data_dir / "crawls").is_crawling(folder.source)
    return LastRun(folder.started_at, None, "running" if is_running else "killed", None, None)


def _licenses_by_spider(settings: Settings) -> dict[str, Counter[str]]:
    """Spider → licence → distinct records, each by the licence it had last. Columns only: 50,000 rows take 0.1 s."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from corpus.store import Store

    data = Store(settings.tables_root).read("crawled", columns=["record_id", "license_spdx", "provenance"])
    crawler = pc.struct_field(data["provenance"], "crawler")
    flat = pa.table({"crawler": crawler, "id": data["record_id"], "license": data["license_spdx"]})
    last = flat.group_by(["crawler", "id"], use_threads=False).aggregate([("license", "last")])
    counted = last.group_by(["crawler", "license_last"]).aggregate([([], "count_all")])
    found: dict[str, Counter[str]] = {}
    for row in counted.to_pylist():
        spider = str(row["crawler"]).removeprefix("spiders.")
        found.setdefault(spider, Counter())[row["license_last"]] = row["count_all"]
    return found


def _vanished_by_spider(settings: Settings) -> Counter[str]:
    """Items that are gone now, by spider."""
    from corpus.store import Store

    rows: list[Any] = Store(settings.tables_root).rows("vanished")
    is_gone = {(row.source, row.source_item_id): not row.is_back for row in rows}
    return Counter(source for (source, _), gone in is_gone.items() if gone)


def summary_line(statuses: Iterable[SourceStatus]) -> str:
    """`3 of 13 sources are on; 7 need CAD_COPILOT_CONTACT; …`"""
    known = list(statuses)
    reasons: Counter[str] = Counter()
    for status in known:
        if not status.is_on:
            reasons[_reason(status)] += 1
    parts = [f"{n} {reason if n > 1 else _singular(reason)}" for reason, n in reasons.most_common()]
    return "; ".join([f"{sum(s.is_on for s in known)} of {len(known)} sources are on", *parts])


def _reason(status: SourceStatus) -> str:
    if _CONTACT in status.why:
        return f"need {_CONTACT}"
    if any(name in status.why for name in status.tokens):
        return "need credentials"
    if f"{PREFIX}LOCAL_PATH" in status.why:
        return f"need {PREFIX}LOCAL_PATH"
    return f"are {status.why.removeprefix('off: ').replace('enabled: false', 'not enabled')}"


def _singular(reason: str) -> str:
    return reason.replace("need ", "needs ", 1).replace("are ", "is ", 1)


def failures(settings: Settings) -> list[str]:
    """`gallery: the site did not answer (…)` for each source that is on and whose newest crawl failed.

    Raises SourcesError.
    """
    file, crawls = sources_file(settings), Crawls(settings.data_dir / "crawls")
    lines = []
    for name in dict.fromkeys((*file.sources, *settings.sources)):
        folders = crawls.of(name) if _why_off(settings, file, file.source(name)) is None else []
        last = _last_run(settings, folders[-1]) if folders else None
        if last is not None and last.outcome not in ("done", "running"):
            lines.append(f"{name}: {last.outcome}" + (f" ({last.detail})" if last.detail else ""))
    return lines
