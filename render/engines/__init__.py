"""OpenSCAD engines behind one interface: wasm (persistent worker) and native (the command line)."""

from __future__ import annotations

import logging
from pathlib import Path

from render.engines.base import Engine, EngineMissing, UnknownEngine, find_native
from render.libraries import library_roots

__all__ = ["Engine", "EngineMissing", "native_fingerprint", "open_engine"]

_log = logging.getLogger(__name__)


def open_engine(
    name: str = "auto",
    *,
    data_dir: Path | None = None,
    library_folders: tuple[Path, ...] = (),
    allow_uncontained: bool = False,
) -> Engine:
    """An engine by name: `auto`, `wasm`, `native`, or `native:/path/to/openscad`.

    `auto` is the wasm engine where it is installed (`data_dir`/engine; None means `var`): it is the fastest on all but
    long loops, and the safest. Else it is the newest native one. A native engine that can't be contained here is
    refused, unless `allow_uncontained`: that is for sources you vouch for. Raises EngineMissing.
    """
    kind, _, path = name.partition(":")
    data_dir = data_dir or Path("var")
    if kind not in ("auto", "wasm", "native") or (path and kind != "native"):
        raise UnknownEngine(f"no engine is called {name!r}: use auto, wasm, native, or native:/path/to/openscad")
    roots = library_roots(data_dir=data_dir, folders=library_folders)
    if kind != "native":
        from render.engines.wasm import WasmEngine

        try:
            return WasmEngine(data_dir / "engine", library_roots=roots)
        except EngineMissing as error:
            if kind == "wasm" or find_native() is None:
                raise
            _log.warning("%s; using %s meanwhile", error, find_native())
    from render.engines.native import NativeEngine

    return NativeEngine(path, library_roots=roots, allow_uncontained=allow_uncontained)


def native_fingerprint() -> str:
    """Tells one native engine on the path from another, and from none, without starting it."""
    path = find_native()
    if path is None:
        return ""
    file = Path(path).resolve()
    return f" {file} {file.stat().st_size} {file.stat().st_mtime_ns}"
