"""What an analysis rests on, as a table: assumptions, factors, coefficients, rules, data."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kiertokylat import assumption_rows, export, reference
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.selection import Selection
from kiertokylat.words import Language, say

_Row = dict[str, Any]


def sources_table(
    analysis: Analysis,
    assumptions: Assumptions,
    language: Language,
    *,
    most_candidates: int | None = None,
    within: Selection | None = None,
    notes: bool = True,
) -> pd.DataFrame:
    """What an analysis rests on: how to read it, assumptions, factors, rules, data.

    Parameters
    ----------
    analysis
        Only the factors, coefficients and rules that it uses are listed.
    assumptions
        Those of the analysis.
    language
        Of headings and texts.
    most_candidates
        How many candidates the file beside this table can hold; it says so if there are more.
    within
        The user's own limits, if the analysis is cut by them: greatest distance and break-even.
    notes
        Whether references hold the notes of the reference data, which are in English only.

    Returns
    -------
    DataFrame
        Headings in the reader's language: section, item, lowest, best and highest value, unit,
        standing (assumption or source), reference.
    """
    rows = [
        *_reading(len(analysis.candidates), most_candidates, language),
        *_assumptions(assumptions, language, notes=notes),
        *_limits(within, language),
        *_factors(analysis, assumptions, language, notes=notes),
        *_coefficients(analysis, language, notes=notes),
        *_uses(analysis, language),
        *_data(analysis, language),
    ]
    keys = ("section", "item", "low", "value", "high", "unit", "status", "source")
    table = pd.DataFrame(rows, columns=list(keys))
    texts = dict.fromkeys(("section", "item", "unit", "status", "source"), "")
    numbers = dict.fromkeys(("low", "value", "high"), float)
    table = table.fillna(texts).astype(numbers)
    return table.rename(columns={key: say(f"export.sources_{key}", language) for key in keys})


def _reading(count: int, most: int | None, language: Language) -> Iterator[_Row]:
    section = say("export.section_reading", language)
    for topic in ("basis", "certainty", "tonnes", "location"):
        yield {"section": section, "item": say(f"export.reading_{topic}", language)}
    if most is not None and count > most:
        text = say("export.reading_cut", language, kept=most, count=count)
        yield {"section": section, "item": text}


def _assumptions(assumptions: Assumptions, language: Language, *, notes: bool) -> Iterator[_Row]:
    section = say("export.section_assumption", language)
    for row in assumption_rows.settings(assumptions, language, notes=notes):
        yield {"section": section, **row}


def _limits(within: Selection | None, language: Language) -> Iterator[_Row]:
    if within is None:
        return
    row = {
        "section": say("export.section_assumption", language),
        "status": say("export.status_chosen", language),
    }
    yield row | {
        "item": say("export.within_km", language),
        "value": within.max_km,
        "unit": say("export.unit_km", language),
    }
    yield row | {
        "item": say("export.within_limit", language),
        "source": say(f"brief.sources_limit_{within.limit or 'none'}", language),
    }


def _factors(
    analysis: Analysis, assumptions: Assumptions, language: Language, *, notes: bool
) -> Iterator[_Row]:
    section = say("export.section_factor", language)
    for row in assumption_rows.factors(analysis.candidates, assumptions, language, notes=notes):
        yield {"section": section, **row}


def _coefficients(analysis: Analysis, language: Language, *, notes: bool) -> Iterator[_Row]:
    estimated = analysis.flows[analysis.flows["basis"] == "estimated"]
    nace = estimated["company_id"].map(analysis.companies.set_index("id")["nace"])
    used = pd.DataFrame(
        {
            "division": nace.str[:2],
            "direction": estimated["direction"],
            "material": estimated["material"],
        }
    ).drop_duplicates()
    coefficients = reference.coefficients().merge(used, on=["division", "direction", "material"])
    divisions = export.names("divisions", language)
    materials = export.names("materials", language)
    known = ("source", "year", "country", *(("note",) if notes else ()))
    for row in coefficients.to_dict("records"):
        industry = f"{row['nace'] or row['division']} {divisions.get(row['division'], '')}"
        direction = say(f"export.direction_{row['direction']}", language)
        yield {
            "section": say("export.section_coefficient", language),
            "item": f"{industry}: {direction} – {materials[row['material']]}",
            "low": row["kg_low"],
            "value": row["kg"],
            "high": row["kg_high"],
            "unit": say("export.unit_kg", language),
            "status": say(f"export.status_{row['status']}", language),
            "source": "; ".join(filter(None, (row[name] for name in known))),
        }


def _uses(analysis: Analysis, language: Language) -> Iterator[_Row]:
    uses = reference.uses()
    divisions = export.names("divisions", language)
    materials = export.names("materials", language)
    for key in sorted(set(analysis.candidates["use"].unique()) - {""}):
        row = uses.loc[key]
        division = f"{row['division']} {divisions.get(row['division'], '')}"
        yield {
            "section": say("export.section_use", language),
            "item": f"{materials[row['material']]} → {division}: {row[f'use_{language}']}",
            "status": say(f"export.evidence_{row['evidence']}", language),
            "source": row["source"],
        }


def _data(analysis: Analysis, language: Language) -> Iterator[_Row]:
    reported = analysis.flows.loc[analysis.flows["basis"] != "estimated", "source"]
    credits_by_table = {
        "companies": analysis.companies["source"].unique(),
        "flows": reported.unique(),
        "municipalities": reference.municipalities()["source"].unique(),
        "lakes": [say("export.data_lakes_credit", language)],
    }
    for name, sources in credits_by_table.items():
        for source in sorted(set(sources) - {""}):
            yield {
                "section": say("export.section_data", language),
                "item": say(f"export.data_{name}", language),
                "source": source,
            }
