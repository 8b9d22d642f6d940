"""The funnel of the commitments: as bars, as a table, and in words of its own."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import palette
from kiertokylat.commitments import shares, stages
from kiertokylat.figures import climate, euros, number, tonnes
from kiertokylat.masking import LEAST, hidden_because
from kiertokylat.tables import rows
from kiertokylat.web import session, tables
from kiertokylat.web.session import language, t
from kiertokylat.words import say
from kiertokylat.workshop import WAY

_AMOUNTS = [f"{name}{end}" for name in ("tonnes", "eur", "co2e") for end in ("_low", "", "_high")]


def text(key: str, **values: Any) -> str:
    """A text of `words/commitments.toml` in the reader's language."""
    return say(f"commitments.{key}", language(), **values)


def stages_of(made: pd.DataFrame) -> pd.DataFrame:
    """`commitments.stages` of the visitor's commitments, masked unless the visitor is an editor."""
    found = shares(made, session.analysis())
    return stages(made, found, public=not session.is_editor())


def bars(table: pd.DataFrame) -> None:
    """Draw a bar for each stage of the way, with its count and what it is worth."""
    st.header(text("funnel_title"), anchor=False)
    st.caption(text("funnel_caption"))
    most = max(int(table["reached"].max()), 1)
    items = ""
    for row in rows(table.loc[list(WAY)].reset_index()):
        # A bar of nothing keeps a rim, so that the way can be seen whole.
        width = max(100 * row.reached / most, 0.6)
        colour = palette.STAGE_STYLES[row.stage]["color"]
        items += (
            f"<li><b>{escape(t(f'stage_{row.stage}'))}</b>"
            f'<i aria-hidden="true"><u style="width:{width:.1f}%;background:{colour}"></u></i>'
            f"<b>{escape(number(row.reached, language()))}</b>"
            f"<span>{escape(_worth(row))}</span></li>"
        )
    st.html(f'<ol class="funnel">{items}</ol>')
    dropped = int(table["now"]["dropped"])
    if dropped:
        st.caption(text("now_dropped", count=number(dropped, language())))


def _worth(row: Any) -> str:
    """What the candidates of a stage come to, best estimates."""
    if row.hidden:
        return hidden_because(language())
    if not row.pairs:
        return text("no_figures") if row.reached else ""
    lang = language()
    worth = (tonnes(row.tonnes, lang, estimated=True), euros(row.eur, lang))
    return " · ".join([*worth, climate(row.co2e, lang)])


def as_table(table: pd.DataFrame) -> None:
    """Draw the same as a table, with ranges."""
    with st.expander(text("funnel_alt")):
        shown = frame(table)
        secret = pd.DataFrame({name: table["hidden"].to_numpy() for name in _AMOUNTS})
        headings = {str(name): heading(str(name)) for name in shown}
        tables.show(shown, alt=text("funnel_alt"), headings=headings, hidden=secret)
        if table["hidden"].any():
            st.caption(say("privacy.few", language(), least=LEAST))


def heading(name: str) -> str:
    """The heading of a column of `frame`."""
    counts = ("now", "reached", "pairs", "stage")
    return text(f"column_{name}") if name in counts else t(f"impact_{name}")


def frame(table: pd.DataFrame) -> pd.DataFrame:
    """`commitments.stages` as it is read: stages in words, counts, amounts with their ranges."""
    shown = table[["now", "reached", "pairs", *_AMOUNTS]].reset_index()
    return shown.assign(stage=[t(f"stage_{stage}") for stage in table.index])
