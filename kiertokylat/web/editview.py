"""The tables of the page Aineisto that an editor changes in place.

A table is drawn once and stays as it was drawn while somebody types into it: another frame would
throw away what the browser holds. What is typed is kept as a draft (`kiertokylat.drafts`) until it
is saved or dropped, over other searches, languages and pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd
import streamlit as st

from kiertokylat import compared, editing, keys
from kiertokylat.changes import Changes, Plan, Snapshot
from kiertokylat.drafts import Draft, Sheet, sheet
from kiertokylat.editing import Table
from kiertokylat.errors import ConflictError, StoreError
from kiertokylat.figures import number
from kiertokylat.plan import InvalidRowsError, plan_edit
from kiertokylat.web import editcolumns, editfilters, faultview, session
from kiertokylat.web.session import language
from kiertokylat.words import say

MOST_ROWS = 500  # more can't be edited on a screen
_MOST_LINES = 200  # of what will change
_TALLEST, _ROW = 440, 35  # pixels


def words(key: str, **values: Any) -> str:
    """A text of `words/data.toml` in the reader's language."""
    return say(f"data.{key}", language(), **values)


def companies() -> None:
    """Draw the table of companies, for editors."""
    _section("companies")


def flows() -> None:
    """Draw the table of material flows, for editors."""
    _section("flows")


# An edit runs this part alone. While a browser draws a whole page anew it takes no keys, and those
# that wait reach the table all at once: it opens its input too late, and what was typed is lost.
@st.fragment
def _section(table: Table) -> None:
    if not session.is_editor():
        _ended(table)
        return
    if st.session_state.get("osa") != st.session_state.get("osa-told"):
        st.rerun()  # a button of this part has asked for another one
    try:
        session.refresh()
    except StoreError as error:
        _keep(table)
        faultview.show(error)
        return
    snapshot = session.snapshot()
    rows, token = editfilters.found(table, snapshot)
    st.caption(words("edit_how"))
    drawn = _drawn(table, snapshot, rows, token)
    above = st.container()
    draft = _edited(table, drawn)
    above.caption(_rows_told(rows, getattr(snapshot, table)))
    # What is below the table may be out of sight: a line above it tells that there is something. It
    # always stands there, so that the table doesn't move under the hand at the first edit.
    below = f"**{words('edit_below', count=len(draft))}**"
    above.caption(below if len(draft) else words("edit_none_unsaved"))
    if len(draft):
        _unsaved(table, snapshot, drawn.sheet, draft)


def _keep(table: Table) -> None:
    """Put aside what has been typed, as the table can't be drawn now."""
    held: _Drawn | None = st.session_state.get(f"edit-drawn-{table}")
    if held is not None and held.key in st.session_state:
        st.session_state[f"edit-draft-{table}"] = held.sheet.typed(st.session_state[held.key])


def _ended(table: Table) -> None:
    """Say that the right to edit has ended on the open page; what was typed can still be copied."""
    _keep(table)
    st.warning(words("edit_ended", hours=keys.COOKIE_SECONDS // 3600))
    held: _Drawn | None = st.session_state.get(f"edit-drawn-{table}")
    draft: Draft = st.session_state.get(f"edit-draft-{table}") or Draft()
    if len(draft) and held is not None:
        shown = held.sheet.listed.get("company_id")
        typed = sheet(table, draft.seen, draft, language(), shown).frame
        headings = {name: editing.heading(str(name), language()) for name in typed}
        st.dataframe(typed.rename(columns=headings), hide_index=True, alt=words("edit_ended_alt"))


def _rows_told(rows: pd.DataFrame, every: pd.DataFrame) -> str:
    lang = language()
    found, count = number(len(rows), lang), number(len(every), lang)
    if len(rows) > MOST_ROWS:
        return words("edit_cut", rows=found, shown=number(MOST_ROWS, lang))
    return (
        editfilters.counted("edit_shown", len(rows), rows=count)
        if len(rows)
        else words("edit_none")
    )


# --- the table, as it was drawn ---


@dataclass(frozen=True)
class _Drawn:
    """A table on the page, and what it was drawn for."""

    sheet: Sheet
    frame: pd.DataFrame
    config: Mapping[str, Any]
    token: object
    version: int
    key: str


def _drawn(table: Table, snapshot: Snapshot, rows: pd.DataFrame, token: object) -> _Drawn:
    """The table of the last run, or a new one where another search or version asks for it."""
    state = st.session_state
    held: _Drawn | None = state.get(f"edit-drawn-{table}")
    draft: Draft = state.get(f"edit-draft-{table}") or Draft()
    there = held is not None and held.key in state
    if held is not None and there:
        draft = held.sheet.typed(state[held.key])
        fresh = held.version == snapshot.version or len(draft) > 0
        if held.token == token and fresh and not state[held.key]["deleted_rows"]:
            return held
    count = state[f"edit-count-{table}"] = state.get(f"edit-count-{table}", 0) + 1
    shown = rows.head(MOST_ROWS)
    made = sheet(table, shown, draft, language(), editcolumns.choosable(table, snapshot, shown))
    frame = editcolumns.frame(made, snapshot)
    config = editcolumns.config(made, frame, on_flows=_to_flows, company=editfilters.company())
    drawn = _Drawn(made, frame, config, token, snapshot.version, f"edit-{table}-{count}")
    state[f"edit-drawn-{table}"] = drawn
    return drawn


def _edited(table: Table, drawn: _Drawn) -> Draft:
    """Draw the table; what has been typed into it so far."""
    st.data_editor(
        drawn.frame,
        key=drawn.key,
        num_rows="dynamic",
        hide_index=True,
        column_config=drawn.config,
        height=min(_TALLEST, _ROW * (len(drawn.frame) + 3)),
        placeholder="",
        alt=words(f"edit_alt_{table}"),
    )
    typed: Any = st.session_state[drawn.key]
    draft = drawn.sheet.typed(typed)
    st.session_state[f"edit-draft-{table}"] = draft
    if typed["deleted_rows"]:  # a stored row comes back, out of use
        st.rerun()
    return draft


def _to_flows() -> None:
    """Go to the flows of the company whose button was pressed."""
    state = st.session_state
    held: _Drawn = state["edit-drawn-companies"]
    click: Any = state[editcolumns.FLOWS_KEY]
    key = held.sheet.keys[click["row"]] if click and click["row"] < len(held.sheet.keys) else None
    if isinstance(key, str):
        editfilters.choose_company(key)
        state["osa"] = "flows"


def _forget(table: Table, draft: Draft | None = None) -> None:
    """Draw the table anew, with this draft or without any."""
    st.session_state[f"edit-draft-{table}"] = draft or Draft()
    st.session_state.pop(f"edit-drawn-{table}", None)


# --- what has been typed ---


def _unsaved(table: Table, snapshot: Snapshot, made: Sheet, draft: Draft) -> None:
    st.warning(words("edit_unsaved", count=len(draft)))
    stored: pd.DataFrame = getattr(snapshot, table)
    conflicts = draft.conflicts(stored)
    if conflicts:
        st.error(words("edit_conflict"))
        for key in conflicts:
            _conflict(table, snapshot, draft, key)
        return
    plan = None
    try:
        plan = _plan(table, snapshot, draft)
    except InvalidRowsError as error:
        _findings(table, snapshot, made, draft, error.findings)
    else:
        _review(plan, snapshot)
    with st.container(horizontal=True):
        if plan is not None and not plan.empty:
            one = len(draft) == 1
            label = words("edit_save_one") if one else words("edit_save", count=len(draft))
            if st.button(label, type="primary", key=f"edit-save-{table}"):
                _save(table, plan)
        st.button(words("edit_drop"), key=f"edit-drop-{table}", on_click=_forget, args=(table,))


def _findings(
    table: Table, snapshot: Snapshot, made: Sheet, draft: Draft, check: pd.DataFrame
) -> None:
    """What is wrong in which cell; the reader finds it by the row's number and name."""
    after = draft.changes(table).after
    owner = snapshot.companies.set_index("id")["name"]
    lines = []
    for found in check.head(50).itertuples(index=False):
        key = draft.keys[cast("int", found.row)]
        row: Any = after.iloc[cast("int", found.row)]
        name = row["name"] if table == "companies" else owner.get(row["company_id"])
        is_new = isinstance(key, int)
        place = key + 1 if isinstance(key, int) else made.keys.index(key) + 1
        lines.append(
            words(
                "edit_finding_new" if is_new else "edit_finding",
                row=place,
                name=editfilters.plain(name or words("edit_nameless")),
                column=editing.heading(str(found.column), language()),
                text=say(f"plan.check_{found.code}", language()),
            )
        )
    st.error("\n".join([words("edit_mend"), "", *(f"- {line}" for line in lines)]))


def _plan(table: Table, snapshot: Snapshot, draft: Draft) -> Plan:
    changes = draft.changes(table)
    companies, flows = (changes, None) if table == "companies" else (None, changes)
    plan = plan_edit(snapshot, companies, flows, title="")
    return replace(plan, title=compared.title(plan))


def _review(plan: Plan, snapshot: Snapshot) -> None:
    if plan.empty:
        st.info(words("edit_same"))
        return
    st.header(words("edit_review"), anchor=False)
    side_by_side(plan.companies, plan.flows, snapshot)


def side_by_side(companies: Changes, flows: Changes, snapshot: Snapshot) -> None:
    """Draw a change before and after, for reading."""
    names = dict(zip(snapshot.companies["id"], snapshot.companies["name"], strict=True))
    lines = compared.compared(companies, flows, names, language(), _MOST_LINES + 1)
    headings = ("edit_change", "edit_what", "edit_where", "edit_before", "edit_after")
    shown = lines.head(_MOST_LINES).set_axis([words(key) for key in headings], axis=1)
    st.dataframe(shown, hide_index=True, alt=words("edit_review_alt"))
    if len(lines) > _MOST_LINES:
        st.caption(words("edit_review_cut", shown=_MOST_LINES))


def _save(table: Table, plan: Plan) -> None:
    try:
        session.store().apply(plan, session.actor())
    except ConflictError:
        # Somebody was faster by a moment: the next run shows what they made of the row.
        pass
    except StoreError as error:
        st.error(error.message(language()))
        return
    else:
        _forget(table)
        st.toast(words("edit_saved"))
    session.refresh()
    st.rerun()


def _conflict(table: Table, snapshot: Snapshot, draft: Draft, key: str) -> None:
    stored: pd.DataFrame = getattr(snapshot, table)
    names = dict(zip(snapshot.companies["id"], snapshot.companies["name"], strict=True))
    seen: Any = draft.seen.loc[key]
    name = seen["name"] if table == "companies" else names.get(seen["company_id"], key)
    now = stored[stored["id"] == key]
    st.markdown(f"**{editfilters.plain(name)}**")
    if now.empty:
        st.caption(words("edit_gone"))
    else:
        lines = compared.conflict(table, draft, now, names, language())
        headings = ("edit_where", "edit_seen", "edit_mine", "edit_now")
        shown = lines.set_axis([words(heading) for heading in headings], axis=1)
        st.dataframe(shown, hide_index=True, alt=words("edit_conflict_alt", name=name))
    with st.container(horizontal=True):
        if not now.empty:
            st.button(
                words("edit_redo"),
                type="primary",
                key=f"edit-redo-{key}",
                on_click=_forget,
                args=(table, draft.onto([key], stored)),
            )
        st.button(
            words("edit_leave"),
            key=f"edit-leave-{key}",
            on_click=_forget,
            args=(table, draft.without([key])),
        )
