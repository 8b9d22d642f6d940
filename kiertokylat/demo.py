"""The bundled, visibly fictional region."""

from functools import lru_cache

import pandas as pd

from kiertokylat import tables
from kiertokylat.reference import DATA


@lru_cache
def companies() -> pd.DataFrame:
    """Companies of the demo region, as `tables.COMPANIES`."""
    return tables.companies(_read("companies.csv", ("employees", "x", "y")))


@lru_cache
def flows() -> pd.DataFrame:
    """Reported flows of the demo region, as `tables.FLOWS`."""
    return tables.flows(_read("flows.csv", ("tonnes_low", "tonnes", "tonnes_high")))


def _read(name: str, numbers: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.read_csv(DATA / "demo" / name, dtype=str, keep_default_na=False)
    return frame.assign(**{column: pd.to_numeric(frame[column]) for column in numbers})
