"""Rows as an editor left them ► tidy rows, and what is wrong in which cell.

The rules are those of the import (`kiertokylat.ingest`): what a file may say, a hand may write. The
texts are `plan.check_{code}`.
"""

from collections.abc import Callable, Collection

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.changes import no_companies, no_flows
from kiertokylat.ingest import cells, places
from kiertokylat.ingest.amounts import MOST
from kiertokylat.ingest.companies import MOST_EMPLOYEES
from kiertokylat.ingest.sheet import plain
from kiertokylat.plan_rows import AMOUNTS, contradicting
from kiertokylat.receivers import material_of
from kiertokylat.typed_numbers import NUMBERS

COLUMNS = ("row", "id", "column", "code")
# Characters. Assumed: longer than any honest text, short enough for a table.
LIMITS = {"name": 200, "contact": 1000, "source": 500, "note": 2000}


def tidy_companies(rows: pd.DataFrame) -> pd.DataFrame:
    """Edited companies in the form in which they are stored, where they can be understood.

    Parameters
    ----------
    rows
        Columns of `tables.STORED_COMPANIES`, or some of them; cells may be missing (None, NaN).
    """
    rows = _typed(rows, no_companies())
    sole_trader = rows["name"].map(lambda name: cells.is_sole_trader("", name)).astype(bool)
    return rows.assign(
        business_id=_read(rows["business_id"], cells.business_id),
        nace=_read(rows["nace"], cells.nace),
        sole_trader=rows["sole_trader"] | sole_trader,
    )


def tidy_flows(rows: pd.DataFrame) -> pd.DataFrame:
    """Edited flows in the form in which they are stored, where they can be understood.

    A material that isn't stated is the one of the code. A lone amount is its own low and high; of
    a range alone the middle is the best value.

    Parameters
    ----------
    rows
        Columns of `tables.STORED_FLOWS`, or some of them; cells may be missing (None, NaN).
    """
    rows = _typed(rows, no_flows())
    codes = _read(rows["ewc"], cells.ewc)
    of_code = codes.map(lambda code: material_of(code) or "").astype("str")
    low, best, high = (rows[name] for name in AMOUNTS)
    middle = (low + high) / 2
    return rows.assign(
        ewc=codes,
        material=rows["material"].where(rows["material"] != "", of_code),
        tonnes_low=low.fillna(best),
        tonnes=best.fillna(middle),
        tonnes_high=high.fillna(best),
        basis=rows["basis"].where(rows["basis"] != "", "reported"),
    )


def _read(texts: pd.Series, parse: Callable[[str], str | None]) -> pd.Series:
    """Texts in their one form; as they are where they can't be read."""
    return texts.map(lambda text: parse(text) or text).astype("str")


def _typed(rows: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Rows with the columns and types of a stored table; nothing is `""`, NaN, 0 or False."""
    rows = rows.reindex(columns=kept.columns)
    values: dict[str, pd.Series] = {}
    for name, kind in kept.dtypes.items():
        column = rows[name]
        if kind == "bool":
            values[str(name)] = column.eq(other=True)
        elif kind == "str":
            texts = [plain(str(text)) if pd.notna(text) else "" for text in column]
            values[str(name)] = pd.Series(texts, index=rows.index, dtype="str")
        else:
            numbers = pd.to_numeric(column, errors="coerce")  # `check_numbers` tells of others
            values[str(name)] = (numbers.fillna(0) if kind == "int64" else numbers).astype(kind)
    rows = pd.DataFrame(values, index=rows.index)
    return rows.assign(status=rows["status"].where(rows["status"] != "", "active"))


def check_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells of edited rows, of either table, that hold a text instead of a number.

    Parameters
    ----------
    rows
        As `tidy_companies` or `tidy_flows` take them, not yet tidy.

    Returns
    -------
    DataFrame
        As `check_companies`.
    """
    rows = rows.assign(id=rows["id"].fillna(""))
    there = [str(name) for name in rows if name in NUMBERS]
    texts = {name: rows[name].map(lambda cell: isinstance(cell, str)).astype(bool)
             for name in there}  # fmt: skip
    return _found(rows, [(name, "number_unread", texts[name]) for name in there])


def check_companies(rows: pd.DataFrame) -> pd.DataFrame:
    """What is wrong in edited companies, cell by cell.

    Parameters
    ----------
    rows
        As `tidy_companies` takes them.

    Returns
    -------
    DataFrame
        `row` (label of the row in `rows`), `id`, `column`, `code` of the text; no rows if all is
        well.
    """
    rows = tidy_companies(rows)
    known = reference.municipalities().index
    wrong_id = (rows["business_id"] != "") & rows["business_id"].map(cells.business_id).isna()
    division = rows["nace"].str[:2].isin(reference.divisions().index)
    digits = rows["nace"].str.fullmatch(r"\d{2,5}")
    employees = rows["employees"]
    half = rows["x"].isna() != rows["y"].isna()
    here = rows["municipality"].isin(known) & rows["x"].notna() & rows["y"].notna()
    away = places.far(*(rows.loc[here, name] for name in ("municipality", "x", "y")))
    checks = [
        ("name", "name_missing", rows["name"] == ""),
        ("business_id", "business_id_invalid", wrong_id),
        ("nace", "industry_unknown", (rows["nace"] != "") & ~(division & digits)),
        ("municipality", "municipality_unknown", ~rows["municipality"].isin(known)),
        ("employees", "employees_range", (employees < 0) | (employees > MOST_EMPLOYEES)),
        ("x", "point_incomplete", half),
        ("x", "point_elsewhere", away.reindex(rows.index, fill_value=False)),
        *_choices(rows, nace_edition=("2008", "2025", ""), precision=(*tables.PRECISIONS, "")),
        *_choices(rows, status=tables.COMPANY_STATUSES),
        *_lengths(rows),
    ]
    return _found(rows, checks)


def check_flows(rows: pd.DataFrame, companies: Collection[str] | None = None) -> pd.DataFrame:
    """What is wrong in edited flows, cell by cell.

    Parameters
    ----------
    rows
        As `tidy_flows` takes them.
    companies
        Ids of the companies that there are; None: not checked.

    Returns
    -------
    DataFrame
        As `check_companies`.
    """
    # A lone amount fills its neighbours: a mistake in it is told of the cell that was typed.
    typed = _typed(rows, no_flows())[list(AMOUNTS)]
    rows = tidy_flows(rows)
    homeless = rows["company_id"] == ""
    if companies is not None:
        homeless |= ~rows["company_id"].isin(list(companies))
    wrong_code = (rows["ewc"] != "") & rows["ewc"].map(cells.ewc).isna()
    known = rows["material"].isin(reference.materials().index)
    low, best, high = (rows[name] for name in AMOUNTS)
    checks = [
        ("company_id", "company_unknown", homeless),
        ("ewc", "code_invalid", wrong_code),
        ("material", "material_unknown", ~known),
        ("material", "material_differs", ~wrong_code & known & contradicting(rows)),
        ("tonnes", "tonnes_order", (low > best) | (best > high) | (low > high)),
        *((name, "tonnes_negative", typed[name] < 0) for name in AMOUNTS),
        *((name, "tonnes_absurd", typed[name] > MOST) for name in AMOUNTS),
        *_choices(rows, direction=tables.DIRECTIONS, continuity=tables.CONTINUITIES),
        *_choices(rows, basis=tables.BASES, status=tables.FLOW_STATUSES),
        *_lengths(rows),
    ]
    return _found(rows, checks)


def _choices(rows: pd.DataFrame, **choices: tuple[str, ...]) -> list[tuple[str, str, pd.Series]]:
    return [(name, "choice_unknown", ~rows[name].isin(values)) for name, values in choices.items()]


def _lengths(rows: pd.DataFrame) -> list[tuple[str, str, pd.Series]]:
    return [
        (name, "too_long", rows[name].str.len() > limit)
        for name, limit in LIMITS.items()
        if name in rows
    ]


def _found(rows: pd.DataFrame, checks: list[tuple[str, str, pd.Series]]) -> pd.DataFrame:
    found = [
        (row, rows.loc[row, "id"], column, code)
        for column, code, wrong in checks
        for row in rows.index[wrong]
    ]
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table.sort_values("row", kind="stable", ignore_index=True)
