"""Named OpenSCAD libraries (`include <BOSL2/std.scad>`) and the closure of files that a source needs of them.

Mounting a whole library costs 18-113 ms a file, so only what is reachable by include/use is mounted. Sources
are scanned without stripping comments: a commented include mounts a file too many, which does no harm.
"""

from __future__ import annotations

import hashlib
import importlib.util
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

__all__ = ["LibraryFile", "closure", "include_targets", "library_roots"]

_INCLUDE = re.compile(r"\b(?:include|use)\s*<([^<>\n]{1,300})>")
_SYSTEM_LIBRARIES = Path("/usr/share/openscad/libraries")


@dataclass(frozen=True)
class LibraryFile:
    """One file of a library: its text and the hash by which workers keep it."""

    key: str
    text: str
    targets: tuple[str, ...]
    """What it includes itself."""


@lru_cache(maxsize=1)
def library_roots() -> dict[str, Path]:
    """Library name to its folder: BOSL2 (shipped in solidpython2, BSD-2-Clause) and MCAD where Debian installed it."""
    roots: dict[str, Path] = {}
    spec = importlib.util.find_spec("solid2")  # finding a top-level package doesn't import it
    if spec is not None and spec.origin is not None:
        bosl2 = Path(spec.origin).parent / "extensions" / "bosl2" / "BOSL2"
        if (bosl2 / "std.scad").is_file():
            roots["BOSL2"] = bosl2
    if (_SYSTEM_LIBRARIES / "MCAD").is_dir():
        roots["MCAD"] = _SYSTEM_LIBRARIES / "MCAD"
    return roots


def include_targets(source: str) -> tuple[str, ...]:
    """The paths named in include and use statements, in order, each once."""
    return tuple(dict.fromkeys(match.strip() for match in _INCLUDE.findall(source)))


def closure(sources: Iterable[str], roots: Mapping[str, Path]) -> dict[str, LibraryFile]:
    """Every library file that `sources` reach, by its path below the library folder (`BOSL2/std.scad`)."""
    found: dict[str, LibraryFile] = {}
    queue = [("", target) for source in sources for target in include_targets(source)]
    while queue:
        folder, target = queue.pop()
        for name in dict.fromkeys((posixpath.normpath(posixpath.join(folder, target)), posixpath.normpath(target))):
            if name in found:
                break
            file = _read(name, roots)
            if file is not None:
                found[name] = file
                queue += [(posixpath.dirname(name), inner) for inner in file.targets]
                break
    return found


def _read(name: str, roots: Mapping[str, Path]) -> LibraryFile | None:
    library, _, rest = name.partition("/")
    root = roots.get(library)
    if root is None or not rest or ".." in rest.split("/"):
        return None
    return _read_path(root, rest)


@lru_cache(maxsize=4096)
def _read_path(root: Path, rest: str) -> LibraryFile | None:
    path = root / rest
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    return LibraryFile(hashlib.sha256(text.encode()).hexdigest(), text, include_targets(text))
