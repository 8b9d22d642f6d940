"""The ASGI entry: `streamlit run app.py` serves the app, the files of its map and its door."""

import streamlit as st
from starlette.middleware import Middleware

from kiertokylat.web import assets, door, headers

door.prepare()
app = st.App(
    "kiertokylat/web/shell.py",
    routes=[*assets.ROUTES, *door.ROUTES],
    middleware=[Middleware(headers.SecurityHeaders)],
    exception_handlers={Exception: headers.failure},
)
