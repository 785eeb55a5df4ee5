"""A row type's Arrow schema, and rows to and from plain dicts: all derived from the dataclass's annotations."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import pyarrow as pa

__all__ = ["NO_DEFAULT", "default_of", "from_dict", "hints_of", "inner_of", "item_of", "schema_of", "to_dict"]

RowT = TypeVar("RowT")
Convert = Callable[[Any], Any]

NO_DEFAULT = object()
"""What `default_of` gives for a field that every row must name."""

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
}


@cache
def hints_of(row_type: Any) -> dict[str, Any]:
    """Resolved annotations; cached, since resolving them takes longer than building the row."""
    return typing.get_type_hints(row_type)


def inner_of(annotation: Any) -> tuple[Any, bool]:
    """(The annotation without its None, whether it had one)."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        arguments = typing.get_args(annotation)
        inner = [a for a in arguments if a is not type(None)]
        if len(inner) == 1:
            return inner[0], len(arguments) > 1
    return annotation, False


def _is_row_type(annotation: Any) -> bool:
    return dataclasses.is_dataclass(annotation) and isinstance(annotation, type)


def _arrow_type(annotation: Any) -> tuple[pa.DataType, bool]:
    """(Arrow type, nullable) of a field annotation. Raises TypeError for one that has no Arrow form."""
    inner, is_nullable = inner_of(annotation)
    if inner in _SCALARS:
        return _SCALARS[inner], is_nullable
    if typing.get_origin(inner) is tuple:
        return pa.list_(_arrow_type(typing.get_args(inner)[0])[0]), is_nullable
    if _is_row_type(inner):
        return pa.struct(list(schema_of(inner))), is_nullable
    raise TypeError(f"no Arrow type for the annotation {annotation!r}")


def schema_of(row_type: Any) -> pa.Schema:
    """The Arrow schema of a row type, fields in declaration order."""
    return _schema_of(row_type)


@cache
def _schema_of(row_type: Any) -> pa.Schema:
    fields = []
    for f in dataclasses.fields(row_type):
        arrow, is_nullable = _arrow_type(hints_of(row_type)[f.name])
        fields.append(pa.field(f.name, arrow, nullable=is_nullable))
    return pa.schema(fields)


def default_of(row_type: Any, name: str) -> Any:
    """What a field holds, in plain form, where a row written earlier doesn't have it; NO_DEFAULT if nothing would do.

    Without a default in the row type a field that may be None is None: unknown.
    """
    (field,) = (f for f in dataclasses.fields(row_type) if f.name == name)
    if field.default is not dataclasses.MISSING:
        return _plain(field.default)
    if field.default_factory is not dataclasses.MISSING:
        return _plain(field.default_factory())
    return None if inner_of(hints_of(row_type)[name])[1] else NO_DEFAULT


def to_dict(row: Any) -> dict[str, Any]:
    """A row as plain dicts and lists, ready for Arrow or JSON; a whole number in a float's place becomes a float."""
    row_type: Any = type(row)  # mypy takes type[Any] for unhashable
    return {name: plain(getattr(row, name)) for name, plain in _plan(row_type, _to_plain)}


def from_dict(row_type: type[RowT], data: dict[str, Any]) -> RowT:
    """The typed row of a dict that came from Arrow or JSON. Unknown keys raise TypeError."""
    plan = dict(_plan(typing.cast(Any, row_type), _to_typed))
    unknown = set(data) - set(plan)
    if unknown:
        raise TypeError(f"{row_type.__name__} has no field {sorted(unknown)}")
    return row_type(**{name: plan[name](value) for name, value in data.items()})


@cache
def _plan(row_type: Any, convert: Callable[[Any], Convert]) -> tuple[tuple[str, Convert], ...]:
    """Each field with what turns its values; cached: five times the speed of `dataclasses.asdict`."""
    hints = hints_of(row_type)
    return tuple((f.name, convert(hints[f.name])) for f in dataclasses.fields(row_type))


def item_of(annotation: Any) -> Any:
    """X of tuple[X, ...]; None for anything else."""
    arguments = typing.get_args(annotation)
    is_list = typing.get_origin(annotation) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis
    return arguments[0] if is_list else None


def _as_is(value: Any) -> Any:
    return value


def _to_plain(annotation: Any) -> Convert:
    inner, _ = inner_of(annotation)
    if inner is float:
        return lambda value: float(value) if type(value) is int else value
    if inner in _SCALARS:
        return _as_is
    item = _to_plain(item_of(inner)) if item_of(inner) else None
    if item is None:
        return _plain
    if item is _as_is:
        return lambda value: None if value is None else list(value)
    return lambda value: None if value is None else [item(v) for v in value]


def _to_typed(annotation: Any) -> Convert:
    inner, _ = inner_of(annotation)
    if _is_row_type(inner):
        return lambda value: None if value is None else from_dict(inner, value)
    if typing.get_origin(inner) is not tuple:
        return _as_is
    item = _to_typed(item_of(inner)) if item_of(inner) else _as_is
    if item is _as_is:
        return lambda value: None if value is None else tuple(value)
    return lambda value: None if value is None else tuple(item(v) for v in value)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return to_dict(value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {_plain(k): _plain(v) for k, v in value.items()}
    return value
