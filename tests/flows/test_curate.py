"""Planning and doing in batches, whatever was done before and wherever the tables lie."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import botocore.session
import pytest
from designs import crawled_rows
from moto.server import ThreadedMotoServer

from corpus.cleaned import crawled_id
from corpus.schema import TABLES
from corpus.store import Store
from flows import batches
from flows.batches import Batch, plan, run_batch
from flows.curate_here import curate_here
from flows.settings import Settings, load_settings


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    """The starter's recipe in two parts, and a deadline that hangs on no load."""
    return load_settings({}, data_dir=data_dir, n_synth=1, n_test_prompts=1, compile_timeout_seconds=120.0)


def rows_of(root: str | Path) -> dict[str, tuple[int, str]]:
    """Number and hash of each table's rows."""
    store = Store(root)
    manifests = {table: store.manifest(table) for table in TABLES}
    return {table: (m.n_rows, m.content_hash) for table, m in manifests.items() if m is not None}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_is_planned_as_before_whichever_batches_are_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 3)
    store, rng = Store(settings.tables_root), random.Random(seed)
    for part in range(2):
        store.append("crawled", crawled_rows(5, seed=part))
    planned = plan(settings, "clean")
    assert [batch.n for batch in planned] == [3, 3, 3, 3, 3, 2]
    done = rng.sample(planned, 3)
    for batch in done:
        assert run_batch(settings, batch) == batch.n
        assert run_batch(settings, batch) == batch.n, "a batch that another worker has done already"
    assert plan(settings, "clean") == [batch for batch in planned if batch not in done]
    for batch in plan(settings, "clean"):
        run_batch(settings, batch)
    assert plan(settings, "clean") == []
    cleaned = [row.crawled_id for row in store.rows("cleaned")]
    assert sorted(cleaned) == sorted(crawled_id(row) for row in store.rows("crawled"))


def test_a_batch_reads_its_own_rows_of_a_part_that_has_several_groups(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 4)
    monkeypatch.setattr("corpus.store_parts.ROWS_PER_GROUP", 6)
    store = Store(settings.tables_root)
    store.append("crawled", crawled_rows(10))
    for batch in reversed(plan(settings, "clean")):
        assert run_batch(settings, batch) == batch.n
        found = {row.crawled_id for row in store.rows("cleaned")}
        assert found >= set(batch.keys)
    assert len(store.keys("cleaned")) == len(store.keys("crawled")) == 17


def test_a_source_that_two_tables_and_two_parts_hold_is_planned_once(settings: Settings) -> None:
    full = replace(settings, recipe="full", n_synth=3, n_chains=2)
    store = Store(full.tables_root)
    rows = list(crawled_rows(6))
    store.append("crawled", rows[:9])
    store.append("crawled", [replace(row, record_id=f"again {row.record_id}") for row in rows])
    for stage in ("clean", "synthesize"):
        for batch in plan(full, stage):
            run_batch(full, batch)
    for stage in ("compile", "sketch"):
        keys = [key for batch in plan(full, stage) for key in batch.keys]
        assert len(keys) == len(set(keys)) > 20
        texts = {turn.scad for row in store.rows("synthetic") for turn in row.history}
        assert len(texts) > 2, "the earlier answers of conversations are sources too"


def test_a_design_with_companions_is_compiled_beside_its_flattened_source(settings: Settings) -> None:
    store = Store(settings.tables_root)
    store.append("crawled", crawled_rows(0))
    for batch in plan(settings, "clean"):
        run_batch(settings, batch)
    rings = {row.record_id: row.sha256 for row in store.rows("crawled") if row.companions}
    flattened = {row.record_id for row in store.rows("cleaned") if row.is_flattened}
    planned = {batch.table: set(batch.keys) for batch in plan(settings, "compile")}
    assert len(rings) == 2
    assert flattened == set(rings)
    assert planned["crawled"] == set(rings.values())
    assert planned["cleaned"].isdisjoint(planned["crawled"])


def test_another_recipe_asks_for_its_own_shards_and_leaves_the_others_edits_alone(settings: Settings) -> None:
    store = Store(settings.tables_root)
    full = replace(settings, recipe="full", n_chains=0, n_synth=2)
    first = plan(settings, "synthesize")
    assert {batch.table.split("-")[0] for batch in first} == {"starter"}
    run_batch(settings, first[0])
    assert plan(settings, "synthesize") == first[1:]
    assert {batch.table.split("-")[0] for batch in plan(full, "synthesize")} == {"full"}
    assert plan(replace(settings, seed=1), "synthesize") != first
    assert plan(settings, "rework") == []
    assert store.keys("synthetic")


def test_a_batch_without_its_part_is_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="needs a part"):
        run_batch(settings, Batch("clean", "crawled", ("x",)))


def test_a_refresh_compiles_what_is_new_and_keeps_the_parts_of_the_rest(settings: Settings) -> None:
    store = Store(settings.tables_root)
    store.append("crawled", crawled_rows(3))
    first = curate_here(settings)
    before = store.manifest("examples")
    assert curate_here(settings) == replace(first, n_compiled_now=0)
    store.append(
        "crawled", [replace(row, record_id="new") for row in crawled_rows(1, seed=9) if "part" in row.record_id]
    )
    second = curate_here(settings)
    after = store.manifest("examples")
    assert before is not None
    assert after is not None
    assert second.n_compiled_now == 1
    assert second.version == first.version + 1
    assert second.n_examples > first.n_examples
    assert len(set(before.parts) - set(after.parts)) <= 1


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that speaks S3 on loopback, and the environment that leads there."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    environment = {"ENDPOINT_URL": "http://{}:{}".format(*server.get_host_and_port()), "ACCESS_KEY_ID": "testing"}
    environment |= {"SECRET_ACCESS_KEY": "geheim", "DEFAULT_REGION": "us-east-1", "EC2_METADATA_DISABLED": "true"}
    for name, value in environment.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    botocore.session.get_session().create_client("s3").create_bucket(Bucket="bucket")
    yield "bucket"
    server.stop()


def test_tables_on_s3_hold_the_rows_of_tables_in_a_folder(settings: Settings, bucket: str) -> None:
    there = replace(settings, tables_url=f"s3://{bucket}/tables")
    for root in (settings.tables_root, there.tables_root):
        Store(root).append("crawled", crawled_rows(3))
    report = curate_here(settings)
    assert curate_here(there) == report
    assert rows_of(there.tables_root) == rows_of(settings.tables_root)
    assert [problem for table in TABLES for problem in Store(there.tables_root).verify(table)] == []
    assert curate_here(there) == replace(report, n_compiled_now=0)
