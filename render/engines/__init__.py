"""OpenSCAD engines behind one interface: wasm (persistent worker) and native (the command line)."""

from __future__ import annotations

from pathlib import Path

from render.engines.base import Engine, EngineMissing

__all__ = ["Engine", "EngineMissing", "open_engine"]


def open_engine(name: str = "auto", *, data_dir: Path | None = None, allow_uncontained: bool = False) -> Engine:
    """An engine by name: `auto` (the wasm engine), `wasm`, `native`, or `native:/path/to/openscad`.

    `data_dir` holds the installed wasm engine in `engine/`; None means `var`. Raises EngineMissing, also for a
    native engine that can't be contained here, unless `allow_uncontained`: sources are untrusted by default.
    """
    kind, _, path = name.partition(":")
    if kind in ("auto", "wasm") and not path:
        from render.engines.wasm import WasmEngine

        return WasmEngine((data_dir or Path("var")) / "engine")
    if kind == "native":
        from render.engines.native import NativeEngine

        return NativeEngine(path or "openscad", allow_uncontained=allow_uncontained)
    raise EngineMissing(f"no engine is called {name!r}: use auto, wasm, native, or native:/path/to/openscad")
