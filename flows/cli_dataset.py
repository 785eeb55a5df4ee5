"""`cad-copilot dataset build | caption | peek | export | verify | leaks`: make the data set, hand it on, check it."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.names import RecipeName
from flows.cli_captions import dataset_caption
from flows.cli_output import DataDir, Json, emit, fail
from flows.cli_peek import dataset_peek
from flows.cli_tables import add_table_commands
from flows.exit_codes import ExitCode
from flows.settings import load_settings

if TYPE_CHECKING:
    from corpus.schema import ExampleRow
    from corpus.store import Store

__all__ = ["dataset_app"]

dataset_app = typer.Typer(help="Make, check, export the data set; look at its tables.", no_args_is_help=True)
add_table_commands(dataset_app)
dataset_app.command("caption")(dataset_caption)
dataset_app.command("peek")(dataset_peek)

Version = Annotated[int | None, typer.Option(help="Version of `examples`; the newest if none.")]


@dataset_app.command("build")
def dataset_build(
    recipe: Annotated[
        RecipeName,
        typer.Option(
            envvar="CAD_COPILOT_RECIPE", help="Synthetic part: full, or the starter's 24 families, which `demo` uses."
        ),
    ] = RecipeName.FULL,
    collect: Annotated[
        bool, typer.Option(help="Ask the sources first (without a choice, those that need no network).")
    ] = True,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Collect, clean, compile, deduplicate, generate, split, publish: the whole data set, offline by default."""
    from corpus.card import funnel_text
    from flows.collect import collect_all, failed_line
    from flows.curate_here import curate_here
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
        raise fail(f"no format {form!r}; there are {', '.join(ExportFormat)}", ExitCode.USAGE)
    if not wanted or not wanted <= set(LICENSE_TIERS):
        raise fail(f"no licence tiers {tiers!r}; there are {', '.join(LICENSE_TIERS)}", ExitCode.USAGE)
    settings = load_settings(data_dir=data_dir)
    store = Store(settings.tables_root)
    examples, found = _examples(store, version)
    rows = [row for row in examples if row.license_tier in wanted]
    card, pictures = _card(settings.data_dir / "dataset" / "README.md", examples, found)
    try:
        done = export_examples(
            rows,
            out,
            form=ExportFormat(form),
            card=card,
            pictures=pictures,
            thumbnails=_thumbnails(store, {row.sha256 for row in rows}) if form == ExportFormat.HF else {},
            version=found,
        )
    except ValueError as error:
        raise fail(str(error), ExitCode.USAGE) from error
    except OSError as error:
        raise fail(f"can't write {out}: {error.strerror}", ExitCode.STORAGE) from error
    splits = ", ".join(f"{name} {n}" for name, n in sorted(done.n_by_split.items()))
    emit(as_json, done, f"{done.n_rows} examples in {len(done.files)} files below {done.folder}: {splits}")


def _thumbnails(store: Store, keys: set[str]) -> dict[str, bytes]:
    columns = ("sha256", "thumbnail")
    rows = store.iter_rows("compiled", columns=columns)
    return {row["sha256"]: row["thumbnail"] for row in rows if row["sha256"] in keys and row["thumbnail"]}


def _card(path: Path, examples: list[ExampleRow], version: int) -> tuple[str, dict[str, bytes]]:
    """(the card's text, its pictures by name); of the version that was built last, the one with the funnel."""
    from corpus.card import dataset_card

    card = path.read_text(encoding="utf-8") if path.exists() else ""
    if not re.match(rf"# .*\bversion {version}$", card, flags=re.MULTILINE):
        return dataset_card(examples, funnel=(), version=version, engine_id=examples[0].engine_id), {}
    names = re.findall(r"!\[[^\]]*\]\(([\w.-]+)\)", card)
    return card, {name: (path.parent / name).read_bytes() for name in names if (path.parent / name).is_file()}


@dataclass(frozen=True)
class Verified:
    """What compiling examples again gave."""

    n_examples: int
    n_sources: int
    """The earlier answers of conversations too; each content once."""
    n_strict: int
    n_on_spec: int
    """Examples that measure what their request asks for, or asks for nothing in numbers."""
    failures: tuple[str, ...]
    """`example or content: what is wrong`."""


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
    from corpus.normalize import content_key
    from corpus.store import Store
    from corpus.validate import CompileTarget, compile_rows

    settings = load_settings(data_dir=data_dir)
    rows, _ = _examples(Store(settings.tables_root), version)
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
    failures = [f"{key}: {v.status}, not strict" for key, v in verdicts.items() if not v.is_strict]
    failures += [f"{row.example_id}: not the content of its key" for row in rows if content_key(row.scad) != row.sha256]
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
    """Pairs over the thresholds between training and each test set, by each depth: all must be 0.

    The starter's tests ask for new values of structures that it teaches: near and masked are not asked of them.
    """
    from corpus.card import markdown_table
    from corpus.examples import STARTER_DEPTHS, leak_items
    from corpus.leaks import LEAK_DEPTHS, find_leaks
    from corpus.store import Store
    from flows.batches import engine_id
    from flows.build import read_evidence

    settings = load_settings(data_dir=data_dir)
    store = Store(settings.tables_root)
    rows, _ = _examples(store, version)
    evidence = read_evidence(store, engine_id(settings))
    train = list(leak_items((row for row in rows if row.split != "test"), evidence))
    table: dict[str, dict[str, int]] = {}
    n_unknown = sum(item.sketch is None or item.shape is None for item in train)
    for name in sorted({row.test_set or "test" for row in rows if row.split == "test"}):
        members = [row for row in rows if row.split == "test" and (row.test_set or "test") == name]
        items = list(leak_items(members, evidence))
        n_unknown += sum(item.sketch is None or item.shape is None for item in items)
        depths = STARTER_DEPTHS if any(row.family_group for row in members) else LEAK_DEPTHS
        found = Counter(leak.depth for leak in find_leaks(train, items, depths=depths))
        table[name] = {"n": len(members), **{depth: found[depth] for depth in depths}}
    if n_unknown:
        raise fail(f"{n_unknown} sources were never sketched or compiled by this engine: build again", ExitCode.NO_DATA)
    lines = [(name, *(counts.get(key, "–") for key in ("n", *LEAK_DEPTHS))) for name, counts in table.items()]
    n_leaks = sum(counts.get(depth, 0) for counts in table.values() for depth in LEAK_DEPTHS)
    n_train = sum(row.split != "test" for row in rows)
    text = markdown_table(("test set", "examples", *LEAK_DEPTHS), lines)
    text += f"{n_leaks} leaks between {n_train} examples of training and validation and the tests"
    emit(as_json, {"n_train": n_train, "n_leaks": n_leaks, "test_sets": table}, text)
    if n_leaks:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _examples(store: Store, version: int | None) -> tuple[list[ExampleRow], int]:
    """(the examples of a version, its number)."""
    manifest = store.manifest("examples", version)
    rows: list[ExampleRow] = store.rows("examples", manifest.version) if manifest else []
    if not rows or manifest is None:
        raise fail("no examples yet: run `cad-copilot dataset build` first", ExitCode.NO_DATA)
    return rows, manifest.version
