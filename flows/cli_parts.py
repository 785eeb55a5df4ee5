"""`cad-copilot render | measure | inspect`: what a part looks like, what it measures, how it prints."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_output import DataDir, Json, check_output, emit, fail, json_line
from flows.cli_part_options import (
    Define,
    Engine,
    JsonLines,
    LibraryPath,
    Root,
    Timeout,
    Trust,
    defined,
    library_folders,
    load_meshes,
    triangles_of,
)
from flows.exit_codes import ExitCode
from flows.settings import load_settings

if TYPE_CHECKING:
    from flows.part_files import CompiledFile

__all__ = ["inspect", "measure", "render"]

PICTURE_SUFFIXES = (".png", ".gif")
VIEWS = ("iso", "front", "top", "right", "back", "left", "bottom", "all")


def render(
    sources: Annotated[list[Path], typer.Argument(help=".scad or .stl files; several give a contact sheet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help=".png to write, or .gif for a turntable.")],
    view: Annotated[str | None, typer.Option(help=f"Of one part: {', '.join(VIEWS)} (the engineer's sheet).")] = None,
    before: Annotated[
        Path | None, typer.Option(help="An earlier .scad or .stl: what was added is green, what was removed is red.")
    ] = None,
    size: Annotated[int, typer.Option(help="Width and height in pixels.", min=16, max=4096)] = 512,
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    root: Root = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Draw parts, with no graphics libraries: a view, all views, a difference, a turntable, or a contact sheet."""
    from flows.part_files import CompileOptions

    check_output(output, PICTURE_SUFFIXES)
    if view is not None and view not in VIEWS:
        raise fail(f"no view is called {view!r}: use {', '.join(VIEWS)}", ExitCode.USAGE)
    is_gif = output.suffix.lower() == ".gif"
    wishes = [len(sources) > 1, before is not None, is_gif, view == "all"]
    if sum(wishes) > 1 or (view is not None and (is_gif or len(sources) > 1)):
        raise fail(
            "a contact sheet, a difference, a turntable and a view are each a picture of their own", ExitCode.USAGE
        )
    settings = load_settings(data_dir=data_dir)
    options = CompileOptions(engine, None, timeout, library_folders(library_path), trust)
    meshes = load_meshes(settings, options, sources, defined(define), root=root, is_strict=len(sources) == 1)
    stls = {path: stl for path, (stl, _) in meshes.items()}
    if not any(stls.values()):
        raise fail("none of the sources has a mesh", ExitCode.BAD_SOURCE)
    earlier = None
    if before is not None:
        earlier = load_meshes(settings, options, [before], {}, root=root, is_strict=True)[before][0]
    try:
        picture = _draw(stls, earlier, view=view or "iso", size=size, is_gif=is_gif)
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
    sources: Annotated[list[Path], typer.Argument(help=".scad or .stl files.")],
    against: Annotated[Path | None, typer.Option(help="A reference to compare each with: IoU, Chamfer, F1.")] = None,
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    root: Root = None,
    trust: Trust = False,
    data_dir: DataDir = None,
    as_json: JsonLines = False,
) -> None:
    """Measure parts: sides, volume, area, centre of mass, inertia, pieces, holes; and against a reference."""
    from flows.part_files import CompileOptions, describe_stats, stats_document
    from render.geometry.mesh import measure_triangles
    from render.geometry.shapes import compare_shapes

    settings = load_settings(data_dir=data_dir)
    options = CompileOptions(engine, None, timeout, library_folders(library_path), trust)
    meshes = load_meshes(settings, options, sources, defined(define), root=root, is_strict=True)
    reference = None
    if against is not None:
        loaded = load_meshes(settings, options, [against], {}, root=root, is_strict=True)
        reference = triangles_of(loaded[against][0], against)
    for path, (stl, _) in meshes.items():
        mesh = triangles_of(stl, path)
        stats = measure_triangles(mesh)
        document: dict[str, Any] = {"file": str(path), **stats_document(stats)}
        lines = [f"{path}: {describe_stats(stats)}"]
        if stats.center_of_mass_mm is not None:
            lines.append("  centre of mass " + ", ".join(f"{c:.3f}" for c in stats.center_of_mass_mm) + " mm")
        closed = "closed" if stats.is_closed else "open"
        pieces = f"{stats.n_components} piece{'' if stats.n_components == 1 else 's'}"
        lines.append(f"  {closed}, {'' if stats.is_manifold else 'not '}manifold, {stats.n_triangles} triangles")
        lines.append(f"  {stats.area_mm2:.1f} mm2, {pieces}, genus {'–' if stats.genus is None else stats.genus}")
        if reference is not None:
            compared = compare_shapes(mesh, reference)
            document["against"] = asdict(compared)
            lines.append(
                f"  against {against}: IoU {_number(compared.iou_in_place)} in place, "
                f"{_number(compared.iou_aligned)} aligned; Chamfer {_number(compared.chamfer_mm)} mm, "
                f"F1 {_number(compared.f1)}, Hausdorff {_number(compared.hausdorff_mm)} mm"
            )
        typer.echo(json_line(document) if as_json else "\n".join(lines))


def inspect(
    source: Annotated[Path, typer.Argument(help="A .scad or .stl file.")],
    bed: Annotated[str, typer.Option(help="The printer's room in mm: XxYxZ.")] = "220x220x250",
    material: Annotated[str, typer.Option(help="PLA, PETG, ABS, TPU, nylon, resin, aluminium or steel.")] = "PLA",
    engine: Engine = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    root: Root = None,
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
    folders = library_folders(library_path)
    options = CompileOptions(engine, None, timeout, folders, trust)
    document: dict[str, Any] = {"file": str(source)}
    lines = [str(source)]
    loaded = load_meshes(settings, options, [source], defined(define), root=root, is_strict=False)
    stl, compiled = loaded[source]
    if compiled is not None:
        libraries = (settings.data_dir, (*folders, *settings.library_folders))
        _describe_source(compiled, libraries, document, lines)
    if stl is not None:
        report = printability(triangles_of(stl, source), bed_mm=room, material=known[material.lower()])
        document["print"] = asdict(report)
        lines += _report_lines(document["print"])
    emit(as_json, document, "\n".join(lines))
    if stl is None:
        raise typer.Exit(ExitCode.BAD_SOURCE)


def _describe_source(
    compiled: CompiledFile, libraries: tuple[Path, tuple[Path, ...]], document: dict[str, Any], lines: list[str]
) -> None:
    from render.customizer import parse_parameters
    from render.libraries import closure, library_roots, library_version, missing_libraries

    roots = library_roots(data_dir=libraries[0], folders=libraries[1])
    used = sorted({name.split("/")[0] for name in closure(compiled.job.texts.values(), roots)} & set(roots))
    parameters = parse_parameters(compiled.job.source)
    document |= {
        **compiled.document(None),
        "parameters": [asdict(p) for p in parameters],
        "companions": sorted(compiled.job.files),
        "libraries": [library_version(name, roots[name]) for name in used],
        "missing": list(missing_libraries(compiled.job.source, roots, compiled.job.files.keys())),
    }
    lines[0] = compiled.line()
    for parameter in parameters:
        bounds = (("from", parameter.minimum), ("to", parameter.maximum))
        limits = [f"{word} {value:g}" for word, value in bounds if value is not None]
        choices = [str(option.label) for option in parameter.options]
        rest = ", ".join([*limits, *([f"one of {', '.join(choices)}"] if choices else [])])
        what = f"  # {parameter.description}" if parameter.description else ""
        lines.append(f"  {parameter.name} = {parameter.default!r}{f'  ({rest})' if rest else ''}{what}")
    lines += [f"  library {version}" for version in document["libraries"]]
    lines += [f"  ! missing {line}" for line in document["missing"]]


def _report_lines(report: dict[str, Any]) -> list[str]:
    facts = [
        f"  fits: {report['fitting_turn'] or 'no'}; mass {_number(report['mass_g'])} g solid",
        f"  thinnest wall {_number(report['thinnest_wall_mm'])} mm; "
        f"overhang {_number(report['overhang_area_mm2'])} mm2",
        f"  on the bed {_number(report['contact_area_mm2'])} mm2; stands: {'yes' if report['is_stable'] else 'no'}",
    ]
    return facts + [f"  ! {problem}" for problem in report["problems"]]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _bed(text: str) -> tuple[float, float, float]:
    try:
        x, y, z = (float(part) for part in text.lower().split("x"))
    except ValueError:
        x = y = z = math.nan
    if not all(math.isfinite(side) and side > 0 for side in (x, y, z)):
        raise fail(f"--bed {text!r} is not like 220x220x250", ExitCode.USAGE)
    return x, y, z
