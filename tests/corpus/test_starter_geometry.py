"""The expected geometry against meshes of the real engine: every family, every pool."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.starter import FAMILIES, SynthExample, generate_example
from corpus.synth import geometry as shapes
from render import Engine, Status, compile_scad, open_engine
from render.engines.install import install

N_EACH = 4


@pytest.fixture(scope="module")
def synth_engine() -> Iterator[Engine]:
    data_dir = Path(os.environ.get("CAD_COPILOT_DATA_DIR", "var")).resolve()
    install(data_dir / "engine")
    with open_engine("wasm", data_dir=data_dir) as opened:
        yield opened


def examples_of(family: str) -> list[SynthExample]:
    """A few of each pool, with every feature the family has among them."""
    found: dict[str, SynthExample] = {}
    for seed in range(60):
        example = generate_example(family, seed=seed, wording_pool="base", split="train")
        found.setdefault(example.scad.splitlines()[0], example)
    for pool in ("tune", "held_out"):
        example = generate_example(family, seed=0, wording_pool=pool, split="test")
        found[pool] = example
    for seed in range(60, 60 + N_EACH):
        found[str(seed)] = generate_example(family, seed=seed, wording_pool="base", split="test")
    return list(found.values())


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_spec_is_what_the_engine_makes(family: str, synth_engine: Engine) -> None:
    for example in examples_of(family):
        result = compile_scad(example.scad, engine=synth_engine, timeout_seconds=30)
        assert result.status is Status.OK, (example.scad, result.diagnostics)
        stats = result.stats
        assert stats is not None
        assert result.is_strict, example.scad
        spec = example.spec
        assert spec.size_mm is not None
        assert stats.size_mm == pytest.approx(spec.size_mm, rel=1e-4), example.scad
        assert stats.volume_mm3 == pytest.approx(spec.volume_mm3, rel=1e-4), example.scad
        assert (stats.n_components, stats.genus) == (spec.n_components, spec.genus), example.scad


def test_closed_forms_agree_with_their_limits() -> None:
    assert shapes.circle_area(2) == pytest.approx(math.pi, rel=2e-3)
    assert shapes.circle_area(10) == pytest.approx(shapes.polygon_area(shapes.circle_points(10)))
    assert shapes.frustum_volume(10, 10, 3) == pytest.approx(shapes.circle_area(10) * 3)
    assert shapes.ball_volume(10) == pytest.approx(math.pi * 1000 / 6, rel=5e-3)
    # napkin ring: what a bore leaves depends on its height alone
    assert shapes.ball_volume(50, 30) == pytest.approx(math.pi / 6 * 40**3, rel=1e-2)
    assert shapes.slot_area(20, 6) == pytest.approx(shapes.circle_area(6) + 14 * 6)
    right_half = shapes.clip_above(shapes.circle_points(10), 0, 0.0)
    assert shapes.polygon_area(right_half) == pytest.approx(shapes.circle_area(10) / 2)
