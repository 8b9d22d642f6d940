"""What a tonne of each material is worth by the way it is used, under a set of assumptions."""

from functools import lru_cache

import numpy as np
import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.assumptions import Assumptions

ITEMS = ("disposal", "price", "treatment", "co2e")
ENDS = ("low", "best", "high")
# Gate fees in `factors.csv` hold the rate in force from 1 January 2023.
_TAX_IN_FEES = 80.0
_KEY = ["material", "route", "item"]


def edited(assumptions: Assumptions) -> pd.DataFrame:
    """The factor rows with the user's own values in their places.

    Returns
    -------
    DataFrame
        As `reference.factors()`; the status of an edited row is `edited`, its source is empty.
    """
    table = reference.factors().copy()
    for edit in assumptions.edits:
        row = (table[_KEY] == list(edit[:3])).all(axis=1)
        table.loc[row, list(ENDS)] = edit[3:]
        table.loc[row, ["status", "source"]] = ["edited", ""]
    return table


@lru_cache(maxsize=8)
def by_use(assumptions: Assumptions) -> pd.DataFrame:
    """The factors of every material and route; shared, so never change the frame in place.

    A row of `factors.csv` that names a route takes the place of the material's general one. A
    disposal fee that holds the waste tax moves with the tax: by what it differs from the 80 EUR/t
    inside the fees, never by the whole rate. A fee marked `from 2027` gets the tax from that year.

    Returns
    -------
    DataFrame
        Index `material`, `route` (each of `tables.ROUTES`, and empty); columns `disposal_low`,
        `disposal_best`, … for each of `ITEMS` (EUR/t; `co2e` kg CO2e/t), NaN where unknown.
    """
    table = edited(assumptions)
    taxed = np.select(
        [table["tax"] == "included", table["tax"] == "from 2027"],
        [assumptions.waste_tax_eur_t - _TAX_IN_FEES, assumptions.waste_tax_eur_t],
        0.0,
    )
    begun = (table["tax"] != "from 2027") | (assumptions.year >= 2027)
    own = table["status"] == "edited"  # what the user writes is the whole fee
    added = np.where(begun & ~own & (table["item"] == "disposal"), taxed, 0.0)
    for end in ENDS:
        table[end] = table[end] + added
    index = pd.MultiIndex.from_product(
        [reference.materials().index, [*tables.ROUTES, ""]], names=["material", "route"]
    )
    parts = []
    for item in ITEMS:
        rows = table[table["item"] == item].set_index(["material", "route"])[list(ENDS)]
        general = rows.xs("", level="route").reindex(index.get_level_values("material"))
        general = general.set_axis(index)
        # A row that names the route replaces all three numbers, also by "not known".
        named = rows.reindex(index)
        unnamed = ~index.isin(rows.index)
        named.loc[unnamed] = general.loc[unnamed]
        parts.append(named.add_prefix(f"{item}_"))
    return pd.concat(parts, axis=1)
