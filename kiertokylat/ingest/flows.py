"""Rows that name material flows ► clean flows, each with its company."""

from functools import lru_cache
from typing import Any

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.ingest import amounts, cells, materials
from kiertokylat.ingest.sheet import Sheet, fold
from kiertokylat.ingest.sites import Sites, unused
from kiertokylat.receivers import material_of
from kiertokylat.words import LANGUAGES

_SAME = ["company_id", "direction", "ewc", "material"]


def clean(sheet: Sheet, number: int, sites: Sites) -> pd.DataFrame:
    """The flows of one sheet, and the sheet's problems with them.

    Parameters
    ----------
    sheet
        Problems are added to it.
    number
        Of the sheet, as `sites.of_row` has it.
    sites
        The companies of all files.

    Returns
    -------
    DataFrame
        `sheet`, `row` and the columns of `tables.FLOWS`; `id` is empty where the file gives none.
    """
    rows = pd.DataFrame({"sheet": number, "row": sheet.cells.index}, index=sheet.cells.index)
    rows["id"] = sheet.column("id")
    rows["company_id"] = _companies(sheet, number, sites)
    # Nothing more is said about rows whose company is not there: it would only distract.
    sheet = sheet.part(rows["company_id"] != "")
    rows = rows.loc[sheet.cells.index].copy()
    rows["direction"] = _directions(sheet)
    rows[["ewc", "material"]] = _materials(sheet)
    measured = amounts.tonnes(sheet)
    rows[["tonnes_low", "tonnes", "tonnes_high"]] = measured[["low", "best", "high"]]
    rows["continuity"] = _choice(sheet, "continuity", cells.CONTINUITIES, "unknown_continuity")
    basis = _choice(sheet, "basis", cells.BASES, "unknown_basis")
    rows["basis"] = basis.where(basis != "", "reported")
    rows["source"] = sheet.column("source").where(sheet.column("source") != "", sheet.name)
    rows["note"] = [
        "; ".join(filter(None, texts))
        for texts in zip(sheet.column("note"), measured["remark"], strict=True)
    ]
    good = (rows["direction"] != "") & (rows["material"] != "") & measured["good"]
    rows = rows[good]
    unknown = int(rows["tonnes"].isna().sum())
    if unknown:
        sheet.report("amount_unknown", "note", name="tonnes", count=unknown)
    return rows.reset_index(drop=True)


def _companies(sheet: Sheet, number: int, sites: Sites) -> pd.Series:
    """The id of each row's company; empty (and reported) where there is none."""
    ids, gone = [], 0
    fields = ("company_id", "business_id", "name")
    columns = [sheet.column(field) for field in fields]
    for row, *texts in zip(sheet.cells.index, *columns, strict=True):
        given = [(field, text) for field, text in zip(fields, texts, strict=True) if text]
        own = sites.of_row.get((number, row))
        found = (own,) if own is not None else _found(given, sites)
        field, value = given[0] if given else ("name", "")
        if len(found) == 1:
            ids.append(found[0])
            continue
        ids.append("")
        if not given:
            sheet.report("no_company", "error", row=row)
        elif found:
            sheet.report(
                "ambiguous_company", "error", row=row, name=field, value=value, count=len(found)
            )
        elif any(text.casefold() in sites.left_out for _, text in given):
            gone += 1
        else:
            sheet.report("unknown_company", "error", row=row, name=field, value=value)
    if gone:
        sheet.report("company_left_out", "note", count=gone)
    return pd.Series(ids, index=sheet.cells.index, dtype="str")


def _found(given: list[tuple[str, str]], sites: Sites) -> tuple[str, ...]:
    """The ids of the first reference that leads anywhere: id, business id, name, in this order."""
    for field, text in given:
        words = [text.casefold()]
        if field != "name":
            words.append(cells.business_id(text) or "")
        for word in words:
            if word in sites.by_name:
                return sites.by_name[word]
    return ()


def _directions(sheet: Sheet) -> pd.Series:
    """`out` or `in`; an empty cell offers, an unknown word leaves the row out."""
    found = sheet.parsed("direction", lambda text: cells.DIRECTIONS.get(fold(text), ""))
    blank = sheet.column("direction") == ""
    if blank.any():
        sheet.report("direction_assumed", "note", name="direction", count=int(blank.sum()))
    sheet.report_rows("unknown_direction", "error", "direction", (found == "") & ~blank)
    return found.where(~blank, "out").astype("str")


def _materials(sheet: Sheet) -> pd.DataFrame:
    """Code and material of each row; an empty material leaves the row out.

    A stated material counts before the one that belongs to the code.
    """
    texts = sheet.column("ewc")
    codes = sheet.parsed("ewc", cells.ewc)
    # A heading such as "jätenimike" may hold a name instead of a code.
    wordy = codes.isna() & ~texts.str.contains(r"\d") & (sheet.column("material") == "")
    stated = sheet.column("material").where(~wordy, texts)
    codes = codes.where(~(codes.isna() & (texts == "")), "").where(~wordy, "")
    nothing = sheet.parsed("ewc", cells.is_nothing).astype(bool)
    codes = codes.where(~nothing, "")
    date = sheet.parsed("ewc", cells.is_date).astype(bool)
    sheet.report_rows("ewc_is_date", "error", "ewc", date)
    bad = codes.isna()
    sheet.report_rows("unknown_code", "error", "ewc", bad & ~date)
    codes = codes.fillna("").astype("str")
    _report_codes(sheet, texts, codes)

    meanings = {text: materials.meaning(text) for text in stated.unique()}
    of_code = {code: material_of(code) or "" for code in codes.unique()}
    own = stated.map(lambda text: meanings[text].material).astype("str")
    implied = codes.map(of_code).astype("str")
    material = own.where(own != "", implied).where(~bad, "")
    _report_materials(sheet, stated.where(~bad, ""), meanings, own, implied)
    listed = codes.isin(reference.waste_codes().index) | (codes == "")
    for row in codes.index[~listed & (implied != "")]:
        sheet.report(
            "code_not_listed", "note", row=row, name="ewc", value=texts[row],
            material=_names((implied[row],)),
        )  # fmt: skip
    missing = (material == "") & ~bad & (stated == "")
    sheet.report_rows("no_material", "error", "material", missing & (codes == ""))
    sheet.report_rows("unknown_code", "error", "ewc", missing & (codes != ""))
    return pd.DataFrame({"ewc": codes, "material": material})


def _report_codes(sheet: Sheet, texts: pd.Series, codes: pd.Series) -> None:
    """What is doubtful about cells whose code was read."""
    several = texts.map(cells.has_several_codes).astype(bool) & (codes != "")
    sheet.report_rows("several_codes", "warning", "ewc", several)
    harmless = codes.map(reference.waste_codes()["hazardous"]).eq(other=False)
    starred = texts.str.contains(r"^\D*[\d ._-]+\*")
    sheet.report_rows("asterisk_not_hazardous", "warning", "ewc", harmless & starred)


def _report_materials(
    sheet: Sheet,
    stated: pd.Series,
    meanings: dict[str, materials.Meaning],
    own: pd.Series,
    implied: pd.Series,
) -> None:
    """What is doubtful about the stated materials."""
    field = "material" if sheet.has("material") else "ewc"
    groups = reference.materials()["group"]
    for row, text, mine, others in zip(stated.index, stated, own, implied, strict=True):
        if not text:
            continue
        meaning = meanings[text]
        place: dict[str, Any] = {"row": row, "name": field, "value": text}
        if not mine and not others:
            code = "ambiguous_material" if meaning.others else "unknown_material"
            sheet.report(code, "error", **place, material=_names(meaning.others))
        elif not mine:
            sheet.report("material_by_code", "warning", **place, material=_names((others,)))
        elif others and groups[others] != groups[mine]:
            # Within a group a code often covers several materials: 15 01 02 is film and crates.
            place |= {"material": _names((mine,)), "other": _names((others,))}
            sheet.report("material_differs", "warning", **place)
        elif meaning.guessed and others != mine:
            sheet.report("material_guessed", "warning", **place, material=_names((mine,)))


@lru_cache
def _names(keys: tuple[str, ...]) -> dict[str, str]:
    """Names of materials in both languages, for a problem's text."""
    frame = reference.materials()
    return {
        language: ", ".join(str(frame.loc[key, f"name_{language}"]) for key in keys)
        for language in LANGUAGES
    }


def _choice(sheet: Sheet, name: str, words: dict[str, str], code: str) -> pd.Series:
    """The key of each cell's word; empty (and reported) where the word isn't known."""
    found = sheet.parsed(name, lambda text: words.get(fold(text), ""))
    nothing = sheet.parsed(name, cells.is_nothing).astype(bool)
    sheet.report_rows(code, "warning", name, (found == "") & ~nothing)
    return found.astype("str")


def combine(flows: list[pd.DataFrame], sheets: list[Sheet]) -> tuple[pd.DataFrame, frozenset[str]]:
    """The flows of all sheets as one table, each flow once.

    Rows that agree in everything but ids, sources and notes are one flow. Flows of the same
    company, direction, code and material with other tonnes are kept, with a warning.

    Parameters
    ----------
    flows
        From `clean`.
    sheets
        Problems are added to them.

    Returns
    -------
    flows
        `tables.FLOWS`.
    made
        The ids that the files did not give.
    """
    frame = pd.concat(flows, ignore_index=True) if flows else pd.DataFrame()
    if frame.empty:
        return tables.empty(tables.FLOWS), frozenset()
    # Where a flow was written down, and what was noted beside it, makes no other flow of it.
    content = [c for c in tables.FLOWS.columns if c not in ("id", "source", "note")]
    twice = frame.duplicated(content)
    _report(twice, frame, content, "duplicate_flow", sheets)
    frame = frame[~twice].reset_index(drop=True)

    _report(frame.duplicated(_SAME), frame, _SAME, "repeated_flow", sheets)

    stated = (frame["id"] != "") & ~frame["id"].duplicated()
    made = frame["company_id"] + ":" + frame["direction"] + ":" + frame["material"]
    taken = set(frame.loc[stated, "id"])
    frame.loc[~stated, "id"] = [unused(text, taken) for text in made[~stated]]
    return tables.flows(frame[list(tables.FLOWS.columns)]), frozenset(frame.loc[~stated, "id"])


def _report(
    twice: pd.Series, frame: pd.DataFrame, by: list[str], code: str, sheets: list[Sheet]
) -> None:
    """Tell of every marked row, and on which row the like of it stands first."""
    firsts = frame.groupby(by, dropna=False, sort=False)[["sheet", "row"]].transform("first")
    marked = zip(frame["sheet"], frame["row"], firsts["sheet"], firsts["row"], twice, strict=True)
    for number, row, first_number, first_row, is_marked in marked:
        if not is_marked:
            continue
        sheet, first = sheets[number], str(first_row)
        if first_number != number:
            first += f" ({sheets[first_number].name})"
        field = "material" if sheet.has("material") else "ewc"
        value = sheet.column(field)[row]
        sheet.report(code, "warning", row=int(row), name=field, value=value, first=first)
