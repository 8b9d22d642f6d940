"""The worked example of the method page comes out as written."""

import re
import tomllib
from pathlib import Path

import pytest

from kiertokylat import impact
from kiertokylat.assumptions import Assumptions, FactorEdit
from tests.test_impact import pair

PAGE = Path(__file__).resolve().parent.parent / "docs" / "method.md"


def test_the_worked_example_is_right():
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    case = tomllib.loads(block)
    given, result = case["given"], case["result"]
    items = {"disposal": "disposal", "price": "price", "treatment": "treatment", "co2e": "avoided"}
    assumptions = Assumptions(
        freight_eur_tkm=tuple(given["freight"]),
        transport_kg_tkm=tuple(given["transport"]),
        loading_eur_t=tuple(given["loading"]),
        edits=tuple(FactorEdit("concrete", "", item, *given[key]) for item, key in items.items()),
    )
    ends = ("tonnes_low", "tonnes", "tonnes_high")
    amounts = dict(zip(ends, map(float, given["tonnes"]), strict=True))
    one = pair(road_km=float(given["road_km"]), **amounts)
    row = impact.assess(one, assumptions).iloc[0]
    for name in ("eur", "co2e"):
        found = [row[f"{name}_low"], row[name], row[f"{name}_high"]]
        assert found == pytest.approx(result[name])
        assert row[f"breakeven_{name}_km"] == pytest.approx(result[f"breakeven_{name}_km"])
