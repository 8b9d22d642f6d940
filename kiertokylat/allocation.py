"""How much of the supply fits into the stated needs, when each tonne and each need counts once.

A plain list of candidates promises the same tonne to many receivers and fills the same need many
times. Here the surest and nearest pair is served first, then the next one with what is left
(greedy; not the best possible choice, but one that anybody can follow by hand).
"""

import pandas as pd

from kiertokylat.amounts import filled
from kiertokylat.rank import rank


def allocate(candidates: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Share supplies out among stated needs.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`. Only those with a stated need take part.
    flows
        As `tables.FLOWS`: every supply and demand of the candidates. Unknown amounts get nothing;
        one that is told in part is filled in as for matching (`amounts.filled`).

    Returns
    -------
    DataFrame
        `supply_id`, `demand_id`, `from_company`, `to_company`, `material` (text) and `tonnes` (t/a,
        above 0, best values), in the order served. The tonnes of a supply, and of a demand, never
        sum to more than it has.
    """
    stated = rank(candidates[candidates["demand_id"] != ""], "distance")
    left = dict(zip(flows["id"], filled(flows)["tonnes"].fillna(0), strict=True))
    served = []
    pairs = zip(stated["supply_id"].tolist(), stated["demand_id"].tolist(), strict=True)
    for row, (supply, demand) in enumerate(pairs):
        amount = min(left[supply], left[demand])
        if amount > 0:
            left[supply] -= amount
            left[demand] -= amount
            served.append((row, amount))
    rows = [row for row, _ in served]
    columns = ["supply_id", "demand_id", "from_company", "to_company", "material"]
    table = stated[columns].iloc[rows].astype("str").reset_index(drop=True)
    return table.assign(tonnes=pd.Series([amount for _, amount in served], dtype=float))
