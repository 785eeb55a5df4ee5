"""Duplicates: planted copies are found, distinct designs are not, and LSH agrees with comparing all pairs."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.dedup import (
    DEPTHS,
    Candidate,
    Lent,
    choose_representatives,
    cluster,
    cluster_ids,
    deduplicate,
    exact_key,
    near_duplicate_clusters,
)
from corpus.near import near_groups
from corpus.schema import CompanionFile, CrawledRow, Provenance
from corpus.sketches import minhashes, shingle_hashes, sketch_of
from corpus.starter import family_names, sample_examples

BOX = """// A box with a lid
width = 60; depth = 40; height = 20; wall = 2;
module shell() {
  difference() {
    cube([width, depth, height]);
    translate([wall, wall, wall]) cube([width - 2 * wall, depth - 2 * wall, height]);
  }
}
module lid() {
  translate([0, depth + 10, 0]) union() {
    cube([width, depth, wall]);
    translate([wall, wall, wall]) cube([width - 2 * wall, depth - 2 * wall, wall]);
  }
}
module hole(d) { translate([width / 2, depth / 2, -1]) cylinder(d = d, h = wall + 2, $fn = 48); }
difference() { shell(); hole(5); }
lid();
"""
GEAR = """teeth = 20; module_mm = 1.5; thickness = 6;
module tooth(a) { rotate(a) translate([teeth * module_mm / 2, 0, 0]) scale([1, 0.6]) cylinder(r = 1, h = 6); }
union() { cylinder(d = teeth * module_mm, h = thickness); for (i = [0 : teeth - 1]) tooth(i * 360 / teeth); }
"""


def reformatted(scad: str) -> str:
    return "/* reposted */\n" + re.sub(r"\s*;\s*", " ;\n\n", scad.replace("  ", "\t"))


def test_planted_copies_are_found_and_distinct_designs_are_not() -> None:
    sources = [BOX, GEAR, BOX.replace("A box with a lid", "My project case"), reformatted(BOX)]
    sources += [BOX.replace("wall = 2;", "wall = 2.4;"), GEAR.replace("teeth = 20", "teeth = 32"), "sphere(5);"]
    assert near_duplicate_clusters(sources, seed=1) == [0, 1, 0, 0, 0, 1, 6]
    assert exact_key(sources[0]) == exact_key(sources[2]) == exact_key(sources[3]) != exact_key(sources[4])


def test_designs_with_different_companions_are_not_exact_copies() -> None:
    one, two = (CompanionFile("a.scad", f"x = {i};") for i in (1, 2))
    assert exact_key(BOX, [one]) != exact_key(BOX, [two])
    assert exact_key(BOX, [one]) == exact_key(BOX, [CompanionFile("a.scad", "x=1; // one")])


def brute_force(sources: list[str], threshold: float) -> list[int]:
    sets = [set(hashes.tolist()) for hashes in shingle_hashes(sources)]
    clusters = list(range(len(sources)))
    for i, j in itertools.combinations(range(len(sources)), 2):
        if len(sets[i] & sets[j]) >= threshold * len(sets[i] | sets[j]) and clusters[i] != clusters[j]:
            low, high = sorted((clusters[i], clusters[j]))
            clusters = [low if c == high else c for c in clusters]
    return clusters


def test_lsh_agrees_with_comparing_all_pairs() -> None:
    rng = random.Random(7)
    words = [f"w{i}" for i in range(60)]
    sources = []
    for _ in range(100):
        base = [rng.choice(words) for _ in range(rng.randint(3, 60))]
        for n_changes in (0, rng.randint(1, 2), rng.randint(1, 12)):
            copy = list(base)
            for _ in range(n_changes):
                copy[rng.randrange(len(copy))] = rng.choice(words)
            sources.append(" ".join(copy))
    rng.shuffle(sources)
    clusters = near_duplicate_clusters(sources, seed=3)
    assert clusters == brute_force(sources, 0.7)
    assert 100 < len(set(clusters)) < 290  # neither all alone nor all one


@settings(deadline=None)
@given(st.permutations(range(6)))
def test_clusters_and_their_names_do_not_depend_on_the_order(order: list[int]) -> None:
    sources = [BOX, GEAR, BOX.replace("wall = 2;", "wall = 3;"), "cube(1);", GEAR.replace("1.5", "2"), reformatted(BOX)]
    keys = [f"key{i}" for i in range(6)]
    clusters = near_duplicate_clusters([sources[i] for i in order], seed=1)
    named = dict(zip((keys[i] for i in order), cluster_ids([keys[i] for i in order], clusters), strict=True))
    assert named == dict(zip(keys, ["key0", "key1", "key0", "key3", "key1", "key0"], strict=True))


@pytest.mark.parametrize("sources", [[], [""], ["", "// only a comment"]])
def test_nothing_at_all_is_no_problem(sources: list[str]) -> None:
    assert near_duplicate_clusters(sources, seed=1) == [0] * len(sources)


def row(
    record_id: str, *, license_spdx: str = "MIT", description: str | None = None, kind: str = "author"
) -> CrawledRow:
    return CrawledRow(
        record_id=record_id,
        source="s",
        source_item_id=record_id,
        sha256=record_id,
        scad="cube(1);",
        fetched_at="2026",
        provenance=Provenance("s", "1", "r"),
        description=description,
        description_kind=kind if description else "none",
        license_spdx=license_spdx,
    )


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_member_with_licence_and_the_authors_words_stays(rng: random.Random) -> None:
    rows = [
        row("no_license", license_spdx="NOASSERTION", description="the longest description of them all, by far"),
        row("no_words"),
        row("derived", description="a long text made by a model, not the author", kind="synthetic"),
        row("short", description="a box"),
        row("z_best", description="a box with a lid"),
        row("y_best", description="a box with a rim"),
    ]
    rng.shuffle(rows)
    assert choose_representatives(rows, ["c"] * 6)["c"].record_id == "y_best"


def design(key: str, scad: str, **fields: object) -> Candidate:
    return Candidate(key, scad, sketch_of(scad), **fields)  # type: ignore[arg-type]


CUBE = (1.0, 1.0, 0.0, 8.0, 24.0, *[0.577] * 3, *[0.745] * 3, 1.35, 1.73)
REMIX = re.sub(r"\b(width|depth|height|wall|shell|lid|hole)\b", r"my_\1", BOX).replace("60", "75").replace("48", "32")


def test_each_depth_joins_what_it_is_for_and_no_more() -> None:
    designs = [
        design("a", BOX, shape=CUBE),
        design("b", reformatted(BOX)),
        design("c", BOX.replace("wall = 2;", "wall = 3;")),
        design("d", REMIX),
        design("e", GEAR, shape=tuple(x * 1.001 if i > 2 else x for i, x in enumerate(CUBE))),
        design("f", "cube(2);", shape=tuple(x * 1.02 if i > 2 else x for i, x in enumerate(CUBE))),
    ]
    assert cluster(designs, depth="exact") == ["a", "a", "c", "d", "e", "f"]
    assert cluster(designs, depth="near") == ["a", "a", "a", "d", "e", "f"]
    assert cluster(designs, depth="masked") == ["a", "a", "a", "a", "e", "f"]
    assert cluster(designs, depth="shape") == ["a", "b", "c", "d", "a", "f"]
    with pytest.raises(ValueError, match="no depth 'deep'"):
        cluster(designs, depth="deep")


@settings(deadline=None)
@given(st.permutations(range(7)))
def test_the_best_of_a_group_stays_and_borrows_words_of_its_own_licence(order: list[int]) -> None:
    designs = [
        design(
            "a", BOX, license_tier="non_commercial", description="a long text by its author", description_kind="author"
        ),
        design("b", BOX + "// b", license_tier="share_alike", description="of another tier", description_kind="author"),
        design("c", reformatted(BOX), description="a text made from the mesh", description_kind="caption"),
        design("d", REMIX, description="project box", description_kind="readme"),
        design("e", REMIX + "// e", description="a box", description_kind="author", is_strict=True),
        design("f", GEAR, description="of another tier", description_kind="author"),
        design("g", GEAR + "// g", description="of another  tier", description_kind="author", is_strict=True),
    ]
    result = deduplicate([designs[i] for i in order])
    assert [kept.member.key for kept in result.kept] == ["d", "g"]
    assert result.kept[0].members == ("a", "b", "c", "d", "e")
    assert result.kept[0].lent == (Lent("a box", "author", "e"), Lent("a text made from the mesh", "caption", "c"))
    assert result.kept[1].members == ("f", "g")
    assert result.kept[1].lent == ()
    dropped = [(d.key, d.depth, d.of) for d in result.dropped]
    assert dropped == [
        *(("a", "exact", "c"), ("b", "exact", "c"), ("e", "exact", "d"), ("f", "exact", "g")),
        ("c", "masked", "d"),
    ]


def test_what_is_kept_has_no_pair_at_any_depth_and_every_design_is_accounted_for() -> None:
    rng = random.Random(5)
    designs = []
    for i in range(60):
        scad = rng.choice((BOX, GEAR, REMIX)).replace("60", str(rng.randint(20, 25)))
        size = rng.choice((1.0, 1.5, 2.3))
        shape = tuple(x * size if k > 2 else x for k, x in enumerate(CUBE))
        designs.append(design(f"{i:02}", scad if i % 3 else f"sphere({i});", shape=shape if i % 2 else None))
    result = deduplicate(designs)
    survivors = [kept.member for kept in result.kept]
    for depth in DEPTHS:
        assert cluster(survivors, depth=depth) == [s.key for s in survivors]
    assert sorted(key for kept in result.kept for key in kept.members) == [d.key for d in designs]
    assert len(result.kept) + len(result.dropped) == len(designs)
    assert {d.depth for d in result.dropped} == set(DEPTHS)


def test_two_designs_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="2 designs have 1 keys"):
        deduplicate([design("a", BOX), design("a", GEAR)])


def test_thousands_of_copies_from_one_template_are_one_group_without_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    import corpus.near

    n_read = 0
    true_jaccard = corpus.near.jaccard

    def counting(a: corpus.near.Hashes, b: corpus.near.Hashes) -> float:
        nonlocal n_read
        n_read += 1
        return true_jaccard(a, b)

    monkeypatch.setattr(corpus.near, "jaccard", counting)
    sources = [BOX.replace("60", str(i)) for i in range(3000)]
    groups = near_groups(minhashes(sources), sources, keys=[f"{i:04}" for i in range(3000)])
    assert set(groups.roots()) == {0}
    assert n_read < 4 * len(sources)


def titled_parts() -> list[str]:
    """One starter part of each title, long enough to have a masked key."""
    parts: dict[str, str] = {}
    for e in sample_examples(600, seed=2, families=family_names(), wording_pools=["base"], split="train"):
        parts.setdefault(e.scad.partition("\n")[0], e.scad)
    return [scad for scad in parts.values() if sketch_of(scad).masked_key]


@pytest.mark.parametrize(
    ("plant", "depth", "least"),
    [
        (reformatted, "exact", 1.0),
        (
            lambda scad: re.sub(r"^(?!\$)(\w+) = \d", r"extra = 1;\n\g<0>", scad, count=1, flags=re.MULTILINE),
            "near",
            0.9,
        ),
        (lambda scad: re.sub(r"(?<![\w$.])(\d+)(?=[;,\] ])", lambda m: str(int(m[0]) * 3 + 1), scad), "masked", 1.0),
        (lambda scad: re.sub(r"(?<![\w$])([a-z]+_[a-z_]+|width|depth|wall)\b(?!\()", r"my_\1", scad), "masked", 0.95),
    ],
    ids=["reformatted", "one parameter more", "other numbers", "renamed"],
)
def test_planted_copies_of_generated_parts_are_found(plant: Callable[[str], str], depth: str, least: float) -> None:
    parts = titled_parts()
    assert len(parts) > 40
    n_found = 0
    for scad in parts:
        names = cluster([design("a", scad), design("b", plant(scad))], depth=depth)
        n_found += len(set(names)) == 1
    assert n_found >= least * len(parts)
