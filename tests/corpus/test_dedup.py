"""Duplicates: planted copies are found, distinct designs are not, and LSH agrees with comparing all pairs."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dedup import choose_representatives, cluster_ids, exact_key, near_duplicate_clusters, shingles
from corpus.schema import CompanionFile, CrawledRow, Provenance
from corpus.splits import assign_split, assign_splits

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
    sets = [set(shingles(s)) for s in sources]
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


@given(st.lists(st.sampled_from("abcdefgh"), max_size=40), st.integers(0, 1000))
def test_a_cluster_is_never_in_two_splits(cluster_of_row: list[str], seed: int) -> None:
    splits = assign_splits(cluster_of_row, seed=seed, validation_share=0.3, test_share=0.3)
    assert len(set(zip(cluster_of_row, splits, strict=True))) == len(set(cluster_of_row))


def test_split_shares_are_kept_and_the_seed_matters() -> None:
    splits = [assign_split(str(i), seed=1) for i in range(20_000)]
    for split, share in (("train", 0.9), ("validation", 0.05), ("test", 0.05)):
        assert splits.count(split) / 20_000 == pytest.approx(share, abs=0.01)
    assert splits != [assign_split(str(i), seed=2) for i in range(20_000)]
    with pytest.raises(ValueError, match="sum < 1"):
        assign_split("a", seed=1, validation_share=0.6, test_share=0.4)
