"""Fences a command in: no host files but the named ones, no network, no children, limits, dead with its parent.

Bubblewrap where it works (other files don't even exist there), else Landlock (they can't be read, but a command can
still learn that they exist), else limits only; the name of what was used goes into every result. With both comes a
seccomp filter: Landlock alone let a command chmod host files, fork a daemon that outlives the kill, and open unix
sockets. Doesn't cover: bugs of the kernel, the CPU's side channels, threads (their number is bounded by memory).
"""

from __future__ import annotations

import errno
import os
import platform
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

__all__ = ["FENCE_FAILED", "Containment", "Fence", "best_containment", "fenced_command"]

FENCE_FAILED = ("cad-copilot-fence:", "bwrap:")
"""How the first line of output starts when the fence itself broke; no OpenSCAD source controls the first bytes."""

_FENCE = Path(__file__).with_name("fence.py")
_SYSTEM_PATHS = (
    "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share", "/usr/local/lib", "/usr/local/share/fonts",
    "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime",
    "/var/cache/fontconfig",
)  # fmt: skip
"""Code, fonts and OpenSCAD's own resources; not /usr/local/etc, /usr/src, /etc, /opt, /srv or any home."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
_SECCOMP_FD = "9"
_OWN_PID_MARK = 0xDEC0ADDC  # fence.py puts its pid, which is the command's, in its place


class Containment(StrEnum):
    """What keeps a command away from the host's files."""

    LANDLOCK = "landlock+rlimits"
    BUBBLEWRAP = "bubblewrap+rlimits"
    RLIMITS_ONLY = "rlimits-only"


@dataclass(frozen=True)
class Fence:
    """What a command may touch and use."""

    work_dir: str
    """Where it starts, and the only folder it may write to."""
    readable: tuple[str, ...]
    """Folders and files it may read besides the system's."""
    max_cpu_seconds: int
    max_memory_bytes: int
    max_file_bytes: int
    output: str = ""
    """An existing file in `work_dir`. If given, it is the only one to write to, so `max_file_bytes` bounds the disk."""


@lru_cache(maxsize=1)
def best_containment() -> Containment:
    """The strongest containment that this machine really has, found by trying it."""
    for containment in (Containment.BUBBLEWRAP, Containment.LANDLOCK):
        if _works(containment):
            return containment
    return Containment.RLIMITS_ONLY


def _works(containment: Containment) -> bool:
    if platform.system() != "Linux" or (containment is Containment.BUBBLEWRAP and shutil.which("bwrap") is None):
        return False
    if containment is Containment.LANDLOCK and not _syscall_filter(has_own_pids=False):
        return False  # alone it leaves chmod, sockets and daemons open
    fence = Fence("/usr", (), 10, 4 << 30, 0)
    command = fenced_command([shutil.which("true") or "true"], fence, containment)
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def fenced_command(command: list[str], fence: Fence, containment: Containment) -> list[str]:
    """The command line that puts up `fence` and then runs `command` in it; to be started by this very process."""
    mode = containment.value.partition("+")[0]
    spec = [mode, os.getpid(), fence.work_dir, fence.output, fence.max_cpu_seconds, fence.max_memory_bytes]
    program = _syscall_filter(has_own_pids=containment is Containment.BUBBLEWRAP)
    spec += [fence.max_file_bytes, program.hex(), *_SYSTEM_PATHS, *fence.readable]
    inner = command
    if containment is Containment.BUBBLEWRAP:
        inner = [*_bubblewrap(fence, has_filter=bool(program)), *command]
    return [sys.executable, "-I", "-S", str(_FENCE), "\n".join(map(str, spec)), *inner]


def _bubblewrap(fence: Fence, *, has_filter: bool) -> list[str]:
    args = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for path in _DEVICES:  # no --dev: its tmpfs would be writable memory outside of every limit
        args += ["--dev-bind", path, path]
    for path in (*_SYSTEM_PATHS, *fence.readable):
        args += ["--ro-bind-try", path, path]
    args += ["--ro-bind" if fence.output else "--bind", fence.work_dir, fence.work_dir]
    args += ["--bind", fence.output, fence.output] if fence.output else []
    args += ["--remount-ro", "/"]
    args += ["--seccomp", _SECCOMP_FD] if has_filter else []
    return [*args, "--chdir", fence.work_dir, "--"]


# The syscall filter: everything is allowed but what a mesh compiler has no business with.

_X86_64, _ARM64, _RISCV64 = 0xC000003E, 0xC00000B7, 0xC00000F3  # AUDIT_ARCH_*, linux/audit.h
_DENIED = {
    # fork vfork execveat: no children; setsid setpgid: stays in the group that is killed
    _X86_64: (57, 58, 322, 112, 109),
    # execveat setsid setpgid
    _ARM64: (281, 157, 154),
}
_DENIED_SOCKETS = {_X86_64: (41, 53), _ARM64: (198, 199)}  # socket socketpair
# ptrace process_vm_readv process_vm_writev kcmp tkill rt_sigqueueinfo rt_tgsigqueueinfo
# setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr ioprio_set
_DENIED_PROCESSES = {
    _X86_64: (101, 310, 311, 312, 200, 129, 297, 141, 203, 144, 142, 314, 251),
    _ARM64: (117, 270, 271, 272, 130, 138, 240, 140, 122, 119, 118, 274, 30),
}
# (f)chmod(at) (f|l)chown(at) utime(s) futimesat utimensat (l|f)setxattr (l|f)removexattr truncate mknod(at): what
# Landlock doesn't govern. On arm64 only the f.. and ..at forms exist.
_DENIED_METADATA = {
    _X86_64: (90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280, 188, 189, 190, 197, 198, 199, 76, 133, 259),
    _ARM64: (52, 53, 55, 54, 88, 5, 6, 7, 14, 15, 16, 45, 33),
}
# memfd_create shmget shmat msgget semget mq_open mq_unlink add_key request_key keyctl inotify_init(1) fanotify_init:
# memory outside of the limits, and what outlives the process
_DENIED_KEPT = {
    _X86_64: (319, 29, 30, 68, 64, 240, 241, 248, 249, 250, 253, 294, 300),
    _ARM64: (279, 194, 196, 186, 190, 180, 181, 217, 218, 219, 26, 262),
}
# mount umount2 pivot_root chroot unshare setns swapon swapoff reboot sethostname setdomainname settimeofday
# clock_settime clock_adjtime adjtimex (f)init_module delete_module kexec_(file_)load bpf perf_event_open userfaultfd
# open_by_handle_at name_to_handle_at acct quotactl syslog vhangup, on x86 iopl ioperm
_DENIED_SYSTEM = {
    _X86_64: (165, 166, 155, 161, 272, 308, 167, 168, 169, 170, 171, 164, 227, 305, 159, 175, 313, 176, 246, 320, 321,
              298, 323, 304, 303, 163, 179, 103, 153, 172, 173),
    _ARM64: (40, 39, 41, 51, 97, 268, 224, 225, 142, 161, 162, 170, 112, 266, 171, 105, 273, 106, 104, 294, 280,
             241, 282, 265, 264, 89, 60, 116, 58),
}  # fmt: skip
_CHECKED = {  # clone, (kill, tgkill), prlimit64, prctl
    _X86_64: (56, (62, 234), 302, 157),
    _ARM64: (220, (129, 131), 261, 167),
}
_FIRST_NEW = 424
"""From here on numbers are the same everywhere: pidfds, io_uring, new mounts. Refused as unknown, but for these:"""
_ALLOWED_NEW = (436, 439, 441, 449)  # close_range faccessat2 epoll_pwait2 futex_waitv

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_CLONE_THREAD, _PR_SET_PDEATHSIG = 0x10000, 1


@lru_cache(maxsize=2)
def _syscall_filter(*, has_own_pids: bool) -> bytes:
    """The filter as a classic BPF program; empty on a processor whose numbers aren't known here.

    `has_own_pids`: the command sees no process but its own, so it may signal any. Else only itself (abort() does).
    """
    arch = {"x86_64": _X86_64, "aarch64": _ARM64, "riscv64": _RISCV64}.get(platform.machine())
    if arch is None or sys.maxsize < 1 << 32 or sys.byteorder != "little":
        return b""
    table = _ARM64 if arch == _RISCV64 else arch  # both use asm-generic's numbers
    clone, kills, prlimit, prctl = _CHECKED[table]
    refuse, unknown = _op(_RETURN, _ERRNO | errno.EPERM), _op(_RETURN, _ERRNO | errno.ENOSYS)
    allow = _op(_RETURN, _ALLOW)
    new = b"".join(_op(_EQUAL, number, 0, 1) + allow for number in _ALLOWED_NEW) + unknown
    code = _op(_LOAD, _ARCH_AT) + _op(_EQUAL, arch, 1, 0) + _op(_RETURN, _KILL) + _op(_LOAD, _NUMBER_AT)
    code += _op(_AT_LEAST, _FIRST_NEW, 0, len(new) // 8) + new
    groups = (_DENIED, _DENIED_SOCKETS, _DENIED_PROCESSES, _DENIED_METADATA, _DENIED_KEPT, _DENIED_SYSTEM)
    for number in (number for group in groups for number in group[table]):
        code += _op(_EQUAL, number, 0, 1) + refuse
    code += _if_argument(clone, _op(_ANY_BIT, _CLONE_THREAD, 1, 0))
    for number in () if has_own_pids else kills:
        code += _if_argument(number, _op(_EQUAL, _OWN_PID_MARK, 1, 0))
    code += _if_argument(prlimit, _op(_EQUAL, 0, 1, 0))
    code += _if_argument(prctl, _op(_EQUAL, _PR_SET_PDEATHSIG, 0, 1))
    return code + allow


def _if_argument(number: int, test: bytes) -> bytes:
    """Allow syscall `number` where `test` on its first argument jumps over the refusal."""
    return (
        _op(_EQUAL, number, 0, 4)
        + _op(_LOAD, _FIRST_ARGUMENT_AT)
        + test
        + _op(_RETURN, _ERRNO | errno.EPERM)
        + _op(_RETURN, _ALLOW)
    )


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
