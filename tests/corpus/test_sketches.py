"""Sketches: what is kept through a change of layout, of names, of numbers, of order, and what is not."""

from __future__ import annotations

import hashlib
import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.masked import masked_tokens
from corpus.near import near_groups, near_matches
from corpus.normalize import content_key, normal_form, tokens
from corpus.sketches import (
    MIN_MASKED_TOKENS,
    N_PERMUTATIONS,
    SKETCHER,
    minhash_matrix,
    minhashes,
    shingle_hashes,
    sketch_of,
    sketches,
)
from corpus.starter import family_names, sample_examples

STARTERS = [e.scad for e in sample_examples(60, seed=3, families=family_names(), wording_pools=["base"], split="train")]
POST = """
base_d = 40; // [20:60]
post_h = -30;
label = "A";
holes = [3, 4.5, .5];
$fn = 64;
module post(d, h = 2) {
  rim = d / 2;
  difference() {
    cylinder(d = d, h = h, center = true);
    for (i = [0 : 2]) translate([i * rim, -5, 0]) cylinder(d = holes[i], h = 3 * h, center = true);
  }
}
post(base_d, h = post_h);
cuboid([base_d, 4, 5], rounding = 2);
"""


def masked(scad: str) -> str:
    return " ".join(masked_tokens(tokens(scad)))


def test_a_sketch_says_what_it_is_of_and_by_which_method() -> None:
    row = sketch_of(POST)
    assert row.sha256 == content_key(POST)
    assert row.sketcher == SKETCHER
    assert row.exact_key == hashlib.sha256(normal_form(POST).encode()).hexdigest()
    assert row.n_tokens == len(tokens(POST))
    assert len(row.minhash) == 4 * N_PERMUTATIONS
    assert (minhash_matrix([row]) == minhashes([POST])).all()


def test_the_masked_form_names_only_what_the_source_defines() -> None:
    lines = (
        "module v1 ( v2 , v3 = 0 ) { v4 = v2 / 0 ; difference ( ) { cylinder ( d = v2 , h = v3 , center = true ) ;",
        "for ( v5 = [ 0 : 0 ] ) translate ( [ v5 * v4 , 0 , 0 ] )",
        "cylinder ( d = v6 [ v5 ] , h = 0 * v3 , center = true ) ; } }",
        "v1 ( v7 , v3 = v8 ) ; cuboid ( [ v7 , 0 , 0 ] , rounding = 0 ) ;",
    )
    assert masked(POST) == " ".join(lines)


@pytest.mark.parametrize(
    "remix",
    [
        POST.replace("40", "55").replace('"A"', '"Bee"').replace("-30", "12.5").replace("-5", "7"),
        POST.replace("base_d", "foot").replace("post", "leg").replace("rim", "edge_of_it").replace("[i", "[number"),
        POST.replace('label = "A";\n', "").replace("$fn = 64;", '$fn = 64;\nlabel = "A";\nextra = [1, [2, 3], true];'),
        "// mine\n" + re.sub(r"\s*;\s*", ";\n\n", POST),
    ],
    ids=["values", "names", "parameter block", "layout"],
)
def test_a_remix_has_the_masked_key_of_its_original(remix: str) -> None:
    if "number" in remix:
        remix = remix.replace("(i =", "(number =")
    assert remix != POST
    assert sketch_of(remix).masked_key == sketch_of(POST).masked_key is not None


@pytest.mark.parametrize(
    "other",
    [
        POST.replace("difference", "union"),
        POST.replace("rounding", "chamfer"),
        POST.replace("cuboid", "prismoid"),
        POST.replace("cuboid([base_d", "cuboid([post_h"),
        POST.replace("d / 2", "d / 2 + 1"),
    ],
)
def test_another_construction_has_another_masked_key(other: str) -> None:
    assert other != POST
    assert sketch_of(other).masked_key != sketch_of(POST).masked_key


def test_the_parameter_block_may_begin_right_after_an_include() -> None:
    body = POST[POST.index("module") :]
    one = f"include <BOSL2/std.scad>\nbase_d = 4; post_h = 5; holes = [1];\n{body}"
    other = f"include <BOSL2/std.scad>\nholes = [2, 3]; post_h = 7; base_d = 9;\n{body}"
    assert masked(one) == masked(other)
    assert sketch_of(one).masked_key != sketch_of(one.replace("std", "gears")).masked_key


def test_a_variable_with_the_name_of_a_built_in_is_renamed_and_the_built_in_is_not() -> None:
    scad = "module beam(len) { cube([len, len(names), roof]); } roof = len(names) + names[0]; names = f(1);"
    other = scad.replace("beam(len)", "beam(l)").replace("[len,", "[l,").replace("roof", "top")
    assert masked(scad) == masked(other)
    assert masked(scad).count("len ( v3 )") == 2


def test_a_source_too_short_to_tell_has_no_masked_key() -> None:
    parameters = "".join(f"p{i} = {i};\n" for i in range(50))
    assert sketch_of(parameters + "cube([p1, p2, p3]);").masked_key is None
    assert sketch_of("cube(1);" * (MIN_MASKED_TOKENS // 5)).masked_key is not None
    assert sketch_of("cube(1);" * (MIN_MASKED_TOKENS // 5 - 1)).masked_key is None


@settings(deadline=None)
@given(st.lists(st.sampled_from(STARTERS + ["", "// nothing", "a", "é = 1;", '"open', "/* open", "x" * 70_000])))
def test_a_source_has_the_same_hashes_whatever_is_sketched_with_it(scads: list[str]) -> None:
    together = minhashes(scads)
    for i, scad in enumerate(scads):
        assert (minhashes([scad])[0] == together[i]).all()
        assert (shingle_hashes([scad])[0] == shingle_hashes(scads)[i]).all()


def test_a_short_source_is_not_every_other_short_source() -> None:
    short = ["", "a", "b", "a b", "b a", "a b c d", "a b c d e", "a b c d e f"]
    assert len({hashes.tobytes() for hashes in shingle_hashes(short)}) == len(short)
    assert [len(hashes) for hashes in shingle_hashes(short)] == [1, 1, 1, 1, 1, 1, 1, 2]


@settings(deadline=None)
@given(st.sampled_from(STARTERS), st.randoms(use_true_random=False))
def test_comments_and_blanks_change_no_hash(scad: str, rng: random.Random) -> None:
    changed = "".join(c + rng.choice(("", "", f" /* {rng.random()} */\n", "// x\n ")) if c == ";" else c for c in scad)
    assert (minhashes([changed]) == minhashes([scad])).all()
    assert sketch_of(changed).exact_key == sketch_of(scad).exact_key


def test_minhashes_agree_as_often_as_the_sets_do() -> None:
    rng = random.Random(1)
    words = [f"w{i}" for i in range(500)]
    for share in (0.3, 0.6, 0.9):
        pairs = []
        for _ in range(40):
            one = [rng.choice(words) for _ in range(200)]
            other = one[: int(200 * share)] + [rng.choice(words) for _ in range(200 - int(200 * share))]
            pairs.append((" ".join(one), " ".join(other)))
        errors = []
        for one_text, other_text in pairs:
            a, b = (set(h.tolist()) for h in shingle_hashes([one_text, other_text]))
            m = minhashes([one_text, other_text])
            errors.append(float((m[0] == m[1]).mean()) - len(a & b) / len(a | b))
        assert abs(float(np.mean(errors))) < 0.02  # 40 pairs x 128 hashes: a deviation of 0.007
        assert max(map(abs, errors)) < 0.2


def test_a_pair_at_the_threshold_is_a_candidate_as_often_as_the_bands_promise() -> None:
    words = [f"w{i}" for i in range(100_000)]
    rng = random.Random(4)
    n_found = 0
    for _ in range(200):
        one = rng.sample(words, 174)  # 170 runs of five; the other shares the first 140: 140 / 200
        other = one[:144] + rng.sample(words, 30)
        sources = [" ".join(one), " ".join(other)]
        groups = near_groups(minhashes(sources), sources, keys=["a", "b"], threshold=0.7)
        n_found += len(set(groups.roots())) == 1
    assert n_found >= 196  # 99.98 % share a band, 99.99 % agree in 0.54 of the hashes


def test_rows_of_another_method_are_refused() -> None:
    import dataclasses

    strange = dataclasses.replace(sketch_of("cube(1);"), sketcher="minhash-0")
    with pytest.raises(ValueError, match="sketch these contents again"):
        minhash_matrix([sketch_of("cube(2);"), strange])


def test_a_batch_is_the_same_as_one_by_one() -> None:
    rows = list(sketches(STARTERS * 6, sha256s=[str(i) for i in range(360)]))
    assert [row.sha256 for row in rows] == [str(i) for i in range(360)]
    assert {row.minhash for row in rows[:60]} == {row.minhash for row in rows[300:]}
    for scad, row in zip(STARTERS[:5], rows, strict=False):
        assert sketch_of(scad).exact_key == row.exact_key
        assert sketch_of(scad).minhash == row.minhash


def test_asking_an_index_finds_the_most_similar() -> None:
    sources = [POST, POST.replace("40", "41").replace("post", "leg"), STARTERS[0]]
    asked = [POST.replace("40", "42"), STARTERS[1], "sphere(3);"]
    found = near_matches(minhashes(asked), asked, minhashes(sources), sources)
    assert found[0][0] == 0
    assert 0.7 <= found[0][1] < 1
    assert 2 not in found
    assert near_matches(minhashes(asked), asked, minhashes([]), []) == {}
