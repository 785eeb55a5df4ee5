"""A version of the data set as files for others: Hugging Face's layout, JSON lines, or chat lines.

One folder a licence tier, one file a split; a test set is a split of its own, so nobody mixes them up. Licence and
credit stand in every row, and NOTICE.md lists the credits. Covers writing to a local folder; the card's text is
`corpus.card`'s.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.names import LICENSE_TIERS
from corpus.schema import ExampleRow

__all__ = ["ExportFormat", "Exported", "chat_messages", "export_examples", "export_row", "split_name"]

ROWS_PER_FILE = 20_000


class ExportFormat(StrEnum):
    HF = "hf"
    """Parquet with pictures; `datasets.load_dataset(folder, tier)` reads it."""
    JSONL = "jsonl"
    """One object a line: prompt, history, scad and everything known of them."""
    CHAT = "chat"
    """One conversation a line: `{"messages": [{"role", "content"}, …]}`, as trainers take it."""


@dataclass(frozen=True)
class Exported:
    """What was written."""

    folder: str
    files: tuple[str, ...]
    """Relative to the folder."""
    n_rows: int
    n_by_split: dict[str, int]
    """By tier/split."""


def split_name(row: ExampleRow) -> str:
    """train, validation, or the test set: test_values, test_edits, …"""
    return f"test_{row.test_set}" if row.split == "test" and row.test_set else row.split


def chat_messages(row: ExampleRow) -> list[dict[str, str]]:
    """The conversation of an example, its answer last."""
    turns = [(turn.prompt, turn.scad) for turn in row.history] + [(row.prompt, row.scad)]
    return [
        {"role": role, "content": text}
        for asked, answered in turns
        for role, text in (("user", asked), ("assistant", answered))
    ]


def export_row(row: ExampleRow) -> dict[str, Any]:
    """An example as others read it: flat, with its licence and credit."""
    spec = row.spec
    return {
        "id": row.example_id,
        "prompt": row.prompt,
        "scad": row.scad,
        "history": [{"prompt": turn.prompt, "scad": turn.scad} for turn in row.history],
        "kind": row.kind,
        "edit_kind": row.edit_kind,
        "prompt_kind": row.prompt_kind,
        "prompt_style": row.prompt_style,
        "family": row.family,
        "features": list(row.features),
        "size_mm": list(spec.size_mm) if spec.size_mm else None,
        "volume_mm3": spec.volume_mm3,
        "n_components": spec.n_components,
        "genus": spec.genus,
        "tier": row.tier,
        "license": row.license_spdx,
        "attribution": row.attribution,
        "header": row.header,
        "source": row.source,
        "source_url": row.source_url,
        "cluster_id": row.cluster_id,
    }


_TEXT = pa.string()
_SCHEMA = pa.schema(
    [
        ("id", _TEXT),
        ("prompt", _TEXT),
        ("scad", _TEXT),
        ("history", pa.list_(pa.struct([("prompt", _TEXT), ("scad", _TEXT)]))),
        *((name, _TEXT) for name in ("kind", "edit_kind", "prompt_kind", "prompt_style", "family")),
        ("features", pa.list_(_TEXT)),
        ("size_mm", pa.list_(pa.float64())),
        ("volume_mm3", pa.float64()),
        ("n_components", pa.int64()),
        ("genus", pa.int64()),
        *((name, _TEXT) for name in ("tier", "license", "attribution", "header", "source", "source_url", "cluster_id")),
        ("image", pa.struct([("bytes", pa.binary()), ("path", _TEXT)])),
    ]
)


def export_examples(
    rows: Iterable[ExampleRow], folder: Path, *, form: ExportFormat, card: str, thumbnails: Mapping[str, bytes]
) -> Exported:
    """Writes the rows below `folder`, which appears whole or not at all; one that is there is replaced.

    `thumbnails` by sha256, for `hf`. Raises OSError; ValueError for a folder that holds something else.
    """
    if folder.exists() and not (folder / "README.md").exists():
        raise ValueError(f"{folder} is not empty and holds no data set: choose a new folder")
    groups: dict[tuple[str, str], list[ExampleRow]] = {}
    for row in sorted(rows, key=lambda r: r.example_id):
        groups.setdefault((row.license_tier, split_name(row)), []).append(row)
    temporary = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    files: list[str] = []
    for (tier, split), members in sorted(groups.items(), key=lambda item: _order(*item[0])):
        files += _write_split(temporary / tier, split, members, form, thumbnails)
    counts = {f"{tier}/{split}": len(members) for (tier, split), members in groups.items()}
    (temporary / "README.md").write_text(_front_matter(groups, form) + card)
    (temporary / "NOTICE.md").write_text(_notice([row for members in groups.values() for row in members]))
    (temporary / "metadata.json").write_text(json.dumps({"format": form, "n_by_split": counts}, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)
    n_rows = sum(counts.values())
    return Exported(str(folder), ("README.md", "NOTICE.md", "metadata.json", *files), n_rows, counts)


def _order(tier: str, split: str) -> tuple[int, str]:
    return LICENSE_TIERS.index(tier), split


def _write_split(
    folder: Path, split: str, rows: Sequence[ExampleRow], form: ExportFormat, thumbnails: Mapping[str, bytes]
) -> list[str]:
    folder.mkdir(exist_ok=True)
    if form is not ExportFormat.HF:
        path = folder / f"{split}.jsonl"
        with path.open("wb") as file:
            for row in rows:
                document = {"messages": chat_messages(row)} if form is ExportFormat.CHAT else export_row(row)
                file.write(orjson.dumps(document) + b"\n")
        return [f"{folder.name}/{path.name}"]
    n_files = -(-len(rows) // ROWS_PER_FILE)
    names = []
    for index in range(n_files):
        chunk = rows[index * ROWS_PER_FILE : (index + 1) * ROWS_PER_FILE]
        name = f"{split}-{index:05d}-of-{n_files:05d}.parquet"
        records = [export_row(row) | {"image": _image(thumbnails.get(row.sha256))} for row in chunk]
        pq.write_table(pa.Table.from_pylist(records, schema=_SCHEMA), folder / name, compression="zstd")
        names.append(f"{folder.name}/{name}")
    return names


def _image(png: bytes | None) -> dict[str, Any] | None:
    return {"bytes": png, "path": None} if png else None


def _front_matter(groups: Iterable[tuple[str, str]], form: ExportFormat) -> str:
    """What the Hugging Face hub and `load_dataset` read from a README: configs, splits, files, tags."""
    suffix = "parquet" if form is ExportFormat.HF else "jsonl"
    lines = ["---", "pretty_name: CAD Copilot, text to OpenSCAD", "task_categories: [text-generation]"]
    lines += ["language: [en]", "tags: [openscad, cad, code, 3d]", "license: other", "configs:"]
    by_tier: dict[str, list[str]] = {}
    for tier, split in sorted(groups, key=lambda group: _order(*group)):
        by_tier.setdefault(tier, []).append(split)
    for tier, splits in by_tier.items():
        lines += [
            f"- config_name: {tier}",
            *(["  default: true"] if tier == next(iter(by_tier)) else []),
            "  data_files:",
        ]
        for split in splits:
            lines += [
                f"  - split: {split}",
                f"    path: {tier}/{split}{'-*' if form is ExportFormat.HF else ''}.{suffix}",
            ]
    return "\n".join((*lines, "---", "", ""))


def _notice(rows: Iterable[ExampleRow]) -> str:
    """The credits that the licences ask for."""
    credits = sorted({row.attribution for row in rows if row.attribution})
    lines = [
        "# Credits",
        "",
        "Designs by others, each under the licence named; `header` in a row keeps their notices.",
        "",
    ]
    return "\n".join((*lines, *(f"- {' '.join(line.split())}" for line in credits), ""))
