"""Every hostile input on both engines: nothing leaks, hangs, breaks or stays; and the fence itself under attack.

The native part runs where openscad is installed and can be contained. What costs a whole deadline each time, and is
like another case, runs in bench/bench_hostile.py only.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from hostile_set import CASES, HostileCase, Outcome, Secrets, attack, find_leaks, plant

from render import Engine, Status, compile_scad, measure, open_engine
from render.engines import native
from render.engines.native import NativeEngine
from render.sandbox import FENCE_FAILED, Containment, Fence, best_containment, fenced_command

DEADLINE_SECONDS = 1.5
MAX_MEMORY_BYTES = 512 << 20
N_ENGINES = 2
MAX_GROWTH_BYTES = 400 << 20
"""Of this Python over a whole sweep; the largest mesh that is read back has 64 MB, its log 4 MB."""
TESTED = tuple(case for case in CASES if not case.is_slow)


@dataclass(frozen=True)
class Sweep:
    """Everything that is known after all cases ran on one engine."""

    secrets: Secrets
    outcomes: list[Outcome]
    volumes: list[float]
    """Of a cube of 10 mm, by each engine afterwards."""
    growth_bytes: int
    left_behind: list[str]
    """Processes and temporary folders."""

    def names_where(self, bad: list[Outcome]) -> list[str]:
        return [f"{o.case.name}: {o.result.status if o.result else o.error}, {o.wall_seconds:.1f} s" for o in bad]


@pytest.fixture(scope="module", params=["wasm", "native"])
def sweep(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, engine_data_dir: Path
) -> Iterator[Sweep]:
    if request.param == "native":
        _skip_without_native()
    secrets = plant(tmp_path_factory.mktemp("host") / "secrets", seed=time.time_ns())
    temp_dir = tmp_path_factory.mktemp("temp")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(temp_dir))
        for name, value in secrets.environment().items():
            patch.setenv(name, value)
        engines = [open_engine(request.param, data_dir=engine_data_dir) for _ in range(N_ENGINES)]
        rss_before = psutil.Process().memory_info().rss
        outcomes = attack(TESTED, secrets, engines, timeout_seconds=DEADLINE_SECONDS, max_memory_bytes=MAX_MEMORY_BYTES)
        growth = psutil.Process().memory_info().rss - rss_before
        volumes = [_volume_of_a_cube(engine) for engine in engines]
        for engine in engines:
            engine.close()
        yield Sweep(secrets, outcomes, volumes, growth, _left_behind(temp_dir))


def _skip_without_native() -> None:
    if shutil.which("openscad") is None:
        pytest.skip("openscad not installed: apt-get install openscad")
    if best_containment() is Containment.RLIMITS_ONLY:
        pytest.skip("no containment: needs bubblewrap, or a kernel with Landlock and seccomp")


def _volume_of_a_cube(engine: Engine) -> float:
    stl = compile_scad("cube(10);", engine=engine, timeout_seconds=30).stl
    return (measure(stl).volume_mm3 or 0.0) if stl is not None else 0.0


def _left_behind(temp_dir: Path) -> list[str]:
    """Folders of ours, children of ours, and anybody whose command line names our folders (a daemon has no parent)."""
    found = [path.name for path in temp_dir.iterdir()]
    ours = {child.pid for child in psutil.Process().children(recursive=True) if "openscad" in child.name()}
    for process in psutil.process_iter(["pid", "cmdline"]):
        if process.info["pid"] in ours or str(temp_dir) in " ".join(process.info["cmdline"] or ()):
            found.append(f"process {process.info['pid']} {process.info['cmdline']}")
    return found


def test_the_set_is_large_and_its_names_are_its_own() -> None:
    assert len(TESTED) >= 80
    assert [name for name, n in Counter(case.name for case in CASES).items() if n > 1] == []


def test_nothing_of_the_host_shows(sweep: Sweep) -> None:
    assert [(o.case.name, o.leaks) for o in sweep.outcomes if o.leaks] == []
    assert not (sweep.secrets.host / "pwned").exists()


def test_every_attack_ends_in_a_verdict(sweep: Sweep) -> None:
    broken = [o for o in sweep.outcomes if o.result is None or o.result.status is Status.ENGINE_ERROR]
    assert sweep.names_where(broken) == []
    assert len(sweep.outcomes) >= 80


def test_the_verdict_is_the_right_one(sweep: Sweep) -> None:
    wrong = [o for o in sweep.outcomes if o.result and o.case.expected and o.result.status not in o.case.expected]
    assert sweep.names_where(wrong) == []


def test_nothing_outlives_its_deadline(sweep: Sweep) -> None:
    # the second beyond is for the engine to notice; two more for a machine whose cores other tests share
    late = [o for o in sweep.outcomes if o.result and o.result.seconds > DEADLINE_SECONDS + 3]
    assert sweep.names_where(late) == []
    # beyond the engine's own clock: start of a worker, writing files, reading the log; on a busy machine too
    assert sweep.names_where([o for o in sweep.outcomes if o.wall_seconds > DEADLINE_SECONDS + 10]) == []


def test_the_engines_work_afterwards_and_leave_nothing(sweep: Sweep) -> None:
    assert sweep.volumes == [pytest.approx(1000)] * N_ENGINES
    assert sweep.left_behind == []
    assert sweep.growth_bytes < MAX_GROWTH_BYTES


def test_these_attacks_would_succeed_without_a_fence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves that the detector sees what an unfenced OpenSCAD gives away."""
    if shutil.which("openscad") is None:
        pytest.skip("openscad not installed: apt-get install openscad")
    monkeypatch.setattr(native, "best_containment", lambda: Containment.RLIMITS_ONLY)
    secrets = plant(tmp_path / "host", seed=1)
    names = {"include", "use", "use_home", "import_stl", "import_off", "import_svg", "import_dxf", "surface_dat",
             "surface_png", "dxf_dim_passwd"}  # fmt: skip
    cases = [case for case in CASES if case.name in names]
    with NativeEngine(allow_uncontained=True) as engine:
        outcomes = attack(cases, secrets, [engine], timeout_seconds=20, max_memory_bytes=2 << 30)
    assert {o.case.name for o in outcomes if o.leaks} >= names - {"dxf_dim_passwd"}
    assert {o.result.containment for o in outcomes if o.result} == {"rlimits-only"}


@pytest.mark.parametrize("engine_name", ["wasm", "native"])
def test_a_file_that_exists_and_one_that_does_not_look_alike(
    engine_name: str, tmp_path: Path, engine_data_dir: Path
) -> None:
    if engine_name == "native" and (shutil.which("openscad") is None or best_containment() != Containment.BUBBLEWRAP):
        pytest.skip("Landlock forbids to read, not to ask whether a file exists: only bubblewrap hides that")
    plant(tmp_path / "host", seed=2)
    (tmp_path / "none").mkdir()
    with open_engine(engine_name, data_dir=engine_data_dir) as engine:
        for case in (case for case in CASES if case.group == "read a host file"):
            said = []
            for folder in ("host", "none"):
                secrets = Secrets(tmp_path / folder, tmp_path / folder / "home", "?", ())
                result = compile_scad(secrets.fill(_text(case)), engine=engine)
                said.append(str([(d.kind, d.message.replace(folder, "")) for d in result.diagnostics]))
            assert said[0] == said[1] or case.name == "rands", case.name


def _text(case: HostileCase) -> str:
    return case.source if isinstance(case.source, str) else case.source()


# The fence under attack by a program of its own: what OpenSCAD could do if a malformed file took it over

ATTACKS = {
    "read passwd": "open('/etc/passwd').read()",
    "read secret": "open(SECRET).read()",
    "read home": "os.listdir(os.path.dirname(SECRET))",
    "read environment": "open('/proc/self/environ').read()",
    "read parent's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "read local settings": "os.listdir('/usr/local/etc')",
    "write beside": "open(os.path.dirname(SECRET) + '/new', 'w')",
    "write root": "open('/new', 'w')",
    "write dev": "open('/dev/new', 'w')",
    "write shm": "open('/dev/shm/new', 'w')",
    "write tmp": "open('/tmp/new', 'w')",
    "truncate": "os.truncate(SECRET, 0)",
    "open truncated": "os.open(SECRET, os.O_RDONLY | os.O_TRUNC)",
    "chmod": "os.chmod(SECRET, 0o777)",
    "chown": "os.chown(SECRET, 1, 1)",
    "utime": "os.utime(SECRET, (1, 1))",
    "setxattr": "os.setxattr(SECRET, 'user.a', b'1')",
    "hard link": "os.link(SECRET, 'link')",
    "symlink": "(os.symlink(SECRET, 'soft'), open('soft').read())",
    "fork": "os.fork() or os._exit(0)",
    "vfork": "__import__('_posixsubprocess') and os.posix_spawn('/bin/true', ['true'], {})",
    "setsid": "os.setsid()",
    "kill": "os.kill(VICTIM, 0)",
    "kill group": "os.kill(-os.getpgrp(), 0)",
    "limits of another": "resource.prlimit(VICTIM, resource.RLIMIT_NOFILE, (64, 64))",
    "priority of another": "os.setpriority(os.PRIO_PROCESS, VICTIM, 5)",
    "affinity of another": "os.sched_setaffinity(VICTIM, {0})",
    "ptrace": "checked(libc.ptrace(16, VICTIM, 0, 0))",
    "read its memory": "open(f'/proc/{VICTIM}/mem').read(1)",
    "tcp": "socket.create_connection(('127.0.0.1', PORT), 2)",
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
    "unix socket": "socket.socket(socket.AF_UNIX).connect(UNIX)",
    "abstract socket": "socket.socket(socket.AF_UNIX).connect(ABSTRACT)",
    "netlink": "socket.socket(16, 3, 0)",
    "socketpair": "socket.socketpair()",
    "io_uring": "checked(libc.syscall(425, 4, ctypes.create_string_buffer(256)))",
    "memfd": "os.memfd_create('a')",
    "shared memory": "checked(libc.shmget(0x4321, 4096, 0o1600))",
    "message queue": "checked(libc.msgget(0x4321, 0o1600))",
    "key ring": "checked(libc.syscall(ADD_KEY, b'user', b'a', b'b', 1, -3))",
    "namespaces": "checked(libc.unshare(0x10000000))",
    "mount": "checked(libc.mount(b'none', b'/usr', b'tmpfs', 0, 0))",
    "chroot": "os.chroot('.')",
    "reboot": "checked(libc.reboot(0))",
    "host name": "socket.sethostname('x')",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))",
    "outlive the parent": "checked(libc.prctl(1, 0, 0, 0, 0))",
    "large file": "open('out', 'wb').write(bytes(4 << 20))",
    "many files": "[open(f'f{n}', 'wb') for n in range(9)]",
    "many folders": "os.makedirs('a/' * 50)",
    "fifo": "os.mkfifo('fifo')",
    "inherited handles": "[os.fstat(fd) for fd in range(3, 64)]",
    "many handles": "[os.dup(0) for _ in range(300)]",
}
PROGRAM = """
import ctypes, os, resource, signal, socket, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
libc = ctypes.CDLL(None, use_errno=True)
def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
for name, attack in ATTACKS.items():
    try:
        exec(attack)
    except (OSError, ValueError, AttributeError) as error:
        continue
    print(name, flush=True)
print("done", sorted(os.environ))
"""


def _fence_or_skip(containment: Containment, work_dir: Path, output: str) -> Fence:
    fence = Fence(str(work_dir), (sys.base_prefix,), 20, 2 << 30, 1 << 20, output)
    trial = subprocess.run(fenced_command(["/bin/true"], fence, containment), capture_output=True, check=False)
    if trial.returncode != 0:
        pytest.skip(f"no {containment} on this machine: {trial.stdout.decode()[:200]}")
    return fence


@pytest.mark.parametrize("containment", [Containment.LANDLOCK, Containment.BUBBLEWRAP])
def test_a_program_taken_over_reaches_nothing(containment: Containment, tmp_path: Path) -> None:
    work_dir, secret = tmp_path / "work", tmp_path / "host" / "secret"
    work_dir.mkdir()
    secret.parent.mkdir()
    secret.write_text("key")
    (work_dir / "out").touch()
    fence = _fence_or_skip(containment, work_dir, str(work_dir / "out"))
    unix = str(tmp_path / "u")[-90:]
    abstract = f"\0cad-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_UNIX) as unnamed,
        subprocess.Popen(["sleep", "60"]) as victim,
    ):
        named.bind(unix) if len(str(tmp_path)) < 85 else None
        unnamed.bind(abstract)
        unnamed.listen()
        add_key = 248 if os.uname().machine == "x86_64" else 217
        names = f"SECRET, VICTIM, PORT, UNIX, ABSTRACT, ADD_KEY = {str(secret)!r}, {victim.pid}, "
        names += f"{server.getsockname()[1]}, {unix!r}, {abstract!r}, {add_key}\nATTACKS = {ATTACKS!r}\n"
        command = [os.path.realpath(sys.executable), "-I", "-S", "-c", names + PROGRAM]
        done = subprocess.run(
            fenced_command(command, fence, containment), capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": os.defpath},
        )  # fmt: skip
        victim.kill()
    *succeeded, last = done.stdout.splitlines()
    assert last.startswith("done"), done.stderr
    assert succeeded == []
    assert set(last.removeprefix("done ").strip("[]").replace("'", "").split(", ")) <= {"PATH", "PWD", "LC_CTYPE"}
    assert secret.read_text() == "key"
    assert [path.name for path in work_dir.iterdir()] == ["out"]


@pytest.mark.parametrize("containment", [Containment.LANDLOCK, Containment.BUBBLEWRAP])
def test_a_fenced_command_dies_with_its_parent(containment: Containment, tmp_path: Path) -> None:
    fence = _fence_or_skip(containment, tmp_path, "")
    script = (
        "import subprocess, sys, time; from render.sandbox import *\n"
        f"fence = {fence!r}\ncommand = [{os.path.realpath(sys.executable)!r}, '-I', '-S', '-c', "
        f'\'import time; open("started", "w"); time.sleep(600)\', {str(tmp_path)!r}]\n'
        f"subprocess.run(fenced_command(command, fence, Containment({containment.value!r})))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    give_up_at = time.monotonic() + 20
    while not (tmp_path / "started").exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    while any(str(tmp_path) in p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"]):
        assert time.monotonic() < give_up_at, "the command outlives its parent"
        time.sleep(0.05)


def test_a_fence_that_breaks_is_our_failure_and_can_not_be_forged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Fence(str(tmp_path / "gone"), (), 5, 1 << 30, 1)
    done = subprocess.run(fenced_command(["true"], gone, Containment.LANDLOCK), capture_output=True, text=True)
    assert done.returncode == 125
    assert done.stdout.startswith(FENCE_FAILED)
    _skip_without_native()
    with NativeEngine() as engine:
        monkeypatch.setattr(native, "fenced_command", lambda *_: fenced_command(["true"], gone, Containment.LANDLOCK))
        assert compile_scad("cube(1);", engine=engine).status is Status.ENGINE_ERROR


def test_an_openscad_in_a_private_folder_opens_only_itself(tmp_path: Path) -> None:
    alone = tmp_path / "Downloads" / "openscad"
    alone.parent.mkdir()
    alone.touch()
    assert native._own_paths(alone) == (str(alone),)
    (tmp_path / "share" / "openscad").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    assert str(tmp_path / "share" / "openscad") in native._own_paths(tmp_path / "bin" / "openscad")
    assert str(tmp_path / "share") not in native._own_paths(tmp_path / "bin" / "openscad")


def test_the_marks_of_a_planted_file_are_seen_in_a_mesh(engine: Engine, tmp_path: Path) -> None:
    secrets = plant(tmp_path / "host", seed=3)
    files = {"a.stl": (secrets.host / "secret.stl").read_text(), "a.scad": (secrets.host / "secret.scad").read_text()}
    seen = compile_scad('import("a.stl");', files=files, engine=engine)
    told = compile_scad("include <a.scad>\necho(key); cube(1);", files=files, engine=engine)
    assert find_leaks(seen, secrets) == (f"coordinate {secrets.numbers[0]}",)
    assert find_leaks(told, secrets) == (secrets.token,)
