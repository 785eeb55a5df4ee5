"""A few crawled designs that take every way through curating, as rows of the table `crawled`."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.normalize import content_key
from corpus.schema import CompanionFile, CrawledRow, Provenance
from corpus.starter import FAMILIES, sample_examples

__all__ = ["crawled_rows"]

_LIBRARY = CompanionFile("ring.scad", "module ring(d, h) {\n  difference() {\n    cylinder(d = d, h = h);\n    "
                         "translate([0, 0, -1]) cylinder(d = d / 2, h = h + 2);\n  }\n}\n")  # fmt: skip
_ODD = (
    ("Ring", "include <ring.scad>\nouter_width = 30;\nring(outer_width, 8);\n", "CC0-1.0", (_LIBRARY,)),
    ("Ring again", "use <ring.scad>\nring(24, 6);\n", "CC-BY-SA-4.0", (_LIBRARY,)),
    ("Broken", "cube([1, 2, 3)\n", "CC0-1.0", ()),
    ("Flat", "square([10, 10]);\n", "CC0-1.0", ()),
    ("No licence", "cube([11, 12, 13]);\n", "NOASSERTION", ()),
    ("Peg", "// a peg\ncylinder(d = 8, h = 20, $fn = 48);\n", "CC0-1.0", ()),
    ("Peg of another", "cylinder(d=8, h=20,   $fn=48);\n", "CC-BY-4.0", ()),
)


def crawled_rows(n: int, *, seed: int = 0) -> Iterator[CrawledRow]:
    """Seven odd ones, and `n` sound ones made from the starter's parts."""
    for i, (title, scad, spdx, companions) in enumerate(_ODD):
        yield _row(f"odd-{i}", title, f"A {title.lower()} for a shelf.", scad, spdx, companions)
    examples = sample_examples(n, seed=seed, families=tuple(FAMILIES), wording_pools=["base"], split="train")
    for i, example in enumerate(examples):
        yield _row(f"part-{seed}-{i}", example.family.replace("_", " ").title(), example.prompt, example.scad)


def _row(
    name: str,
    title: str,
    description: str,
    scad: str,
    spdx: str = "CC0-1.0",
    companions: tuple[CompanionFile, ...] = (),
) -> CrawledRow:
    return CrawledRow(
        record_id=name,
        source="local",
        source_item_id=name,
        sha256=content_key(scad, companions),
        scad=scad,
        fetched_at="2026-01-01T00:00:00+00:00",
        provenance=Provenance("local", "1", "test"),
        title=title,
        description=description,
        description_kind="author",
        license_spdx=spdx,
        companions=companions,
    )
