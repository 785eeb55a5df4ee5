"""Real designs and copies of them, changed as reposts and remixes are: what each depth of dedup finds of them.

Covers planting and counting; `bench_dedup.py` prints it. The plantings know nothing of how dedup works.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from corpus.dedup import DEPTHS, Candidate, cluster
from corpus.normalize import tokens
from corpus.sketches import sketches
from corpus.starter import FAMILIES, sample_examples
from render import CompileJob, compile_many
from render.geometry.fingerprint import Fingerprint, fingerprint
from render.geometry.mesh import read_stl
from render.geometry.shapes import compare_shapes
from spiders.sites.bosl2 import Bosl2Spider

EXAMPLES = Path("/usr/share/openscad/examples")
DESIGNS = Path(__file__).resolve().parents[1] / "spiders" / "sample_site" / "designs"
_NUMBER = re.compile(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w.])")
_PARAMETER = re.compile(r"^(\w+)\s*=\s*(-?\d+(?:\.\d+)?);", re.MULTILINE)
_BOUND = re.compile(r"^[ \t]*(\w+)\s*=[^=\n][^\n]*;|\b(?:module|function)\s+(\w+)", re.MULTILINE)
_ARGUMENT = re.compile(r"[(,]\s*(\w+)\s*=(?!=)")
"""A name given in a call may be the callee's: renaming it could break the call, so such names are left."""


@dataclass(frozen=True)
class Design:
    key: str
    scad: str
    is_quick: bool
    """False where a compile takes a second or more: only the kinds that need it are compiled."""


def real_designs(n_bosl2: int) -> list[Design]:
    """The sample site, captioned blocks of BOSL2, the installed examples, and one starter part of each title."""
    found = [Design(f"site {p.stem}", p.read_text(encoding="utf-8"), True) for p in sorted(DESIGNS.glob("*.scad"))]
    blocks = list(Bosl2Spider(limit=n_bosl2).picked())
    found += [Design(f"bosl2 {file.name} {b.item} {b.index}", b.scad, False) for file, b in blocks]
    for path in sorted(EXAMPLES.rglob("*.scad")):
        text = path.read_text(encoding="utf-8")
        if "import(" not in text and "surface(" not in text:
            found.append(Design(f"example {path.stem}", text, True))
    titles: dict[str, Design] = {}
    for example in sample_examples(6000, seed=5, families=tuple(FAMILIES), wording_pools=["base"], split="train"):
        title = example.scad.partition("\n")[0]
        titles.setdefault(title, Design(f"starter {title}", example.scad, True))
    return found + [titles[title] for title in sorted(titles)]


def reformatted(scad: str, rng: random.Random) -> str:
    lines = [
        f"{line}  // {rng.randrange(999)}" if line.rstrip().endswith((";", "{")) else line for line in scad.split("\n")
    ]
    text = "\n\n".join(re.sub(r"^ +", lambda m: "\t" * len(m[0]), line) for line in lines)
    return f"/* found on the net,\n   thanks to the author */\n{text}"


def renamed(scad: str, rng: random.Random) -> str:
    names = {a or b for a, b in _BOUND.findall(scad)} - set(_ARGUMENT.findall(scad)) - {"module", "function"}
    for name in sorted(n for n in names if n and not n.startswith("$")):
        scad = re.sub(rf'(?<![\w$."<]){name}(?![\w">])', f"{name[0]}{rng.randrange(100, 999)}x", scad)
    return scad


def rescaled(scad: str, rng: random.Random) -> str:
    """Every number but those of `$fn` and the like, and small counts."""
    factor = rng.choice((1.2, 1.5, 1.7))
    return "\n".join(
        line if "$f" in line or line.lstrip().startswith(("include", "use", "//"))
        else _NUMBER.sub(lambda m: f"{float(m[0]) * factor:.6g}" if float(m[0]) > 4 else m[0], line)
        for line in scad.split("\n")
    )  # fmt: skip


def reparametrised(scad: str, rng: random.Random) -> str:
    """Other defaults in the parameter block, in another order, and one more."""
    found = [m for m in _PARAMETER.finditer(scad) if m[1] != "$fn"]
    if not found:
        return scad
    block = [f"{m[1]} = {float(m[2]) * rng.choice((1.1, 1.25, 0.9)):.6g};" for m in found] + [
        f"version_{rng.randrange(9)} = 2;"
    ]
    rng.shuffle(block)
    rest = _PARAMETER.sub(lambda m: m[0] if m[1] == "$fn" else "", scad)
    head = [line for line in rest.split("\n") if line.startswith(("include", "use"))]
    return "\n".join([*head, *block, *(line for line in rest.split("\n") if line not in head)])


def moved(scad: str, rng: random.Random) -> str:
    head = [line for line in scad.split("\n") if line.startswith(("include", "use"))]
    body = "\n".join(line for line in scad.split("\n") if line not in head)
    angles = [rng.randrange(5, 85) for _ in range(3)]
    return "\n".join([*head, f"translate([13, {rng.randrange(50)}, -7]) rotate({angles}) {{", body, "}"])


def one_line_changed(scad: str, rng: random.Random) -> str:
    places = [m for m in _NUMBER.finditer(re.sub(r"//[^\n]*", lambda m: " " * len(m[0]), scad)) if float(m[0]) > 1]
    if not places:
        return scad
    place = rng.choice(places)
    return f"{scad[: place.start()]}{float(place[0]) * 1.1:.6g}{scad[place.end() :]}"


def reordered(scad: str, rng: random.Random) -> str:
    """The solids at the top level and those of a `union()` in another order."""
    return " ".join(_shuffled(tokens(scad), rng))


def _shuffled(words: Sequence[str], rng: random.Random) -> list[str]:
    pieces = _statements(words)
    solids = [i for i, piece in enumerate(pieces) if _is_solid(piece)]
    order = list(solids)
    while len(order) > 1 and order == solids:
        rng.shuffle(order)
    placed = dict(zip(solids, order, strict=True))
    out: list[str] = []
    for i in range(len(pieces)):
        piece = pieces[placed.get(i, i)]
        if piece[:4] == ["union", "(", ")", "{"]:
            piece = [*piece[:4], *_shuffled(piece[4:-1], rng), "}"]
        out += [*piece, "\n"]
    return out


def _statements(words: Sequence[str]) -> list[list[str]]:
    pieces: list[list[str]] = []
    piece: list[str] = []
    depth = 0
    for i, word in enumerate(words):
        piece.append(word)
        depth += (word in "([{") - (word in ")]}") if len(word) == 1 else 0
        is_end = (
            word == ";" or (word == "}" and words[i + 1 : i + 2] != ["else"]) or word.startswith(("include", "use "))
        )
        if depth == 0 and is_end:
            pieces.append(piece)
            piece = []
    return [*pieces, piece] if piece else pieces


def _is_solid(piece: Sequence[str]) -> bool:
    return piece[1:2] != ["="] and piece[0] not in ("module", "function", "echo", "assert") and "<" not in piece[0]


KINDS: dict[str, tuple[Callable[[str, random.Random], str], bool]] = {
    "reformatted": (reformatted, True),
    "identifiers renamed": (renamed, True),
    "all numbers rescaled": (rescaled, False),
    "parameter block changed": (reparametrised, False),
    "turned and moved": (moved, True),
    "one number changed": (one_line_changed, False),
    "unions reordered": (reordered, True),
}
"""How it is planted, and whether its solid stays the same."""


@dataclass(frozen=True)
class Found:
    kind: str
    n: int
    n_shaped: int
    recall: dict[str, float | None]
    """Share of the copies that are in the group of their original, by depth, and by `any`."""


@dataclass(frozen=True)
class Joined:
    """Pairs in one group, over originals and copies: of one design, and of designs of two names."""

    n_right: int
    n_wrong: int
    wrong: tuple[tuple[str, str], ...]
    """The pairs of names."""


def same_solids(designs: Sequence[Design], pairs: Sequence[tuple[str, str]]) -> list[float]:
    """The IoU of each pair of originals, turned by right angles to fit."""
    by_key = {design.key: design.scad for design in designs}
    keys = sorted({key for pair in pairs for key in pair})
    results = compile_many((CompileJob(by_key[key]) for key in keys), n_workers=2, timeout_seconds=20)
    meshes = {key: read_stl(result.stl) for key, result in zip(keys, results, strict=True) if result.stl is not None}
    return [compare_shapes(meshes[a], meshes[b], n_points=100).iou_aligned or 0.0 for a, b in pairs]


def shapes_of(scads: Sequence[str]) -> list[Fingerprint | None]:
    """None for what doesn't compile in 20 s to a closed solid."""
    results = compile_many((CompileJob(scad) for scad in scads), n_workers=2, timeout_seconds=20)
    return [fingerprint(read_stl(r.stl)) if r.is_strict and r.stl is not None else None for r in results]


def planted_table(designs: Sequence[Design], *, seed: int) -> tuple[list[Found], dict[str, Joined]]:
    rng = random.Random(seed)
    originals = _candidates([(d.key, d.scad) for d in designs], shapes_of([d.scad for d in designs]))
    found, all_copies = [], []
    for kind, (plant, is_same_solid) in KINDS.items():
        copies = [(f"{d.key}|{kind}", plant(d.scad, rng), d) for d in designs]
        copies = [
            c for c in copies if c[1] != c[2].scad and (kind != "unions reordered" or tokens(c[1]) != tokens(c[2].scad))
        ]
        compiled = [is_same_solid and (d.is_quick or kind == "turned and moved") for _, _, d in copies]
        shapes = iter(shapes_of([scad for (_, scad, _), is_due in zip(copies, compiled, strict=True) if is_due]))
        candidates = _candidates([c[:2] for c in copies], [next(shapes) if is_due else None for is_due in compiled])
        all_copies += candidates
        found.append(_recall(kind, originals, candidates, is_same_solid))
    everything = [*originals, *all_copies]
    return found, {depth: _joined(everything, depth) for depth in DEPTHS}


def _candidates(named: Sequence[tuple[str, str]], shapes: Sequence[Fingerprint | None]) -> list[Candidate]:
    rows = sketches([scad for _, scad in named], sha256s=[key for key, _ in named])
    return [Candidate(k, scad, row, shape) for (k, scad), row, shape in zip(named, rows, shapes, strict=True)]


def _recall(kind: str, originals: list[Candidate], copies: list[Candidate], is_same_solid: bool) -> Found:
    by_key = {o.key: o for o in originals}
    hits: dict[str, set[str]] = {}
    n_shaped = 0
    for depth in DEPTHS:
        hits[depth] = set()
        for copy in copies:  # each against its own original: what other designs join doesn't help
            names = cluster([by_key[copy.key.partition("|")[0]], copy], depth=depth)
            if names[0] == names[1]:
                hits[depth].add(copy.key)
    shaped = {c.key for c in copies if c.shape is not None and by_key[c.key.partition("|")[0]].shape is not None}
    n_shaped = len(shaped)
    recall: dict[str, float | None] = {depth: len(hits[depth]) / len(copies) for depth in DEPTHS[:3]}
    recall["shape"] = len(hits["shape"] & shaped) / n_shaped if is_same_solid and n_shaped else None
    recall["any"] = len(set.union(*hits.values())) / len(copies)
    return Found(kind, len(copies), n_shaped, recall)


def _joined(everything: list[Candidate], depth: str) -> Joined:
    groups: dict[str, list[str]] = {}
    for candidate, name in zip(everything, cluster(everything, depth=depth), strict=True):
        groups.setdefault(name, []).append(candidate.key.partition("|")[0])
    right, wrong = 0, set()
    n_wrong = 0
    for keys in groups.values():
        for a, b in combinations(keys, 2):
            right += a == b
            n_wrong += a != b
            if a != b:
                wrong.add((min(a, b), max(a, b)))
    return Joined(right, n_wrong, tuple(sorted(wrong)))
