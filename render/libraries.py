"""Named OpenSCAD libraries (`include <BOSL2/std.scad>`) and the closure of files that a source needs of them.

Mounting a whole library costs 18-113 ms a file, so only what is reachable by include, use, import() and surface() with
a literal name is mounted. Sources are scanned without stripping comments: a commented include mounts a file too many,
which does no harm. Fetching is `render.library_fetch`'s business.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import posixpath
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

__all__ = [
    "MANIFEST_NAME",
    "MAX_CLOSURE_BYTES",
    "MAX_CLOSURE_FILES",
    "MAX_FILE_BYTES",
    "KnownLibrary",
    "LibraryFile",
    "closure",
    "import_targets",
    "include_targets",
    "known_libraries",
    "library_roots",
    "library_version",
    "missing_libraries",
    "read_manifest",
]

MAX_FILE_BYTES = 8 << 20
"""A larger library file is left out, so the engine reports it as missing."""
MAX_CLOSURE_BYTES = 64 << 20
MAX_CLOSURE_FILES = 2000
"""What goes beyond either limit is left out, with a log line; `BOSL2/std.scad` takes 35 files."""
MANIFEST_NAME = ".cad-copilot.json"
"""In a fetched library's folder: commit, and sha256 of each file."""
_SYSTEM_LIBRARIES = Path("/usr/share/openscad/libraries")
_HOLDS_LIBRARIES = "libraries"
_INCLUDE = re.compile(r"\s*<([^<>\n]{1,300})>")
_IMPORT = re.compile(r'\s*\(\s*(?:[^"();]{0,200}\bfile\s*=\s*)?"([^"\\\n]{1,300})"')
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LibraryFile:
    """One file of a library: its bytes and the hash by which workers keep it."""

    key: str
    data: bytes
    targets: tuple[str, ...]
    """What it includes and imports itself; empty for anything but .scad."""


@dataclass(frozen=True)
class KnownLibrary:
    """A library that can be fetched: one table of libraries.toml."""

    name: str
    url: str
    commit: str
    licence: str
    """SPDX."""
    summary: str
    folder: str = ""
    """The part of the repository that is the library."""
    bare: tuple[str, ...] = ()
    """Files that sources include without the library's name."""


@cache
def known_libraries() -> Mapping[str, KnownLibrary]:
    """The pinned list, by name."""
    tables = tomllib.loads(Path(__file__).with_name("libraries.toml").read_text(encoding="utf-8"))
    return {
        name: KnownLibrary(name, **table | {"bare": tuple(table.get("bare", ()))}) for name, table in tables.items()
    }


def library_roots(*, data_dir: Path | None = None, folders: tuple[Path, ...] = ()) -> dict[str, Path]:
    """Library name to its folder; the first of these wins: `folders`, fetched ones, BOSL2 in solidpython2, Debian's.

    A folder with .scad files in it is one library of that folder's name, save one called `libraries`; any other holds
    a library in each of its folders. What isn't there is passed over.
    """
    roots: dict[str, Path] = {}
    places = [*folders, *([data_dir / "libraries"] if data_dir is not None else [])]
    for name, root in [pair for place in places for pair in _libraries_in(place)] + list(_installed_roots()):
        roots.setdefault(name, root)
    return roots


def _libraries_in(folder: Path) -> list[tuple[str, Path]]:
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
            is_library = any(entry.name.endswith(".scad") for entry in listed)
            subfolders = [entry.name for entry in listed if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []
    resolved = Path(os.path.abspath(folder))  # noqa: PTH100 - without following links: the name is the caller's
    if is_library and resolved.name != _HOLDS_LIBRARIES:
        return [(resolved.name, resolved)]
    return [(name, resolved / name) for name in subfolders]


@cache
def _installed_roots() -> tuple[tuple[str, Path], ...]:
    """BOSL2 as solidpython2 carries it (BSD-2-Clause), and what the system's package manager installed."""
    found: list[tuple[str, Path]] = []
    spec = importlib.util.find_spec("solid2")  # finding a top-level package doesn't import it
    if spec is not None and spec.origin is not None:
        bosl2 = Path(spec.origin).parent / "extensions" / "bosl2" / "BOSL2"
        if (bosl2 / "std.scad").is_file():
            found.append(("BOSL2", bosl2))
    return (*found, *_libraries_in(_SYSTEM_LIBRARIES))


def include_targets(source: str) -> tuple[str, ...]:
    """The paths named in include and use statements, in order, each once."""
    return _targets(source, ("include", "use"), _INCLUDE)


def import_targets(source: str) -> tuple[str, ...]:
    """The literal file names in import() and surface(), in order, each once."""
    return _targets(source, ("import", "surface"), _IMPORT)


def _targets(source: str, words: tuple[str, ...], rest: re.Pattern[str]) -> tuple[str, ...]:
    # str.find is ten times as fast as a pattern over the whole source, and most sources include nothing
    found: list[tuple[int, str]] = []
    for word in words:
        at = source.find(word)
        while at >= 0:
            is_word = at == 0 or not (source[at - 1].isalnum() or source[at - 1] in "_$")
            match = rest.match(source, at + len(word)) if is_word else None
            if match:
                found.append((at, match[1].strip()))
            at = source.find(word, at + len(word))
    return tuple(dict.fromkeys(target for _, target in sorted(found)))


def closure(sources: Iterable[str], roots: Mapping[str, Path]) -> dict[str, LibraryFile]:
    """Every library file that `sources` reach, by its path below the library folder (`BOSL2/std.scad`)."""
    found: dict[str, LibraryFile] = {}
    n_bytes = 0
    queue = [("", target) for source in sources for target in (*include_targets(source), *import_targets(source))]
    while queue:
        folder, target = queue.pop()
        for name in dict.fromkeys((posixpath.normpath(posixpath.join(folder, target)), posixpath.normpath(target))):
            if name in found:
                break
            file = _read(name, roots)
            if file is None:
                continue
            n_bytes += len(file.data)
            if n_bytes > MAX_CLOSURE_BYTES or len(found) >= MAX_CLOSURE_FILES:
                _log.warning(
                    "%s and what follows is left out: over %d files or %d bytes",
                    name,
                    MAX_CLOSURE_FILES,
                    MAX_CLOSURE_BYTES,
                )
                return found
            found[name] = file
            queue += [(posixpath.dirname(name), inner) for inner in file.targets]
            break
    return found


def missing_libraries(source: str, roots: Mapping[str, Path], files: Collection[str]) -> tuple[str, ...]:
    """What a source includes that neither `files` (companions, by path) nor the libraries have, with a next step."""
    beside = {posixpath.normpath(name) for name in files}
    known = known_libraries()
    lines: dict[str, None] = {}
    for target in include_targets(source):
        name = posixpath.normpath(target)
        if name in beside or _read(name, roots) is not None:
            continue
        library, _, rest = name.partition("/")
        owner = library if rest else next((lib.name for lib in known.values() if name in lib.bare), "")
        if owner in known and owner not in roots:
            lines[f"{library}: cad-copilot libraries fetch {owner}"] = None
        else:
            lines[name if library in roots or not rest else library] = None
    return tuple(lines)


def library_version(name: str, root: Path) -> str:
    """For provenance: `BOSL2@<commit>` of a fetched library, else `BOSL2@sha256:<hash of its .scad files>`."""
    manifest = read_manifest(root)
    if manifest is not None:
        return f"{name}@{manifest[0]}"
    return f"{name}@sha256:{_tree_hash(root)}" if root.is_dir() else f"{name}@missing"


def _tree_hash(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.scad")):
        if path.is_file() and path.resolve().is_relative_to(root.resolve()):
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode(errors="surrogateescape"))
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _read(name: str, roots: Mapping[str, Path]) -> LibraryFile | None:
    for root, rest in _places(name, roots):
        file = _read_path(root, rest)
        if file is not None:
            return file
    return None


def _places(name: str, roots: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    if "\0" in name or name.startswith("/") or ".." in name.split("/"):
        return
    library, _, rest = name.partition("/")
    if rest:
        if library in roots:
            yield roots[library], rest
        return
    for known in known_libraries().values():
        if name in known.bare and known.name in roots:
            yield roots[known.name], name


def _read_path(root: Path, rest: str) -> LibraryFile | None:
    path = f"{root}/{rest}"
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path costs as much again
        return _load(root, rest, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=2048)
def _load(root: Path, rest: str, _mtime_ns: int, size: int, _inode: int) -> LibraryFile | None:
    path = root / rest
    if size > MAX_FILE_BYTES or not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return None
    data = path.read_bytes()
    key = hashlib.sha256(data).hexdigest()
    manifest = read_manifest(root)
    if manifest is not None and manifest[1].get(rest) != key:
        _log.error("%s is not what was fetched, so it is left out: cad-copilot libraries fetch %s", path, root.name)
        return None
    text = data.decode("utf-8", errors="replace") if rest.endswith(".scad") else ""
    return LibraryFile(key, data, (*include_targets(text), *import_targets(text)))


def read_manifest(root: Path) -> tuple[str, Mapping[str, str]] | None:
    """Commit and file hashes of a fetched library; `damaged` and none where they can't be read; None elsewhere."""
    path = root / MANIFEST_NAME
    try:
        return _parse_manifest(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _parse_manifest(path: Path, _mtime_ns: int) -> tuple[str, Mapping[str, str]]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return str(read["commit"]), {str(name): str(key) for name, key in read["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return "damaged", {}
