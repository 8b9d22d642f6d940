"""The assumptions on the page Tietoa, through Streamlit's own test runner."""

import pytest

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions, FactorEdit
from kiertokylat.assumptions_file import to_json
from tests.test_app import main_module, run  # noqa: F401

KEPT = "assumptions"


def inputs(app, name):
    """A number input by its field, whatever generation of widgets it is of."""
    (found,) = [one for one in app.number_input if one.key.endswith(f"-{name}")]
    return found


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def assumed(app):
    return app.session_state[KEPT] if KEPT in app.session_state else Assumptions()


def test_own_freight_is_used_and_the_defaults_come_back():
    app = run("about")
    for end, value in {"low": 0.1, "best": 0.15, "high": 0.3}.items():
        inputs(app, f"freight_eur_tkm-{end}").set_value(value)
    app.run()
    assert assumed(app) == Assumptions()  # waits for the button
    press(app, "assume")
    assert assumed(app) == Assumptions(freight_eur_tkm=(0.1, 0.15, 0.3))
    assert inputs(app, "freight_eur_tkm-best").value == 0.15
    press(app, "assume-nothing")
    assert assumed(app) == Assumptions()
    assert inputs(app, "freight_eur_tkm-best").value is None


def test_every_kind_of_input_arrives():
    app = run("about", kieli="en")
    inputs(app, "year").set_value(2027)
    inputs(app, "waste_tax_eur_t").set_value(95.0)
    inputs(app, "empty_return").set_value(7.0)
    inputs(app, "unknown_employees-high").set_value(40.0)
    (vehicle,) = [box for box in app.selectbox if str(box.key).endswith("-vehicle")]
    vehicle.set_value("semi")
    app.run()
    press(app, "assume")
    assert assumed(app) == Assumptions(
        year=2027,
        waste_tax_eur_t=95.0,
        empty_return=0.07,
        unknown_employees=(1.0, 3.0, 40.0),
        vehicle="semi",
    )
    old_and_new = app.dataframe[0].value
    assert old_and_new.iloc[:, 0].tolist() == [
        "Employees where their number is not known",
        "Year that the results hold for",
        "Waste tax, EUR/t",
        "Vehicle of full loads",
        "Share of the way back driven empty",
    ]
    assert old_and_new.iloc[2, 1:].tolist() == ["80", "95"]


@pytest.mark.parametrize("ends", [(0.3, 0.2, 0.4), (0.1, None, 0.4)])
def test_a_range_out_of_order_or_half_given_is_named_and_not_used(ends):
    app = run("about")
    for end, value in zip(("low", "best", "high"), ends, strict=True):
        inputs(app, f"freight_eur_tkm-{end}").set_value(value)
    app.run()
    assert "Rahti" in app.error[0].value
    assert app.button(key="assume").disabled
    assert assumed(app) == Assumptions()


def own(**changed):
    """A session that already has assumptions of its own."""
    app = run("about")
    app.session_state[KEPT] = Assumptions(**changed)
    app.run()
    assert not app.exception
    return app


def test_edited_factors_survive_another_change():
    edit = FactorEdit("sawdust", "", "price", 1.0, 2.0, 3.0)
    app = own(edits=(edit,))
    inputs(app, "detour_factor").set_value(1.5)
    app.run()
    press(app, "assume")
    assert assumed(app) == Assumptions(edits=(edit,), detour_factor=1.5)


def test_a_file_is_read():
    kept = Assumptions(detour_factor=1.4, edits=(FactorEdit("sawdust", "", "price", 1, 2, 3),))
    app = run("about")
    app.file_uploader[0].set_value(("oletukset.json", to_json(kept).encode(), "application/json"))
    app.run()
    assert not app.exception
    assert assumed(app) == kept


def test_a_bad_file_is_told_and_changes_nothing():
    app = run("about")
    app.file_uploader[0].set_value(("oletukset.json", b"{", "application/json"))
    app.run()
    assert "JSON" in app.error[0].value
    assert assumed(app) == Assumptions()


def test_the_address_opens_the_section():
    def opened(app):
        return [part.proto.expanded for part in app.expander if part.label == "Oletukset"]

    assert opened(run("about")) == [False]
    assert opened(run("about", osio="oletukset")) == [True]


def write(app, row, **ends):
    """Write into a row of the table of factors, as the browser would."""
    key = app.data_editor[0].key
    edits = {"edited_rows": {row: ends}, "added_rows": [], "deleted_rows": []}
    app.session_state[key] = edits
    app.run()
    assert not app.exception


def look_at(app, material):
    (choice,) = [box for box in app.selectbox if str(box.key).endswith("-material")]
    choice.set_value(material).run()
    assert not app.exception


def test_cells_of_several_materials_are_used_together():
    app = run("about")
    look_at(app, "sawdust")
    rows = reference.factors()
    first = rows[rows["material"] == "sawdust"].iloc[0]
    assert len(app.data_editor[0].value) == (rows["material"] == "sawdust").sum()
    write(app, 0, low=-1.5, best=2.0, high=3.25)
    look_at(app, "concrete")
    write(app, 1, low=1.0, best=1.0, high=1.0)
    look_at(app, "sawdust")
    assert app.data_editor[0].value.iloc[0][["low", "best", "high"]].tolist() == [-1.5, 2.0, 3.25]
    press(app, "assume")
    second = rows[rows["material"] == "concrete"].iloc[1]
    expected = {
        FactorEdit(first["material"], first["route"], first["item"], -1.5, 2.0, 3.25),
        FactorEdit(second["material"], second["route"], second["item"], 1.0, 1.0, 1.0),
    }
    assert set(assumed(app).edits) == expected


def test_a_row_out_of_order_is_named():
    app = run("about")
    look_at(app, "sawdust")
    write(app, 0, low=9.0, best=2.0, high=3.0)
    assert "Sahanpuru" in app.error[0].value
    assert "alin 9, paras 2 ja ylin 3" in app.error[0].value


def test_a_cleared_row_is_the_default_again():
    rows = reference.factors()
    row = rows[rows["material"] == "sawdust"].iloc[0]
    edit = FactorEdit("sawdust", row["route"], row["item"], 1.0, 2.0, 3.0)
    app = own(edits=(edit,))
    look_at(app, "sawdust")
    assert app.data_editor[0].value.iloc[0]["best"] == 2.0
    write(app, 0, low=None, best=None, high=None)
    press(app, "assume")
    assert assumed(app) == Assumptions()


def test_the_other_language_keeps_what_waits():
    app = run("about")
    inputs(app, "detour_factor").set_value(1.6).run()
    app.session_state["kieli"] = "en"
    app.run()
    assert inputs(app, "detour_factor").value == 1.6
