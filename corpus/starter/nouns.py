"""What people call each family, by wording pool. No noun of one pool occurs in another.

Data only. A noun given twice is drawn twice as often.
"""

from __future__ import annotations

from corpus.starter.part import Pools, pools

__all__ = ["NOUNS"]

NOUNS: dict[str, Pools] = {
    "plate": pools(
        "plate | plate | plate | flat plate | rectangular plate | base plate | mounting plate | metal plate | "
        "backing plate",
        "panel | flat panel | face plate",
        "slab | sheet",
    ),
    "block": pools(
        "block | block | solid block | rectangular block | box-shaped block | cuboid | solid box | "
        "solid rectangular box",
        "brick | rectangular solid",
        "chunk | right-angled body",
    ),
    "cube": pools(
        "cube | cube | solid cube | simple cube",
        "die blank | equal-sided cube",
        "cubic body | perfect cube",
    ),
    "tray": pools(
        "tray | box | open box | hollow box | box without a lid | storage tray | open-top box | storage box | "
        "small box open at the top | bin | parts tray",
        "container | drawer insert",
        "lidless case | catch-all",
    ),
    "post_plate": pools(
        "plate | base plate | circuit board mount | board mount | PCB mount | base",
        "board holder | carrier",
        "pedestal board | mounting deck",
    ),
    "link": pools(
        "link | link bar | connecting link | linkage arm | connecting rod | pivot link",
        "tie bar | lever arm",
        "coupling strip | conrod",
    ),
    "stairs": pools(
        "stairs | staircase | steps | flight of stairs | set of stairs | stair block",
        "stairway | step block",
        "stair run | terrace of steps",
    ),
    "prism": pools(
        "prism | regular prism | polygonal prism | polygon prism",
        "polygonal column | polygon bar",
        "many-sided pillar | polygon rod",
    ),
    "tube": pools(
        "tube | pipe | hollow cylinder | sleeve | round tube | cylindrical spacer | round standoff",
        "conduit | hollow rod",
        "barrel | hollow bar",
    ),
    "washer": pools(
        "washer | flat washer | flat ring | shim washer | shim | annular disc",
        "gasket | sealing washer",
        "annulus | packing ring",
    ),
    "disc": pools(
        "disc | disk | round plate | flat disc | circular plate | round disk",
        "coaster | circular blank",
        "puck | roundel",
    ),
    "cylinder": pools(
        "cylinder | cylinder | rod | peg | pin | solid cylinder | dowel | round bar | round post",
        "spindle | axle",
        "roller | round stock",
    ),
    "bushing": pools(
        "flanged bushing | bushing | flanged sleeve | flange bushing | top hat bushing",
        "collared bearing | flanged bearing",
        "shouldered liner | flanged liner",
    ),
    "shaft": pools(
        "stepped shaft | shaft with a step | stepped pin | two-step shaft | stepped rod",
        "shouldered shaft | stepped axle",
        "two-diameter spindle | stepdown pin",
    ),
    "hex": pools(
        "hex standoff | hexagonal standoff | hex spacer | hex nut blank | hexagonal spacer | nut blank | hex bar",
        "hexagon pillar | six-sided spacer",
        "hexagonal column | hexagon sleeve",
    ),
    "cup": pools(
        "cup | round cup | pot | cylindrical cup | pen cup | round container open at the top",
        "beaker | planter",
        "tumbler | jar without lid",
    ),
    "torus": pools(
        "torus | donut | round ring | ring with a round section | O-ring | doughnut",
        "hoop | tyre ring",
        "toroid | quoit",
    ),
    "cone": pools(
        "cone | pointed cone | cone | solid cone",
        "spike | pointed tip",
        "conical point | conical body",
    ),
    "frustum": pools(
        "truncated cone | tapered plug | tapered cylinder | cone frustum | conical plug",
        "taper piece | stopper",
        "cut-off cone | bung",
    ),
    "funnel": pools(
        "funnel | hollow cone | conical funnel | hopper",
        "filler cone | pouring cone",
        "spout cone | tundish",
    ),
    "ball": pools(
        "ball | sphere | round ball | bead",
        "globe | round bead",
        "orb | spherical body",
    ),
    "l_bracket": pools(
        "L-bracket | L bracket | angle bracket | corner bracket | L-shaped bracket | right angle bracket",
        "angle iron | corner brace",
        "gusset angle | elbow bracket",
    ),
    "u_channel": pools(
        "U-channel | U channel | channel | U-shaped channel | U profile",
        "gutter | open channel section",
        "trough | U-shaped rail",
    ),
    "wedge": pools(
        "wedge | ramp | door wedge | doorstop | sloped wedge",
        "incline | sloped block",
        "chock | slanted piece",
    ),
    "t_bracket": pools(
        "T-bracket | T bracket | T-shaped bracket | tee bracket",
        "tee brace | T-shaped support",
        "tee section | inverted T stand",
    ),
    "pipe_flange": pools(
        "pipe flange | flange | bolted flange | bolt flange",
        "mounting flange | coupling flange",
        "flanged joint ring | end flange",
    ),
    "picture_frame": pools(
        "picture frame | photo frame | frame | rectangular frame",
        "window frame | display frame",
        "portrait surround | rectangular bezel",
    ),
    "cross_plate": pools(
        "cross plate | plus-shaped plate | cross | plus sign plate",
        "X plate | cross-shaped plate",
        "cruciform plate | plus-form brace",
    ),
    "cable_clip": pools(
        "cable clip | wire clip | C-clip | snap clip",
        "cord clip | pipe clip",
        "lead holder | snap-on grip",
    ),
    "hex_knob": pools(
        "knob | round knob | hex knob | thumb knob",
        "hand knob | turning knob",
        "dial grip | finger wheel",
    ),
}
