"""Pools: small flows that together fill a lorry or feed a plant."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import impact, maps, pooling, poolshapes, reference
from kiertokylat.analysis import Analysis
from kiertokylat.assumptions import Assumptions
from kiertokylat.figures import euros, kilometres, number, tonnes_range
from kiertokylat.tables import rows
from kiertokylat.web import filters, legend, mapview, session, tables, texts
from kiertokylat.web.session import language, t

_MOST_ON_MAP = 12  # more areas over each other can't be told apart
_MOST_TRIED = 30


def _material_names() -> pd.Series:
    return reference.materials()[f"name_{language()}"]


def _thresholds() -> pd.DataFrame:
    """Threshold and radius of each material to look for: the sliders', or the defaults."""
    table = _usual_thresholds()
    wanted = filters.selection().materials
    if wanted:
        table = table[table.index.isin(wanted)]
    names = _material_names()
    chosen = st.selectbox(
        t("pool_material"),
        sorted(table.index, key=lambda name: names[name]),
        index=None,
        format_func=lambda name: names[name],
        placeholder=t("pool_every"),
        key="pool-material",
        persist_state="session",
    )
    if chosen is None:
        st.caption(t("pool_defaults"))
        return table
    usual = table.loc[chosen]
    km = st.slider(t("pool_km"), 5, 80, int(usual["km"]), step=5, key=f"pool-km-{chosen}")
    top = max(int(usual["tonnes"]) * 4, 200)
    step = max(int(usual["tonnes"]) // 20, 1)
    amount = st.slider(
        t("pool_tonnes"), step, top, int(usual["tonnes"]), step=step, key=f"pool-t-{chosen}"
    )
    return pd.DataFrame({"tonnes": [float(amount)], "km": [float(km)]}, index=[chosen])


def _usual_thresholds() -> pd.DataFrame:
    """The default threshold and radius of each material that is offered."""
    table = reference.pool_thresholds()[["tonnes", "km"]]
    offered = session.analysis().flows.query("direction == 'out'")["material"].unique()
    return table[table.index.isin(offered)]


def usual() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pools of all materials with the default thresholds, and their members."""
    _, pools, members = found(session.analysis(), session.assumptions(), _usual_thresholds())
    return pools, members


def _tips(pools: pd.DataFrame) -> dict[str, str]:
    names = _material_names()
    return {
        row.pool: "\n".join(
            [
                str(names[row.material]),
                tonnes_range(row.tonnes_low, row.tonnes, row.tonnes_high, language()),
                t("pool_tip", members=row.members, loads=number(row.truckloads, language())),
            ]
        )
        for row in rows(pools)
    }


# A click draws all again but finds nothing new. Hashed by identity as in `session`: the entry holds
# the analysis itself, so its id can't be given to another one meanwhile.
@st.cache_resource(max_entries=32, hash_funcs={Analysis: id}, show_spinner=False)
def found(
    every: Analysis, assumed: Assumptions, thresholds: pd.DataFrame
) -> tuple[Analysis, pd.DataFrame, pd.DataFrame]:
    """The analysis, its pools and their members."""
    pools, members = pooling.all_pools(
        every.companies,
        every.flows,
        thresholds,
        payload_t=reference.vehicles()["payload_t"][assumed.vehicle],
        detour_factor=assumed.detour_factor,
    )
    return every, pools, members


@st.fragment
def show() -> None:
    """Map, table and detail; a slider or a click runs only this again."""
    every = session.analysis()
    left, right = st.columns([3, 1], gap="medium")
    with right:
        thresholds = _thresholds()
    _, pools, members = found(every, session.assumptions(), thresholds)
    # One company that reaches the threshold alone needs no pool.
    pools = pools[pools["members"] >= 2]
    members = members[members["pool"].isin(pools["pool"])]
    pools, members = _in_selection(pools, members)
    if pools.empty:
        st.info(t("pool_none"))
        return
    names = _material_names()
    with left:
        texts.lead(_sentence(pools))
        _map(pools, members, every.companies)
    with right:
        groups = reference.materials()["group"].reindex(pools["material"].unique())
        legend.draw([legend.materials(groups.dropna().unique()), legend.hub()])
    frame = _frame(pools)
    row = tables.show(frame, alt=t("pool_alt"), key="pool-table", select=True)
    shown = pools[pools["pool"] == mapview.picked("pool")]
    pool: Any = pools.iloc[row] if row is not None else (shown if len(shown) else pools).iloc[0]
    st.header(t("pool_title", material=names[pool["material"]], place=_hub(pool)), anchor=False)
    _detail(pool, members[members["pool"] == pool["pool"]], thresholds.loc[pool["material"]])


def _in_selection(pools: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pools with a member in the chosen municipalities; all members of these."""
    codes = filters.selection().municipalities
    if codes:
        here = members.loc[members["municipality"].isin(codes), "pool"]
        pools = pools[pools["pool"].isin(here)]
        members = members[members["pool"].isin(pools["pool"])]
    return pools, members


def _sentence(pools: pd.DataFrame) -> str:
    first: Any = pools.iloc[0]
    return t(
        "pool_sentence",
        pools=number(len(pools), language()),
        materials=pools["material"].nunique(),
        largest=_material_names()[first["material"]],
        tonnes=tonnes_range(first["tonnes_low"], first["tonnes"], first["tonnes_high"], language()),
        members=first["members"],
        loads=number(first["truckloads"], language(), digits=2),
    )


def _map(pools: pd.DataFrame, members: pd.DataFrame, companies: pd.DataFrame) -> None:
    top = pools.head(_MOST_ON_MAP)
    inside = members[members["pool"].isin(top["pool"])]
    # Spokes of one pool at a time: all of them would hide everything else.
    picked = top[top["pool"] == mapview.picked("pool")]
    chosen = (picked if len(picked) else top).head(1)
    tips = _tips(top)
    radius = 13.0 if session.projector() else 9.0
    sites = companies[companies["id"].isin(inside["company_id"])]
    layers = [
        maps.shapes_layer(poolshapes.pool_areas(top, inside, tips), pane="areas-over"),
        maps.shapes_layer(
            poolshapes.pool_spokes(chosen, members[members["pool"].isin(chosen["pool"])]),
            pane="lines",
        ),
        mapview.company_dots(sites),
        maps.shapes_layer(poolshapes.pool_hubs(top, tips, radius), pane="points", radius=radius),
    ]
    with st.container(key="bigmap"):
        mapview.show(layers, key="pool-map")
    if len(pools) > len(top):
        st.caption(t("pool_cut", shown=len(top), all=len(pools)))


def _hub(pool: Any) -> str:
    """The place of a pool's hub in words."""
    if pool["hub_kind"] == "municipality":
        return str(reference.municipalities()["name_fi"].get(pool["hub"], pool["hub"]))
    return str(session.analysis().companies.set_index("id")["name"].get(pool["hub"], pool["hub"]))


def _frame(pools: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "material": pools["material"].map(_material_names()),
            "hub": [_hub(row) for _, row in pools.iterrows()],
            "members": pools["members"],
            "tonnes_low": pools["tonnes_low"],
            "tonnes": pools["tonnes"],
            "tonnes_high": pools["tonnes_high"],
            "truckloads": pools["truckloads"],
            "collect_km": pools["collect_km"],
            "reported_share": pools["reported_share"],
        }
    )


def _detail(pool: Any, members: pd.DataFrame, threshold: Mapping[str, float]) -> None:
    every, assumed = session.analysis(), session.assumptions()
    reached = pooling.newly_reached(
        pool,
        members,
        every.candidates,
        every.companies,
        every.flows,
        assumptions=assumed,
        units=impact.unit_values(assumed),
        vehicles=reference.vehicles(),
    )
    st.caption(t("pool_memo_help"))
    st.code(_memo(pool, members, reached, every.companies), language=None, wrap_lines=True)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('pool_members')}**")
        _members(members, threshold, every.companies)
    with right:
        st.markdown(f"**{t('pool_receivers')}**")
        _receivers(reached, every.companies)


def _memo(pool: Any, members: pd.DataFrame, reached: pd.DataFrame, companies: pd.DataFrame) -> str:
    """The pool in sentences that staff can paste into a memo."""
    lang = language()
    amount = tonnes_range(pool["tonnes_low"], pool["tonnes"], pool["tonnes_high"], lang)
    places = reference.municipalities()["name_fi"]
    homes = members.groupby("municipality")["tonnes"].sum().sort_values(ascending=False)
    sentences = [
        t(
            "pool_memo",
            material=_material_names()[pool["material"]],
            amount=amount,
            members=pool["members"],
            places=", ".join(str(places.get(code, code)) for code in homes.index),
            hub=_hub(pool),
            km=kilometres(pool["collect_km"], lang),
            loads=number(pool["truckloads"], lang),
            reported=number(100 * pool["reported_share"], lang),
        )
    ]
    paying = reached[(reached["pooled_eur_t"] >= 0) & (reached["improvement_eur"] > 0)]
    names = companies.set_index("id")["name"]
    if len(paying):
        best = paying.iloc[0]
        sentences.append(
            t(
                "pool_memo_receiver",
                receiver=names[best["to_company"]],
                km=kilometres(best["road_km"], lang),
                better=euros(best["improvement_eur"], lang),
                only=number(int(paying["only_as_pool"].sum()), lang),
            )
        )
    else:
        sentences.append(t("pool_memo_nobody"))
    return " ".join(sentences)


def _members(
    members: pd.DataFrame, threshold: Mapping[str, float], companies: pd.DataFrame
) -> None:
    sites = companies.set_index("id")
    tried = members["company_id"].head(_MOST_TRIED)
    lost = pooling.contributions(
        members, tonnes=threshold["tonnes"], km=threshold["km"], only=tried.tolist()
    ).set_index("company_id")
    listed = members.head(_MOST_TRIED)
    frame = pd.DataFrame(
        {
            "name": listed["company_id"].map(sites["name"]),
            "place": listed["municipality"].map(reference.municipalities()["name_fi"]),
            "tonnes": listed["tonnes"],
            "to_hub_km": listed["to_hub_km"],
            "lost_t": listed["company_id"].map(lost["lost_t"]),
            "holds": listed["company_id"].map(lost["holds"]).map({True: t("yes"), False: t("no")}),
            "basis": listed["basis"].map(lambda basis: t(f"basis_{basis}")),
        }
    )
    told = listed["basis"] != "estimated"
    tables.show(frame, alt=t("pool_members"), key="pool-members", reported=told)
    if len(members) > _MOST_TRIED:
        st.caption(t("pool_members_cut", shown=_MOST_TRIED, all=len(members)))


def _receivers(reached: pd.DataFrame, companies: pd.DataFrame) -> None:
    if reached.empty:
        st.caption(t("pool_memo_nobody"))
        return
    frame = pd.DataFrame(
        {
            "name": reached["to_company"].map(companies.set_index("id")["name"]),
            "road_km": reached["road_km"],
            "alone_eur_t": reached["alone_eur_t"],
            "pooled_eur_t": reached["pooled_eur_t"],
            "improvement_eur": reached["improvement_eur"],
            "only_as_pool": reached["only_as_pool"].map({True: t("yes"), False: ""}),
        }
    )
    tables.show(frame, alt=t("pool_receivers"), key="pool-receivers")
    st.caption(t("pool_receivers_help"))
