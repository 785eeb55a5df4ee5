"""A replayed Hugging Face: the dataset viewer's API, Parquet files on the hub, and the CDN that the hub sends on to.

One data set has Parquet files, in two shards; those of the other are still being made, so it is had by pages of rows
with cells cut short. The hub shares the API's host here: both are Hugging Face's own and may see its token; the CDN
has a host of its own and may not.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from aiohttp import web

from tests.replay.site import Faults, Limit, Planted, Site
from tests.replay.tables import COLUMNS, TableRow, plant_rows

__all__ = ["HuggingFace"]

_TABLE = "replay/thingiverse-openscad"
_PAGED = "replay/more-openscad"
_FULL_SIZE = 7378
_PAGED_ROWS = 230
_N_SHARDS = 2
_CUT_ROW = 30
_CUT_CHARS = 100
_SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        *((name, pa.string()) for name in COLUMNS[1:-1]),
        ("tags", pa.list_(pa.string())),
    ]
)


class HuggingFace(Site):
    name = "huggingface"
    spider_names = ("huggingface",)
    hosts = ("api", "cdn")

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        super().__init__(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)
        self._rng = random.Random(f"huggingface {seed}")
        paged = plant_rows(_PAGED_ROWS, self._rng, first_thing=3_000_000)
        paged[_CUT_ROW].is_cut = True
        self.rows = {_TABLE: plant_rows(max(60, round(_FULL_SIZE * scale)), self._rng), _PAGED: paged}
        self.revisions = dict.fromkeys(self.rows, 1)
        self.hub_body: bytes | None = None
        """What the CDN has in place of every Parquet file; empty: it has none."""
        self._n_refused = 0
        self._shards: dict[str, tuple[bytes, str]] = {}
        self._n_added = 0
        self._moments = itertools.count(1_800_000_000)

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        if request.path == "/robots.txt":
            # a bucket has none and says so in its own way
            return web.Response(status=403, text="<Error/>") if host == "cdn" else web.Response(status=404)
        if host == "cdn":
            return self._shard(request)
        if request.path.startswith("/datasets/"):
            return self._hub(request)
        dataset = request.query.get("dataset", "")
        if dataset not in self.rows:
            return _refused(401, "ExternalUnauthenticatedError")
        answers = {"/parquet": self._parquet, "/splits": self._splits, "/rows": self._rows}
        if request.path not in answers:
            return _refused(404, "NotFound")
        if dataset == _TABLE and self._n_refused == 0:
            self._n_refused += 1
            return _refused(500, "ResponseNotReady")
        return web.json_response(
            answers[request.path](dataset, request), headers={"X-Revision": f"r{self.revisions[dataset]}"}
        )

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("api", 500, 300, style="retry_after_seconds"),)

    def planted(self) -> list[Planted]:
        return [
            Planted(
                spider="huggingface",
                source=row.source,
                source_item_id=row.item_id(dataset),
                path=expected.path,
                title=row.values["name"],
                description=row.values["description"] or row.values["fakeprompt"],
                license_spdx=row.license_spdx,
                scad_sha256=hashlib.sha256(expected.scad.encode()).hexdigest() if expected.scad is not None else None,
                author=row.values["creator"],
                description_kind="author" if row.values["description"] else "synthetic",
            )
            for dataset, rows in self.rows.items()
            for row in rows
            if not row.is_cut
            for expected in row.expected
        ]

    def change(self, share: float) -> None:
        """A new revision of the table; of its rows a share gets a new description, one goes and one comes.

        A share of 0 changes no row: a revision may be about a README.
        """
        self.revisions[_TABLE] += 1
        rows = self.rows[_TABLE]
        n_changed = round(len(rows) * share)
        if not n_changed:
            return
        for index in self._rng.sample(range(20, len(rows) - 2), n_changed):
            rows[index].values["description"] = f"Better now, revision {self.revisions[_TABLE]}, row {index}."
        del rows[15]
        self._n_added += 1
        rows.insert(18, plant_rows(32, self._rng, first_thing=4_000_000 + 100 * self._n_added)[29])
        self._shards.clear()

    def spider_arguments(self, spider: str) -> dict[str, str]:
        return {
            "base_url": self.urls["api"],
            "files_url": self.urls["api"],
            "datasets": f"{_TABLE},{_PAGED}",
        }

    def environment(self, spider: str) -> dict[str, str]:
        return {"HF_TOKEN": "REPLAY-SECRET-huggingface"}

    def _parquet(self, dataset: str, request: web.Request) -> dict[str, Any]:
        if dataset == _PAGED:
            pending = [{"dataset": dataset, "config": "default", "split": "train"}]
            return {"parquet_files": [], "pending": pending, "failed": [], "partial": False}
        folder = f"{self.urls['api']}/datasets/{dataset}/resolve/refs%2Fconvert%2Fparquet/default/train"
        files = [
            {
                "dataset": dataset,
                "config": "default",
                "split": "train",
                "url": f"{folder}/{n:04}.parquet",
                "filename": f"{n:04}.parquet",
                "size": len(self._shard_bytes(f"{n:04}.parquet")[0]),
            }
            for n in range(_N_SHARDS)
        ]
        return {"parquet_files": files, "pending": [], "failed": [], "partial": False}

    def _splits(self, dataset: str, request: web.Request) -> dict[str, Any]:
        return {
            "splits": [{"dataset": dataset, "config": "default", "split": "train"}],
            "pending": [],
            "failed": [],
        }

    def _rows(self, dataset: str, request: web.Request) -> dict[str, Any]:
        offset, length = int(request.query.get("offset", "0")), min(100, int(request.query.get("length", "100")))
        rows = self.rows[dataset]
        return {
            "features": [
                {"feature_idx": index, "name": name, "type": {"dtype": "string", "_type": "Value"}}
                for index, name in enumerate(COLUMNS)
            ],
            "rows": [_cell_row(index, row) for index, row in enumerate(rows)][offset : offset + length],
            "num_rows_total": len(rows),
            "num_rows_per_page": 100,
            "partial": False,
        }

    def _hub(self, request: web.Request) -> web.StreamResponse:
        name = request.path.rpartition("/")[2]
        etag = self._shard_bytes(name)[1]
        headers = {
            "Location": f"{self.urls['cdn']}/{name}?Expires={next(self._moments)}&Signature=signed",
            "X-Linked-ETag": f'"{etag}"',
        }
        return web.Response(status=302, headers=headers)

    def _shard(self, request: web.Request) -> web.StreamResponse:
        if self.hub_body is not None:
            return web.Response(body=self.hub_body, status=200 if self.hub_body else 404)
        body, etag = self._shard_bytes(request.path.rpartition("/")[2])
        headers = {"ETag": f'"{etag}"', "Content-Type": "application/octet-stream"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers)

    def _shard_bytes(self, name: str) -> tuple[bytes, str]:
        """(bytes, hash) of a shard: the first has the first half of the rows."""
        if name not in self._shards:
            rows = self.rows[_TABLE]
            half = len(rows) // 2
            part = rows[:half] if name.startswith("0000") else rows[half:]
            sink = io.BytesIO()
            pq.write_table(
                pa.Table.from_pylist([row.values for row in part], schema=_SCHEMA), sink, row_group_size=1000
            )
            body = sink.getvalue()
            self._shards[name] = body, hashlib.sha256(body).hexdigest()
        return self._shards[name]


def _cell_row(index: int, row: TableRow) -> dict[str, Any]:
    values = dict(row.values)
    if row.is_cut:
        values["scad"] = values["scad"][:_CUT_CHARS]
    return {"row_idx": index, "row": values, "truncated_cells": ["scad"] if row.is_cut else []}


def _refused(status: int, code: str) -> web.Response:
    return web.Response(
        status=status,
        text=json.dumps({"error": "The server is busier than usual." if status == 500 else "Not to be had."}),
        content_type="application/json",
        headers={"X-Error-Code": code},
    )
