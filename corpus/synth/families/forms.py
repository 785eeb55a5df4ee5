"""Short forms of requests that many round parts share: by diameter and height, by two diameters, by steps.

Data only; `how` is the word for the length: tall, long, thick, wide.
"""

from __future__ import annotations

from corpus.synth.words import Pools, pools

__all__ = ["by_ring", "by_span", "by_taper"]

_NOUN = {"tall": "height", "high": "height", "long": "length", "thick": "thickness", "wide": "width", "deep": "depth"}


def by_span(across: str = "diameter", along: str = "height", how: str = "tall", *, also_radius: bool = True) -> Pools:
    """`@a 40 mm @N, 20 mm tall`."""
    d, h, noun = "{" + across + "}", "{" + along + "}", _NOUN[how]
    taught = (
        f"@a @N {d} in diameter and {h} {how} | @a {d} @N, {h} {how} | @a @N {d} across, {h} {how} | "
        f"@a {h} {how} @N of {d} diameter | @a @N of {d} diameter and {h} {noun} | @a {d} x {h} @N | "
        f"@a @N with a diameter of {d} and a {noun} of {h}"
    )
    held_out = f"@a @N spanning {d}, with {h} of {noun} | @a {d} round @N that is {h} {how}"
    if also_radius and across.endswith("diameter"):
        r = "{" + across.removesuffix("diameter") + "radius}"
        taught += (
            f" | @a @N with radius {r} and {noun} {h} | @a {h} {how} @N, radius {r} | @a @N of radius {r}, {h} {how}"
        )
        held_out += f" | @a @N drawn at radius {r} and {h} {how}"
    return pools(taught, held_out)


def by_ring(outer: str, inner: str, along: str, how: str = "tall") -> Pools:
    """`@a @N 20 mm OD, 10 mm ID, 5 mm thick`."""
    o, i, h, noun = "{" + outer + "}", "{" + inner + "}", "{" + along + "}", _NOUN[how]
    return pools(
        f"@a @N {o} OD, {i} ID, {h} {how} | @a @N, outer diameter {o}, inner diameter {i}, {noun} {h} | "
        f"@a {o} @N with @a {i} bore, {h} {how} | @a {h} {how} @N, {o} outside and {i} inside | "
        f"@a @N {o} across with @a {i} hole through it, {h} {how} | @a {o} x {i} x {h} @N",
        f"@a @N {i} clear inside, {o} over the outside, {h} {how} | @a {h} {how} @N from {i} to {o} diameter",
    )


def by_taper(bottom: str, top: str, along: str = "height", how: str = "tall") -> Pools:
    """`@a @N 60 mm at the top and 40 mm at the bottom, 50 mm tall`."""
    b, t, h, noun = "{" + bottom + "}", "{" + top + "}", "{" + along + "}", _NOUN[how]
    return pools(
        f"@a @N {t} across at the top and {b} at the bottom, {h} {how} | "
        f"@a {h} {how} @N tapering from {b} at the bottom to {t} at the top | "
        f"@a @N, bottom diameter {b}, top diameter {t}, {noun} {h} | @a @N {h} {how}, {b} bottom, {t} top | "
        f"@a @N with @a {t} top, @a {b} base and {h} of {noun} | @a {h} {how} @N, {t} wide above and {b} wide below",
        f"@a @N going from {b} below to {t} above within {h} | @a @N, {h} {how}, its ends {b} and {t} across",
    )
