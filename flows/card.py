"""The data set's card as files: README.md, a sheet of parts, a picture for each example that it shows.

What is shown is drawn by seed, so the same data set gives the same card. Covers choosing and writing; the text is
`corpus.card`'s.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from corpus.card import CardExample, FunnelStep, dataset_card
from corpus.schema import ExampleRow
from corpus.store import Store
from flows.settings import Settings
from render.pictures.preview import picture_sheet

__all__ = ["card_path", "write_card"]

_N_SHEET, _N_SHOWN = 64, 6


def card_path(settings: Settings) -> Path:
    return settings.data_dir / "dataset" / "README.md"


def write_card(
    settings: Settings,
    store: Store,
    examples: Sequence[ExampleRow],
    *,
    funnel: Sequence[FunnelStep],
    version: int,
    engine_id: str,
) -> Path:
    """Writes the card of a version and its pictures; returns its path."""
    card = card_path(settings)
    card.parent.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    ordered = sorted(examples, key=lambda row: row.example_id)
    on_sheet = rng.sample(ordered, min(_N_SHEET, len(ordered)))
    shown = [row for kind in ("design", "edit") for row in _some(rng, ordered, kind)]
    thumbnails = _thumbnails(store, {row.sha256 for row in (*on_sheet, *shown)}, engine_id)
    pictures = [thumbnails[row.sha256] for row in on_sheet if row.sha256 in thumbnails]
    if pictures:
        (card.parent / "parts.png").write_bytes(picture_sheet(pictures))
    entries = []
    for index, row in enumerate(shown):
        name = f"example{index}.png" if row.sha256 in thumbnails else None
        if name:
            (card.parent / name).write_bytes(thumbnails[row.sha256])
        entries.append(CardExample(row, name))
    text = dataset_card(
        examples,
        funnel=funnel,
        version=version,
        engine_id=engine_id,
        shown=entries,
        sheet="parts.png" if pictures else None,
    )
    card.write_text(text)
    return card


def _some(rng: random.Random, rows: Sequence[ExampleRow], kind: str) -> list[ExampleRow]:
    """A few examples of a kind, real ones first, none long."""
    short = [row for row in rows if row.kind == kind and len(row.scad) + sum(len(t.scad) for t in row.history) < 2500]
    real, generated = ([row for row in short if row.tier == tier] for tier in ("real", "synthetic"))
    half = _N_SHOWN // 2
    return [*rng.sample(real, min(1, len(real))), *rng.sample(generated, min(half - 1, len(generated)))]


def _thumbnails(store: Store, keys: set[str], engine_id: str) -> dict[str, bytes]:
    columns = ("sha256", "engine_id", "thumbnail")
    return {
        row["sha256"]: row["thumbnail"]
        for row in store.iter_rows("compiled", columns=columns)
        if row["sha256"] in keys and row["engine_id"] == engine_id and row["thumbnail"]
    }
