"""Companies that are stored already ► which rows of a file mean them, and what the rows say."""

import numpy as np
import pandas as pd

from kiertokylat import tables
from kiertokylat.ingest.companies import COLUMNS, KEPT
from kiertokylat.ingest.register import SOURCE
from kiertokylat.ingest.sheet import fold
from kiertokylat.locate import locate

KNOWN = -1  # the "sheet" of companies that were known before
# Degrees with six decimals come back as metres within this; less is no other place.
_ROUNDING = 1.0  # m


def rows_of(known: pd.DataFrame | None) -> pd.DataFrame:
    """Known companies as rows of the "sheet" `KNOWN`.

    Parameters
    ----------
    known
        `tables.COMPANIES`, perhaps with `corrected` as in `tables.STORED_COMPANIES`.

    Returns
    -------
    DataFrame
        `companies.COLUMNS` and `corrected`, the sites of one company in the order in which they
        were numbered (`/2` before `/10`). Only exact points: others can't be compared.
    """
    if known is None:
        known = tables.empty(tables.COMPANIES)
    exact = known["precision"] == "exact"
    rows = known.assign(
        sheet=KNOWN, address="", postal_code="", fate=KEPT,
        x=known["x"].where(exact), y=known["y"].where(exact),
        corrected=known.get("corrected", ""),
    )  # fmt: skip
    rows = rows.assign(length=rows["id"].str.len()).sort_values(["length", "id"])
    return rows.assign(row=range(len(rows)))[[*COLUMNS, "corrected"]]


def made_id(rows: pd.DataFrame) -> pd.Series:
    """The id that is made of each row's name and municipality."""
    return rows["name"].map(fold).str.replace(" ", "-") + "-" + rows["municipality"]


def recognised(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the known company that they mean although name or place differ.

    Other rows find theirs by business id (or name) and municipality. These three don't:

    - a row that states the known id, and agrees in business id or name;
    - a row without business id whose name and municipality once made the known id, and that are
      others now, by hand or by an earlier file;
    - the company has one known site, and the files name it in one other municipality only. It has
      moved if both the known row and the file's are the register's (one address a company), or if
      somebody corrected the known municipality by hand. Otherwise it is a second site.

    Parameters
    ----------
    rows
        `companies.COLUMNS`, `corrected`, `folded` (name) and `who`; those of `KNOWN` first.

    Returns
    -------
    DataFrame
        Also `known` (id of the known company, its own too, or `""`) and `home` (municipality to
        compare by); `who` and `home` are the known company's where there is one.
    """
    own = rows["sheet"] == KNOWN
    known = rows[own].set_index("id")
    rows = rows.assign(known=rows["id"].where(own, ""), home=rows["municipality"])
    if known.empty or own.all():
        return rows
    agrees = pd.Series(data=False, index=rows.index)
    for column in ("business_id", "folded"):
        theirs = rows["id"].map(known[column])
        agrees |= (rows[column] != "") & (rows[column] == theirs)
    stated = rows["id"].where(agrees, "")
    made = made_id(rows)
    made = made.where((rows["business_id"] == "") & (rows["id"] == "") & made.isin(known.index), "")
    found = stated.where(stated != "", made)
    moved = _moved(rows[own], rows[~own])
    found = found.where(found != "", rows["who"].map(lambda who: moved.get(who, "")))
    meant = ~own & (found != "")
    return rows.assign(
        known=rows["known"].where(~meant, found),
        who=rows["who"].where(~meant, found.map(known["who"])),
        home=rows["home"].where(~meant, found.map(known["municipality"])),
    )


def _moved(known: pd.DataFrame, files: pd.DataFrame) -> dict[str, str]:
    """Companies (`who`) that have moved, to the id of their one known site."""
    single = known[~known["who"].duplicated(keep=False)].set_index("who")
    named = files[files["who"].isin(single.index)]
    by_who = named.groupby("who")
    places = by_who["municipality"].agg(["nunique", "first"])
    home = single.loc[places.index]
    elsewhere = (places["nunique"] == 1) & (places["first"] != home["municipality"])
    from_register = named["source"].str.startswith(SOURCE).groupby(named["who"]).any()
    register = from_register & home["source"].str.startswith(SOURCE)
    by_hand = home["corrected"].str.split().map(lambda names: "municipality" in names)
    moved = elsewhere & (register | by_hand.astype(bool))
    return {str(who): str(found) for who, found in home.loc[moved, "id"].items()}


def said(sites: pd.DataFrame, sources: pd.Series, known: pd.DataFrame) -> pd.DataFrame:
    """What files say of known companies.

    Parameters
    ----------
    sites
        `companies.COLUMNS` by known id: of every column the first value that the files give.
    sources
        Of the same ids: the register's source where the register is among the files, else the
        first one.
    known
        `tables.COMPANIES`: what is known of them.

    Returns
    -------
    DataFrame
        Columns of `tables.COMPANIES`, a row for each of `sites`; `""` and NaN where the files say
        nothing. A point only where the municipality is another, where it is more precise than the
        known one, or where both are exact and lie apart. Two points near one centre are no
        different: they are laid out for the eye (see `kiertokylat.locate`).
    """
    sites = sites.drop(columns="id").rename_axis("id").reset_index()
    located = locate(sites[["id", "municipality", "postal_code", "x", "y"]])
    stated = (sites["precision"] != "") & sites["x"].notna()
    located["precision"] = sites["precision"].where(stated, located["precision"])
    before = known.set_index("id").loc[sites["id"]].reset_index()
    rank = {name: place for place, name in enumerate(tables.PRECISIONS)}
    finer = located["precision"].map(rank) < before["precision"].map(rank)
    exact = (located["precision"] == "exact") & (before["precision"] == "exact")
    distance = np.hypot(located["x"] - before["x"], located["y"] - before["y"])
    placed = sites["municipality"] != ""
    new = placed & (sites["municipality"] != before["municipality"])
    told = new | (placed & (finer | (exact & (distance > _ROUNDING))))
    table = sites.assign(
        x=located["x"].where(told), y=located["y"].where(told),
        precision=located["precision"].where(told, "").astype("str"),
        source=sites["id"].map(sources),
    )  # fmt: skip
    return table[list(tables.COMPANIES.columns)].astype({"employees": float})
