"""The script between the parent and a fenced command: limits, no capabilities, Landlock, a syscall filter, then exec.

Run by `render.sandbox` as `python -I -S fence.py SPEC COMMAND...`, never imported: doing this in a forked, threaded
Python could deadlock. It imports as little as it can, because its start is paid for every file. Linux only.
A failure is one line that starts with `cad-copilot-fence:` and exit code 125.
"""

import ctypes
import os
import resource
import struct
import sys

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 24, 38, 22
_SECCOMP_MODE_FILTER, _SIGKILL, _CLONE_NEWNET, _LAST_CAPABILITY = 2, 9, 0x40000000, 63
# asm-generic numbers, the same on x86-64, arm64 and riscv64
_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
# linux/landlock.h
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_FS_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_RIGHTS, _SCOPES = 0b11, 0b11
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
OWN_PID_MARK = b"\xdc\xad\xc0\xde"
_SECCOMP_FD = 9

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _limit(kind: int, wanted: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def _drop_capabilities() -> None:
    """Root without capabilities, for good: else chmod, mounts and modules would be open to it."""
    for number in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # fails harmlessly without CAP_SETPCAP
    header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    _checked(_libc.capset(header, nothing), "capset")


def _enter_landlock(readable: list[str], work_dir: str, output: str) -> None:
    abi = _libc.syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    handled = (1 << _FS_RIGHTS_BY_ABI.get(abi, 16)) - 1
    fields = [handled] + ([_NET_RIGHTS] if abi >= 4 else []) + ([_SCOPES] if abi >= 6 else [])
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    ruleset = _checked(_libc.syscall(_SYS_CREATE_RULESET, attributes, size, 0), "landlock_create_ruleset")
    rules = [(path, _EXECUTE | _READ_FILE | _READ_DIR) for path in readable]
    rules += [(path, _READ_FILE | _WRITE_FILE) for path in _DEVICES]
    rules.append((work_dir, _READ_FILE | _READ_DIR if output else handled & ~_EXECUTE))
    rules += [(output, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)] if output else []
    for path, rights in rules:
        if not os.path.exists(path):  # noqa: PTH110 - pathlib would add 10 ms to the start
            continue
        if not os.path.isdir(path):  # noqa: PTH112
            rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, handle)
        _checked(_libc.syscall(_SYS_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0), f"landlock_add_rule {path}")
        os.close(handle)
    _checked(_libc.syscall(_SYS_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _filter_syscalls(program: bytes) -> None:
    code = ctypes.create_string_buffer(program.replace(OWN_PID_MARK, struct.pack("=I", os.getpid())))
    filter_ = struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(code))  # struct sock_fprog
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_, 0, 0), "seccomp")


def _hand_over(program: bytes) -> None:
    """Leave the filter where bubblewrap's --seccomp reads it: bubblewrap itself needs what the filter forbids."""
    read_end, write_end = os.pipe()
    os.write(write_end, program)
    os.close(write_end)
    os.dup2(read_end, _SECCOMP_FD, inheritable=True)


def _main(spec: list[str], command: list[str]) -> None:
    mode, parent, work_dir, output, cpu_seconds, memory_bytes, file_bytes, program_hex, *readable = spec
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG")
    if os.getppid() != int(parent):
        raise OSError("the parent is gone")
    os.closerange(3, 1 << 16)
    program = bytes.fromhex(program_hex)
    for kind, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(cpu_seconds)),
        (resource.RLIMIT_FSIZE, int(file_bytes)),
        (resource.RLIMIT_AS, int(memory_bytes)),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_MEMLOCK, 1 << 20),
    ):
        _limit(kind, wanted)
    os.umask(0o077)
    os.chdir(work_dir)
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
    if mode == "bubblewrap":
        if program:
            _hand_over(program)
    else:
        _libc.unshare(_CLONE_NEWNET)  # root only; elsewhere the filter keeps sockets away
        _drop_capabilities()
        if mode == "landlock":
            _enter_landlock(readable, work_dir, output)
        if program:
            _filter_syscalls(program)
    os.execvp(command[0], command)


if __name__ == "__main__":
    try:
        _main(sys.argv[1].split("\n"), sys.argv[2:])
    except OSError as error:
        os.write(1, f"cad-copilot-fence: {error}\n".encode())
        os._exit(125)
