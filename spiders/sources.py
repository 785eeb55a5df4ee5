"""sources.yaml -> typed values: which sources a crawl asks, with what queries, licences and caps.

Covers reading and checking the file; whether a source can run here (tokens, contact) is `flows.sources`' business.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpus.licenses import DEFAULT_ALLOWED
from spiders.known import KNOWN_SPIDERS, KnownSpider

__all__ = ["SHIPPED_SOURCES", "Source", "SourcesError", "SourcesFile", "load_sources"]

SHIPPED_SOURCES = Path(__file__).with_name("sources.yaml")


class SourcesError(ValueError):
    """sources.yaml can't be used; one line names the file, the field and the next step."""


@dataclass(frozen=True)
class Source:
    """One source as the file has it."""

    name: str
    is_enabled: bool
    limit: int | None
    """Designs a run takes at most; None: all."""
    options: Mapping[str, Any]
    """Arguments of the spider: queries, repositories, base URLs."""

    @property
    def spider(self) -> KnownSpider:
        return KNOWN_SPIDERS[self.name]


@dataclass(frozen=True)
class SourcesFile:
    path: Path
    licenses_allowed: frozenset[str]
    """SPDX ids that may be downloaded; others become metadata-only records."""
    sources: Mapping[str, Source]
    """By name, in the file's order."""

    def source(self, name: str) -> Source:
        """The source of a name; one that the file leaves out has no options and is off."""
        return self.sources.get(name) or Source(name, False, None, {})


def load_sources(path: Path | None = None) -> SourcesFile:
    """Read and check the file; the shipped one by default. Raises SourcesError."""
    path = path or SHIPPED_SOURCES
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourcesError(
            f"{path} can't be read ({error.strerror}); name another with CAD_COPILOT_SOURCES_FILE"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path} is not YAML ({' '.join(str(error).split())[:120]})") from error
    document = _mapping(data, path, "the file")
    _check_keys(document, ("licenses_allowed", "sources"), path, "the file")
    entries = _mapping(document.get("sources"), path, "`sources`")
    _check_keys(entries, tuple(KNOWN_SPIDERS), path, "`sources`")
    sources = {name: _source(name, _mapping(entry or {}, path, name), path) for name, entry in entries.items()}
    return SourcesFile(path, _licenses(document.get("licenses_allowed"), path), sources)


def _source(name: str, entry: Mapping[str, Any], path: Path) -> Source:
    _check_keys(entry, ("enabled", "limit", "options"), path, name)
    is_enabled, limit = entry.get("enabled", False), entry.get("limit")
    if not isinstance(is_enabled, bool):
        raise SourcesError(f"{path}: {name}: enabled is {is_enabled!r}; it must be true or false")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise SourcesError(f"{path}: {name}: limit is {limit!r}; it must be a positive number, or left out")
    return Source(name, is_enabled, limit, _mapping(entry.get("options") or {}, path, f"{name}: options"))


def _licenses(value: Any, path: Path) -> frozenset[str]:
    if value is None or value == "open":
        return DEFAULT_ALLOWED
    if not isinstance(value, list) or not all(isinstance(spdx, str) for spdx in value):
        raise SourcesError(f"{path}: licenses_allowed is {value!r}; it must be `open` or a list of SPDX ids")
    return frozenset(value)


def _mapping(value: Any, path: Path, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SourcesError(f"{path}: {where} must be `name: value` lines")
    return value


def _check_keys(entry: Mapping[str, Any], known: tuple[str, ...], path: Path, where: str) -> None:
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise SourcesError(f"{path}: {where}: unknown {key!r}; {hint}")
