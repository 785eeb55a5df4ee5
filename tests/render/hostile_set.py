"""Hostile OpenSCAD: inputs that try to read the host, to run for ever, to eat the memory, or to forge a verdict.

Used by test_hostile.py and bench/bench_hostile.py. All are deterministic; large ones are built when they are asked
for. `@HOST@` and `@HOME@` stand for the folders in which `plant` put secrets. Not covered, since OpenSCAD has no
such thing: a source that writes files, starts programs or opens connections; the fence around the native engine is
attacked for those by a program of its own in test_hostile.py. Companions can't be links or FIFOs: the API takes text.
"""

from __future__ import annotations

import io
import itertools
import os
import random
import struct
import threading
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from render import CompileJob, CompileResult, Engine, Status, compile_scad

Files = Mapping[str, str | bytes]
MB = 1 << 20
TAKES_BYTES = "bytes" in str(CompileJob.__annotations__["files"])
"""Companions may be binary: without that the API can't even be given a malformed STL."""

REFUSED = frozenset({Status.BAD_INPUT, Status.TOO_LARGE, Status.SYNTAX_ERROR})
STOPPED = frozenset(
    {Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.CRASH, Status.RECURSION, Status.TOO_LARGE, Status.SYNTAX_ERROR}
)
"""Verdicts that end a bomb; EMPTY and EVAL_ERROR too where OpenSCAD itself refuses the numbers."""
NO_MESH = STOPPED | {Status.EMPTY, Status.EVAL_ERROR, Status.NOT_3D, Status.BAD_INPUT, Status.MISSING_LIBRARY}


@dataclass(frozen=True)
class HostileCase:
    """One attack and the verdicts that are right for it."""

    name: str
    group: str
    source: str | Callable[[], str] = field(repr=False)
    files: Files | Callable[[], Files] = field(default_factory=dict, repr=False)
    expected: frozenset[Status] | None = None
    """None: any verdict will do, as long as nothing leaks, hangs or breaks."""
    note: str = ""
    is_slow: bool = False
    """Runs in the benchmark only: it always costs the whole deadline, and another of its kind is tested."""


@dataclass(frozen=True)
class Secrets:
    """What was planted on the host, and how it would show."""

    host: Path
    home: Path
    token: str
    numbers: tuple[float, ...]
    """Coordinates that only a mesh made of a planted file has."""

    def fill(self, text: str) -> str:
        return text.replace("@HOST@", str(self.host)).replace("@HOME@", str(self.home))

    def environment(self) -> dict[str, str]:
        """Set these before the engines start: they must not reach them."""
        return {"CAD_CANARY": self.token, "HOME": str(self.home), "OPENSCADPATH": str(self.host)}


@dataclass(frozen=True)
class Outcome:
    """How one attack ended."""

    case: HostileCase
    result: CompileResult | None
    """None if `compile` raised."""
    error: str
    leaks: tuple[str, ...]
    wall_seconds: float


def plant(folder: Path, seed: int) -> Secrets:
    """Put one secret into a file of every kind that OpenSCAD reads."""
    rng = random.Random(seed)
    token, number, width = f"CANARY{rng.getrandbits(64):016x}", rng.randrange(8000, 64000) / 8 + 0.0625, 331
    home = folder / "home"
    home.mkdir(parents=True)
    tetra = [(0, 0, 0), (number, 0, 0), (0, number, 0), (0, 0, number)]
    sides = [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)]
    texts = {
        "scad": f'key = "{token}"; function key() = key; module secret() cube({number});',
        "txt": f"{token}\n",
        "dat": f"{number} {number}\n{number} {number}\n",
        "stl": stl_text([[tetra[i] for i in side] for side in sides]),
        "off": f"OFF\n4 4 0\n{_rows(tetra)}\n" + _rows([(3, *side) for side in sides]),
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" width="{number}mm" height="9mm" viewBox="0 0 {number} 9">'
        f'<rect width="{number}" height="9"/></svg>',
        "dxf": dxf_square(number).replace("  0\nEOF", f"999\n{token}\n  0\nEOF"),
        "amf": f"<amf><object id='0'><mesh><vertices>{_amf(tetra, 'vertex')}</vertices></mesh></object></amf>",
        "json": f'{{"key": "{token}"}}',
        "csg": f"cube({number});",
    }
    for parent, (ending, text) in itertools.product((folder, home), texts.items()):
        (parent / f"secret.{ending}").write_text(text)
    (folder / "secret.3mf").write_bytes(three_mf(_mesh_xml(tetra, sides)))
    (folder / "secret.png").write_bytes(png(width + 1, 2, bytes(range(200))))
    (folder / "secret.ttf").write_bytes(b"\0\1\0\0" + token.encode())
    os.mkfifo(folder / "fifo.scad")
    (folder / "link.scad").symlink_to(folder / "secret.scad")
    return Secrets(folder, home, token, (number, width))


def find_leaks(result: CompileResult, secrets: Secrets) -> tuple[str, ...]:
    """The secrets that show in a result: in its messages, in the bytes of the mesh, or as its coordinates."""
    said = "\n".join(f"{d.message} {d.file}" for d in result.diagnostics)
    found = [mark for mark in (secrets.token, "root:x:0:0", "root:*:") if mark in said]
    if result.stl is not None:
        found += [secrets.token] if secrets.token.encode() in result.stl else []
        n = int.from_bytes(result.stl[80:84], "little")
        rows = np.frombuffer(result.stl, dtype=np.dtype([("at", "<f4", (4, 3)), ("tag", "<u2")]), offset=84, count=n)
        points = rows["at"][:, 1:]
        found += [f"coordinate {x}" for x in secrets.numbers if bool((np.abs(points - x) < 1e-3).any())]
    return tuple(found)


def attack(
    cases: Iterable[HostileCase], secrets: Secrets, engines: Sequence[Engine], *, timeout_seconds: float,
    max_memory_bytes: int,
) -> list[Outcome]:  # fmt: skip
    """Run every case, one thread an engine, in any order."""
    queue, done = deque(cases), list[Outcome]()

    def work(engine: Engine) -> None:
        while queue:
            try:
                case = queue.popleft()
            except IndexError:
                return
            source = secrets.fill(case.source if isinstance(case.source, str) else case.source())
            files = case.files if isinstance(case.files, Mapping) else case.files()
            files = {secrets.fill(name): text for name, text in files.items()}
            if not TAKES_BYTES and any(isinstance(content, bytes) for content in files.values()):
                continue
            result, error, started = None, "", time.monotonic()
            try:
                result = compile_scad(
                    source,
                    files=files,  # type: ignore[arg-type]
                    engine=engine,
                    timeout_seconds=timeout_seconds,
                    max_memory_bytes=max_memory_bytes,
                )
            except Exception as raised:  # noqa: BLE001 - an exception is a finding here
                error = f"{type(raised).__name__}: {raised}"[:200]
            seconds = time.monotonic() - started
            leaks = find_leaks(result, secrets) if result else ()
            result = replace(result, stl=None) if result else None  # hundreds of meshes are not kept
            done.append(Outcome(case, result, error, leaks, seconds))

    threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


# Files of each kind


def stl_text(triangles: Sequence[Sequence[tuple[float, float, float]]]) -> str:
    facets = ("".join(f"vertex {x} {y} {z}\n" for x, y, z in three) for three in triangles)
    return "solid s\n" + "".join(f"facet normal 0 0 0\nouter loop\n{f}endloop\nendfacet\n" for f in facets) + "endsolid"


def _rows(rows: Iterable[Iterable[float]]) -> str:
    return "\n".join(" ".join(map(str, row)) for row in rows)


def _amf(points: Iterable[tuple[float, ...]], tag: str) -> str:
    return "".join(f"<{tag}><coordinates><x>{x}</x><y>{y}</y><z>{z}</z></coordinates></{tag}>" for x, y, z in points)


def _mesh_xml(points: Iterable[tuple[float, ...]], sides: Iterable[tuple[int, ...]]) -> str:
    vertices = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in points)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in sides)
    return f"<mesh><vertices>{vertices}</vertices><triangles>{triangles}</triangles></mesh>"


def three_mf(mesh: str, padding: int = 0) -> bytes:
    """A 3MF of one object; `padding` spaces in its XML compress a thousandfold."""
    model = (
        '<model unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        f'<object id="1" type="model">{mesh}</object></resources><build><item objectid="1"/></build>{" " * padding}'
        "</model>"
    )
    kinds = "http://schemas.openxmlformats.org/package/2006"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="model" ContentType="application/vnd.ms-'
            'package.3dmanufacturing-3dmodel+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kinds}/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" '
            'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>',
        )
        archive.writestr("3D/3dmodel.model", model)
    return buffer.getvalue()


def png(width: int, height: int, row: bytes, n_declared: int = 0) -> bytes:
    """A grey PNG whose rows all begin like `row`; its header may declare a larger width."""
    pixels = zlib.compress((b"\0" + row[:width].ljust(width, b"\x40")) * height, 9)
    header = struct.pack(">IIBBBBB", n_declared or width, n_declared or height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    body = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def dxf_square(size: float) -> str:
    corners = [(0, 0), (size, 0), (size, size), (0, size)]
    lines = zip(corners, corners[1:] + corners[:1], strict=True)
    entities = "".join(f"  0\nLINE\n  8\n0\n 10\n{a}\n 20\n{b}\n 11\n{c}\n 21\n{d}\n" for (a, b), (c, d) in lines)
    return f"  0\nSECTION\n  2\nENTITIES\n{entities}  0\nENDSEC\n  0\nEOF\n"


def laughs(root: str, use: str) -> str:
    """A billion laughs: nine entities, each ten times the one before."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>{root.replace("@", use)}'


# The cases


def _reading() -> Iterator[HostileCase]:
    readers = {
        "include": ("include <@HOST@/secret.scad>", "echo(key); secret();"),
        "include_txt": ("include <@HOST@/secret.txt>", ""),
        "include_passwd": ("include </etc/passwd>", ""),
        "include_shadow": ("include </etc/shadow>", ""),
        "use": ("use <@HOST@/secret.scad>", "echo(key()); secret();"),
        "use_link": ("use <@HOST@/link.scad>", "echo(key()); secret();"),
        "use_fifo": ("use <@HOST@/fifo.scad>", "secret();"),
        "use_font": ("use <@HOST@/secret.ttf>", 'linear_extrude(1) text("a", font = "secret");'),
        "use_home": ("use <@HOME@/secret.scad>", "echo(key()); secret();"),
    }
    for name, (top, rest) in readers.items():
        yield HostileCase(name, "read a host file", f"{top}\n{rest} cube(1);")
    for ending in ("stl", "off", "amf", "3mf", "csg", "json", "scad", "txt"):
        yield HostileCase(f"import_{ending}", "read a host file", f'import("@HOST@/secret.{ending}"); cube(1);')
    for ending in ("svg", "dxf"):
        source = f'linear_extrude(1) import(file = "@HOST@/secret.{ending}"); cube(1);'
        yield HostileCase(f"import_{ending}", "read a host file", source)
    calls = {
        "import_data": 'echo(import("@HOST@/secret.json")); cube(1);',
        "import_passwd": 'import("/etc/passwd"); cube(1);',
        "import_stl_old": 'import_stl("@HOST@/secret.stl"); import_off("@HOST@/secret.off"); cube(1);',
        "import_dxf_old": 'linear_extrude(1) import_dxf("@HOST@/secret.dxf"); cube(1);',
        "surface_dat": 'surface("@HOST@/secret.dat"); cube(1);',
        "surface_dat_file": 'surface(file = "@HOST@/secret.dat", center = true, convexity = 5); cube(1);',
        "surface_png": 'surface(file = "@HOST@/secret.png", invert = true); cube(1);',
        "surface_passwd": 'surface("/etc/passwd"); cube(1);',
        "dxf_dim": 'echo(dxf_dim(file = "@HOST@/secret.txt", name = "a")); cube(1);',
        "dxf_dim_passwd": 'echo(dxf_dim(file = "/etc/passwd", name = "a")); cube(1);',
        "dxf_cross": 'echo(dxf_cross(file = "@HOST@/secret.dxf", layer = "0")); cube(1);',
        "extrude_file": 'linear_extrude(file = "@HOST@/secret.dxf", height = 1); cube(1);',
        "rotate_file": 'rotate_extrude(file = "@HOST@/secret.dxf"); cube(1);',
        "built_path": 'p = str("/etc", chr(47), "passwd"); surface(p); import(p); echo(dxf_dim(file = p)); cube(1);',
        "rands": "echo(rands(0, 1, 9)); cube(1);",
        "nul_in_path": 'surface(str("@HOST@/secret.dat", chr(0), ".png")); cube(1);',
        "font_file": 'linear_extrude(1) text("a", font = "@HOST@/secret.ttf"); cube(1);',
        "font_pattern": 'linear_extrude(1) text("a", font = ":file=@HOST@/secret.ttf"); cube(1);',
        "textmetrics": 'echo(textmetrics("a"), fontmetrics(font = "@HOST@/secret.ttf")); cube(1);',
        "environment": "echo($HOME, $CAD_CANARY, $PATH, $ENV, CAD_CANARY, $OPENSCADPATH); cube(1);",
    }
    for name, source in calls.items():
        yield HostileCase(name, "read a host file", source)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">@</svg>'
    entity = '<!DOCTYPE svg [<!ENTITY e SYSTEM "file://@HOST@/secret.txt">]>'
    drawn = 'linear_extrude(1) import("a.svg"); echo(import("a.svg")); cube(1);'
    inner = {"xxe": "<text>&e;</text>", "image": '<image xlink:href="file://@HOST@/secret.png" width="9" height="9"/>'}
    for name, body in inner.items():
        text = entity + svg.replace("@</", body + "</")
        yield HostileCase(f"svg_{name}", "read a host file", drawn, {"a.svg": text})


def _paths() -> Iterator[HostileCase]:
    targets = {
        "up": "../" * 20 + "etc/passwd",
        "up_inside": "a/../../../../../../../../../../etc/passwd",
        "root_of_proc": "/proc/self/root/etc/passwd",
        "cwd": "/proc/self/cwd/../../../etc/passwd",
        "environ": "/proc/self/environ",
        "maps": "/proc/self/maps",
        "init": "/proc/1/environ",
        "parent": f"/proc/{os.getpid()}/environ",
        "cmdline": "/proc/self/cmdline",
        "fd": "/proc/self/fd/0",
        "stdin": "/dev/stdin",
        "zero": "/dev/zero",
        "random": "/dev/random",
        "urandom": "/dev/urandom",
        "full": "/dev/full",
        "tty": "/dev/tty",
        "memory": "/dev/mem",
        "stdout": "/dev/stdout",
        "fifo": "@HOST@/fifo.scad",
        "tilde": "~/secret.scad",
        "home": "$HOME/secret.scad",
        "home_braces": "${HOME}/secret.scad",
        "percent": "%HOME%/secret.scad",
        "searched": "secret.scad",
        "url": "file://@HOST@/secret.scad",
        "http": "http://127.0.0.1:1/secret.scad",
        "unc": "\\\\\\\\host\\\\share\\\\secret.scad",
        "two_slashes": "//@HOST@/secret.scad",
        "dots": "/./@HOST@/./../../@HOST@/secret.scad",
        "folder": "/",
        "dot": ".",
        "itself": "model.scad",
        "output": "../out.stl",
        "output_wasm": "/out.stl",
        "log": "/proc/self/fd/2",
        "drive": "C:/Users/secret.scad",
        "option": "-o",
        "help": "--help",
        "command": "$(touch @HOST@/pwned)",
        "pipe": "|touch @HOST@/pwned",
        "semicolon": ";touch @HOST@/pwned;",
        "backtick": "`touch @HOST@/pwned`",
        "wildcard": "@HOST@/*.scad",
        "long": "x" * 5000,
        "deep": "x/" * 2500,
        "format": "%s%n%x%n",
        "unicode": "\u202e/etc/passwd",
        "space": " /etc/passwd ",
    }
    for name, path in targets.items():
        source = f'include <{path}>\nuse <{path}>\nimport("{path}"); surface("{path}"); echo(key); cube(1);'
        yield HostileCase(f"path_{name}", "paths", source)


def _companions() -> Iterator[HostileCase]:
    names = {
        "absolute": "@HOST@/pwned",
        "up": "../" * 20 + "pwned",
        "up_too_far": "../" * 60 + "pwned",
        "nul": "a\0b",
        "backslash": "..\\..\\pwned",
        "empty": "",
        "dot": ".",
        "dots": "..",
        "slash": "a/",
        "long": "x" * 300,
        "longer": "x" * 5000,
        "deep": "x/" * 300 + "x",
        "option": "-o",
        "help": "--help",
        "newline": "a\nb.scad",
        "quotes": "a\"'b.scad",
        "command": "$(touch pwned)",
        "semicolon": ";touch pwned;",
        "backtick": "`id`",
        "surrogate": "a\udc80.scad",
        "output": "../out.stl",
        "main": "model.scad",
        "below_main": "model.scad/x",
        "proto": "__proto__",
        "constructor": "constructor/prototype",
        "fonts": "../fonts/fonts.conf",
        "dev": "../dev/null",
        "proc": "../proc/self/fd/1",
        "library": "BOSL2/std.scad",
        "library_up": "../libraries/BOSL2/std.scad",
        "bidi": "a\u202e\u200b.scad",
        "config": ".config/OpenSCAD/OpenSCAD.conf",
    }
    for name, companion in names.items():
        yield HostileCase(f"name_{name}", "companion names", "cube(1);", {companion: "module x() cube(1);"})
    yield HostileCase("name_file_and_folder", "companion names", "cube(1);", {"a": "", "a/b": ""})
    yield HostileCase("names_that_meet", "companion names", "cube(1);", {"a/../b": "", "b": "x", "./b": "y"})
    many = {f"{n % 97}/{n}.scad": "" for n in range(2000)}
    yield HostileCase("many", "companion names", "cube(1);", many)


def _includes() -> Iterator[HostileCase]:
    chain: dict[str, str | bytes] = {f"c{n}.scad": f"include <c{n + 1}.scad>" for n in range(1000)}
    fan: dict[str, str | bytes] = {f"f{n}.scad": f"include <f{n + 1}.scad>\n" * 10 for n in range(9)}
    loops: dict[str, tuple[str, Files]] = {
        "itself": ("include <model.scad>\ncube(1);", {}),
        "a_a": ("include <a.scad>\ncube(1);", {"a.scad": "include <a.scad>"}),
        "a_b": ("include <a.scad>\ncube(1);", {"a.scad": "include <b.scad>", "b.scad": "include <a.scad>"}),
        "use_itself": ("use <model.scad>\ncube(1);", {}),
        "use_a_b": ("use <a.scad>\ncube(1);", {"a.scad": "use <b.scad>", "b.scad": "use <a.scad>"}),
        "chain": ("include <c0.scad>\ncube(1);", chain),
        "use_chain": ("use <c0.scad>\ncube(1);", {n: str(t).replace("include", "use") for n, t in chain.items()}),
        "ten_to_the_nine": ("include <f0.scad>\ncube(1);", fan),
        "same_a_million_times": ("include <x.scad>\n" * 50_000 + "cube(1);", {"x.scad": ""}),
    }
    for name, (source, files) in loops.items():
        yield HostileCase(f"include_{name}", "include loops", source, files)


def _endless() -> Iterator[HostileCase]:
    sources = {
        "for": "for (i = [0:99999], j = [0:99999]) cube(1);",
        "for_step": "for (i = [0:1e-300:1]) cube(1);",
        "for_huge": "for (i = [0:1e9]) cube(1);",
        "for_inf": "for (i = [0:1/0]) cube(1);",
        "for_nan": "for (i = [0:0/0:9]) cube(i);",
        "for_c": "x = [for (i = 0; true; i = i + 1) i]; cube(1);",
        "for_c_still": "x = [for (i = 0; i < 1; i = i) i]; cube(1);",
        "intersection_for": "intersection_for (i = [0:9e5]) cube(1);",
        "for_deep": "".join(f"for (a{n} = [0:99])" for n in range(8)) + " cube(1);",
        "module": "module r() { r(); } r();",
        "module_argument": "module r(n) { r(n + 1); } r(0);",
        "mutual": "module a() b(); module b() a(); a();",
        "children": "module r() { r() children(); } r() cube(1);",
        "function": "function f(x) = f(x + 1) + 1; echo(f(1)); cube(1);",
        "tail": "function f(x) = x < 0 ? 0 : f(x + 1); echo(f(1)); cube(1);",
        "tail_still": "function f(x) = f(x); echo(f(1)); cube(1);",
        "mutual_functions": "function a(x) = b(x) + 1; function b(x) = a(x) + 1; echo(a(1)); cube(1);",
        "literal": "f = function (g) g(g); echo(f(f)); cube(1);",
        "fibonacci": "function f(n) = n < 2 ? n : f(n - 1) + f(n - 2); echo(f(60)); cube(1);",
        "ackermann": "function a(m, n) = m == 0 ? n + 1 : n == 0 ? a(m - 1, 1) : a(m - 1, a(m, n - 1)); echo(a(4, 4));",
        "search": "x = [for (i = [0:99999]) i]; y = [for (i = x) search(i, x)]; cube(1);",
        "special_variable": "$x = $x; module a() { $x = $x + 1; a(); } a();",
        "let": "function f(x) = let (y = f(x)) y; echo(f(1)); cube(1);",
        "assert_loop": "function f(x) = assert(x >= 0) f(x + 1); echo(f(0)); cube(1);",
        "echo_loop": "function f(x) = echo(x) f(x + 1); echo(f(0)); cube(1);",
    }
    slow = {"for_deep", "fibonacci", "tail_still", "intersection_for", "ackermann", "search", "for_c_still", "mutual"}
    for name, source in sources.items():
        yield HostileCase(f"endless_{name}", "endless", source, expected=NO_MESH | {Status.OK, Status.WARNING},
                          is_slow=name in slow)  # fmt: skip


def _memory() -> Iterator[HostileCase]:
    double = "function d(n, x) = n == 0 ? x : d(n - 1, {}); echo(len(d(40, {}))); cube(1);"
    sources = {
        "strings": double.format("str(x, x)", '"abcdefgh"'),
        "lists": double.format("concat(x, x)", "[1]"),
        "nested_lists": double.format("[x, x]", "[1]") + " echo(d(40, [1]));",
        "each": double.format("[each x, each x]", "[1]"),
        "cartesian": "x = [for (i = [0:9999], j = [0:9999]) [i, j]]; echo(len(x)); cube(1);",
        "comprehension": "x = [for (i = [0:999]) [for (j = [0:999]) [for (k = [0:999]) k]]]; echo(len(x)); cube(1);",
        "rands": "echo(len(rands(0, 1, 1e9))); cube(1);",
        "chr": "x = chr([for (i = [0:999999]) 65]); y = str(x, x, x, x); echo(len(str(y, y, y, y))); cube(1);",
        "cubes": "for (i = [0:99999]) translate([i * 2, 0, 0]) cube(1);",
        "matrix": "x = [for (i = [0:1999]) [for (j = [0:1999]) i]]; echo(len(x * x)); cube(1);",
        "polygon": "linear_extrude(1) polygon([for (i = [0:999999]) [i, i % 2]]);",
    }
    for name, source in sources.items():
        yield HostileCase(f"memory_{name}", "memory", source, is_slow=name in {"comprehension", "matrix", "cartesian"})


def _geometry() -> Iterator[HostileCase]:
    sources = {
        "sphere_fn": "sphere(1, $fn = 1e8);",
        "sphere_fa": "sphere(1, $fa = 1e-9, $fs = 1e-12);",
        "sphere_fn_9000": "sphere(1, $fn = 9000);",
        "cylinder_fn": "cylinder(1, 1, $fn = 1e8);",
        "cylinder_fs": "$fa = 1e-9; $fs = 1e-12; cylinder(r = 100, h = 1);",
        "circle_fn": "linear_extrude(1) circle(1, $fn = 1e7);",
        "fn_max": "sphere(1, $fn = 1e999);",
        "fn_nan": "sphere(1, $fn = 0/0);",
        "fn_negative": "sphere(1, $fn = -5);",
        "minkowski": "minkowski() { sphere(9, $fn = 200); sphere(8, $fn = 200); sphere(7, $fn = 200); }",
        "minkowski_concave": "minkowski() { difference() { sphere(9, $fn = 60); sphere(8, $fn = 60); } difference() "
        "{ sphere(9, $fn = 60); sphere(8, $fn = 60); } }",
        "hull": "hull() for (i = [0:9999]) translate([i, i * i, i % 7]) sphere(1, $fn = 50);",
        "hull_nested": "hull() " * 20000 + "cube(1);",
        "render": "render() " * 20000 + "cube(1);",
        "union_nested": "union() " * 20000 + "cube(1);",
        "union_1e5": "union() { for (i = [0:315], j = [0:315]) translate([i, j, 0]) sphere(1, $fn = 8); }",
        "difference_1e4": "difference() { cube(200); for (i = [0:9999]) translate([i % 100, i / 100, 0]) sphere(1); }",
        "slices": "linear_extrude(10, slices = 1e8, twist = 10) square(1);",
        "segments": "linear_extrude(10, twist = 1e9, $fn = 1e7) square(1);",
        "rotate_extrude": "rotate_extrude($fn = 1e8) translate([2, 0]) circle(1);",
        "rotate_extrude_angle": "rotate_extrude(angle = 1e300, $fn = 1e6) translate([2, 0]) circle(1, $fn = 1e3);",
        "offset": "linear_extrude(1) offset(r = 1e9, $fn = 1e7) square(1);",
        "offset_chain": "linear_extrude(1) " + "offset(delta = 1) " * 2000 + "square(1);",
        "resize": "resize([1e300, 1e-300, 0], auto = true) cube(1);",
        "projection": "linear_extrude(1) projection(cut = true) sphere(9, $fn = 1000);",
        "text_big": "linear_extrude(1) text(chr([for (i = [0:99999]) 65 + i % 26]));",
        "text_size": 'linear_extrude(1) text("AB", size = 1e300, $fn = 1e7);',
        "scale_zero": "scale([0, 0, 0]) cube(1);",
        "scale_nan": "scale([0/0, 1, 1]) cube(1);",
        "matrix_wrong": 'multmatrix([[1, 0], "x", [1/0]]) cube(1);',
        "nested_modifiers": "#%*!" * 500 + "cube(1);",
        "mirror_zero": "mirror([0, 0, 0]) cube(1);",
        "surface_in_memory": "polyhedron([for (i = [0:999], j = [0:999]) [i, j, 0]], [[for (i = [0:999999]) i]]);",
        "index_out": "polyhedron([[0,0,0],[1,0,0],[0,1,0],[0,0,1]], [[0,1,2],[0,1,99],[1,2,3],[0,2,3]]);",
        "index_negative": "polyhedron([[0,0,0],[1,0,0],[0,1,0],[0,0,1]], [[0,1,-2],[0,1,3],[1,2,3],[0,2,3]]);",
        "index_huge": "polyhedron([[0,0,0],[1,0,0],[0,1,0],[0,0,1]], [[0,1,1e18],[0,4294967297,3],[1,2,-1e300]]);",
        "index_nan": 'polyhedron([[0,0,0],[1,0,0],[0,1,0],[0,0,1]], [[0,0/0,1/0],[0,undef,3],[1,"a",3],[]]);',
        "points_wrong": 'polyhedron([1, [], "a", [1/0, 0/0, 1e999], undef], [[0,1,2],[0,3,1],[4,1,2]]);',
        "polygon_paths": "linear_extrude(1) polygon([[0,0],[1,0],[0,1]], paths = [[0,1,1e18],[-1,-2,-3],[0/0]]);",
        "self_crossing": "linear_extrude(1) polygon([for (i = [0:4999]) [sin(i * 7919) * 99, cos(i * 104729) * 99]]);",
    }
    slow = {
        "minkowski_concave",
        "difference_1e4",
        "sphere_fn_9000",
        "surface_in_memory",
        "self_crossing",
        "hull",
        "projection",
        "offset_chain",
    }
    for name, source in sources.items():
        yield HostileCase(f"geometry_{name}", "geometry", source, is_slow=name in slow)
    for size in ("1e308", "1e999", "-1e308", "-0", "-1", "0/0", "1/0", "-1/0", "0x7fffffffffffffff", "1e-320", "undef"):
        yield HostileCase(f"size_{size}", "numbers", f"cube({size}); sphere({size}); cylinder({size}, {size});")
    yield HostileCase("digits", "numbers", lambda: f"cube({'9' * 500_000});")
    yield HostileCase("shift", "numbers", "echo(1 << 64, 1 >> -1, ~1e300, 2 ^ 1e9, -1 % 0, 1 << 1e300); cube(1);")


def _syntax() -> Iterator[HostileCase]:
    n = 100_000
    builders: dict[str, Callable[[], str]] = {
        "parentheses": lambda: f"x = {'(' * n}1{')' * n}; cube(1);",
        "brackets": lambda: f"x = {'[' * n}{']' * n}; cube(1);",
        "brackets_900": lambda: f"x = {'[' * 900}{']' * 900}; echo(x); cube(1);",
        "braces": lambda: "{" * n + "cube(1);" + "}" * n,
        "unions": lambda: "union(){" * n + "cube(1);" + "}" * n,
        "open": lambda: "(" * (9 * n),
        "sum": lambda: f"x = 1{'+1' * n}; cube(1);",
        "minus": lambda: f"x = {'-' * n}1; cube(1);",
        "ternary": lambda: f"x = {'true ? 1 : ' * 80_000}1; cube(1);",
        "let": lambda: f"x = {'let (a = 1) ' * 80_000}1; cube(1);",
        "index": lambda: f"x = a{'[0]' * n}; cube(1);",
        "calls": lambda: f"x = a{'()' * n}; cube(1);",
        "identifier": lambda: f"{'x' * 900_000} = 1; cube({'x' * 9});",
        "parameters": lambda: f"module m({', '.join(f'a{i}' for i in range(n))}) cube(1); m();",
        "arguments": lambda: f"cube({', '.join('1' * 1 for _ in range(n))});",
        "variables": lambda: "".join(f"v{i}={i};" for i in range(80_000)) + "cube(1);",
        "modules": lambda: "".join(f"module m{i}(){{}}" for i in range(40_000)) + "cube(1);",
        "semicolons": lambda: ";" * (9 * n) + "cube(1);",
        "string": lambda: f'x = "{"x" * 900_000}"; echo(x); cube(1);',
        "open_string": lambda: 'x = "' + "y" * n,
        "open_comment": lambda: "cube(1); /* " + "* " * n,
        "comment": lambda: "/*/ cube(9); /**/ cube(1); /* // */ // /*\n",
        "nested_comment": lambda: "/*" * n + "*/" * n + "cube(1);",
        "customizer": lambda: "/* [" + "[" * n + "] */\nx = 1; // [" + "1:" * n + "]\ncube(1);",
        "control_characters": lambda: "cube(1);" + "".join(map(chr, range(1, 32))),
        "regex": lambda: "// " + " " * n + "\n" + "\t" * n + "cube(1);",
        "includes": lambda: "include <" * n + "cube(1);",
        "fences": lambda: "/*" + "\n```" * n + "*/ cube(1);",
        "one_mb": lambda: "cube(1);" + " " * (MB - 8),
    }
    slow, stops = {"calls", "variables"}, {"open", "open_string", "includes"}
    for name, build in builders.items():
        yield HostileCase(f"syntax_{name}", "syntax", build, expected=NO_MESH if name in stops else None,
                          is_slow=name in slow)  # fmt: skip
    yield HostileCase("syntax_one_mb_and_one", "syntax", lambda: "cube(1);" + " " * (MB - 7),
                      expected=frozenset({Status.TOO_LARGE}))  # fmt: skip


def _encodings() -> Iterator[HostileCase]:
    latin = 'x = "\udce9\udcff"; cube(1);'
    cases = {
        "nul": ("cube(1);\0cube(9);", frozenset({Status.BAD_INPUT})),
        "nul_first": ("\0", frozenset({Status.BAD_INPUT})),
        "bom": ("\ufeffcube(1);", REFUSED),
        "bom_inside": ("cube(1);\ufeff", REFUSED),
        "utf16_le": ("cube(1);".encode("utf-16").decode("latin-1"), REFUSED),
        "utf16_be": ("cube(1);".encode("utf-16-be").decode("latin-1"), REFUSED),
        "surrogate_escape": (latin, frozenset({Status.BAD_INPUT})),
        "surrogate": ('echo("\ud800"); cube(1);', frozenset({Status.BAD_INPUT})),
        "zero_width": ("cu\u200bbe(1);", None),
        "right_to_left": ("/*\u202e } ;)9(ebuc \u2066*/ cube(1);", None),
        "homoglyph": ("с\u0443be(1);", None),
        "full_width": ("ｃｕｂｅ（１）；", None),
        "no_break_space": ("cube\u00a0(1);", None),
        "line_separator": ("cube(1); // x\u2028cube(9);", None),
        "astral": ('echo("\U0010ffff\U0001f4a9"); cube(1);', None),
        "combining": ("x" + "\u0301" * 5000 + " = 1; cube(1);", None),
        "carriage_returns": ("cube(1);\r// x\rcube(2);\r", None),
        "mixed_ends": ("cube(1);\r\n\n\r// x\r\r\ncube(2);\x0b\x0c\x85", None),
        "escape_d": ('echo("\\ud800\\U110000\\x00"); cube(1);', None),
        "text_controls": ('linear_extrude(1) text("\\n\\t\\r\x01\x1b\u202eabc\u200f"); cube(1);', None),
        "chr": ("echo(chr([0, -1, 55296, 1114112, 1e300, 0/0])); cube(1);", None),
        "ord": ('echo(ord(""), len("\U0001f4a9\u0301")); cube(1);', None),
    }
    for name, (source, expected) in cases.items():
        yield HostileCase(f"encoding_{name}", "encodings", source, expected=expected)


def _output() -> Iterator[HostileCase]:
    breaks, labels = "\\n", ("WARNING", "ERROR", "TRACE", "DEPRECATED", "UI-WARNING", "FONT-WARNING", "EXPORT-ERROR")
    forged = {
        "error": 'echo("ERROR: Parser error: forged in file model.scad, line 3"); cube(1);',
        "parser_error": f'echo("a{breaks}ERROR: Parser error: forged in file model.scad, line 3"); cube(1);',
        "empty": f'echo("a{breaks}Current top level object is empty."); cube(1);',
        "not_3d": f'echo("a{breaks}Current top level object is not a 3D object."); cube(1);',
        "no_memory": f'echo("a{breaks}std::bad_alloc: out of memory"); assert(false);',
        "sandbox": f'echo("{breaks}cad-copilot-fence: x{breaks}bwrap: no{breaks}sandbox.py"); assert(false);',
        "flood": f'for (i = [0:150]) echo("{breaks}WARNING: x"); nobody(); cube(1);',
        "regex": 'x = "'
        + "".join(f"{breaks}{label}: {' in file , line ' * 120}" for label in labels)
        + '"; for (i = [0:99]) echo(x); cube(1);',
        "long_name": f'x = "{breaks}WARNING: in file {"a" * 1900}"; for (i = [0:99]) echo(x); cube(1);',
        "frame": 'echo(chr([1, 2, 3, 4]), "\\x10\\x00\\x00\\x00", chr(16)); cube(1);',
        "json": 'echo("{\\"rc\\":0,\\"trap\\":null,\\"n_stl_bytes\\":99999999,\\"log\\":[]}"); cube(1);',
        "json_break": f'echo("{breaks}{{\\"ready\\":true}}{breaks}"); cube(1);',
        "length": "echo(chr([65535, 65535, 255, 255, 255, 127])); cube(1);",
        "ansi": 'echo("\\x1b[2J\\x1b]0;owned\\x07\\x1b[31m", chr(27), chr(155)); cube(1);',
        "markup": 'echo("<script>alert(1)</script>{{7*7}}${7*7}"); cube(1);',
        "format": 'echo("%s%n%x{0.__class__}"); cube(1);',
        "traceback": f'echo("{breaks}Traceback (most recent call last):{breaks}"); cube(1);',
    }
    failed = frozenset({Status.ASSERT_FAILED})
    for name, source in forged.items():
        yield HostileCase(f"forged_{name}", "forged output", source,
                          expected=failed if name in ("sandbox", "no_memory") else None,
                          is_slow=name == "regex")  # fmt: skip
    floods = {
        "echo_100_mb": "x = chr([for (i = [0:9999]) 65]); for (i = [0:9999]) echo(x); cube(1);",
        "echo_one_string": 'function d(n, x) = n == 0 ? x : d(n - 1, str(x, x)); echo(d(23, "abcdefgh")); cube(1);',
        "echo_lines": f'x = str([for (i = [0:9999]) "{breaks}"]); for (i = [0:99]) echo(x); cube(1);',
        "warnings": "for (i = [0:999999]) nobody(); cube(1);",
        "warnings_unknown": "for (i = [0:999], j = [0:999]) echo(nobody); cube(1);",
        "assert_message": 'function d(n, x) = n == 0 ? x : d(n - 1, str(x, x)); assert(false, d(22, "abcdefgh"));',
        "kinds": f'for (i = [0:9999]) echo("{breaks}", chr([for (k = [0:9]) 65 + (i * k + i) % 26]), ": x"); cube(1);',
        "list": "echo([for (i = [0:999999]) i]); cube(1);",
        "version": "echo(version(), version_num(), parent_module(99), $preview, $parent_modules); cube(1);",
        "empty_lines": "x = chr([for (i = [0:999999]) 10]); for (i = [0:9]) echo(x); cube(1);",
    }
    slow = {"warnings_unknown", "assert_message", "echo_one_string"}
    for name, source in floods.items():
        yield HostileCase(f"flood_{name}", "floods", source, is_slow=name in slow)


def _malformed() -> Iterator[HostileCase]:
    stl_huge = b"x" * 80 + struct.pack("<I", 0xFFFFFFFF) + b"\0" * 100
    nan = struct.pack("<12fH", *([float("nan"), float("inf"), 1e38] * 4), 0)
    tetra = "<mesh><vertices/><triangles><triangle v1='0' v2='-1' v3='99999999999'/></triangles></mesh>"
    path = "M0,0 " + "C1e999,1 2,2 3,3 " * 9
    svg = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
    self_use = '<g id="a"><use xmlns:x="http://www.w3.org/1999/xlink" x:href="#a"/><use href="#a"/></g>'
    files: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "stl_count": ("a.stl", lambda: stl_huge),
        "stl_cut": ("a.stl", lambda: stl_huge[:83]),
        "stl_nan": ("a.stl", lambda: b"x" * 80 + struct.pack("<I", 9) + nan * 9),
        "stl_empty": ("a.stl", lambda: b""),
        "stl_text": ("a.stl", lambda: "solid\nfacet\nvertex 1 2\nvertex a b c\n" * 99),
        "stl_line": ("a.stl", lambda: "solid " + "x" * 900_000),
        "stl_noise": ("a.stl", lambda: random.Random(1).randbytes(50_000)),
        "off_count": ("a.off", lambda: "OFF\n4294967295 4294967295 9\n0 0 0\n"),
        "off_index": ("a.off", lambda: "OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 99999\n"),
        "off_face": ("a.off", lambda: "OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n2000000000 0 1 2\n"),
        "off_negative": ("a.off", lambda: "OFF\n-3 -1 0\n3 -1 -2 -3\n"),
        "amf_cut": ("a.amf", lambda: "<amf><object><mesh><vertices><vertex><coord"),
        "amf_laughs": (
            "a.amf",
            lambda: laughs("<amf><object><mesh><vertices>@</vertices></mesh></object></amf>", "&l9;"),
        ),
        "3mf_noise": ("a.3mf", lambda: b"PK\3\4" + random.Random(2).randbytes(5000)),
        "3mf_cut": ("a.3mf", lambda: three_mf(tetra)[:200]),
        "3mf_index": ("a.3mf", lambda: three_mf(tetra)),
        "3mf_bomb": ("a.3mf", lambda: three_mf(tetra, 200 * MB)),
        "svg_laughs": ("a.svg", lambda: laughs(svg.format("<text>@</text>"), "&l9;")),
        "svg_deep": ("a.svg", lambda: svg.format("<g>" * 50_000 + "</g>" * 50_000)),
        "svg_self": ("a.svg", lambda: svg.format(self_use)),
        "svg_path": ("a.svg", lambda: svg.format(f'<path d="{path * 999}"/>')),
        "svg_cut": ("a.svg", lambda: "<svg><path d='M"),
        "svg_size": ("a.svg", lambda: svg.format("<circle r='1e300'/><rect width='-1' height='nan'/>")),
        "svg_transform": (
            "a.svg",
            lambda: svg.format(f"<g transform='{'scale(9) ' * 5000}'><rect width='1' height='1'/></g>"),
        ),
        "dxf_cut": ("a.dxf", lambda: "  0\nSECTION\n  2\nENTITIES\n  0\nLWPOLYLINE\n 90\n"),
        "dxf_self": (
            "a.dxf",
            lambda: (
                "  0\nSECTION\n  2\nBLOCKS\n  0\nBLOCK\n  2\na\n  0\nINSERT\n  2\na\n  0\nENDBLK\n"
                "  0\nENDSEC\n  0\nSECTION\n  2\nENTITIES\n"
                "  0\nINSERT\n  2\na\n  0\nENDSEC\n  0\nEOF\n"
            ),
        ),
        "dxf_numbers": ("a.dxf", lambda: dxf_square(1e308).replace("LINE", "ARC")),
        "dxf_codes": ("a.dxf", lambda: "-99999999999\nx\n" * 9999),
        "csg_loop": ("a.csg", lambda: "group() { import('a.csg'); }"),
        "json_deep": ("a.json", lambda: "[" * 200_000 + "]" * 200_000),
        "json_numbers": ("a.json", lambda: "[1e99999, -0, 123456789012345678901234567890]"),
        "nothing": ("a.xyz", lambda: "?"),
        "stl_64_mb": ("a.stl", lambda: b"x" * 80 + struct.pack("<I", 1 << 20) + bytes(64 * MB)),
        "stl_is_link": ("a.stl", lambda: "/etc/passwd"),
    }
    for name, (file, build) in files.items():
        flat = file.endswith((".svg", ".dxf"))
        source = f'{"linear_extrude(1) " if flat else ""}import("{file}"); echo(import("{file}")); cube(1);'
        yield HostileCase(f"malformed_{name}", "malformed files", source, _lazily(file, build))
    surfaces: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "png_bomb": ("a.png", lambda: png(30_000, 30_000 // 4, b"")),
        "png_header": ("a.png", lambda: png(9, 9, b"", 0x7FFFFFFF)),
        "png_cut": ("a.png", lambda: png(99, 99, b"")[:60]),
        "png_noise": ("a.png", lambda: b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(9999)),
        "dat_huge": ("a.dat", lambda: "\n".join(["1 2 3 4 5 " * 100] * 1000)),
        "dat_ragged": ("a.dat", lambda: "1\n" + "2 " * 99_999 + "\n3"),
        "dat_numbers": ("a.dat", lambda: "nan inf 1e999\n-1e308 x 0x1\n"),
        "dat_blank": ("a.dat", lambda: "\n" * 900_000),
    }
    for name, (file, build) in surfaces.items():
        source = f'surface("{file}"); cube(1);'
        yield HostileCase(
            f"malformed_{name}", "malformed files", source, _lazily(file, build), is_slow=name == "dat_huge"
        )
    fonts: dict[str, Callable[[], bytes]] = {
        "ttf_noise": lambda: b"\0\1\0\0" + random.Random(4).randbytes(9999),
        "ttf_tables": lambda: b"\0\1\0\0\xff\xff" + b"\xff" * 5000,
        "ttf_empty": lambda: b"",
        "otf": lambda: b"OTTO" + bytes(999),
    }
    for name, font in fonts.items():
        source = 'use <a.ttf>\nlinear_extrude(1) text("abc", font = "a"); cube(1);'
        yield HostileCase(f"malformed_{name}", "malformed files", source, _lazily("a.ttf", font))


def _lazily(name: str, build: Callable[[], str | bytes]) -> Callable[[], Files]:
    return lambda: {name: build()}


CASES: tuple[HostileCase, ...] = tuple(
    itertools.chain(
        _reading(), _paths(), _companions(), _includes(), _endless(), _memory(), _geometry(), _syntax(), _encodings(),
        _output(), _malformed(),
    )
)  # fmt: skip
