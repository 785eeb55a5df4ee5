"""A JSON-lines file of prompts with the geometry that each asks for, as test examples.

A line holds `prompt_id`, `spec` (`size_mm`, `volume_mm3`, `n_components`, `genus`; null where the prompt leaves it
open) and either `prompt` or `messages` (user and assistant in turn, ending with the request); `reference` (a source
that is right), `kind` and `edit_kind` are optional. The file's name without its ending is the name of the test set.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from corpus.normalize import content_key
from corpus.schema import ExampleRow, GeometrySpec, Turn

__all__ = ["PromptsUnusable", "read_prompts"]

_SPEC_KEYS = ("size_mm", "volume_mm3", "n_components", "genus")


class PromptsUnusable(ValueError):
    """A file of prompts that can't be read; the message names file, line and what is wrong."""


def read_prompts(path: Path) -> list[ExampleRow]:
    """The prompts of a file, in order. Raises PromptsUnusable."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PromptsUnusable(f"{path}: {error}; give a UTF-8 file of JSON lines") from error
    rows: list[ExampleRow] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _row(json.loads(line), test_set=path.stem)
            if row.example_id in seen:
                raise ValueError(f"prompt_id {row.example_id!r} stands there twice")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise PromptsUnusable(f"{path}, line {number}: {what}; see docs/evaluation.md") from error
        seen.add(row.example_id)
        rows.append(row)
    if not rows:
        raise PromptsUnusable(f"{path} holds no prompts")
    return rows


def _row(values: dict[str, Any], *, test_set: str) -> ExampleRow:
    prompt, history = _conversation(values)
    reference = str(values.get("reference") or "")
    return ExampleRow(
        example_id=str(values["prompt_id"]),
        sha256=content_key(reference),
        prompt=prompt,
        scad=reference,
        split="test",
        cluster_id=str(values["prompt_id"]),
        tier="benchmark",
        prompt_kind="author",
        source=test_set,
        license_spdx="NOASSERTION",
        license_tier="permissive",
        engine_id="",
        spec=_spec(values["spec"]),
        kind="edit" if history else "design",
        history=history,
        edit_kind=values.get("edit_kind"),
        test_set=test_set,
        family=values.get("kind"),
    )


def _conversation(values: dict[str, Any]) -> tuple[str, tuple[Turn, ...]]:
    if "messages" not in values:
        return str(values["prompt"]), ()
    messages = [(str(m["role"]), str(m["content"])) for m in values["messages"]]
    roles = [role for role, _ in messages]
    if roles != ["user", "assistant"] * (len(roles) // 2) + ["user"]:
        raise ValueError("messages must be user and assistant in turn, and end with the user's request")
    texts = [content for _, content in messages]
    return texts[-1], tuple(Turn(asked, scad) for asked, scad in zip(texts[:-1:2], texts[1::2], strict=True))


def _spec(values: dict[str, Any]) -> GeometrySpec:
    unknown = sorted(set(values) - set(_SPEC_KEYS))
    if unknown:
        raise ValueError(f"spec has {unknown[0]!r}; it may hold {', '.join(_SPEC_KEYS)}")
    size = values.get("size_mm")
    if size is not None and len(size) != 3:
        raise ValueError(f"spec.size_mm={size} must be three numbers")
    spec = GeometrySpec(
        size_mm=None if size is None else tuple(float(side) for side in size),
        volume_mm3=None if values.get("volume_mm3") is None else float(values["volume_mm3"]),
        n_components=values.get("n_components"),
        genus=values.get("genus"),
    )
    if spec == GeometrySpec():
        raise ValueError("spec says nothing that can be measured")
    return spec
