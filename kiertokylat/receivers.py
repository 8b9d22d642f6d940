"""A waste code ► its material ► the divisions that can use it, best first."""

import re
from functools import lru_cache
from typing import Any

import pandas as pd

from kiertokylat import reference, tables
from kiertokylat.words import Language

COLUMNS = ["rank", "division", "use", "use_fi", "use_en", "route", "evidence", "source"]

# The List of Waste has chapters 01 to 20.
_CODE = re.compile(r"(0[1-9]|1\d|20)[ .\-]?(\d{2})[ .\-]?(\d{2})[ .]?(\*?)")


def normalise(code: str) -> str | None:
    """A waste code as six digits: `03 01 05`, `03.01.05` and `16 01 07*` are understood.

    Returns
    -------
    str or None
        None if the text is no six-digit code of a chapter from 01 to 20.
    """
    match = _CODE.fullmatch(code.strip())
    return "".join(match.groups()[:3]) if match else None


def material_of(code: str) -> str | None:
    """The material that a waste code stands for.

    A code outside the bundled list is taken for the most common material of its sub-chapter (four
    digits), then of its chapter; of equally common ones the first in code order counts.

    Returns
    -------
    str or None
        Key of `reference.materials`; None if the text is no waste code.
    """
    ewc = normalise(code)
    if ewc is None:
        return None
    materials = _material_by_prefix()
    return next((materials[key] for key in (ewc, ewc[:4], ewc[:2]) if key in materials), None)


def is_hazardous(code: str) -> bool:
    """Whether to treat a waste code as hazardous.

    An asterisk says so, else the bundled list. A code outside the list counts as hazardous, so that
    nothing is offered without a permit note by mistake.
    """
    if code.rstrip().endswith("*"):
        return True
    return bool(reference.waste_codes()["hazardous"].get(normalise(code), default=True))


def rank_uses(uses: pd.DataFrame) -> pd.DataFrame:
    """Uses in order, the best first.

    Route by the waste hierarchy (`tables.ROUTES`), then evidence (A, B, C), then the order of the
    rows: within a material `uses.csv` names the most common practice first.

    Parameters
    ----------
    uses
        As `reference.uses()`.
    """
    return uses.sort_values(
        ["route", "evidence"],
        key=lambda column: column.map(
            (tables.ROUTES if column.name == "route" else tables.EVIDENCE).index
        ),
        kind="stable",
    )


def rank_receivers(code: str) -> pd.DataFrame:
    """The divisions that can use a waste, each with its best use.

    Hazardous waste goes only to uses with a permit note; an empty note in `uses.csv` means that the
    use is closed to hazardous waste.

    Returns
    -------
    DataFrame
        One row a division in the order of `rank_uses`, columns `COLUMNS`: `rank` from 1, `division`
        (two digits), `use` (key of `reference.uses`) and its texts, `route`, `evidence`, `source`.
        No rows for a text that is no waste code.
    """
    uses = reference.uses()
    mine = uses[uses["material"] == material_of(code)]
    if is_hazardous(code):
        mine = mine[mine["permit_fi"] != ""]
    ranked = rank_uses(mine).rename_axis("use").reset_index().drop_duplicates("division")
    ranked.insert(0, "rank", range(1, len(ranked) + 1))
    return ranked[COLUMNS].reset_index(drop=True)


def answer(code: str, language: Language = "fi") -> dict[str, Any]:
    """The receivers of a waste as one object for JSON.

    Returns
    -------
    dict
        `ewc` (six digits, or the text as given if it is no code), `material` (None if unknown) and
        `receivers`: a list of dicts with `rank`, `division`, `use` (text in the language), `route`,
        `evidence` and `source`.
    """
    ranked = rank_receivers(code).drop(columns="use").rename(columns={f"use_{language}": "use"})
    kept = ["rank", "division", "use", "route", "evidence", "source"]
    return {
        "ewc": normalise(code) or code,
        "material": material_of(code),
        "receivers": ranked[kept].to_dict("records"),
    }


@lru_cache
def _material_by_prefix() -> dict[str, str]:
    """Codes, sub-chapters and chapters to their material."""
    materials = reference.waste_codes()["material"].sort_index()
    found: dict[str, str] = {}
    for length in (2, 4):
        for prefix, group in materials.groupby(materials.index.str[:length]):
            counts = group.value_counts()
            common = counts.index[counts == counts.max()]
            found[str(prefix)] = str(group[group.isin(common)].iloc[0])
    return found | {str(code): str(material) for code, material in materials.items()}
