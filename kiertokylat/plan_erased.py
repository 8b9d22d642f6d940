"""What a plan says of companies that were erased on request: they are not taken in."""

import pandas as pd

from kiertokylat.erasures import Sorted, in_words
from kiertokylat.plan_rows import findings
from kiertokylat.problems import Problem
from kiertokylat.tables import rows


def left_out_findings(kept: Sorted) -> list[pd.DataFrame]:
    """Findings of erased companies and their flows, for `plan_rows.listed`."""
    companies, flows = kept.erased_companies, kept.erased_flows
    names = flows["company_id"].map(dict(zip(companies["id"], companies["name"], strict=True)))
    return [
        findings("companies", companies, companies["name"], "rejected", reason="erased"),
        findings("flows", flows, names.astype("str"), "rejected", reason="erased"),
    ]


def left_out_problems(kept: Sorted, file: str) -> tuple[Problem, ...]:
    """One problem for each erased company: when it was erased and what to do.

    Parameters
    ----------
    kept
        From `erasures.sort_out`.
    file
        The names of the files.
    """
    return tuple(
        Problem(
            "erased",
            file,
            value=row.id,
            details={"name": row.name, "date": in_words(row.erased_on)},
        )
        for row in rows(kept.erased_companies)
    )
