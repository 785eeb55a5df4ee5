"""`cad-copilot dataset build | export | verify | leaks`: make the data set, hand it on, check it."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.names import RecipeName
from flows.cli_output import DataDir, Json, emit, fail
from flows.cli_tables import add_table_commands
from flows.exit_codes import ExitCode
from flows.settings import load_settings

__all__ = ["dataset_app"]

dataset_app = typer.Typer(help="Make, check, export the data set; look at its tables.", no_args_is_help=True)
add_table_commands(dataset_app)

Version = Annotated[int | None, typer.Option(help="Version of `examples`; the newest if none.")]


@dataset_app.command("build")
def dataset_build(
    recipe: Annotated[RecipeName, typer.Option(help="Synthetic part: full, or the starter's 24 families.")] = (
        RecipeName.FULL
    ),
    collect: Annotated[
        bool, typer.Option(help="Ask the sources first (without a choice, those that need no network).")
    ] = True,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Collect, clean, compile, deduplicate, generate, split, publish: the whole data set, offline by default."""
    from corpus.card import funnel_text
    from flows.collect import collect_all, failed_line
    from flows.curate import curate_here
    from flows.demo import offline_unless_chosen
    from flows.sources import choose_sources

    settings = offline_unless_chosen(load_settings(data_dir=data_dir, recipe=recipe.value))
    crawls = collect_all(settings, choose_sources(settings)) if collect else []
    report = curate_here(settings)
    if not as_json:
        typer.echo(funnel_text(report.funnel))
        if failed := failed_line(crawls):
            typer.echo(failed)
    counts = f"{report.n_examples} examples in {report.n_clusters} clusters"
    emit(as_json, report, f"{counts}, version {report.version}; {report.n_compiled_now} files compiled; {report.card}")


@dataset_app.command("export")
def dataset_export(
    out: Annotated[Path, typer.Argument(help="Folder to write; an export that is there is replaced.")],
    form: Annotated[str, typer.Option("--format", help="hf (Parquet with pictures), jsonl, or chat.")] = "hf",
    tiers: Annotated[
        str, typer.Option(help="Licence tiers to write, comma-separated; each gets a folder of its own.")
    ] = "permissive,share_alike",
    version: Version = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write a version of the data set for others: one folder a licence tier, one file a split."""
    from corpus.export import ExportFormat, export_examples
    from corpus.names import LICENSE_TIERS
    from corpus.store import Store

    wanted = {tier.strip() for tier in tiers.split(",") if tier.strip()}
    if form not in tuple(ExportFormat):
        raise fail(f"no format {form}; there are {', '.join(ExportFormat)}", ExitCode.USAGE)
    if not wanted or not wanted <= set(LICENSE_TIERS):
        raise fail(f"no licence tiers {tiers!r}; there are {', '.join(LICENSE_TIERS)}", ExitCode.USAGE)
    settings = load_settings(data_dir=data_dir)
    store = Store(settings.tables_root)
    rows = [row for row in _examples(store, version) if row.license_tier in wanted]
    card = settings.data_dir / "dataset" / "README.md"
    thumbnails = {}
    if form == ExportFormat.HF:
        keys = {row.sha256 for row in rows}
        columns = ("sha256", "thumbnail")
        thumbnails = {
            row["sha256"]: row["thumbnail"]
            for row in store.iter_rows("compiled", columns=columns)
            if row["sha256"] in keys and row["thumbnail"]
        }
    try:
        done = export_examples(
            rows,
            out,
            form=ExportFormat(form),
            card=card.read_text() if card.exists() else "# CAD Copilot examples\n",
            thumbnails=thumbnails,
        )
    except ValueError as error:
        raise fail(str(error), ExitCode.USAGE) from error
    splits = ", ".join(f"{name} {n}" for name, n in sorted(done.n_by_split.items()))
    emit(as_json, done, f"{done.n_rows} examples in {len(done.files)} files below {done.folder}: {splits}")


@dataclass(frozen=True)
class Verified:
    """What compiling examples again gave."""

    n_examples: int
    n_compiled: int
    """Sources, the earlier answers of conversations too; each once."""
    n_strict: int
    n_on_spec: int
    """Examples that measure what their request asks for, or asks for nothing in numbers."""
    failures: tuple[str, ...]


@dataset_app.command("verify")
def dataset_verify(
    sample: Annotated[int, typer.Option(help="Compile so many examples, chosen by seed; 0: all.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    version: Version = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Compile examples again, from the published text alone: each must be strict and measure what was asked."""
    from tqdm import tqdm

    from corpus.contents import contents_of
    from corpus.examples import off_spec
    from corpus.store import Store
    from corpus.validate import CompileTarget, compile_rows

    settings = load_settings(data_dir=data_dir)
    rows = _examples(Store(settings.tables_root), version)
    if sample and sample < len(rows):
        rows = random.Random(seed).sample(rows, sample)
    sources = {key: scad for row in rows for key, scad in contents_of(row)}
    targets = [CompileTarget(key, scad) for key, scad in sources.items()]
    verdicts = {}
    with tqdm(total=len(targets), unit="file", desc="compile", disable=not sys.stderr.isatty()) as bar:
        for verdict in compile_rows(
            targets,
            engine_name=settings.engine,
            n_workers=settings.n_workers_used,
            timeout_seconds=settings.compile_timeout_seconds,
            max_memory_bytes=settings.max_memory_bytes,
            data_dir=settings.data_dir,
        ):
            verdicts[verdict.sha256] = verdict
            bar.update()
    misfits = {row.example_id: off_spec(verdicts[row.sha256], row.spec) for row in rows}
    failures = [f"{key}: {v.status}" for key, v in verdicts.items() if not v.is_strict]
    failures += [f"{example_id}: {misfit}" for example_id, misfit in misfits.items() if misfit]
    n_strict = sum(v.is_strict for v in verdicts.values())
    n_on_spec = sum(not misfit for misfit in misfits.values())
    report = Verified(len(rows), len(targets), n_strict, n_on_spec, tuple(sorted(failures)))
    line = f"{n_strict} of {len(targets)} sources strict, {n_on_spec} of {len(rows)} examples on spec"
    emit(as_json, report, "\n".join((*report.failures[:20], line)))
    if failures:
        raise typer.Exit(ExitCode.CHECK_FAILED)


@dataset_app.command("leaks")
def dataset_leaks(version: Version = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Pairs over the thresholds between training and each test set, by each depth: all must be 0."""
    from corpus.card import markdown_table
    from corpus.examples import leak_items
    from corpus.leaks import LEAK_DEPTHS, find_leaks
    from corpus.store import Store
    from flows.batches import engine_id
    from flows.build import read_evidence

    settings = load_settings(data_dir=data_dir)
    store = Store(settings.tables_root)
    rows = _examples(store, version)
    evidence = read_evidence(store, engine_id(settings))
    train = list(leak_items((row for row in rows if row.split != "test"), evidence))
    table: dict[str, dict[str, int]] = {}
    for name in sorted({row.test_set or "test" for row in rows if row.split == "test"}):
        members = [row for row in rows if row.split == "test" and (row.test_set or "test") == name]
        found = Counter(leak.depth for leak in find_leaks(train, list(leak_items(members, evidence))))
        table[name] = {"n": len(members), **{depth: found[depth] for depth in LEAK_DEPTHS}}
    head = ("test set", "examples", *LEAK_DEPTHS)
    lines = [(name, *counts.values()) for name, counts in table.items()]
    n_leaks = sum(counts[depth] for counts in table.values() for depth in LEAK_DEPTHS)
    n_train = sum(row.split != "test" for row in rows)
    text = (
        markdown_table(head, lines)
        + f"{n_leaks} leaks between {n_train} examples of training and validation and the tests"
    )
    emit(as_json, {"n_train": n_train, "test_sets": table}, text)
    if n_leaks:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _examples(store: Any, version: int | None) -> list[Any]:
    rows = store.rows("examples", version)
    if not rows:
        raise fail("no examples yet: run `cad-copilot dataset build` first", ExitCode.NO_DATA)
    return list(rows)
