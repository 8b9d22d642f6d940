"""The flows that a company probably has, from its industry and size.

An estimate is `coefficient × employees`, low with low, best with best and high with high. It exists
only where `data/reference/coefficients.csv` has a coefficient, and gives way to every flow that
somebody has stated. Numbers stay unrounded here; whoever shows them rounds to two digits.

One rate serves all sizes: no source gives waste per employee by size of firm. A small firm strays
further from the mean of its industry than a large one, so its range is wider.
"""

import pandas as pd

from kiertokylat import tables
from kiertokylat.assumptions import Assumptions

# Low, best and high number of employees where the size is not known. Assumption, without a source.
UNKNOWN_EMPLOYEES = Assumptions.unknown_employees
# Below SMALL_FIRM employees the range is widened by this factor at both ends. Assumption, without a
# source: the sources only say that one rate does not fit small firms as well as large ones.
SMALL_FIRM = 10
SMALL_FIRM_FACTOR = 2.0

# One flow: these three say which stated flow takes the place of which estimate.
KEY = ["company_id", "direction", "material"]


def estimate(
    companies: pd.DataFrame,
    coefficients: pd.DataFrame,
    reported: pd.DataFrame | None = None,
    unknown_employees: tuple[float, float, float] = UNKNOWN_EMPLOYEES,
) -> pd.DataFrame:
    """Estimate the flows of companies that nobody has stated.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`. Industries without coefficients give no flows, neither do companies
        with 0 employees.
    coefficients
        As `reference.coefficients()`: kg per employee and year.
    reported
        As `tables.FLOWS`: the flows that are known. Each takes the place of the estimate of the
        same company, direction and material, whatever its amount. Default: none are known.
    unknown_employees
        Low, best and high number of employees of a company whose number is NaN.

    Returns
    -------
    DataFrame
        As `tables.FLOWS`, sorted by `id` (`est-company-direction-material`), so that the order of
        the input rows does not matter. `tonnes_low`, `tonnes`, `tonnes_high` in t/a, unrounded.
        `continuity` is empty: a rate per year does not tell it. `source` is the coefficient's, with
        its year, and says so when the coefficient is an assumption. `note` is the multiplication.

    Raises
    ------
    ValueError
        `unknown_employees` is not low, best, high in this order, from 0 up.
    """
    low, best, high = unknown_employees
    if not 0 <= low <= best <= high:
        raise ValueError(f"unknown_employees must be 0 <= low <= best <= high: {unknown_employees}")
    sizes = companies[["id", "nace"]].assign(
        unknown=companies["employees"].isna(),
        low=companies["employees"].fillna(low),
        best=companies["employees"].fillna(best),
        high=companies["employees"].fillna(high),
    )
    sizes = sizes[sizes["high"] > 0].rename(columns={"id": "company_id"})
    rates = _rates_by_industry(sizes["nace"], coefficients)
    pairs = sizes.merge(rates, on="nace")
    if reported is not None:
        known = pd.MultiIndex.from_frame(reported[KEY])
        pairs = pairs[~pd.MultiIndex.from_frame(pairs[KEY]).isin(known)]
    return _as_flows(pairs)


def _rates_by_industry(industries: pd.Series, coefficients: pd.DataFrame) -> pd.DataFrame:
    """Coefficients of each industry code: the narrowest row of each direction and material."""
    codes = industries.drop_duplicates().reset_index(drop=True)
    matches = []
    for digits, rows in coefficients.groupby(coefficients["nace"].str.len()):
        whole = pd.DataFrame({"industry": codes, "nace": codes.str[:digits]})
        matches.append(whole.merge(rows, on="nace"))
    if not matches:
        return coefficients
    # A code of too few digits never equals a longer one; the longer of two matches is the narrower.
    rates = pd.concat(matches).sort_values("nace", key=lambda nace: nace.str.len(), kind="stable")
    rates = rates.drop_duplicates(["industry", "direction", "material"], keep="last")
    return rates.drop(columns="nace").rename(columns={"industry": "nace"})


def _as_flows(pairs: pd.DataFrame) -> pd.DataFrame:
    """Flows of pairs of a company and a coefficient."""
    narrow = pairs["low"].where(pairs["low"] >= SMALL_FIRM, pairs["low"] / SMALL_FIRM_FACTOR)
    wide = pairs["high"].where(pairs["high"] >= SMALL_FIRM, pairs["high"] * SMALL_FIRM_FACTOR)
    assumed = pairs["status"].eq("assumption").map({True: "; assumption", False: ""}).astype("str")
    span = " (" + _plain(pairs["low"]) + "–" + _plain(pairs["high"]) + "?)"
    size = _plain(pairs["best"]) + span.where(pairs["unknown"], "")
    flows = pd.DataFrame(
        {
            "id": "est-" + pairs["company_id"] + "-" + pairs["direction"] + "-" + pairs["material"],
            "company_id": pairs["company_id"],
            "direction": pairs["direction"],
            "ewc": pairs["ewc"],
            "material": pairs["material"],
            "tonnes_low": pairs["kg_low"] * narrow / 1000,
            "tonnes": pairs["kg"] * pairs["best"] / 1000,
            "tonnes_high": pairs["kg_high"] * wide / 1000,
            "continuity": "",
            "basis": "estimated",
            "source": pairs["source"] + " (" + pairs["year"] + ")" + assumed,
            "note": _plain(pairs["kg"]) + " kg × " + size,
        }
    )
    return flows.sort_values("id", ignore_index=True)[list(tables.FLOWS.columns)]


def _plain(numbers: pd.Series) -> pd.Series:
    """Numbers as text without needless zeros (text also when there are none)."""
    return numbers.map("{:.10g}".format).astype("str")
