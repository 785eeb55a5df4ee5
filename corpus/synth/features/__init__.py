"""Every kind of feature, by name."""

from __future__ import annotations

from corpus.synth.features.bosses import BOSS_FEATURES
from corpus.synth.features.holes import HOLE_FEATURES
from corpus.synth.part import Feature

__all__ = ["FEATURES"]

FEATURES: dict[str, Feature] = {f.name: f for f in (*HOLE_FEATURES, *BOSS_FEATURES)}
