"""`cad-copilot export`: a tuned model for peft, transformers, or llama.cpp."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

__all__ = ["export"]

_FORMATS = "adapter, merged, gguf-f16, gguf-q8_0, gguf-q4_0 or gguf-q4_1"


def export(
    source: Annotated[str, typer.Argument(help="Folder of an adapter or of a model, `base`, or a hub id.")],
    out: Annotated[Path, typer.Option(help="Folder to write; an export that is there is replaced.")],
    form: Annotated[str, typer.Option("--format", help=f"{_FORMATS}.")] = "merged",
    check: Annotated[
        bool, typer.Option("--check", help="Compare a GGUF's logits with the model's before it counts.")
    ] = False,
    model: Annotated[str | None, typer.Option(help="The adapter's base, if it is not where the adapter says.")] = None,
    license_name: Annotated[
        str | None, typer.Option("--license", help="Licence for the card; default: what the base's card says.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write a tuned model for others: LoRA weights, a merged folder, or a GGUF file."""
    load_settings(data_dir=data_dir)  # a wrong setting is told before any work
    from ml.export import ExportFormat, ExportUnusable, export_model, find_source
    from ml.gguf_check import CheckFailed
    from ml.gguf_vocab import GgufUnsupported

    if form not in tuple(ExportFormat):
        raise fail(f"no format {form!r}; there are {', '.join(ExportFormat)}", ExitCode.USAGE)
    try:
        found = find_source(source, base_model=model, license_name=license_name)
        report = export_model(found, out, ExportFormat(form), is_checked=check)
    except (ExportUnusable, GgufUnsupported) as error:
        raise fail(str(error), ExitCode.USAGE) from None
    except CheckFailed as error:
        raise fail(str(error), ExitCode.CHECK_FAILED) from None
    except OSError as error:
        if error.errno is None:  # transformers' own: a model it can't read
            raise fail(f"can't read {source}: {str(error).splitlines()[0]}", ExitCode.USAGE) from None
        raise fail(f"can't write {out}: {error.strerror}", ExitCode.STORAGE) from None
    parts = [f"{report.folder}: {form}, {report.n_bytes / 1e6:.1f} MB"]
    if report.check is not None:
        parts.append(f"relative error of the logits {report.check.relative_error:.2g}")
    if report.gguf is not None and report.gguf.n_texts_differ:
        n_differ, n = report.gguf.n_texts_differ, report.gguf.n_texts
        parts.append(f"llama.cpp splits {n_differ} of {n} texts otherwise: see README.md there")
    emit(as_json, report, "; ".join(parts))
