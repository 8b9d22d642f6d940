"""Imports as plans: every state and reason worked by hand, and that importing again is nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiertokylat import demo, export
from kiertokylat.changes import Snapshot
from kiertokylat.plan import STATES, counts, plan_archive, plan_import, side_by_side
from kiertokylat.words import catalogue
from tests.ingest.files import File, address, answer, csv, read, record, workbook, zipped
from tests.plans import applied, files_read, imported, planned

HEADING = "id;Nimi;Y-tunnus;Kunta;Toimiala;Henkilöstö"
SAW = "k1;Koe Oy;1234567-1;Multia;16100;7"
FLOWS = "id;Yrityksen tunnus;EWC;Materiaali;Määrä (t/v);Suunta;Jatkuvuus;Huomautus"


def companies(*lines: str, heading: str = HEADING) -> File:
    return csv(heading, *lines, name="yritykset.csv")


def flows(*lines: str, heading: str = FLOWS) -> File:
    return csv(heading, *lines, name="virrat.csv")


def states(plan, table="companies"):
    found = plan.findings[plan.findings["table"] == table]
    columns = ["state", "reason", "columns"]
    return dict(zip(found["id"], found[columns].itertuples(index=False, name=None), strict=True))


def row(snapshot, key, table="companies"):
    return getattr(snapshot, table).set_index("id").loc[key]


def with_cells(stored, key, table="companies", **cells):
    """The snapshot with some cells of a row written over."""
    frame = getattr(stored, table).copy()
    for name, value in cells.items():
        frame.loc[frame["id"] == key, name] = value
    parts = {"companies": stored.companies, "flows": stored.flows} | {table: frame}
    return Snapshot(stored.version, **parts)


# --- new, changed, unchanged ---


def test_a_first_import_is_all_new():
    plan = planned(Snapshot(), companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;"))
    assert states(plan) == {"k1": ("new", "", "")}
    assert states(plan, "flows") == {"v1": ("new", "", "")}
    stored = applied(Snapshot(), plan)
    company = row(stored, "k1")
    assert (company["status"], company["corrected"], company["contact"]) == ("active", "", "")
    assert not company["sole_trader"]
    assert plan.findings["name"].tolist() == ["Koe Oy", "Koe Oy"]


def test_what_differs_is_changed_and_seen_side_by_side():
    stored = imported(companies(SAW, "k2;Muu Oy;;Laukaa;;"))
    plan = planned(stored, companies("k1;Koe Oy;1234567-1;Multia;16100;9", "k2;MUU OY;;Laukaa;;"))
    assert states(plan) == {"k1": ("changed", "", "employees"), "k2": ("unchanged", "", "")}
    cells = side_by_side(plan)
    assert cells.to_numpy().tolist() == [["companies", "k1", "Koe Oy", "employees", 7.0, 9.0]]
    assert row(applied(stored, plan), "k1")["employees"] == 9
    assert plan.companies.before["revision"].tolist() == [1]


def test_an_empty_cell_erases_nothing():
    stored = imported(companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;jatkuva;kuivaa"))
    plan = planned(stored, companies("k1;Koe Oy;;Multia;;"), flows("v1;k1;;sahanpuru;;out;;"))
    assert plan.empty
    assert set(plan.findings["state"]) == {"unchanged"}


def test_a_coarser_industry_code_is_no_change_and_a_new_one_brings_its_edition():
    heading = f"{HEADING};TOL-versio"
    stored = imported(companies(SAW + ";2008", heading=heading))
    coarse = companies("k1;Koe Oy;1234567-1;Multia;16;7;2025", heading=heading)
    assert planned(stored, coarse).empty
    other = companies("k1;Koe Oy;1234567-1;Multia;17;7;", heading=heading)
    plan = planned(stored, other)
    assert states(plan) == {"k1": ("changed", "", "nace nace_edition")}
    assert row(applied(stored, plan), "k1")["nace_edition"] == ""


def test_the_registers_source_stays_with_its_data():
    stored = imported(answer(record()))
    plan = planned(
        stored, csv("Y-tunnus;Nimi;Kunta;Henkilöstö", "1234567-1;Kuvitteellinen Saha Oy;179;5")
    )
    company = row(applied(stored, plan), "1234567-1")
    assert company["employees"] == 5
    assert company["source"] == "PRH/YTJ avoin data, CC BY 4.0, 2026-01-02"
    # A newer record that says the same is no change; with a new name its date comes along.
    assert planned(stored, answer(record(lastModified="2026-05-05"))).empty
    name = {"name": "Uusi Oy", "type": "1", "registrationDate": "2026-05-05", "version": 1}
    newer = planned(stored, answer(record(lastModified="2026-05-05", names=[name])))
    company = row(applied(stored, newer), "1234567-1")
    assert (company["name"], company["source"][-10:]) == ("Uusi Oy", "2026-05-05")


def test_a_source_alone_is_no_change():
    stored = imported(companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;"))
    renamed = ("toinen.csv", companies(SAW)[1])
    assert planned(stored, renamed).empty


def test_a_company_that_moved_gets_the_point_of_its_new_place():
    stored = imported(csv("id;Nimi;Kunta;x;y", "k1;Koe Oy;Jyväskylä;434527;6901554"))
    plan = planned(stored, csv("id;Nimi;Kunta", "k1;Koe Oy;Laukaa"))
    assert states(plan)["k1"] == ("changed", "", "municipality x y precision")
    assert row(applied(stored, plan), "k1")["precision"] == "municipality"


# --- corrected by hand, retired ---


def test_what_was_corrected_by_hand_stays_until_the_file_is_taken():
    stored = with_cells(
        imported(companies(SAW)), "k1", name="Oikea Oy", employees=8.0, corrected="employees name"
    )
    file = companies("k1;Koe Oy;1234567-1;Multia;17;8")
    plan = planned(stored, file)
    assert plan.empty
    assert states(plan) == {"k1": ("conflicting", "corrected_by_hand", "name nace")}
    assert set(side_by_side(plan)["column"]) == {"name", "nace"}

    taken = applied(stored, plan.taking(["k1"]))
    assert row(taken, "k1")[["name", "nace", "corrected"]].tolist() == ["Koe Oy", "17", "employees"]
    assert planned(taken, file).empty
    assert plan.taking(["k2"]).empty


def test_other_columns_than_the_corrected_ones_still_change():
    stored = with_cells(imported(companies(SAW)), "k1", name="Oikea Oy", corrected="name")
    plan = planned(stored, companies("k1;Oikea Oy;1234567-1;Multia;16100;9"))
    assert states(plan) == {"k1": ("changed", "", "employees")}
    assert row(applied(stored, plan), "k1")["corrected"] == "name"


def test_what_is_retired_stays_retired_until_the_file_is_taken():
    files = companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;")
    stored = imported(*files)
    stored = with_cells(stored, "k1", status="retired")
    stored = with_cells(stored, "v1", "flows", status="retired")
    plan = planned(stored, *files)
    assert plan.empty
    assert states(plan) == {"k1": ("conflicting", "retired", "status")}
    assert states(plan, "flows") == {"v1": ("conflicting", "retired", "status")}
    taken = applied(stored, plan.taking(["k1", "v1"]))
    assert row(taken, "k1")["status"] == row(taken, "v1", "flows")["status"] == "active"


# --- which flow is which ---


def test_a_flow_is_found_by_its_id():
    stored = imported(companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;"))
    plan = planned(stored, flows("v1;k1;150102;muovikalvo;5;out;;"))
    assert states(plan, "flows") == {
        "v1": ("changed", "", "ewc material tonnes_low tonnes tonnes_high")
    }


def test_the_id_of_another_companys_flow_is_no_match():
    stored = imported(
        companies(SAW, "k2;Muu Oy;;Laukaa;;"), flows("1;k1;030105;sahanpuru;100;out;;")
    )
    file = flows("1;k2;030105;sahanpuru;100;out;;")
    plan = planned(stored, file)
    assert states(plan, "flows") == {"1/2": ("new", "", "")}
    stored = applied(stored, plan)
    assert row(stored, "1/2", "flows")["company_id"] == "k2"
    assert planned(stored, file).empty


def test_without_an_id_the_one_flow_alike_is_meant():
    stored = imported(companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;"))
    plan = planned(stored, flows(";k1;030105;sahanpuru;120;out;;"))
    assert states(plan, "flows") == {"v1": ("changed", "", "tonnes_low tonnes tonnes_high")}
    # Another code is another flow: its made id must not be taken for a stored one.
    stored = imported(companies(SAW), flows(";k1;030105;sahanpuru;100;out;;"))
    assert stored.flows["id"].tolist() == ["k1:out:sawdust"]
    plan = planned(stored, flows(";k1;;sahanpuru;120;out;;"))
    assert states(plan, "flows") == {"k1:out:sawdust/2": ("new", "", "")}


TWO = ("a;k1;030105;sahanpuru;100;out;;", "b;k1;030105;sahanpuru;200;out;;")


def test_of_several_alike_the_equal_ones_are_unchanged_and_the_rest_is_in_doubt():
    stored = imported(companies(SAW), flows(*TWO))
    file = flows(";k1;030105;sahanpuru;200;out;;", ";k1;030105;sahanpuru;250;out;;")
    plan = planned(stored, file)
    assert plan.empty
    assert states(plan, "flows") == {
        "b": ("unchanged", "", ""),
        "k1:out:sawdust/2": ("conflicting", "several_alike", ""),
    }
    taken = applied(stored, plan.taking(["k1:out:sawdust/2"]))
    assert taken.flows["tonnes"].tolist() == [100, 200, 250]
    assert planned(taken, file).empty


def test_where_all_that_are_alike_are_met_one_more_is_new():
    stored = imported(companies(SAW), flows(*TWO))
    third = ";k1;030105;sahanpuru;300;out;;"
    plan = planned(stored, flows(*(line[1:] for line in TWO), third))
    assert [state for state, *_ in states(plan, "flows").values()].count("unchanged") == 2
    assert plan.flows.after["tonnes"].tolist() == [300]


def test_a_retired_flow_does_not_make_the_active_one_doubtful():
    stored = with_cells(imported(companies(SAW), flows(*TWO)), "b", "flows", status="retired")
    plan = planned(stored, flows(";k1;030105;sahanpuru;150;out;;"))
    assert states(plan, "flows") == {"a": ("changed", "", "tonnes_low tonnes tonnes_high")}


def test_a_bound_that_does_not_fit_the_stored_amount_is_in_doubt():
    heading = "id;Yrityksen tunnus;Materiaali;Suunta;Alaraja;Määrä (t/v);Yläraja"
    stored = imported(companies(SAW), flows("v1;k1;lasi;out;10;20;30", heading=heading))
    plan = planned(stored, flows("v1;k1;lasi;out;25;;", heading=heading))
    assert plan.empty
    assert states(plan, "flows")["v1"][:2] == ("conflicting", "partial")
    flow = row(applied(stored, plan.taking(["v1"])), "v1", "flows")
    assert flow["tonnes_low"] == 25
    assert np.isnan([flow["tonnes"], flow["tonnes_high"]]).all()
    # 15 fits below 20: 15, 20, 30.
    plan = planned(stored, flows("v1;k1;lasi;out;15;;", heading=heading))
    assert states(plan, "flows")["v1"] == ("changed", "", "tonnes_low")


def test_a_material_that_the_stored_code_contradicts_is_in_doubt():
    stored = imported(companies(SAW), flows("v1;k1;030105;sahanpuru;100;out;;"))
    plan = planned(stored, flows("v1;k1;;lasi;100;out;;"))
    assert states(plan, "flows") == {"v1": ("conflicting", "partial", "ewc material")}
    assert row(applied(stored, plan.taking(["v1"])), "v1", "flows")["ewc"] == ""


def test_estimates_are_never_stored():
    line = "v1;k1;030105;sahanpuru;100;out;;"
    heading = f"{FLOWS};Peruste"
    plan = planned(Snapshot(), companies(SAW), flows(f"{line};arvio", heading=heading))
    assert states(plan, "flows") == {"v1": ("rejected", "estimated", "")}
    assert plan.flows.empty


# --- the register ---


def bulk(*records):
    return zipped(**{"all_companies.json": json.dumps(list(records)).encode()})


OTHER = {"businessId": {"value": "2646674-9"}}


def test_a_company_that_the_register_ends_stays_with_its_flows():
    stored = imported(answer(record()), csv("Yritys;Materiaali;Suunta", "1234567-1;lasi;out"))
    plan = planned(stored, answer(record(endDate="2026-01-01")))
    assert states(plan) == {"1234567-1": ("ceased", "register_ended", "status")}
    after = applied(stored, plan)
    assert row(after, "1234567-1")["status"] == "ceased"
    assert len(after.flows) == 1
    assert after.active()[1].empty
    assert planned(after, answer(record(endDate="2026-01-01"))).empty

    back = planned(after, answer(record()))
    assert states(back) == {"1234567-1": ("changed", "active_again", "status")}
    assert row(applied(after, back), "1234567-1")["status"] == "active"
    # A spreadsheet that still names it brings nothing back.
    assert planned(after, csv("Nimi;Y-tunnus;Kunta", "Kuvitteellinen Saha Oy;1234567-1;179")).empty


def test_only_the_whole_register_ends_what_it_does_not_list():
    stored = imported(answer(record(), record(**OTHER)), companies("k1;Koe Oy;;Multia;;"))
    file = bulk(record())
    assert planned(stored, file).empty
    plan = planned(stored, file, whole_register=True)
    assert states(plan) == {
        "1234567-1": ("unchanged", "", ""),
        "2646674-9": ("ceased", "not_listed", "status"),
    }
    after = applied(stored, plan)
    assert planned(after, file, whole_register=True).empty


def test_a_company_that_ends_while_a_list_names_it_takes_the_list_too():
    stored = imported(answer(record()))
    files = (
        answer(record(endDate="2026-01-01")),
        csv("Nimi;Y-tunnus;Kunta;Henkilöstö", "Kuvitteellinen Saha Oy;1234567-1;179;5"),
    )
    plan = planned(stored, *files)
    assert states(plan) == {"1234567-1": ("ceased", "register_ended", "employees status")}
    assert planned(applied(stored, plan), *files).empty


def test_a_register_company_that_moves_is_changed():
    stored = imported(answer(record()))
    plan = planned(stored, answer(record(addresses=[address(1, "41340", "LAUKAA", "410")])))
    assert states(plan) == {"1234567-1": ("changed", "", "municipality x y")}


# --- the demo region ---


def demo_files() -> list[File]:
    return [
        ("companies.csv", export.csv_bytes(demo.companies())),
        ("flows.csv", export.csv_bytes(demo.flows())),
    ]


@pytest.fixture(scope="module")
def demo_region():
    return imported(*demo_files())


def test_the_demo_region_goes_when_own_companies_come(demo_region):
    stored = demo_region
    assert len(stored.companies) == 600
    assert planned(stored, *demo_files()).empty

    plan = planned(stored, companies(SAW))
    shown = counts(plan)
    assert shown.loc["companies", "removed"] == 600
    assert shown.loc["flows", "removed"] == len(demo.flows())
    after = applied(stored, plan)
    assert after.companies["id"].tolist() == ["k1"]
    assert after.flows.empty
    kept = planned(stored, companies(SAW), without_demo=False)
    assert counts(kept).loc["companies", "removed"] == 0


def test_demo_rows_that_the_files_name_stay(demo_region):
    stored = demo_region
    name = demo.companies()["name"].iloc[0]
    plan = planned(stored, companies(SAW), csv("Yritys;Materiaali;Suunta", f"{name};lasi;out"))
    assert sorted(applied(stored, plan).companies["id"]) == ["demo-001", "k1"]


# --- importing again ---

WIDE = "Yritys;Y-tunnus;Kunta;Osoite;Materiaali;Määrä (t/v);Suunta;Huomautus"
KINDS: dict[str, list[File]] = {
    "companies and flows": [companies(SAW), flows(*TWO)],
    "both in one row": [
        csv(
            WIDE,
            "Koe Oy;1234567-1;Multia;Tie 1;lasi;10–20;out;",
            "Koe Oy;1234567-1;Multia;Tie 2;lasi;noin 5;out;hyvää",
            "Muu Oy;;Laukaa;;pahvi;120 m3;in;",
            "Muu Oy;;Laukaa;;pahvi;7;in;",
            "Muu Oy;;Laukaa;;pahvi;8;in;",
        )
    ],
    "workbook": [
        workbook(
            yritykset=[["Nimi", "Kunta", "Henkilöstö"], ["Koe Oy", "Multia", 7]],
            virrat=[["Yritys", "Materiaali", "Määrä"], ["Koe Oy", "lasi", 1.25]],
        )
    ],
    "answer": [answer(record(), record(**OTHER))],
    "bulk zip": [bulk(record(), record(**OTHER, endDate="2026-01-01"))],
    "register and list": [answer(record()), csv(WIDE, "Koe;1234567-1;179;;lasi;1;out;")],
    "geojson": [
        (
            "kartta.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "geometry": {"type": "Point", "coordinates": [25.1234567, 62.41]},
                            "properties": {"nimi": "Koe Oy", "materiaali": "lasi"},
                        }
                    ],
                }
            ).encode(),
        )
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_importing_a_file_again_changes_nothing(kind):
    stored = imported(*KINDS[kind])
    assert len(stored.companies) > 0
    plan = planned(stored, *KINDS[kind], whole_register=files_read(stored).whole_register)
    assert plan.empty
    assert set(plan.findings["state"]) == {"unchanged"}


MATERIALS = ["glass", "cardboard", "sawdust"]
amounts = st.sampled_from(["", "5", "7,5", "10–20", "noin 3"])
lines = st.tuples(
    st.sampled_from(["Yksi Oy", "Kaksi Oy", "Kolme Oy"]),
    st.sampled_from(["Multia", "Laukaa"]),
    st.sampled_from(MATERIALS),
    st.sampled_from(["", "150107"]),
    amounts,
    st.sampled_from(["out", "in"]),
    st.sampled_from(["", "jatkuva"]),
    st.sampled_from(["", "v1", "v2", "v3"]),
).map(";".join)
LINES = "Yritys;Kunta;Materiaali;EWC;Määrä;Suunta;Jatkuvuus;id"
steady = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def content(snapshot):
    """What is stored, whatever its ids are."""
    texts = snapshot.flows.drop(columns=["id", "revision", "source"]).astype(str)
    return sorted(texts.itertuples(index=False, name=None))


@given(st.lists(lines, min_size=1, max_size=12), st.randoms())
@steady
def test_importing_again_in_any_order_changes_nothing(rows, random):
    stored = imported(csv(LINES, *rows))
    assert planned(stored, csv(LINES, *rows)).empty
    if len({line.rsplit(";", 1)[1] for line in rows} - {""}) == len(
        [line for line in rows if not line.endswith(";")]
    ):  # an id that stands twice belongs to its first row, so there the order counts
        shuffled = random.sample(rows, len(rows))
        other = imported(csv(LINES, *shuffled))
        assert content(other) == content(stored)
        assert planned(stored, csv(LINES, *shuffled)).empty


@given(st.lists(lines, max_size=8), st.lists(lines, max_size=8))
@steady
def test_what_another_file_brings_is_stored_once(first, second):
    stored = imported(csv(LINES, *first)) if first else Snapshot()
    file = csv(LINES, *second)
    after = imported(file, stored=stored)
    assert planned(after, file).empty


# --- archives ---


def test_an_archive_comes_back_exactly():
    archived = imported(companies(SAW, "k2;Muu Oy;;Laukaa;;"), flows(*TWO))
    now = with_cells(archived, "k1", contact="Kysy Mikolta", employees=8.0)
    now = Snapshot(7, now.companies, now.flows[now.flows["id"] != "a"])
    now = imported(companies("k3;Uusi Oy;;Joutsa;;"), stored=now)
    plan = plan_archive(now, archived, "arkisto")
    assert plan.kind == "restore"
    assert states(plan) == {
        "k1": ("changed", "", "employees contact"),
        "k2": ("unchanged", "", ""),
        "k3": ("removed", "", ""),
    }
    assert states(plan, "flows") == {"a": ("new", "", ""), "b": ("unchanged", "", "")}
    back = applied(now, plan)
    for table in ("companies", "flows"):
        pd.testing.assert_frame_equal(
            getattr(back, table).drop(columns="revision"),
            getattr(archived, table).drop(columns="revision"),
        )
    assert plan_archive(back, archived, "arkisto").empty


# --- what is shown ---


def test_counts_know_every_state():
    plan = planned(imported(companies(SAW)), companies(SAW, "k2;Muu Oy;;Laukaa;;"))
    table = counts(plan)
    assert table.columns.tolist() == list(STATES)
    assert table.loc["companies"].tolist() == [1, 0, 1, 0, 0, 0, 0]
    assert table.loc["flows"].sum() == 0


def test_nothing_read_is_an_empty_plan():
    plan = planned(Snapshot(), csv("turhaa"))
    assert plan.empty
    assert [problem.code for problem in plan.problems] == ["no_heading"]
    assert side_by_side(plan).empty
    assert counts(plan).to_numpy().sum() == 0


def test_files_must_be_read_with_all_that_is_stored():
    stored = imported(companies(SAW))
    with pytest.raises(ValueError, match="all stored companies"):
        plan_import(stored, read(companies(SAW)), "koe")


def test_every_state_and_reason_has_a_text():
    reasons = {
        "corrected_by_hand", "retired", "several_alike", "partial", "register_ended",
        "not_listed", "active_again", "demo", "estimated", "erased",
    }  # fmt: skip
    texts = {key for key in catalogue() if key.startswith(("plan.state_", "plan.reason_"))}
    assert texts == {f"plan.state_{s}" for s in STATES} | {f"plan.reason_{r}" for r in reasons}
