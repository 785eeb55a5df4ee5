"""Nouns that name a part or a feature of one: by these a name in a source is known to be more than a name.

Data, singular, lower case. `SHAPES` are bare solids, `FEATURES` what a part may have, `PARTS` what somebody may want; a
word may be a feature of one part and a part by itself.
"""

from __future__ import annotations

__all__ = ["FEATURES", "PARTS", "SHAPES", "VAGUE", "word_set"]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, blanks between."""
    return frozenset(words.split())


SHAPES = word_set(
    "cube cuboid sphere spheroid cylinder cone tube pipe prism prismoid torus wedge pyramid disc disk ring slab block "
    "ball ellipsoid hemisphere octahedron tetrahedron icosahedron dodecahedron onion teardrop slice knot helix"
)

FEATURES = word_set(
    "arm base bead boss bore bottom branch bridge brim chamfer channel collar corner crown divider dovetail ear edge "
    "eyelet face fin flange foot fillet gate groove grip guide gusset handle head hinge hole hook hub jaw keyhole "
    "knuckle latch leg lid ledge lip lobe loop lug mouth neck notch nozzle opening peg petal pillar pin pocket post "
    "rail recess rib ridge rim roof saddle shaft shelf shoulder slot socket spike spoke spout stem step stud support "
    "tab tail thread tongue tooth tower tread tube vent wall web wheel window wing"
)

PARTS = word_set(
    "adapter airfoil anchor arch arrow axle badge balloon barrel basket bat battery bead beam bearing bell belt bench "
    "bin bird boat bobbin bolt bookend bookmark bottle bowl box bracelet bracket brick bridge brush bucket buckle "
    "bumper bushing bust button cabinet cage cam cap card carabiner carriage cart case caster castle catch chain "
    "chair chassis chest chip chute clamp clasp cleat clip clock coaster coil coin collet column comb compass "
    "connector container cookie cork coupler coupling cover cradle crank cross crown cup cutter cylinder dial die "
    "dish dispenser dock doll door dowel dragon drawer dreidel driver drum duct earring enclosure engine faceplate "
    "fan fastener faucet fence figurine filter fitting flag flange flap flower flute foot fork frame funnel gasket "
    "gauge gear gearbox glider globe goblet grate grid grille grommet guard guide hammer hanger handle handwheel hat "
    "headband heart heatsink hinge holder hood hook hopper hose house housing impeller insert jar jig joint joystick "
    "keycap keychain keyring kite knife knob ladder lamp lampshade lantern latch leaf lens lever lid lighthouse link "
    "lock logo magnet manifold marble mask maze medal mirror mold mould mount mouthpiece mug nameplate necklace nut "
    "organizer ornament oscillator outlet paddle pallet pan panel pawl peg pen pencil pendant picture piston plane "
    "planter planetary plaque plate plug plunger pot propeller puller pulley pump puppet puzzle pyramid rack rail "
    "ramp ratchet reducer reel retainer rim ring robot rocket rod roller rook roof rotor ruler sail saucer scale "
    "scoop screw screwdriver shade shaft shelf shield ship shoe shovel shroud shutter sieve sign sink slide sled "
    "sleeve snowflake snowman soap socket spacer spanner spatula speaker spinner spool spoon spring sprocket stairs "
    "staircase stamp stand standoff star stencil stool stopper stop strainer strap strip support switch table tag "
    "tank tape target tee tile toggle token tool toothbrush top torch tower toy track trap tray tree trellis tripod "
    "trophy tube turbine turntable tweezers umbrella valve vane vase vent vessel vise wagon washer watch wedge wheel "
    "whistle winch windmill worm wrench yoke"
)

VAGUE = word_set(
    "thing things object objects part parts piece pieces item items model models design designs shape shapes body "
    "solid project print prints stuff sample samples example examples test tests demo demos tutorial file files copy "
    "version usage library libraries lib function functions module modules recursion echo assert projection extrude "
    "extrusion comprehension comprehensions operation operations union difference intersection hull minkowski "
    "transformation script code generator util utils utilities helper helpers constant constants config settings "
    "syntax untitled unnamed unknown experiment experiments exercise playground sandbox draft prototype work stl scad "
    "openscad thingiverse customizer main description readme introduction index animation rendering image surface "
    "text result output input default new final collection repository repo stuffs etc misc various variable variables "
    "parameter parameters option options and or the a an of for with one two it this that these those here there "
    "homework task day week lesson chapter assembly everything all asdf qwerty foo bar baz blah bla"
)
"""Head words that name no part."""
