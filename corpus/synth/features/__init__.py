"""Every kind of feature, by name."""

from __future__ import annotations

from corpus.synth.features.bosses import BOSS_FEATURES
from corpus.synth.features.domes import DOME_FEATURES
from corpus.synth.features.edges import EDGE_FEATURES
from corpus.synth.features.grooves import GROOVE_FEATURES
from corpus.synth.features.handles import HANDLE_FEATURES
from corpus.synth.features.hole_rings import HOLE_RING_FEATURES
from corpus.synth.features.hole_rows import HOLE_ROW_FEATURES
from corpus.synth.features.holes import HOLE_FEATURES
from corpus.synth.features.labels import LABEL_FEATURES
from corpus.synth.features.openings import OPENING_FEATURES
from corpus.synth.features.pins import PIN_FEATURES
from corpus.synth.features.pockets import POCKET_FEATURES
from corpus.synth.features.ribs import RIB_FEATURES
from corpus.synth.features.rims import RIM_FEATURES
from corpus.synth.features.screw_holes import SCREW_HOLE_FEATURES
from corpus.synth.features.slot_patterns import SLOT_PATTERN_FEATURES
from corpus.synth.features.slots import SLOT_FEATURES
from corpus.synth.part import Feature

__all__ = ["FEATURES"]

FEATURES: dict[str, Feature] = {
    f.name: f
    for f in (
        *HOLE_FEATURES,
        *HOLE_ROW_FEATURES,
        *HOLE_RING_FEATURES,
        *SCREW_HOLE_FEATURES,
        *SLOT_FEATURES,
        *SLOT_PATTERN_FEATURES,
        *OPENING_FEATURES,
        *POCKET_FEATURES,
        *GROOVE_FEATURES,
        *EDGE_FEATURES,
        *BOSS_FEATURES,
        *DOME_FEATURES,
        *PIN_FEATURES,
        *RIB_FEATURES,
        *RIM_FEATURES,
        *HANDLE_FEATURES,
        *LABEL_FEATURES,
    )
}
