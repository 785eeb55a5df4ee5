"""Files of a design as scopes: what one reaches of another, and whether their names can share one scope.

Pure. A used file's modules and functions are seen by those that use it, its variables by nobody else; with `include`
two files are one scope. What can't be told for certain ends the attempt with `Stop`; `corpus.flatten` makes it a value.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus.statements import Statement, StatementKind, bound_names, is_name, rename_variables

__all__ = [
    "DEFINITIONS",
    "GROUP",
    "Piece",
    "Stop",
    "Unit",
    "check_names",
    "is_needed_early",
    "kept_pieces",
    "reached",
    "renamed",
    "taken_names",
    "value_names",
]

GROUP = re.compile(r"/\*[ \t]*\[[^\]\n]*\][^\n]*?\*/[ \t]*\n?")
"""A group of the Customizer: in another file it would take the design's own parameters in."""
DEFINITIONS = (StatementKind.MODULE, StatementKind.FUNCTION)
_STEADY = frozenset({"$preview", "$t"})
"""Special variables that no caller sets: of these a file's own variable may depend."""
_BUILTINS = frozenset(
    (
        *("cube", "sphere", "cylinder", "polyhedron", "square", "circle", "polygon", "text", "import", "surface"),
        *("translate", "rotate", "scale", "resize", "mirror", "multmatrix", "color", "offset", "hull", "minkowski"),
        *(
            "union",
            "difference",
            "intersection",
            "linear_extrude",
            "rotate_extrude",
            "projection",
            "render",
            "children",
        ),
        *("abs", "sign", "sin", "cos", "tan", "acos", "asin", "atan", "atan2", "floor", "round", "ceil", "ln", "len"),
        *("let", "log", "pow", "sqrt", "exp", "rands", "min", "max", "concat", "lookup", "str", "chr", "ord", "search"),
        *("norm", "cross", "is_undef", "is_bool", "is_num", "is_string", "is_list", "is_function", "echo", "assert"),
    )
)


class Stop(Exception):
    """Ends the attempt from any depth; `flatten` turns it into `Unresolved`."""


@dataclass(frozen=True)
class Piece:
    statement: Statement
    path: str
    """Of the file it stands in; empty for the design's own."""
    companion: str = ""
    """The path of the file that an include or use names, where that is a companion and not a library."""

    @property
    def kind(self) -> StatementKind:
        return self.statement.kind

    @property
    def name(self) -> str:
        return self.statement.name

    @property
    def is_own(self) -> bool:
        return self.path == ""

    @property
    def is_library(self) -> bool:
        return self.kind in (StatementKind.INCLUDE, StatementKind.USE) and not self.companion

    def words(self, start: int = 0) -> frozenset[str]:
        """Names it mentions from its token `start` on, save members after a point."""
        words = self.statement.words[start:]
        return frozenset(w for before, w in zip(("", *words), words, strict=False) if before != "." and is_name(w))


@dataclass(frozen=True)
class Unit:
    """A file with all it includes: one scope."""

    path: str
    pieces: tuple[Piece, ...]

    def of(self, *kinds: StatementKind) -> list[Piece]:
        return [piece for piece in self.pieces if piece.kind in kinds]

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[Piece]]:
        """Definitions and assignments by the name they give."""
        found: dict[str, list[Piece]] = {}
        for piece in self.of(*DEFINITIONS, StatementKind.ASSIGNMENT):
            found.setdefault(piece.name, []).append(piece)
        return found

    def names(self, *kinds: StatementKind) -> frozenset[str]:
        return frozenset(piece.name for piece in self.of(*kinds))


def _uses(unit: Unit) -> list[str]:
    return [piece.companion for piece in unit.of(StatementKind.USE) if piece.companion]


def reached(main: Unit, units: Mapping[str, Unit]) -> dict[str, frozenset[str]]:
    """Of each used file the names that the design reaches: modules, functions and the file's own variables."""
    kept: dict[str, set[str]] = {path: set() for path in units}
    own = main.names(*DEFINITIONS)
    queue = [(main, word) for piece in main.pieces for word in piece.words() - own]
    while queue:
        unit, word = queue.pop()
        for place in ([unit] if unit is not main else []) + [units[path] for path in _uses(unit)]:
            kinds = (*DEFINITIONS, StatementKind.ASSIGNMENT) if place is unit else DEFINITIONS
            found = [piece for piece in place.by_name.get(word, ()) if piece.kind in kinds]
            if found and word not in kept[place.path]:
                kept[place.path].add(word)
                queue += [(place, inner) for piece in found for inner in piece.words()]
            if found:
                break
    return {path: frozenset(names) for path, names in kept.items()}


def kept_pieces(unit: Unit, names: frozenset[str]) -> list[Piece]:
    """Without special variables: a used file's own never reach its modules when others call them."""
    return [p for p in unit.of(*DEFINITIONS, StatementKind.ASSIGNMENT) if p.name in names and p.name[0] != "$"]


def taken_names(
    unit: Unit, main: Unit, units: Mapping[str, Unit], kept: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Every name that the rest of the design mentions."""
    others = [piece for other in units.values() if other is not unit for piece in kept_pieces(other, kept[other.path])]
    return frozenset().union(*(piece.words() for piece in (*main.pieces, *others)))


def renamed(unit: Unit, names: frozenset[str], taken: frozenset[str], main: Unit) -> list[tuple[Piece, str]]:
    """The kept statements of a file with their texts, its variables renamed where the rest mentions the name.

    A constant that the design sets to the same value itself is left to it.
    """
    pieces = [piece for piece in kept_pieces(unit, names) if not _is_shared(piece, unit, main)]
    variables = {p.name for p in pieces if p.kind == StatementKind.ASSIGNMENT}
    stem = re.sub(r"\W+", "_", posixpath.splitext(posixpath.basename(unit.path))[0]).strip("_") or "file"
    prefix = stem if stem[0].isalpha() else f"file_{stem}"
    renames = {name: f"{prefix}_{name}" for name in variables & taken}
    if not taken.isdisjoint(renames.values()) or not variables.isdisjoint(renames.values()):
        raise Stop(f"{unit.path}: no free name for {', '.join(sorted(renames))}")
    texts: list[tuple[Piece, str]] = []
    for piece in pieces:
        text = rename_variables(piece.statement, renames)
        if text is None:
            raise Stop(f"{unit.path}: {piece.name} binds a name that is the file's own variable as well")
        texts.append((piece, GROUP.sub("", text)))
    return texts


def _is_shared(piece: Piece, unit: Unit, main: Unit) -> bool:
    same = [*main.by_name.get(piece.name, ()), *unit.by_name[piece.name]]
    is_constant = piece.kind == StatementKind.ASSIGNMENT and not piece.words(start=1)
    return is_constant and len(same) == 2 and same[0].statement.words == same[1].statement.words


def check_names(main: Unit, units: Mapping[str, Unit], kept: Mapping[str, frozenset[str]]) -> None:
    """Stops where a name would mean something else in one file than it meant in its own."""
    owners: dict[str, str] = dict.fromkeys(main.names(*DEFINITIONS), "the design")
    outer = main.names(StatementKind.ASSIGNMENT, *DEFINITIONS)
    for unit in units.values():
        for piece in kept_pieces(unit, kept[unit.path]):
            if piece.kind in DEFINITIONS and owners.setdefault(piece.name, unit.path) != unit.path:
                raise Stop(f"{piece.name} is in {owners[piece.name]} and in {unit.path}")
            if piece.kind in DEFINITIONS and piece.name in _BUILTINS:
                raise Stop(f"{unit.path} redefines {piece.name}")
        _check_steady(unit, kept[unit.path], units)
    for unit in units.values():
        visible = _visible(unit, units)
        everywhere = outer.union(*(kept[path] for path in units if path != unit.path)) - visible
        for piece in kept_pieces(unit, kept[unit.path]):
            foreign = {w for w in (piece.words() - bound_names(piece.statement.words)) & everywhere if w[0] != "$"}
            if foreign:
                raise Stop(f"{min(foreign)} means nothing, or another thing, in {unit.path}")


def _visible(unit: Unit, units: Mapping[str, Unit]) -> frozenset[str]:
    used = (units[path].names(*DEFINITIONS) for path in _uses(unit))
    return unit.names(*DEFINITIONS, StatementKind.ASSIGNMENT).union(*used)


def _check_steady(unit: Unit, names: frozenset[str], units: Mapping[str, Unit]) -> None:
    """A used file's variables are evaluated anew at each call: with `$fn` in them they have no one value."""
    values = [piece for piece in kept_pieces(unit, names) if piece.kind == StatementKind.ASSIGNMENT]
    special = {word for word in value_names(values, unit, units) if word[0] == "$"} - _STEADY
    if special:
        raise Stop(f"{unit.path}: a variable depends on {min(special)}")


def value_names(pieces: Iterable[Piece], unit: Unit, units: Mapping[str, Unit]) -> set[str]:
    """All names that the values of assignments may depend on; the assigned names count only where one is mentioned."""
    seen: set[str] = set()
    done: set[tuple[str, str]] = set()
    queue = [(unit, piece) for piece in pieces]
    while queue:
        place, current = queue.pop()
        for word in current.words(start=1 if current.kind == StatementKind.ASSIGNMENT else 0):
            seen.add(word)
            for other in (place, *(units[path] for path in _uses(place))):
                if (other.path, word) not in done:
                    done.add((other.path, word))
                    queue += [(other, piece) for piece in other.by_name.get(word, ())]
    return seen


def is_needed_early(main: Unit, units: Mapping[str, Unit], kept: Mapping[str, frozenset[str]]) -> bool:
    """Whether one of the design's own values needs a used file's variable."""
    private = {p.name for u in units.values() for p in kept_pieces(u, kept[u.path]) if p.kind not in DEFINITIONS}
    return not private.isdisjoint(value_names(main.of(StatementKind.ASSIGNMENT), main, units))
