"""What each exit code of `cad-copilot` means; the README's table is checked against this."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """One code for one cause, so that a script can tell them apart."""

    OK = 0
    UNEXPECTED = 1
    """A defect of ours: a traceback says where."""
    USAGE = 2
    """Unknown option, setting, config key, family or spider."""
    UNREACHABLE = 3
    """A site did not answer."""
    TERMS = 4
    """A site's robots.txt or terms forbid the crawl."""
    STORAGE = 5
    """Disk full, not writable, or a damaged table."""
    ENGINE_MISSING = 6
    """No OpenSCAD engine: run `make setup`."""
    BAD_SOURCE = 7
    """The .scad given does not compile to a solid."""
    NO_DATA = 8
    """An earlier stage has not run yet."""
    TRAINING_FAILED = 9
    """A rank died, or the loss is no number."""
    SERVICE = 10
    """A port is taken, or a server did not come up."""
    NO_ANSWER = 11
    """The model gave no source that compiles."""
    CHECK_FAILED = 12
    """A check of the data set found something: a source that is not strict, a leak."""
    INTERRUPTED = 130
    """Ctrl-C; the same command goes on where it was."""
    READER_LEFT = 141
    """Whoever read the output closed it, as `head` does."""
