"""The two sides of matching: who offers what, and who needs it by its own word or its industry."""

import numpy as np
import pandas as pd

from kiertokylat import tables
from kiertokylat.amounts import filled
from kiertokylat.groups import TONNES


def _best_uses(uses: pd.DataFrame) -> pd.DataFrame:
    """The best use of each material and division, and the best of those with a permit note."""
    key = ["material", "division"]
    ranked = uses.rename_axis("use").reset_index()
    ranked["route"] = pd.Categorical(ranked["route"], tables.ROUTES)
    ranked["evidence"] = pd.Categorical(ranked["evidence"], tables.EVIDENCE)
    ranked = ranked.sort_values(["route", "evidence", "use"])
    best = ranked.drop_duplicates(key)[[*key, "use"]]
    permitted = ranked[ranked["permit_fi"] != ""].drop_duplicates(key)[[*key, "use"]]
    return best.merge(permitted.rename(columns={"use": "permitted_use"}), how="left", on=key)


def places(companies: pd.DataFrame) -> pd.DataFrame:
    """Where each company is, and its division.

    Returns
    -------
    DataFrame
        `company_id`, `precision`, `x`, `y` (m), `division` (two digits).
    """
    located = companies[["id", "precision", "x", "y"]].rename(columns={"id": "company_id"})
    return located.assign(division=companies["nace"].str[:2])


def dealers(flows: pd.DataFrame) -> pd.MultiIndex:
    """Companies and materials that they have said both to offer and to need."""
    reported = flows[flows["basis"] != "estimated"]
    ways = reported.groupby(["company_id", "material"])["direction"].nunique()
    return pd.MultiIndex.from_tuples(ways.index[ways == 2], names=ways.index.names)


def side(flows: pd.DataFrame, located: pd.DataFrame, direction: str) -> pd.DataFrame:
    """The flows of one direction, their amounts filled in, with the place of their company.

    Parameters
    ----------
    flows
        As `tables.FLOWS`, both directions.
    located
        From `places`. Flows of other companies are left out.
    direction
        `out` or `in`.

    Returns
    -------
    DataFrame
        `id`, `company_id`, `ewc`, `material`, `basis`, `tonnes*`, the columns of `located`,
        `estimated` (0 or 1), `dealer` (bool: of `dealers`).
    """
    columns = ["id", "company_id", "ewc", "material", "basis", *TONNES]
    rows = flows.loc[flows["direction"] == direction, columns].merge(located, on="company_id")
    estimated = rows["basis"].eq("estimated").astype(np.int8)
    deals = pd.MultiIndex.from_frame(rows[["company_id", "material"]]).isin(dealers(flows))
    return rows.assign(estimated=estimated, dealer=deals, **filled(rows))


def receivers(
    stated: pd.DataFrame, located: pd.DataFrame, uses: pd.DataFrame, *, by_industry: bool
) -> pd.DataFrame:
    """Who needs a material, by its own word or by its industry, with the best use there.

    Parameters
    ----------
    stated
        From `side`: the needs.
    located
        From `places`.
    uses
        As `reference.uses()`.
    by_industry
        Whether companies of a division that uses a material stand too, without a stated need.

    Returns
    -------
    DataFrame
        The columns of `stated` with `demand_id` and `to_company` for `id` and `company_id`;
        `stated` (bool), `use`, `permitted_use` (keys of `uses`, or empty).
    """
    best = _best_uses(uses)
    rows = stated.assign(stated=True)
    if by_industry:
        rows = pd.concat([rows, _industry_receivers(rows, located, best)])
    rows = rows.merge(best, how="left", on=["material", "division"])
    rows = rows.fillna({"use": "", "permitted_use": ""})
    return rows.rename(columns={"id": "demand_id", "company_id": "to_company"})


def _industry_receivers(
    stated: pd.DataFrame, located: pd.DataFrame, best: pd.DataFrame
) -> pd.DataFrame:
    """Companies whose division uses a material that they have not stated a need of."""
    key = ["company_id", "material"]
    users = located.merge(best[["material", "division"]], on="division")
    users = users.merge(stated[key].drop_duplicates(), on=key, how="left", indicator=True)
    users = users[users["_merge"] == "left_only"].drop(columns="_merge")
    users = users.assign(id="", estimated=np.int8(1), dealer=False, stated=False)
    return users.assign(**dict.fromkeys(TONNES, np.nan))
