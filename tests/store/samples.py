"""Small rows and plans for the tests of the store."""

import numpy as np
import pandas as pd

from kiertokylat.access import Actor
from kiertokylat.changes import Changes, Plan, Snapshot, no_companies, no_flows

EDITOR = Actor("matti@example.fi", "editor")
OTHER = Actor("maija@example.fi", "editor")


def companies(**names):
    """Companies by id, with their names."""
    rows = [
        {
            "id": key,
            "name": name,
            "business_id": "",
            "nace": "16100",
            "nace_edition": "2025",
            "municipality": "179",
            "employees": np.nan,
            "x": 434000.5,
            "y": 6901000.25,
            "precision": "exact",
            "source": "test",
            "status": "active",
            "corrected": "",
            "revision": 0,
            "sole_trader": False,
            "contact": "",
        }
        for key, name in names.items()
    ]
    return pd.DataFrame(rows).astype(no_companies().dtypes) if rows else no_companies()


def flows(**owners):
    """Flows by id, with the company they belong to."""
    rows = [
        {
            "id": key,
            "company_id": owner,
            "direction": "out",
            "ewc": "030105",
            "material": "wood",
            "tonnes_low": np.nan,
            "tonnes": 12.5,
            "tonnes_high": np.nan,
            "continuity": "",
            "basis": "reported",
            "source": "test",
            "note": "",
            "status": "active",
            "corrected": "",
            "revision": 0,
        }
        for key, owner in owners.items()
    ]
    return pd.DataFrame(rows).astype(no_flows().dtypes) if rows else no_flows()


def adding(some_companies=None, some_flows=None, title="tuonti.csv"):
    """A plan of new rows."""
    new_companies = no_companies() if some_companies is None else some_companies
    new_flows = no_flows() if some_flows is None else some_flows
    return Plan(
        "import",
        title,
        Changes(no_companies(), new_companies),
        Changes(no_flows(), new_flows),
    )


def towards(now: Snapshot, some_companies, some_flows, title="muokkaus"):
    """The plan that makes these rows of what is stored."""
    return Plan(
        "edit",
        title,
        _difference(now.companies, some_companies),
        _difference(now.flows, some_flows),
    )


def _difference(before, after):
    old, new = (
        {
            key: row.to_json()
            for key, row in frame.drop(columns="revision").set_index("id").iterrows()
        }
        for frame in (before, after)
    )
    left = [new.get(key) != row for key, row in old.items()]
    right = [old.get(key) != row for key, row in new.items()]
    return Changes(before[np.array(left, dtype=bool)], after[np.array(right, dtype=bool)])


def renamed(now: Snapshot, key: str, name: str):
    """The plan that gives a company another name."""
    row = now.companies[now.companies["id"] == key]
    return Plan(
        "edit",
        "nimi",
        Changes(row, row.assign(name=name)),
        Changes(no_flows(), no_flows()),
    )


def content(snapshot: Snapshot):
    """What a snapshot says, without who wrote it when."""
    return tuple(
        frame.drop(columns="revision").to_dict("records")
        for frame in (snapshot.companies.fillna(-1), snapshot.flows.fillna(-1))
    )
