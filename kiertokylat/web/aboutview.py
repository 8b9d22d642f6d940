"""Where every figure comes from: rules, assumptions, tables and their sources."""

import pandas as pd
import streamlit as st

from kiertokylat import __version__, reference
from kiertokylat.masking import LEAST
from kiertokylat.web import tables
from kiertokylat.web.session import language, t
from kiertokylat.words import say

_NOTICE = (
    *("controller", "purpose", "basis", "data", "sources", "access", "transfers", "retention"),
    *("rights", "automated"),
)


def principles() -> None:
    """What the service is, how it finds candidates and how far it can be trusted."""
    st.markdown(t("about_what"))
    left, right = st.columns(2, gap="medium")
    left.markdown(t("about_how"))
    right.markdown(t("about_trust"))
    st.caption(t("about_version", version=__version__))


def notice_title() -> str:
    """The heading of `privacy_notice`."""
    return say("privacy.notice_title", language())


def privacy_notice() -> None:
    """The notice for the people concerned: what is held of them, and why."""
    st.caption(say("privacy.notice_incomplete", language()))
    for part in _NOTICE:
        st.markdown(say(f"privacy.notice_{part}", language(), least=LEAST))


def uses() -> None:
    """Which industry uses which material, with evidence and source."""
    lang = language()
    table = reference.uses()
    frame = pd.DataFrame(
        {
            "material": table["material"].map(reference.materials()[f"name_{lang}"]),
            "division": table["division"]
            + " "
            + table["division"].map(reference.divisions()[f"name_{lang}"]),
            "use": table[f"use_{lang}"],
            "route": table["route"].map(lambda name: t(f"route_{name}")),
            "permit": table[f"permit_{lang}"],
            "evidence": table["evidence"],
            "source": table["source"],
        }
    )
    st.markdown(t("about_uses_text"))
    tables.show(frame, alt=t("about_uses"))


def coefficients() -> None:
    """Kilograms per employee and year behind the estimates."""
    lang = language()
    table = reference.coefficients()
    frame = pd.DataFrame(
        {
            "division": table["division"]
            + " "
            + table["division"].map(reference.divisions()[f"name_{lang}"]),
            "material": table["material"].map(reference.materials()[f"name_{lang}"]),
            "direction": table["direction"].map(lambda way: t(f"direction_{way}")),
            "kg_low": table["kg_low"],
            "kg": table["kg"],
            "kg_high": table["kg_high"],
            "status": table["status"].map(lambda name: t(f"status_{name}")),
            "year": table["year"],
            "source": table["source"],
            "note": table["note"],
        }
    )
    st.markdown(t("about_coefficients_text"))
    tables.show(frame, alt=t("about_coefficients"))


def waste_codes() -> None:
    """Waste codes and the material that each is taken for."""
    lang = language()
    table = reference.waste_codes().reset_index()
    frame = pd.DataFrame(
        {
            "ewc": table["ewc"],
            "code_name": table[f"name_{lang}"],
            "material": table["material"].map(reference.materials()[f"name_{lang}"]),
            "hazardous": table["hazardous"].map({True: t("yes"), False: ""}),
            "wording": table["wording"].map(lambda name: t(f"wording_{name}")),
            "source": table["source"],
        }
    )
    st.markdown(t("about_codes_text"))
    tables.show(frame, alt=t("about_codes"))


def sources() -> None:
    """Credits and licences of the bundled data."""
    st.markdown(t("about_sources_text"))
