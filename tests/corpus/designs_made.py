"""Rows of designs and of generated pairs, as the tables hold them, for the tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from corpus.cleaned import cleaned_row, crawled_id
from corpus.license_tiers import LicensePolicy
from corpus.normalize import content_key
from corpus.schema import (
    Author,
    CleanedRow,
    CompiledRow,
    CrawledRow,
    ExampleRow,
    GeometrySpec,
    Provenance,
    SyntheticRow,
    Turn,
)
from corpus.selection import Evidence
from corpus.sketches import sketches

ENGINE = "wasm-test"
POLICY = LicensePolicy()
BOX = """module shell(w, d, h, t) {
  difference() { cube([w, d, h]); translate([t, t, t]) cube([w - 2 * t, d - 2 * t, h]); }
}
module foot(x, y) { translate([x, y, -2]) cylinder(d = 6, h = 2, $fn = 24); }
shell(60, 40, 20, 2); foot(5, 5); foot(55, 5); foot(5, 35); foot(55, 35);
"""


def crawled(record_id: str, scad: str | None = BOX, **changes: object) -> CrawledRow:
    base = CrawledRow(
        record_id=record_id,
        source="gallery",
        source_item_id=record_id,
        sha256=content_key(scad) if scad is not None else None,
        scad=scad,
        fetched_at="2026-01-01",
        provenance=Provenance("gallery", "1", "run"),
        title="Project box",
        description="An open box on four feet.",
        description_kind="author",
        author=Author(name="Ada"),
        license_spdx="CC0-1.0",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def verdict(key: str, **changes: object) -> CompiledRow:
    """Of a content key; measured as BOX is."""
    base = CompiledRow(
        sha256=key,
        engine_id=ENGINE,
        status="ok",
        is_compiled=True,
        is_strict=True,
        size_mm=(60.0, 40.0, 22.0),
        volume_mm3=9000.0,
        is_closed=True,
        n_components=1,
        genus=0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def cleaned(rows: Iterable[CrawledRow]) -> list[tuple[CleanedRow, CrawledRow]]:
    return [(cleaned_row(row, POLICY), row) for row in rows]


def evidence(verdicts: Iterable[CompiledRow], sources: Iterable[str]) -> Evidence:
    contents = {content_key(scad): scad for scad in sources}
    found = sketches(contents.values(), sha256s=contents.keys())
    return Evidence({v.sha256: v for v in verdicts}, {row.sha256: row for row in found})


def pair(scad: str, prompt: str = "a plate", **changes: object) -> SyntheticRow:
    """A generated pair that promises what `verdict` measures."""
    spec = GeometrySpec((60.0, 40.0, 22.0), 9000.0, 1, 0)
    base = SyntheticRow(
        example_id=f"{prompt}|{scad}",
        recipe="full/train/000",
        part="train",
        kind="design",
        prompt=prompt,
        scad=scad,
        sha256=content_key(scad),
        spec=spec,
        built=spec,
        cluster_id=f"plate|{content_key(scad)}",
        family="plate",
        wording_pool="taught",
        prompt_style="measured",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def edit_of(row: CrawledRow, scad: str, prompt: str = "make it taller", **changes: object) -> SyntheticRow:
    history = (Turn("a box", row.scad or ""),)
    made = pair(scad, prompt, part="real_edits", kind="edit", history=history, edit_kind="vague", spec=GeometrySpec())
    made = replace(made, built=GeometrySpec(), of_crawled=crawled_id(row), prompt_style="edit")
    return replace(made, **changes)  # type: ignore[arg-type]


def example(number: int, **changes: object) -> ExampleRow:
    scad = f"cube({number});\n"
    base = ExampleRow(
        *(f"e{number}", content_key(scad), f"a cube of {number} mm", scad, "train", f"c{number}", "synthetic"),
        *("synthetic", "synth", "CC0-1.0", "permissive", ENGINE),
        GeometrySpec((float(number),) * 3, float(number) ** 3, 1, 0),
    )
    return replace(base, **changes)  # type: ignore[arg-type]
