"""An old part under today's row type: what is missing gets its default, what is gone is left out, the rest must fit.

A column that came without a default, and one whose type changed, can't be read: `ColumnProblem` names it. The same
holds for fields inside a column (`spec.size_mm`). Covers no renaming: a renamed column is one gone and one new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from corpus.rows import NO_DEFAULT, default_of, hints_of, inner_of, item_of, schema_of

__all__ = ["ColumnProblem", "Plan", "fit", "plan_of"]


class ColumnProblem(Exception):
    """A column of a part that today's row type can't take; says which and why."""


@dataclass(frozen=True)
class Plan:
    """How the columns asked for come out of one file."""

    row_type: Any
    columns: tuple[str, ...]
    present: tuple[str, ...]
    """Those that the file has, to be read."""
    converted: frozenset[str]
    """Those whose inner fields changed: they go through Python, value by value."""


def plan_of(found: pa.Schema, row_type: Any, columns: Sequence[str]) -> Plan:
    """Raises ColumnProblem for a column that can't be read."""
    wanted, converted = schema_of(row_type), set()
    present = tuple(name for name in columns if found.get_field_index(name) >= 0)
    for name in columns:
        if name not in present:
            _default(row_type, name, name)
        elif not _fits(found.field(name).type, wanted.field(name).type, hints_of(row_type)[name], name):
            converted.add(name)
    return Plan(row_type, tuple(columns), present, frozenset(converted))


def fit(batch: pa.RecordBatch, plan: Plan) -> pa.RecordBatch:
    """The batch in the columns asked for, in their order. Raises ColumnProblem for a null where none may be."""
    schema = pa.schema([schema_of(plan.row_type).field(name) for name in plan.columns])
    arrays = []
    for name in plan.columns:
        field = schema.field(name)
        if name not in plan.present:
            default = pa.scalar(default_of(plan.row_type, name), type=field.type)
            arrays.append(pa.repeat(default, batch.num_rows))
            continue
        array = batch.column(name)
        if name in plan.converted:
            annotation = hints_of(plan.row_type)[name]
            array = pa.array([_filled(annotation, v, name) for v in array.to_pylist()], type=field.type)
        if array.null_count and not field.nullable:
            raise ColumnProblem(f"{name} holds nulls, and must not any more")
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _default(row_type: Any, name: str, path: str) -> Any:
    value = default_of(row_type, name)
    if value is NO_DEFAULT:
        raise ColumnProblem(f"it was written before the column {path} came, which has no default")
    return value


def _fits(found: pa.DataType, wanted: pa.DataType, annotation: Any, path: str) -> bool:
    """True if values can stay as they are, False if inner fields came or went. Raises ColumnProblem."""
    if found.equals(wanted):
        return True
    inner, _ = inner_of(annotation)
    if pa.types.is_list(found) and pa.types.is_list(wanted):
        return _fits(found.value_type, wanted.value_type, item_of(inner), f"{path}[]") and False
    if not (pa.types.is_struct(found) and pa.types.is_struct(wanted)):
        raise ColumnProblem(f"its column {path} is {found}, and must be {wanted} now")
    for field in wanted:
        index, inside = found.get_field_index(field.name), f"{path}.{field.name}"
        if index < 0:
            _default(inner, field.name, inside)
        else:
            _fits(found.field(index).type, field.type, hints_of(inner)[field.name], inside)
    return False


def _filled(annotation: Any, value: Any, path: str) -> Any:
    """A plain value with the inner fields of today's row type."""
    inner, may_be_none = inner_of(annotation)
    if value is None:
        if not may_be_none:
            raise ColumnProblem(f"its column {path} holds nulls, and must not any more")
        return None
    if isinstance(value, list):
        return [_filled(item_of(inner), v, f"{path}[]") for v in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _filled(hint, value[name], f"{path}.{name}") if name in value else default_of(inner, name)
        for name, hint in hints_of(inner).items()
    }
