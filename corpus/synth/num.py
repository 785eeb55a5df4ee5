"""Numbers that know how they are written: one expression gives the text of a source and the value to reason with.

`Num("width", 40) / 2` is `width / 2` and 20. A literal folds: `literal(40) / 2` is `20`, so the same code writes a
source with named parameters and one with bare numbers. Covers + - * / and unary minus.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Num", "format_number", "literal", "named"]

_SUM, _PRODUCT, _ATOM = 1, 2, 3


def format_number(value: float) -> str:
    """`60`, `2.5`, `3.175`: at most four decimals (a sixteenth of an inch has four), no trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True)
class Num:
    text: str
    value: float
    level: int = _ATOM
    is_literal: bool = False

    def __str__(self) -> str:
        return self.text

    def __add__(self, other: Num | float) -> Num:
        right = _num(other)
        if self.is_literal and right.is_literal:
            return literal(self.value + right.value)
        if _is_zero(right):
            return self
        if _is_zero(self):
            return right
        if right.text.startswith("-"):
            return Num(f"{self} - {right.text[1:]}", self.value + right.value, _SUM)
        return Num(f"{self} + {right}", self.value + right.value, _SUM)

    def __sub__(self, other: Num | float) -> Num:
        right = _num(other)
        if self.is_literal and right.is_literal:
            return literal(self.value - right.value)
        if _is_zero(right):
            return self
        if _is_zero(self):
            return -right
        right_text = f"({right})" if right.text.startswith("-") else _wrapped(right, _PRODUCT)
        return Num(f"{self} - {right_text}", self.value - right.value, _SUM)

    def __mul__(self, other: Num | float) -> Num:
        right = _num(other)
        if self.is_literal and right.is_literal:
            return literal(self.value * right.value)
        if _is_one(right):
            return self
        if _is_one(self):
            return right
        return Num(f"{_wrapped(self, _PRODUCT)} * {_wrapped(right, _PRODUCT)}", self.value * right.value, _PRODUCT)

    def __truediv__(self, other: Num | float) -> Num:
        right = _num(other)
        if self.is_literal and right.is_literal:
            return literal(self.value / right.value)
        if _is_one(right):
            return self
        return Num(f"{_wrapped(self, _PRODUCT)} / {_wrapped(right, _ATOM)}", self.value / right.value, _PRODUCT)

    def __neg__(self) -> Num:
        if self.is_literal:
            return literal(-self.value)
        return Num(f"-{_wrapped(self, _PRODUCT)}", -self.value, _PRODUCT)

    def __radd__(self, other: float) -> Num:
        return _num(other) + self

    def __rsub__(self, other: float) -> Num:
        return _num(other) - self

    def __rmul__(self, other: float) -> Num:
        return _num(other) * self

    def __rtruediv__(self, other: float) -> Num:
        return _num(other) / self


def named(name: str, value: float) -> Num:
    """A parameter of the source."""
    return Num(name, value)


def literal(value: float) -> Num:
    """A bare number."""
    text = format_number(value)
    return Num(text, value, _SUM if text.startswith("-") else _ATOM, is_literal=True)


def _num(value: Num | float) -> Num:
    return value if isinstance(value, Num) else literal(value)


def _is_zero(num: Num) -> bool:
    return num.is_literal and num.value == 0


def _is_one(num: Num) -> bool:
    return num.is_literal and num.value == 1


def _wrapped(num: Num, least: int) -> str:
    """The text, in brackets where it binds more loosely than its surroundings."""
    return num.text if num.level >= least else f"({num.text})"
