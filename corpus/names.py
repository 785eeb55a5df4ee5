"""Names that settings may hold: recipes and licence tiers. Apart, so that reading settings imports nothing heavy."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["LICENSE_TIERS", "RecipeName"]

LICENSE_TIERS = ("permissive", "share_alike", "non_commercial")
"""Least strict first."""


class RecipeName(StrEnum):
    """What the synthetic part of a data set is made of: `corpus.recipe`."""

    STARTER = "starter"
    FULL = "full"
