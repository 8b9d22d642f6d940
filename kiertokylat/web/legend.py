"""The map's legend beside the map: readable by a screen reader, and large on a projector.

The symbols are CSS boxes, for Streamlit takes SVG out of HTML.
"""

from collections.abc import Iterable
from html import escape
from itertools import pairwise

import streamlit as st

from kiertokylat import palette
from kiertokylat.figures import number
from kiertokylat.masking import hidden_because
from kiertokylat.web.session import language, t

_LINES = {"reported": "solid", "mixed": "dashed", "estimated": "dotted"}


def draw(blocks: Iterable[str]) -> None:
    """Put the blocks into the page."""
    st.html(f'<div class="legend">{"".join(blocks)}</div>')


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><i aria-hidden="true" style="{symbol}"></i>{escape(text)}</li>'
        for symbol, text in rows
    )
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>"


def industries(groups: Iterable[str]) -> str:
    """Dots: the industry groups that are on the map."""
    shown = set(groups)
    rows = [
        (_dot(colour), t(f"group_{group}"))
        for group, colour in palette.GROUP_COLOURS.items()
        if group in shown
    ]
    rows.append((_dot("#8a8a8a", hollow=True), t("legend_hollow")))
    return _block(t("legend_industries"), rows)


def _dot(colour: str, *, hollow: bool = False) -> str:
    rim = f"3px solid {colour}" if hollow else f"1px solid {palette.INK}"
    fill = f"{colour}40" if hollow else colour
    return f"width:1em;height:1em;margin:0 .4em;border-radius:50%;background:{fill};border:{rim}"


def materials(groups: Iterable[str]) -> str:
    """Areas: the groups of materials that are on the map."""
    shown = set(groups)
    rows = [
        (_box(colour), t(f"material_group_{group}"))
        for group, colour in palette.MATERIAL_COLOURS.items()
        if group in shown
    ]
    return _block(t("legend_materials"), rows)


def hub() -> str:
    """A dark dot: where a pool would be gathered."""
    return _block(t("legend_pools"), [(_dot(palette.INK), t("legend_hub"))])


def certainties(shown: Iterable[str]) -> str:
    """Lines: how sure a candidate is."""
    present = set(shown)
    rows = []
    for name, style in palette.CERTAINTY_STYLES.items():
        if name in present:
            line = f"height:0;border-top:4px {_LINES[name]} {style['color']}"
            rows.append((line, t(f"certainty_{name}")))
    return _block(t("legend_candidates"), rows)


def stages(shown: Iterable[str]) -> str:
    """Thick lines: how far the commitments on the map have come."""
    present = set(shown)
    rows = []
    for name, style in palette.STAGE_STYLES.items():
        if name in present:
            on, off = map(int, (style["dashArray"] or "1 0").split())
            dashes = f"{style['color']} 0 {on}px,transparent {on}px {on + off}px"
            line = f"height:5px;background:repeating-linear-gradient(90deg,{dashes})"
            rows.append((line, t(f"stage_{name}")))
    return _block(t("layer_commitments"), rows or [("", t("legend_no_commitments"))])


def portfolio() -> str:
    """Thick lines: the best portfolio."""
    line = f"height:0;border-top:7px solid {palette.CERTAINTY_STYLES['reported']['color']}"
    return _block(t("layer_portfolio"), [(line, t("legend_portfolio"))])


def communities(named: Iterable[tuple[str, str]]) -> str:
    """Dots of a network: the communities, as colour and name."""
    rows = [(_dot(colour), text) for colour, text in named]
    return _block(t("network_communities"), rows)


def network(widest: str) -> str:
    """Sizes, rims and lines of a network."""
    rows = [
        (_dot("#ffffff"), t("legend_size")),
        (_dot("#8a8a8a").replace("1px solid", "3px solid"), t("legend_holds")),
        ("height:0;border-top:5px solid #5d6b70", t("legend_width", tonnes=widest)),
    ]
    return _block(t("legend_network"), rows)


def reach(limit: str) -> str:
    """Dashed circles: how far the chosen company's materials carry, in euros or in CO2e."""
    line = f"height:0;border-top:3px dashed {palette.INK}"
    return _block(t("legend_reach"), [(line, t(f"reach_{limit}"))])


def curves(largest: float) -> str:
    """Tapering curves: the direction, and what the widest one stands for."""
    shape = f"background:{palette.CURVE};clip-path:polygon(0 5%,100% 47%,100% 53%,0 95%)"
    text = t("legend_curves", tonnes=number(largest, language()))
    return _block(t("legend_between"), [(shape, text)])


def figure(name: str, limits: list[float], *, hidden: bool) -> str:
    """Classes of the figure that colours the municipalities; `hidden`: some show none."""
    unit = 100 if name.endswith("share") else 1
    texts = [number(limit * unit, language()) for limit in limits]
    labels = [t("legend_below", limit=texts[0])] if texts else [t("legend_all")]
    labels += [f"{low}–{high}" for low, high in pairwise(texts)]
    labels += [t("legend_above", limit=limit) for limit in texts[-1:]]
    rows = [
        (_box(colour), label) for colour, label in zip(palette.CLASS_COLOURS, labels, strict=False)
    ]
    rows += [(_box(palette.HIDDEN), hidden_because(language()))] if hidden else []
    return _block(t(f"figure_{name}"), rows)


def _box(colour: str) -> str:
    return f"background:{colour};border:1px solid {palette.LAND_EDGE}"
