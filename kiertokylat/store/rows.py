"""Rows of the database to data frames and back, exactly.

NaN is NULL in the database and null in the history's JSON; text and numbers stay as they are.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, select

from kiertokylat import tables
from kiertokylat.errors import StoreError
from kiertokylat.store.faults import UnreadableError

# A row as the database gives it: column name to value. Its values have the types of its columns,
# which the type checker can't know: hence Any.
Row = dict[str, Any]

# Values that one statement may list: fewer than SQLite (32,766) and PostgreSQL (65,535) take.
_CHUNK = 10_000

# One for all rows: making it anew for each takes longer than writing the row.
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

SCHEMAS = {"companies": tables.STORED_COMPANIES, "flows": tables.STORED_FLOWS}


def frame(entity: str, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Rows of the database, in the order of the contract's columns, as a table.

    The contract is kept by what is written; here each column only gets its type.

    Parameters
    ----------
    entity
        `companies` or `flows`.
    rows
        Values of each row.

    Raises
    ------
    UnreadableError
        A value is not of its column's type, as in a damaged file.
    """
    names = list(SCHEMAS[entity].columns)
    dtypes = tables.empty(SCHEMAS[entity]).dtypes
    try:
        columns = list(zip(*rows, strict=True)) or [()] * len(names)
        return pd.DataFrame(
            {
                name: pd.Series(values, dtype=dtypes[name])
                for name, values in zip(names, columns, strict=True)
            }
        )
    except (TypeError, ValueError, KeyError) as error:
        raise UnreadableError(type(error).__name__) from error


def records(table: pd.DataFrame) -> list[Row]:
    """Rows of a table as the database takes them."""
    columns = []
    for name in table.columns:
        values = table[name].tolist()
        if table[name].dtype == float:
            values = [None if value != value else value for value in values]  # noqa: PLR0124
        columns.append(values)
    names = list(table.columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def from_json(entity: str, texts: Iterable[str | None]) -> pd.DataFrame:
    """Rows of the history as a table; where there was no row there is none."""
    names = list(SCHEMAS[entity].columns)
    found = (json.loads(text) for text in texts if text is not None)
    return frame(entity, ([row[name] for name in names] for row in found))


def to_json(row: Row | None) -> str | None:
    """A row as the history keeps it."""
    return None if row is None else _encode(row)


def stored(connection: Connection, table: Table, ids: Sequence[str]) -> dict[str, Row]:
    """What the database holds of these rows.

    Returns
    -------
    dict
        Id to row; rows that are not there are left out.
    """
    found: dict[str, Row] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(table).where(table.c.id.in_(ids[start : start + _CHUNK]))
        result = connection.execute(query)
        names = list(result.keys())
        found |= {row[0]: dict(zip(names, row, strict=True)) for row in result}
    return found


def check_text(table: pd.DataFrame) -> None:
    """Stop the one character that PostgreSQL can't keep: NUL.

    Raises
    ------
    StoreError
        `bad_text`.
    """
    for name in table.columns[table.dtypes.map(pd.api.types.is_string_dtype)]:
        if any("\0" in text for text in table[name].tolist()):
            raise StoreError("bad_text", column=name)
