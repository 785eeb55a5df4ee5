"""Two verdicts on one source, compared: the reason for each difference, from made-up results and from real engines."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from render import CompileJob, CompileResult, Diagnostic, Engine, MeshStats, Severity, Status, open_engine
from render.agreement import Agreement, Reason, agreement
from render.engines import EngineMissing

WASM, NATIVE = "wasm-2025.07.18/manifold/fonts-1", "native-2021.01/cgal"
BOX = MeshStats(12, (10, 20, 30), (0, 0, 0), (10, 20, 30), 6000.0, 2200.0, True, 1, 0, True, (5, 10, 15))
OPEN_BOX = replace(BOX, n_triangles=10, volume_mm3=None, is_closed=False, genus=None, center_of_mass_mm=None)


def error(kind: str, message: str, line: int | None = None) -> Diagnostic:
    return Diagnostic(Severity.ERROR, kind, message, None, line)


def warning(kind: str, message: str, line: int | None = None) -> Diagnostic:
    return Diagnostic(Severity.WARNING, kind, message, None, line)


EMPTY = error("empty", "the model is empty")
NOT_CLOSED = error("not_closed", "The given mesh is not closed!")
DEPRECATED = Diagnostic(Severity.DEPRECATED, "deprecated", "import_dxf() will be removed in future releases", None, 1)


def made(stats: MeshStats = BOX, *said: Diagnostic, engine_id: str = WASM) -> CompileResult:
    return CompileResult(Status.WARNING if said else Status.OK, engine_id, 0.1, said, stats=stats)


def failed(status: Status, *said: Diagnostic, engine_id: str = WASM) -> CompileResult:
    return CompileResult(status, engine_id, 0.1, said)


def compared(first: CompileResult, second: CompileResult, source: str = "cube(1);") -> Agreement:
    """Second is the native engine's; asked in both orders, which must make no difference but in the words."""
    second = replace(second, engine_id=NATIVE)
    there, back = (agreement(CompileJob(source), a, b) for a, b in ((first, second), (second, first)))
    assert (there.is_same, there.reason, there.volume_difference) == (back.is_same, back.reason, back.volume_difference)
    return there


def scaled(volume_mm3: float, n_triangles: int = 12) -> MeshStats:
    return replace(BOX, volume_mm3=volume_mm3, n_triangles=n_triangles)


def test_volumes_within_a_ten_thousandth_in_the_same_place_are_the_same_however_many_the_facets() -> None:
    found = compared(made(), made(scaled(6000.5, 99)))
    assert (found.is_same, found.reason) == (True, Reason.SAME)
    assert found.volume_difference == pytest.approx(0.5 / 6000.5)


def test_a_warning_of_one_engine_does_not_part_equal_meshes() -> None:
    assert compared(made(), made(BOX, warning("bad_argument", "x"))).is_same


def test_open_meshes_are_the_same_if_sides_and_area_are() -> None:
    assert compared(made(OPEN_BOX), made(replace(OPEN_BOX, n_triangles=14))).reason is Reason.SAME
    other = compared(made(OPEN_BOX), made(replace(OPEN_BOX, area_mm2=2300.0)))
    assert (other.is_same, other.reason, other.volume_difference) == (False, Reason.OPEN, None)


def test_one_open_mesh_is_named() -> None:
    found = compared(made(), made(OPEN_BOX))
    assert found.reason is Reason.OPEN
    assert NATIVE in found.explanation


def test_the_same_failure_is_agreement() -> None:
    found = compared(failed(Status.EMPTY, EMPTY), failed(Status.EMPTY, EMPTY))
    assert (found.is_same, found.reason, found.explanation) == (True, Reason.SAME_FAILURE, "empty")


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.TOO_LARGE])
def test_a_limit_that_one_meets_says_nothing_of_the_source(status: Status) -> None:
    found = compared(made(), failed(status, error(status.value, "no mesh within 30 s")))
    assert (found.is_same, found.reason) == (False, Reason.LIMIT)
    assert "no mesh within 30 s" in found.explanation
    assert compared(failed(status), failed(Status.CRASH)).reason is Reason.LIMIT


def test_a_crash_and_a_bug_that_the_engine_admits_are_the_engines() -> None:
    assert compared(made(), failed(Status.CRASH)).reason is Reason.ENGINE
    assert compared(made(), failed(Status.ENGINE_ERROR)).reason is Reason.ENGINE
    bug = error("engine_bug", "CGAL error in applyHull()")
    assert compared(failed(Status.EVAL_ERROR, bug), made()).reason is Reason.ENGINE


def test_a_corner_lost_in_a_sum_is_the_wasm_engines() -> None:
    source = "minkowski() { cube(10); sphere(2, $fn = 8); }"
    assert compared(made(scaled(5900, 40)), made(scaled(6000, 44)), source).reason is Reason.ENGINE
    assert compared(made(scaled(3000, 40)), made(scaled(6000, 44)), source).reason is Reason.UNEXPLAINED


def test_a_file_that_only_one_finds_is_missing() -> None:
    gap = warning("missing_file", "Can't open import file 'a.stl'")
    for other in (failed(Status.MISSING_LIBRARY, gap, EMPTY), made(scaled(100), gap)):
        found = compared(made(), other)
        assert (found.reason, "Can't open import file 'a.stl'" in found.explanation) == (Reason.MISSING, True)


def test_of_several_files_the_one_that_only_one_engine_misses_is_named() -> None:
    both, one = (warning("missing_file", f"Can't open import file '{name}'") for name in ("a.stl", "/usr/b.stl"))
    found = compared(made(scaled(5000), one, both), made(BOX, both))
    assert (found.reason, "/usr/b.stl" in found.explanation) == (Reason.MISSING, True)


def test_a_name_that_one_engine_no_longer_knows_is_language_with_both_sides_told() -> None:
    unknown = warning("unknown_module", "Ignoring unknown module 'import_dxf'", 1)
    found = compared(failed(Status.EVAL_ERROR, unknown, EMPTY), made(BOX, DEPRECATED))
    assert found.reason is Reason.LANGUAGE
    assert "will be removed" in found.explanation
    assert "unknown module 'import_dxf' (line 1)" in found.explanation


@pytest.mark.parametrize(
    "said",
    [
        (Status.SYNTAX_ERROR, error("parser_error", "Parser error: syntax error", 6)),
        (Status.ASSERT_FAILED, error("assert", "Assertion 'false' failed")),
        (Status.EVAL_ERROR, warning("unknown_variable", "Ignoring unknown variable 'a'")),
        (Status.EVAL_ERROR, error("other", "height when specified should be a number")),
    ],
)
def test_what_only_one_engine_complains_of_is_language(said: tuple[Status, Diagnostic]) -> None:
    status, diagnostic = said
    found = compared(failed(status, diagnostic, EMPTY), made())
    assert found.reason is Reason.LANGUAGE
    assert diagnostic.message in found.explanation
    if diagnostic.kind != "other":
        assert compared(failed(status, diagnostic), failed(Status.EMPTY, EMPTY)).reason is Reason.LANGUAGE


def test_the_background_modifier_before_a_picked_child_is_language() -> None:
    for call, reason in (("child()", Reason.LANGUAGE), ("children(0)", Reason.LANGUAGE), ("children()", None)):
        found = compared(
            made(), made(scaled(3000)), f"module m() {{ %{call}; }} difference() {{ sphere(9); m() cube(5); }}"
        )
        assert found.reason is (reason or Reason.UNEXPLAINED)


def test_text_is_fonts_and_a_comment_on_text_is_not() -> None:
    first, second = made(), made(replace(scaled(5000), size_mm=(11, 20, 30), max_mm=(11, 20, 30)))
    assert compared(first, second, 'linear_extrude(1) text("a");').reason is Reason.FONTS
    for comment in ("// a text(1)", "/* text(1) */", "/* text(1) never ends"):
        assert compared(first, second, f"cube(1); {comment}").reason is Reason.UNEXPLAINED
    no_fonts = failed(Status.EMPTY, warning("no_fonts", "Can't get font"), EMPTY)
    assert compared(made(), no_fonts, 'linear_extrude(1) text("a");').reason is Reason.FONTS


def test_letters_in_another_place_are_told_from_other_letters() -> None:
    moved = replace(BOX, center_of_mass_mm=(5, 12, 15))
    found = compared(made(), made(moved), 'difference() { cube(9); linear_extrude(1) text("a"); }')
    assert (found.is_same, found.reason) == (False, Reason.FONTS)
    assert "align" in found.explanation


def test_a_mesh_that_one_refuses_is_repair() -> None:
    assert compared(made(), failed(Status.EMPTY, NOT_CLOSED, EMPTY)).reason is Reason.REPAIR
    assert compared(failed(Status.EVAL_ERROR, NOT_CLOSED), failed(Status.EMPTY, NOT_CLOSED)).reason is Reason.REPAIR
    assert compared(made(), made(scaled(3000), warning("not_closed", "not a 2-manifold"))).reason is Reason.REPAIR


def test_a_mesh_inside_out_and_a_film_without_volume_are_repair() -> None:
    inverted = compared(made(), made(scaled(-6000)))
    assert (inverted.reason, inverted.volume_difference) == (Reason.REPAIR, 2.0)
    film = compared(made(), made(replace(BOX, size_mm=(15, 20, 30), max_mm=(15, 20, 30))))
    assert (film.is_same, film.reason, film.volume_difference) == (False, Reason.REPAIR, 0.0)
    assert NATIVE in film.explanation


@pytest.mark.parametrize(
    "source",
    [
        "linear_extrude(height = 9, twist = 90) square(5);",
        "linear_extrude(height = 9, scale = [1, 0]) square(5);",
        "rotate_extrude(angle = 100) translate([9, 0]) square(5);",
    ],
)
def test_more_facets_of_a_twisted_or_turned_body_are_tessellation(source: str) -> None:
    assert compared(made(scaled(5700, 200)), made(), source).reason is Reason.TESSELLATION
    assert compared(made(scaled(3000, 200)), made(), source).reason is Reason.UNEXPLAINED


def test_another_number_of_facets_explains_no_hole_more() -> None:
    assert compared(made(scaled(5900, 60)), made()).reason is Reason.TESSELLATION
    assert compared(made(replace(scaled(5900, 60), genus=1)), made()).reason is Reason.UNEXPLAINED


def test_random_numbers_are_a_reason_unless_they_are_seeded() -> None:
    assert compared(made(), made(scaled(1)), "cube(rands(1, [2, 3][0], 1)[0]);").reason is Reason.RANDOM
    assert compared(made(), made(scaled(1)), "cube(rands(1, 2, 1, 42)[0]);").reason is Reason.UNEXPLAINED


def every_kind_of_result() -> list[CompileResult]:
    said = [NOT_CLOSED, DEPRECATED, EMPTY, *(warning(kind, kind) for kind in ("engine_bug", "missing_file", "other"))]
    results = [failed(status, *some) for status in Status for some in ((), (said[0],), tuple(said))]
    nothing = MeshStats(0, (0, 0, 0), (0, 0, 0), (0, 0, 0), 0.0, 0.0, False, 0, None)
    odd = replace(BOX, volume_mm3=float("nan"), area_mm2=float("inf"))
    meshes = [BOX, OPEN_BOX, nothing, odd, scaled(-1), scaled(0)]
    results += [made(stats, *some) for stats in meshes for some in ((), tuple(said))]
    return [*results, replace(made(), stl=b"no mesh"), CompileResult(Status.EVAL_ERROR, NATIVE, 1.0, stats=BOX)]


def test_it_never_raises_and_the_order_makes_no_difference() -> None:
    for first, second in itertools.product(every_kind_of_result(), repeat=2):
        for source in ("", "text(", "minkowski() hull() rands(", "linear_extrude(twist=1) %children() /*"):
            found = compared(first, second, source)
            assert found.explanation
            assert "\n" not in found.explanation
            assert found.is_same == (found.reason in (Reason.SAME, Reason.SAME_FAILURE))


def test_a_result_agrees_with_itself() -> None:
    for result in every_kind_of_result():
        assert agreement(CompileJob("cube(1);"), result, result).is_same


@pytest.mark.parametrize("source", ["rands(" * 100_000, "/*" * 200_000, "linear_extrude(" * 50_000, "%" * 400_000])
@pytest.mark.timeout(20)
def test_a_hostile_source_takes_no_long_time(source: str) -> None:
    compared(made(), made(replace(scaled(5900, 9), genus=1)), source)


@pytest.fixture(scope="module")
def native(engine_data_dir: Path) -> Engine:
    if shutil.which("openscad") is None:
        pytest.skip("no openscad installed")
    try:
        return open_engine("native", data_dir=engine_data_dir)
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("source", "is_same", "reason"),
    [
        ("difference() { cube(10); cylinder(r = 3, h = 99, $fn = 32); }", True, Reason.SAME),
        ("square(3);", True, Reason.SAME_FAILURE),
        ("linear_extrude(height = 20, twist = 90) square([20, 10], center = true);", False, Reason.TESSELLATION),
        ("rotate_extrude(angle = 100) translate([10, 0]) square(3);", False, Reason.TESSELLATION),
        ("for (i = [3 : 1]) translate([9 * i, 0]) cube(i);", False, Reason.LANGUAGE),
        ("module m() { %children(); } difference() { sphere(9); m() cube(9); }", True, Reason.SAME),
        ("module m() { %children(0); } difference() { sphere(9); m() cube(9); }", False, Reason.LANGUAGE),
    ],
)
def test_real_engines_differ_where_their_versions_do(
    engine: Engine, native: Engine, source: str, is_same: bool, reason: Reason
) -> None:
    if "2021.01" not in native.engine_id:
        pytest.skip(f"the differences are those of 2021.01, and this is {native.engine_id}")
    job = CompileJob(source)
    first, second = (e.compile(job, timeout_seconds=30, max_memory_bytes=1 << 30) for e in (engine, native))
    found = agreement(job, first, second)
    assert (found.is_same, found.reason) == (is_same, reason), found.explanation
