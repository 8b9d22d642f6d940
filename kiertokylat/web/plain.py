"""Pages without Streamlit: a few words in both languages, for the door and for failures."""

from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse

from kiertokylat.palette import FOCUS, INK
from kiertokylat.words import LANGUAGES, say

_PAGE = """<!DOCTYPE html>
<html lang="fi"><head><meta charset="utf-8"><title>Kiertokylät</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem;
color: {ink}}} a {{color: {link}}}</style></head>
<body>{paragraphs}<p><a href="./">Kiertokylät</a></p></body></html>
"""


def plain_page(key: str, status: HTTPStatus) -> HTMLResponse:
    """A text of `words/access.toml`, first in Finnish, then in English.

    Parameters
    ----------
    key
        Of the text.
    status
        Of the answer.
    """
    paragraphs = "".join(
        f'<p lang="{language}">{escape(say(f"access.{key}", language))}</p>'
        for language in LANGUAGES
    )
    headers = {"Cache-Control": "no-store"}
    page = _PAGE.format(paragraphs=paragraphs, ink=INK, link=FOCUS)
    return HTMLResponse(page, status, headers)
