"""Features of the generator: their words, their closed forms, and what the real engine makes of each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from corpus.synth import geometry
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.generate import add_feature, suiting_features
from corpus.synth.layout import Layout, source_of
from corpus.synth.num import literal, named
from corpus.synth.part import Face, Feature, FeatureUse, Plan
from corpus.synth.text import from_edge
from render import Engine, Status, compile_scad

SLOT = re.compile(r"\{(\w+)#?\}")
SQUARE = Plan(
    "plate", (("width", 60.0), ("depth", 50.0), ("thickness", 6.0)), (("corners", "sharp"), ("origin", "corner"))
)
NOTCHED = Plan(
    "clipped_rectangle_plate",
    (("width", 60.0), ("depth", 50.0), ("corner_cut", 4.0), ("thickness", 6.0)),
    (("outline", "polygon"), ("edge", "sharp")),
)
ROUND = Plan(
    "octagon_plate",
    (("across_flats", 60.0), ("thickness", 6.0)),
    (("corners", "sharp"), ("build", "extrude"), ("edge", "sharp")),
)
BUILTIN_MODULES = {
    *("circle", "square", "polygon", "text", "import", "cube", "sphere", "cylinder", "polyhedron", "surface"),
    *("translate", "rotate", "scale", "resize", "mirror", "multmatrix", "color", "offset", "hull", "minkowski"),
    *("union", "difference", "intersection", "linear_extrude", "rotate_extrude", "projection", "render", "children"),
    *("echo", "assert", "group", "let", "for", "intersection_for"),
}


def face_of(plan: Plan) -> Face:
    return assemble(plan).body.faces[0]


def with_feature(plan: Plan, kind: str, seed: int, *, unit: Unit = Unit.MM) -> Plan:
    """The plan with a feature of the kind: the first of a few draws that fits."""
    draw = Draw(random.Random(seed), unit)
    for _ in range(40):
        try:
            return add_feature(draw, plan, kind, face_of(plan))
        except Infeasible:
            continue
    raise AssertionError(f"{kind} never fits {plan.family}")


def with_values(plan: Plan, kind: str, **values: float) -> Plan:
    prefix = FEATURES[kind].prefix
    options = tuple((name, choices[0]) for name, choices in FEATURES[kind].options.items())
    use = FeatureUse(kind, "top", prefix, options)
    named_values = tuple((prefix + n, v) for n, v in values.items())
    return Plan(plan.family, plan.values + named_values, plan.options, (*plan.features, use), plan.n_facets)


def plans_for(kind: str) -> list[Plan]:
    """A plan for each kind of face that a feature suits."""
    bases = [NOTCHED if kind.endswith(("_notch", "_notches")) else SQUARE, ROUND]
    suiting = [base for base in bases if kind in suiting_features(base, face_of(base))]
    return [with_feature(base, kind, seed) for base in suiting for seed in (1, 2)]


def test_there_are_many_kinds_and_each_fits_some_face() -> None:
    assert len(FEATURES) >= 50
    assert all(plans_for(kind) for kind in FEATURES)


@pytest.mark.parametrize("kind", sorted(FEATURES))
def test_a_phrase_states_every_number_and_no_other(kind: str) -> None:
    feature = FEATURES[kind]
    for pool, least in (("taught", 6), ("held_out", 2)):
        assert len(set(feature.phrases[pool])) >= least
        for phrase in feature.phrases[pool]:
            assert set(SLOT.findall(phrase)) == set(feature.measures), phrase
            assert phrase.count("@F") == 1, phrase
        assert feature.vague[pool]
        assert not any(SLOT.search(phrase) for phrase in feature.vague[pool])


def test_no_phrase_is_both_taught_and_held_out() -> None:
    def said(pool: str) -> set[str]:
        return {p for f in FEATURES.values() for p in (*f.phrases[pool], *f.vague[pool])}

    assert not said("taught") & said("held_out")


def test_a_module_named_after_a_feature_hides_nothing_of_the_language() -> None:
    assert all(f.prefix.endswith("_") for f in FEATURES.values())
    assert not {f.prefix.rstrip("_") for f in FEATURES.values()} & BUILTIN_MODULES


def test_a_loop_of_a_feature_hides_no_parameter() -> None:
    loops = {
        name
        for kind in FEATURES
        for plan in plans_for(kind)
        for head in re.findall(r"for \(([^\n]*)", source_of(plan))
        for name in re.findall(r"(\w+) = \[", head)
    }
    assert {"x", "i", "sgn"} <= loops
    parameters = {name for family in FAMILIES.values() for name in family.measures}
    assert not loops & parameters


@pytest.mark.parametrize("kind", sorted(FEATURES))
def test_the_same_dice_give_the_same_feature_within_its_limits(kind: str) -> None:
    base = NOTCHED if kind.endswith(("_notch", "_notches")) else SQUARE
    plan = with_feature(base, kind, 7)
    assert plan == with_feature(base, kind, 7)
    measures = FEATURES[kind].measures
    own = {n.removeprefix(FEATURES[kind].prefix): v for n, v in plan.values[len(base.values) :]}
    assert set(own) == set(measures)
    assert all(measures[n].low - 1e-9 <= v <= measures[n].high + 1e-9 for n, v in own.items()), own


def test_closed_forms_by_hand() -> None:
    bare = assemble(SQUARE).spec.volume_mm3
    assert bare == 60 * 50 * 6

    def change(kind: str, **values: float) -> tuple[float, int]:
        spec = assemble(with_values(SQUARE, kind, **values)).spec
        assert spec.volume_mm3 is not None
        assert spec.genus is not None
        return spec.volume_mm3 - bare, spec.genus

    disc = geometry.circle_area(1)
    assert change("center_hole", diameter=10) == (pytest.approx(-disc * 100 * 6), 1)
    assert change("blind_hole", diameter=10, depth=2) == (pytest.approx(-disc * 100 * 2), 0)
    assert change("hole_grid", columns=3, rows=2, diameter=4, spacing=10) == (pytest.approx(-6 * disc * 16 * 6), 6)
    assert change("counterbore", diameter=4, head_diameter=8, head_depth=3) == (
        pytest.approx(-disc * (16 * 3 + 64 * 3)),
        1,
    )
    assert change("window", width=20, height=10) == (pytest.approx(-20 * 10 * 6), 1)
    assert change("rib", length=30, thickness=2, height=5) == (pytest.approx(30 * 2 * 5), 0)
    assert change("square_handle", span=30, thickness=3, width=8, height=15) == (
        pytest.approx((30 * 15 - 24 * 12) * 8),
        1,
    )
    # a keyhole: the head, and what of the slot is outside of it; by circles to a thousandth
    removed, _ = change("keyhole", head_diameter=10, slot_width=4, length=12)
    overlap = 2 * geometry.strip_area(10, 4) / 2
    assert -removed / 6 == pytest.approx(disc * 100 + 12 * 4 + disc * 16 / 2 - overlap, rel=2e-3)


def test_what_stands_out_makes_the_part_taller() -> None:
    assert assemble(with_values(SQUARE, "boss", diameter=10, height=7)).spec.size_mm == (60, 50, 13)


def test_a_number_in_relief_leaves_the_volume_open_and_the_holes_as_they_were() -> None:
    spec = assemble(with_values(SQUARE, "raised_number", number=808, size=10, height=1)).spec
    assert spec.volume_mm3 is None
    assert (spec.genus, spec.size_mm) == (0, (60, 50, 7))


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("blind_hole", {"diameter": 10, "depth": 5.5}),  # 0.5 mm of floor
        ("rect_pocket", {"width": 10, "length": 10, "depth": 6}),
        ("dimple", {"diameter": 12}),
        ("center_hole", {"diameter": 49}),  # 0.5 mm of rim
        ("square_hole", {"side": 49.5}),
        ("hole_row", {"count": 4, "diameter": 5, "spacing": 5.5}),
        ("hole_ring", {"count": 12, "diameter": 6, "circle_diameter": 20}),
        ("counterbore", {"diameter": 8, "head_diameter": 8, "head_depth": 2}),
        ("loop_handle", {"span": 30, "thickness": 3, "width": 5, "height": 10}),
        ("offset_hole", {"diameter": 6, "x": 27, "y": 0.5}),
    ],
)
def test_numbers_that_make_no_sound_part_are_infeasible(kind: str, values: dict[str, float]) -> None:
    with pytest.raises(Infeasible):
        assemble(with_values(SQUARE, kind, **values))


def test_features_of_one_face_keep_apart() -> None:
    drilled = with_values(SQUARE, "center_hole", diameter=10)
    with pytest.raises(Infeasible):
        assemble(with_values(drilled, "slot", length=20, width=5))
    ringed = with_values(drilled, "collar", diameter=30, wall=2, height=5)
    with pytest.raises(Infeasible):
        assemble(ringed)


def test_square_things_near_a_round_rim_count_their_corners() -> None:
    """A window of 40 mm fits an octagon of 60 mm by its sides alone: its corners are 28.3 mm from the middle."""
    assemble(with_values(ROUND, "square_hole", side=40))
    with pytest.raises(Infeasible):
        assemble(with_values(ROUND, "square_hole", side=44))


def test_a_place_is_written_from_the_nearest_edge() -> None:
    width, inset = named("width", 60), named("inset", 5)
    assert str(from_edge(width / 2, width, inset)) == "inset"
    assert str(from_edge(width / 2, width, inset, is_far=True)) == "width - inset"
    assert str(from_edge(literal(0), width, inset, is_far=True)) == "width / 2 - inset"
    assert from_edge(literal(0), width, inset).value == -25


def _compiled(feature: Feature) -> Iterator[tuple[Plan, str]]:
    layouts = (Layout.NAMED, Layout.MODULES, Layout.LITERAL, Layout.PLAIN)
    for plan, layout in zip(plans_for(feature.name), layouts, strict=False):
        yield plan, source_of(plan, layout=layout)


@pytest.mark.parametrize("kind", sorted(FEATURES))
def test_the_engine_makes_what_the_closed_form_says(kind: str, engine: Engine) -> None:
    for plan, scad in _compiled(FEATURES[kind]):
        assert max(map(len, scad.split("\n"))) <= 120
        result = compile_scad(scad, engine=engine, timeout_seconds=30)
        assert result.status is Status.OK, (scad, result.diagnostics)
        assert result.is_strict, scad
        spec, stats = assemble(plan).spec, result.stats
        assert stats is not None
        assert stats.size_mm == pytest.approx(spec.size_mm, rel=1e-3, abs=0.02), scad
        assert (stats.n_components, stats.genus) == (1, spec.genus), scad
        if spec.volume_mm3 is not None:
            assert stats.volume_mm3 == pytest.approx(spec.volume_mm3, rel=1e-3), scad
