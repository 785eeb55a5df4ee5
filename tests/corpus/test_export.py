"""A version as files for others: what they open with, what they find there, and that nothing of theirs is deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from designs_made import example
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from corpus.export import Exported, ExportFormat, chat_messages, export_examples, export_row, split_name
from corpus.schema import ExampleRow, GeometrySpec, Turn

TURNS = (Turn("a cube", "cube(1);\n"), Turn("larger", "cube(2);\n"))
CREDIT = "Box by Ada (https://example.org/1), CC-BY-SA-4.0"
ROWS = [
    example(1),
    example(2, split="validation"),
    example(3, split="test", test_set="values"),
    example(4, kind="edit", edit_kind="vague", history=TURNS, prompt="taller – „bitte“\n", spec=GeometrySpec()),
    example(
        5, license_tier="share_alike", license_spdx="CC-BY-SA-4.0", tier="real", attribution=CREDIT, header="// Ada"
    ),
    example(6, license_tier="share_alike", license_spdx="CC-BY-SA-4.0", split="test", test_set="real", tier="real"),
]


def picture(color: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, "PNG")
    return buffer.getvalue()


THUMBNAILS = {row.sha256: picture("red") for row in ROWS[:-1]}


def export(folder: Path, form: ExportFormat, rows: list[ExampleRow] = ROWS, **changes: Any) -> Exported:
    known: dict[str, Any] = {"card": "# Card\n", "pictures": {}, "thumbnails": THUMBNAILS, "version": 7} | changes
    return export_examples(rows, folder, form=form, **known)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("form", list(ExportFormat))
def test_each_tier_has_a_folder_and_each_test_set_a_split(tmp_path: Path, form: ExportFormat) -> None:
    done = export(tmp_path / "out", form)
    assert done.n_rows == 6
    assert done.n_by_split == {
        "permissive/test_values": 1,
        "permissive/train": 2,
        "permissive/validation": 1,
        "share_alike/test_real": 1,
        "share_alike/train": 1,
    }
    assert set(done.files) == set(files(tmp_path / "out"))
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    document = json.loads((tmp_path / "out" / "metadata.json").read_text())
    assert (document["version"], document["format"], document["n_by_split"]) == (7, form, done.n_by_split)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_json_lines_say_all_that_is_known_of_an_example(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.JSONL)
    found = lines(tmp_path / "out" / "permissive" / "train.jsonl")
    assert found == [export_row(ROWS[0]), export_row(ROWS[3])]
    assert found[1]["history"] == [{"prompt": t.prompt, "scad": t.scad} for t in TURNS]
    assert (found[0]["size_mm"], found[1]["size_mm"]) == ([1.0, 1.0, 1.0], None)


def test_chat_lines_are_conversations_that_end_with_the_answer(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.CHAT)
    _, edit = lines(tmp_path / "out" / "permissive" / "train.jsonl")
    assert edit == {"messages": chat_messages(ROWS[3])}
    assert [m["role"] for m in edit["messages"]] == ["user", "assistant"] * 3
    assert [m["content"] for m in edit["messages"][::2]] == ["a cube", "larger", ROWS[3].prompt]
    assert edit["messages"][-1]["content"] == ROWS[3].scad


def test_parquet_has_the_same_rows_and_the_pictures(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.HF)
    (path,) = (tmp_path / "out" / "permissive").glob("train-*.parquet")
    records = pq.read_table(path).to_pylist()
    assert [{k: v for k, v in r.items() if k != "image"} for r in records] == [export_row(ROWS[0]), export_row(ROWS[3])]
    assert records[0]["image"]["bytes"] == picture("red")
    (path,) = (tmp_path / "out" / "share_alike").glob("test_real-*.parquet")
    assert pq.read_table(path).to_pylist()[0]["image"] is None


_LOAD = """
import sys
from datasets import load_dataset
for tier in ("permissive", "share_alike"):
    found = load_dataset(sys.argv[1], tier, cache_dir=sys.argv[2])
    print(tier, {name: len(rows) for name, rows in found.items()})
image = load_dataset(sys.argv[1], cache_dir=sys.argv[2])["train"][0]["image"]
print(type(image).__name__, image.size, image.getpixel((0, 0)))
"""


def test_datasets_opens_it_offline_with_every_split_and_the_picture_decoded(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.HF)
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-c", _LOAD, str(tmp_path / "out"), str(tmp_path / "cache")]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "permissive {'train': 2, 'validation': 1, 'test_values': 1}",
        "share_alike {'train': 1, 'test_real': 1}",
        "PngImageFile (8, 8) (255, 0, 0)",
    ], done.stderr


def test_the_front_matter_is_what_the_hub_reads(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.HF)
    text = (tmp_path / "out" / "README.md").read_text()
    _, front, card = text.split("---\n", 2)
    data = yaml.safe_load(front)
    assert card.strip() == "# Card"
    assert data["language"] == ["en"]
    assert (data["license"], data["license_name"], data["license_link"]) == ("other", "per-example", "NOTICE.md")
    assert [c["config_name"] for c in data["configs"]] == ["permissive", "share_alike"]
    assert [c.get("default", False) for c in data["configs"]] == [True, False]
    for config in data["configs"]:
        for entry in config["data_files"]:
            assert list((tmp_path / "out").glob(entry["path"])), entry


def test_the_notice_has_each_tiers_licences_and_credits(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.CHAT)
    permissive, share_alike = (tmp_path / "out" / "NOTICE.md").read_text().split("## share_alike")
    assert "- CC0-1.0: 4 examples" in permissive
    assert CREDIT not in permissive
    assert "- CC-BY-SA-4.0: 2 examples" in share_alike
    assert f"- {CREDIT}\n" in share_alike


def test_the_cards_pictures_lie_beside_it(tmp_path: Path) -> None:
    done = export(
        tmp_path / "out", ExportFormat.CHAT, card="![x](parts.png)\n", pictures={"parts.png": picture("blue")}
    )
    assert (tmp_path / "out" / "parts.png").read_bytes() == picture("blue")
    assert "parts.png" in done.files


def test_an_export_is_replaced_whole(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.JSONL)
    export(tmp_path / "out", ExportFormat.CHAT, ROWS[:1])
    assert set(files(tmp_path / "out")) == {"README.md", "NOTICE.md", "metadata.json", "permissive/train.jsonl"}


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    export(tmp_path / "a", ExportFormat.HF)
    export(tmp_path / "b", ExportFormat.HF, ROWS[::-1])
    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize(
    "content", [{"README.md": "# my project"}, {"metadata.json": "[]"}, {"metadata.json": "{"}, {"x": ""}]
)
def test_a_folder_that_is_no_export_is_left_alone(tmp_path: Path, content: dict[str, str]) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    before = files(tmp_path)
    with pytest.raises(ValueError, match="no export"):
        export(tmp_path, ExportFormat.CHAT)
    assert files(tmp_path) == before


def test_a_file_is_no_folder_and_an_empty_one_will_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="no export"):
        export(tmp_path / "file", ExportFormat.CHAT)
    (tmp_path / "empty").mkdir()
    assert export(tmp_path / "empty", ExportFormat.CHAT).n_rows == 6


def test_what_fails_half_way_leaves_the_former_export(tmp_path: Path) -> None:
    export(tmp_path / "out", ExportFormat.JSONL)
    before = files(tmp_path / "out")
    broken = [*ROWS[:2], example(8, prompt="\ud800")]
    with pytest.raises((TypeError, ValueError)):
        export(tmp_path / "out", ExportFormat.JSONL, broken)
    assert files(tmp_path / "out") == before
    export(tmp_path / "out", ExportFormat.JSONL)  # what was left lying about is in nobody's way
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_no_rows_are_no_export(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no example"):
        export(tmp_path / "out", ExportFormat.CHAT, [])
    assert list(tmp_path.iterdir()) == []


@given(st.sampled_from(("train", "validation", "test")), st.sampled_from((None, "values", "real")))
def test_only_a_test_row_is_in_a_test_split(split: str, test_set: str | None) -> None:
    name = split_name(example(1, split=split, test_set=test_set))
    assert name.startswith("test") == (split == "test")
    assert name == (f"test_{test_set}" if split == "test" and test_set else split)
