"""Which stored flow a file's flow is."""

import pandas as pd

from kiertokylat.plan_rows import AMOUNTS, among

# Flows that agree in these are alike; a company may have several (two saws, two offcuts).
ALIKE = ["company_id", "direction", "ewc", "material"]
_CONTENT = [*ALIKE, *AMOUNTS, "continuity", "basis"]


def paired(stored: pd.DataFrame, flows: pd.DataFrame, made_ids: frozenset[str]) -> pd.DataFrame:
    """The stored flow of each flow of a file.

    1. The same id, where the file gives it, and the same company: a list whose ids are row numbers
       must not change another company's flows.
    2. The one stored flow alike (company, direction, code and material), for the one of the file.
    3. Of several alike, those that agree in everything but note and source, one each.

    A retired flow only counts in step 2 where no active one is alike.

    Parameters
    ----------
    stored
        `tables.STORED_FLOWS`.
    flows
        `tables.FLOWS`.
    made_ids
        Ids of `flows` that the file did not give.

    Returns
    -------
    DataFrame
        The index of `flows`; `stored` (id or `""`) and `doubtful`: whether flows alike are stored
        that none of the file's is, so that this one may be a new one or one of these.
    """
    found = pd.Series("", index=flows.index, dtype="str")
    owner = flows["id"].map(stored.set_index("id")["company_id"])
    same_id = ~among(flows["id"], made_ids) & (owner == flows["company_id"])
    found = found.where(~same_id, flows["id"])

    # Active ones first, so that of two equal ones the active one is met.
    left = stored[~among(stored["id"], found)].sort_values(["status", "id"])
    active = left["status"] == "active"
    key, file_key = _key(left), _key(flows[~same_id])
    pool = left[active | ~among(key, key[active])]
    pool_key = key[pool.index]
    only = ~pool_key.duplicated(keep=False)
    single = dict(zip(pool_key[only], pool.loc[only, "id"], strict=True))
    alone = file_key[~file_key.duplicated(keep=False)]
    found.loc[alone.index] = pd.Series([single.get(text, "") for text in alone], alone.index, "str")

    rest = flows[found == ""]
    left = left[~among(left["id"], found)]
    met = _equal(rest, left)
    found.loc[met.index] = met
    open_keys = _key(pool[~among(pool["id"], found)])
    return pd.DataFrame(
        {"stored": found, "doubtful": (found == "") & among(_key(flows), open_keys)}
    )


def _key(flows: pd.DataFrame) -> pd.Series:
    """The columns of `ALIKE` as one text."""
    key = flows[ALIKE[0]]
    for name in ALIKE[1:]:
        key = key + "\n" + flows[name]
    return key


def _equal(flows: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    """The ids of stored flows of equal content, the first for the first, where there is one."""

    def numbered(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(number=rows.groupby(_CONTENT, dropna=False).cumcount())

    mine = numbered(flows)[[*_CONTENT, "number"]].rename_axis("row").reset_index()
    theirs = numbered(stored)[[*_CONTENT, "number", "id"]]
    both = mine.merge(theirs, on=[*_CONTENT, "number"])
    return both.set_index("row")["id"]
