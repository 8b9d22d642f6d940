"""The contract: columns, types, units and checks of every table that the package passes around.

Companies, flows and candidates are plain DataFrames with these columns, in this order. `companies`,
`flows` and `candidates` check a frame at the door and raise `TableError`; inside the package nobody
checks again.

Empty text is `""`, an unknown number is NaN: no other way of saying "not known".
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from kiertokylat.errors import TableError

PRECISIONS = ("exact", "postal", "municipality")
DIRECTIONS = ("out", "in")
CONTINUITIES = ("continuous", "seasonal", "once", "")
BASES = ("reported", "register", "estimated")
# The waste hierarchy of the Finnish waste act (646/2011, 8 §), best first; "organic" (composting,
# digestion, spreading on land) and "earthworks" lie between recycling and energy recovery.
ROUTES = ("reuse", "recycling", "organic", "earthworks", "energy")
# A: a realised precedent is cited; B: regulation or publication; C: expert judgement, to be
# reviewed. Empty: nobody has judged it (a receiver has only stated a need for the material).
EVIDENCE = ("A", "B", "C", "")
CERTAINTIES = ("reported", "mixed", "estimated")


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """A frame's rows as named tuples, for drawing and writing.

    A cell has the type of its column, which the type checker can't know: hence Any.
    """
    return frame.itertuples(index=False)


def _text(*, nullable_empty: bool = True, pattern: str | None = None) -> pa.Column:
    checks = []
    if pattern is not None:
        checks.append(pa.Check.str_matches(pattern))
    if not nullable_empty:
        checks.append(pa.Check.str_length(min_value=1))
    return pa.Column(str, checks, coerce=True)


def _choice(values: tuple[str, ...]) -> pa.Column:
    return pa.Column(str, pa.Check.isin(values), coerce=True)


def _number(*, minimum: float | None = None, nullable: bool = False) -> pa.Column:
    checks = [] if minimum is None else [pa.Check.ge(minimum)]
    return pa.Column(float, checks, nullable=nullable, coerce=True)


def _category(values: tuple[str, ...] | None = None) -> pa.Column:
    # No coercion: a frame of millions of rows is checked by its categories, not row by row.
    checks = [] if values is None else [pa.Check(_has_categories(values), name=f"in {values}")]
    return pa.Column("category", checks)


def _has_categories(values: tuple[str, ...]) -> Callable[[pd.Series], bool]:
    return lambda column: tuple(column.cat.categories) == values


_TONNES_ORDERED = pa.Check(
    lambda frame: (
        ~((frame["tonnes_low"] > frame["tonnes"]) | (frame["tonnes"] > frame["tonnes_high"]))
    ),
    name="tonnes_low <= tonnes <= tonnes_high",
)

COMPANIES = pa.DataFrameSchema(
    {
        "id": pa.Column(str, pa.Check.str_length(min_value=1), unique=True, coerce=True),
        "name": _text(nullable_empty=False),
        "business_id": _text(pattern=r"^(\d{7}-\d)?$"),
        "nace": _text(pattern=r"^(\d{2,5})?$"),  # TOL digits without dots
        "nace_edition": _choice(("2008", "2025", "")),
        "municipality": _text(pattern=r"^\d{3}$"),
        "employees": _number(minimum=0, nullable=True),
        "x": _number(),  # EPSG:3067 easting, m
        "y": _number(),  # EPSG:3067 northing, m
        "precision": _choice(PRECISIONS),
        "source": _text(),
    },
    strict=True,
    ordered=True,
)

FLOWS = pa.DataFrameSchema(
    {
        "id": pa.Column(str, pa.Check.str_length(min_value=1), unique=True, coerce=True),
        "company_id": _text(nullable_empty=False),
        "direction": _choice(DIRECTIONS),
        "ewc": _text(pattern=r"^(\d{6})?$"),
        "material": _text(nullable_empty=False),
        "tonnes_low": _number(minimum=0, nullable=True),  # t/a
        "tonnes": _number(minimum=0, nullable=True),  # t/a
        "tonnes_high": _number(minimum=0, nullable=True),  # t/a
        "continuity": _choice(CONTINUITIES),
        "basis": _choice(BASES),
        "source": _text(),
        "note": _text(),
    },
    checks=_TONNES_ORDERED,
    strict=True,
    ordered=True,
)

# active: takes part. ceased: the register says that the company has ended. retired: taken out of
# use by hand. Only active rows reach the analysis; the others stay, with their history.
COMPANY_STATUSES = ("active", "ceased", "retired")
FLOW_STATUSES = ("active", "retired")


def _kept(schema: pa.DataFrameSchema, statuses: tuple[str, ...]) -> dict[str, pa.Column]:
    """The columns of a table as the store keeps it."""
    return {
        **schema.columns,
        "status": _choice(statuses),
        # Names of the columns that were corrected by hand, in alphabetical order with a space
        # between: a later import leaves them alone.
        "corrected": _text(),
        "revision": pa.Column(int, pa.Check.ge(0), coerce=True),  # dataset version that wrote it
    }


STORED_COMPANIES = pa.DataFrameSchema(
    {
        **_kept(COMPANIES, COMPANY_STATUSES),
        "sole_trader": pa.Column(bool, coerce=True),  # its name is personal data
        "contact": _text(),  # who to ask: for editors only
    },
    strict=True,
    ordered=True,
)
STORED_FLOWS = pa.DataFrameSchema(
    _kept(FLOWS, FLOW_STATUSES), checks=_TONNES_ORDERED, strict=True, ordered=True
)

# There may be millions of candidates: their text columns are categorical (codes of one to four
# bytes). Ids, materials, codes and uses have their categories in alphabetical order, the four
# choices in the order of the tuples above, best first, so that they also sort by meaning.
_PAIR_COLUMNS = {
    "supply_id": _category(),
    "demand_id": _category(),  # empty: the receiver's need is known from its industry only
    "from_company": _category(),  # the same categories as `to_company`
    "to_company": _category(),
    "material": _category(),
    "ewc": _category(),
    "use": _category(),  # key of the row of uses.csv, `material-division-n`; empty: no rule
    "route": _category((*ROUTES, "")),
    "evidence": _category(EVIDENCE),
    "certainty": _category(CERTAINTIES),
    "precision": _category(PRECISIONS),  # the worse of the two companies'
    "distance_km": _number(minimum=0),  # straight line
    "road_km": _number(minimum=0),  # estimated: straight line times the detour factor
    "tonnes_low": _number(minimum=0, nullable=True),  # t/a
    "tonnes": _number(minimum=0, nullable=True),  # t/a
    "tonnes_high": _number(minimum=0, nullable=True),  # t/a
}
# What `match` finds.
PAIRS = pa.DataFrameSchema(_PAIR_COLUMNS, checks=_TONNES_ORDERED, strict=True, ordered=True)

# What `impact.assess` makes of them. All of it may be negative, and NaN where nobody knows.
CANDIDATES = pa.DataFrameSchema(
    {
        **_PAIR_COLUMNS,
        "eur_low": _number(nullable=True),  # EUR a year
        "eur": _number(nullable=True),
        "eur_high": _number(nullable=True),
        "co2e_low": _number(nullable=True),  # t CO2e avoided a year
        "co2e": _number(nullable=True),
        "co2e_high": _number(nullable=True),
        "breakeven_eur_km": _number(minimum=0, nullable=True),  # road km
        "breakeven_co2e_km": _number(minimum=0, nullable=True),  # road km
    },
    checks=_TONNES_ORDERED,
    strict=True,
    ordered=True,
)


def _checked(frame: pd.DataFrame, schema: pa.DataFrameSchema, name: str) -> pd.DataFrame:
    try:
        return schema.validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.head(5).to_dict("records")
        raise TableError(f"{name} breaks its contract: {cases}") from error


def companies(frame: pd.DataFrame) -> pd.DataFrame:
    """Check and coerce a companies table.

    Returns
    -------
    DataFrame
        One row a site, columns of `COMPANIES`, plain index. `employees` may be NaN; `x`, `y` are
        EPSG:3067 metres.

    Raises
    ------
    TableError
        A column is missing, of the wrong type or out of range.
    """
    return _checked(frame, COMPANIES, "companies")


def flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Check and coerce a flows table.

    Returns
    -------
    DataFrame
        One row a flow, columns of `FLOWS`. `direction` `out` offers, `in` needs; tonnes a year with
        `tonnes_low <= tonnes <= tonnes_high`, NaN where nobody knows.

    Raises
    ------
    TableError
        A column is missing, of the wrong type or out of range.
    """
    return _checked(frame, FLOWS, "flows")


def stored_companies(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a companies table as the store keeps it: `STORED_COMPANIES`.

    Raises
    ------
    TableError
        A column is missing, of the wrong type or out of range.
    """
    return _checked(frame, STORED_COMPANIES, "stored companies")


def stored_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a flows table as the store keeps it: `STORED_FLOWS`.

    Raises
    ------
    TableError
        A column is missing, of the wrong type or out of range.
    """
    return _checked(frame, STORED_FLOWS, "stored flows")


def candidates(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a candidates table; its text columns may be plain text, as from a file.

    Columns of impact that are missing altogether are added as not known.

    Returns
    -------
    DataFrame
        One row a candidate, columns of `CANDIDATES`, plain index.

    Raises
    ------
    TableError
        A column is missing, of the wrong type or out of range.
    """
    orders = {"route": (*ROUTES, ""), "evidence": EVIDENCE}
    orders |= {"certainty": CERTAINTIES, "precision": PRECISIONS}
    ends = ("from_company", "to_company")
    ids = sorted({company for name in ends if name in frame for company in frame[name]})
    columns = {}
    for name in frame.columns[frame.dtypes.map(pd.api.types.is_string_dtype)]:
        categories = pd.Index(ids, dtype="str") if name in ends else orders.get(name)
        columns[name] = pd.Categorical(frame[name], categories, ordered=name in orders)
    unknown = [name for name in CANDIDATES.columns if name not in PAIRS.columns]
    columns |= {name: np.nan for name in unknown if name not in frame}
    return _checked(frame.assign(**columns), CANDIDATES, "candidates")


def empty(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """A table of the schema without rows, with the right types."""
    numeric = {"float64", "int64", "bool"}
    frame = pd.DataFrame(
        {
            name: pd.Series(dtype=str(column.dtype) if str(column.dtype) in numeric else "str")
            for name, column in schema.columns.items()
        }
    )
    if schema is PAIRS:
        return candidates(frame)[list(PAIRS.columns)]
    return candidates(frame) if schema is CANDIDATES else frame
