"""Companies that were erased on request, by fingerprints, so that no list brings them back.

A fingerprint is HMAC-SHA-256 (RFC 2104, FIPS 180-4) of an id under a random salt of the database.
It names nobody, but whoever has the database can test whether a known id is among them: it is
pseudonymous, not anonymous (docs/privacy.md).
"""

import hmac
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

import pandas as pd

Named = Literal["company", "business_id"]


@dataclass(frozen=True)
class Erasure:
    """One company that was erased.

    Parameters
    ----------
    company
        Fingerprint of its id.
    business_ids
        Fingerprints of the business ids that it had.
    salt
        Of these fingerprints, hexadecimal.
    date
        When, ISO.
    """

    company: str
    business_ids: frozenset[str]
    salt: str = field(repr=False)
    date: str


def fingerprint(salt: str, named: Named, value: str) -> str:
    """What stands for an id (hexadecimal); another one as id than as business id."""
    return hmac.digest(bytes.fromhex(salt), f"{named}:{value}".encode(), "sha256").hex()


def erased_on(companies: pd.DataFrame, erasures: tuple[Erasure, ...]) -> pd.Series:
    """When each company was erased.

    A company is the erased one if it has its business id, or its id and not another business id:
    ids of lists are often row numbers.

    Parameters
    ----------
    companies
        Columns `id` and `business_id`.
    erasures
        Of the database.

    Returns
    -------
    Series
        ISO dates, `""` where it was not; the index of `companies`.
    """
    found = pd.Series("", index=companies.index, dtype="str")
    for salt in {erasure.salt for erasure in erasures}:
        ours = [erasure for erasure in erasures if erasure.salt == salt]
        by_id = {erasure.company: erasure for erasure in ours}
        by_business_id = {key: erasure for erasure in ours for key in erasure.business_ids}
        pairs = zip(companies["id"], companies["business_id"], strict=True)
        dates = [_date(salt, *pair, by_id, by_business_id) for pair in pairs]
        found = found.where(found != "", pd.Series(dates, index=companies.index, dtype="str"))
    return found


def _date(
    salt: str,
    company: str,
    business_id: str,
    by_id: dict[str, Erasure],
    by_business_id: dict[str, Erasure],
) -> str:
    same = (
        by_business_id.get(fingerprint(salt, "business_id", business_id)) if business_id else None
    )
    if same is None:
        same = by_id.get(fingerprint(salt, "company", company))
        if same and business_id and same.business_ids:  # of the same id, but another company
            return ""
    return same.date if same else ""


class Sorted(NamedTuple):
    """Companies and flows, those of erased companies apart.

    Parameters
    ----------
    companies, flows
        The others.
    erased_companies
        With the column `erased_on` (ISO date).
    erased_flows
        Their flows.
    """

    companies: pd.DataFrame
    flows: pd.DataFrame
    erased_companies: pd.DataFrame
    erased_flows: pd.DataFrame


def sort_out(companies: pd.DataFrame, flows: pd.DataFrame, erasures: tuple[Erasure, ...]) -> Sorted:
    """Companies and flows without those that were erased, and these."""
    dates = erased_on(companies, erasures)
    gone = dates != ""
    theirs = flows["company_id"].isin(companies.loc[gone, "id"])
    erased = companies[gone].assign(erased_on=dates[gone])
    return Sorted(companies[~gone], flows[~theirs], erased, flows[theirs])


def in_words(day: str) -> dict[str, object]:
    """An ISO date in both languages."""
    on = date.fromisoformat(day)
    return {"fi": f"{on.day}.{on.month}.{on.year}", "en": f"{on.day} {on:%b} {on.year}"}
