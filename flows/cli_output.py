"""What every verb of the command shares: its common options, how it answers, and which exit code a failure has."""

from __future__ import annotations

import errno
import json
import sys
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.exit_codes import ExitCode

__all__ = ["DataDir", "Json", "emit", "exit_code_of", "fail", "read_source"]

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


def read_source(path: Path) -> str:
    """The text of a .scad file, or of standard input for `-`."""
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise fail(f"can't read {path}: {error.strerror}", ExitCode.USAGE) from None
    return raw.decode("utf-8", errors="replace")


def exit_code_of(error: Exception) -> ExitCode | None:
    """The code of an expected failure, by the name of its type: importing the types would cost seconds."""
    if isinstance(error, OSError):
        return (
            ExitCode.STORAGE
            if error.errno in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.ENOTDIR)
            else None
        )
    return {
        "SettingsError": ExitCode.USAGE,
        "ConfigError": ExitCode.USAGE,
        "ModelMissing": ExitCode.USAGE,
        "TrackingFailed": ExitCode.STORAGE,
        "RowFileError": ExitCode.STORAGE,
        "StoreError": ExitCode.STORAGE,
        "EngineMissing": ExitCode.ENGINE_MISSING,
        "EvaluationFailed": ExitCode.ENGINE_MISSING,
        "NoData": ExitCode.NO_DATA,
        "TrainingFailed": ExitCode.TRAINING_FAILED,
        "ServiceError": ExitCode.SERVICE,
        "NoAnswer": ExitCode.NO_ANSWER,
    }.get(type(error).__name__)
