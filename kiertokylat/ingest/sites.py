"""Clean rows of all sheets ► sites: each company once per place, with everything known about it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kiertokylat import tables
from kiertokylat.ingest import known as known_rows
from kiertokylat.ingest.companies import COLUMNS, KEPT, LEFT_OUT, UNPLACED
from kiertokylat.ingest.known import KNOWN
from kiertokylat.ingest.register import SOURCE
from kiertokylat.ingest.sheet import Sheet
from kiertokylat.locate import locate

_SAME_POINT = 100.0  # m; two coordinates of one yard


@dataclass(frozen=True)
class Sites:
    """The companies of an import, and how rows and references find them.

    Parameters
    ----------
    companies
        `tables.COMPANIES`, without those that were known before.
    known
        What the files say of those that were: see `known.said`.
    of_row
        (sheet number, row number) of a row with a flow to the id of its company.
    by_name
        A company's folded id, business id or name to the ids it may mean.
    left_out
        Folded ids, business ids and names of companies that were left out.
    """

    companies: pd.DataFrame
    known: pd.DataFrame
    of_row: dict[tuple[int, int], str]
    by_name: dict[str, tuple[str, ...]]
    left_out: frozenset[str]


def combine(rows: pd.DataFrame, sheets: list[Sheet], known: pd.DataFrame | None = None) -> Sites:
    """One company for each business id (or name) and place, from the rows of all sheets.

    Rows are the same site when business id (else name) and municipality agree and neither address
    nor coordinates say otherwise. The first row counts; later rows fill what it leaves open.

    Parameters
    ----------
    rows
        From `companies.clean`, all sheets below each other.
    sheets
        Problems are added to them.
    known
        `tables.COMPANIES` of earlier imports, perhaps with `corrected`; flows and rows may refer to
        them.

    Returns
    -------
    Sites
    """
    rows = pd.concat([known_rows.rows_of(known), rows], ignore_index=True)
    placed = _identified(rows[rows["fate"] == KEPT].reset_index(drop=True))
    placed = known_rows.recognised(placed)
    placed["site"] = _site_numbers(placed)
    nameless = _nameless(placed, sheets)
    placed, without_name = placed[~nameless], placed[nameless]
    placed = placed.assign(key=_ids(placed))
    clashing = _clashing(placed, sheets)
    placed, clashes = placed[~clashing], placed[clashing]
    by_name = _references(placed)
    adopted = _adopted(rows[rows["fate"] == UNPLACED], by_name, sheets)
    everything = pd.concat([placed, adopted], ignore_index=True)
    _report_repeated(everything, sheets)

    earlier = set(placed.loc[placed["sheet"] == KNOWN, "key"])
    gone = pd.concat([rows[rows["fate"] == LEFT_OUT], without_name, clashes])
    return Sites(
        companies=_companies(everything[~everything["key"].isin(earlier)]),
        known=_said(everything[everything["key"].isin(earlier)], known),
        of_row=_of_rows(placed, sheets),
        by_name=by_name,
        left_out=frozenset(_words(gone)),
    )


def _identified(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with `who`: the business id, else the name.

    A row without a business id takes that of the one company of its name in its municipality.
    """
    folded = rows["name"].str.casefold()
    rows = rows.assign(folded=folded)
    with_id = rows[(rows["business_id"] != "") & (folded != "")]
    found = _single(with_id, ["folded", "municipality"], "business_id", rows)
    rows["business_id"] = rows["business_id"].where(rows["business_id"] != "", found)
    return rows.assign(who=rows["business_id"].where(rows["business_id"] != "", folded))


def _single(known: pd.DataFrame, by: list[str], column: str, rows: pd.DataFrame) -> pd.Series:
    """For each of `rows`, the value that all known rows with the same key agree on, or `""`."""
    pairs = known[[*by, column]].drop_duplicates()
    pairs = pairs[~pairs.duplicated(by, keep=False)]
    values = {tuple(key): value for *key, value in pairs.itertuples(index=False)}
    keys = rows[by].itertuples(index=False, name=None)
    return pd.Series([values.get(key, "") for key in keys], index=rows.index, dtype="str")


def _site_numbers(rows: pd.DataFrame) -> pd.Series:
    """A number for each row's site."""
    details = pd.DataFrame(
        {
            "who": rows["who"], "home": rows["home"], "address": rows["address"],
            "known": rows["known"], "x": rows["x"], "y": rows["y"],
        }
    )  # fmt: skip
    variant = details.groupby(list(details), dropna=False, sort=False).ngroup()
    firsts = details[~variant.duplicated()].assign(variant=variant)
    several = firsts.duplicated(["who", "home"], keep=False)
    site_of: dict[int, int] = {number: number for number in firsts.loc[~several, "variant"]}
    sites_of: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    columns = firsts.loc[several, ["who", "home", "variant", "known", "address", "x", "y"]]
    for who, home, *details_of_place in columns.itertuples(index=False):
        place, sites = _Place(*details_of_place), sites_of[who, home]
        same = next((i for i, site in enumerate(sites) if site.is_same(place)), None)
        if same is None:
            sites.append(place)
            site_of[place.site] = place.site
        else:
            site_of[place.site] = sites[same].site
            sites[same] = sites[same].with_more(place)
    return variant.map(site_of).astype(int)


class _Place(NamedTuple):
    """What is known about where a site is, within its municipality."""

    site: int
    known: str
    address: str
    x: float
    y: float

    def is_same(self, other: "_Place") -> bool:
        """Whether address or coordinates agree, or nothing can be compared."""
        if self.known and other.known:
            return self.known == other.known
        addresses = bool(self.address and other.address)
        distance = float(np.hypot(self.x - other.x, self.y - other.y))
        points = bool(np.isfinite(distance))
        if (addresses and self.address == other.address) or (points and distance <= _SAME_POINT):
            return True
        return not addresses and not points

    def with_more(self, other: "_Place") -> "_Place":
        """The place with what another row knows about it."""
        point = (self.x, self.y) if np.isfinite(self.x) else (other.x, other.y)
        return _Place(self.site, self.known, self.address or other.address, *point)


def _filled(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row for each `by`: of every column the first value that is known."""
    with_gaps = rows.mask(rows.isin([""]))
    first = with_gaps.groupby(by, sort=False).first()
    texts = [name for name in first if name not in ("employees", "x", "y", "sheet", "row")]
    return first.fillna(dict.fromkeys(texts, ""))


def _nameless(rows: pd.DataFrame, sheets: list[Sheet]) -> pd.Series:
    """Whether no row of a row's site has a name."""
    names = rows["name"].where(rows["name"] != "").groupby(rows["site"]).transform("first")
    for sheet, row in _places(rows[names.isna()]):
        value = sheets[sheet].column("business_id")[row]
        sheets[sheet].report("no_name", "error", row=row, name="business_id", value=value)
    return names.isna()


def _ids(rows: pd.DataFrame) -> pd.Series:
    """The id of each row's site: the file's, else the business id, else made of the name."""
    sites = _filled(rows.drop(columns="key", errors="ignore"), "site")
    wanted = sites["id"].where(sites["id"] != "", sites["business_id"])
    wanted = wanted.where(wanted != "", known_rows.made_id(sites))
    # Ids that a file gives are kept, so that its flows find them: others give way.
    stated = sites["id"] != ""
    taken = set(wanted[stated])
    final = wanted.copy()
    final[~stated] = [unused(text, taken) for text in wanted[~stated]]
    return rows["site"].map(final)


def unused(text: str, taken: set[str]) -> str:
    """`text`, or `text/2`, `text/3`…, whichever isn't taken yet; takes it."""
    number, candidate = 1, text
    while candidate in taken:
        number += 1
        candidate = f"{text}/{number}"
    taken.add(candidate)
    return candidate


def _clashing(rows: pd.DataFrame, sheets: list[Sheet]) -> pd.Series:
    """Whether a site's stated id belongs to an earlier, different site."""
    clash = rows["site"] != rows.groupby("key")["site"].transform("first")
    for (sheet, row), key in zip(_places(rows[clash]), rows.loc[clash, "key"], strict=True):
        sheets[sheet].report("id_twice", "error", row=row, name="id", value=key)
    return clash


def _places(rows: pd.DataFrame) -> Iterator[tuple[int, int]]:
    yield from zip(rows["sheet"].astype(int), rows["row"].astype(int), strict=True)


def _adopted(
    rows: pd.DataFrame, by_name: dict[str, tuple[str, ...]], sheets: list[Sheet]
) -> pd.DataFrame:
    """Rows of company lists without a place that mean one site known from elsewhere.

    They add what they know to it. Rows with a flow are not among them: they find their company when
    the flows are read.
    """
    keys = []
    for (number, row), *words in zip(
        _places(rows), rows["id"], rows["business_id"], rows["name"], strict=True
    ):
        found = [by_name[word.casefold()] for word in words if word.casefold() in by_name]
        keys.append(found[0][0] if found and len(found[0]) == 1 else "")
        if not keys[-1] and not sheets[number].has_flows:
            value = sheets[number].column("name")[row]
            sheets[number].report("no_location", "error", row=row, name="name", value=value)
    rows = rows.assign(key=pd.Series(keys, index=rows.index, dtype="str"))
    lists = [number for number, sheet in enumerate(sheets) if not sheet.has_flows]
    return rows[(rows["key"] != "") & rows["sheet"].isin(lists)]


def _of_rows(rows: pd.DataFrame, sheets: list[Sheet]) -> dict[tuple[int, int], str]:
    """The company of each row with a flow, unless the row doesn't tell which of two sites it is."""
    with_flows = [number for number, sheet in enumerate(sheets) if sheet.has_flows]
    vague = (rows["address"] == "") & rows["x"].isna()
    several = rows.groupby(["who", "home"])["key"].transform("nunique") > 1
    own = rows[rows["sheet"].isin(with_flows) & ~(vague & several)]
    own = own[["sheet", "row", "key"]]
    return {(sheet, row): key for sheet, row, key in own.itertuples(index=False)}


def _report_repeated(rows: pd.DataFrame, sheets: list[Sheet]) -> None:
    """Companies that stand in a list twice, and those that an earlier file had already."""
    elsewhere: dict[int, set[str]] = defaultdict(set)
    first: dict[str, tuple[int, int]] = {}
    for (number, row), key in zip(_places(rows), rows["key"], strict=True):
        earlier_sheet, earlier_row = first.setdefault(key, (number, row))
        if (
            number == KNOWN
            or sheets[number].has_flows
            or (earlier_sheet, earlier_row) == (number, row)
        ):
            continue
        if earlier_sheet == number:
            sheet = sheets[number]
            value = sheet.column("name")[row]
            sheet.report(
                "duplicate_company", "warning", row=row, name="name", value=value, first=earlier_row
            )
        else:
            elsewhere[number].add(key)
    for number, keys in elsewhere.items():
        sheets[number].report("known_company", "note", count=len(keys))


def _companies(rows: pd.DataFrame) -> pd.DataFrame:
    """Sites as a companies table, located."""
    if rows.empty:
        return tables.empty(tables.COMPANIES)
    sites = _filled(rows, "key").reset_index()
    sites["id"] = sites["key"]
    located = locate(sites[["id", "municipality", "postal_code", "x", "y"]])
    stated = sites["precision"]
    precision = located["precision"].where((stated == "") | sites["x"].isna(), stated)
    sites = sites.assign(x=located["x"], y=located["y"], precision=precision)
    return tables.companies(sites[list(tables.COMPANIES.columns)])


def _said(rows: pd.DataFrame, known: pd.DataFrame | None) -> pd.DataFrame:
    """What the rows of files among these say of the known companies."""
    rows = rows[rows["sheet"] != KNOWN]
    if known is None or rows.empty:
        return tables.empty(tables.COMPANIES)
    by_register = rows["source"].str.startswith(SOURCE)
    of_register = rows["source"].where(by_register).groupby(rows["key"]).first()
    sites = _filled(rows[[*COLUMNS, "key"]], "key")
    sources = of_register.reindex(sites.index).fillna(sites["source"])
    return known_rows.said(sites, sources, known)


def _references(rows: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    # Tuples, not sets: a register gives tens of thousands of them, nearly all with one id.
    found: dict[str, tuple[str, ...]] = {}
    for *texts, key in rows[["id", "business_id", "name", "key"]].itertuples(index=False):
        for text in (*texts, key):
            known = found.get(text.casefold(), ())
            if text and key not in known:
                found[text.casefold()] = (*known, key)
    return found


def _words(rows: pd.DataFrame) -> Iterator[str]:
    for column in ("id", "business_id", "name"):
        yield from (text.casefold() for text in rows[column] if text)
