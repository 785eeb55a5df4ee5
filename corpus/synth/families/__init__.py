"""Every family of parts, by name."""

from __future__ import annotations

from corpus.synth.families.braces import BRACE_FAMILIES
from corpus.synth.families.brackets import BRACKET_FAMILIES
from corpus.synth.families.flat import FLAT_FAMILIES
from corpus.synth.part import Family

__all__ = ["FAMILIES"]

FAMILIES: dict[str, Family] = {f.name: f for f in (*FLAT_FAMILIES, *BRACKET_FAMILIES, *BRACE_FAMILIES,)}
