"""What the tests of plans share: a plan applied to a snapshot, as the store does it."""

import pandas as pd

from kiertokylat.changes import Changes, Plan, Snapshot
from kiertokylat.ingest import Ingested
from kiertokylat.plan import plan_import
from tests.ingest.files import File, read


def applied(stored: Snapshot, plan: Plan) -> Snapshot:
    version = stored.version + 1

    def part(rows: pd.DataFrame, changes: Changes) -> pd.DataFrame:
        before, after = set(changes.before["id"]), changes.after
        assert before <= set(rows["id"]), "what is changed is there"
        kept = rows[~rows["id"].isin(before)]
        assert not set(after["id"]) & set(kept["id"]), "a new id is new"
        assert not after["id"].duplicated().any()
        both = pd.concat([kept, after.assign(revision=version)], ignore_index=True)
        return both.sort_values("id", ignore_index=True)

    companies = part(stored.companies, plan.companies)
    flows = part(stored.flows, plan.flows)
    assert flows["company_id"].isin(companies["id"]).all(), "no flow without its company"
    return Snapshot(version, companies, flows)


def files_read(stored: Snapshot, *files: File) -> Ingested:
    return read(*files, companies=stored.companies)


def planned(stored: Snapshot, *files: File, **options: bool) -> Plan:
    return plan_import(stored, files_read(stored, *files), "koe", **options)


def imported(*files: File, stored: Snapshot | None = None) -> Snapshot:
    stored = stored or Snapshot()
    return applied(stored, planned(stored, *files))
