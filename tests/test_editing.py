"""Editing without a page: labels and codes, drafts over stored rows, changes in words."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiertokylat import demo, reference, tables
from kiertokylat.changes import Changes, Snapshot, no_companies, no_flows
from kiertokylat.compared import COLUMNS, compared, conflict, title
from kiertokylat.drafts import Draft, sheet
from kiertokylat.editing import (
    EDITABLE,
    choices,
    code,
    company_labels,
    frame,
    matching,
    origin,
    read,
    searchable,
)
from kiertokylat.plan import InvalidRowsError, plan_edit
from kiertokylat.words import LANGUAGES
from tests.plans import applied

UNTOUCHED = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}


@cache
def stored():
    """The demo region as a store keeps it."""
    about = {"status": "active", "corrected": "", "revision": 1, "source": "demo"}
    companies = demo.companies().assign(**about, sole_trader=False, contact="")
    flows = demo.flows().assign(**about)
    return Snapshot(1, tables.stored_companies(companies), tables.stored_flows(flows))


def drawn(table, draft=None, language="fi", of=None):
    of = of or stored()
    labels = company_labels(of.companies, set(of.companies["id"])) if table == "flows" else None
    return sheet(table, getattr(of, table), draft or Draft(), language, labels)


def typed(made, place, **cells):
    return made.typed(UNTOUCHED | {"edited_rows": {place: cells}})


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.none() | st.floats(0, 1e9)


@st.composite
def companies(draw):
    """Stored companies with any texts and numbers."""
    row = st.fixed_dictionaries(
        {
            "name": TEXTS.filter(bool),
            "business_id": st.sampled_from(["", "1234567-1"]),
            "nace": st.sampled_from(["", "16", "16100", "45", "99999"]),
            "nace_edition": st.sampled_from(["2008", "2025", ""]),
            "municipality": st.sampled_from(["179", "410", "091"]),
            "employees": NUMBERS,
            "x": st.floats(4e5, 5e5),
            "y": st.floats(68e5, 70e5),
            "precision": st.sampled_from(tables.PRECISIONS),
            "source": TEXTS,
            "status": st.sampled_from(tables.COMPANY_STATUSES),
            "corrected": st.sampled_from(["", "name", "employees name"]),
            "revision": st.integers(0, 9),
            "sole_trader": st.booleans(),
            "contact": TEXTS,
        }
    )
    rows = [{"id": f"k{n}"} | one for n, one in enumerate(draw(st.lists(row, max_size=5)))]
    return tables.stored_companies(pd.DataFrame(rows, columns=no_companies().columns))


@st.composite
def flows(draw):
    """Stored flows of two companies that have one name."""
    materials = [*list(reference.materials().index[:4]), "unlisted"]
    row = st.fixed_dictionaries(
        {
            "company_id": st.sampled_from(["k0", "k1"]),
            "direction": st.sampled_from(tables.DIRECTIONS),
            "ewc": st.sampled_from(["", "030105"]),
            "material": st.sampled_from(materials),
            "tonnes": NUMBERS,
            "continuity": st.sampled_from(tables.CONTINUITIES),
            "basis": st.sampled_from(tables.BASES),
            "source": TEXTS,
            "note": TEXTS,
            "status": st.sampled_from(tables.FLOW_STATUSES),
            "corrected": st.just(""),
            "revision": st.integers(0, 9),
        }
    )
    rows = [{"id": f"v{n}"} | one for n, one in enumerate(draw(st.lists(row, max_size=5)))]
    for one in rows:
        one |= {"tonnes_low": one["tonnes"], "tonnes_high": one["tonnes"]}
    return tables.stored_flows(pd.DataFrame(rows, columns=no_flows().columns))


@settings(max_examples=25)
@given(companies(), flows(), st.sampled_from(LANGUAGES))
def test_a_frame_read_back_without_edits_changes_nothing(some, others, language):
    labels = {"k0": "Sama Oy", "k1": "Sama Oy"}
    for table, rows in (("companies", some), ("flows", others)):
        listed = choices(table, language, rows, labels)
        back = read(table, frame(table, rows, listed, language), listed)
        pd.testing.assert_frame_equal(
            back.astype(object), rows[list(EDITABLE[table])].astype(object)
        )
        made = sheet(table, rows, Draft(), language, labels)
        assert len(made.typed(UNTOUCHED)) == 0
        # Every cell typed over with what it showed.
        shown = made.frame.astype(object).where(made.frame.notna(), None).to_dict("records")
        again = made.typed(UNTOUCHED | {"edited_rows": dict(enumerate(shown))})
        assert again == Draft(again.seen)
        assert again.changes(table).empty


def test_no_two_choices_look_alike():
    names = {"k1": "Sama Oy", "k2": "Sama Oy", "k3": "Sama Oy (k1)"}
    for language in LANGUAGES:
        for table in ("companies", "flows"):
            for labels in choices(table, language, getattr(stored(), table), names).values():
                assert len(set(labels.values())) == len(labels)


def test_codes_of_labels():
    listed = choices("companies", "fi", stored().companies)
    assert code("municipality", "Laukaa", listed) == "410"
    assert code("nace", None, listed) == ""
    assert np.isnan(code("employees", None, listed))
    assert code("sole_trader", None, listed) is False
    assert code("name", None, listed) == ""
    assert listed["nace"]["16100"].startswith("16100 Sahatavaran")


def test_typed_cells_are_kept_with_the_row_as_it_was_seen():
    made = drawn("companies")
    draft = typed(made, 0, name="Uusi Nimi Oy", municipality="Laukaa", employees=12.5)
    first = stored().companies.iloc[0]
    assert draft.cells == {
        first["id"]: {"name": "Uusi Nimi Oy", "municipality": "410", "employees": 12.5}
    }
    assert len(draft) == 3
    changes = draft.changes("companies")
    pd.testing.assert_frame_equal(changes.before, stored().companies.head(1))
    assert changes.after.loc[0, ["name", "nace", "employees"]].tolist() == [
        "Uusi Nimi Oy", first["nace"], 12.5,
    ]  # fmt: skip
    plan = plan_edit(stored(), changes, title="")
    assert plan.companies.after["corrected"].tolist() == ["employees municipality name"]
    assert title(plan).startswith("Yrityksiä muutettu 1 (Nimi, Kunta, Henkilöstö")
    assert "Uusi" not in title(plan)


def test_a_draft_outlives_another_search_and_language():
    draft = typed(drawn("companies"), 0, name="Uusi Nimi Oy")
    others = stored().companies.tail(3)
    made = sheet("companies", others, draft, "en")
    assert made.keys == (stored().companies["id"][0], *others["id"])
    assert made.frame["name"].tolist()[0] == "Uusi Nimi Oy"
    assert made.typed(UNTOUCHED).cells == draft.cells
    again = typed(made, 0, employees=3)
    assert again.cells[made.keys[0]] == {"name": "Uusi Nimi Oy", "employees": 3.0}
    # Typed back to what is stored: no change is left.
    back = typed(made, 0, name=stored().companies["name"][0])
    assert len(back) == 0


def test_new_rows_are_kept_and_empty_ones_are_not():
    made = drawn("flows")
    row = {"company_id": made.frame["company_id"][0], "material": "Betoni", "direction": "tarjoaa"}
    only_default = {"company_id": row["company_id"]}
    draft = made.typed(UNTOUCHED | {"added_rows": [row, {}, only_default, {"note": ""}]})
    owner = stored().flows["company_id"][0]
    assert draft.new == ({"company_id": owner, "material": "concrete", "direction": "out"},)
    plan = plan_edit(stored(), flows=draft.changes("flows"), title="")
    assert plan.flows.before.empty
    new = plan.flows.after.loc[0]
    assert new[["company_id", "status", "basis"]].tolist() == [owner, "active", "reported"]
    # Drawn again it stands last, and can be taken away.
    again = drawn("flows", draft)
    assert again.keys[-1] == 0
    last = len(again.keys) - 1
    assert typed(again, last, note="märkä").new[0]["note"] == "märkä"
    assert again.typed(UNTOUCHED | {"deleted_rows": [last]}).new == ()


def test_a_deleted_row_goes_out_of_use_and_comes_back():
    made = drawn("companies")
    draft = made.typed(UNTOUCHED | {"deleted_rows": [1]})
    key = stored().companies["id"][1]
    assert draft.cells == {key: {"status": "retired"}}
    later = applied(stored(), plan_edit(stored(), draft.changes("companies"), title=""))
    assert later.companies.set_index("id").loc[key, ["status", "corrected"]].tolist() == [
        "retired", "",
    ]  # fmt: skip
    again = sheet("companies", later.companies, Draft(), "fi")
    assert again.frame["status"][1] == "Poistettu käytöstä"
    revived = typed(again, 1, status="Käytössä")
    last = applied(later, plan_edit(later, revived.changes("companies"), title=""))
    assert last.companies.set_index("id").loc[key, "status"] == "active"


def test_a_box_takes_a_row_out_of_use_and_back_and_the_row_stays_in_its_place():
    made = drawn("companies")
    ids = tuple(stored().companies["id"])
    out = typed(made, 1, name="Toinen Nimi Oy", use=False)
    assert out.cells == {ids[1]: {"name": "Toinen Nimi Oy", "status": "retired"}}
    again = drawn("companies", out)
    assert again.keys == ids  # also of a table that is drawn anew, for another language
    assert again.frame.loc[1, ["name", "status"]].tolist() == [
        "Toinen Nimi Oy", "Poistettu käytöstä",
    ]  # fmt: skip
    assert typed(again, 1, use=True).cells == {ids[1]: {"name": "Toinen Nimi Oy"}}
    assert drawn("companies", Draft(new=({"name": "Uusi Oy"},))).keys == (*ids, 0)


def test_the_box_of_a_company_that_has_ceased_brings_it_back_and_gives_that_up():
    ceased = stored().companies.head(1).assign(status="ceased")
    key = ceased["id"][0]
    back = typed(sheet("companies", ceased, Draft(), "fi"), 0, use=True)
    assert back.cells == {key: {"status": "active"}}
    assert typed(sheet("companies", ceased, back, "fi"), 0, use=False).cells == {}


def test_edited_rows_that_the_search_no_longer_finds_come_first():
    rows = stored().companies
    draft = typed(drawn("companies"), 3, name="Toinen Nimi Oy")
    made = sheet("companies", rows.head(2), draft, "fi")
    assert made.keys == (rows["id"][3], rows["id"][0], rows["id"][1])


def test_a_number_that_cannot_be_read_is_kept_and_told_in_its_cell():
    draft = typed(drawn("flows"), 0, tonnes="100–200", tonnes_low="5", note="märkä")
    key = stored().flows["id"][0]
    assert draft.cells[key] == {"tonnes": "100–200", "tonnes_low": 5.0, "note": "märkä"}
    again = drawn("flows", draft)
    assert again.frame.loc[0, ["tonnes", "tonnes_low"]].tolist() == ["100–200", "5"]
    with pytest.raises(InvalidRowsError) as caught:
        plan_edit(stored(), flows=draft.changes("flows"), title="")
    found = caught.value.findings
    assert found[["row", "id", "column", "code", "table"]].to_numpy().tolist() == [
        [0, key, "tonnes", "number_unread", "flows"]
    ]
    mended = typed(again, 0, tonnes="noin 1 234,5", tonnes_low="", tonnes_high="")
    after = plan_edit(stored(), flows=mended.changes("flows"), title="").flows.after
    assert after.loc[0, ["tonnes_low", "tonnes", "tonnes_high"]].tolist() == [1234.5] * 3


def test_two_editors_on_one_row():
    mine = typed(drawn("companies"), 0, name="Minun Oy", employees=5)
    theirs = typed(drawn("companies"), 0, name="Toisen Oy", contact="Keksitty Henkilö")
    later = applied(stored(), plan_edit(stored(), theirs.changes("companies"), title=""))
    key = stored().companies["id"][0]
    assert mine.conflicts(stored().companies) == []
    assert mine.conflicts(later.companies) == [key]
    # As after a restore of another database, which had come to the same revision.
    assert mine.conflicts(later.companies.assign(revision=stored().companies["revision"])) == [key]
    now = later.companies[later.companies["id"] == key]
    old = stored().companies["name"][0]
    table = conflict("companies", mine, now, {}, "fi").set_index("column")
    assert table.loc["Nimi"].tolist() == [old, "Minun Oy", "Toisen Oy"]
    assert table.loc["Yhteyshenkilö"].tolist() == ["(tyhjä)", "(tyhjä)", "Keksitty Henkilö"]
    assert set(table.index) == {"Nimi", "Henkilöstö", "Yhteyshenkilö"}
    # The typed cells over the new row.
    redone = mine.onto([key], later.companies)
    assert redone.conflicts(later.companies) == []
    assert redone.cells == mine.cells
    after = applied(later, plan_edit(later, redone.changes("companies"), title=""))
    row = after.companies.set_index("id").loc[key]
    assert row[["name", "employees", "contact"]].tolist() == ["Minun Oy", 5.0, "Keksitty Henkilö"]
    assert len(mine.without([key])) == 0


@pytest.mark.parametrize(
    ("seen", "mine", "theirs", "kept"),
    [
        # One amount of 200 became mine of 220 and theirs of 210: mine is 220, not 210–220–210.
        ((200, 200, 200), {"tonnes": "220"}, (210, 210, 210), (220, 220, 220)),
        # They have told a range instead: mine is still one amount, not 190–220–230.
        ((200, 200, 200), {"tonnes": "220"}, (190, 200, 230), (220, 220, 220)),
        # My range of 190–230 around 220, theirs of 200–220 around 210: mine, not 200–220–230.
        (
            (190, 200, 210),
            {"tonnes": "220", "tonnes_high": "230"},
            (200, 210, 220),
            (190, 220, 230),
        ),
        # 205 within the range that I saw, theirs now one amount: mine with that range.
        ((190, 200, 210), {"tonnes": "205"}, (300, 300, 300), (190, 205, 210)),
        # 220 is outside 190–210, which I saw: refused as it would be without them.
        ((190, 200, 210), {"tonnes": "220"}, (200, 210, 220), None),
    ],
)
def test_my_amount_on_a_row_that_somebody_else_gave_another_is_wholly_mine(
    seen, mine, theirs, kept
):
    amounts = ["tonnes_low", "tonnes", "tonnes_high"]
    flows = stored().flows.head(1).copy()
    flows.loc[0, amounts] = [float(value) for value in seen]
    before = Snapshot(1, stored().companies, flows)
    key = flows["id"][0]
    draft = typed(drawn("flows", of=before), 0, **mine)
    now = flows.assign(revision=2)
    now.loc[0, amounts] = [float(value) for value in theirs]
    later = Snapshot(2, stored().companies, now)
    redone = draft.onto([key], now)
    if kept is None:
        with pytest.raises(InvalidRowsError) as caught:
            plan_edit(later, flows=redone.changes("flows"), title="")
        assert caught.value.findings["code"].tolist() == ["tonnes_order"]
        return
    table = conflict("flows", draft, now, {}, "fi").set_index("column")["mine"]
    assert table["Määrä (t/v)"] == str(kept[1])
    after = plan_edit(later, flows=redone.changes("flows"), title="").flows.after
    assert after.loc[0, amounts].tolist() == list(kept)


def test_an_amount_stays_my_one_cell_where_the_other_has_changed_something_else():
    flows = stored().flows.head(1)
    key = flows["id"][0]
    draft = typed(drawn("flows"), 0, tonnes="220")
    now = flows.assign(revision=2, note="märkä")
    assert draft.onto([key], now).cells == {key: {"tonnes": 220.0}}


def test_what_the_other_has_typed_as_well_is_no_change_any_more():
    mine = typed(drawn("companies"), 0, name="Sama Oy")
    later = applied(stored(), plan_edit(stored(), mine.changes("companies"), title=""))
    assert len(mine.onto([stored().companies["id"][0]], later.companies)) == 0


def test_a_row_that_went_conflicts_and_can_only_be_dropped():
    mine = typed(drawn("companies"), 0, name="Minun Oy")
    rest = stored().companies.iloc[1:]
    key = stored().companies["id"][0]
    assert mine.conflicts(rest) == [key]
    assert conflict("companies", mine, rest.head(0), {}, "fi").empty
    assert len(mine.onto([key], rest)) == 0


@pytest.mark.parametrize(
    ("edition", "label", "expected"),
    [("2025", "45", "2008"), ("2025", "16", "2025"), ("", "45", ""), ("2008", "16", "2008")],
)
def test_the_edition_follows_the_industry(edition, label, expected):
    rows = stored().companies.head(1).assign(nace_edition=edition, nace="10")
    made = sheet("companies", rows, Draft(), "fi")
    draft = typed(made, 0, nace=made.listed["nace"][label])
    assert draft.changes("companies").after.loc[0, "nace_edition"] == expected


@pytest.mark.parametrize("query", ["muovi", "PLASTIC", "övi"])
def test_search_knows_everyday_words(query):
    texts, of_flows = searchable(stored())
    found = matching(of_flows, query)
    materials = set(stored().flows.loc[found.to_numpy(), "material"])
    if query == "övi":
        assert not any("plastic" in name for name in materials)
        return
    assert any("plastic" in name for name in materials)
    assert matching(texts, query).any()


def test_search_by_words_of_several_columns():
    row = stored().companies.iloc[0]
    place = reference.municipalities()["name_fi"][row["municipality"]]
    texts, _ = searchable(stored())
    found = matching(texts, f"{row['name'].split()[0]} {place}")
    assert found[row["id"]]
    assert 0 < found.sum() < 60
    assert matching(texts, "").all()


def test_origins():
    rows = stored().companies.head(4).assign(source=["demo", "PRH/YTJ 1.1.", "a.csv", ""])
    rows.loc[rows.index[3], "source"] = "Käsin lisätty"
    assert origin("companies", rows).tolist() == ["demo", "register", "reported", "by_hand"]


def test_changes_in_words():
    company = stored().companies.iloc[[0]].reset_index(drop=True)
    flow = stored().flows.iloc[[0]].reset_index(drop=True).assign(tonnes=1.5, material="concrete")
    edited = company.assign(employees=12.5, municipality="410", contact="")
    lines = compared(
        Changes(company.assign(employees=7.0, municipality="179"), edited),
        Changes(no_flows(), flow),
        {flow["company_id"][0]: "Vanha nimi Oy"},
        "fi",
        10,
    )
    name = company["name"][0]
    assert tuple(lines.columns) == COLUMNS
    assert lines.head(2).to_numpy().tolist() == [
        ["Yritys muuttuu", name, "Kunta", "Jyväskylä", "Laukaa"],
        ["Yritys muuttuu", name, "Henkilöstö", "7", "12,5"],
    ]
    kind, what, _, before, after = lines.loc[2]
    assert (kind, what, before) == ("Uusi virta", f"{name}: Betoni", "")
    assert "Määrä (t/v): 1,5" in after
    assert len(
        compared(Changes(company, company.head(0)), Changes(flow, flow.head(0)), {}, "en", 1)
    )
