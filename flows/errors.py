"""The flows' own expected failures."""

from __future__ import annotations

__all__ = ["NoData"]


class NoData(RuntimeError):
    """An earlier stage has not run yet; one line, with the next step."""
