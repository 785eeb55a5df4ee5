"""A version of the data set as files for others: Hugging Face's layout, JSON lines, or chat lines.

One folder a licence tier, one file a split; a test set is a split of its own, so nobody mixes them up. Licence and
credit stand in every row, and NOTICE.md lists the credits. Covers writing to a local folder; the card's text is
`corpus.card`'s.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
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
_FIELDS: list[tuple[str, pa.DataType]] = [
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


def _feature(kind: pa.DataType) -> Any:
    """A column's type in the words of `datasets`."""
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]  # as every version reads it; `List` came with the fourth
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"_type": "Value", "dtype": {"double": "float64"}.get(str(kind), str(kind))}


_INFO = {
    "info": {"features": {name: {"_type": "Image"} if name == "image" else _feature(kind) for name, kind in _FIELDS}}
}
_SCHEMA = pa.schema(_FIELDS, metadata={"huggingface": json.dumps(_INFO)})
"""`datasets` reads from the metadata that `image` is a picture."""


def export_examples(
    rows: Iterable[ExampleRow],
    folder: Path,
    *,
    form: ExportFormat,
    card: str,
    pictures: Mapping[str, bytes],
    thumbnails: Mapping[str, bytes],
    version: int,
) -> Exported:
    """Writes the rows of a version below `folder`, which appears whole or not at all; an export there is replaced.

    `pictures` are the card's, by name; `thumbnails` by sha256, for `hf`. Raises OSError; ValueError for a folder that
    holds something else.
    """
    folder = folder.resolve()
    _check_replaceable(folder)
    groups: dict[tuple[str, str], list[ExampleRow]] = {}
    for row in sorted(rows, key=lambda r: r.example_id):
        groups.setdefault((row.license_tier, split_name(row)), []).append(row)
    if not groups:
        raise ValueError("no example of these tiers")
    temporary, former = folder.with_name(f".{folder.name}.tmp"), folder.with_name(f".{folder.name}.old")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    files: list[str] = []
    for (tier, split), members in sorted(groups.items(), key=lambda item: _order(*item[0])):
        files += _write_split(temporary / tier, split, members, form, thumbnails)
    counts = {f"{tier}/{split}": len(members) for (tier, split), members in groups.items()}
    document = {"made_by": _MADE_BY, "version": version, "format": form, "n_by_split": counts}
    (temporary / "README.md").write_text(_front_matter(groups, form) + card, encoding="utf-8")
    (temporary / "NOTICE.md").write_text(_notice([row for members in groups.values() for row in members]), "utf-8")
    for name, content in pictures.items():
        (temporary / name).write_bytes(content)
    (temporary / _MARK).write_text(json.dumps(document, indent=1) + "\n")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    temporary.rename(folder)
    shutil.rmtree(former, ignore_errors=True)
    names = ("README.md", "NOTICE.md", _MARK, *sorted(pictures), *files)
    return Exported(str(folder), names, sum(counts.values()), dict(sorted(counts.items())))


_MARK = "metadata.json"
_MADE_BY = "cad-copilot dataset export"


def _check_replaceable(folder: Path) -> None:
    """Raises ValueError unless the folder is absent, empty, or an export of ours: all in it is going to be deleted."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        made_by = json.loads((folder / _MARK).read_text(encoding="utf-8")).get("made_by")
    except (OSError, ValueError, AttributeError):
        made_by = None
    if made_by != _MADE_BY:
        raise ValueError(f"{folder} holds something that is no export: choose a new folder")


def _order(tier: str, split: str) -> tuple[int, int, str]:
    return (
        LICENSE_TIERS.index(tier),
        ("train", "validation").index(split) if split in ("train", "validation") else 2,
        split,
    )


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
    lines = ["---", "pretty_name: CAD Copilot, text to OpenSCAD", "task_categories:", "- text-generation"]
    lines += ["language:", "- en", "tags:", *(f"- {tag}" for tag in ("openscad", "cad", "code", "3d", "synthetic"))]
    lines += ["license: other", "license_name: per-example", "license_link: NOTICE.md", "configs:"]
    by_tier: dict[str, list[str]] = {}
    for tier, split in sorted(groups, key=lambda group: _order(*group)):
        by_tier.setdefault(tier, []).append(split)
    for tier, splits in by_tier.items():
        lines += [f"- config_name: {tier}"]
        lines += ["  default: true"] if tier == next(iter(by_tier)) else []
        lines += ["  data_files:"]
        for split in splits:
            path = f"{tier}/{split}{'-*' if form is ExportFormat.HF else ''}.{suffix}"
            lines += [f"  - split: {split}", f"    path: {path}"]
    return "\n".join((*lines, "---", "", ""))


def _notice(rows: Sequence[ExampleRow]) -> str:
    """The licences of each tier, and the credits that they ask for."""
    lines = ["# Licences and credits", "", "Each row names its licence; `header` keeps the notices of its source."]
    for tier in sorted({row.license_tier for row in rows}, key=LICENSE_TIERS.index):
        members = [row for row in rows if row.license_tier == tier]
        counts = Counter(row.license_spdx for row in members)
        lines += ["", f"## {tier}", "", *(f"- {name}: {n} examples" for name, n in sorted(counts.items()))]
        credits = sorted({row.attribution for row in members if row.attribution and row.kind == "design"})
        lines += ["", "Designs by others, changed where `edit_kind` is set:", ""] if credits else []
        lines += [f"- {line}" for line in credits]
    return "\n".join((*lines, ""))
