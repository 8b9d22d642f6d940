"""The workshop's CSS: large on the projector, one screen a step, ordinary elsewhere."""

import streamlit as st

from kiertokylat.palette import FOCUS, INK
from kiertokylat.web import session

_ALWAYS = f"""
.wall {{color: {INK}; line-height: 1.35;}}
.wall h2 {{font-size: 1.5rem; line-height: 1.2; margin: 0 0 .3rem 0; padding: 0;}}
.wall p {{margin: 0 0 .4rem 0; overflow-wrap: anywhere;}}
.wall ul {{list-style: none; margin: 0; padding: 0;}}
.wall .big {{font-size: 1.9rem; font-weight: 700; line-height: 1.15;}}
.wall .figures {{display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr));
  gap: .6rem; margin: 0 0 .6rem 0;}}
.wall .figure {{border: 1px solid #8d8778; border-radius: 4px; padding: .3rem .7rem;}}
.wall .figure p {{margin: 0;}}
.wall .bars {{font-size: 1.15rem; display: grid;
  grid-template-columns: minmax(8rem, 2fr) 3fr max-content;
  gap: .55rem .8rem; align-items: center;}}
.wall .bar {{height: 2.4rem; background: {FOCUS}; border-radius: 3px; min-width: 4px;}}
.wall .bar.in {{background: #7a4b1e;}}
.wall .bars b {{text-align: right; white-space: nowrap;}}
.wall .card-row {{border: 1px solid #8d8778; border-left: .5rem solid {FOCUS};
  border-radius: 4px; padding: .45rem .8rem; margin: 0 0 .6rem 0;}}
.wall .card-row.in {{border-left-color: #7a4b1e;}}
.wall .mark {{border: 2px solid {INK}; border-radius: 4px; padding: 0 .4em; font-weight: 600;
  white-space: nowrap;}}
.wall table {{width: 100%; border-collapse: collapse;}}
.wall th, .wall td {{text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0;
  border-bottom: 1px solid #8d8778; overflow-wrap: anywhere;}}
.wall.pair .figures {{grid-template-columns: repeat(2, minmax(0, 1fr));}}
.invite {{text-align: center;}}
.invite img {{width: min(100%, 11.5rem); display: block; margin: 0 auto .2rem auto;}}
.invite .code {{font-size: 2.3rem; font-weight: 800; line-height: 1.1; letter-spacing: .06em;
  font-family: monospace; margin: 0;}}
.big-invite {{display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr));
  align-items: center; gap: 1rem;}}
.big-invite img {{width: min(100%, max(15rem, 100vh - 17rem));}}
.big-invite .address {{font-size: clamp(1.2rem, 2.8vw, 4rem); line-height: 1.2;}}
.invite.big-invite .code {{font-size: clamp(2.8rem, 8vw, 10rem);}}
.timer {{font-size: 1.9rem; font-weight: 800; line-height: 1.2; margin: 0;
  font-variant-numeric: tabular-nums;}}
@media (min-width: 1000px) {{
  .st-key-workshop-timer, .st-key-workshop-bar, .st-key-workshop div:has(> * > * > * > .card-row)
    {{flex-wrap: nowrap !important;}}
  .st-key-workshop-bar > * {{min-width: 0; flex-shrink: 1;}}
  .st-key-workshop-bar > :not(:first-child) {{flex: none !important; width: max-content;}}
}}
@media (max-width: 640px) {{
  .wall .bars {{grid-template-columns: 1fr max-content; grid-auto-flow: dense;}}
  .wall tr {{display: grid; grid-template-columns: repeat(3, minmax(0, 1fr));}}
  .wall :is(th, td) {{border: 0;}}
  .wall :is(th, td):first-child {{grid-column: 1 / -1; border-top: 1px solid #8d8778;}}
  .wall .bars .track {{grid-column: 1 / -1; grid-row: auto;}}
}}
/* One screen on a laptop: nothing follows the step. */
[data-testid="stMainBlockContainer"] {{padding-top: 5rem; padding-bottom: 0;}}
/* The parts that ask each second would grow pale each time. */
.st-key-workshop [data-stale="true"] {{opacity: 1 !important;}}
.st-key-wall-map iframe {{height: max(20rem, calc(100vh - 27rem)) !important;}}
"""
# Nothing of the steps under 24 pixels at 1920 × 1080; the frame around them takes less room.
_PROJECTOR = """
html {font-size: clamp(24px, 1.25vw, 44px) !important;}
.st-key-workshop :is(p, label, button, button span, input, textarea, kbd),
:is([data-testid="stPopoverBody"], [role="dialog"], [role="listbox"], [role="tooltip"])
  :is(p, label, button, span, div, input, textarea, kbd, li) {font-size: 1rem;}
[role="dialog"] h2 {font-size: 1.3rem;}
.st-key-workshop :is(kbd, button kbd, button [class*="hortcut"]),
[role="dialog"] :is(kbd, button [class*="hortcut"])
  {font-size: 1rem !important; opacity: 1 !important; color: inherit !important;}
.st-key-workshop .big {font-size: 1.9rem;}
.st-key-workshop .code {font-size: 2.3rem;}
.st-key-workshop .timer {font-size: 1.9rem;}
[data-testid="stMainBlockContainer"] {padding-top: 3.6rem !important; padding-bottom: 0 !important;}
[data-testid="stMainBlockContainer"] > div > [data-testid="stVerticalBlock"],
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {gap: .4rem;}
.st-key-workshop, .st-key-workshop [data-testid="stVerticalBlock"] {gap: .5rem;}
h1 {font-size: 1.2rem !important;}
/* However much was written, three cards fit; all of it stands in the form and the minutes. */
.wall .card-row {margin: 0; padding: .3rem .8rem;}
.wall.ideas .card-row {margin-bottom: .5rem;}
.wall .card-row p, .st-key-workshop-bar .wall p {margin: 0; padding: .1rem 0; overflow: hidden;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 1;}
.wall .card-row p:first-child, .st-key-workshop-bar .wall p {-webkit-line-clamp: 2;}
.wall.ideas .card-row p {-webkit-line-clamp: 3;}
.demo, .own {font-size: 1rem; padding: .1rem .5rem;}
.st-key-wall-map iframe {height: calc(100vh - 14.2rem) !important;}
"""


def apply() -> None:
    """Put the style into the page."""
    st.html(f"<style>{_ALWAYS}{_PROJECTOR if session.projector() else ''}</style>")


def wall(html: str, classes: str = "") -> None:
    """Draw HTML of a step; all text in it is escaped already."""
    st.html(f'<div class="wall {classes}">{html}</div>')
