"""The little CSS that the theme's settings can't say."""

import time

import streamlit as st

from kiertokylat.palette import FOCUS, INK, QUIET_INK

# Tables measure the letters of the page once, when they are first drawn: large ones come first.
_HEAD_START_S = 0.3

_ALWAYS = (
    f"""
[data-testid="stCaptionContainer"] {{color: {QUIET_INK} !important; opacity: 1 !important;}}
:focus-visible {{outline: 3px solid {FOCUS} !important; outline-offset: 2px;}}
/* Day, month and year of a date are targets of their own: 24 pixels at least. */
[role="spinbutton"] {{min-width: 24px; min-height: 24px; text-align: center;}}
#skip {{position: fixed; left: 1rem; top: -5rem; z-index: 1000000; padding: .6rem 1rem;
  background: #ffffff; color: {INK}; border: 2px solid {FOCUS}; border-radius: 4px;}}
#skip:focus {{top: .5rem;}}
#anew {{position: fixed; left: 50%; bottom: 1rem; transform: translateX(-50%); z-index: 1000000;
  width: min(44rem, calc(100vw - 2rem)); padding: .8rem 1rem; background: #ffffff; color: {INK};
  border: 3px solid {FOCUS}; border-radius: 4px; display: flex; gap: 1rem; align-items: center;}}
#anew button {{padding: .4rem 1rem; background: {INK}; color: #ffffff; border-radius: 4px;}}
#status {{position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);}}
"""
    + """
.block-container {max-width: 100rem;}
[data-testid="stMainBlockContainer"] {padding-left: 2rem; padding-right: 2rem;}
h1 {padding: 0 !important; font-size: 1.7rem !important;}
.lead {font-size: 1.08rem; line-height: 1.5; margin: 0 0 .3rem 0; max-width: 75rem;}
.legend {font-size: .92rem; line-height: 1.55;}
.legend h2 {font-size: .92rem; margin: .5rem 0 .1rem 0; padding: 0;}
.legend ul {list-style: none; margin: 0; padding: 0;}
.legend li {display: flex; align-items: center; gap: .5em; margin: 0;}
.legend i {flex: none; width: 1.8em; height: 1em; box-sizing: border-box;}
.demo {background: #fff3cd; border: 1px solid #b98900; border-radius: 4px; color: #3d2e00;
  padding: .35rem .8rem; font-size: .95rem; margin: 0;}
/* A figure's label ends in its unit: it must not be cut. */
[data-testid="stMetricLabel"] * {white-space: normal !important; overflow: visible !important;}
.card h2 {font-size: 1.15rem; margin: 0 0 .2rem 0; padding: 0;}
.card {overflow-wrap: anywhere;}  /* addresses of sources are long words */
.card p {margin: 0 0 .35rem 0;}
.card ul {margin: 0 0 .4rem 0; padding-left: 1.2rem;}
.funnel {list-style: none; margin: 0 !important; padding: 0 !important; max-width: 75rem;}
.funnel li {display: grid; padding: 0 !important;
  grid-template-columns: 8.5em 1fr 2.5em 21em; gap: .2rem .8rem;
  align-items: center; margin: 0 0 .45rem 0 !important;}
.funnel i, .funnel u {display: block; height: 2rem; text-decoration: none;}
.funnel i {background: #f0f0ee;}
.funnel b:nth-of-type(2) {text-align: right; font-size: 1.3rem;}
.steps {display:flex; flex-wrap:wrap; gap:.4rem 1rem;}
/* The big map fills what the window has left; its inner height follows (maps.py). */
.st-key-bigmap iframe {height: max(22rem, calc(100vh - 14.5rem)) !important;}
@media (max-width: 800px) {
  .funnel li {grid-template-columns: 1fr 2.5em;}
  .funnel i {grid-row: 2; grid-column: 1;} .funnel b:nth-of-type(2) {grid-row: 2;}
  .funnel span {grid-column: 1 / -1;}
}
@media (max-width: 640px) {
  [data-testid="stElementContainer"], [data-testid="stButtonGroup"] {max-width: 100%;}
  [data-testid="stMetricValue"] {font-size: 1.5rem;}
  .st-key-bigmap iframe {height: 70vh !important;}
  [data-testid="stMainBlockContainer"] {padding-left: .8rem; padding-right: .8rem;}
}
"""
)
# One rem is everything's unit in Streamlit, so a larger root makes every text and control larger.
_PROJECTOR = """
html {font-size: clamp(18px, 1.15vw, 30px) !important;}
section[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"],
[data-testid="stSidebarCollapsedControl"] {display: none !important;}
.legend {font-size: 1.1rem; line-height: 1.6;}
.legend h2 {font-size: 1.1rem;}
.lead {font-size: 1.35rem; max-width: none;}
[data-testid="stMainBlockContainer"] {padding-left: 1.2rem; padding-right: 1.2rem;
  padding-top: 4.4rem; padding-bottom: 0;}
"""


def apply(*, projector: bool) -> None:
    """Put the style into the page."""
    st.html(f"<style>{_ALWAYS}{_PROJECTOR if projector else ''}</style>")
    if projector and not st.session_state.get("styled"):
        time.sleep(_HEAD_START_S)
    st.session_state["styled"] = projector
