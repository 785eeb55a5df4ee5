"""Guesses how long a source takes to compile, so that slow ones start first and don't hold the end. Pure.

Only the order matters: a wrong guess costs some waiting at the end, nothing else.
"""

from __future__ import annotations

import re

from render.result import CompileJob

__all__ = ["predicted_cost"]

_MS_A_USE = {
    "minkowski": 150.0,
    "surface": 60.0,
    "text": 25.0,
    "import": 20.0,
    "include": 40.0,
    "use": 20.0,
    "hull": 8.0,
    "for": 4.0,
    "rotate_extrude": 3.0,
    "sphere": 2.0,
}
_WORD = re.compile(rf"\b(?:{'|'.join(_MS_A_USE)})\b")
_FACETS = re.compile(r"\$fn\s*=\s*(\d{1,4})")


def predicted_cost(job: CompileJob) -> float:
    """A rough number of ms: what the source calls, more of it where circles are fine."""
    calls = sum(_MS_A_USE[word] for word in _WORD.findall(job.source))
    finest = max((int(n) for n in _FACETS.findall(job.source)), default=0)
    return 3.0 + len(job.source) / 1000 + calls * (1 + finest / 50)
