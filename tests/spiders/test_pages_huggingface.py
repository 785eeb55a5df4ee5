"""A data set's answers, cells and tables: the shapes there are, and what is made of broken ones."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.schema import Author
from spiders.pages.cells import CellFile, unwrap
from spiders.pages.huggingface import (
    ParquetFile,
    RowSource,
    columns_of,
    parse_listing,
    parse_rows,
    parse_splits,
    read_row,
)
from spiders.pages.parquet import MAX_CELL_BYTES, open_parquet
from tests.spiders.test_pages_fields import ANY_JSON

FILE = {"dataset": "o/d", "config": "default", "split": "train", "url": "https://hub.example/0000.parquet", "size": 9}
NAMES = ("id", "name", "description", "scad", "fakeprompt", "creator", "license", "public_url", "tags")
VALUES = {
    "id": 7,
    "name": "Hook",
    "description": "A hook.\r\nFor coats.",
    "scad": "cube(1);",
    "fakeprompt": "make a hook",
    "creator": "ann",
    "license": "Creative Commons - Attribution",
    "public_url": "https://www.thingiverse.com/thing:7",
    "tags": ["hook", "wall"],
}
SOURCE_LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="`~:"), max_size=20)
SOURCE = st.lists(SOURCE_LINE, min_size=1, max_size=5).map("\n".join).filter(str.strip)


def row_of(dataset: str = "o/d", cut: frozenset[str] = frozenset(), **changes: Any) -> Any:
    return read_row({**VALUES, **changes}, columns_of(NAMES), dataset=dataset, cut=cut)


def table_of(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


@given(st.lists(SOURCE, min_size=1, max_size=4))
def test_fenced_files_come_out_of_their_cell_as_they_went_in(sources: list[str]) -> None:
    cell = "\n\n".join(f"part {n}.scad:\n```\n{source}\n```" for n, source in enumerate(sources))
    files = unwrap(cell)
    assert [(file.name, file.text) for file in files] == [(f"part {n}.scad", f"{s}\n") for n, s in enumerate(sources)]
    how = "unfenced" if len(sources) == 1 else f"unwrapped {len(sources)} files"
    assert all(file.transformations == (how,) for file in files)


@given(st.text(st.sampled_from("`~:.\n\r ascd/\\#*{")) | st.text())
def test_any_cell_gives_files_with_distinct_bare_names(cell: str) -> None:
    files = unwrap(cell)
    names = [file.name for file in files if file.name is not None]
    assert len(set(names)) == len(names)
    assert not any("/" in name or "\\" in name or name in ("", ".", "..") for name in names)
    assert bool(files) <= bool(cell.strip())


def test_a_cell_without_fences_is_one_file_without_a_name() -> None:
    assert unwrap("cube(1);\n// ``` is no fence here\n") == (CellFile(None, "cube(1);\n// ``` is no fence here\n"),)


def test_a_file_name_above_bare_source_is_its_name_and_no_part_of_it() -> None:
    assert unwrap("hook.scad:\ncube(1);") == (CellFile("hook.scad", "cube(1);", ("removed the file name above",)),)


@pytest.mark.parametrize("header", ["a.scad:", "**a.scad**:", "`a.scad:`", "### a.scad", "a.scad:\n", "x/../a.scad:"])
def test_a_file_name_is_read_in_whatever_markup_it_stands(header: str) -> None:
    assert [file.name for file in unwrap(f"{header}\n```openscad\ncube(1);\n```")] == ["a.scad"]


def test_a_fence_that_never_closes_ends_with_the_cell_or_where_the_next_file_begins() -> None:
    first, second = unwrap("a.scad:\n```\ncube(1);\nb.scad:\n```\ncube(2);")
    assert (first.name, first.text, second.name, second.text) == ("a.scad", "cube(1);\n", "b.scad", "cube(2);\n")
    assert all("ended a fence left open" in file.transformations for file in (first, second))


def test_files_of_one_name_are_told_apart_and_other_files_are_no_designs() -> None:
    files = unwrap("a.scad:\n```\ncube(1);\n```\na.scad:\n```\ncube(2);\n```\nreadme.md:\n```\nhi\n```\n")
    assert [(file.name, file.is_scad) for file in files] == [("a.scad", True), ("a-2.scad", True), ("readme.md", False)]
    assert files[0].transformations == ("unwrapped 2 files",)


def test_fences_in_the_tens_of_thousands_take_no_longer_than_their_length() -> None:
    assert len(unwrap("a.scad:\n```\ncube(1);\n" * 50_000)) == 200


def test_a_listing_is_whole_only_if_nothing_is_pending_failed_or_partial() -> None:
    whole = {"parquet_files": [FILE], "pending": [], "failed": [], "partial": False}
    listing = parse_listing(whole)
    assert listing is not None
    assert listing.files == (ParquetFile("default", "train", "https://hub.example/0000.parquet", 9),)
    assert listing.is_whole
    lacks: tuple[dict[str, Any], ...] = ({"pending": [{}]}, {"failed": [{}]}, {"partial": True}, {"parquet_files": []})
    for lack in lacks:
        assert not getattr(parse_listing({**whole, **lack}), "is_whole", True)
    assert not getattr(parse_listing({**whole, "parquet_files": [FILE, {"url": "ftp://x/y"}]}), "is_whole", True)


def test_splits_and_pages_of_rows_are_read() -> None:
    assert parse_splits({"splits": [{"config": "c", "split": "s"}] * 2}) == (RowSource("c", "s"),)
    data = {
        "features": [{"name": "scad"}, {"name": "name"}],
        "rows": [{"row_idx": 0, "row": {"scad": "x", "name": "n"}, "truncated_cells": ["scad"]}, {"row": None}],
        "num_rows_total": 2,
    }
    page = parse_rows(data)
    assert page is not None
    assert (page.names, page.n_rows, page.n_total) == (("scad", "name"), 2, 2)
    assert page.rows == (({"scad": "x", "name": "n"}, frozenset({"scad"})),)


@given(ANY_JSON, ANY_JSON)
def test_any_answer_is_read_or_refused(value: Any, inner: Any) -> None:
    for data in (value, {"parquet_files": [value], "splits": [value], "rows": [value]}, {"rows": [{"row": value}]}):
        parse_listing(data)
        assert all(split.config and split.split for split in parse_splits(data))
        parse_rows(data)
    read_row(dict.fromkeys(NAMES, inner), columns_of(NAMES), dataset="o/d")


def test_columns_are_found_by_likely_names_in_any_case() -> None:
    assert columns_of(["ThingID", "Name", "SCAD", "Licence", "x"]) == {
        "scad": "SCAD",
        "title": "Name",
        "thing_id": "ThingID",
        "license": "Licence",
    }
    assert "scad" not in columns_of(["text", "label"])


def test_a_row_is_read_whole() -> None:
    row = row_of()
    listing = row.listing
    assert (row.thing_id, row.cell, listing.title, listing.description) == (
        "7",
        "cube(1);",
        "Hook",
        "A hook.\nFor coats.",
    )
    assert (listing.description_kind, listing.author, listing.tags) == ("author", Author(name="ann"), ("hook", "wall"))
    assert (listing.license.spdx, listing.license.scope, listing.license.confidence) == ("CC-BY-4.0", "item", "assumed")
    assert listing.source_url == "https://www.thingiverse.com/thing:7"


def test_a_made_up_prompt_describes_only_where_the_author_does_not_and_says_so() -> None:
    assert row_of(description=" ").listing.description == "make a hook"
    assert row_of(description=None).listing.description_kind == "synthetic"
    assert row_of(fakeprompt=None, description=None).listing.description is None


@pytest.mark.parametrize("words", [None, "", "  ", "Other", 5, ["MIT"], {"name": "MIT"}])
def test_a_row_without_a_licence_that_is_understood_asserts_none(words: Any) -> None:
    assert row_of(license=words).listing.license.spdx == "NOASSERTION"


def test_a_non_commercial_licence_stays_what_it_is() -> None:
    license = row_of(license="Creative Commons - Attribution - Non-Commercial - Share Alike").listing.license
    assert license.spdx == "CC-BY-NC-SA-4.0"


def test_an_id_is_a_things_only_where_the_row_or_the_data_set_says_thingiverse() -> None:
    assert row_of(public_url=None).thing_id is None
    assert row_of("o/thingiverse-d", public_url=None).thing_id == "7"
    assert row_of(id=None).thing_id == "7"
    assert row_of(id=None, public_url="https://example.org/thing:7").thing_id is None
    assert row_of("o/thingiverse-d", id=0, public_url=None).thing_id is None


def test_the_key_follows_the_source_alone_and_the_version_every_word() -> None:
    row, renamed, recut = row_of(), row_of(name="Peg"), row_of(scad="cube(2);")
    assert row.key == renamed.key != recut.key
    assert len({row.version, renamed.version, recut.version, row_of().version}) == 3


def test_a_cut_cell_is_said_and_other_cut_cells_are_left_out() -> None:
    assert row_of(cut=frozenset({"scad"})).is_cell_cut
    row = row_of(cut=frozenset({"description"}))
    assert (row.is_cell_cut, row.is_partial, row.listing.description) == (False, True, "make a hook")


@pytest.mark.parametrize("scad", [None, "", " \n", 5, ["cube(1);"]])
def test_a_source_that_is_none_leaves_the_words(scad: Any) -> None:
    row = row_of(scad=scad)
    assert (row.cell, row.listing.title) == (None, "Hook")
    assert row_of(scad=scad, name=None) is None


def test_a_table_gives_every_row_with_the_columns_asked_for() -> None:
    table = open_parquet(table_of({"a": list(range(1000)), "b": ["x"] * 1000, "c": [0] * 1000}, row_group_size=300))
    assert table is not None
    assert (table.n_rows, table.names) == (1000, ("a", "b", "c"))
    assert list(table.rows(["a", "b"])) == [{"a": n, "b": "x"} for n in range(1000)]


def test_a_value_that_is_not_utf8_is_none_and_its_neighbours_stay() -> None:
    raw = pa.array([b"ok", b"\xff\xfe", b"fine"], pa.binary()).view(pa.string())
    table = open_parquet(table_of({"a": raw}))
    assert table is not None
    assert [row["a"] for row in table.rows(["a"])] == ["ok", None, "fine"]


def test_a_damaged_part_of_a_table_costs_its_rows_only() -> None:
    rows = {"a": [json.dumps([n] * 50) for n in range(300)]}
    body = bytearray(table_of(rows, row_group_size=100, compression="zstd", use_dictionary=False))
    middle = pq.ParquetFile(io.BytesIO(body)).metadata.row_group(1).column(0)
    start = middle.data_page_offset
    body[start : start + middle.total_compressed_size] = b"\xff" * middle.total_compressed_size
    table = open_parquet(bytes(body))
    assert table is not None
    assert [row["a"] for row in table.rows(["a"])] == rows["a"][:100] + rows["a"][200:]


@pytest.mark.parametrize("body", [b"", b"PAR1", b"PAR1" + b"\x00" * 40 + b"PAR1", b"<html>no</html>"])
def test_what_is_no_table_is_none(body: bytes) -> None:
    assert open_parquet(body) is None


def test_a_damaged_column_name_makes_a_table_none() -> None:
    body = table_of({"sources": ["cube(1);"]})
    assert open_parquet(body.replace(b"sources", b"sour\xffes")) is None


@pytest.mark.parametrize("kind", [pa.string(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())])
def test_a_cell_too_large_is_none_and_counted(kind: pa.DataType) -> None:
    table = open_parquet(table_of({"a": pa.array(["x" * (MAX_CELL_BYTES + 1), "y", None]).cast(kind)}))
    assert table is not None
    small = b"y" if kind == pa.large_binary() else "y"
    assert [row["a"] for row in table.rows(["a"])] == [None, small, None]
    assert table.n_cells_too_large == 1


def test_a_list_too_large_is_none() -> None:
    table = open_parquet(table_of({"a": [["x" * MAX_CELL_BYTES], ["y"]]}))
    assert table is not None
    assert [row["a"] for row in table.rows(["a"])] == [None, ["y"]]


def test_rows_beyond_the_most_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.pages.parquet._MAX_ROWS", 100)
    table = open_parquet(table_of({"a": list(range(300))}, row_group_size=70))
    assert table is not None
    assert [row["a"] for row in table.rows(["a"])] == list(range(100))
    assert table.n_rows == 300


def test_a_table_of_too_many_bytes_ends_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiders.pages.parquet._MAX_TABLE_BYTES", 1000)
    table = open_parquet(table_of({"a": ["x" * 100] * 300}))
    assert table is not None
    assert len(list(table.rows(["a"]))) == 10
