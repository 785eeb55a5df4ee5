"""The native engine: any `openscad` command line, one contained process for each file.

The version is asked and the options probed, so 2019 to 2025 all work. OpenSCAD's language can read host files, so a
source that nobody vouched for only runs in a sandbox (`render.sandbox`). Slower than wasm for small parts.
"""

from __future__ import annotations

import errno
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

from render import diagnostics, libraries
from render.engines.base import (
    MAX_OUTPUT_BYTES,
    NATIVE_NAMES,
    Engine,
    EngineMissing,
    arguments,
    check_input,
    find_native,
    finished,
    lay_out,
)
from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status
from render.sandbox import FENCE_FAILED, Containment, Fence, best_containment, fenced_command

__all__ = ["NativeEngine"]

MAX_LOG_BYTES = 4 << 20
MAX_LAST_BYTES = 64 << 10
"""Kept of the end of a longer log: what stopped a file stands there."""
_OUTPUT_NAME = "out.stl"
_LIBRARY_DIR = "libraries"


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


class NativeEngine(Engine):
    """`openscad` from the path or by path. Safe to share: each compile is its own process."""

    def __init__(
        self,
        executable: str = "",
        *,
        library_roots: Mapping[str, Path] | None = None,
        allow_uncontained: bool = False,
    ) -> None:
        """Without `executable`, the newest on the path. Raises EngineMissing if it isn't there, doesn't answer, or
        can't be contained here."""
        self._containment = best_containment()
        if self._containment is Containment.RLIMITS_ONLY and not allow_uncontained:
            raise EngineMissing(
                "the native engine can't be kept from reading this machine's files: no bubblewrap that works "
                "(apt-get install bubblewrap) and no Landlock with seccomp in the kernel; use the wasm engine instead, "
                "or allow_uncontained=True"
            )
        self._probe = _probe(executable or find_native() or NATIVE_NAMES[-1])
        self._roots = libraries.library_roots() if library_roots is None else library_roots
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False
        kernel = "manifold" if self._probe.has_manifold else "cgal"
        self._engine_id = f"native-{self._probe.version}/{kernel}"

    @property
    def engine_id(self) -> str:
        return self._engine_id

    @property
    def library_roots(self) -> Mapping[str, Path]:
        return self._roots

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        refused = check_input(job)
        if refused is not None:
            return self._result(refused[0], 0.0, (refused[1],))
        if self._is_closed:
            raise ValueError("this engine is closed")
        started = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="cad-copilot-", ignore_cleanup_errors=True) as folder:
                work_dir = Path(folder).resolve()
                main, problem = _write_job(job, self._roots, work_dir, started + timeout_seconds)
                if problem is not None:
                    return self._result(problem[0], time.monotonic() - started, (problem[1],))
                run = self._run(work_dir, main, arguments(job), timeout_seconds, max_memory_bytes)
                stl, is_too_large = _read_output(work_dir / _OUTPUT_NAME)
        except OSError as error:  # the disk is full, no more processes, …
            note = Diagnostic(Severity.ERROR, Status.ENGINE_ERROR.value, f"openscad could not be started: {error}")
            return self._result(Status.ENGINE_ERROR, time.monotonic() - started, (note,))
        found = diagnostics.parse_log(diagnostics.cap_lines(run.lines), work_dir=f"{work_dir}/job/", main=main)
        found = diagnostics.with_columns(found, job.texts)
        seconds = time.monotonic() - started
        return finished(job, self._verdict(run, found, stl, is_too_large, seconds, timeout_seconds))

    def close(self) -> None:
        self._is_closed = True
        for process in tuple(self._running):
            _kill_group(process)

    def _run(
        self, work_dir: Path, main: str, options: list[str], timeout_seconds: float, max_memory_bytes: int
    ) -> _Run:
        command = [str(self._probe.executable), str(work_dir / "job" / main), "-o", str(work_dir / _OUTPUT_NAME)]
        if self._probe.has_binary_stl:
            command += ["--export-format", "binstl"]
        if self._probe.has_manifold:
            command += ["--backend=manifold"]
        command += options
        fence = Fence(
            work_dir=str(work_dir),
            readable=_own_paths(self._probe.executable),
            max_cpu_seconds=(int(timeout_seconds) + 2) * (os.cpu_count() or 1),  # newer versions use many threads
            max_memory_bytes=max_memory_bytes,
            max_file_bytes=MAX_OUTPUT_BYTES + 1,
            output=str(work_dir / _OUTPUT_NAME),
        )
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(work_dir),
            "XDG_CONFIG_HOME": str(work_dir),
            "OPENSCADPATH": str(work_dir / _LIBRARY_DIR),
            "QT_QPA_PLATFORM": "offscreen",
        }
        run = self._run_to_end(fenced_command(command, fence, self._containment), environment, timeout_seconds)
        if self._containment is Containment.BUBBLEWRAP and run.rc > 128:
            return replace(run, rc=128 - run.rc)  # how bubblewrap, like a shell, reports a signal
        return run

    def _run_to_end(self, command: list[str], environment: dict[str, str], timeout_seconds: float) -> _Run:
        """Runs a command, keeps the first 4 MB and last 64 kB that it says, kills its process group at the deadline."""
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
        self._running.add(process)
        if self._is_closed:  # while it started: `close` could not see it
            _kill_group(process)
        first, last = bytearray(), bytearray()
        is_past_deadline = True
        with process.stdout as pipe:
            try:
                while select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
                    chunk = os.read(pipe.fileno(), 1 << 16)
                    if not chunk:
                        process.wait(max(deadline - time.monotonic(), 0.05))
                        is_past_deadline = False
                        break
                    n_first = MAX_LOG_BYTES - len(first)
                    first += chunk[:n_first]
                    last = (last + chunk[n_first:])[-MAX_LAST_BYTES:]
                    if time.monotonic() > deadline:
                        break  # a command that never stops talking
            except subprocess.TimeoutExpired:
                pass
            finally:
                self._running.discard(process)
                _kill_group(process)
                _wait_for_end_of(pipe)
        lines = first.decode(errors="replace").splitlines()
        if last:
            lines += last.decode(errors="replace").splitlines()[1:]  # the first one may be half a line
        return _Run(process.wait(), lines, is_past_deadline)

    def _verdict(
        self,
        run: _Run,
        found: tuple[Diagnostic, ...],
        stl: bytes | None,
        is_too_large: bool,
        seconds: float,
        timeout_seconds: float,
    ) -> CompileResult:
        if self._is_closed:
            note = Diagnostic(Severity.ERROR, Status.ENGINE_ERROR.value, "the engine was closed meanwhile")
            return self._result(Status.ENGINE_ERROR, seconds, (note,))
        if run.is_past_deadline or run.rc == -signal.SIGXCPU:
            note = Diagnostic(Severity.ERROR, Status.TIMEOUT.value, f"no mesh within {timeout_seconds:g} s")
            return self._result(Status.TIMEOUT, seconds, (*found, note))
        if run.rc != 0 and run.lines and run.lines[0].startswith(FENCE_FAILED):
            note = Diagnostic(Severity.ERROR, Status.ENGINE_ERROR.value, f"the sandbox failed: {run.lines[0]}")
            return self._result(Status.ENGINE_ERROR, seconds, (note,))
        is_out_of_memory = _is_out_of_memory(run.lines)
        status = diagnostics.classify(
            run.rc if run.rc >= 0 else None,
            found,
            _n_triangles(stl),
            trap=_signal_name(-run.rc) if run.rc < 0 else None,
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
    return _ask(path, Path(path).stat().st_mtime_ns)


@cache
def _ask(path: str, _mtime_ns: int) -> _Probe:
    """Once for each executable: a pool has an engine for each core."""
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


def _own_paths(executable: Path) -> tuple[str, ...]:
    """What an OpenSCAD outside of the system's folders needs: itself, its libraries and its resources.

    Never simply the folder it lies in: that may be ~/bin or ~/Downloads.
    """
    prefixes = [executable.parent / "usr"] + ([executable.parent.parent] if executable.parent.name == "bin" else [])
    found = [executable]
    for prefix in prefixes:
        resources = [path for path in prefix.glob("share/openscad*") if path.is_dir()]
        found += [*resources, prefix / "bin", prefix / "lib", prefix / "lib64"] if resources else []
    return tuple(str(path) for path in found)


def _write_job(
    job: CompileJob, roots: Mapping[str, Path], work_dir: Path, deadline: float
) -> tuple[str, tuple[Status, Diagnostic] | None]:
    """Write the source and its companions below job/, and of the libraries what it reaches below libraries/.

    Gives the main file's path in job/, and the verdict if that failed.
    """
    layout = lay_out(job)
    (work_dir / _OUTPUT_NAME).touch()
    needed = libraries.closure(job.texts.values(), roots)
    contents = {f"job/{name}": content for name, content in layout.files.items()}
    contents |= {f"{_LIBRARY_DIR}/{name}": file.data for name, file in needed.items()}
    for name, content in contents.items():
        if time.monotonic() > deadline:
            note = Diagnostic(Severity.ERROR, Status.TIMEOUT.value, f"{len(contents)} files are too many to write")
            return layout.main, (Status.TIMEOUT, note)
        path = work_dir / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (OSError, ValueError) as error:
            code = error.errno if isinstance(error, OSError) else errno.EINVAL
            if code in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EROFS, errno.EACCES):
                raise  # this machine's trouble, not the name's
            message = f"companion path {name.removeprefix('job/')[:100]!r} can't be a file"
            return layout.main, (Status.BAD_INPUT, Diagnostic(Severity.ERROR, "bad_path", message))
    return layout.main, None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, if it hasn't ended by itself (its number may belong to somebody else then)."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _wait_for_end_of(pipe: IO[bytes]) -> None:
    """Until nobody holds the other end: behind bubblewrap, the command dies shortly after the group."""
    give_up_at = time.monotonic() + 2
    while select.select([pipe], [], [], max(give_up_at - time.monotonic(), 0))[0]:
        if not os.read(pipe.fileno(), 1 << 20) or time.monotonic() > give_up_at:
            return


def _is_out_of_memory(lines: list[str]) -> bool:
    """Whether its last words speak of memory; not what the file itself had echoed."""
    said = [line for line in lines[-5:] if not line.startswith("ECHO")]
    return any(re.search(r"bad_alloc|cannot allocate memory|out of memory", line, re.IGNORECASE) for line in said)


def _signal_name(number: int) -> str:
    try:
        return f"signal {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"


def _read_output(path: Path) -> tuple[bytes | None, bool]:
    """The binary STL that was written, and whether it was too large to take."""
    if not path.is_file() or path.is_symlink():
        return None, False
    if path.stat().st_size > MAX_OUTPUT_BYTES:
        return None, True
    from render.geometry.mesh import binary_stl

    try:
        return binary_stl(path.read_bytes()), False  # before 2021 it writes text only
    except ValueError:
        return None, False


def _n_triangles(stl: bytes | None) -> int:
    return int.from_bytes(stl[80:84], "little") if stl is not None and len(stl) >= 84 else 0
