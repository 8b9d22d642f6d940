"""The accessibility statement: what was tested, what is lacking, and whom to tell.

Its parts are those of the European Commission's model statement (implementing decision (EU)
2018/1523), which the Finnish act on the provision of digital services (306/2019) follows.
"""

import streamlit as st

from kiertokylat.web.session import language
from kiertokylat.words import say

_PARTS = ("scope", "state", "tested", "gaps", "instead", "feedback", "authority")


def title() -> str:
    """The statement's title in the reader's language."""
    return say("accessibility.statement_title", language())


def statement() -> None:
    """Draw the statement; what its owner has to complete is said first."""
    st.warning(say("accessibility.statement_incomplete", language()))
    for part in _PARTS:
        # Brackets would be links.
        text = say(f"accessibility.statement_{part}", language())
        st.markdown(text.replace("[", "\\[").replace("]", "\\]"))
    st.caption(say("accessibility.statement_date", language()))
