"""What everybody but editors may see of the companies: nothing that names a sole trader.

A sole trader's name, business id and address are personal data (GDPR, art. 4(1)), a contact person
is one wherever they work. Figures of few companies in summaries are hidden by `masking`.
"""

import hashlib
import re

import numpy as np
import pandas as pd

from kiertokylat import locate, reference
from kiertokylat.changes import Snapshot
from kiertokylat.ingest.cells import is_sole_trader
from kiertokylat.ingest.sites import unused
from kiertokylat.words import Language, say

_COUNT = re.compile(r"/[0-9]+$")  # of `unused`
_PUBLIC_ID = re.compile(r"sole-trader-[0-9]+(/[0-9]+)?")


def is_private(companies: pd.DataFrame) -> pd.Series:
    """Whether each company is a sole trader: it is marked as one, or its name says so.

    Parameters
    ----------
    companies
        As `tables.STORED_COMPANIES`.
    """
    by_name = [is_sole_trader("", name) for name in companies["name"]]
    return companies["sole_trader"].astype(bool) | pd.Series(by_name, companies.index, dtype=bool)


def public(snapshot: Snapshot, language: Language = "fi") -> Snapshot:
    """The dataset without personal data: `public_companies` and `public_flows`, in order of ids.

    What is public already stays to the letter: a dataset read from a public archive is numbered as
    it is there.
    """
    companies = public_companies(snapshot.companies, language)
    flows = public_flows(snapshot.flows, snapshot.companies)
    return Snapshot(
        snapshot.version,
        companies.sort_values("id", ignore_index=True),
        flows.sort_values("id", ignore_index=True),
    )


def public_companies(companies: pd.DataFrame, language: Language = "fi") -> pd.DataFrame:
    """Companies without contacts, sole traders without anything that names them.

    Sole traders keep municipality, industry, employees and what they give and need: the analysis
    rests on them. In a small place this may still tell somebody who it is.

    Parameters
    ----------
    companies
        As `tables.STORED_COMPANIES`.
    language
        Of the words that stand for a sole trader's name.

    Returns
    -------
    DataFrame
        As given; `contact` is empty. Of sole traders `id` is a number that says nothing (the same
        for the same set of them), `business_id` and `source` (unless the demo's) are empty, the
        point is near the centre of the municipality.
    """
    private, ids = is_private(companies), _public_ids(companies)
    places = reference.municipalities()["name_fi"]
    homes = companies["municipality"].map(places).fillna(companies["municipality"])
    called = {home: say("privacy.sole_trader", language, place=home) for home in homes[private]}
    public = companies.assign(
        contact="",
        id=_renamed(companies["id"], ids),
        name=companies["name"].mask(private, homes.map(called)),
        business_id=companies["business_id"].mask(private, ""),
        source=_public_source(companies, private),
        corrected=companies["corrected"].mask(private, ""),
        sole_trader=private,
    )
    return _near_the_centre(public, private)


def public_flows(flows: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Flows of `public_companies`: under their ids, those of sole traders without free text.

    Parameters
    ----------
    flows
        As `tables.STORED_FLOWS`.
    companies
        As `tables.STORED_COMPANIES`, not yet public.
    """
    ids = _public_ids(companies)
    private = flows["company_id"].isin(ids)
    owner = _renamed(flows["company_id"], ids)
    taken = set(flows.loc[~private, "id"])
    made = (owner + ":" + flows["direction"] + ":" + flows["material"])[private]
    named = flows.loc[private, "id"]
    done = named.str.replace(_COUNT, "", regex=True) == made[private]
    taken |= set(named[done])
    order = named[~done].sort_values().index  # not that of the rows
    new = pd.Series({row: unused(made[row], taken) for row in order}, dtype="str")
    return flows.assign(
        id=flows["id"].mask(flows.index.isin(order), new),
        company_id=owner,
        source=_public_source(flows, private),
        note=flows["note"].mask(private, ""),
        corrected=flows["corrected"].mask(private, ""),
    )


def _public_source(rows: pd.DataFrame, private: pd.Series) -> pd.Series:
    """A source may be the name of a file that somebody has named after the trader."""
    return rows["source"].mask(private & (rows["source"] != "demo"), "")


def _public_ids(companies: pd.DataFrame) -> dict[str, str]:
    """New ids of sole traders by their own, which are often made of a name or business id.

    They are numbered in the order of a hash: neither number nor order says anything of a name. An
    id that is such a number stays.
    """
    own = sorted(companies.loc[is_private(companies), "id"], key=_digest)
    done = [key for key in own if _PUBLIC_ID.fullmatch(key)]
    rest = [key for key in own if not _PUBLIC_ID.fullmatch(key)]
    taken = set(companies["id"])
    made = {key: unused(f"sole-trader-{place}", taken) for place, key in enumerate(rest, start=1)}
    return dict(zip(done, done, strict=True)) | made


def _renamed(keys: pd.Series, ids: dict[str, str]) -> pd.Series:
    return pd.Series([ids.get(key, key) for key in keys], index=keys.index, dtype="str")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _near_the_centre(companies: pd.DataFrame, private: pd.Series) -> pd.DataFrame:
    """Private ones move to the centre of their municipality, in the spiral behind others there."""
    there = private | (companies["precision"] == "municipality")
    rows = companies.loc[there, ["municipality"]].assign(postal_code="", x=np.nan, y=np.nan)
    rows["id"] = np.where(private[there], "1", "0") + companies.loc[there, "id"]
    points = locate.locate(rows)[["x", "y"]]
    # Somewhere in the region, where the municipality is none of it: every row needs a point.
    centres = reference.municipalities()[["centre_lon", "centre_lat"]].mean()
    x, y = locate.to_metres([centres["centre_lon"]], [centres["centre_lat"]])
    points = points.fillna({"x": x[0], "y": y[0]}).reindex(companies.index)
    return companies.assign(
        x=companies["x"].mask(private, points["x"]),
        y=companies["y"].mask(private, points["y"]),
        precision=companies["precision"].mask(private, "municipality"),
    )
