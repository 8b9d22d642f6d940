"""The ASGI entry: `streamlit run app.py` serves the app, its map's files, its door, its phones."""

import streamlit as st
from starlette.middleware import Middleware

from kiertokylat.web import assets, door, headers, hosts, participate

door.prepare()
app = st.App(
    "kiertokylat/web/shell.py",
    routes=[*assets.ROUTES, *door.ROUTES, *participate.ROUTES],
    middleware=[Middleware(headers.SecurityHeaders), Middleware(hosts.KnownHosts)],
    exception_handlers={Exception: headers.failure},
)
