"""The map on the wall: names large enough for the back row."""

import numpy as np
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from kiertokylat import maps, reference
from kiertokylat.locate import to_degrees
from kiertokylat.maps import Layer
from kiertokylat.web import assets, mapview, session

# Pixels of the narrower side of the map at 1366 × 768, where its frame is smallest.
_SIDE = 330
_SIDE_PROJECTOR = 560


def name_size() -> int:
    """Height of names on the map in pixels."""
    return 24 if session.projector() else 13


def show(
    layers: list[Layer],
    corners: pd.DataFrame,
    key: str,
    *,
    named: tuple[str, ...] = (),
    share: float = 0.9,
) -> None:
    """Draw a map around some points; it answers to no clicks.

    Parameters
    ----------
    layers
        What is on it.
    corners
        Columns `x`, `y` (EPSG:3067 m).
    key
        Of the map.
    named
        Codes of the municipalities whose names stand on it; empty: all. Names this large cover
        each other where there are many.
    share
        Of the map's narrower side that the points fill.
    """
    lon, lat = to_degrees(corners["x"].to_numpy(), corners["y"].to_numpy())
    extent_m = max(np.ptp(corners["x"]), np.ptp(corners["y"]), 4000.0)
    side = _SIDE_PROJECTOR if session.projector() else _SIDE
    # Web Mercator: at zoom 0 a pixel is 156,543 m on the equator, and cos(latitude) of that here.
    zoom = np.log2(156_543 * np.cos(np.radians(lat.mean())) / (extent_m / (share * side)))
    places = reference.municipalities()
    names = places["name_fi"]
    base = maps.base_map(
        places,
        names=names.where(names.index.isin(named or names.index), "").to_dict(),
        files=assets.PREFIX,
        spoken=mapview.spoken(),
        label_px=name_size(),
        fill=True,
    )
    with st.container(key="wall-map"):
        st_folium(
            base,
            key=key,
            feature_group_to_add=layers,
            returned_objects=[],
            center=(float(np.mean([lat.min(), lat.max()])), float(np.mean([lon.min(), lon.max()]))),
            zoom=float(np.clip(np.floor(zoom * 4) / 4, 6.5, 12)),
            height=side,
            use_container_width=True,
        )
