"""Headings in Finnish and English ► the fields of the package, and the row that holds them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

import pandas as pd

from kiertokylat.ingest import columns
from kiertokylat.ingest.sheet import CELL_LIMIT, Sheet, fail, fold, plain

_SEARCHED = 20  # rows from the top in which the headings may stand, below a title or a logo
_BLANK_STRETCH = 10_000  # blank rows after which a sheet has ended
_WIDEST = 16_384  # columns; Excel's own limit

# In order of preference: where a file has two headings of one field, the earlier one counts first
# (a code before a name). All in the form that `fold` gives; docs/data-formats.md lists them.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": ("id", "tunniste", "tunnus", "identifier"),
    "company_id": (
        "company id", "yritys id", "yrityksen id", "yritystunnus", "yrityksen tunnus",
        "yrityksen tunniste", "toimipaikan tunnus", "company identifier",
    ),
    "name": (
        "yrityksen nimi", "company name", "yritys", "company", "nimi", "name", "toiminimi",
        "yritysnimi", "toimipaikan nimi", "toimipaikka", "organisaatio", "organization",
        "organisation", "toimija", "firm", "business name", "foretag", "namn",
    ),
    "business_id": (
        "y tunnus", "ytunnus", "business id", "businessid", "ly tunnus", "business identity code",
        "fo nummer", "vat number", "vat id", "vat", "alv tunnus",
    ),
    "company_form": (
        "yritysmuoto", "yhtiomuoto", "yritysmuodon koodi", "company form", "companyform",
        "legal form",
    ),
    "nace": (
        "nace", "toimialakoodi", "toimialan koodi", "toimialatunnus", "tol koodi", "tol",
        "tol 2025", "tol 2008", "tol2025", "tol2008", "nace code", "nace koodi", "nace rev 2",
        "industry code",
        "paatoimialakoodi", "toimialaluokka", "toimiala", "paatoimiala", "industry",
        "main business line",
    ),
    "nace_edition": (
        "nace edition", "toimialaluokitus", "tol versio", "nace version", "typecodeset",
        "classification",
    ),
    "municipality": (
        "kuntakoodi", "kuntanumero", "municipality code", "kunta", "municipality", "kotikunta",
        "sijaintikunta", "toimipaikan kunta", "kunnan nimi", "kommun",
    ),
    "city": (
        "postitoimipaikka", "paikkakunta", "kaupunki", "city", "town", "post office", "postort",
    ),
    "employees": (
        "henkilosto", "henkilostomaara", "henkiloston maara", "tyontekijat", "tyontekijoita",
        "tyontekijamaara", "tyontekijoiden maara", "henkiloa", "htv", "employees",
        "number of employees", "staff", "personnel", "headcount",
    ),
    "address": (
        "kayntiosoite", "visiting address", "osoite", "katuosoite", "lahiosoite", "address",
        "street address", "street",
    ),
    "postal_code": ("postinumero", "postinro", "postal code", "postcode", "post code", "zip"),
    "lon": ("lon", "lng", "longitude", "long", "pituusaste", "lon wgs84", "wgs84 lon"),
    "lat": ("lat", "latitude", "leveysaste", "lat wgs84", "wgs84 lat"),
    "x": (
        "x", "x koordinaatti", "x coordinate", "easting", "itakoordinaatti", "etrs tm35fin x",
        "etrs tm35fin e", "e etrs tm35fin",
    ),
    "y": (
        "y", "y koordinaatti", "y coordinate", "northing", "pohjoiskoordinaatti", "etrs tm35fin y",
        "etrs tm35fin n", "n etrs tm35fin",
    ),
    "precision": ("precision", "sijaintitarkkuus", "sijainnin tarkkuus", "location precision"),
    "source": ("source", "lahde", "tietolahde", "tiedon lahde", "data source"),
    "direction": (
        "direction", "suunta", "virran suunta", "tarjoaa tarvitsee", "lahtee tulee",
        "lahteva tuleva", "tarjonta kysynta", "out in", "in out", "offers needs", "supply demand",
    ),
    "ewc": (
        "ewc", "ewc koodi", "ewc code", "ewc numero", "jatekoodi", "jatteen koodi", "jatenumero",
        "waste code", "low code", "jateluettelon koodi", "jatenimike",
    ),
    "material": (
        "material", "materiaali", "materiaalin nimi", "material name", "materiaalivirta",
        "sivuvirta", "side stream", "sivutuote", "by product", "raaka aine", "raw material",
        "jatteen nimi",
        "jatelaji", "jatejae", "jate", "waste", "virta", "stream",
    ),
    "tonnes_low": (
        "tonnes low", "alaraja", "maara vahintaan", "vahintaan", "ala", "minimi", "min", "low",
        "lower bound", "minimum", "pienin", "maara ala", "maara min",
    ),
    "tonnes": (
        "tonnes", "paras arvio", "maara", "vuosimaara", "amount", "quantity", "arvio", "best",
        "best estimate", "tonnit", "massa", "mass", "annual tonnes", "paras", "maara vuodessa",
    ),
    "tonnes_high": (
        "tonnes high", "ylaraja", "maara enintaan", "enintaan", "yla", "maksimi", "max", "high",
        "upper bound", "maximum", "suurin", "maara yla", "maara max",
    ),
    "unit": ("yksikko", "mittayksikko", "unit", "unit of measure"),
    "continuity": ("continuity", "jatkuvuus", "toistuvuus", "saannollisyys", "frequency"),
    "basis": ("basis", "peruste", "tiedon peruste"),
    "note": (
        "note", "huomautus", "huomautukset", "huom", "lisatieto", "lisatiedot", "kommentti",
        "selite", "kuvaus", "notes", "comment", "comments", "remarks", "description",
    ),
}  # fmt: skip
_UNIT_WORDS = (
    r"(?:(?:1000|tuhatta) )?(?:t|tn|kt|tonnia|tonnes|tons|kg|kiloa|kilos|kilogrammaa|grammaa|m3)"
    r"(?:(?: per)? (?:a|v|vuosi|vuodessa|vuosittain|year|yr|kk|kuukausi|month|vko|viikko|week))?"
)
_UNIT = re.compile(rf"(?:^|(?<= )){_UNIT_WORDS}$")  # "määrä t/v"
_UNIT_FIRST = re.compile(rf"^{_UNIT_WORDS}(?= )")  # "t/v min"
_BRACKETS = re.compile(r"[(\[](.*?)[)\]]")
# What stands in the brackets of an amount besides its unit, and changes nothing.
_REMARKS = re.compile(
    r"\b(?:(?:19|20)\d\d|arvio|arvioitu|noin|keskimaarin|yhteensa|estimate|estimated|about|ka)\b"
)


class _Meaning(NamedTuple):
    field: str
    rank: int
    unit: str = ""


@lru_cache(maxsize=4096)
def meaning(heading: str) -> _Meaning | None:
    """What a heading means: field, rank among the field's headings, unit; None if it is unknown."""
    bare = _BRACKETS.sub(" ", heading)
    found = _without_brackets(heading)
    if found is not None or bare == heading:
        return found
    found = _without_brackets(bare)
    if found is None or found.field not in columns.AMOUNTS or found.unit:
        return found
    # Any other text is taken for a unit, so that no number of pieces or weeks becomes tonnes.
    folded = fold(" ".join(_BRACKETS.findall(heading)))
    unit = " ".join(_REMARKS.sub("", folded).split())
    return found._replace(unit=_as_written(heading, unit)) if unit else found


def _without_brackets(heading: str) -> _Meaning | None:
    text = fold(heading)
    found = _exact(text)
    if found is not None:
        return found
    for pattern in (_UNIT, _UNIT_FIRST):
        unit = pattern.search(text)
        if unit is not None:
            rest = text[: unit.start()] + text[unit.end() :]
            base = _exact(rest.strip() or "tonnes")
            if base is not None and base.field in columns.AMOUNTS:
                return base._replace(unit=_as_written(heading, unit.group()))
    return None


def _as_written(heading: str, unit: str) -> str:
    """The folded `t v` as the heading has it, `t/v`."""
    words = re.split(r"[\s()\[\],;]+", heading)
    spans = (words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1))
    return next((text for text in map(" ".join, spans) if fold(text) == unit), unit)


def _exact(text: str) -> _Meaning | None:
    for name, synonyms in SYNONYMS.items():
        if text in synonyms:
            return _Meaning(name, synonyms.index(text))
    return None


def recognised(row: Iterable[str]) -> set[str]:
    """The fields that a row of headings names."""
    meanings = (meaning(cell) for cell in row if cell and len(cell) < 100)
    return {found.field for found in meanings if found is not None}


def heading_row(rows: list[list[str]]) -> int | None:
    """Position of the row with the most known headings, at least two; None if there is none."""
    counts = [len(recognised(row)) for row in rows]
    best = max(counts, default=0)
    return counts.index(best) if best >= 2 else None


def _is_headings(row: list[str]) -> bool:
    """Whether at least two and at least half of a row's texts are headings."""
    known = len(recognised(row))
    return known >= 2 and 2 * known >= sum(map(bool, row))


def read(name: str, rows: Iterable[list[str]], *, typed: bool = False) -> Sheet | None:
    """Rows of texts ► a sheet with its fields.

    Parameters
    ----------
    name
        File (and sheet) for the problems.
    rows
        All rows from the first on, headings somewhere in the first twenty.
    typed
        See `Sheet`.

    Returns
    -------
    Sheet or None
        None if no row looks like headings.

    Raises
    ------
    InputError
        A cell longer than `CELL_LIMIT`, more columns than Excel has, or headings in two rows.
    """
    numbered = enumerate(_checked(name, rows), start=1)
    top = list(islice(numbered, _SEARCHED))
    position = heading_row([row for _, row in top])
    if position is None:
        return None
    below = chain(top[position + 1 :], numbered)
    first = next(((number, row) for number, row in below if any(row)), None)
    if first is None:
        body: list[tuple[int, list[str]]] = []
    elif _is_headings(first[1]):
        raise fail("two_heading_rows", name, first=top[position][0], second=first[0])
    else:
        body = [first, *((number, row) for number, row in below if any(row))]
    return _sheet(name, top[position][1], body, typed=typed)


def _checked(name: str, rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """The rows in plain text without blank cells at their ends, until a long blank stretch."""
    blank = 0
    for number, row in enumerate(rows, start=1):
        if any(len(cell) > CELL_LIMIT for cell in row):
            raise fail("cell_too_long", name, row=number, limit=CELL_LIMIT)
        cells = [plain(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > _WIDEST:
            raise fail("too_many_columns", name, row=number, limit=_WIDEST)
        blank = 0 if cells else blank + 1
        if blank > _BLANK_STRETCH:
            return
        yield cells


def _sheet(
    name: str, headings: list[str], body: list[tuple[int, list[str]]], *, typed: bool
) -> Sheet:
    """A sheet of the known columns; what else stands in the rows becomes problems."""
    found = [meaning(heading) if 0 < len(heading) < 100 else None for heading in headings]
    places: dict[str, list[int]] = {}
    for position in sorted(
        range(len(found)), key=lambda i: known.rank if (known := found[i]) is not None else 0
    ):
        known = found[position]
        if known is not None:
            places.setdefault(known.field, []).append(position)
    totals = [(number, row) for number, row in body if columns.is_total(row)]
    wide = [number for number, row in body if any(row[len(headings) :])]
    # In a workbook what stands beside the table is a remark; in a text the row has shifted.
    skipped = {number for number, _ in totals} | (set() if typed else set(wide))
    index = pd.Index([number for number, _ in body if number not in skipped])

    def column(position: int) -> pd.Series:
        texts = [
            columns.blank_nulls(row[position]) if position < len(row) else ""
            for number, row in body
            if number not in skipped
        ]
        return pd.Series(texts, index=index, dtype="str")

    cells = pd.DataFrame(
        {field: column(positions[0]) for field, positions in places.items()}, index=index
    )
    units = {field: _unit(found[positions[0]]) for field, positions in places.items()}
    sheet = Sheet(
        name,
        cells,
        {field: headings[positions[0]] for field, positions in places.items()},
        units={field: unit for field, unit in units.items() if unit},
        typed=typed,
    )
    for number, row in totals:
        sheet.report("total_row", "note", row=number, value=next(filter(None, row)))
    for number in wide:
        if number in skipped:
            sheet.report("cells_beyond", "error", row=number, count=len(headings))
        else:
            sheet.report("cells_beside", "warning", row=number, count=len(headings))
    for field, positions in places.items():
        for position in positions[1:]:
            unit = _unit(found[position])
            columns.join(sheet, field, column(position), headings[position], unit)
    for heading, known in zip(headings, found, strict=True):
        if heading and known is None:
            sheet.report("unknown_heading", "note", value=heading)
    if sheet.cells.empty:
        sheet.report("no_rows", "note")
    edition = re.search(r"2008|2025", sheet.headings.get("nace", ""))
    if edition and "nace_edition" not in cells:
        cells["nace_edition"] = edition.group()
    return sheet


def _unit(found: _Meaning | None) -> str:
    return found.unit if found is not None else ""
