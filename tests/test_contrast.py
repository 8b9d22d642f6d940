"""Contrast of the colours that texts, controls and the map have, by WCAG 2.2's own formula."""

import tomllib
from itertools import product
from pathlib import Path

import pytest

from kiertokylat import palette

CONFIG = Path(__file__).resolve().parents[1] / ".streamlit" / "config.toml"
THEME = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
SIDE = THEME["sidebar"]
GROUNDS = sorted(
    {
        THEME["backgroundColor"],
        THEME["secondaryBackgroundColor"],
        SIDE["backgroundColor"],
        SIDE["secondaryBackgroundColor"],
        "#fff3cd",  # the banner of the demo region
    }
)
TEXT, PROJECTED, SHAPE = 4.5, 7.0, 3.0  # success criteria 1.4.3, 1.4.6 and 1.4.11


def luminance(colour: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_by_hand():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # #777777: (119/255 + 0.055) / 1.055 to the power of 2.4 = 0.1845; 1.05 / 0.2345 = 4.48.
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize(("ink", "ground"), [*product((palette.INK, palette.QUIET_INK), GROUNDS)])
def test_text_is_readable_on_a_projector_too(ink, ground):
    assert contrast(ink, ground) >= PROJECTED


@pytest.mark.parametrize(("name", "ground"), [*product(("primaryColor", "linkColor"), GROUNDS)])
def test_links_and_buttons_are_readable(name, ground):
    assert contrast(THEME[name], ground) >= TEXT


def test_links_are_readable_on_a_projector():
    """There the side bar and its grounds are hidden."""
    assert contrast(THEME["linkColor"], THEME["backgroundColor"]) >= PROJECTED


@pytest.mark.parametrize("ground", [THEME["backgroundColor"], SIDE["backgroundColor"]])
def test_fields_and_the_keyboards_place_stand_out(ground):
    assert contrast(THEME["borderColor"], ground) >= SHAPE
    assert contrast(palette.FOCUS, ground) >= SHAPE


def test_names_and_lines_stand_out_on_the_map():
    assert contrast(palette.INK, palette.LAND) >= PROJECTED
    assert contrast(palette.LAND_EDGE, palette.LAND) >= SHAPE
    for style in palette.CERTAINTY_STYLES.values():
        assert contrast(style["color"], palette.LAND) >= SHAPE


def test_certainty_is_told_by_dashes_not_by_colour_alone():
    dashes = [style["dashArray"] for style in palette.CERTAINTY_STYLES.values()]
    assert len(set(dashes)) == len(dashes)
