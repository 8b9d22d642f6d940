"""Files that the browser needs beside Streamlit's own, served from this machine.

Leaflet comes out of an installed package, so the map works with the network cable out.
"""

from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kiertokylat.reference import DATA

PREFIX = "/assets"


async def _lakes(_request: object) -> FileResponse:
    return FileResponse(
        DATA / "lakes.geojson",
        media_type="application/geo+json",
        headers={"Cache-Control": "max-age=86400"},
    )


ROUTES: list[BaseRoute] = [
    Mount(
        PREFIX,
        routes=[
            Route("/lakes.geojson", _lakes),
            Mount("/", StaticFiles(packages=[("js_lib_leaflet", "static/js_lib_leaflet")])),
        ],
    )
]
