"""What the sample site shows: designs and faults read from a folder, as plain values.

Covers reading and checking the YAML files and making the near copies that faults.yaml asks for;
`pages` draws them, `server` serves them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["SITE_FOLDER", "TRANSFORMS", "SampleDesign", "SiteDataError", "load_site"]

SITE_FOLDER = Path(__file__).parent
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class SiteDataError(ValueError):
    """The site's own data is wrong; the message names the file and the field."""


@dataclass(frozen=True)
class SampleDesign:
    """One design as the site shows it."""

    slug: str
    title: str
    description: str
    tags: tuple[str, ...]
    author: str | None
    license: str | None
    """None where the page names no licence."""
    category: str | None
    scad: bytes
    file_name: str
    fault: str | None = None
    """The kind of fault; None for an ordinary design. Never shown on the page."""


def load_site(folder: Path = SITE_FOLDER) -> tuple[SampleDesign, ...]:
    """Designs and faults, mixed in one deterministic order (by a hash of the slug)."""
    ordinary = {path.stem: _load_design(path) for path in sorted((folder / "designs").glob("*.yaml"))}
    faulty = _load_faults(folder / "faults", ordinary)
    twice = sorted(set(ordinary) & {design.slug for design in faulty})
    if twice:
        raise SiteDataError(f"{folder / 'faults' / 'faults.yaml'}: slug {twice[0]!r} is a design's already")
    return tuple(sorted([*ordinary.values(), *faulty], key=lambda d: hashlib.sha256(d.slug.encode()).digest()))


def _load_design(path: Path) -> SampleDesign:
    source = path.with_suffix(".scad")
    if not source.is_file():
        raise SiteDataError(f"{path}: no {source.name} beside it")
    return _design(_yaml(path), path, slug=path.stem, scad=source.read_bytes(), fault=None)


def _load_faults(folder: Path, ordinary: dict[str, SampleDesign]) -> list[SampleDesign]:
    path = folder / "faults.yaml"
    if not path.is_file():
        return []
    entries = _yaml(path)
    if not isinstance(entries, list):
        raise SiteDataError(f"{path}: a list of entries is wanted")
    return [_load_fault(entry, path, ordinary) for entry in entries]


def _load_fault(entry: Any, path: Path, ordinary: dict[str, SampleDesign]) -> SampleDesign:
    slug, kind = _text(entry, "slug", path), _text(entry, "kind", path)
    if "copy_of" in entry:
        original = ordinary.get(str(entry["copy_of"]))
        transform = TRANSFORMS.get(str(entry.get("transform", "exact")))
        if original is None or transform is None:
            raise SiteDataError(f"{path}: {slug}: unknown copy_of {entry['copy_of']!r} or transform")
        scad = transform(original.scad.decode()).encode()
    else:
        source = path.parent / _text(entry, "file", path)
        if source.parent != path.parent or not source.is_file():
            raise SiteDataError(f"{path}: {slug}: no file {source.name} beside it")
        scad = source.read_bytes()
    return _design(entry, path, slug=slug, scad=scad, fault=kind)


def _design(entry: Any, path: Path, *, slug: str, scad: bytes, fault: str | None) -> SampleDesign:
    if not _SLUG.fullmatch(slug):
        raise SiteDataError(f"{path}: slug {slug!r}: lower-case words joined by hyphens are wanted")
    tags = entry.get("tags") or []
    if not isinstance(tags, list):
        raise SiteDataError(f"{path}: {slug}: tags must be a list")
    return SampleDesign(
        slug=slug,
        title=_text(entry, "title", path),
        description=str(entry.get("description") or "").strip(),
        tags=tuple(str(tag) for tag in tags),
        author=_optional(entry, "author"),
        license=_optional(entry, "license"),
        category=_optional(entry, "category"),
        scad=scad,
        file_name=f"{slug}.scad",
        fault=fault,
    )


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SiteDataError(f"{path}: not YAML ({str(error).splitlines()[0]})") from error


def _text(entry: Any, field: str, path: Path) -> str:
    if not isinstance(entry, dict) or not str(entry.get(field) or "").strip():
        raise SiteDataError(f"{path}: an entry lacks {field!r}")
    return str(entry[field]).strip()


def _optional(entry: Any, field: str) -> str | None:
    value = entry.get(field)
    return str(value).strip() or None if value is not None else None


def _reformatted(scad: str) -> str:
    """Other white space: tabs for indents, blank lines gone, Windows line ends. The same tokens."""
    lines = [line.rstrip() for line in scad.splitlines() if line.strip()]
    tabbed = [re.sub(r"^ +", lambda m: "\t" * max(1, len(m[0]) // 2), line) for line in lines]
    return "\r\n".join(tabbed) + "\r\n"


def _renumbered(scad: str) -> str:
    """One parameter a little larger: the first top-level number that is no $special is raised by one."""
    pattern = re.compile(r"^(\s*[a-zA-Z]\w*\s*=\s*)(\d+(?:\.\d+)?)(\s*;)", re.MULTILINE)
    return pattern.sub(lambda m: f"{m[1]}{float(m[2]) + 1:g}{m[3]}", scad, count=1)


def _commented(scad: str) -> str:
    """The same code under somebody else's comments."""
    marked = [
        f"{line}  // part {number}" if line.endswith(";") and "//" not in line else line
        for number, line in enumerate(scad.splitlines(), start=1)
    ]
    return (
        "// Found on the web, works great on my printer!\n// remix, thanks to the author\n" + "\n".join(marked) + "\n"
    )


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "commented": _commented,
    "exact": str,
    "reformatted": _reformatted,
    "renumbered": _renumbered,
}
