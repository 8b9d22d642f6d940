"""The ASGI entry: `streamlit run app.py` serves the app and the files of its map."""

import streamlit as st

from kiertokylat.web.assets import ROUTES

app = st.App("kiertokylat/web/shell.py", routes=ROUTES)
