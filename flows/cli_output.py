"""What every verb of the command shares: its common options, how it answers, and which exit code a failure has."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.exit_codes import ExitCode

__all__ = ["MESH_SUFFIXES", "DataDir", "Json", "check_output", "emit", "exit_code_of", "fail", "json_line"]

MESH_SUFFIXES = (".stl", ".3mf", ".glb", ".obj", ".off")
_STORAGE_ERRORS = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.ENOTDIR)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder that holds everything written (CAD_COPILOT_DATA_DIR).")
]


def fail(message: str, code: ExitCode) -> typer.Exit:
    typer.echo(f"cad-copilot: {message}", err=True)
    return typer.Exit(code)


def emit(is_json: bool, document: Any, line: str) -> None:
    plain = asdict(document) if is_dataclass(document) and not isinstance(document, type) else document
    typer.echo(json.dumps(plain, indent=2, default=str) if is_json else line)


def json_line(document: dict[str, Any]) -> str:
    """One line; infinity and what is no number are null, as JSON wants it."""
    import orjson

    try:
        return orjson.dumps(document).decode()
    except TypeError:  # a file name that isn't Unicode: with its odd bytes escaped
        return json.dumps(document)


def exit_code_of(error: Exception) -> ExitCode | None:
    """The code of an expected failure, by the name of its type: importing the types would cost seconds."""
    if isinstance(error, OSError):
        return ExitCode.STORAGE if error.errno in _STORAGE_ERRORS else None
    if getattr(error, "exit_code", None) == 5:  # ml.run_folder.ExitCode.DISK_FULL
        return ExitCode.STORAGE
    return {
        "ConfigError": ExitCode.USAGE,
        "EngineMissing": ExitCode.ENGINE_MISSING,
        "UnknownEngine": ExitCode.USAGE,
        "EvaluationFailed": ExitCode.ENGINE_MISSING,
        "ImproveFailed": ExitCode.USAGE,
        "LockHeld": ExitCode.USAGE,
        "ModelMissing": ExitCode.USAGE,
        "PromptsUnusable": ExitCode.USAGE,
        "ReadError": ExitCode.USAGE,
        "NoAnswer": ExitCode.NO_ANSWER,
        "NoData": ExitCode.NO_DATA,
        "NotComparable": ExitCode.USAGE,
        "RegistryError": ExitCode.USAGE,
        "RowFileError": ExitCode.STORAGE,
        "ServiceError": ExitCode.SERVICE,
        "SettingsError": ExitCode.USAGE,
        "SourceOff": ExitCode.USAGE,
        "SourcesError": ExitCode.USAGE,
        "StoreError": ExitCode.STORAGE,
        "TrackingFailed": ExitCode.STORAGE,
        "TrainingFailed": ExitCode.TRAINING_FAILED,
    }.get(type(error).__name__)


def check_output(path: Path | None, suffixes: tuple[str, ...]) -> None:
    """Ends the command before any work is done if a file of this name can't be written. Raises typer.Exit."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise fail(f"can't write {path}: its name must end in {', '.join(suffixes)}", ExitCode.USAGE)
    if path.is_dir() or not path.parent.is_dir():
        raise fail(
            f"can't write {path}: {'it is a folder' if path.is_dir() else 'its folder is missing'}", ExitCode.USAGE
        )
