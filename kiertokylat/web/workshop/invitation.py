"""The way into the workshop for phones: QR code, short address, code. All made on this machine."""

from html import escape

import streamlit as st

from kiertokylat import invite
from kiertokylat.room import Workshop
from kiertokylat.web.start import lan_addresses
from kiertokylat.web.workshop.hall import text
from kiertokylat.web.workshop.look import wall

_BIG = "workshop-join"


@st.cache_data(show_spinner=False, ttl=60)
def _own_addresses() -> list[str]:
    return lan_addresses()


@st.cache_data(show_spinner=False, max_entries=64)
def _image(link: str) -> str:
    return invite.qr_image(link)


def origins() -> list[str]:
    """Where phones may find the app."""
    port = int(st.get_option("server.port"))
    return invite.origins(_own_addresses(), port, st.context.url or "")


def origin() -> str:
    """The address that was chosen for the phones, or the likeliest."""
    found = origins()
    chosen = st.session_state.get("workshop-origin")
    return chosen if chosen in found else found[0]


def is_closed_network() -> bool:
    """Whether only this machine itself can reach the app."""
    return invite.is_local(st.get_option("server.address"), st.context.url or "")


def tell_closed_network() -> None:
    """Say how to let phones in, where they can't get in."""
    if is_closed_network():
        st.warning(text("closed_network"))


def panel(workshop: Workshop) -> None:
    """QR code, address and code, as they stay in a corner."""
    _draw(workshop)


def is_big() -> bool:
    """Whether the way in is shown in the place of the step, for those who came late."""
    return bool(st.session_state.get(_BIG))


def turn_big() -> None:
    """Show the way in as large as the screen, or the step again."""
    st.session_state[_BIG] = not is_big()


def put_away() -> None:
    """Show the step again."""
    st.session_state[_BIG] = False


def big(workshop: Workshop) -> None:
    """Draw the way in as large as the screen, and the button that puts it away."""
    _draw(workshop, "big-invite")
    st.button(text("join_close"), key="join-close", on_click=put_away, shortcut="Esc")


def _draw(workshop: Workshop, size: str = "") -> None:
    if not workshop.open:
        wall(f"<p><b>{escape(text('closed_to_phones'))}</b></p>", "invite")
        return
    link = invite.join_link(origin(), workshop.code)
    address = escape(invite.short_address(origin())).replace("/", "<wbr>/").replace(":", "<wbr>:")
    closed = f"<p>{escape(text('closed_network'))}</p>" if is_closed_network() else ""
    wall(
        f'<img src="{_image(link)}" alt="{escape(text("qr_alt", link=link))}">'
        f'<div><p class="address">{address}</p>'
        f'<p class="code">{escape(workshop.code)}</p>{closed}</div>',
        f"invite {size}",
    )


def choose_origin() -> None:
    """Choose which of the machine's addresses the phones shall use."""
    found = origins()
    st.selectbox(
        text("origin"),
        found,
        index=found.index(origin()),
        key="workshop-origin",
        persist_state="session",
        help=text("origin_help"),
    )
