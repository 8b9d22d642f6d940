"""Industry codes of two editions in terms of one.

The reference tables speak TOL 2008. TOL 2025 (NACE Rev. 2.1, Delegated Regulation (EU) 2023/137)
keeps the divisions that matter here but for one: division 45, motor vehicles, is dissolved. Where
it went is from memory, not checked against the regulation: repair to 95.3, wholesale to 46.7,
retail to 47.8.
"""

import pandas as pd


def in_2008(companies: pd.DataFrame) -> pd.Series:
    """Each company's industry code in terms of TOL 2008.

    Parameters
    ----------
    companies
        As `tables.COMPANIES`.

    Returns
    -------
    Series
        `nace` of each company; codes of motor vehicles' trade and repair by TOL 2025 become `45`
        and `452`. Group 95.3 exists in 2025 only, so it needs no edition.
    """
    nace = companies["nace"]
    new = companies["nace_edition"] == "2025"
    nace = nace.mask(nace.str.startswith("953"), "452")
    return nace.mask(new & nace.str[:3].isin(["467", "478"]), "45")
