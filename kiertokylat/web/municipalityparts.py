"""The sections of a municipality's page, each with the figures of `brief_facts`."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import brief_both, brief_sums, reference
from kiertokylat.brief_facts import POOL_AMOUNTS, Facts
from kiertokylat.brief_next import wished_line
from kiertokylat.figures import number, spread
from kiertokylat.masking import LEAST
from kiertokylat.web import gapview, session, stars, tables, texts, worthview
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_MOST_WISHED = 5


def words(key: str, **values: Any) -> str:
    """A text that the brief has too, in the reader's language."""
    return say(f"brief.{key}", language(), **values)


def _limits(facts: Facts) -> dict[str, str]:
    """The values of a text that tells within which limits."""
    edge = words("edge") if facts.region.within.limit else ""
    return {"km": number(facts.region.within.max_km, language()), "edge": edge}


def _materials(keys: pd.Series) -> pd.Series:
    return keys.map(reference.materials()[f"name_{language()}"])


def flows(facts: Facts) -> None:
    """What leaves and what is needed, by material, beside each other."""
    left, right = st.columns([3, 2], gap="medium")
    shown = brief_sums.offered(facts.materials)
    with left:
        st.header(words("leaves"), anchor=False)
        offered = shown.table
        names = ["supply_t", "suppliers", "reported_share", "stated_t"]
        hidden = shown.hidden[names]
        if offered.empty:
            st.caption(words("leaves_none"))
        else:
            frame = offered[names].reset_index()
            frame["material"] = _materials(frame["material"])
            tables.show(frame, alt=words("leaves"), key="leaves-table", hidden=hidden, height=300)
            texts.hidden_note(int(hidden.to_numpy().sum()))
    with right:
        st.header(words("needs"), anchor=False)
        needs = facts.needs
        if needs.empty:
            st.caption(words("missing_needs_unknown"))
            return
        frame = needs.assign(material=_materials(needs["material"]))
        frame = frame[["material", "demand_t", "short_t"]]
        few = frame[["demand_t", "short_t"]].isna()
        tables.show(frame, alt=words("needs"), key="needs-here", hidden=few, height=300)
        texts.hidden_note(int(few.to_numpy().sum()))


def share(facts: Facts) -> None:
    """What the best portfolio holds of flows that begin or end here, as ranges."""
    lang, ours = language(), facts.share
    goal = t(f"goal_{stars.goal()}")
    st.caption(t("share_caption", star=stars.STAR, goal=goal, count=number(len(ours), lang)))
    if ours.empty:
        return
    if facts.share_is_hidden:
        st.caption(say("privacy.few", lang, least=LEAST))
        return
    with st.grid(3, min_column_width=210):
        for name in ("tonnes", "eur", "co2e"):
            low, best, high = facts.sums(name)
            with st.container(border=True):
                st.metric(t(f"share_{name}"), worthview.amount(best, name))
                st.caption(t("impact_range", ends=spread(low, high, lang)))
    unknown = int(ours[["eur", "co2e"]].isna().any(axis=1).sum())
    if unknown:
        st.caption(t("share_unknown", count=number(unknown, lang)))


def partners(facts: Facts, listed: pd.DataFrame) -> None:
    """Best candidates inside the municipality, out of it and into it."""
    every = facts.region.every
    home = every.companies.set_index("id")["municipality"]
    gives = listed["from_company"].astype(str).map(home) == facts.code
    takes = listed["to_company"].astype(str).map(home) == facts.code
    parts = {"inside": gives & takes, "leaves": gives & ~takes, "comes": takes & ~gives}
    tabs = st.tabs([t(f"municipality_{n}", count=int(m.sum())) for n, m in parts.items()])
    st.caption(words("partners_count"))
    for tab, (name, mask) in zip(tabs, parts.items(), strict=True):
        with tab:
            if mask.any():
                tables.candidates(listed[mask], every, key=f"municipality-{name}", height=300)
            else:
                st.caption(t("municipality_none"))


def pools(facts: Facts) -> None:
    """Pools that have members here."""
    found, lang = facts.pools, language()
    st.header(words("pools"), anchor=False)
    if found.empty:
        st.caption(words("pools_none"))
        return
    texts.lead(words("pools_sentence", count=number(len(found), lang)))
    names = ["here", "members", *POOL_AMOUNTS]
    frame = found[names].copy()
    frame.insert(0, "material", _materials(found["material"]))
    headings = {str(name): t(f"column_{name}") for name in frame if name != "here"}
    headings["here"] = words("column_here")
    few = pd.DataFrame(dict.fromkeys(POOL_AMOUNTS, found["hidden"]))
    tables.show(frame, alt=words("pools"), key="pools-here", headings=headings, hidden=few)
    texts.hidden_note(int(few.to_numpy().sum()))
    st.caption(words("sources_pools"))


def missing(facts: Facts) -> None:
    """What has no taker, what nobody offers, and which industry could take what is left over."""
    st.header(words("missing"), anchor=False)
    limits = _limits(facts)
    left, right = st.columns(2, gap="medium")
    for column, name, table in (
        (left, "takers", facts.without_taker),
        (right, "supplies", facts.without_supply),
    ):
        with column:
            st.markdown(f"**{words(f'missing_{name}', **limits)}**")
            if table.empty:
                st.caption(words(f"missing_{name}_none"))
                continue
            frame = table[["material", "tonnes"]].assign(material=_materials(table["material"]))
            few = table[["hidden"]].rename(columns={"hidden": "tonnes"})
            alt = words(f"missing_{name}", **limits)
            tables.show(frame, alt=alt, key=f"missing-{name}", hidden=few)
    both = brief_both.sentence(facts, language())
    if both:
        st.caption(both)
    lines = [wished_line(row, language()) for row in facts.wished(_MOST_WISHED).to_dict("records")]
    if lines:
        st.markdown(f"**{words('wished_title')}**")
        st.markdown("\n".join(f"- {gapview.plain(line)}" for line in lines))


def agreed(facts: Facts, made: pd.DataFrame) -> None:
    """The commitments that have an end here."""
    st.header(words("agreed"), anchor=False)
    if made.empty:
        st.caption(words("agreed_none"))
        return
    texts.lead(words("agreed_sentence", count=len(made)))
    names = facts.region.every.companies.set_index("id")["name"]
    frame = pd.DataFrame(
        {
            "stage": [t(f"stage_{stage}") for stage in made["stage"]],
            "from_name": made["from_company"].map(names),
            "material": _materials(made["material"]),
            "to_name": made["to_company"].map(names),
            "tonnes": made["tonnes"],
            "due": made["due"],
        }
    )
    usual = [str(name) for name in frame if name not in ("stage", "due")]
    headings = {name: t(f"column_{name}") for name in usual}
    headings |= {name: words(f"column_{name}") for name in ("stage", "due")}
    if session.is_editor():
        frame["next_step"] = made["next_step"]
        headings["next_step"] = words("column_next_step")
    tables.show(frame, alt=words("agreed"), key="agreed-here", headings=headings)
