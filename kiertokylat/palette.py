"""The colours that the map, the brief and the GeoPackage's styles share."""

LAND = "#f7f3ea"
LAND_EDGE = "#8d8778"
WATER = "#a8cfe3"
INK = "#1f2a2e"
# Small print; on every ground of the pages at least 7:1, as a projector needs it.
QUIET_INK = "#414b4f"
# The ring around what the keyboard is at: the theme's primary colour.
FOCUS = "#0d5461"

# Wong's colour-blind-safe palette (Nature Methods 8, 441 (2011)), its sky blue left to the lakes
# and replaced by a brown; yellow and orange stand out from the land by their dark rim.
GROUP_COLOURS = {
    "farming_forestry": "#009e73",
    "food": "#e69f00",
    "wood_paper": "#7a4b1e",
    "metal_machinery": "#0072b2",
    "minerals_chemicals": "#cc79a7",
    "construction": "#d55e00",
    "energy_waste": "#f0e442",
    "other": "#6b6b6b",
}
# ColorBrewer's YlOrBr, five classes: print- and colour-blind-safe, and no blue.
CLASS_COLOURS = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
NO_DATA = "#e3e0d8"
HIDDEN = "#9aa3a7"  # a figure that too few companies stand behind
# Colour and dashes (lengths of line and gap in pixels) of a candidate's line.
CERTAINTY_STYLES: dict[str, dict[str, str | None]] = {
    "reported": {"color": "#5b1a8b", "dashArray": None},
    "mixed": {"color": "#5b1a8b", "dashArray": "9 6"},
    "estimated": {"color": "#8a6aa3", "dashArray": "2 6"},
}
# The same of a commitment's line, by its stage: the further, the less broken.
STAGE_STYLES: dict[str, dict[str, str | None]] = {
    "idea": {"color": "#4d4d4d", "dashArray": "2 8"},
    "contacted": {"color": "#b34700", "dashArray": "8 7"},
    "negotiated": {"color": "#0072b2", "dashArray": "18 7"},
    "realised": {"color": "#00664b", "dashArray": None},
}
# Groups of materials, in the same eight hues as the industries that they are typical of.
MATERIAL_COLOURS = {
    "wood": "#a4713c",
    "fibre": "#c9a227",
    "plastic": "#cc79a7",
    "textile": "#8e5ea2",
    "metal": "#0072b2",
    "mineral": "#8c8c84",
    "organic": "#009e73",
    "chemical": "#d55e00",
    "mixed": "#6b6b6b",
}
# Flows between municipalities.
CURVE = "#0f5e6b"
