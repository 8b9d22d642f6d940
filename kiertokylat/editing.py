"""Stored rows as an editor sees and types them, and back: labels instead of codes.

Only the cells that were touched are ever read back (`kiertokylat.drafts`), so that what nobody has
edited stays exactly as it is stored.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

import pandas as pd

from kiertokylat import reference, tables, typed_numbers
from kiertokylat.changes import Snapshot
from kiertokylat.ingest.register import SOURCE
from kiertokylat.ingest.sheet import fold
from kiertokylat.typed_numbers import NUMBERS, written
from kiertokylat.words import LANGUAGES, Language, say

Table = Literal["companies", "flows"]
# Columns that a hand may write, in the order in which they stand.
EDITABLE: dict[Table, tuple[str, ...]] = {
    "companies": (
        "name", "business_id", "municipality", "nace", "employees", "status", "contact",
        "sole_trader", "x", "y", "precision",
    ),
    "flows": (
        "company_id", "direction", "material", "ewc", "tonnes", "tonnes_low", "tonnes_high",
        "continuity", "basis", "status", "note",
    ),
}  # fmt: skip
# What is shown beside them.
ABOUT = ("origin", "corrected", "source", "id")
LISTED = {
    "municipality", "nace", "precision", "status", "company_id", "direction", "material",
    "continuity", "basis",
}  # fmt: skip
ORIGINS = ("demo", "register", "reported", "by_hand")

Choices = Mapping[str, Mapping[str, str]]  # column ► code ► label


def heading(column: str, language: Language) -> str:
    """What a column is called above the tables of the page."""
    return say(f"data.edit_column_{column}", language)


def choices(
    table: Table,
    language: Language,
    rows: pd.DataFrame,
    companies: Mapping[str, str] | None = None,
) -> Choices:
    """What can be chosen in each column that has a list.

    Parameters
    ----------
    table
        Which table.
    language
        The reader's language.
    rows
        Stored rows: codes that they hold are always among the choices.
    companies
        For flows: labels of companies by id.

    Returns
    -------
    dict
        By column: labels by code, no two alike; without the code `""`, which is an empty cell.
    """
    lists = _companies(language) if table == "companies" else _flows(language, companies or {})
    return {
        name: _distinct(_with(labels, rows[name], name, language)) for name, labels in lists.items()
    }


def _companies(language: Language) -> dict[str, dict[str, str]]:
    return {
        "municipality": _sorted(reference.municipalities()["name_fi"].to_dict()),
        "nace": {str(code): industry(str(code), language) for code in reference.divisions().index},
        "precision": _said("export.precision", tables.PRECISIONS, language),
        "status": _said("data.edit_status", tables.COMPANY_STATUSES, language),
    }


def _flows(language: Language, companies: Mapping[str, str]) -> dict[str, dict[str, str]]:
    continuities = tuple(name for name in tables.CONTINUITIES if name)
    return {
        "company_id": dict(companies),
        "direction": _said("export.direction", tables.DIRECTIONS, language),
        "material": _sorted(reference.materials()[f"name_{language}"].to_dict()),
        "continuity": _said("export.continuity", continuities, language),
        "basis": _said("export.basis", tables.BASES, language),
        "status": _said("data.edit_status", tables.FLOW_STATUSES, language),
    }


def industry(code: str, language: Language) -> str:
    """An industry code with the name of its division."""
    divisions = reference.divisions()
    if code[:2] not in divisions.index:
        return code
    return f"{code} {divisions[f'name_{language}'][code[:2]]}"


def _said(topic: str, codes: Iterable[str], language: Language) -> dict[str, str]:
    return {code: say(f"{topic}_{code}", language) for code in codes}


def _sorted(labels: Mapping[Any, str]) -> dict[str, str]:
    return dict(sorted(labels.items(), key=lambda entry: entry[1].casefold()))


def _with(
    labels: dict[str, str], codes: pd.Series, column: str, language: Language
) -> dict[str, str]:
    """Labels, with those of codes that are stored but not listed: longer industry codes."""
    more = sorted(set(codes) - labels.keys() - {""})
    if not more:
        return labels
    added = {code: industry(code, language) if column == "nace" else code for code in more}
    return dict(sorted((labels | added).items())) if column == "nace" else labels | added


def _distinct(labels: dict[str, str]) -> dict[str, str]:
    """Labels of which no two are alike: the code tells them apart."""
    counts = pd.Series(list(labels.values()), dtype="str").value_counts()
    told = {code: f"{text} ({code})" if counts[text] > 1 else text
            for code, text in labels.items()}  # fmt: skip
    alike = len(set(told.values())) < len(told)  # a name that itself looks like name and code
    return {code: f"{code}: {text}" for code, text in labels.items()} if alike else told


def frame(table: Table, rows: pd.DataFrame, listed: Choices, language: Language) -> pd.DataFrame:
    """Rows as they are edited.

    Parameters
    ----------
    table
        Which table.
    rows
        Stored rows, or such with typed cells; any index.
    listed
        From `choices`.
    language
        The reader's language.

    Returns
    -------
    DataFrame
        `EDITABLE` with labels for codes, None where nothing is chosen, and numbers as texts; then
        `ABOUT` in words.
    """
    columns: dict[str, pd.Series] = {}
    for name in EDITABLE[table]:
        if name in LISTED:
            # A code that was typed and isn't listed has no label: an empty cell asks for another.
            labels = [listed[name].get(code) for code in rows[name]]
            columns[name] = pd.Series(labels, index=rows.index, dtype=object)
        elif name == "sole_trader":
            columns[name] = rows[name].astype(bool)
        elif name in NUMBERS:
            texts = [written(value, language) for value in rows[name]]
            columns[name] = pd.Series(texts, index=rows.index, dtype="str")
        else:
            columns[name] = rows[name].astype("str")
    columns["origin"] = origin(table, rows).map(
        lambda code: say(f"data.edit_origin_{code}", language) if code else ""
    )
    columns["corrected"] = rows["corrected"].map(lambda names: corrected(names, language))
    columns["source"] = rows["source"].astype("str")
    columns["id"] = rows["id"].astype("str")
    return pd.DataFrame(columns, index=rows.index)


def corrected(names: str, language: Language) -> str:
    """The columns that were corrected by hand, in words."""
    return ", ".join(heading(name, language) for name in names.split())


def code(column: str, value: Any, listed: Choices) -> Any:
    """What a cell of `frame` says, as it is stored.

    Parameters
    ----------
    column
        One of `EDITABLE`.
    value
        Of the editor: a label, a text, a number, a truth value, or None.
    listed
        From `choices`.

    Returns
    -------
    Any
        A text in a column of numbers is one that can't be read.
    """
    if column == "sole_trader":
        return bool(value)
    if column in NUMBERS:
        return typed_numbers.read(column, str("" if value is None else value))
    if value is None:
        return ""
    if column in LISTED:
        return {label: code for code, label in listed[column].items()}.get(value, str(value))
    return str(value)


def read(table: Table, shown: pd.DataFrame, listed: Choices) -> pd.DataFrame:
    """The columns `EDITABLE` of a `frame`, as they are stored."""
    return pd.DataFrame(
        {
            name: [code(name, None if pd.isna(value) else value, listed) for value in shown[name]]
            for name in EDITABLE[table]
        },
        index=shown.index,
    )


# --- finding rows ---


def origin(table: Table, rows: pd.DataFrame) -> pd.Series:
    """Where each row came from: one of `ORIGINS`, or `""` of a row that isn't stored yet."""
    source = rows["source"].astype("str")
    told = source.str.startswith(SOURCE) if table == "companies" else rows["basis"] == "register"
    found = pd.Series("reported", index=rows.index, dtype="str").mask(told, "register")
    found = found.mask(source == say("plan.by_hand", "fi"), "by_hand")
    return found.mask(source == "demo", "demo").mask(rows["id"] == "", "")


def searchable(snapshot: Snapshot) -> tuple[pd.Series, pd.Series]:
    """What a search looks through in each company and each flow.

    Returns
    -------
    tuple
        By id, folded (`ingest.sheet.fold`): name, business id, id, municipality, industry code of a
        company, and the materials of its flows with their everyday words; material, waste code,
        note and the company's name of a flow.
    """
    companies, flows = snapshot.companies, snapshot.flows
    materials = reference.materials()
    texts = materials[[f"{part}_{of}" for part in ("name", "words") for of in LANGUAGES]]
    words = texts.agg(" ".join, axis=1).map(fold)
    of_flow = flows["material"].map(words).fillna("")
    of_company = of_flow.groupby(flows["company_id"]).agg(lambda group: " ".join(group.unique()))
    places = companies["municipality"].map(reference.municipalities()["name_fi"]).fillna("")
    own = _folded(companies["name"], companies["business_id"], companies["id"], places,
                  companies["nace"])  # fmt: skip
    name = flows["company_id"].map(companies.set_index("id")["name"]).fillna("")
    of_flows = _folded(name, flows["ewc"], flows["note"], flows["id"]) + " " + of_flow
    of_companies = own + " " + companies["id"].map(of_company).fillna("")
    return of_companies.set_axis(companies["id"]), of_flows.set_axis(flows["id"])


def _folded(*columns: pd.Series) -> pd.Series:
    together = columns[0]
    for column in columns[1:]:
        together = together + " " + column
    return together.map(fold)


def matching(texts: pd.Series, query: str) -> pd.Series:
    """Which of `searchable`'s texts hold every word of a query, or a beginning of it."""
    found = pd.Series(data=True, index=texts.index)
    for word in fold(query).split():
        found &= (" " + texts).str.contains(f" {word}", regex=False)
    return found


def company_labels(companies: pd.DataFrame, ids: Collection[str] | None = None) -> dict[str, str]:
    """Companies by id as they are chosen from a list, by name.

    Parameters
    ----------
    companies
        `tables.STORED_COMPANIES`.
    ids
        Which; None: all that take part.
    """
    of = companies["status"] == "active" if ids is None else companies["id"].isin(list(ids))
    chosen = companies[of]
    return _sorted(dict(zip(chosen["id"], chosen["name"], strict=True)))
