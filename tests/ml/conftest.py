"""Fixtures of the ml tests."""

from __future__ import annotations

from finetune_case import tiny_case

__all__ = ["tiny_case"]
