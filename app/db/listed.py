"""Many values in one statement, as a table: a long IN list is slow to plan, and PostgreSQL may walk it row by row."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB


def listed(connection: Connection, values: Sequence[str]) -> Select[str]:
    """Texts as a column to select from or to compare with: `Parcel.parcel_id.in_(listed(connection, ids))`."""
    return select(cast(_values(connection, values), Text))


def listed_numbers(connection: Connection, values: Sequence[int]) -> Select[int]:
    """Whole numbers likewise."""
    return select(cast(_values(connection, values), BigInteger))


def _values(connection: Connection, values: Sequence[object]) -> ColumnElement[str]:
    if connection.dialect.name == "postgresql":
        said = bindparam("values", list(values), type_=JSONB, unique=True)
        return func.jsonb_array_elements_text(said).table_valued(column("value", Text)).c.value
    return func.json_each(json.dumps(list(values))).table_valued(column("value", Text)).c.value
