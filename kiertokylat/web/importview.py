"""Import: files are read, what they would change is shown, and only then it is saved."""

from typing import Any

import pandas as pd
import streamlit as st

from kiertokylat import plan_text
from kiertokylat.archive import is_archive, is_public, read_archive
from kiertokylat.changes import Plan, Snapshot
from kiertokylat.errors import ConflictError, InputError, StoreError
from kiertokylat.figures import number
from kiertokylat.ingest import Ingested, ingest
from kiertokylat.plan import plan_archive, plan_import
from kiertokylat.plan_import import DEMO
from kiertokylat.plan_text import Key
from kiertokylat.problems import Problem
from kiertokylat.web import navigation, overview, planview, session
from kiertokylat.web.editfilters import counted, plain, words
from kiertokylat.web.held import Held
from kiertokylat.web.session import language
from kiertokylat.web.tables import MOST_ROWS
from kiertokylat.web.upload import KINDS
from kiertokylat.words import say

# How far along the bar a stage is done: what an import of 20,000 companies takes, roughly. Reading
# alone tells its share; of the others the words say what is being done.
_READ, _JOINED, _PLANNED = 0.2, 0.5, 0.7


def section() -> None:
    """Draw the section, for editors."""
    if not session.is_editor():
        st.error(say("store.not_allowed", language()))
        return
    _told()
    held: Held | None = st.session_state.get("import")
    if held is None:
        _ask()
    else:
        _plan(held)


# --- reading ---


def _ask() -> None:
    st.markdown(words("import_text"))
    turn = st.session_state.setdefault("import-turn", 0)
    files = st.file_uploader(
        words("import_files"), type=KINDS, accept_multiple_files=True, key=f"import-files-{turn}"
    )
    asked = st.button(words("import_read"), type="primary", disabled=not files, key="import-read")
    if files and asked:
        st.session_state.pop("import-told", None)
        try:
            st.session_state["import"] = _opened(tuple(files), turn)
        except InputError as error:
            problem = error.problem
            text = problem.message(language()) if isinstance(problem, Problem) else str(error)
            st.error(plain(text))
        else:
            st.rerun()
    overview.formats()


def _opened(files: tuple[Any, ...], turn: int) -> Held:
    """The files read.

    Raises
    ------
    InputError
        An archive can't be read, or came with other files.
    """
    archives = [file for file in files if is_archive(file)]
    if archives and len(files) > 1:
        raise InputError(words("import_archive_alone", file=archives[0].name))
    if archives:
        held = Held(turn, files, archived=read_archive(files[0]))
        held.public = is_public(files[0])
        return held
    stored = session.snapshot().companies
    return Held(turn, files, read=_read(files, stored), companies=stored)


def _read(files: tuple[Any, ...], stored: pd.DataFrame) -> Ingested:
    bar = st.progress(0.0, words("import_reading"))

    def progress(share: float) -> None:
        # When all bytes are read the rows are still to be put together, which may take longer.
        stage = "import_reading" if share < 1 else "import_joining"
        bar.progress(_READ * min(max(share, 0.0), 1.0), words(stage))

    for file in files:
        file.seek(0)
    read = ingest([(file.name, file) for file in files], progress=progress, companies=stored)
    bar.empty()
    return read


def _drop() -> None:
    """Forget the files, and draw the field for others empty."""
    st.session_state.pop("import", None)
    st.session_state["import-turn"] = st.session_state.get("import-turn", 0) + 1


# --- the plan ---


def _plan(held: Held) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words("import_of", files=plain(held.name)), width="content")
        st.button(words("import_other"), on_click=_drop, key="import-other")
    if held.public:
        st.warning(words("import_public"))
        st.button(words("import_public_go_on"), on_click=_agree, args=(held,), key="import-go-on")
        return
    if held.archived is not None:
        st.info(words("import_archive"))
    stored = session.snapshot()
    plan = _made(held, stored, **_options(held, stored))
    if held.again:
        st.info(words("import_again"))
    table = plan_text.figures(plan)
    notes = tuple(one for one in plan.problems if one.severity != "error")
    if not table["rows"].drop("rejected").any():
        st.error(words("import_nothing"))
    else:
        planview.figures(table)
    names = dict(zip(stored.companies["id"], stored.companies["name"], strict=True))
    # The button stands above the rows, but what it saves is ticked in them.
    place = st.container()
    chosen = planview.state(table)
    if chosen == "conflicting":
        _conflicts(held, plan, names)
    elif chosen is not None:
        planview.rows(plan, chosen, names)
    if notes:
        with st.expander(words("import_problems_other", count=number(len(notes), language()))):
            planview.problems(notes, key="notes")
    if table["rows"].drop("rejected").any():
        with place:
            _offer(held, plan, table)


def _agree(held: Held) -> None:
    held.public = False


def _options(held: Held, stored: Snapshot) -> dict[str, bool]:
    """What the user chooses of the plan, where there is something to choose."""
    options = {"whole_register": False, "without_demo": True}
    if held.read is None:
        return options
    if held.read.whole_register:
        options["whole_register"] = st.checkbox(
            words("import_whole_register"),
            value=True,
            key=f"import-whole-{held.number}",
            persist_state="session",
        )
    if (stored.companies["source"] == DEMO).any():
        options["without_demo"] = not st.checkbox(
            words("import_keep_demo"), key=f"import-demo-{held.number}", persist_state="session"
        )
    return options


def _made(held: Held, stored: Snapshot, *, whole_register: bool, without_demo: bool) -> Plan:
    """The plan of the files against what is stored now; it is only made anew when either changes.

    Ticks stay where the conflicting row is the same as when it was ticked.
    """
    of = (stored.version, whole_register, without_demo)
    if held.plan is not None and held.made_of == of:
        return held.plan
    bar = st.progress(_JOINED, words("import_planning"))
    with st.spinner(words("import_wait"), show_time=True):
        if held.archived is not None:
            plan = plan_archive(stored, held.archived, held.name)
        else:
            plan = plan_import(
                stored,
                _against(held, stored.companies),
                held.name,
                whole_register=whole_register,
                without_demo=without_demo,
            )
    bar.empty()
    if held.plan is not None:
        held.again = held.again or held.made_of[0] != stored.version
        before, now = plan_text.waiting(held.plan), plan_text.waiting(plan)
        held.taken = {key for key in held.taken if now.get(key) == before[key]}
        held.ticks += 1
    held.plan, held.made_of, held.lines = plan, of, {}
    return plan


def _against(held: Held, companies: pd.DataFrame) -> Ingested:
    """What the files say, read against these stored companies."""
    if held.read is None or not held.companies.equals(companies):
        held.read, held.companies = _read(held.files, companies), companies
    return held.read


def _conflicts(held: Held, plan: Plan, names: dict[str, str]) -> None:
    st.markdown(words("import_conflict_how"))
    with st.container(horizontal=True):
        for name, keys in (("all", set(plan_text.waiting(plan))), ("none", set[Key]())):
            st.button(
                words(f"import_take_{name}"),
                on_click=_take,
                args=(held, keys),
                key=f"import-take-{name}",
            )
    key = f"import-conflicts-{held.number}-{held.ticks}-{language()}"
    if language() not in held.lines:
        made = plan_text.conflicts(plan, names, language(), MOST_ROWS)
        held.lines[language()] = made
    held.taken = planview.conflicts(plan, held.lines[language()], held.taken, key)


def _take(held: Held, keys: set[Key]) -> None:
    held.taken, held.ticks = keys, held.ticks + 1


# --- saving ---


def _offer(held: Held, plan: Plan, table: pd.DataFrame) -> None:
    """The button that saves exactly the plan that is shown, or why there is none."""
    waiting = plan_text.waiting(plan)
    final = plan_text.taking(plan, held.taken)
    if len(waiting) > len(held.taken):
        st.warning(counted("import_waiting", len(waiting) - len(held.taken)))
    if final.empty and waiting:
        st.info(words("import_none_taken"))
    elif final.empty:
        st.success(counted("import_same", int(table["rows"]["unchanged"])))
    else:
        own, demo = _own(final)
        if own and demo:
            st.info(counted("import_demo_goes", demo))
        # In a callback, which runs before the plan could be made anew from what others saved.
        st.button(
            counted("import_save", own) if own else counted("import_save_demo", demo),
            type="primary",
            on_click=_save,
            args=(final, held.name),
            key="import-save",
        )


def _own(plan: Plan) -> tuple[int, int]:
    """How many rows would be written for the user's own data, and how many demo rows would go."""
    found = plan.findings
    demo = int(((found["state"] == "removed") & (found["reason"] == "demo")).sum())
    return plan_text.written(plan) - demo, demo


def _save(plan: Plan, files: str) -> None:
    told: dict[str, Any]
    bar = st.progress(_PLANNED, words("import_saving"))
    try:
        with st.spinner(words("import_wait"), show_time=True):
            version = session.store().apply(plan, session.actor())
    except ConflictError as error:
        told = {"kind": "conflict", "count": len(error.rows)}
    except StoreError as error:
        told = {"kind": "failed", "error": error}
    else:
        own, demo = _own(plan)
        told = {"kind": "saved", "count": own, "demo": demo}
        told |= {"version": version, "files": files}
        session.forget_dataset()  # the map shows what is stored
        _drop()
    bar.empty()
    st.session_state["import-told"] = told


def _told() -> None:
    """What became of the last press of the save button."""
    told: dict[str, Any] = st.session_state.get("import-told", {})
    match told.get("kind"):
        case "saved":
            values = {"version": told["version"], "files": plain(told["files"])}
            gone = counted("import_demo_went", told["demo"]) if told["demo"] else ""
            st.success(f"{counted('import_saved', told['count'], **values)} {gone}")
            with st.container(horizontal=True):
                navigation.link("data", words("import_undo"), osa="history")
                navigation.link("map", words("import_map"))
        case "conflict":
            st.error(words("import_conflict", count=number(told["count"], language())))
        case "failed":
            st.error(plain(told["error"].message(language())))
