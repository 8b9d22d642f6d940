"""The map on a page: draws the layers and turns a click into a choice."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from kiertokylat import maps, reference, summary
from kiertokylat.amounts import filled
from kiertokylat.analysis import Analysis
from kiertokylat.features import clicked, commitment_features
from kiertokylat.figures import euros, kilometres, number, tonnes
from kiertokylat.locate import to_degrees
from kiertokylat.maps import Layer, Map
from kiertokylat.masking import hidden_because
from kiertokylat.reach import reach_features, reaches
from kiertokylat.selection import industry_group
from kiertokylat.tables import rows
from kiertokylat.web import assets, filters, session
from kiertokylat.web.session import language, t
from kiertokylat.words import say
from kiertokylat.worth import far

# More dots than this neither redraw at once nor can be told apart.
MOST_DOTS = 5000
# Commitments on lines of so many metres have the name of their stage on the map.
_NAMED_M = 20_000
HEIGHT = 570
HEIGHT_PROJECTOR = 800
HEIGHT_PAIR = 480


def show(layers: list[Layer], key: str) -> None:
    """Draw the map; a click on a municipality, company or candidate becomes the session's choice.

    Call it inside a fragment: a click runs only that again.
    """
    answer = st_folium(
        _base(fill=True),
        key=key,
        feature_group_to_add=layers,
        returned_objects=["last_active_drawing"],
        height=HEIGHT_PROJECTOR if session.projector() else HEIGHT,
        use_container_width=True,
    )
    drawing = (answer or {}).get("last_active_drawing")
    # The component repeats its last click on every run; only a new one is a choice.
    if drawing and drawing != st.session_state.get("last_drawing"):
        st.session_state["last_drawing"] = drawing
        st.session_state["picked"] = clicked(drawing)
        st.rerun(scope="fragment")


def show_pair(layers: list[Layer], sites: pd.DataFrame, key: str) -> None:
    """Draw a map around a few sites (columns `x`, `y`), without answering to clicks."""
    lon, lat = to_degrees(sites["x"].to_numpy(), sites["y"].to_numpy())
    extent_m = max(np.ptp(sites["x"]), np.ptp(sites["y"]), 4000.0)
    # Web Mercator: at zoom 0 a pixel is 156,543 m on the equator, and cos(latitude) of that here.
    metres_a_pixel = extent_m / (0.55 * HEIGHT_PAIR)
    zoom = np.log2(156_543 * np.cos(np.radians(lat.mean())) / metres_a_pixel)
    st_folium(
        _base(),
        key=key,
        feature_group_to_add=layers,
        returned_objects=[],
        center=(float(lat.mean()), float(lon.mean())),
        zoom=float(np.clip(np.floor(zoom * 4) / 4, 7, 12)),
        height=HEIGHT_PROJECTOR - 60 if session.projector() else HEIGHT_PAIR,
        use_container_width=True,
    )


def _base(*, fill: bool = False) -> Map:
    places = reference.municipalities()
    return maps.base_map(
        places,
        names=places["name_fi"].to_dict(),
        files=assets.PREFIX,
        spoken=spoken(),
        label_px=17 if session.projector() else 13,
        fill=fill,
    )


def spoken() -> dict[str, str]:
    """What screen readers say of a map: the `spoken` of `maps.base_map`."""
    names = ("map", "zoom_in", "zoom_out")
    return {
        "lang": language(),
        **{name: say(f"accessibility.{name}", language()) for name in names},
    }


def picked(kind: str) -> str | None:
    """The id that was clicked, if it is of this kind."""
    chosen = st.session_state.get("picked")
    return chosen[1] if chosen and chosen[0] == kind else None


def forget_pick() -> None:
    """Choose nothing."""
    st.session_state.pop("picked", None)


def company_dots(companies: pd.DataFrame) -> Layer:
    """Layer of companies, large ones on top of nothing: all dots have one size."""
    places = reference.municipalities()["name_fi"]
    frame = companies.assign(group=industry_group(companies["nace"]))
    group = frame["group"].map(lambda name: t(f"group_{name}"))
    frame["caption"] = group + " · " + frame["municipality"].map(places).fillna("")
    size = 5.0 if len(frame) < 1500 else 3.5
    return maps.companies_layer(frame, radius=size * (1.5 if session.projector() else 1))


def candidate_lines(
    candidates: pd.DataFrame, analysis: Analysis, *, shares: pd.Series | None = None
) -> Layer:
    """Layer of the given candidates; strong lines where they are members of the portfolio.

    Parameters
    ----------
    candidates
        As `tables.CANDIDATES`.
    analysis
        Whose companies they join.
    shares
        For members of the portfolio: the tonnes that it gives to each candidate's key.
    """
    sites = analysis.companies.set_index("id")
    names = reference.materials()[f"name_{language()}"]
    giver = sites.reindex(candidates["from_company"].astype(str))
    taker = sites.reindex(candidates["to_company"].astype(str))
    lines = pd.DataFrame(
        {
            "id": candidate_ids(candidates).to_numpy(),
            "from_x": giver["x"].to_numpy(),
            "from_y": giver["y"].to_numpy(),
            "to_x": taker["x"].to_numpy(),
            "to_y": taker["y"].to_numpy(),
            "certainty": candidates["certainty"].astype(str).to_numpy(),
            "title": giver["name"].to_numpy() + " → " + taker["name"].to_numpy(),
            "caption": [
                f"{names[row.material]} · {tonnes(row.tonnes, language())}"
                f" · {kilometres(row.distance_km, language())}"
                + ("" if pd.isna(row.eur) else f" · {euros(row.eur, language())}")
                for row in rows(candidates)
            ],
        }
    )
    weight = 4.0 if session.projector() else 2.5
    if shares is not None:
        given = lines["id"].map(shares)
        texts = [tonnes(amount, language(), estimated=True) for amount in given]
        lines["caption"] += [" · " + t("star_share", tonnes=text) for text in texts]
        weight *= 1.6
    return maps.candidates_layer(lines, weight=weight)


def commitment_lines(
    placed: pd.DataFrame, analysis: Analysis, *, weight: float | None = None
) -> list[Layer]:
    """Layers of the candidates that are committed to, and of the names of their stages.

    Parameters
    ----------
    placed
        From `session.commitments`: those that `commitments.open_pairs` gives.
    analysis
        Whose companies they join.
    weight
        Width in pixels; the usual one by default.
    """
    sites = analysis.companies.set_index("id")
    names = reference.materials()[f"name_{language()}"]
    giver, taker = (sites.reindex(placed[f"{end}_company"]) for end in ("from", "to"))
    stages = [t(f"stage_{stage}") for stage in placed["stage"]]
    lines = pd.DataFrame(
        {
            "id": candidate_ids(placed).to_numpy(),
            "from_x": giver["x"].to_numpy(),
            "from_y": giver["y"].to_numpy(),
            "to_x": taker["x"].to_numpy(),
            "to_y": taker["y"].to_numpy(),
            "stage": placed["stage"].to_numpy(),
            "title": giver["name"].to_numpy() + " → " + taker["name"].to_numpy(),
            "caption": [
                f"{names[row.material]} · {tonnes(row.tonnes, language())} · {stage}"
                for row, stage in zip(rows(placed), stages, strict=True)
            ],
        }
    )
    thick = weight or (6.0 if session.projector() else 4.0)
    middle = {axis: (lines[f"from_{axis}"] + lines[f"to_{axis}"]) / 2 for axis in ("x", "y")}
    away = [(lines[f"to_{axis}"] - lines[f"from_{axis}"]).to_numpy() for axis in ("x", "y")]
    # On short lines a name would cover the line and the places around it: dashes and tips tell.
    names_at = pd.DataFrame({"name": stages, **middle})[np.hypot(away[0], away[1]) >= _NAMED_M]
    return [
        maps.shapes_layer(commitment_features(lines, thick), pane="lines"),
        maps.names_layer(names_at, size=int(9 + thick)),
    ]


def reach(site: Any, flows: pd.DataFrame) -> tuple[Layer, list[str]]:
    """Layer of circles to which a company's supplies among the flows carry, and the same in words.

    By the break-even that the filter bar limits by; in euros where it limits by none.
    """
    own = flows[flows["company_id"] == site["id"]]
    supplies = own[own["direction"] == "out"]
    limit, cap = filters.selection().limit or "eur", filters.selection().max_km
    amounts = filled(supplies)["tonnes"]
    found = reaches(supplies["material"], session.assumptions(), limit, cap, tonnes=amounts)
    names = reference.materials()[f"name_{language()}"]
    lines: dict[str, str] = {}
    for row in rows(found):
        name = names[row.material] + (f" ({t(f'route_{row.route}')})" if row.route else "")
        texts = {"km": far(row.full_km, language()), "cap": kilometres(cap, language())}
        lines[row.material] = (
            t("reach_capped", material=name, **texts)
            if row.full_km > cap
            else t("reach_whole", material=name, **texts)
        )
    weight = 4.0 if session.projector() else 2.5
    features = reach_features(found, site, lines, weight=weight)
    return maps.shapes_layer(features, pane="lines"), list(lines.values())


def candidate_ids(candidates: pd.DataFrame) -> pd.Series:
    """A key for each candidate that an address can carry: supply, receiver, demand."""
    parts = [candidates[name].astype(str) for name in ("supply_id", "to_company", "demand_id")]
    return parts[0] + "|" + parts[1] + "|" + parts[2]


def between_curves(pairs: pd.DataFrame, most: int = 60) -> tuple[Layer, float]:
    """Layer of the largest flows between municipalities, and the tonnes of the largest."""
    places = reference.municipalities()
    # Hidden tonnes are NaN: no curve.
    across = pairs[(pairs["from_municipality"] != pairs["to_municipality"]) & (pairs["tonnes"] > 0)]
    across = across.head(most)
    centres = _centres(places)
    names = places["name_fi"]
    frame = pd.DataFrame(
        {
            "id": across["from_municipality"] + "-" + across["to_municipality"],
            "from_x": across["from_municipality"].map(centres.x),
            "from_y": across["from_municipality"].map(centres.y),
            "to_x": across["to_municipality"].map(centres.x),
            "to_y": across["to_municipality"].map(centres.y),
            "tonnes": across["tonnes"],
            "title": across["from_municipality"].map(names)
            + " → "
            + across["to_municipality"].map(names),
            "caption": [
                t("between_caption", tonnes=number(amount, language()), candidates=int(count))
                for amount, count in zip(across["tonnes"], across["candidates"], strict=True)
            ],
        }
    )
    largest = float(across["tonnes"].max()) if len(across) else 0.0
    return maps.between_layer(frame), largest


def _centres(places: gpd.GeoDataFrame) -> gpd.GeoSeries:
    points = gpd.points_from_xy(places["centre_lon"], places["centre_lat"], crs="EPSG:4326")
    return gpd.GeoSeries(points, index=places.index).to_crs("EPSG:3067")


def coloured(figure: str, values: pd.Series, hidden: pd.Series) -> tuple[Layer, list[float]]:
    """Layer that colours municipalities by a figure, and its class limits.

    Parameters
    ----------
    figure
        Its name.
    values
        By the municipality's code; NaN is not known or hidden.
    hidden
        Which are hidden.
    """
    places = reference.municipalities()
    ranks, limits = summary.classes(values)
    unit = 100 if figure.endswith("share") else 1
    tips = {
        str(code): f"{places['name_fi'][str(code)]}\n{t(f'figure_{figure}')}: "
        + (hidden_because(language()) if hidden[str(code)] else number(value * unit, language()))
        for code, value in values.items()
    }
    classes: dict[str, Any] = {
        str(code): None if pd.isna(rank) else int(rank) for code, rank in ranks.items()
    }
    return maps.choropleth_layer(places, classes, tips, hidden.index[hidden]), limits
