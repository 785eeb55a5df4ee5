"""Fences a command in: no host files but the named ones, no network, limits, dead when its parent dies.

Landlock (through plain ctypes, no privileges needed) where the kernel has it, else bubblewrap, else limits only,
and the name of what was used goes into every result. The fence is put up by running this file as a script
between the parent and the command: doing it in a forked, threaded Python could deadlock. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import shutil
import struct
import subprocess
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

__all__ = ["Containment", "Fence", "best_containment", "fenced_command"]

# asm-generic numbers, the same on x86-64, arm64 and riscv64
_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SIGKILL = 9
_CLONE_NEWNET = 0x40000000
# linux/landlock.h
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_FS_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_RIGHTS, _SCOPES = 0b11, 0b11
_SYSTEM_PATHS = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/var/cache/fontconfig",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


class Containment(StrEnum):
    """What keeps a command away from the host's files."""

    LANDLOCK = "landlock+rlimits"
    BUBBLEWRAP = "bubblewrap+rlimits"
    RLIMITS_ONLY = "rlimits-only"


@dataclass(frozen=True)
class Fence:
    """What a command may touch and use."""

    work_dir: str
    """The only folder it may write to, and where it starts."""
    readable: tuple[str, ...]
    """Folders and files it may read besides the system's."""
    max_cpu_seconds: int
    max_memory_bytes: int
    max_file_bytes: int


@lru_cache(maxsize=1)
def best_containment() -> Containment:
    """The strongest containment that this machine really has, found by trying it."""
    if _landlock_abi() >= 1:
        return Containment.LANDLOCK
    bwrap = shutil.which("bwrap")
    if bwrap is not None:
        probe = [bwrap, "--unshare-all", "--ro-bind", "/", "/", "true"]
        if subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0:
            return Containment.BUBBLEWRAP
    return Containment.RLIMITS_ONLY


def fenced_command(command: list[str], fence: Fence, containment: Containment) -> list[str]:
    """The command line that puts up `fence` and then runs `command` in it."""
    inner = command
    if containment is Containment.BUBBLEWRAP:
        inner = [*_bubblewrap(fence), *command]
    spec = json.dumps({"fence": asdict(fence), "has_landlock": containment is Containment.LANDLOCK})
    return [sys.executable, "-I", "-S", str(Path(__file__)), spec, *inner]


def _bubblewrap(fence: Fence) -> list[str]:
    args = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--dev", "/dev", "--proc", "/proc"]
    for path in (*_SYSTEM_PATHS, *fence.readable):
        args += ["--ro-bind-try", path, path]
    return [*args, "--bind", fence.work_dir, fence.work_dir, "--chdir", fence.work_dir, "--"]


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _landlock_abi() -> int:
    """Version of the kernel's Landlock; 0 or less where there is none."""
    if platform.system() != "Linux":
        return 0
    version_flag = 1
    return int(_libc().syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), version_flag))


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _enter_landlock(fence: Fence) -> None:
    abi = _landlock_abi()
    handled = (1 << _FS_RIGHTS_BY_ABI.get(abi, 16)) - 1
    fields = [handled] + ([_NET_RIGHTS] if abi >= 4 else []) + ([_SCOPES] if abi >= 6 else [])
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    ruleset = _checked(_libc().syscall(_SYS_CREATE_RULESET, attributes, size, 0), "landlock_create_ruleset")
    for path in (*_SYSTEM_PATHS, *fence.readable):
        _allow(ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
    for path in _DEVICES:
        _allow(ruleset, path, _READ_FILE | _WRITE_FILE)
    _allow(ruleset, fence.work_dir, handled & ~_EXECUTE)
    _checked(_libc().syscall(_SYS_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not os.path.exists(path):  # noqa: PTH110 - pathlib would add 10 ms to the start of this script
        return
    if not os.path.isdir(path):  # noqa: PTH112
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, handle)
    path_beneath = 1
    _checked(_libc().syscall(_SYS_ADD_RULE, ruleset, path_beneath, rule, 0), f"landlock_add_rule {path}")
    os.close(handle)


def _limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def _main(argv: list[str]) -> None:
    spec = json.loads(argv[0])
    fence = Fence(**spec["fence"])
    _checked(_libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG")
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, fence.max_cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, fence.max_file_bytes)
    _limit(resource.RLIMIT_AS, fence.max_memory_bytes)
    _libc().unshare(_CLONE_NEWNET)  # root only; elsewhere Landlock (ABI 4) or bubblewrap keeps the network off
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
    os.chdir(fence.work_dir)
    if spec["has_landlock"]:
        _enter_landlock(fence)
    os.execvp(argv[1], argv[1:])


if __name__ == "__main__":
    _main(sys.argv[1:])
