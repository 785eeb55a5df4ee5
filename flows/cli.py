"""The `cad-copilot` command: one verb a stage, over the same functions that the flows run.

Heavy imports stand inside the verbs, so that `--help` answers in under half a second. Every verb ends with one
line that sums it up; with `--json`, standard output is one JSON document instead. Exit codes: `flows.exit_codes`.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_collect import collect, sources
from flows.cli_compile import compile_
from flows.cli_dataset import dataset_app
from flows.cli_export import export
from flows.cli_improve import improve
from flows.cli_libraries import libraries_app
from flows.cli_output import MESH_SUFFIXES, DataDir, Json, check_output, emit, exit_code_of
from flows.cli_parts import inspect, measure, render
from flows.cli_registry import models_app
from flows.exit_codes import ExitCode
from flows.settings import Settings, load_settings

__all__ = ["app", "main"]

app = typer.Typer(
    help="CAD Copilot: a sentence becomes OpenSCAD source and a printable mesh.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.command()(collect)
app.command()(sources)


@app.command()
def curate(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Compile what is new; clean, deduplicate, split; publish the table `examples`."""
    from corpus.card import funnel_text
    from flows.curate import curate_here
    from flows.sources import failures

    settings = load_settings(data_dir=data_dir)
    report = curate_here(settings)
    if not as_json:
        typer.echo(funnel_text(report.funnel))
        for failure in failures(settings):
            typer.echo(f"last crawl failed: {failure}")
    counts = f"{report.n_examples} examples in {report.n_clusters} clusters"
    emit(as_json, report, f"{counts}, version {report.version}; {report.n_compiled_now} files compiled")


@app.command()
def pretrain(
    out: Annotated[Path, typer.Option(help="Folder for the finished model.")],
    n_tokens: Annotated[int, typer.Option(help="Training tokens: the length of the run.", min=1)] = 48_000_000,
    n_processes: Annotated[int, typer.Option(help="1, 2 or 4 training processes, one thread each.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of data and weights.")] = 0,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint of a killed run.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Train the small base model from nothing, on synthetic parts."""
    from ml.pretrain import main as run_pretrain

    root = load_settings(data_dir=data_dir).data_dir
    arguments = [f"--out={out}", f"--work-dir={root / 'pretrain'}", f"--data-dir={root}", f"--n-tokens={n_tokens}"]
    arguments += [f"--n-processes={n_processes}", f"--seed={seed}", *(["--resume"] if resume else [])]
    code = run_pretrain(arguments)
    known = (ExitCode.OK, ExitCode.USAGE, ExitCode.STORAGE, ExitCode.INTERRUPTED)  # the same in both lists
    raise typer.Exit(code if code in known else ExitCode.TRAINING_FAILED)


@app.command()
def finetune(
    config: Annotated[
        str | None, typer.Option(help="Name in ml/configs, or path; default: CAD_COPILOT_TRAIN_CONFIG.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Train again even if this very training is done.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what it takes: memory, tokens, steps.")] = False,
    tokens_per_second: Annotated[
        float | None, typer.Option(help="With --plan: measured speed of all processes; tells the hours.", min=1)
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Tokenize the examples and fine-tune an adapter on them (int8 base, LoRA)."""
    settings = load_settings(data_dir=data_dir, train_config=config)
    if plan:
        _print_plan(settings, tokens_per_second, as_json)
        return
    from flows.finetune import finetune as run_finetune
    from flows.finetune import tokenize

    report = run_finetune(settings, tokenize(settings), force=force, on_line=lambda line: typer.echo(line, err=True))
    emit(as_json, report, f"adapter {report.adapter_dir}; MLflow run {report.run_id}")


def _print_plan(settings: Settings, tokens_per_second: float | None, as_json: bool) -> None:
    from ml.config import load_config
    from ml.plan import check_plan, make_plan, plan_document, plan_text
    from ml.plan_work import tokens_table_size

    overrides = {"base_model": settings.base_model} if settings.base_model else {}
    config = load_config(settings.train_config, overrides)
    data = tokens_table_size(settings.tables_root)
    made = make_plan(config, data=data, tokens_per_second=tokens_per_second)
    emit(as_json, plan_document(made), plan_text(made))
    check_plan(made)


@app.command()
def evaluate(
    model: Annotated[str | None, typer.Option(help="Folder or hub id of the base; default: the shipped one.")] = None,
    adapter: Annotated[Path | None, typer.Option(help="Adapter folder; default: the base alone.")] = None,
    prompts: Annotated[
        Path | None, typer.Option(help="JSON lines of prompts with their specs; default: the data set's test sets.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Generate for the held-out prompts, compile and measure every answer, log to MLflow."""
    from flows.evaluate import evaluate_model, groups_text, summary_line

    settings = load_settings(data_dir=data_dir, base_model=model)
    report = evaluate_model(settings, adapter=adapter, prompts_file=prompts)
    if not as_json:
        typer.echo(groups_text(report))
    emit(as_json, report, summary_line(report))


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What to make, in words and millimetres.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=".stl, .3mf, .glb, .obj, .off or .scad to write.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Folder or hub id of the base; default: the shipped one.")] = None,
    adapter: Annotated[Path | None, typer.Option(help="Adapter folder; default: the base alone.")] = None,
    n_attempts: Annotated[int, typer.Option(help="Answers to try before giving up.", min=1)] = 4,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write a part for a sentence: OpenSCAD source, and a mesh with -o."""
    from flows.make_part import make_part

    check_output(output, (*MESH_SUFFIXES, ".scad"))
    settings = load_settings(data_dir=data_dir, base_model=model)
    part = make_part(settings, prompt, adapter=adapter, n_attempts=n_attempts)
    if part.foreign_numbers:
        numbers = ", ".join(f"{n:g}" for n in part.foreign_numbers)
        typer.echo(f"cad-copilot: check the part: {numbers} stands in it, but not in the prompt", err=True)
    if output is not None:
        part.write(output)
    if not as_json:
        typer.echo(part.scad)
    sides = " x ".join(f"{s:.2f}" for s in part.stats.size_mm)
    emit(as_json, part.summary(output), f"// {sides} mm{f', written to {output}' if output else ''}")


app.command("compile")(compile_)
app.command()(render)
app.command()(measure)
app.command()(inspect)
app.command()(export)
app.add_typer(libraries_app, name="libraries")
app.command()(improve)
app.add_typer(dataset_app, name="dataset")
app.add_typer(models_app, name="models")


@app.command()
def doctor(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say what is there and what is missing, with the next step for each."""
    from flows.doctor import run_checks

    checks = run_checks(load_settings(data_dir=data_dir))
    missing = [c for c in checks if c.is_required and not c.is_ok]
    lines = [
        f"{'ok ' if c.is_ok else ('NO ' if c.is_required else '-  ')} {c.name:18} {c.found}"
        + (f"  → {c.next_step}" if c.next_step and not c.is_ok else "")
        for c in checks
    ]
    lines.append("all that is needed is there" if not missing else f"missing: {', '.join(c.name for c in missing)}")
    emit(as_json, [asdict(c) for c in checks], "\n".join(lines))
    if missing:
        raise typer.Exit(ExitCode.STORAGE if {c.name for c in missing} == {"disk"} else ExitCode.ENGINE_MISSING)


@app.command()
def demo(data_dir: DataDir = None, as_json: Json = False) -> None:
    """The whole line on real parts, with a summary; the second time only what is new is done."""
    from flows.demo import run_demo

    settings = load_settings(data_dir=data_dir)
    summary, text = run_demo(settings)
    emit(as_json, summary, text)


@app.command()
def up(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Start the Prefect server and worker and the MLflow page; register the deployments."""
    from flows.services import up as start_services

    services = start_services(load_settings(data_dir=data_dir))
    lines = [f"{s.name:15} {s.url or 'running'}   log {s.log}" for s in services]
    lines.append(". .venv/bin/activate; prefect deployment run scrape-and-train --watch")
    emit(as_json, [asdict(s) for s in services], "\n".join(lines))


@app.command()
def down(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Stop what `up` started; leave no process behind."""
    from flows.services import down as stop_services

    stopped = stop_services(load_settings(data_dir=data_dir))
    emit(as_json, stopped, f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


@app.command()
def status(data_dir: DataDir = None, as_json: Json = False) -> None:
    """What `up` started, and whether it still runs."""
    from flows.services import is_running, running_services

    services = running_services(load_settings(data_dir=data_dir))
    lines = [f"{s.name:15} {'up  ' if is_running(s) else 'DOWN'} {s.url}" for s in services]
    emit(as_json, [asdict(s) | {"is_up": is_running(s)} for s in services], "\n".join(lines) or "nothing is running")


def main() -> None:
    """Entry point: an expected failure is one line and its own exit code, a defect is a traceback."""
    try:
        app()
    except SystemExit as stop:
        if stop.code == ExitCode.INTERRUPTED:  # what typer makes of Ctrl-C
            typer.echo("cad-copilot: interrupted; the same command goes on where it was", err=True)
        raise
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        typer.echo(f"cad-copilot: {error}", err=True)
        sys.exit(code)
