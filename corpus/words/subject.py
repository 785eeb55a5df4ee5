"""What is known of one design before anything is said of it, and one text about it.

Covers the two value types that the modules of this package share.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Subject", "Wording"]


@dataclass(frozen=True)
class Subject:
    """One design: its source, its people's words, and what its mesh measures."""

    scad: str
    title: str | None = None
    description: str | None = None
    description_kind: str = "none"
    """As in `CrawledRow`; the words are free of personal data already."""
    tags: tuple[str, ...] = ()
    category: str | None = None
    lent: tuple[tuple[str, str], ...] = ()
    """(description, kind) of the duplicates that it stands for; a caption that was checked comes as `model_caption`."""
    size_mm: tuple[float, ...] | None = None
    """(x, y, z) of the bounding box."""
    volume_mm3: float | None = None
    n_components: int | None = None
    genus: int | None = None
    """None for a mesh that is not closed."""


@dataclass(frozen=True)
class Wording:
    """One request for a design."""

    prompt: str
    """One line."""
    kind: str
    """Whose words it rests on: author | readme | doc_comment | caption | model_caption."""
    style: str
    """author | short | measured | function | conversational"""
