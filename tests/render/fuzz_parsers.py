"""Coverage-guided fuzzing of what reads text and bytes from outside.

    python tests/render/fuzz_parsers.py customizer -max_total_time=60

Targets: customizer, diagnostics, mesh; what follows goes to libFuzzer. Needs `pip install atheris` (3.0.0 was used);
not a test that pytest collects. A crash is a Python exception that the target doesn't allow, or a timeout.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

import atheris

with atheris.instrument_imports(include=["render"]):
    from render.customizer import parse_parameters
    from render.diagnostics import parse_log
    from render.geometry.mesh import read_stl
    from render.overrides import check_overrides, override_text


def fuzz_customizer(data: bytes) -> None:
    parameters = parse_parameters(data.decode("utf-8", errors="replace"))
    values = {parameter.name: parameter.default for parameter in parameters}
    assert len(values) == len(parameters)
    problems = check_overrides(parameters, values)
    assert all("characters" in line for line in problems)  # a default may be longer than its own field
    with suppress(ValueError):  # NUL in a text, or a number too small
        override_text(values)


def fuzz_diagnostics(data: bytes) -> None:
    parse_log(data.decode("utf-8", errors="replace").split("\n"), work_dir="/job/", main="model.scad")


def fuzz_mesh(data: bytes) -> None:
    with suppress(ValueError):
        read_stl(data)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "customizer": fuzz_customizer,
    "diagnostics": fuzz_diagnostics,
    "mesh": fuzz_mesh,
}


def main(argv: list[str]) -> int:
    if len(argv) < 2 or argv[1] not in TARGETS:
        print(f"usage: {argv[0]} {'|'.join(TARGETS)} [libFuzzer options]", file=sys.stderr)
        return 2
    atheris.Setup([argv[0], *argv[2:]], TARGETS[argv[1]])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
