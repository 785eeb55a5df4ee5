"""A design of several files as one source, where that is certain.

Pure, no I/O. `include` is text in its place; of a `use`d file only the modules and functions that the design reaches
are taken, with the file's own variables that they need, renamed where the name is taken. Known libraries stay as
includes (`render.libraries`). Refused with a detail, never guessed: a file that is missing, import() and surface(), one
name for two things, values that depend on where they are evaluated. It reads no expressions, so callers compile before
and after and compare the geometry. Not covered: a module that only a run-time condition would look up elsewhere.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.file_scopes import (
    DEFINITIONS,
    GROUP,
    Piece,
    Stop,
    Unit,
    check_names,
    is_needed_early,
    reached,
    renamed,
    taken_names,
    value_names,
)
from corpus.includes import find_includes
from corpus.normalize import segments
from corpus.schema import CompanionFile
from corpus.statements import Statement, StatementKind, split_statements
from render.libraries import known_libraries

__all__ = ["Flattened", "Unresolved", "flatten", "is_library_target", "reachable"]

MAX_FILES = 60
"""Counting each time one is included: two lines that include the next file twice make 2^n of n files."""
MAX_TEXT_CHARS = 1_000_000
_TARGET = re.compile(r"(?:include|use)\s*<([^<>\n]*)>")


@dataclass(frozen=True)
class Flattened:
    scad: str
    inlined: tuple[str, ...]
    """Paths of the companions whose text is in it now, sorted."""


@dataclass(frozen=True)
class Unresolved:
    detail: str
    """What stands in the way, in one line."""


@dataclass
class _Files:
    """The companions by path, and how many were read so far."""

    texts: Mapping[str, str]
    n_read: int = 0
    n_chars: int = 0
    inlined: set[str] = field(default_factory=set)

    def read(self, path: str) -> str:
        self.n_read += 1
        self.n_chars += len(self.texts[path])
        if self.n_read > MAX_FILES or self.n_chars > MAX_TEXT_CHARS:
            raise Stop(f"more than {MAX_FILES} files or {MAX_TEXT_CHARS} characters are needed")
        self.inlined.add(path)
        return self.texts[path]

    def find(self, target: str, folder: str) -> str | None:
        """The path of a companion; None for a library."""
        path = posixpath.normpath(posixpath.join(folder, target.replace("\\", "/")))
        if posixpath.normpath(target).split("/")[0] in known_libraries():
            return None  # a copy of a library, likely of another version: callers compare the geometry
        if path in self.texts:
            return path
        if is_library_target(target):
            return None
        raise Stop(f"missing {target}")


def is_library_target(target: str) -> bool:
    """Whether an include names a file of a known library."""
    name = posixpath.normpath(target)
    return name.split("/")[0] in known_libraries() or any(name in lib.bare for lib in known_libraries().values())


def reachable(scad: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """The paths of the companions that a design names, and those that they name in turn, sorted."""
    found: set[str] = set()
    queue = [("", scad)]
    while queue:
        folder, text = queue.pop()
        for need in find_includes(text):
            path = posixpath.normpath(posixpath.join(folder, need.target.replace("\\", "/")))
            if path in files and path not in found:
                found.add(path)
                queue.append((posixpath.dirname(path), files[path]))
    return tuple(sorted(found))


def flatten(scad: str, companions: Sequence[CompanionFile]) -> Flattened | Unresolved:
    """The design alone, or what stands in the way. A design that needs no companion comes back as it is."""
    files = _Files({posixpath.normpath(c.path.replace("\\", "/")): c.text for c in companions})
    needs = find_includes(scad)
    loaded = [need.target for need in needs if need.kind in ("import", "surface")]
    if loaded:
        return Unresolved(f"loads {', '.join(loaded[:3])}")
    try:
        if all(files.find(need.target, "") is None for need in needs):
            return Flattened(scad, ())
        flat = _joined(scad, files)
    except Stop as stop:
        return Unresolved(str(stop))
    loaded = [need.target for need in find_includes(flat) if need.kind in ("import", "surface")]
    return Unresolved(f"loads {', '.join(loaded[:3])}") if loaded else Flattened(flat, tuple(sorted(files.inlined)))


def _joined(scad: str, files: _Files) -> str:
    pieces, tail = _expand(scad, "", files, ())
    main = Unit("", tuple(pieces))
    units = _used_units(main, files)
    kept = reached(main, units)
    texts = [renamed(unit, kept[unit.path], taken_names(unit, main, units, kept), main) for unit in units.values()]
    check_names(main, units, kept)
    variables = [text.lstrip() for unit in texts for piece, text in unit if piece.kind == StatementKind.ASSIGNMENT]
    definitions = [text for unit in texts for piece, text in unit if piece.kind != StatementKind.ASSIGNMENT]
    is_early = bool(variables) and is_needed_early(main, units, kept)
    own, moved = _main_texts(main, units)
    lines = [p.statement.words[0] for unit in units.values() for p in unit.pieces if p.is_library]
    hoisted = [f"{line}\n" for line in dict.fromkeys(lines) if line not in {p.statement.words[0] for p in main.pieces}]
    rest = "".join(_ended(text.strip("\n")) + "\n" for text in (tail, *moved, *definitions) if text.strip())
    early = ["/* [Hidden] */\n", *map(_ended, variables), "/* [Parameters] */\n"] if is_early else []
    late = [] if is_early else map(_ended, variables)
    # a brace ends the parameters; without one, only a group named Hidden keeps the used files' variables out of them
    hidden = "" if is_early or not variables or "{" in own + rest else "/* [Hidden] */\n"
    return "".join((*hoisted, *early, _ended(own), "\n", rest, hidden, *late))


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _expand(text: str, path: str, files: _Files, stack: tuple[str, ...]) -> tuple[list[Piece], str]:
    """The statements of a file with those of its includes in their place, and the comments at its end."""
    split = split_statements(text)
    if split is None:
        raise Stop(f"{path or 'the design'} does not parse")
    pieces: list[Piece] = []
    for statement in split[0]:
        target = None
        if statement.kind in (StatementKind.INCLUDE, StatementKind.USE):
            target = files.find(statement.name, posixpath.dirname(path))
        elif any(_TARGET.fullmatch(word) for word in statement.words) or statement.words[0] == "{":
            raise Stop(f"{path or 'the design'} includes inside a statement, or opens a block of its own")
        if target is None:
            pieces.append(Piece(statement, path))
        elif target in stack:
            raise Stop(f"{target} includes itself")
        else:
            pieces.append(Piece(statement, path, target))
        if target is not None and statement.kind == StatementKind.INCLUDE:
            pieces += _expand(files.read(target), target, files, (*stack, target))[0]
    return pieces, split[1]


def _used_units(main: Unit, files: _Files) -> dict[str, Unit]:
    """Every used file by path, each after those that it uses itself."""
    units: dict[str, Unit] = {}
    opened: set[str] = set()

    def visit(unit: Unit) -> None:
        for piece in unit.of(StatementKind.USE):
            path = piece.companion
            if path and path not in opened:
                opened.add(path)
                used = Unit(path, tuple(_expand(files.read(path), path, files, (path,))[0]))
                visit(used)
                units[path] = used

    visit(main)
    included = {p.path for p in main.pieces} & set(units)
    if included:
        raise Stop(f"{min(included)} is both included and used")
    return units


def _main_texts(main: Unit, units: Mapping[str, Unit]) -> tuple[str, list[str]]:
    """The design's own text with included assignments in their place, and the included rest, to be put at the end.

    Definitions need no order, and before the parameters their braces would end OpenSCAD's Customizer.
    """
    last_definition = {(p.kind, p.name): p for p in main.of(*DEFINITIONS)}
    place_of = _places(main, units)
    own: list[str] = []
    moved: list[str] = []
    for piece in main.pieces:
        text = piece.statement.text if piece.is_own else GROUP.sub("", piece.statement.text)
        if piece.kind == StatementKind.ASSIGNMENT and piece.name in place_of:
            place, value = place_of[piece.name]
            if piece is place:
                is_moved = piece is not value or not piece.is_own
                own.append(_on_lines(GROUP.sub("", value.statement.text), own) if is_moved else text)
            elif piece.is_own:
                own += GROUP.findall(text)
        elif piece.companion:
            own.append(_lead(piece.statement) if piece.is_own else "")
        elif piece.is_own:
            own.append(text)
        elif piece.is_library or piece.kind == StatementKind.ASSIGNMENT:
            own.append(_on_lines(text, own))
        elif piece.kind not in DEFINITIONS or last_definition[piece.kind, piece.name] is piece:
            moved.append(text)
    return "".join(own), moved


def _places(main: Unit, units: Mapping[str, Unit]) -> dict[str, tuple[Piece, Piece]]:
    """Of each included variable that is assigned anew: the assignment whose place counts, and the one whose value does.

    OpenSCAD evaluates the last value in the first place. Where no other value depends on it, the last place will do.
    """
    assignments = main.of(StatementKind.ASSIGNMENT)
    needed = value_names(assignments, main, units)
    places: dict[str, tuple[Piece, Piece]] = {}
    for name, pieces in main.by_name.items():
        found = [piece for piece in pieces if piece.kind == StatementKind.ASSIGNMENT]
        if len(found) > 1 and not all(piece.is_own for piece in found):
            places[name] = (found[0] if name in needed else found[-1], found[-1])
    return places


def _on_lines(text: str, before: list[str]) -> str:
    """A text of another file, on lines of its own."""
    is_line_start = not before or before[-1].endswith("\n") or not before[-1]
    return ("" if is_line_start else "\n") + _ended(text.lstrip("\n"))


def _lead(statement: Statement) -> str:
    """What stands before an include that goes: without the comment lines right above it, which tell about it."""
    before = "".join(_until_target(statement.text))
    lines = before.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("//")):
        is_blank = len(lines) > 1 and not lines[-1].strip() and lines[-1] == "" and not lines[-2].strip()
        lines.pop()
        if is_blank:
            break
    return "\n".join(lines).rstrip() + "\n" if "".join(lines).strip() else ""


def _until_target(text: str) -> Iterable[str]:
    for kind, piece in segments(text):
        if kind == "target":
            return
        yield piece
