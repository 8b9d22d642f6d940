"""Flows of which only some amounts are told ► a best guess with its range."""

import pandas as pd


def filled(flows: pd.DataFrame) -> pd.DataFrame:
    """The amounts of flows; of three, a missing one takes the value of its neighbour.

    The best guess takes that of the low one before that of the high one: so the smaller of two
    flows keeps low <= best <= high.

    Parameters
    ----------
    flows
        As `tables.FLOWS`, or its columns `tonnes_low`, `tonnes`, `tonnes_high` (t/a).

    Returns
    -------
    DataFrame
        `tonnes_low`, `tonnes`, `tonnes_high` (t/a), same rows; NaN only where all three are.
    """
    best = flows["tonnes"].fillna(flows["tonnes_low"]).fillna(flows["tonnes_high"])
    return pd.DataFrame(
        {
            "tonnes_low": flows["tonnes_low"].fillna(best),
            "tonnes": best,
            "tonnes_high": flows["tonnes_high"].fillna(best),
        }
    )
