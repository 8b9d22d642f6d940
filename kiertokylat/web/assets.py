"""What the server answers beside Streamlit's own: files for the browser, and the map's address.

Leaflet comes out of an installed package, so the map works with the network cable out.
"""

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
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


async def _first_page(request: Request) -> RedirectResponse:
    """Send `/kartta` to `/`, filters and all: a default page answers there only.

    The address is relative, so that it holds under `server.baseUrlPath` too.
    """
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


ROUTES: list[BaseRoute] = [
    Route("/kartta", _first_page),
    Mount(
        PREFIX,
        routes=[
            Route("/lakes.geojson", _lakes),
            Mount("/", StaticFiles(packages=[("js_lib_leaflet", "static/js_lib_leaflet")])),
        ],
    ),
]
