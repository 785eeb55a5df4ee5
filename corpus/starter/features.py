"""The features that many families share, as people mention them: holes, screw holes, a bore, a bolt circle."""

from __future__ import annotations

from corpus.starter.part import Attachment, pools

__all__ = ["BOLT_CIRCLE", "BORE", "CENTER_HOLE", "SCREW_HOLES", "SLOT", "TWO_HOLES", "WALLS"]

CENTER_HOLE = Attachment(
    pools(
        "@a {hole_diameter} mm hole in the middle | @a {hole_diameter} mm hole in the middle | "
        "@a {hole_diameter} mm hole in the center | @a {hole_diameter} mm center hole | "
        "a centered {hole_diameter} mm hole | @a {hole_diameter} mm hole through the center | "
        "a central hole of {hole_diameter} mm | a hole of {hole_diameter} mm in the middle | "
        "a center hole {hole_diameter} mm in diameter | @a {hole_diameter} mm diameter hole in the centre | "
        "one {hole_diameter} mm hole in the middle | @a {hole_diameter} mm through hole at the center | "
        "a hole in the middle, {hole_diameter} mm in diameter | a hole in the center with diameter {hole_diameter} | "
        "@a {hole_diameter} mm round hole in its middle | a central {hole_diameter} mm hole",
        "@a {hole_diameter} mm opening at its midpoint | a hole {hole_diameter} mm across right in the middle | "
        "a round opening of {hole_diameter} mm in the center",
        "a centrally drilled {hole_diameter} mm hole | @a {hole_diameter} mm perforation dead center",
    ),
    "center hole",
)

SCREW_HOLES = Attachment(
    pools(
        "four {screw_diameter} mm corner holes {screw_inset} mm from the edges | "
        "four {screw_diameter} mm holes in the corners, {screw_inset} mm from the edges | "
        "@a {screw_diameter} mm hole in each corner {screw_inset} mm from the edges | "
        "{screw_diameter} mm screw holes in the corners inset {screw_inset} mm | "
        "4 corner holes of {screw_diameter} mm, {screw_inset} mm in from the edge | "
        "four screw holes {screw_diameter} mm in diameter, {screw_inset} mm from each edge | "
        "mounting holes of {screw_diameter} mm at the corners with @a {screw_inset} mm inset | "
        "four {screw_diameter} mm mounting holes {screw_inset} mm from the sides | "
        "holes in all four corners, {screw_diameter} mm wide and {screw_inset} mm from the edges | "
        "corner holes {screw_inset} mm from the edges, {screw_diameter} mm in diameter",
        "four bolt holes of {screw_diameter} mm set in {screw_inset} mm at the corners | "
        "@a {screw_diameter} mm bolt hole near every corner, {screw_inset} mm off the edges",
        "corners drilled {screw_diameter} mm, {screw_inset} mm away from the border | "
        "a quartet of {screw_diameter} mm holes {screw_inset} mm inside the rim",
    ),
    "corner holes",
)

SLOT = Attachment(
    pools(
        "@a {slot_length} x {slot_width} mm slot in the middle | "
        "a slot {slot_length} mm long and {slot_width} mm wide | "
        "a centered slot of {slot_length} by {slot_width} mm | @a {slot_width} mm wide slot {slot_length} mm long | "
        "@a {slot_length} mm long, {slot_width} mm wide slot in the center | "
        "a slot in the middle, {slot_length} x {slot_width} mm | "
        "a central slot {slot_width} mm wide and {slot_length} mm in length",
        "an elongated hole of {slot_length} x {slot_width} mm | "
        "an oblong opening {slot_length} mm long and {slot_width} mm wide",
        "a milled channel hole {slot_length} by {slot_width} mm | "
        "@a {slot_length} mm keyway-like slit {slot_width} mm broad",
    ),
    "slot",
)

TWO_HOLES = Attachment(
    pools(
        "two {hole_diameter} mm holes {hole_spacing} mm apart | "
        "2 holes of {hole_diameter} mm spaced {hole_spacing} mm apart | "
        "a pair of {hole_diameter} mm holes {hole_spacing} mm apart | "
        "two holes {hole_spacing} mm apart, {hole_diameter} mm in diameter | "
        "two {hole_diameter} mm holes with {hole_spacing} mm between centers | "
        "two holes with {hole_diameter} mm diameter at @a {hole_spacing} mm spacing",
        "twin {hole_diameter} mm holes set {hole_spacing} mm apart | "
        "a couple of {hole_diameter} mm holes at {hole_spacing} mm pitch",
        "dual {hole_diameter} mm holes, {hole_spacing} mm center to center | "
        "holes of {hole_diameter} mm on @a {hole_spacing} mm pitch, two of them",
    ),
    "two holes",
)

BORE = Attachment(
    pools(
        "@a {hole_diameter} mm bore | @a {hole_diameter} mm hole through it | a bore of {hole_diameter} mm | "
        "a through hole of {hole_diameter} mm | @a {hole_diameter} mm through hole | "
        "a hole {hole_diameter} mm in diameter | @a {hole_diameter} mm hole along the axis | "
        "a central bore {hole_diameter} mm wide | @a {hole_diameter} mm hole",
        "a passage of {hole_diameter} mm | a hole right through of {hole_diameter} mm | "
        "@a {hole_diameter} mm axial hole",
        "a hollow core of {hole_diameter} mm | @a {hole_diameter} mm drilled channel down the middle",
    ),
    "through hole",
)

BOLT_CIRCLE = Attachment(
    pools(
        "{hole_count#} {hole_diameter} mm holes on @a {circle_diameter} mm circle | "
        "{hole_count#} holes of {hole_diameter} mm on @a {circle_diameter} mm bolt circle | "
        "{hole_count#} {hole_diameter} mm bolt holes around a circle of {circle_diameter} mm | "
        "a ring of {hole_count#} {hole_diameter} mm holes on @a {circle_diameter} mm circle | "
        "a bolt circle of {circle_diameter} mm with {hole_count#} {hole_diameter} mm holes | "
        "{hole_count#} holes {hole_diameter} mm in diameter evenly spaced on a circle {circle_diameter} mm across | "
        "{hole_count#} evenly spaced {hole_diameter} mm holes on a circle with diameter {circle_diameter} mm",
        "{hole_count#} screw holes, {hole_diameter} mm each, on a pitch circle of {circle_diameter} mm | "
        "a pitch circle of {circle_diameter} mm carrying {hole_count#} holes of {hole_diameter} mm",
        "{hole_count#} drillings of {hole_diameter} mm spread over @a {circle_diameter} mm PCD | "
        "@a {circle_diameter} mm PCD of {hole_count#} holes, each {hole_diameter} mm",
    ),
    "bolt circle",
)

WALLS = Attachment(
    pools(
        "{wall} mm walls | {wall} mm thick walls | @a {wall} mm wall | walls {wall} mm thick | "
        "a wall thickness of {wall} mm | {wall} mm wall thickness | wall thickness {wall} mm | walls of {wall} mm",
        "sides {wall} mm thick | a skin of {wall} mm",
        "@a {wall} mm shell | {wall} mm of material all around",
    )
)
