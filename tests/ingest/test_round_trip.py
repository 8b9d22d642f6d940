"""Tables written as CSV in any of the ways that people use come back as they were."""

import io

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kiertokylat import reference, tables
from kiertokylat.ingest import headings, ingest
from kiertokylat.ingest.sheet import plain

MATERIALS = sorted(reference.materials().index)
# Postal code and municipality of the file stay out: the points are given.
POINTS = [
    ("179", 434527.25, 6901554.5),
    ("410", 446212.0, 6920624.125),
    ("992", 434881.5, 6942026.0),
]

# "Ã¤" and its like are refused: they are broken letters in every file of people.
letters = st.characters(
    codec="cp1252", exclude_categories=("C", "Zl", "Zp"), exclude_characters="Ã"
)
words = st.text(letters, max_size=20).map(plain)
names = words.map(lambda text: plain(f"Koe {text} Oy"))
amounts = st.lists(st.floats(0, 90_000).map(lambda x: round(x, 3)), min_size=3, max_size=3).map(
    sorted
)


@st.composite
def datasets(draw):
    """A companies table and a flows table that refer to each other."""
    count = draw(st.integers(1, 6))
    companies = pd.DataFrame(
        [
            (f"c{n}", f"{draw(names)} {n}", draw(st.sampled_from(["", "1234567-1", "2646674-9"])))
            for n in range(count)
        ],
        columns=["id", "name", "business_id"],
    )
    companies["nace"] = [
        draw(st.sampled_from(["", "02", "161", "0161", "16100"])) for _ in range(count)
    ]
    companies["nace_edition"] = [draw(st.sampled_from(["", "2008", "2025"])) for _ in range(count)]
    place = [draw(st.integers(0, 2)) for _ in range(count)]
    companies["municipality"] = [POINTS[i][0] for i in place]
    companies["employees"] = [
        draw(st.sampled_from([np.nan, 0.0, 2.5, 1200.0])) for _ in range(count)
    ]
    # A kilometre apart, so that no two sites of one business id are the same.
    companies["x"] = [POINTS[i][1] for i in place]
    companies["y"] = [POINTS[i][2] + 1000.0 * n for n, i in enumerate(place)]
    companies["precision"] = [draw(st.sampled_from(tables.PRECISIONS)) for _ in range(count)]
    companies["source"] = [plain(f"lähteenä {draw(words)}") for _ in range(count)]

    rows = []
    for number in range(draw(st.integers(0, 6))):
        low, best, high = draw(st.one_of(amounts, st.just([np.nan] * 3)))
        rows.append(
            {
                "id": f"f{number}",
                "company_id": draw(st.sampled_from(list(companies["id"]))),
                "direction": draw(st.sampled_from(tables.DIRECTIONS)),
                "ewc": draw(st.sampled_from(["", "030105", "150101", "170405"])),
                "material": draw(st.sampled_from(MATERIALS)),
                "tonnes_low": low, "tonnes": best, "tonnes_high": high,
                "continuity": draw(st.sampled_from(tables.CONTINUITIES)),
                "basis": draw(st.sampled_from(tables.BASES)),
                "source": plain(f"lähteenä {draw(words)}"),
                "note": f"virta {number}",
            }
        )  # fmt: skip
    flows = (
        pd.DataFrame(rows, columns=list(tables.FLOWS.columns))
        if rows
        else tables.empty(tables.FLOWS)
    )
    return tables.companies(companies), tables.flows(flows)


@st.composite
def ways(draw, table):
    """The bytes of a CSV file of the table: any headings, order, separator, decimals, encoding."""
    separator = draw(st.sampled_from(";,\t"))
    decimal = draw(st.sampled_from([".", ","]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
    order = draw(st.permutations(list(table.columns)))
    texts = table[order].copy()
    for name in texts:
        if pd.api.types.is_float_dtype(texts[name]):
            # A zero more keeps three decimals from looking like thousands.
            written = texts[name].map(lambda value: "" if np.isnan(value) else f"{value:.4f}")
            texts[name] = written.str.replace(".", decimal)
    texts.columns = [draw(st.sampled_from([n, *headings.SYNONYMS[n]])) for n in order]
    return texts.to_csv(index=False, sep=separator).encode(encoding)


# Shrinking a whole import takes minutes and rarely makes the case clearer.
WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]


@given(st.data())
@settings(
    max_examples=60,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    suppress_health_check=list(HealthCheck),
)
def test_what_was_written_comes_back(data):
    companies, flows = data.draw(datasets())
    files = [("yritykset.csv", data.draw(ways(companies)))]
    if len(flows):
        files.append(("virrat.csv", data.draw(ways(flows))))
    if data.draw(st.booleans()):
        files.reverse()
    result = ingest([(name, io.BytesIO(content)) for name, content in files])
    assert [p.line("en") for p in result.problems if p.severity == "error"] == []
    assert_frame_equal(result.companies, companies)
    assert_frame_equal(result.flows, flows)
