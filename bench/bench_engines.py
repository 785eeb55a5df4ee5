"""Two engines on OpenSCAD's own examples and tests: verdicts, geometry, and why each file differs that differs.

Run: python bench/bench_engines.py [--data-dir var] [--timeout 30] [--native-timeout 240]. Needs Debian's `openscad`,
which brings the examples, and `openscad-testing-data` (apt-get install both), or the folders as arguments. The wasm
engine takes seconds, the native one minutes; verdicts are kept in `cache/engines.sqlite` of the data folder, so a
second run is quick. In the table of verdicts, a file that took longer than `--timeout` counts as timed out; the
geometry is compared with what the native engine makes of it within `--native-timeout`.

Prints Markdown: verdicts by engine, how many agree, and one line for each file that differs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from render import CompileJob, CompilePool, CompileResult, Status
from render.agreement import VOLUME_TOLERANCE, Agreement, Reason, agreement
from render.cache import ResultCache

EXAMPLES = Path("/usr/share/openscad/examples")
TESTS = Path("/usr/share/openscad/testdata")
_NAMED_FILE = re.compile(r'["<]([^"<>\n]{1,200}\.\w{1,8})[">]')

SEEN: dict[str, str] = {
    "3D/features/linear_extrude-parameter-tests.scad": "the last line gives `height` values that are no numbers: an "
    "error in 2025, silently the default in 2021; twisted sides are cut into other facets too",
    "3D/features/minkowski3-tests.scad": "two of the three sums: the rounded box has 3765.37 mm3 by arithmetic and in "
    "2021, 3762.94 in wasm, whose convex hull lost one corner of 16; the third sum agrees",
    "3D/features/tessellation-text-test.scad": "with the wasm engine's fonts, 2021 makes the same letters (volume to "
    "3e-7), aligned 0.6 mm off: the rules for centring changed",
    "3D/issues/issue1089.scad": "the hull of four points in one plane: wasm writes one triangle, 2021 the flat body's "
    "both sides",
    "3D/issues/issue1165.scad": "two cutters leave a gap of 9e-11 mm: Manifold keeps the film between them, CGAL's "
    "mesh ends at the cut",
    "Advanced/GEB.scad": "fonts: with the wasm engine's, 2021 agrees to 1.1e-5",
    "Advanced/animation.scad": "the wasm engine's convex hull fails an assertion and drops one of two arms; `auto` "
    "asks the native one",
    "Advanced/children.scad": "fonts: with the wasm engine's, 2021 agrees to 7e-5",
    "Advanced/children_indexed.scad": "fonts: with the wasm engine's, 2021 agrees to 2.3e-7",
    "Basics/LetterBlock.scad": "the same letter and volume, at another place: the rules for centring text changed",
    "Basics/linear_extrude.scad": "two twisted bodies: 2025 splits the sides of the outline too (4013 mm3 and 536 "
    "facets for the twisted box, 4300 and 68 in 2021), the others agree",
    "Basics/logo_and_text.scad": "fonts: with the wasm engine's, 2021 agrees to 3.1e-5",
    "Basics/rotate_extrude.scad": "fonts: with the wasm engine's, 2.7e-3 are left, because 2025 sets letters wider and "
    "the J that is turned lies 0.18 mm further out",
    "Basics/text_on_cube.scad": "fonts: with the wasm engine's, 2021 agrees to 7e-9",
    "Parametric/sign.scad": "fonts: with the wasm engine's, 2021 agrees to 4e-8",
    "bugs/issue591.scad": "a wedge that touches itself along an edge: CGAL refuses one of the two bodies, which is "
    "half of the volume; Manifold takes both",
    "2D/features/text-font-symbol.scad": "its Amiri font stops the wasm engine as soon as a letter is set in it; 2021 "
    "makes the letters, which are only 2D",
    "2D/features/text-font-tests.scad": "its Amiri font stops the wasm engine as soon as a letter is set in it; 2021 "
    "makes the letters, which are only 2D",
    "3D/features/import_3mf-tests.scad": "one of the two files is named by its absolute path, which the wasm engine "
    "cannot reach",
    "3D/features/import_stl-tests.scad": "one of the files is named by its absolute path, which the wasm engine cannot "
    "reach",
    "misc/include-tests.scad": "one of the files is named by its absolute path, which the wasm engine cannot reach",
    "misc/use-tests.scad": "one of the files is named by its absolute path, which the wasm engine cannot reach",
    "misc/allexpressions.scad": "`[1,,]` in line 6: two commas in a row are a syntax error in 2025, not in 2021",
    "customizer/allexpressionscomment.scad": "`[1,,]` in line 11: two commas in a row are a syntax error in 2025, "
    "not in 2021",
    "misc/string-unicode.scad": "`, ,` in line 33: two commas in a row are a syntax error in 2025, not in 2021",
}
"""What a person saw in a source and both meshes, where it says more than the rules of `render.agreement`."""


@dataclass(frozen=True)
class Compared:
    """One file and the verdicts on it."""

    group: str
    name: str
    wasm: CompileResult
    native: CompileResult
    auto: CompileResult
    found: Agreement


def read(path: Path, root: Path) -> CompileJob:
    """A source with every file below `root` that it or its companions name, as an argument of any module.

    What they name by an absolute path stays outside: the wasm engine has no such files, the native one may.
    """
    source = path.read_bytes().decode("utf-8", errors="replace")
    found: dict[str, str | bytes] = {}
    pending = [(path, source)]
    while pending:
        beside, text = pending.pop()
        for name in _NAMED_FILE.findall(text):
            target = (beside.parent / name).resolve()
            relative = os.path.relpath(target, path.parent)
            is_ours = not name.startswith("/") and target.is_relative_to(root) and target.is_file()
            if not is_ours or relative in found or target == path.resolve():
                continue
            found[relative] = data = target.read_bytes()
            if target.suffix == ".scad":
                found[relative] = data.decode("utf-8", errors="replace")
                pending.append((target, data.decode("utf-8", errors="replace")))
    return CompileJob(source, found)


def group_of(path: Path, root: Path) -> tuple[str, str]:
    """Which set a file belongs to, and its name in the tables."""
    name = str(path.relative_to(root)).removeprefix("scad/")
    if root == EXAMPLES or "examples" in root.parts:
        return "examples", name
    return ("3D tests" if name.startswith("3D/") else "other tests"), name


def compile_all(engine: str, jobs: list[CompileJob], timeout_seconds: float, data_dir: Path) -> list[CompileResult]:
    started = time.monotonic()
    n_cached = 0
    results: list[CompileResult] = []
    with CompilePool(
        engine,
        n_workers=2,
        timeout_seconds=timeout_seconds,
        data_dir=data_dir,
        cache=ResultCache(data_dir / "cache" / "engines.sqlite"),
        has_second_opinion=engine == "auto",
    ) as pool:
        for result in pool.map(jobs):
            results.append(result)
            n_cached += result.is_cached
    seconds = time.monotonic() - started
    print(f"{engine}: {len(jobs)} files in {seconds:.0f} s, {n_cached} of them from the cache", file=sys.stderr)
    return results


def within(result: CompileResult, seconds: float) -> CompileResult:
    """The verdict had the deadline been `seconds`."""
    is_late = result.seconds > seconds
    return replace(result, status=Status.TIMEOUT, stl=None, stats=None) if is_late else result


def print_verdicts(compared: list[Compared], seconds: float) -> None:
    print(f"\n### Verdicts by engine, {seconds:g} s a file\n")
    print("| files | engine | compile | strict | statuses |\n|---|---|---|---|---|")
    for group in dict.fromkeys(c.group for c in compared):
        of_group = [c for c in compared if c.group == group]
        for engine, results in (
            ("wasm", [c.wasm for c in of_group]),
            ("auto", [c.auto for c in of_group]),
            ("native", [c.native for c in of_group]),
        ):
            told = [within(result, seconds) for result in results]
            counts = Counter(result.status.value for result in told)
            statuses = ", ".join(f"{n} {status}" for status, n in counts.most_common())
            n_compiled, n_strict = sum(r.is_compiled for r in told), sum(r.is_strict for r in told)
            print(f"| {group} ({len(of_group)}) | {engine} | {n_compiled} | {n_strict} | {statuses} |")


def print_agreement(compared: list[Compared]) -> None:
    print("\n### Geometry, wasm against native\n")
    print(
        f"| files | both compile | volumes within {VOLUME_TOLERANCE:g} | also in the same place | both open, the same "
        "mesh | differ | neither compiles, the same status |\n|---|---|---|---|---|---|---|"
    )
    groups = list(dict.fromkeys(c.group for c in compared))
    for group in [*groups, "all"]:
        rows = [c.found for c in compared if group in (c.group, "all")]
        both = [a for a in rows if a.first.is_compiled and a.second.is_compiled]
        near = [a for a in both if a.volume_difference is not None and a.volume_difference <= VOLUME_TOLERANCE]
        n_open = sum(a.is_same and a.volume_difference is None for a in both)
        n_failed = sum(a.reason is Reason.SAME_FAILURE for a in rows)
        n_same = sum(a.is_same for a in near)
        n_differ = sum(not a.is_same for a in rows)
        print(f"| {group} | {len(both)} | {len(near)} | {n_same} | {n_open} | {n_differ} | {n_failed} |")


def print_differences(compared: list[Compared], seconds: float) -> None:
    rows = [c for c in compared if not c.found.is_same]
    late = [c for c in compared if c.native.seconds > seconds and c.found.is_same]
    counts = Counter(c.found.reason.value for c in rows)
    print(f"\n### Every file that differs: {', '.join(f'{n} {reason}' for reason, n in counts.most_common())}\n")
    print("| file | wasm | native | volume | reason | why |\n|---|---|---|---|---|---|")
    rows.sort(key=lambda c: (c.found.reason.value, c.group, c.name))
    for c in rows:
        difference = f"{c.found.volume_difference:.1e}" if c.found.volume_difference is not None else "–"
        why = SEEN.get(c.name, _plain(c.found.explanation, c))
        cells = (c.name, c.wasm.status, c.native.status, difference, c.found.reason, why.replace("|", "\\|"))
        print(f"| {' | '.join(cells)} |")
    if late:
        print(f"\nThe native engine took more than {seconds:g} s, and then agreed: {', '.join(c.name for c in late)}.")


def _plain(explanation: str, compared: Compared) -> str:
    """Engine ids as one word: the head of the table tells the versions."""
    for word, result in (("wasm", compared.wasm), ("native", compared.native)):
        explanation = explanation.replace(result.engine_id, word)
    return explanation


def find_files(folders: list[Path]) -> list[tuple[Path, Path]]:
    """(root, file) of all sources; says what to install where a folder isn't there."""
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        sys.exit(f"no {missing[0]}: apt-get install openscad openscad-testing-data, or name the folders")
    return [(root.resolve(), path) for root in folders for path in sorted(root.resolve().rglob("*.scad"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", default=[EXAMPLES, TESTS])
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="folder that holds engine/ and cache/")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds a file in the table of verdicts")
    parser.add_argument("--native-timeout", type=float, default=240.0, help="seconds a file for the comparison")
    args = parser.parse_args()
    found = [
        (root, path) for root, path in find_files(args.folders) if root.name != "testdata" or "/scad/" in str(path)
    ]
    jobs = [read(path, root) for root, path in found]
    wasm = compile_all("wasm", jobs, args.timeout, args.data_dir)
    auto = compile_all("auto", jobs, args.timeout, args.data_dir)
    native = compile_all("native", jobs, args.native_timeout, args.data_dir)
    compared = [
        Compared(*group_of(path, root), *results, agreement(job, results[0], results[1]))
        for (root, path), job, results in zip(found, jobs, zip(wasm, native, auto, strict=True), strict=True)
    ]
    print(f"wasm is {wasm[0].engine_id}, native {native[0].engine_id}; auto is wasm with native as a second opinion.")
    print_verdicts(compared, args.timeout)
    print_agreement(compared)
    print_differences(compared, args.timeout)


if __name__ == "__main__":
    main()
