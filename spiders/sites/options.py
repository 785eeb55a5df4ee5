"""A spider's options, from YAML or from a command line -> values; each says in one line what it can't work with."""

from __future__ import annotations

from collections.abc import Sequence

from spiders.sites.base import SpiderUsageError

__all__ = ["parse_size", "parse_switch", "parse_words"]


def parse_words(name: str, value: Sequence[str | int] | str | None) -> tuple[str, ...]:
    """A list in YAML, or words with commas between them on a command line; each word once.

    Raises SpiderUsageError for anything else: a bare number, true, a list of lists.
    """
    words = value.split(",") if isinstance(value, str) else () if value is None else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str | int) for word in words):
        raise SpiderUsageError(f"{name}={value!r} is not a list of words")
    return tuple(dict.fromkeys(word for word in (str(word).strip() for word in words) if word))


def parse_switch(name: str, value: bool | str) -> bool:
    """True or false. Raises SpiderUsageError for anything else."""
    switches = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if (is_on := switches.get(str(value).lower())) is None:
        raise SpiderUsageError(f"{name}={value!r} is neither true nor false")
    return is_on


def parse_size(name: str, value: int | str) -> int:
    """A positive whole number. Raises SpiderUsageError for anything else."""
    words = str(value)
    if not words.isascii() or not words.isdigit() or not 1 <= len(words) <= 9 or int(words) == 0:
        raise SpiderUsageError(f"{name}={value!r} is not a positive number")
    return int(words)
