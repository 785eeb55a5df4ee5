"""The native engine: any `openscad` command line, one contained process for each file.

The version is asked and the options probed, so 2019 to 2025 all work. OpenSCAD's language can read host files, so a
source that nobody vouched for only runs in a sandbox (`render.sandbox`). Slower than wasm for small parts.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from render import diagnostics, libraries
from render.engines.base import MAX_OUTPUT_BYTES, EngineMissing, check_input, lay_out
from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status
from render.sandbox import Containment, Fence, best_containment, fenced_command

__all__ = ["NativeEngine"]

MAX_LOG_BYTES = 4 << 20
_OUTPUT_NAME = "out.stl"


@dataclass(frozen=True)
class _Probe:
    """What `openscad --version` and `--help` say."""

    executable: Path
    version: str
    has_manifold: bool
    has_binary_stl: bool


@dataclass(frozen=True)
class _Run:
    """How one process ended."""

    rc: int
    """Negative: killed by that signal."""
    lines: list[str]
    is_past_deadline: bool


class NativeEngine:
    """`openscad` from the path or by path. Safe to share: each compile is its own process."""

    def __init__(self, executable: str = "openscad", *, allow_uncontained: bool = False) -> None:
        """Raises EngineMissing if it isn't there, doesn't answer, or can't be contained here."""
        self._containment = best_containment()
        if self._containment is Containment.RLIMITS_ONLY and not allow_uncontained:
            raise EngineMissing(
                "the native engine can't be kept from reading this machine's files: no Landlock in the kernel and no "
                "bubblewrap (apt-get install bubblewrap); use the wasm engine instead, or allow_uncontained=True"
            )
        self._probe = _probe(executable)
        kernel = "manifold" if self._probe.has_manifold else "cgal"
        self._engine_id = f"native-{self._probe.version}/{kernel}"

    @property
    def engine_id(self) -> str:
        return self._engine_id

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        refused = check_input(job)
        if refused is not None:
            return self._result(refused[0], 0.0, (refused[1],))
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="cad-copilot-") as folder:
            work_dir = Path(folder).resolve()
            layout = lay_out(job)
            for name, text in layout.files.items():
                path = work_dir / "job" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="")
            run = self._run(work_dir, layout.main, timeout_seconds, max_memory_bytes)
            stl, is_too_large = _read_output(work_dir / _OUTPUT_NAME)
        found = diagnostics.parse_log(diagnostics.cap_lines(run.lines), work_dir=f"{work_dir}/job/", main=layout.main)
        return self._verdict(run, found, stl, is_too_large, time.monotonic() - started, timeout_seconds)

    def close(self) -> None:
        """Nothing outlives a compile."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _run(self, work_dir: Path, main: str, timeout_seconds: float, max_memory_bytes: int) -> _Run:
        roots = libraries.library_roots().values()
        command = [str(self._probe.executable), str(work_dir / "job" / main), "-o", str(work_dir / _OUTPUT_NAME)]
        if self._probe.has_binary_stl:
            command += ["--export-format", "binstl"]
        if self._probe.has_manifold:
            command += ["--backend=manifold"]
        fence = Fence(
            work_dir=str(work_dir),
            readable=(str(self._probe.executable.parent), *map(str, roots)),
            max_cpu_seconds=int(timeout_seconds) + 2,
            max_memory_bytes=max_memory_bytes,
            max_file_bytes=MAX_OUTPUT_BYTES + 1,
        )
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(work_dir),
            "XDG_CONFIG_HOME": str(work_dir),
            "OPENSCADPATH": os.pathsep.join(str(root.parent) for root in roots),
            "QT_QPA_PLATFORM": "offscreen",
        }
        return _run_to_end(fenced_command(command, fence, self._containment), environment, timeout_seconds)

    def _verdict(
        self,
        run: _Run,
        found: tuple[Diagnostic, ...],
        stl: bytes | None,
        is_too_large: bool,
        seconds: float,
        timeout_seconds: float,
    ) -> CompileResult:
        if run.is_past_deadline or run.rc == -signal.SIGXCPU:
            note = Diagnostic(Severity.ERROR, Status.TIMEOUT.value, f"no mesh within {timeout_seconds:g} s")
            return self._result(Status.TIMEOUT, seconds, (*found, note))
        if run.rc != 0 and any("sandbox.py" in line for line in run.lines):
            note = Diagnostic(Severity.ERROR, Status.ENGINE_ERROR.value, f"the sandbox failed: {run.lines[-1]}")
            return self._result(Status.ENGINE_ERROR, seconds, (note,))
        is_out_of_memory = any(re.search(r"bad_alloc|cannot allocate memory|out of memory", x, re.I) for x in run.lines)
        status = diagnostics.classify(
            run.rc if run.rc >= 0 else None,
            found,
            _n_triangles(stl),
            trap=f"signal {signal.Signals(-run.rc).name}" if run.rc < 0 else None,
            is_out_of_memory=is_out_of_memory and run.rc != 0,
            is_output_too_large=is_too_large or run.rc == -signal.SIGXFSZ,
        )
        if status in (Status.CRASH, Status.OUT_OF_MEMORY, Status.TOO_LARGE):
            found = (*found, Diagnostic(Severity.ERROR, status.value, f"openscad ended with {run.rc}"))
        return self._result(status, seconds, found, stl if _n_triangles(stl) else None)

    def _result(
        self, status: Status, seconds: float, found: tuple[Diagnostic, ...], stl: bytes | None = None
    ) -> CompileResult:
        return CompileResult(status, self._engine_id, seconds, found, stl, containment=self._containment.value)


def _probe(executable: str) -> _Probe:
    path = shutil.which(executable)
    if path is None:
        raise EngineMissing(f"no openscad at {executable!r}: apt-get install openscad, or use the wasm engine")
    answers = []
    for option in ("--version", "--help"):
        try:
            done = subprocess.run(
                [path, option], capture_output=True, text=True, errors="replace", timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineMissing(f"{path} {option} does not run: {error}") from error
        answers.append(done.stdout + done.stderr)
    version = re.search(r"OpenSCAD version (\S+)", answers[0])
    if version is None:
        raise EngineMissing(f"{path} --version does not answer like OpenSCAD: {answers[0].strip()[:80]!r}")
    return _Probe(Path(path).resolve(), version[1], "manifold" in answers[1].lower(), "binstl" in answers[1])


def _run_to_end(command: list[str], environment: dict[str, str], timeout_seconds: float) -> _Run:
    """Run a command, keep the first 4 MB of what it says, kill its whole process group at the deadline."""
    deadline = time.monotonic() + timeout_seconds
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
        bufsize=0,
    )
    assert process.stdout is not None
    said = bytearray()
    is_past_deadline = False
    with process.stdout as pipe:
        while True:
            if not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
                is_past_deadline = True
                break
            chunk = os.read(pipe.fileno(), 1 << 16)
            if not chunk:
                break
            said += chunk[: MAX_LOG_BYTES - len(said)]
        try:
            process.wait(max(deadline - time.monotonic(), 0.05) if not is_past_deadline else 0)
        except subprocess.TimeoutExpired:
            is_past_deadline = True
        _kill_group(process)
    return _Run(process.wait(), said.decode(errors="replace").splitlines(), is_past_deadline)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # the usual case: it ended by itself and left nobody behind


def _read_output(path: Path) -> tuple[bytes | None, bool]:
    """The binary STL that was written, and whether it was too large to take."""
    if not path.is_file() or path.is_symlink():
        return None, False
    if path.stat().st_size > MAX_OUTPUT_BYTES:
        return None, True
    data = path.read_bytes()
    if len(data) >= 84 and len(data) == 84 + 50 * _n_triangles(data):
        return data, False
    return _binary_from_ascii(data), False


def _n_triangles(stl: bytes | None) -> int:
    return int.from_bytes(stl[80:84], "little") if stl is not None and len(stl) >= 84 else 0


def _binary_from_ascii(data: bytes) -> bytes | None:
    """OpenSCAD before 2021 writes ASCII STL only."""
    import numpy as np

    from render.mesh import write_stl

    numbers = re.findall(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", data)
    if not numbers or len(numbers) % 3:
        return None
    return write_stl(np.array(numbers, dtype=np.float64).reshape(-1, 3, 3))
