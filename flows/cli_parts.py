"""`cad-copilot compile | render | measure | inspect`: OpenSCAD files and meshes, no data set, no model."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_output import MESH_SUFFIXES, DataDir, Json, check_output, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.part_files import CompiledFile, CompileOptions
    from render import CompileJob, CompileResult
    from render.overrides import Value

__all__ = ["register"]

PICTURE_SUFFIXES = (".png", ".gif")
VIEWS = ("iso", "front", "top", "right", "back", "left", "bottom", "all")

Engine = Annotated[
    str | None, typer.Option(help="auto, wasm, native, native:/path/to/openscad; default: CAD_COPILOT_ENGINE.")
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Engine processes at once; default: one a core.", min=1)]
Timeout = Annotated[float | None, typer.Option(help="Deadline of one file, seconds.", min=0.01)]
Define = Annotated[
    list[str] | None,
    typer.Option("--define", "-D", help="name=value for a variable of the top level; text needs no quotes."),
]
LibraryPath = Annotated[
    list[Path] | None, typer.Option("--library-path", help="A folder of libraries, or a library. May be repeated.")
]
Trust = Annotated[
    bool, typer.Option("--trust", help="You vouch for the files: a native engine may run without containment.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compile anew, keep nothing.")]


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.command("compile")(compile_)
    app.command("render")(render)
    app.command("measure")(measure)
    app.command("inspect")(inspect)


def compile_(
    sources: Annotated[list[Path], typer.Argument(help="Files of .scad, folders of them, or - for standard input.")],
    out: Annotated[
        Path | None, typer.Option("--out", "--output", "-o", help="A mesh file; for several sources, a folder.")
    ] = None,
    suffix: Annotated[
        str, typer.Option("--format", help=f"Of the meshes in a folder: {', '.join(s[1:] for s in MESH_SUFFIXES)}.")
    ] = "stl",
    engine: Engine = None,
    compare: Annotated[
        str | None, typer.Option(help="A second engine: compile with both, and explain where they differ.")
    ] = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    trust: Trust = False,
    no_cache: NoCache = False,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")] = False,
) -> None:
    """Compile OpenSCAD files: verdict and measures of each, and meshes with --out."""
    from flows.part_files import CompileOptions, compile_files, expand, open_pool, read_job

    files = expand(sources)
    if not files:
        raise fail("no .scad file there", ExitCode.USAGE)
    targets = _targets(out, files, suffix)
    settings = load_settings(data_dir=data_dir)
    values = _defined(define)
    options = CompileOptions(
        engine, jobs, timeout, tuple(library_path or ()), trust, has_cache=not no_cache, has_meshes=out is not None
    )
    read = [(path, read_job(path, values)) for path in files]
    if compare is not None:
        _compare(settings, options, compare, read, as_json=as_json)
        return
    counts: dict[str, int] = {}
    has_bar = len(read) > 1 and sys.stderr.isatty()
    with open_pool(settings, options, n_files=len(read)) as pool, _progress(len(read), is_shown=has_bar) as bar:
        for compiled in compile_files(pool, read):
            target = targets.get(compiled.path)
            if compiled.result.is_compiled and target is not None:
                _write_mesh(compiled.result, target)
            bar.clear()
            line = _json_line(compiled.document(target)) if as_json else compiled.line()
            sys.stdout.write(f"{line}\n")  # typer.echo flushes each line: a tenth of the time of cached files
            bar.update()
            counts[compiled.result.status.value] = counts.get(compiled.result.status.value, 0) + 1
    _sum_up(counts, len(read))


class _NoBar:
    """What a progress bar is where nobody looks: importing a real one takes longer than 100 cached files."""

    def clear(self) -> None: ...

    def update(self) -> None: ...


@contextmanager
def _progress(n_files: int, *, is_shown: bool) -> Iterator[Any]:
    if not is_shown:
        yield _NoBar()
        return
    from tqdm import tqdm

    with tqdm(total=n_files, unit="file", desc="compile") as bar:
        yield bar


def _sum_up(counts: dict[str, int], n_files: int) -> None:
    """The last line, where there was more than one file, and the exit code."""
    n_compiled = counts.get("ok", 0) + counts.get("warning", 0)
    if n_files > 1:
        rest = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()) if status not in ("ok", "warning"))
        typer.echo(f"{n_compiled} of {n_files} files compile{f' ({rest})' if rest else ''}", err=True)
    if counts.get("engine_error"):
        raise typer.Exit(ExitCode.ENGINE_MISSING)
    if n_compiled < n_files:
        raise typer.Exit(ExitCode.BAD_SOURCE)


def _compare(
    settings: Settings,
    options: CompileOptions,
    other: str,
    files: Sequence[tuple[Path, CompileJob]],
    *,
    as_json: bool,
) -> None:
    """One line a file: agree, or why not."""
    from dataclasses import replace

    from flows.part_files import open_pool
    from render.agreement import agreement

    counts: dict[str, int] = {}
    with (
        open_pool(settings, options, n_files=len(files)) as first,
        open_pool(settings, replace(options, engine=other), n_files=len(files)) as second,
    ):
        # one engine after the other: on the same cores at once, each would take the other's time
        firsts, seconds = (list(pool.map(job for _, job in files)) for pool in (first, second))
    for (path, job), one, two in zip(files, firsts, seconds, strict=True):
        found = agreement(job, one, two)
        counts[found.reason.value] = counts.get(found.reason.value, 0) + 1
        if as_json:
            document = {
                "file": str(path),
                "is_same": found.is_same,
                "reason": found.reason,
                "explanation": found.explanation,
                "volume_difference": found.volume_difference,
                "engines": {r.engine_id: r.status for r in (one, two)},
            }
            typer.echo(_json_line(document))
        else:
            verdict = "same" if found.is_same else f"differs ({found.reason})"
            typer.echo(f"{path}: {verdict}: {one.status}, {two.status}: {found.explanation}")
    typer.echo(", ".join(f"{n} {reason}" for reason, n in sorted(counts.items())), err=True)


def render(
    sources: Annotated[list[Path], typer.Argument(help=".scad or binary .stl files; several give a contact sheet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help=".png to write, or .gif for a turntable.")],
    view: Annotated[str, typer.Option(help=f"{', '.join(VIEWS)}: the engineer's sheet.")] = "iso",
    before: Annotated[
        Path | None, typer.Option(help="An earlier .scad or .stl: what was added is green, what was removed is red.")
    ] = None,
    size: Annotated[int, typer.Option(help="Width and height in pixels.", min=16, max=4096)] = 512,
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Draw parts, with no graphics libraries: a view, all views, a difference, a turntable, or a contact sheet."""
    from flows.part_files import CompileOptions

    check_output(output, PICTURE_SUFFIXES)
    if view not in VIEWS:
        raise fail(f"no view is called {view!r}: use {', '.join(VIEWS)}", ExitCode.USAGE)
    is_gif = output.suffix.lower() == ".gif"
    if (len(sources) > 1 or before is not None) and (is_gif or view == "all"):
        raise fail("a turntable and the sheet of all views show one part", ExitCode.USAGE)
    settings = load_settings(data_dir=data_dir)
    options = CompileOptions(engine, None, timeout, tuple(library_path or ()), trust)
    values = _defined(define)
    stls = _load_meshes(settings, options, sources, values, is_strict=len(sources) == 1)
    earlier = _load_meshes(settings, options, [before], {}, is_strict=True)[before] if before is not None else None
    try:
        picture = _draw(stls, earlier, view=view, size=size, is_gif=is_gif)
    except ValueError as error:
        raise fail(f"{sources[0]}: not a mesh that can be drawn: {error}", ExitCode.BAD_SOURCE) from None
    output.write_bytes(picture)
    emit(as_json, {"picture": str(output), "n_bytes": len(picture)}, f"{output}: {len(picture) / 1000:.0f} kB")


def _draw(stls: dict[Path, bytes | None], earlier: bytes | None, *, view: str, size: int, is_gif: bool) -> bytes:
    from render.pictures.camera import View
    from render.pictures.difference import difference_png
    from render.pictures.drawing import render_views
    from render.pictures.preview import Tile, contact_sheet, render_png
    from render.pictures.turntable import turntable_gif

    if len(stls) > 1:
        tiles = [
            Tile(stl, path.name if stl is not None else f"{path.name}\nno mesh", None) for path, stl in stls.items()
        ]
        return contact_sheet(tiles, tile_px=min(size, 256))
    (stl,) = stls.values()
    if is_gif:
        return turntable_gif(stl, size_px=size)
    if view == "all":
        return render_views(stl, size_px=size)
    if earlier is not None:
        return difference_png(earlier, stl, size_px=size, view=View(view))
    return render_png(stl, size_px=size, view=View(view))


def measure(
    sources: Annotated[list[Path], typer.Argument(help=".scad or binary .stl files.")],
    against: Annotated[Path | None, typer.Option(help="A reference to compare each with: IoU, Chamfer, F1.")] = None,
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")] = False,
) -> None:
    """Measure parts: sides, volume, area, centre of mass, inertia, pieces, holes; and against a reference."""
    from flows.part_files import CompileOptions, describe_stats, stats_document
    from render.geometry.mesh import measure_triangles
    from render.geometry.shapes import compare_shapes

    settings = load_settings(data_dir=data_dir)
    options = CompileOptions(engine, None, timeout, tuple(library_path or ()), trust)
    stls = _load_meshes(settings, options, sources, _defined(define), is_strict=True)
    reference = None
    if against is not None:
        reference = _triangles(_load_meshes(settings, options, [against], {}, is_strict=True)[against], against)
    for path, stl in stls.items():
        mesh = _triangles(stl, path)
        stats = measure_triangles(mesh)
        document: dict[str, Any] = {"file": str(path), **stats_document(stats)}
        lines = [f"{path}: {describe_stats(stats)}"]
        if stats.center_of_mass_mm is not None:
            lines.append("  centre of mass " + ", ".join(f"{c:.3f}" for c in stats.center_of_mass_mm) + " mm")
        closed = "closed" if stats.is_closed else "open"
        lines.append(f"  {closed}, {'' if stats.is_manifold else 'not '}manifold, {stats.n_triangles} triangles")
        lines.append(f"  {stats.area_mm2:.1f} mm2, {stats.n_components} pieces, genus {stats.genus}")
        if reference is not None:
            compared = compare_shapes(mesh, reference)
            document["against"] = asdict(compared)
            lines.append(
                f"  against {against}: IoU {_number(compared.iou_in_place)} in place, "
                f"{_number(compared.iou_aligned)} aligned; Chamfer {_number(compared.chamfer_mm)} mm, "
                f"F1 {_number(compared.f1)}, Hausdorff {_number(compared.hausdorff_mm)} mm"
            )
        typer.echo(_json_line(document) if as_json else "\n".join(lines))


def inspect(
    source: Annotated[Path, typer.Argument(help="A .scad or binary .stl file.")],
    bed: Annotated[str, typer.Option(help="The printer's room in mm: XxYxZ.")] = "220x220x250",
    material: Annotated[str, typer.Option(help="PLA, PETG, ABS, TPU, nylon, resin, aluminium or steel.")] = "PLA",
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """What an engineer asks of a part: its parameters, its libraries, and how it prints."""
    from flows.part_files import CompileOptions
    from render.geometry.printability import DENSITIES_G_CM3, printability

    known = {name.lower(): name for name in DENSITIES_G_CM3}
    if material.lower() not in known:
        raise fail(f"no density of {material!r}: use {', '.join(DENSITIES_G_CM3)}", ExitCode.USAGE)
    room = _bed(bed)
    settings = load_settings(data_dir=data_dir)
    options = CompileOptions(engine, None, timeout, tuple(library_path or ()), trust)
    document: dict[str, Any] = {"file": str(source)}
    lines = [str(source)]
    if source.suffix.lower() == ".stl":
        stl = _load_meshes(settings, options, [source], {}, is_strict=True)[source]
    else:
        compiled = _compile_one(settings, options, source, _defined(define))
        stl = compiled.result.stl if compiled.result.is_compiled else None
        _describe_source(compiled, document, lines)
    if stl is not None:
        report = printability(_triangles(stl, source), bed_mm=room, material=known[material.lower()])
        document["print"] = asdict(report)
        lines += _report_lines(document["print"])
    emit(as_json, document, "\n".join(lines))
    if stl is None:
        raise typer.Exit(ExitCode.BAD_SOURCE)


def _describe_source(compiled: CompiledFile, document: dict[str, Any], lines: list[str]) -> None:
    from render.customizer import parse_parameters

    parameters = parse_parameters(compiled.job.source)
    document |= {
        **compiled.document(None),
        "parameters": [asdict(p) for p in parameters],
        "companions": sorted(compiled.job.files),
    }
    lines[0] = compiled.line()
    for parameter in parameters:
        limits = [f"{word} {value:g}" for word, value in (("from", parameter.minimum), ("to", parameter.maximum))
                  if value is not None]  # fmt: skip
        choices = [str(option.label) for option in parameter.options]
        rest = ", ".join([*limits, *([f"one of {', '.join(choices)}"] if choices else [])])
        what = f"  # {parameter.description}" if parameter.description else ""
        lines.append(f"  {parameter.name} = {parameter.default!r}{f'  ({rest})' if rest else ''}{what}")


def _report_lines(report: dict[str, Any]) -> list[str]:
    facts = [
        f"  fits: {report['fitting_turn'] or 'no'}; mass {_number(report['mass_g'])} g solid",
        f"  thinnest wall {_number(report['thinnest_wall_mm'])} mm; "
        f"overhang {_number(report['overhang_area_mm2'])} mm2",
        f"  on the bed {_number(report['contact_area_mm2'])} mm2; stands: {report['is_stable']}",
    ]
    return facts + [f"  ! {problem}" for problem in report["problems"]]


def _json_line(document: dict[str, Any]) -> str:
    """One line; infinity and what is no number are null, as JSON wants it."""
    import orjson

    return orjson.dumps(document).decode()


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _bed(text: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(part) for part in text.lower().split("x"))
    except ValueError:
        raise fail(f"--bed {text!r} is not like 220x220x250", ExitCode.USAGE) from None
    return x, y, z


def _defined(define: list[str] | None) -> dict[str, Value]:
    if not define:
        return {}
    from render.overrides import parse_value

    values: dict[str, Value] = {}
    for text in define:
        name, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError("it needs name=value")
            values[name.strip()] = parse_value(value)
        except ValueError as error:
            raise fail(f"-D {text!r}: {error}", ExitCode.USAGE) from None
    return values


def _targets(out: Path | None, files: Sequence[Path], suffix: str) -> dict[Path, Path]:
    """Where each source's mesh goes; empty without `out`. A folder is made if need be."""
    if f".{suffix}" not in MESH_SUFFIXES:
        raise fail(f"can't write .{suffix}: use {', '.join(s[1:] for s in MESH_SUFFIXES)}", ExitCode.USAGE)
    if out is None:
        return {}
    if len(files) == 1 and not out.is_dir():
        check_output(out, MESH_SUFFIXES)
        return {files[0]: out}
    if out.suffix.lower() in MESH_SUFFIXES and not out.is_dir():
        raise fail(f"{len(files)} sources can't go into one file {out}: name a folder", ExitCode.USAGE)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(f"can't make the folder {out}: {error.strerror}", ExitCode.STORAGE) from None
    stems = {path: path.stem if str(path) != "-" else "stdin" for path in files}
    uses = Counter(stems.values())
    for path, stem in stems.items():
        if uses[stem] > 1:  # two sources of one name: with their folders
            stems[path] = "-".join(part for part in path.with_suffix("").parts if part not in ("/", ".", ".."))
    return {path: out / f"{stem}.{suffix}" for path, stem in stems.items()}


def _write_mesh(result: CompileResult, target: Path) -> None:
    from render.geometry.formats import export_mesh

    assert result.stl is not None
    export_mesh(result.stl, target)


def _compile_one(settings: Settings, options: CompileOptions, path: Path, values: dict[str, Value]) -> CompiledFile:
    from flows.part_files import compile_files, open_pool, read_job

    with open_pool(settings, options) as pool:
        (compiled,) = compile_files(pool, [(path, read_job(path, values))])
    if compiled.result.status == "engine_error":
        raise fail(compiled.line(), ExitCode.ENGINE_MISSING)
    return compiled


def _load_meshes(
    settings: Settings, options: CompileOptions, paths: Sequence[Path], values: dict[str, Value], *, is_strict: bool
) -> dict[Path, bytes | None]:
    """The binary STL of each .scad or .stl; with `is_strict`, one without a mesh ends the command."""
    from flows.part_files import compile_files, describe_failure, open_pool, read_job

    meshes: dict[Path, bytes | None] = dict.fromkeys(paths)
    for path in paths:
        if path.suffix.lower() == ".stl":
            try:
                meshes[path] = path.read_bytes()
            except OSError as error:
                raise fail(f"can't read {path}: {error.strerror}", ExitCode.USAGE) from None
    read = [(path, read_job(path, values)) for path, stl in meshes.items() if stl is None]
    if not read:
        return meshes
    with open_pool(settings, options, n_files=len(read)) as pool:
        for compiled in compile_files(pool, read):
            if compiled.result.status == "engine_error" or (is_strict and not compiled.result.is_compiled):
                is_ours = compiled.result.status == "engine_error"
                code = ExitCode.ENGINE_MISSING if is_ours else ExitCode.BAD_SOURCE
                raise fail(describe_failure(compiled.path, compiled.result), code)
            meshes[compiled.path] = compiled.result.stl if compiled.result.is_compiled else None
    return meshes


def _triangles(stl: bytes | None, path: Path) -> Any:
    from render.geometry.mesh import read_stl

    try:
        mesh = read_stl(stl or b"")
    except ValueError as error:
        raise fail(f"{path}: {error}", ExitCode.BAD_SOURCE) from None
    if len(mesh.faces) == 0:
        raise fail(f"{path}: a mesh without triangles", ExitCode.BAD_SOURCE)
    return mesh
