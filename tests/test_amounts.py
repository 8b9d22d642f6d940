"""Amounts told in part: one way of filling them in for matching, sharing out and the portfolio."""

import numpy as np
import pandas as pd
import pytest

from kiertokylat import tables
from kiertokylat.allocation import allocate
from kiertokylat.amounts import filled
from kiertokylat.match import match
from kiertokylat.portfolio import greedy, optimal
from kiertokylat.reference import uses
from tests.test_summary import company, flow

nan = np.nan


def test_a_missing_amount_takes_its_neighbours():
    told = [
        [1, 2, 3], [nan, 2, nan], [1, nan, nan], [nan, nan, 3], [1, nan, 3], [nan, 2, 3],
        [nan, nan, nan],
    ]  # fmt: skip
    names = ["tonnes_low", "tonnes", "tonnes_high"]
    table = filled(pd.DataFrame(told, columns=names, index=list("abcdefg"), dtype=float))
    assert list(table) == names
    assert table.fillna(-1).to_numpy().tolist() == [
        [1, 2, 3], [2, 2, 2], [1, 1, 1], [3, 3, 3], [1, 1, 3], [2, 2, 3], [-1, -1, -1],
    ]  # fmt: skip


@pytest.mark.parametrize("known", ["tonnes_low", "tonnes_high"])
def test_one_end_of_a_range_counts_the_same_everywhere(known):
    """20 t told as a low (or a high) only, a need of 50 t: 20 t in all three."""
    companies = tables.companies(
        pd.DataFrame([company("saw", "179", "16100"), company("farm", "179", "01500")])
    )
    offer, need = (
        flow("s", "saw", "out", "sawdust", nan),
        flow("d", "farm", "in", "sawdust", 50.0),
    )
    flows = tables.flows(pd.DataFrame([offer | {known: 20.0}, need]))
    pairs = match(companies, flows, uses(), hazardous=(), receivers_per_supply=0)
    assert pairs["tonnes"].tolist() == [20]
    candidates = tables.candidates(pairs)
    assert allocate(candidates, flows)["tonnes"].tolist() == [20]
    for choose in (optimal, greedy):
        (row,) = choose(candidates, flows, "tonnes").to_dict("records")
        assert [row[name] for name in ("tonnes_low", "tonnes", "tonnes_high")] == [20, 20, 20]
