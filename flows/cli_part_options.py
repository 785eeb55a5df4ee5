"""What the verbs on part files share: options, values of `-D`, and how a source's mesh is got."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_output import fail
from flows.exit_codes import ExitCode
from flows.settings import Settings

if TYPE_CHECKING:
    from flows.part_files import CompiledFile, CompileOptions
    from render import CompileJob, Triangles

__all__ = [
    "Define",
    "Engine",
    "Jobs",
    "JsonLines",
    "LibraryPath",
    "NoCache",
    "Root",
    "Timeout",
    "Trust",
    "defined",
    "library_folders",
    "load_meshes",
    "triangles_of",
    "warn_of_values",
]

MAX_MESH_BYTES = 256 << 20

Engine = Annotated[
    str | None, typer.Option(help="auto, wasm, native, native:/path/to/openscad; default: CAD_COPILOT_ENGINE.")
]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", help="Engine processes at once; default: one a core.", min=1)]
Timeout = Annotated[float | None, typer.Option(help="Deadline of one file, seconds.", min=0.01, max=86400)]
Define = Annotated[
    list[str] | None,
    typer.Option("--define", "-D", help="name=value for a variable of the top level; text needs no quotes."),
]
LibraryPath = Annotated[
    list[Path] | None, typer.Option("--library-path", help="A folder of libraries, or a library. May be repeated.")
]
Root = Annotated[
    Path | None,
    typer.Option(help="The folder whose files a source may include, such as ../lib.scad; default: its own."),
]
Trust = Annotated[
    bool, typer.Option("--trust", help="You vouch for the files: a native engine may run without containment.")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compile anew, keep nothing.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON line a file.")]


def library_folders(paths: list[Path] | None) -> tuple[Path, ...]:
    for path in paths or ():
        if not path.is_dir():
            raise fail(f"--library-path {path} is no folder", ExitCode.USAGE)
    return tuple(paths or ())


def defined(define: list[str] | None) -> dict[str, str]:
    """The values of `-D` as they were typed; one that no variable can have ends the command."""
    if not define:
        return {}
    from render.overrides import override_text, parse_value

    values: dict[str, str] = {}
    for text in define:
        name, equals, value = text.partition("=")
        try:
            if not equals or not value:
                raise ValueError("it needs name=value")
            override_text({name.strip(): parse_value(value)})
            values[name.strip()] = value
        except ValueError as error:
            raise fail(f"-D {text!r}: {error}", ExitCode.USAGE) from None
    return values


def warn_of_values(job: CompileJob) -> None:
    """Says what of `-D` the source's own parameters don't allow: a misspelt name, a value out of range."""
    source, values = job.source, job.parameters
    if not values:
        return
    from render.customizer import parse_parameters
    from render.overrides import check_overrides

    parameters = parse_parameters(source)
    known = {parameter.name for parameter in parameters}
    # a variable that is no parameter (computed, or hidden) may be set too
    checked = {n: v for n, v in values.items() if n in known or not re.search(rf"(?<![\w$]){re.escape(n)}\s*=", source)}
    for problem in check_overrides(parameters, checked):
        typer.echo(f"cad-copilot: -D: {problem}", err=True)


def load_meshes(
    settings: Settings,
    options: CompileOptions,
    paths: Sequence[Path],
    values: dict[str, str],
    *,
    root: Path | None = None,
    is_strict: bool,
) -> dict[Path, tuple[bytes | None, CompiledFile | None]]:
    """The binary STL of each .scad or .stl, and a .scad's verdict; with `is_strict`, a failure ends the command."""
    from flows.part_files import compile_files, expand, open_pool

    sources = [path for path in paths if path.suffix.lower() != ".stl"]
    found: dict[Path, tuple[bytes | None, CompiledFile | None]] = {
        path: (None if path in sources else _read_mesh(path), None) for path in paths
    }
    if not sources:
        return found
    files = expand(sources, root=root)
    with open_pool(settings, options, n_files=len(files)) as pool:
        for compiled in compile_files(pool, files, values):
            result = compiled.result
            if result.status == "engine_error" or (is_strict and not result.is_compiled):
                is_ours = result.status == "engine_error"
                raise fail(compiled.line(), ExitCode.ENGINE_MISSING if is_ours else ExitCode.BAD_SOURCE)
            found[compiled.path] = (result.stl if result.is_compiled else None, compiled)
    if len(files) == 1:
        warn_of_values(compiled.job)
    return found


def _read_mesh(path: Path) -> bytes:
    from render.geometry.mesh import binary_stl

    try:
        with path.open("rb") as file:
            return binary_stl(file.read(MAX_MESH_BYTES))
    except OSError as error:
        raise fail(f"can't read {path}: {error.strerror}", ExitCode.USAGE) from None
    except ValueError as error:
        raise fail(f"{path}: {error}", ExitCode.BAD_SOURCE) from None


def triangles_of(stl: bytes | None, path: Path) -> Triangles:
    """A mesh with triangles; another ends the command."""
    from render.geometry.mesh import read_stl

    try:
        mesh = read_stl(stl or b"")
    except ValueError as error:
        raise fail(f"{path}: {error}", ExitCode.BAD_SOURCE) from None
    if len(mesh.faces) == 0:
        raise fail(f"{path}: a mesh without triangles", ExitCode.BAD_SOURCE)
    return mesh
