"""Every family of parts, by name."""

from __future__ import annotations

from corpus.synth.families.assemblies import ASSEMBLY_FAMILIES
from corpus.synth.families.balls import BALL_FAMILIES
from corpus.synth.families.basics import BASIC_FAMILIES
from corpus.synth.families.bearings import BEARING_FAMILIES
from corpus.synth.families.blocks import BLOCK_FAMILIES
from corpus.synth.families.boxes import BOX_FAMILIES
from corpus.synth.families.braces import BRACE_FAMILIES
from corpus.synth.families.brackets import BRACKET_FAMILIES
from corpus.synth.families.cables import CABLE_FAMILIES
from corpus.synth.families.caps import CAP_FAMILIES
from corpus.synth.families.collars import COLLAR_FAMILIES
from corpus.synth.families.composed import COMPOSED_FAMILIES
from corpus.synth.families.cups import CUP_FAMILIES
from corpus.synth.families.desk import DESK_FAMILIES
from corpus.synth.families.enclosures import ENCLOSURE_FAMILIES
from corpus.synth.families.fasteners import FASTENER_FAMILIES
from corpus.synth.families.fittings import FITTING_FAMILIES
from corpus.synth.families.flat import FLAT_FAMILIES
from corpus.synth.families.frames import FRAME_FAMILIES
from corpus.synth.families.garden import GARDEN_FAMILIES
from corpus.synth.families.gears import GEAR_FAMILIES
from corpus.synth.families.hooks import HOOK_FAMILIES
from corpus.synth.families.hoses import HOSE_FAMILIES
from corpus.synth.families.household import HOUSEHOLD_FAMILIES
from corpus.synth.families.knobs import KNOB_FAMILIES
from corpus.synth.families.links import LINK_FAMILIES
from corpus.synth.families.mounts import MOUNT_FAMILIES
from corpus.synth.families.ornaments import ORNAMENT_FAMILIES
from corpus.synth.families.pegs import PEG_FAMILIES
from corpus.synth.families.pipes import PIPE_FAMILIES
from corpus.synth.families.racks import RACK_FAMILIES
from corpus.synth.families.round import ROUND_FAMILIES
from corpus.synth.families.screws import SCREW_FAMILIES
from corpus.synth.families.shafts import SHAFT_FAMILIES
from corpus.synth.families.springs import SPRING_FAMILIES
from corpus.synth.families.stands import STAND_FAMILIES
from corpus.synth.families.tableware import TABLEWARE_FAMILIES
from corpus.synth.families.tags import TAG_FAMILIES
from corpus.synth.families.threads import THREAD_FAMILIES
from corpus.synth.families.vases import VASE_FAMILIES
from corpus.synth.families.vents import VENT_FAMILIES
from corpus.synth.families.wheels import WHEEL_FAMILIES
from corpus.synth.part import Family

__all__ = ["FAMILIES"]

FAMILIES: dict[str, Family] = {
    f.name: f
    for f in (
        *FLAT_FAMILIES,
        *BRACKET_FAMILIES,
        *BRACE_FAMILIES,
        *VENT_FAMILIES,
        *TAG_FAMILIES,
        *STAND_FAMILIES,
        *RACK_FAMILIES,
        *PEG_FAMILIES,
        *HOUSEHOLD_FAMILIES,
        *HOOK_FAMILIES,
        *GARDEN_FAMILIES,
        *FRAME_FAMILIES,
        *FITTING_FAMILIES,
        *ENCLOSURE_FAMILIES,
        *DESK_FAMILIES,
        *CABLE_FAMILIES,
        *BOX_FAMILIES,
        *BLOCK_FAMILIES,
        *BASIC_FAMILIES,
        *COMPOSED_FAMILIES,
        *ASSEMBLY_FAMILIES,
        *BALL_FAMILIES,
        *BEARING_FAMILIES,
        *CAP_FAMILIES,
        *COLLAR_FAMILIES,
        *CUP_FAMILIES,
        *FASTENER_FAMILIES,
        *GEAR_FAMILIES,
        *HOSE_FAMILIES,
        *KNOB_FAMILIES,
        *LINK_FAMILIES,
        *MOUNT_FAMILIES,
        *ORNAMENT_FAMILIES,
        *PIPE_FAMILIES,
        *ROUND_FAMILIES,
        *SCREW_FAMILIES,
        *SHAFT_FAMILIES,
        *SPRING_FAMILIES,
        *TABLEWARE_FAMILIES,
        *THREAD_FAMILIES,
        *VASE_FAMILIES,
        *WHEEL_FAMILIES,
    )
}
