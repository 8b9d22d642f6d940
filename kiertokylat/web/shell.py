"""The script behind every page: title, language, projector, filter bar, navigation.

It lies outside the project's root, so Streamlit's own discovery of `pages/` never starts and a link
straight to a page works on a server that has just been started.
"""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:  # `streamlit run` puts only this file's own folder there
    sys.path.insert(0, str(ROOT))

from kiertokylat.errors import StoreError  # noqa: E402
from kiertokylat.web import (  # noqa: E402
    assets,
    door,
    faultview,
    filters,
    navigation,
    session,
    style,
    upload,
)

st.set_page_config(
    page_title="Kiertokylät",
    page_icon=str(Path(__file__).with_name("icon.svg")),
    layout="wide",
)
session.start()
assets.page_script(session.language(), editor=session.is_editor())
style.apply(projector=session.projector())

page = st.navigation([navigation.page(name) for name in navigation.PAGES], position="top")
st.set_page_config(page_title=f"{page.title} · Kiertokylät")
fault: StoreError | None = None
try:
    session.refresh()
    session.dataset()
except StoreError as error:
    fault = error
if fault is None:
    filters.filter_bar()
with st.sidebar:
    door.bar(session.language())

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(page.title, anchor=False, width="content")
    if fault is None:
        upload.dataset_bar()
    st.segmented_control(
        "Kieli – Language",
        ["fi", "en"],
        key="kieli",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
        width="content",
    )
    st.toggle(session.t("projector"), key="projektori", bind="query-params", width="content")
if fault is None:
    upload.findings()
    if session.projector():
        filters.tell()
else:
    faultview.show(fault)
# Without the database only the page that needs nothing of it.
if fault is None or page.url_path == navigation.PAGES["about"]:
    try:
        page.run()
    except StoreError as error:
        faultview.show(error)
