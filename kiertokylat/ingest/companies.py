"""Rows that name companies ► clean rows, one table for all sheets."""

import numpy as np
import pandas as pd

from kiertokylat import reference
from kiertokylat.ingest import cells, places
from kiertokylat.ingest.sheet import Sheet, fold

COLUMNS = [
    "sheet", "row", "id", "name", "business_id", "nace", "nace_edition", "municipality",
    "employees", "x", "y", "precision", "source", "address", "postal_code", "fate",
]  # fmt: skip
# What becomes of a row: it has a place in the region; it names a company without saying where; it
# is left out (and that was reported).
KEPT, UNPLACED, LEFT_OUT = "kept", "unplaced", "left out"
_ROWS_SHOWN = 10  # numbers of rows that a count mentions
_EXAMPLES = 3  # names of municipalities that a count mentions
# More people than any workplace of the region has; assumed, to catch a column that was mistaken.
MOST_EMPLOYEES = 100_000


def clean(sheet: Sheet, number: int) -> pd.DataFrame:
    """The companies that a sheet's rows name, and the sheet's problems with them.

    Parameters
    ----------
    sheet
        Problems are added to it.
    number
        Of the sheet, for the column `sheet`.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for every row that names a company. `x`, `y` in EPSG:3067 m or NaN.
        `precision` is empty unless the file states it. `fate` is `KEPT`, `UNPLACED` or `LEFT_OUT`.
    """
    rows = pd.DataFrame({"sheet": number, "row": sheet.cells.index}, index=sheet.cells.index)
    own_id = "company_id" if sheet.has("company_id") or sheet.has_flows else "id"
    rows["id"] = sheet.column(own_id)
    rows["name"] = sheet.column("name")
    named = _report_excel_errors(sheet)
    rows["business_id"] = _business_ids(sheet)
    rows[["nace", "nace_edition"]] = _industries(sheet)
    rows["employees"] = _employees(sheet)
    found = places.places(sheet)
    rows[["municipality", "postal_code", "x", "y"]] = found[
        ["municipality", "postal_code", "x", "y"]
    ]
    stated = sheet.parsed("precision", lambda text: cells.PRECISIONS.get(fold(text), ""))
    rows["precision"] = stated.where(rows["x"].notna(), "").astype("str")
    rows["address"] = sheet.column("address").map(fold)
    rows["source"] = sheet.column("source").where(sheet.column("source") != "", sheet.name)
    rows["fate"] = _fates(sheet, rows)
    identified = (rows["name"] != "") | (sheet.column("business_id") != "")
    if not sheet.has_flows:
        sheet.report_rows("no_name", "error", "name", ~identified & named)
    return rows.loc[identified & named, COLUMNS].reset_index(drop=True)


def _report_excel_errors(sheet: Sheet) -> pd.Series:
    """Blank every broken formula of the sheet; False where the company's name is one."""
    named = pd.Series(data=True, index=sheet.cells.index)
    for field in map(str, sheet.cells.columns):
        broken = sheet.parsed(field, cells.is_excel_error).astype(bool)
        if broken.any():
            severity = "error" if field == "name" else "warning"
            sheet.report_rows("excel_error", severity, field, broken)  # type: ignore[arg-type]
            sheet.cells.loc[broken, field] = ""
            named &= ~broken if field == "name" else True
    return named


def _business_ids(sheet: Sheet) -> pd.Series:
    """Business ids; empty (and reported) where the check digit is wrong."""
    found = sheet.parsed("business_id", cells.business_id)
    nothing = sheet.parsed("business_id", cells.is_nothing).astype(bool)
    sheet.report_rows("business_id_invalid", "warning", "business_id", found.isna() & ~nothing)
    return found.fillna("").astype("str")


def _industries(sheet: Sheet) -> pd.DataFrame:
    """Industry codes and their edition. Zeros that a column of five digits has lost come back."""
    names = {fold(name): str(code) for code, name in reference.divisions()["name_fi"].items()}
    names |= {fold(name): str(code) for code, name in reference.divisions()["name_en"].items()}
    column = sheet.column("nace")
    codes = sheet.parsed("nace", lambda text: cells.nace(text) or names.get(fold(text)))
    date = sheet.parsed("nace", cells.is_date).astype(bool)
    nothing = sheet.parsed("nace", cells.is_nothing).astype(bool)
    sheet.report_rows("cell_is_date", "warning", "nace", date)
    sheet.report_rows("unknown_industry", "warning", "nace", codes.isna() & ~nothing & ~date)

    # The register has no headings; it writes codes as text and loses no zero.
    shortened = _zero_lost(column) & ("nace" in sheet.headings)
    sheet.report_rows("industry_zero_lost", "warning", "nace", shortened)
    codes = codes.where(~shortened, "0" + column).fillna("")
    absent = (codes != "") & ~codes.str[:2].isin(reference.divisions().index)
    sheet.report_rows("unknown_industry", "warning", "nace", absent)
    codes = codes.where(~absent, "")

    editions = sheet.parsed("nace_edition", lambda text: cells.EDITIONS.get(fold(text)))
    stated = ~sheet.parsed("nace_edition", cells.is_nothing).astype(bool)
    sheet.report_rows("unknown_edition", "warning", "nace_edition", editions.isna() & stated)
    return pd.DataFrame({"nace": codes, "nace_edition": editions.fillna("")}).astype("str")


def _zero_lost(column: pd.Series) -> pd.Series:
    """Whether a code of four digits had five: the others have, and none begins with a zero.

    Excel turns 02100 (forestry) into 2100, which would be pharmaceuticals.
    """
    codes = column[column.str.fullmatch(r"\d+")]
    lengths = codes.str.len()
    whole = lengths.isin([4, 5]).all() and (lengths == 5).mean() > 0.5
    lost = (column.str.len() == 4) & column.index.isin(codes.index)
    return lost & bool(whole and not codes.str.startswith("0").any())


def _employees(sheet: Sheet) -> pd.Series:
    amounts = sheet.parsed("employees", cells.amount)
    values = pd.Series([np.nan if a is None else a.best for a in amounts], index=amounts.index)
    nothing = sheet.parsed("employees", cells.is_nothing).astype(bool)
    wrong = (values.isna() & ~nothing) | (values < 0) | (values > MOST_EMPLOYEES)
    sheet.report_rows("bad_number", "warning", "employees", wrong)
    return values.where(~wrong)


def _fates(sheet: Sheet, rows: pd.DataFrame) -> pd.Series:
    """What becomes of each row, and the problems of those that are left out."""
    forms = zip(sheet.column("company_form"), rows["name"], strict=True)
    sole = pd.Series([cells.is_sole_trader(f, n) for f, n in forms], index=rows.index, dtype=bool)
    outside = (rows["municipality"] == places.OUTSIDE) & ~sole
    unknown = (rows["municipality"] == places.UNKNOWN) & ~sole
    # In a list of flows a company stands on many rows: companies are counted, not rows.
    companies = rows["business_id"].where(rows["business_id"] != "", rows["name"].map(fold))
    if sole.any():  # a count only: their names are personal data
        numbers = [str(row) for row in sole.index[sole]]
        shown = ", ".join(numbers[:_ROWS_SHOWN]) + (" …" if len(numbers) > _ROWS_SHOWN else "")
        count = int(companies[sole].nunique())
        sheet.report("sole_trader_rows", "warning", count=count, rows=shown)
    if outside.any():
        stated = sheet.column("municipality")[outside]
        examples = [name for name in stated.unique() if name][:_EXAMPLES]
        sheet.report(
            "outside_region", "note", name="municipality", value=", ".join(examples),
            count=int(companies[outside].nunique()),
        )  # fmt: skip
    for row, value in sheet.column("municipality")[unknown].items():
        near = places.suggestion(value)
        code = "municipality_misspelt" if near else "unknown_municipality"
        sheet.report(
            code, "error", row=int(str(row)), name="municipality", value=value, suggestion=near
        )
    unplaced = rows["municipality"] == ""
    fates = np.select([sole | outside | unknown, unplaced], [LEFT_OUT, UNPLACED], KEPT)
    return pd.Series(fates, index=rows.index, dtype="str")
