"""The history of the page Aineisto: who changed what and when, and taking it back."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat.access import shown_name
from kiertokylat.changes import Snapshot
from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.ingest.sheet import fold
from kiertokylat.web import session, tables
from kiertokylat.web.editfilters import counted, plain, words
from kiertokylat.web.editview import side_by_side
from kiertokylat.web.session import language
from kiertokylat.words import say

_MOST = 200  # changes in the list
_MOST_ROWS = 20  # rows that a search looks up
_TIME_ZONE = "Europe/Helsinki"
_COLUMNS = ("batch", "time", "who", "kind", "title", "companies", "flows", "state")


def section() -> None:
    """Draw the history, for editors."""
    if not session.is_editor():
        return
    try:
        _section(session.snapshot())
    except StoreError as error:
        st.error(error.message(language()))


def _section(snapshot: Snapshot) -> None:
    st.caption(words("history_text"))
    query = st.text_input(words("history_search"), key="history-search", persist_state="session")
    listed = _found(snapshot, query.strip()) if query.strip() else _latest()
    if listed.empty:
        st.info(words("history_none"))
        return
    # Another search or a new change makes another list: a row chosen in the old one means nothing.
    key = f"history-{snapshot.version}-{fold(query)}-{language()}"
    place = tables.show(
        _in_words(listed),
        headings={name: words(f"history_{name}") for name in _COLUMNS},
        alt=words("history_alt"),
        key=key,
        select=True,
    )
    if place is not None:
        _chosen(snapshot, listed.iloc[place])


def _latest() -> pd.DataFrame:
    listed = session.store().history(_MOST)
    if len(listed) == _MOST:
        st.caption(words("history_latest", count=_MOST))
    return listed


def _found(snapshot: Snapshot, query: str) -> pd.DataFrame:
    """Changes of the rows whose id, or whose company's name, a query means."""
    companies, flows = snapshot.companies, snapshot.flows
    named = companies["name"].map(fold).str.contains(fold(query), regex=False)
    owners = companies.loc[named, "id"]
    theirs = flows.loc[flows["company_id"].isin(owners), "id"]
    # A row that is no longer there is found by its id alone.
    rows = list(dict.fromkeys([query, *owners, *theirs]))
    if len(rows) > _MOST_ROWS:
        st.caption(words("history_search_many", count=len(rows) - 1, shown=_MOST_ROWS))
    found = [session.store().history(_MOST, row) for row in rows[: _MOST_ROWS + 1]]
    together = pd.concat(found, ignore_index=True).drop_duplicates("batch")
    return together.sort_values("batch", ascending=False, ignore_index=True)


def _in_words(listed: pd.DataFrame) -> pd.DataFrame:
    lang = language()
    form = "%d.%m.%Y %H.%M" if lang == "fi" else "%d %b %Y %H:%M"
    states = [_state(row) for row in listed.itertuples(index=False)]
    shown = listed.assign(
        batch=listed["batch"].astype(str),
        time=listed["time"].dt.tz_convert(_TIME_ZONE).dt.strftime(form),
        who=[shown_name(name, lang) for name in listed["who"]],
        kind=[say(f"commands.kind_{kind}", lang) for kind in listed["kind"]],
        state=states,
    )
    return shown[list(_COLUMNS)]


def _state(row: Any) -> str:
    if row.undone:
        return words("history_is_undone")
    return "" if pd.isna(row.undoes) else words("history_undoes", batch=row.undoes)


# --- one change ---


def _chosen(snapshot: Snapshot, row: Any) -> None:
    batch = int(row["batch"])
    st.header(words("history_chosen", batch=batch, title=plain(row["title"])), anchor=False)
    companies, flows = session.store().changes(batch)
    if companies.empty and flows.empty:
        st.info(words("history_kept_nothing"))
        return
    if not row["undone"] and st.session_state.get("history-asked") == batch:
        _confirm(snapshot, batch)
        return
    side_by_side(companies, flows, snapshot)
    if row["undone"]:
        st.info(words("history_already"))
    else:
        st.button(words("history_undo"), key="history-undo", on_click=_ask, args=(batch,))


def _ask(batch: int | None) -> None:
    st.session_state["history-asked"] = batch


def _confirm(snapshot: Snapshot, batch: int) -> None:
    """Show what an undo would do, and do it when that is wanted."""
    try:
        plan = session.store().undo_plan(batch)
    except ConflictError as error:
        _ask(None)
        _later(snapshot, batch, error)
        return
    st.warning(words("history_confirm", batch=batch))
    side_by_side(plan.companies, plan.flows, snapshot)
    with st.container(horizontal=True):
        agreed = st.button(words("history_yes"), key="history-yes", type="primary")
        st.button(words("history_no"), key="history-no", on_click=_ask, args=(None,))
    if not agreed:
        return
    try:
        session.store().apply(plan, session.actor())
    except ConflictError as error:
        _ask(None)
        _later(snapshot, batch, error)
        return
    _ask(None)
    st.toast(words("history_done", batch=batch))
    session.refresh()
    st.rerun()


def _later(snapshot: Snapshot, batch: int, error: ConflictError) -> None:
    """Say which rows have changed since, and by which later changes that still stand."""
    st.error(counted("history_later", len(error.rows), batch=batch))
    names = dict(zip(snapshot.companies["id"], snapshot.companies["name"], strict=True))
    owner = dict(zip(snapshot.flows["id"], snapshot.flows["company_id"], strict=True))
    lines = []
    for _, key in error.rows[:_MOST_ROWS]:
        history = session.store().history(_MOST, key)
        # A later change and its own undo leave the row as it was.
        counts = history["undoes"].isna() | (history["undoes"] < batch)
        later = history[(history["batch"] > batch) & ~history["undone"] & counts]
        told = ", ".join(later["batch"].astype(str)) or "–"
        name = names.get(owner.get(key, key), key)
        lines.append(f"- {words('history_later_line', name=plain(name), batches=told)}")
    st.markdown("\n".join(lines))
