"""How far a company's materials carry: a circle for each, where its best use breaks even."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kiertokylat import reference
from kiertokylat.assumptions import Assumptions
from kiertokylat.features import feature, tip
from kiertokylat.impact import break_even, is_small
from kiertokylat.locate import to_degrees
from kiertokylat.palette import INK, MATERIAL_COLOURS
from kiertokylat.selection import Limit, limit_km
from kiertokylat.tables import rows

_CORNERS = 96  # of a circle: its sides differ from the arc by less than a thousandth of the radius


def reaches(
    materials: pd.Series,
    assumptions: Assumptions,
    by: Limit,
    max_km: float,
    *,
    tonnes: pd.Series | None = None,
) -> pd.DataFrame:
    """Straight-line distance to which each material carries, by the use that carries farthest.

    Parameters
    ----------
    materials
        Of flows: keys of `reference.materials()`. A repeated one counts once, by the flow that
        carries farthest; an unknown one not at all.
    assumptions
        Those of the analysis. Straight km are the break-even's road km by the detour factor.
    by
        Break-even in euros, in CO2e or in both, as `selection.limit_km`.
    max_km
        The user's cap, straight km.
    tonnes
        Of the same flows, t/a, in the same order: small ones travel by the `collection_vehicle`.
        Where it is not known, or not given, as full loads.

    Returns
    -------
    DataFrame
        `material`, `route` (of that use; empty: no route known), `full_km` (straight, without the
        cap; infinite where transport takes nothing), `km` (with it); nearest first. Materials that
        never pay, or for which nobody knows, have no row.
    """
    uses = reference.uses()[["material", "route"]].drop_duplicates()
    amounts = np.full(len(materials), np.nan) if tonnes is None else tonnes.to_numpy()
    small = is_small(amounts, assumptions)
    wanted = pd.DataFrame({"material": materials.to_numpy(), "small": small}).drop_duplicates()
    wanted = wanted[wanted["material"].isin(reference.materials().index)]
    pairs = wanted.merge(uses, on="material", how="left").fillna({"route": ""})
    edges = pd.concat(
        break_even(assumptions, small=one).assign(small=one).reset_index() for one in (False, True)
    )
    edges["road_km"] = limit_km(edges["eur"], edges["co2e"], by)
    pairs = pairs.merge(edges, on=["material", "route", "small"])
    pairs["full_km"] = pairs["road_km"] / assumptions.detour_factor
    pairs = pairs[pairs["full_km"] > 0].sort_values(
        ["full_km", "material", "route"], ascending=[False, True, True]
    )
    farthest = pairs.drop_duplicates("material")
    farthest = farthest.assign(km=farthest["full_km"].clip(upper=max_km))
    farthest = farthest.sort_values(["full_km", "material"], ignore_index=True)
    return farthest[["material", "route", "full_km", "km"]]


def reach_features(
    found: pd.DataFrame, site: Any, tips: Mapping[str, str], *, weight: float = 2.5
) -> list[dict[str, Any]]:
    """Circles around a site, one for each distance; materials that reach equally far share it.

    Parameters
    ----------
    found
        From `reaches`.
    site
        Its `id`, `x`, `y` (EPSG:3067 m). A click on a circle is a click on the site.
    tips
        Plain text of each material.
    weight
        Pixels.
    """
    groups = reference.materials()["group"]
    features = []
    for _, sharing in found.groupby("km"):
        shared = {groups[row.material] for row in rows(sharing)}
        colour = MATERIAL_COLOURS[shared.pop()] if len(shared) == 1 else INK
        style = {"color": colour, "weight": weight, "dashArray": "10 5", "fill": False}
        text = tip(site["name"], *(tips[row.material] for row in rows(sharing)))
        circle = {
            "type": "Polygon",
            "coordinates": [_circle(site["x"], site["y"], sharing["km"].iloc[0])],
        }
        features.append(feature(circle, kind="company", key=site["id"], tip=text, style=style))
    return features


def _circle(x: float, y: float, km: float) -> list[list[float]]:
    turns = np.linspace(0, 2 * np.pi, _CORNERS + 1)
    lon, lat = to_degrees(x + 1000 * km * np.cos(turns), y + 1000 * km * np.sin(turns))
    return np.column_stack([lon, lat]).round(5).tolist()
