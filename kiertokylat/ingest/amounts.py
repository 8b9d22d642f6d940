"""The amount columns of a sheet ► tonnes a year, low, best and high."""

import numpy as np
import pandas as pd

from kiertokylat.ingest import cells
from kiertokylat.ingest.sheet import Sheet
from kiertokylat.problems import Severity

FIELDS = ("tonnes_low", "tonnes", "tonnes_high")
# Both limits are assumptions, not statistics: no single flow of the region comes near the first;
# above the second a flow may be real (a pulp mill's bark) but kilograms are likelier.
MOST = 5_000_000.0  # t/a
MUCH = 100_000.0  # t/a


def tonnes(sheet: Sheet) -> pd.DataFrame:
    """Tonnes a year of every row, and the sheet's problems with them.

    A lone amount is the lowest and the highest too; of a range alone the middle is the best value.

    Parameters
    ----------
    sheet
        Problems are added to it.

    Returns
    -------
    DataFrame
        The sheet's index; `low`, `best`, `high` (t/a, NaN where unknown), `good` (False: the row is
        left out), `remark` (what stood in the cell, where it could not be used).
    """
    index = sheet.cells.index
    read = {field: _column(sheet, field) for field in FIELDS}
    best = read["tonnes"]["best"]
    low = read["tonnes_low"]["low"].fillna(read["tonnes"]["low"])
    high = read["tonnes_high"]["high"].fillna(read["tonnes"]["high"])
    best_open = best.isna()
    only_bounds = best_open & low.notna() & high.notna()
    best = best.where(~only_bounds, (low + high) / 2)

    # What a value comes from: a cell that is empty has nothing that could be mended.
    of_low = read["tonnes_low"]["low"].notna()
    of_high = read["tonnes_high"]["high"].notna()
    sources = (
        (low, _either("tonnes_low", of_low, "tonnes")),
        (best, _either("tonnes_high", only_bounds, "tonnes")),
        (high, _either("tonnes_high", of_high, "tonnes")),
    )
    good = pd.Series(data=True, index=index)
    for values, fields in sources:
        negative, absurd = values < 0, values > MOST
        _report(sheet, "negative_tonnes", "error", fields, negative & good)
        _report(sheet, "absurd_tonnes", "error", fields, absurd & good, limit=MOST)
        good &= ~negative & ~absurd
    large = good & (best.fillna(high) > MUCH)
    _report(sheet, "large_tonnes", "warning", _either("tonnes_high", best_open, "tonnes"), large)

    table = pd.DataFrame({"low": low, "best": best, "high": high})
    crossed = good & ((low > best) | (best > high) | (low > high))
    _report(sheet, "tonnes_order", "warning", _either("tonnes_low", of_low, "tonnes"), crossed)
    ordered = np.sort(table[crossed].to_numpy(), axis=1)  # NaN goes last
    table.loc[crossed] = ordered
    remark = read["tonnes_low"]["remark"]
    for field in ("tonnes", "tonnes_high"):
        both = (remark != "") & (read[field]["remark"] != "")
        remark = remark + np.where(both, "; ", "") + read[field]["remark"]
    return table.assign(good=good, remark=remark)


def _either(field: str, where: pd.Series, other: str) -> dict[str, pd.Series]:
    """The field that each row's value stands in."""
    return {field: where, other: ~where}


def _report(
    sheet: Sheet,
    code: str,
    severity: Severity,
    fields: dict[str, pd.Series],
    where: pd.Series,
    **details: object,
) -> None:
    """One problem for every row where `where` is true, in the field that its value stands in."""
    for field, here in fields.items():
        sheet.report_rows(code, severity, field, where & here, **details)


def _column(sheet: Sheet, field: str) -> pd.DataFrame:
    """One column in tonnes; `remark` repeats a cell that says something else than tonnes."""
    texts = sheet.column(field)
    found = sheet.parsed(field, cells.amount)
    nothing = sheet.parsed(field, cells.is_nothing).astype(bool)
    table = pd.DataFrame(
        [(a.low, a.best, a.high) if a is not None else (np.nan,) * 3 for a in found],
        columns=["low", "best", "high"],
        index=texts.index,
        dtype=float,
    )
    own = pd.Series(
        [a.unit if a is not None else "" for a in found], index=texts.index, dtype="str"
    )
    units = own.where(own != "", sheet.column("unit"))
    units = units.where(units != "", sheet.units.get(field, ""))
    factors = units.map({unit: cells.tonnes_in(unit) for unit in units.unique()}).astype(float)

    unread = found.isna() & ~nothing
    sheet.report_rows("bad_amount", "warning", field, unread)
    unusable = found.notna() & factors.isna()
    for row in texts.index[unusable]:
        sheet.report(
            "unit_not_tonnes", "warning", row=row, name=field, value=texts[row], unit=units[row]
        )
    doubtful = texts.map({t: cells.is_ambiguous(t, typed=sheet.typed) for t in texts.unique()})
    sheet.report_rows("ambiguous_number", "warning", field, doubtful.astype(bool) & ~unusable)

    # For the note: the cell's own text, and "120 m3" where the unit stands elsewhere.
    with_unit = texts + np.where(own != "", "", " " + units)
    remark = with_unit.where(unusable, texts.where(unread, "")).str.strip()
    return table.mul(factors, axis=0).assign(remark=remark)
