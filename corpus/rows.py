"""A row type's Arrow schema, and rows to and from plain dicts: all derived from the dataclass's annotations."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any, TypeVar

import pyarrow as pa

__all__ = ["from_dict", "schema_of", "to_dict"]

RowT = TypeVar("RowT")

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
}


def _arrow_type(annotation: Any) -> tuple[pa.DataType, bool]:
    """(Arrow type, nullable) of a field annotation. Raises TypeError for one that has no Arrow form."""
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        (inner,) = (a for a in typing.get_args(annotation) if a is not type(None))
        return _arrow_type(inner)[0], True
    if annotation in _SCALARS:
        return _SCALARS[annotation], False
    if typing.get_origin(annotation) is tuple:
        return pa.list_(_arrow_type(typing.get_args(annotation)[0])[0]), False
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return pa.struct(list(schema_of(annotation))), False
    raise TypeError(f"no Arrow type for the annotation {annotation!r}")


def schema_of(row_type: type[Any]) -> pa.Schema:
    """The Arrow schema of a row type, fields in declaration order."""
    hints = typing.get_type_hints(row_type)
    fields = []
    for f in dataclasses.fields(row_type):
        arrow, is_nullable = _arrow_type(hints[f.name])
        fields.append(pa.field(f.name, arrow, nullable=is_nullable))
    return pa.schema(fields)


def to_dict(row: Any) -> dict[str, Any]:
    """A row as plain dicts and lists, ready for Arrow or JSON."""
    return dataclasses.asdict(row)


def _from_value(annotation: Any, value: Any) -> Any:
    if value is None:
        return None
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        (inner,) = (a for a in typing.get_args(annotation) if a is not type(None))
        return _from_value(inner, value)
    if typing.get_origin(annotation) is tuple:
        inner = typing.get_args(annotation)[0]
        return tuple(_from_value(inner, v) for v in value)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return from_dict(annotation, value)
    return value


@cache
def _hints(row_type: type[Any]) -> dict[str, Any]:
    """Resolved annotations; cached, since resolving them takes longer than building the row."""
    return typing.get_type_hints(row_type)


def from_dict(row_type: type[RowT], data: dict[str, Any]) -> RowT:
    """The typed row of a dict that came from Arrow or JSON. Unknown keys raise TypeError."""
    hints = _hints(typing.cast(Any, row_type))  # mypy takes type[RowT] for unhashable
    unknown = set(data) - set(hints)
    if unknown:
        raise TypeError(f"{row_type.__name__} has no field {sorted(unknown)}")
    return row_type(**{k: _from_value(hints[k], v) for k, v in data.items()})
