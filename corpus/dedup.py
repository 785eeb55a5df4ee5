"""Duplicates at four depths: groups at each, the member of each group that stays, and what the others lend it.

exact: the same tokens. near: token 5-grams of Jaccard 0.7 (`corpus.near`). masked: the same tokens but for names,
numbers and the parameter block (`corpus.masked`). shape: meshes alike within 1 %, moved or turned
(`render.geometry.fingerprint`). Similarity is transitive within a depth: a chain of small edits is one group.

Pure. Covers what the depths can see: the same part modelled in another way and in another size is another design.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.licenses import NOASSERTION
from corpus.names import LICENSE_TIERS
from corpus.near import Groups, near_groups
from corpus.normalize import normal_form
from corpus.schema import CompanionFile, CrawledRow, SketchRow
from corpus.sketches import minhash_matrix, minhashes
from render.geometry.fingerprint import Fingerprint, shape_pairs

__all__ = [
    "DEPTHS",
    "Candidate",
    "Deduplicated",
    "Dropped",
    "Kept",
    "Lent",
    "choose_representatives",
    "cluster",
    "cluster_ids",
    "deduplicate",
    "exact_key",
    "near_duplicate_clusters",
]

DEPTHS = ("exact", "near", "masked", "shape")
_DERIVED = frozenset(("synthetic", "model_caption", "caption", "none"))
"""Kinds of description that are not the author's own words."""


@dataclass(frozen=True)
class Candidate:
    """One design, as far as dedup looks at it."""

    key: str
    """Names it for ever: clusters are named by the smallest."""
    scad: str
    sketch: SketchRow
    shape: Fingerprint | None = None
    """None without a mesh: then no depth of shape."""
    license_tier: str = "permissive"
    description: str | None = None
    """Cleaned."""
    description_kind: str = "none"
    is_strict: bool = False


class Lent(NamedTuple):
    """A description of a design that was dropped, and that design's key, for the credit."""

    description: str
    kind: str
    key: str


@dataclass(frozen=True)
class Kept:
    """A design that stays."""

    member: Candidate
    lent: tuple[Lent, ...] = ()
    """Other words for it, best first; never from a design of a stricter licence tier than its own."""
    members: tuple[str, ...] = ()
    """The keys of all designs it stands for, its own too, sorted."""


@dataclass(frozen=True)
class Dropped:
    """A design that another one stands for."""

    key: str
    depth: str
    of: str
    """The key of the one that was kept in its place, at that depth."""


@dataclass(frozen=True)
class Deduplicated:
    kept: tuple[Kept, ...]
    """By key."""
    dropped: tuple[Dropped, ...]
    """By depth, then by key."""


def deduplicate(designs: Sequence[Candidate], *, depths: Sequence[str] = DEPTHS) -> Deduplicated:
    """One design of each group, depth after depth: the best of a group goes on to the next depth.

    The best, in this order: the licence tier, has its author's description, the longest description, strict, the
    smallest key. Keys must be distinct.
    """
    by_key = {design.key: design for design in designs}
    if len(by_key) != len(designs):
        raise ValueError(f"{len(designs)} designs have {len(by_key)} keys: each needs its own")
    staying = sorted(designs, key=lambda d: d.key)
    stands_for = {design.key: [design.key] for design in staying}
    dropped: list[Dropped] = []
    for depth in depths:
        groups: dict[str, list[Candidate]] = {}
        for design, name in zip(staying, cluster(staying, depth=depth), strict=True):
            groups.setdefault(name, []).append(design)
        staying = []
        for members in groups.values():
            best = min(members, key=_order)
            staying.append(best)
            for other in members:
                if other is not best:
                    dropped.append(Dropped(other.key, depth, best.key))
                    stands_for[best.key] += stands_for.pop(other.key)
        staying.sort(key=lambda d: d.key)
    kept = tuple(_kept(design, [by_key[key] for key in sorted(stands_for[design.key])]) for design in staying)
    order = {depth: i for i, depth in enumerate(depths)}
    return Deduplicated(kept, tuple(sorted(dropped, key=lambda d: (order[d.depth], d.key))))


def cluster(designs: Sequence[Candidate], *, depth: str) -> list[str]:
    """The name of each design's group at one depth: the smallest key in it. Who has no key at that depth is alone."""
    return cluster_ids([design.key for design in designs], _groups_at(designs, depth).roots())


def cluster_ids(keys: Sequence[str], clusters: Sequence[int]) -> list[str]:
    """The name of each row's cluster: its smallest key, whatever the order of the rows."""
    smallest: dict[int, str] = {}
    for key, number in zip(keys, clusters, strict=True):
        smallest[number] = min(key, smallest.get(number, key))
    return [smallest[number] for number in clusters]


def _groups_at(designs: Sequence[Candidate], depth: str) -> Groups:
    if depth == "exact":
        return _equals([design.sketch.exact_key for design in designs])
    if depth == "masked":
        return _equals([design.sketch.masked_key for design in designs])
    if depth == "near":
        return _near(designs)
    if depth == "shape":
        groups = Groups(len(designs))
        shaped = [(i, design.shape) for i, design in enumerate(designs) if design.shape is not None]
        for one, other in shape_pairs([shape for _, shape in shaped]).tolist():
            groups.join(shaped[one][0], shaped[other][0])
        return groups
    raise ValueError(f"no depth {depth!r}; there are {', '.join(DEPTHS)}")


def _equals(keys: Sequence[str | None]) -> Groups:
    groups = Groups(len(keys))
    first: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key is not None:
            groups.join(first.setdefault(key, i), i)
    return groups


def _near(designs: Sequence[Candidate]) -> Groups:
    """Exact copies are joined at once; of each text one is compared."""
    texts = [design.sketch.exact_key for design in designs]
    groups = _equals(texts)
    firsts = [i for i in range(len(designs)) if groups.root(i) == i]
    found = near_groups(
        minhash_matrix([designs[i].sketch for i in firsts]),
        [designs[i].scad for i in firsts],
        keys=[texts[i] for i in firsts],
    )
    for i, root in enumerate(found.roots()):
        groups.join(firsts[root], firsts[i])
    return groups


def _order(design: Candidate) -> tuple[int, bool, int, bool, str]:
    """Smaller is better."""
    tier = LICENSE_TIERS.index(design.license_tier) if design.license_tier in LICENSE_TIERS else len(LICENSE_TIERS)
    words = design.description or ""
    return tier, not words or design.description_kind in _DERIVED, -len(words), not design.is_strict, design.key


def _kept(best: Candidate, members: Sequence[Candidate]) -> Kept:
    lent: dict[str, Lent] = {}
    for member in sorted(members, key=_order):
        words = " ".join((member.description or "").split())
        is_free = member.license_tier == best.license_tier or _order(member)[0] < _order(best)[0]
        if member is not best and words and is_free and words != " ".join((best.description or "").split()):
            lent.setdefault(words, Lent(member.description or "", member.description_kind, member.key))
    return Kept(best, tuple(lent.values()), tuple(member.key for member in members))


def exact_key(scad: str, companions: Sequence[CompanionFile] = ()) -> str:
    """Equal for designs that differ in comments and white space only; without companions, the sketch's own."""
    digest = hashlib.sha256(normal_form(scad).encode("utf-8", errors="surrogatepass"))
    for companion in sorted(companions, key=lambda c: c.path):
        digest.update(f"\0{companion.path}\0{normal_form(companion.text)}".encode("utf-8", errors="surrogatepass"))
    return digest.hexdigest()


def near_duplicate_clusters(sources: Sequence[str], *, threshold: float = 0.7, seed: int = 1) -> list[int]:
    """The near-duplicates of each source, named by the index of the first. `seed` is not used: sketches have one."""
    keys = [hashlib.sha256(scad.encode("utf-8", errors="surrogatepass")).hexdigest() for scad in sources]
    return near_groups(minhashes(sources), sources, keys=keys, threshold=threshold).roots()


def choose_representatives(rows: Sequence[CrawledRow], clusters: Sequence[str]) -> dict[str, CrawledRow]:
    """The member of each cluster that stays.

    In this order: licence known, has a description, the author's own words before derived ones, longest
    description, has a title; then the smallest record_id, so that the order of the rows doesn't matter.
    """
    best: dict[str, CrawledRow] = {}
    for row, name in zip(rows, clusters, strict=True):
        if name not in best or _rank(row) < _rank(best[name]):
            best[name] = row
    return best


def _rank(row: CrawledRow) -> tuple[bool, bool, bool, int, bool, str]:
    """Smaller is better."""
    words = row.description or ""
    is_derived = row.description_kind in ("synthetic", "none")
    return row.license_spdx == NOASSERTION, not words, is_derived, -len(words), not row.title, row.record_id
