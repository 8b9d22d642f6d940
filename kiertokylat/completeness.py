"""What is stored at a glance, and what of it is still missing in each municipality."""

from collections.abc import Iterable

import pandas as pd

from kiertokylat.changes import Snapshot
from kiertokylat.ingest.register import SOURCE as REGISTER
from kiertokylat.plan_import import DEMO

# demo: the made-up region. register: from the business register, or amounts from a register.
# reported: by a file or by hand. estimated: worked out by the program, flows only.
ORIGINS = ("demo", "register", "reported", "estimated")
# What one wants to know of every company.
MEASURES = ("business_id", "industry", "employees", "exact_place", "reported")


def by_origin(stored: Snapshot, estimated: int) -> pd.DataFrame:
    """How many rows there are of each origin, in use and not.

    Parameters
    ----------
    stored
        Of every status.
    estimated
        Flows that the analysis has added; they are not stored.

    Returns
    -------
    DataFrame
        Index `ORIGINS`. `companies`, `flows`: those that take part in the analysis. `ceased`,
        `retired`: companies. `flows_out`: flows that were retired, or whose company takes no part.
    """
    companies, flows = stored.companies, stored.flows
    source = companies["source"]
    whence = pd.Series("reported", index=companies.index, dtype="str")
    whence = whence.mask(source.str.startswith(REGISTER), "register").mask(source == DEMO, "demo")
    basis = flows["basis"].mask(flows["source"] == DEMO, "demo")
    active = companies["status"] == "active"
    used = (flows["status"] == "active") & flows["company_id"].isin(companies.loc[active, "id"])
    counted = {
        "companies": whence[active].value_counts(),
        "flows": basis[used].value_counts(),
        "ceased": whence[companies["status"] == "ceased"].value_counts(),
        "retired": whence[companies["status"] == "retired"].value_counts(),
        "flows_out": basis[~used].value_counts(),
    }
    table = pd.DataFrame(counted).reindex(list(ORIGINS)).fillna(0).astype(int)
    added = pd.Series(0, index=table.index).mask(table.index == "estimated", estimated)
    return table.assign(flows=table["flows"] + added)


def completeness(
    companies: pd.DataFrame, flows: pd.DataFrame, municipalities: Iterable[str]
) -> pd.DataFrame:
    """What is known of the companies of each municipality.

    Parameters
    ----------
    companies, flows
        Those that take part (`Snapshot.active`), flows without estimates.
    municipalities
        Codes, in the order of the rows.

    Returns
    -------
    DataFrame
        Index `municipality`; `companies` (number), then of each of `MEASURES` the share (0–1) of
        companies of which it is known: business id, industry, employees, an exact place, a reported
        flow (at least one whose basis isn't an estimate). `share` is the mean of these, each
        counting alike, which is an assumption of this project. NaN without companies.
    """
    reported = flows.loc[flows["basis"] != "estimated", "company_id"]
    known = pd.DataFrame(
        {
            "business_id": companies["business_id"] != "",
            "industry": companies["nace"] != "",
            "employees": companies["employees"].notna(),
            "exact_place": companies["precision"] == "exact",
            "reported": companies["id"].isin(reported),
        }
    )
    home = companies["municipality"]
    rows = pd.Index(municipalities, name="municipality")
    table = known.groupby(home).mean().reindex(rows)
    table.insert(0, "companies", home.value_counts().reindex(rows).fillna(0).astype(int))
    return table.assign(share=table[list(MEASURES)].mean(axis=1))


def most_missing(table: pd.DataFrame) -> pd.Series:
    """What is missing most in each municipality, the first of equals.

    Parameters
    ----------
    table
        From `completeness`.

    Returns
    -------
    Series
        One of `MEASURES`; empty where nothing is missing or there are no companies.
    """
    shares = table[list(MEASURES)]
    least = shares.fillna(1).idxmin(axis=1)
    return least.where(shares.min(axis=1) < 1, "").astype("str")


def next_municipality(table: pd.DataFrame) -> str:
    """The municipality to work on next, or `""` if nothing is missing anywhere.

    One without companies comes first. Then the one with the smallest `share`; of equals, the one
    with more companies, then the first.

    Parameters
    ----------
    table
        From `completeness`.
    """
    order = table.assign(share=table["share"].fillna(-1.0))
    order = order.sort_values(["share", "companies"], ascending=[True, False], kind="stable")
    return str(order.index[0]) if len(order) and order["share"].iloc[0] < 1 else ""
