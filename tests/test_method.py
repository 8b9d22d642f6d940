"""The worked example of the method page comes out as written."""

import re
import tomllib
from pathlib import Path

import pytest

from kiertokylat import impact, reference
from kiertokylat.assumptions import Assumptions, FactorEdit
from tests.test_impact import pair

PAGE = Path(__file__).resolve().parent.parent / "docs" / "method.md"


def test_the_worked_example_is_right():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    cases = tomllib.loads(block)
    given = cases["given"]
    vehicles = reference.vehicles()
    items = {"disposal": "disposal", "price": "price", "treatment": "treatment", "co2e": "avoided"}
    assumptions = Assumptions(
        loading_eur_t=tuple(given["loading"]),
        edits=tuple(FactorEdit("concrete", "", item, *given[key]) for item, key in items.items()),
    )
    assert impact.full_loads_t(assumptions) == given["full_loads_t"]
    for size, vehicle in (("small", "rigid"), ("large", "combination")):
        case = cases[size]
        for name in ("freight", "transport"):
            of_class = vehicles.loc[vehicle, [f"{name}_low", name, f"{name}_high"]]
            assert case[name] == of_class.tolist()
        ends = ("tonnes_low", "tonnes", "tonnes_high")
        amounts = dict(zip(ends, map(float, case["tonnes"]), strict=True))
        one = pair(road_km=float(given["road_km"]), **amounts)
        row = impact.assess(one, assumptions).iloc[0]
        for name in ("eur", "co2e"):
            found = [row[f"{name}_low"], row[name], row[f"{name}_high"]]
            assert found == pytest.approx(case[name])
            assert row[f"breakeven_{name}_km"] == pytest.approx(case[f"breakeven_{name}_km"])
