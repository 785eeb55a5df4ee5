"""OpenSCAD's output to `Diagnostic`s, and evidence to a verdict. Pure.

Reads the wording of 2019 to 2025; quotes and file paths come out the same for all. An exit code alone is no
verdict: rc 0 hides unknown modules and missing files, rc 1 may be a failed assert, an empty or a 2D model.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from render.result import GAP_KINDS, Diagnostic, Severity, Status

__all__ = ["EMPTY", "NOT_3D", "cap_lines", "classify", "parse_log", "with_columns"]

EMPTY = "empty"
NOT_3D = "not_3d"
MAX_LINES_OF_A_KIND = 100
MAX_LINE_CHARS = 2000
MAX_LOCATED = 20
"""Messages of one file that get a column; a loop that warns does so thousands of times in one place."""

_SEVERITIES = {
    "ERROR": Severity.ERROR,
    "PARSER-ERROR": Severity.ERROR,
    "EXPORT-ERROR": Severity.ERROR,
    "UI-ERROR": Severity.ERROR,
    "FONT-WARNING": Severity.WARNING,
    "WARNING": Severity.WARNING,
    "EXPORT-WARNING": Severity.WARNING,
    "UI-WARNING": Severity.WARNING,
    "DEPRECATED": Severity.DEPRECATED,
    "TRACE": Severity.TRACE,
    "ECHO": Severity.ECHO,
}
_LABEL = re.compile(r"^([A-Z-]+): ?(.*)$", re.DOTALL)
_LINE = re.compile(r", line (?P<line>\d+)(?P<rest>: .*)?$", re.DOTALL)
_IN_FILE = " in file "
_MISSING = r"can't open|couldn't be opened|could not (?:open|read)|unable to open|failed to open|can't find"
_GAP = re.compile(rf"ignoring unknown|{_MISSING}", re.IGNORECASE)
_IMPORT_PLACE = re.compile(r",? (?:import|surface)\(\) at line (?P<line>\d+)$")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("parser_error", r"^parser error|^syntax error|can't parse file"),
        ("unknown_module", r"ignoring unknown module"),
        ("unknown_function", r"ignoring unknown function"),
        ("unknown_variable", r"ignoring unknown variable"),
        ("missing_file", _MISSING),
        ("no_fonts", r"can't get font|no fonts? (?:found|available)"),
        ("assert", r"^assertion "),
        ("recursion", r"recursion detected|stack exhausted|stack overflow"),
        ("mixed_dimensions", r"mixing 2d and 3d|ignoring [23]d child object"),
        (
            "not_closed",
            r"not closed|2-manifold|non-?manifold|not manifold|open mesh|unable to convert to cgal|has nonplanar faces",
        ),
        ("engine_bug", r"^cgal error|assertion violation"),
        ("undefined_operation", r"^undefined operation"),
        (
            "bad_argument",
            r"unable to convert|problem converting|not specified as parameter|bad range|invalid type|"
            r"parameter could not|too many (?:un)?named arguments|overrid|begin is greater than the end|out of range",
        ),
    )
)


def cap_lines(lines: Iterable[str]) -> list[str]:
    """At most 100 lines of each kind, each cut at 2,000 characters (the wasm worker does the same itself)."""
    counts: dict[str, int] = {}
    kept: list[str] = []
    for line in lines:
        label = _LABEL.match(line)
        # only labels that OpenSCAD has: an echoed string with line breaks can begin its lines as it likes
        kind = label[1] if label and label[1] in _SEVERITIES else ""
        # by themselves: what a verdict hangs on, lest a hundred echoed warnings hide the real one
        if "op level object" in line:
            kind = "top level"
        elif gap := _GAP.search(line[:MAX_LINE_CHARS]):
            kind += gap[0].lower()
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MAX_LINES_OF_A_KIND:
            kept.append(line[:MAX_LINE_CHARS])
    return kept


def parse_log(lines: Iterable[str], *, work_dir: str, main: str) -> tuple[Diagnostic, ...]:
    """Diagnostics of an engine's log, in order; lines that only report progress are left out.

    `work_dir` (with a trailing slash) is cut from file names; a message about `main` has `file=None`.
    """
    found: list[Diagnostic] = []
    for raw in lines:
        line = raw.rstrip()
        label = _LABEL.match(line)
        if label is not None and label[1] in _SEVERITIES:
            found.append(_diagnostic(_SEVERITIES[label[1]], label[2], work_dir, main))
        elif "top level object is empty" in line:
            found.append(Diagnostic(Severity.ERROR, EMPTY, "the model is empty"))
        elif "not a 3D object" in line:
            found.append(Diagnostic(Severity.ERROR, NOT_3D, "the model is only 2D: extrude it"))
        elif found and found[-1].kind == "assert" and found[-1].line is None and line:
            unfinished = f"{found.pop().message}\n{line}"  # its message holds line breaks: the place comes last
            found.append(_diagnostic(Severity.ERROR, unfinished[:MAX_LINE_CHARS], work_dir, main))
        elif found and found[-1].severity is Severity.ECHO and line and not _is_progress(line):
            last = found.pop()  # an echoed string may hold line breaks
            found.append(Diagnostic(last.severity, last.kind, f"{last.message}\n{line}"[:MAX_LINE_CHARS]))
    return tuple(found)


def with_columns(found: Iterable[Diagnostic], texts: Mapping[str | None, str]) -> tuple[Diagnostic, ...]:
    """Adds the column of what each message names, where that stands exactly once in the line it points to.

    `texts` holds the main source under None and each companion under its path. OpenSCAD itself tells lines only.
    """
    lines: dict[str | None, list[str]] = {}
    located: list[Diagnostic] = []
    for number, diagnostic in enumerate(found):
        text = texts.get(diagnostic.file)
        if number < MAX_LOCATED and text is not None and diagnostic.line is not None:
            if diagnostic.file not in lines:
                lines[diagnostic.file] = text.split("\n")
            line = min(diagnostic.line, len(lines[diagnostic.file]))  # an unfinished file is reported past its end
            diagnostic = replace(diagnostic, line=line, column=_column(diagnostic, lines[diagnostic.file][line - 1]))
        located.append(diagnostic)
    return tuple(located)


def _column(diagnostic: Diagnostic, line: str) -> int | None:
    if len(line) > MAX_LINE_CHARS:
        return None
    named = re.search(r"'(\$?\w+)'", diagnostic.message)
    word = "assert" if diagnostic.kind == "assert" else named[1] if named else None
    if word is None:
        return None
    places = [match.start() for match in re.finditer(rf"(?<![\w$]){re.escape(word)}\b", line)]
    return places[0] + 1 if len(places) == 1 else None


def _is_progress(line: str) -> bool:
    return bool(
        re.match(
            r"\s*(?:Geometries in|Geometry cache|CGAL |Total rendering|Top level|Refer to the bug|[A-Z]\w+ *: )", line
        )
    )


def _diagnostic(severity: Severity, text: str, work_dir: str, main: str) -> Diagnostic:
    file: str | None = None
    line: int | None = None
    if severity is Severity.ECHO:
        return Diagnostic(severity, "echo", text.strip())
    at_line = text.rfind(", line ")
    at_file = text.rfind(_IN_FILE, 0, at_line) if at_line >= 0 else -1
    place = _LINE.match(text, at_line) if at_file >= 0 else None
    at_import = _IMPORT_PLACE.search(text) if place is None else None
    if place is not None:
        name = text[at_file + len(_IN_FILE) : at_line].strip("'\"")
        name = name.removeprefix(work_dir).removeprefix(f"{posixpath.basename(work_dir[:-1])}/")
        file = None if name in (main, "") else name
        line = int(place["line"][:9])
        text = text[:at_file].removesuffix(",") + (place["rest"] or "")
    elif at_import is not None:
        line = int(at_import["line"])
        text = text[: at_import.start()]
    message = re.sub(r"\"([^\"\s]*)\"", r"'\1'", text.replace(work_dir, "")).strip().removesuffix(".")
    message = re.sub(r"^variable (\w+) not specified", r"variable '\1' not specified", message)  # 2021 has no quotes
    if severity in (Severity.TRACE, Severity.DEPRECATED):
        return Diagnostic(severity, severity.value, message, file, line)
    kind = next((kind for kind, pattern in _KINDS if pattern.search(message)), "other")
    return Diagnostic(severity, kind, message, file, line)


def classify(
    rc: int | None,
    diagnostics: Sequence[Diagnostic],
    n_triangles: int,
    *,
    trap: str | None = None,
    is_out_of_memory: bool = False,
    is_output_too_large: bool = False,
) -> Status:
    """The verdict: resources, then parse, then evaluation, then geometry.

    `rc` is None where the engine didn't return; `trap` is then what stopped it.
    """
    kinds = {d.kind for d in diagnostics if d.severity in (Severity.ERROR, Severity.WARNING)}
    # with a mesh, a line that says there is none is an echo
    has_error = any(d.severity is Severity.ERROR and d.kind not in (EMPTY, NOT_3D) for d in diagnostics)
    if is_out_of_memory:
        return Status.OUT_OF_MEMORY
    if is_output_too_large:
        return Status.TOO_LARGE
    if "parser_error" in kinds and n_triangles == 0:  # with a mesh it is an echo that looks like one
        return Status.SYNTAX_ERROR
    if "recursion" in kinds or (trap is not None and "call stack size" in trap):
        return Status.RECURSION
    if "assert" in kinds:
        return Status.ASSERT_FAILED
    if trap is not None or rc is None:
        return Status.CRASH
    if n_triangles == 0:
        return _why_no_mesh(kinds)
    if has_error or rc != 0:
        return Status.EVAL_ERROR
    has_warning = any(d.severity is Severity.WARNING for d in diagnostics)
    return Status.WARNING if has_warning else Status.OK


def _why_no_mesh(kinds: set[str]) -> Status:
    if "missing_file" in kinds:
        return Status.MISSING_LIBRARY
    if kinds & GAP_KINDS:
        return Status.EVAL_ERROR
    if NOT_3D in kinds:
        return Status.NOT_3D
    return Status.EMPTY if EMPTY in kinds or not kinds else Status.EVAL_ERROR
