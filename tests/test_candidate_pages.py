"""The pages that list candidates: their order, the portfolio's star, a company's reach."""

import pytest
from streamlit.testing.v1 import AppTest

from kiertokylat import demo
from kiertokylat.figures import euros, tonnes
from tests.test_app import layers, main_module, run  # noqa: F401


def table(app: AppTest):
    (frame,) = [each.value for each in app.dataframe if "in_portfolio" in each.value]
    return frame


def text(app: AppTest) -> str:
    return " ".join(block.proto.body for block in app.get("html")).replace("\u00a0", " ")


@pytest.mark.parametrize("order", ["eur", "co2e", "tonnes"])
def test_the_chosen_order_holds_within_each_certainty(order):
    app = run("candidates")
    app.button_group(key="order").set_value(order).run()
    assert not app.exception
    frame = table(app)
    assert len(set(frame["certainty"])) > 1
    for _, rows in frame.groupby("certainty", sort=False):
        values = rows[order].dropna()
        assert values.is_monotonic_decreasing
        assert rows[order].isna().sum() == rows[order].tail(len(rows) - len(values)).isna().sum()


def test_members_of_the_portfolio_are_marked_and_told():
    app = run("candidates")
    app.button_group(key="scope").set_value("all").run()
    starred = table(app)["in_portfolio"].to_numpy() == "★"
    assert 0 < starred.sum() < len(starred)
    # The first of the ranking is the one shown; its card and its row agree.
    assert ("★ kuuluu kokonaisuuteen" in text(app)) == bool(starred[0])
    assert "Lukujen alkuperä" in text(app)


def test_the_worth_of_a_candidate_stands_part_by_part():
    app = run("candidates")
    (parts,) = [each.value for each in app.dataframe if "per_tonne" in each.value]
    assert parts["whose"].tolist() == [
        *("Luovuttaja", "Vastaanottaja", "Vastaanottaja", "Yhteinen", "Yhteinen", "Yhteensä"),
        *("Päästöt", "Päästöt", "Yhteensä"),
    ]
    labels = [metric.label for metric in app.metric]
    assert "Hyöty, €/v" in labels
    assert "Kannattavuusraja päästöissä" in labels


def test_the_map_draws_the_portfolio_in_strong_lines():
    app = run()
    app.session_state["layers"] = ["portfolio"]
    app.run()
    assert not app.exception
    drawn = layers(app)
    assert drawn.count('"kind": "candidate"') > 0
    assert '"weight": 4.0' in drawn
    assert "kokonaisuudessa" in drawn


def test_a_chosen_company_shows_its_reach():
    flows = demo.flows()
    supplies = flows[(flows["direction"] == "out") & (flows["material"] == "steel_scrap")]
    app = run()
    assert '"dashArray": "10 5"' not in layers(app)
    app.session_state["picked"] = ("company", supplies["company_id"].iloc[0])
    app.run()
    assert not app.exception
    assert '"dashArray": "10 5"' in layers(app)
    assert "Kuinka kauas materiaalit kannattaa viedä" in text(app)


def test_the_municipality_tells_its_part_of_the_portfolio():
    app = run("municipality", kunta="Jyväskylä")
    labels = [metric.label for metric in app.metric]
    assert {"Hyötykäyttöön", "Hyöty euroissa", "Vältetyt päästöt"} <= set(labels)
    assert any("Vaihteluväli" in caption.value for caption in app.caption)


def least_used():
    """Put into the session what the portfolio takes least of, for its pair's whole flow."""
    import streamlit as st  # the runner takes this function's text alone

    from kiertokylat.web import filters, mapview, session, stars

    session.start()
    chosen, every = stars.portfolio(), session.region(filters.selection()).candidates
    keys = mapview.candidate_ids(chosen).to_numpy()
    whole = every["tonnes"].set_axis(mapview.candidate_ids(every).to_numpy())[keys].to_numpy()
    place = (chosen["tonnes"].to_numpy() / whole).argmin()
    st.session_state["found"] = (keys[place], whole[place], chosen.iloc[place].to_dict())


def test_the_card_parts_the_pair_from_what_the_portfolio_takes_of_it():
    probe = AppTest.from_function(least_used, default_timeout=60).run()
    assert not probe.exception
    key, whole, taken = probe.session_state["found"]
    assert taken["tonnes"] < 0.5 * whole
    app = run("candidates")
    app.button_group(key="scope").set_value("all").run()
    app.session_state["candidate"] = key
    app.run()
    shown = text(app)
    part, money = (
        words.replace("\u00a0", " ")
        for words in (tonnes(taken["tonnes"], "fi", estimated=True), euros(taken["eur"], "fi"))
    )
    assert f"siinä mukana {part} ja siitä {money}" in shown
    assert "Alla tämän parin koko virta: " in shown
