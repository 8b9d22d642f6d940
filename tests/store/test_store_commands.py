"""The commands that work on the database, in process; the whole round on both databases."""

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from kiertokylat.__main__ import main
from kiertokylat.access import Actor
from kiertokylat.archive import archive_bytes
from kiertokylat.changes import Changes, Plan, no_flows
from kiertokylat.errors import ConflictError
from kiertokylat.ingest import ingest
from kiertokylat.plan import plan_import
from kiertokylat.plan_text import figures
from kiertokylat.room import Post
from kiertokylat.store import load_demo, open_store
from kiertokylat.store.rooms import Rooms
from kiertokylat.store_commands import shell_user
from kiertokylat.words import catalogue, say
from tests.store.fault_tools import ROOT, everything
from tests.store.samples import adding, companies, renamed

COMPANIES = """Tunniste;Yritys;Y-tunnus;Toimiala;Kunta;Henkilöstö
saha;Saha Oy;0112038-9;16100;Laukaa;20
voima;Voima Oy;;35;Jyväskylä;5
"""
FLOWS = """Yrityksen tunniste;Suunta;Materiaali;Määrä (t/v)
saha;tarjoaa;Kuori;120,5
voima;tarvitsee;Kuori;1000
"""


@pytest.fixture
def url(tmp_path) -> str:
    """Address of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path}/stored.sqlite"


@pytest.fixture
def files(tmp_path) -> list[str]:
    """Two good files."""
    paths = [tmp_path / "yritykset.csv", tmp_path / "virrat.csv"]
    for path, text in zip(paths, (COMPANIES, FLOWS), strict=True):
        path.write_text(text, encoding="utf-8")
    return [str(path) for path in paths]


@pytest.fixture
def filled(url, files, capsys) -> str:
    """The same database with the two files."""
    assert main(["import", *files, "--database", url, "--yes"]) == 0
    capsys.readouterr()
    return url


def stored(url):
    with closing(open_store(url)) as store:
        return store.snapshot()


@pytest.fixture
def terminal(monkeypatch):
    """A real terminal as standard input, at which somebody has typed a line."""
    opened = []

    def typed(line: str) -> None:
        keyboard, screen = pty.openpty()
        stdin = os.fdopen(screen, encoding="utf-8")
        opened.extend([keyboard, stdin])
        os.write(keyboard, line.encode())
        monkeypatch.setattr(sys, "stdin", stdin)

    yield typed
    for end in opened:
        os.close(end) if isinstance(end, int) else end.close()


# --- everything in turn, on both databases ---


def test_the_whole_round(address, files, tmp_path, capsys):
    database = ["--database", address]
    assert main(["import", *files, *database, "--yes", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["applied"], answer["version"], answer["problems"]) == (True, 1, [])
    assert (answer["companies"]["new"], answer["flows"]["new"]) == (2, 2)
    assert {table: sum(answer[table].values()) for table in ("companies", "flows")} == {
        "companies": 2,
        "flows": 2,
    }

    kept = tmp_path / "kept.sqlite"
    assert main(["backup", str(kept), *database]) == 0
    before = stored(address)

    assert main(["erase", "saha", *database, "--yes"]) == 0
    told = capsys.readouterr().err
    assert "yrityksiä 1, virtoja 1" in told
    assert "varmuuskopioissa" in told
    assert stored(address).companies["id"].tolist() == ["voima"]

    assert main(["restore", str(kept), *database]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(kept), *database, "--replace"]) == 0
    told = capsys.readouterr().err
    (aside,) = tmp_path.glob("*-before-restore-*")
    assert str(aside) in told
    assert "2 yritystä, 2 virtaa (versio 3)" in told  # after 2, the erasure
    after = stored(address)
    assert after.version == 3
    assert after.companies.equals(before.companies)
    assert after.flows.equals(before.flows)

    assert main(["undo", "1", *database]) == 0
    assert stored(address).companies.empty
    capsys.readouterr()
    assert main(["history", *database, "--language", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["4", "3", "1"]
    assert all(shell_user().name in line for line in lines)
    assert "undo: yritykset.csv, virrat.csv" in lines[0]
    assert lines[0].endswith("undoes change 1")
    assert "restore: " in lines[1]
    assert lines[2].endswith("undone")
    assert main(["history", *database, "--limit", "1"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


# --- import ---


def test_without_yes_the_plan_is_shown_and_nothing_saved(url, files, capsys):
    assert main(["import", *files, "--database", url]) == 0
    shown = capsys.readouterr()
    assert shown.out == "Yritykset – Uusi: 2\nMateriaalivirrat – Uusi: 2\n"
    assert "Mitään ei tallennettu" in shown.err
    assert "--yes" in shown.err
    assert stored(url).version == 0


@pytest.mark.parametrize(("answer", "version"), [("k\n", 1), ("Yes\n", 1), ("e\n", 0), ("\n", 0)])
def test_at_a_terminal_the_question_decides(url, files, terminal, capsys, answer, version):
    terminal(answer)
    assert main(["import", *files, "--database", url]) == 0
    assert "[k/e]" in capsys.readouterr().err
    assert stored(url).version == version


def test_the_same_files_again_change_nothing(filled, files, capsys):
    before = everything(filled)
    assert main(["import", *files, "--database", filled, "--yes"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "Yritykset – Ennallaan: 2\nMateriaalivirrat – Ennallaan: 2\n"
    assert "ei ole mitään uutta" in shown.err
    assert everything(filled) == before


def test_the_database_of_the_environment_is_the_default(url, files, monkeypatch, capsys):
    monkeypatch.setenv("KIERTOKYLAT_DATABASE", url)
    assert main(["import", *files, "--yes"]) == 0
    assert stored(url).companies["id"].tolist() == ["saha", "voima"]
    capsys.readouterr()
    assert main(["history"]) == 0
    assert "tuonti: yritykset.csv, virrat.csv" in capsys.readouterr().out


@pytest.mark.parametrize("keep", [False, True])
def test_the_demo_region_goes_with_the_first_own_data(url, files, keep):
    with closing(open_store(url)) as store:
        load_demo(store, Actor("koe", "editor"))
    options = ["--keep-demo"] if keep else []
    assert main(["import", *files, "--database", url, "--yes", *options]) == 0
    kept = stored(url).companies
    assert {"saha", "voima"} <= set(kept["id"])
    assert bool(kept["source"].eq("demo").any()) is keep


def test_problems_are_told_and_the_good_rows_saved(url, tmp_path, capsys):
    path = tmp_path / "osin.csv"
    path.write_text(COMPANIES + "outo;Outo Oy;;;Atlantis;1\n", encoding="utf-8")
    assert main(["import", str(path), "--database", url, "--yes"]) == 3
    assert "Atlantis" in capsys.readouterr().err
    assert stored(url).companies["id"].tolist() == ["saha", "voima"]


# A good row; a company in no municipality; two rows of the good company without a good flow.
BAD_ROWS = """Yritys;Kunta;Materiaali;Määrä (t/v)
Hyvä Oy;Laukaa;Kuori;10
Outo Oy;Atlantis;Kuori;1
Hyvä Oy;Laukaa;Xyzzy;1
Hyvä Oy;Laukaa;Sahanpuru;-5
"""


def test_the_plan_counts_the_rejected_rows_as_the_page_does(url, tmp_path, capsys):
    path = tmp_path / "osin.csv"
    path.write_text(BAD_ROWS, encoding="utf-8")
    arguments = ["import", str(path), "--database", url]
    assert main([*arguments, "--language", "en"]) == 3
    shown = capsys.readouterr()
    assert shown.out == (
        "Companies – New: 1\nMaterial flows – New: 1\n"
        "Not taken in, rows and files together: 3\n"  # rows 3, 4 and 5
    )
    assert "exit code is 3. Rows and files not taken in: 3" in shown.err
    nothing = stored(url)
    page = plan_import(nothing, ingest([path], companies=nothing.companies), path.name)
    assert figures(page)["rows"]["rejected"] == 3
    assert main([*arguments, "--yes", "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["rejected"], answer["applied"], answer["version"]) == (3, True, 1)
    assert [one["row"] for one in answer["problems"] if one["severity"] == "error"] == [3, 4, 5]


def test_a_script_can_tell_that_nothing_was_new_from_rows_that_were_not_read(url, tmp_path, capsys):
    path = tmp_path / "osin.csv"
    path.write_text(BAD_ROWS, encoding="utf-8")
    arguments = ["import", str(path), "--database", url, "--yes"]
    assert main(arguments) == 3
    before = everything(url)
    capsys.readouterr()
    assert main(arguments) == 3  # as before: the same rows are still not read
    shown = capsys.readouterr()
    assert "Ei oteta mukaan, rivejä ja tiedostoja yhteensä: 3" in shown.out
    assert "ei ole mitään uutta" in shown.err
    assert "poistumiskoodi on 3. Rivejä ja tiedostoja, joita ei oteta mukaan: 3" in shown.err
    assert main([*arguments, "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["rejected"], answer["applied"], answer["version"]) == (3, False, 1)
    assert everything(url) == before
    # Mended, the same import ends in 0.
    path.write_text("".join(BAD_ROWS.splitlines(keepends=True)[:2]), encoding="utf-8")
    assert main(arguments) == 0
    assert "poistumiskoodi" not in capsys.readouterr().err


# --- the program's own archive ---


def exported(url, file, *, contacts=True):
    """What the page Aineisto gives of a database."""
    file.write_bytes(archive_bytes(stored(url), contacts=contacts))
    return file


def same_rows(one, other):
    """Whether two snapshots hold the same, but for the revisions of their own databases."""
    return all(
        rows.drop(columns="revision").equals(others.drop(columns="revision"))
        for rows, others in ((one.companies, other.companies), (one.flows, other.flows))
    )


@pytest.fixture
def other(tmp_path) -> str:
    """Address of another database that is not there yet."""
    return f"sqlite:///{tmp_path}/toinen.sqlite"


def test_an_export_is_imported_as_the_page_does(filled, other, tmp_path, capsys):
    with closing(open_store(filled)) as store:
        now = store.snapshot()
        row = now.companies[now.companies["id"] == "saha"]
        corrected = row.assign(contact="Säde Saha, 040 123", status="retired", corrected="name")
        none = Changes(no_flows(), no_flows())
        store.apply(Plan("edit", "oikaisu", Changes(row, corrected), none), Actor("u", "editor"))
    file = exported(filled, tmp_path / "koko.zip")
    arguments = ["import", str(file), "--database", other]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert shown.out == "Yritykset – Uusi: 2\nMateriaalivirrat – Uusi: 2\n"
    assert "täsmälleen sama" in shown.err
    assert stored(other).version == 0
    assert main([*arguments, "--yes"]) == 0
    assert same_rows(stored(other), stored(filled))
    assert stored(other).companies["contact"].tolist() == ["Säde Saha, 040 123", ""]
    with closing(open_store(other)) as store:
        batch = store.history().iloc[0]
    assert (batch["kind"], batch["title"]) == ("restore", "koko.zip")  # as the page writes it
    capsys.readouterr()
    assert main([*arguments, "--yes"]) == 0
    assert "ei ole mitään uutta" in capsys.readouterr().err


def test_rows_that_an_export_lacks_go_and_an_undo_brings_them_back(filled, tmp_path, capsys):
    file = exported(filled, tmp_path / "koko.zip")
    extra = tmp_path / "lisa.csv"
    extra.write_text("Tunniste;Yritys;Kunta\nlisa;Lisä Oy;Laukaa\n", encoding="utf-8")
    assert main(["import", str(extra), "--database", filled, "--yes"]) == 0
    before = stored(filled)
    capsys.readouterr()
    arguments = ["import", str(file), "--database", filled, "--yes", "--json"]
    assert main(arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["companies"]["removed"], answer["companies"]["unchanged"]) == (1, 2)
    assert stored(filled).companies["id"].tolist() == ["saha", "voima"]
    assert main(["undo", "3", "--database", filled]) == 0
    assert same_rows(stored(filled), before)


def test_where_an_export_is_not_read_it_is_told_where_it_is(filled, tmp_path, capsys):
    file, folder = exported(filled, tmp_path / "koko.zip"), tmp_path / "uusi"
    for arguments in (
        ["import", str(file), "--out", str(folder)],
        ["candidates", "--companies", str(file), "--out", str(folder / "c.csv")],
    ):
        assert main(arguments) == 3
        assert "komennolla import ilman valitsinta --out" in capsys.readouterr().err


def test_an_export_without_personal_data_says_so(filled, other, tmp_path, capsys):
    file = exported(filled, tmp_path / "julkinen.zip", contacts=False)
    assert main(["import", str(file), "--database", other, "--language", "en"]) == 0
    assert "public data only" in capsys.readouterr().err


def test_an_erased_company_does_not_come_back_with_an_export(filled, tmp_path, capsys):
    file = exported(filled, tmp_path / "koko.zip")
    assert main(["erase", "saha", "--database", filled, "--yes"]) == 0
    capsys.readouterr()
    assert main(["import", str(file), "--database", filled, "--yes", "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["rejected"], answer["applied"]) == (2, False)  # the company and its flow
    assert stored(filled).companies["id"].tolist() == ["voima"]


def test_an_export_that_is_refused_makes_no_database(filled, files, other, tmp_path, capsys):
    file = exported(filled, tmp_path / "koko.zip")
    content = file.read_bytes()
    broken = tmp_path / "rikki.zip"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("kiertokylat.json", zipfile.ZipFile(file).read("kiertokylat.json"))
    refused = [
        ([str(file), files[0]], 2, "Anna se yksin"),
        ([str(file), "--whole-register"], 2, "--whole-register"),
        ([str(file), "--keep-demo"], 2, "--keep-demo"),
        ([str(broken)], 3, "vioittunut"),
    ]
    for arguments, code, said in refused:
        assert main(["import", *arguments, "--database", other, "--yes"]) == code, arguments
        told = capsys.readouterr()
        assert said in told.err, arguments
        assert told.out == ""
    assert not Path(other.removeprefix("sqlite:///")).exists()
    assert file.read_bytes() == content


def test_files_that_hold_nothing_save_nothing(url, tmp_path, capsys):
    path = tmp_path / "rikki.csv"
    path.write_text("aivan;muuta\n1;2\n")
    assert main(["import", str(path), "--database", url, "--yes"]) == 3
    assert "mitään ei kirjoitettu" in capsys.readouterr().err
    assert stored(url).version == 0


def test_only_the_whole_register_ends_companies(filled, files, capsys):
    before = everything(filled)
    arguments = ["import", files[0], "--database", filled, "--yes", "--whole-register"]
    assert main(arguments) == 2
    assert "koko aineisto" in capsys.readouterr().err
    assert everything(filled) == before


# --- what uses the stored data ---


def test_candidates_come_from_the_active_rows(filled, tmp_path, capsys):
    out = tmp_path / "candidates.csv"
    arguments = ["--database", filled, "--limit", "none", "--out", str(out)]
    assert main(["candidates", *arguments]) == 0
    table = pd.read_csv(out, sep=";", dtype=str)
    assert ("saha", "voima") in set(zip(table["from_company"], table["to_company"], strict=True))
    for command in (["brief", "Laukaa"], ["export"]):
        suffix = ".html" if command[0] == "brief" else ".xlsx"
        result = tmp_path / f"{command[0]}{suffix}"
        assert main([*command, "--database", filled, "--out", str(result)]) == 0
        assert result.stat().st_size > 1000
    # Taken back, nothing is active any longer.
    assert main(["undo", "1", "--database", filled]) == 0
    assert main(["candidates", *arguments]) == 3
    assert "yhtään toiminnassa olevaa" in capsys.readouterr().err


# --- erasing ---


def test_erasing_asks_first(filled, terminal, capsys):
    before = everything(filled)
    assert main(["erase", "saha", "--database", filled]) == 2  # nobody to ask
    terminal("e\n")
    assert main(["erase", "saha", "--database", filled]) == 2
    told = capsys.readouterr().err
    assert "Saha Oy ja sen 1 virta pysyvästi" in told
    assert everything(filled) == before
    terminal("k\n")
    assert main(["erase", "saha", "--database", filled]) == 0
    assert b"Saha Oy" not in Path(filled.removeprefix("sqlite:///")).read_bytes()


def test_workshops_are_listed_and_one_is_deleted_after_asking(filled, terminal, capsys):
    editor = Actor("u", "editor")
    with closing(open_store(filled)) as store:
        rooms = Rooms(store)
        gone, kept = (
            rooms.create(name, "", (), "2026-11-24", editor) for name in ("Ilta\x1b[2J", "Aamu")
        )
        rooms.post(gone.code, editor, Post("out", "sawdust"))
    database = ["--database", filled]
    assert main(["workshops", *database]) == 0
    told = capsys.readouterr().out
    assert f"{gone.code}  2026-11-24  Ilta·[2J: viestejä 1, sitoumuksia 0" in told
    assert "\x1b" not in told
    assert main(["workshops", "--delete", gone.code, *database]) == 2  # nobody to ask
    terminal("e\n")
    assert main(["workshops", "--delete", gone.code, *database]) == 2
    assert main(["workshops", "--delete", "AAAAAA", "--yes", *database]) == 2
    terminal("k\n")
    assert main(["workshops", "--delete", gone.code.lower(), *database]) == 0
    capsys.readouterr()
    assert main(["workshops", *database]) == 0
    assert kept.code in (left := capsys.readouterr().out)
    assert gone.code not in left
    assert main(["workshops", "--delete", kept.code, "--yes", *database]) == 0
    assert main(["workshops", *database, "--language", "en"]) == 0
    assert "no workshops" in capsys.readouterr().err


def test_names_can_not_command_the_terminal(url, terminal, capsys):
    with closing(open_store(url)) as store:
        store.apply(
            adding(companies(a="A\x1b]0;B"), title="t\x1b[2J.csv"), Actor("u\x1b", "editor")
        )
    terminal("e\n")
    assert main(["erase", "a", "--database", url]) == 2
    assert main(["history", "--database", url]) == 0
    shown = capsys.readouterr()
    assert "t·[2J.csv" in shown.out
    assert "\x1b" not in shown.out + shown.err


def test_an_erased_company_comes_back_only_when_allowed(filled, files, tmp_path, capsys):
    database = ["--database", filled]
    assert main(["backup", str(tmp_path / "kept.sqlite"), *database]) == 0
    assert main(["erase", "saha", *database, "--yes"]) == 0
    capsys.readouterr()
    assert main(["import", *files, *database, "--yes"]) == 3
    shown = capsys.readouterr()
    assert "Yritykset – Ennallaan: 1, Ei oteta mukaan: 1" in shown.out
    assert "Materiaalivirrat – Ennallaan: 1, Ei oteta mukaan: 1" in shown.out
    assert "Saha Oy on poistettu pyynnöstä" in shown.err
    assert "erase saha --allow" in shown.err
    assert stored(filled).companies["id"].tolist() == ["voima"]
    assert main(["restore", str(tmp_path / "kept.sqlite"), *database, "--replace"]) == 0
    assert "Poista ne uudelleen komennolla erase: saha" in capsys.readouterr().err
    assert main(["erase", "saha", *database, "--yes"]) == 0
    assert main(["erase", "saha", *database, "--allow", "--language", "en"]) == 0
    assert "“saha” may be stored again" in capsys.readouterr().err
    assert main(["erase", "saha", *database, "--allow"]) == 2
    assert "Tarkista tunnus" in capsys.readouterr().err
    assert main(["import", *files, *database, "--yes"]) == 0
    assert stored(filled).companies["id"].tolist() == ["saha", "voima"]
    assert main(["history", *database]) == 0
    assert "lupa: Yhden poistetun yrityksen saa" in capsys.readouterr().out


# --- what is told on the command line ---


def test_an_undo_that_must_wait_names_what_comes_first(filled, capsys):
    with closing(open_store(filled)) as store:
        store.apply(renamed(store.snapshot(), "saha", "Toinen Oy"), Actor("here", "editor"))
    assert main(["undo", "1", "--database", filled]) == 2
    told = capsys.readouterr().err
    assert "Peru ensin nämä muutokset, uusin ensin: 2 (nimi)." in told
    assert "sivu" not in told
    assert main(["undo", "2", "--database", filled]) == 0
    assert main(["undo", "2", "--database", filled, "--language", "en"]) == 2
    assert "undone already (by change 3)" in capsys.readouterr().err
    assert main(["history", "--database", filled]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert f"({say('access.name_here', 'fi')}; 1 yritys, 0 virtaa)" in listed[1]
    assert "2 yritystä, 2 virtaa)" in listed[2]
    assert all(re.match(r" +\d+  \d{4}-\d\d-\d\d \d\d:\d\d EES?T  ", line) for line in listed)


def test_an_undo_does_not_take_back_what_a_later_import_brought(filled, files, capsys):
    database = ["--database", filled]
    assert main(["undo", "1", *database]) == 0
    assert main(["import", *files, *database, "--yes"]) == 0
    before = everything(filled)
    capsys.readouterr()
    assert main(["undo", "1", *database]) == 2
    assert "Muutos 1 on jo peruttu (muutos 2)" in capsys.readouterr().err
    assert main(["undo", "1", *database, "--language", "en"]) == 2
    assert "Change 1 is undone already (by change 2)" in capsys.readouterr().err
    assert everything(filled) == before


def test_the_command_line_does_not_speak_of_pages():
    only_there = {"import_conflicts"}  # where conflicts are chosen
    commands = {key: texts for key, texts in catalogue().items() if key.endswith("_command")}
    assert commands.keys() == {
        "store.conflict_command",
        "store.no_company_command",
        "store.connection_lost_command",
    }
    for key, texts in catalogue().items():
        topic, _, name = key.partition(".")
        if topic == "store" and f"{key}_command" not in commands:
            assert "sivu" not in texts["fi"].lower(), name
            assert "page" not in texts["en"].lower(), name
        elif topic == "commands" and name not in only_there:
            assert "lataa sivu" not in texts["fi"].lower(), name
    error = ConflictError((("companies", "a"),))
    assert "Lataa sivu" in error.message("fi")
    assert error.message("fi", command=True).endswith("Anna komento uudelleen.")


@pytest.mark.parametrize("both", [False, True], ids=["output", "output and errors"])
@pytest.mark.parametrize("options", [["--yes"], ["--yes", "--json"]], ids=["plan", "json"])
def test_nobody_reads_what_an_import_says(url, files, both, options):
    """`import … | head`, when head has ended already: it is saved, and the exit code says so."""
    code, errors = unread(["import", *files, "--database", url, *options], both=both)
    assert code == 0, errors
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors
    assert stored(url).version == 1


def test_nobody_reads_the_history(filled):
    code, errors = unread(["history", "--database", filled])
    assert (code, errors) == (0, "")


def unread(arguments, *, both=False):
    """A command's exit code and errors; its output is a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kiertokylat", *arguments],
            cwd=ROOT,
            stdout=writing,
            stderr=writing if both else subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr or ""


# --- refusals: a message, never a traceback ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history"], "ei ole"),
        (["undo", "1"], "ei ole"),
        (["erase", "a", "--yes"], "ei ole"),
        (["backup", "kept.sqlite"], "ei ole"),
        (["candidates", "--out", "a.csv"], "ei ole"),
        (["import", "nowhere.csv", "--yes"], "nowhere.csv"),
        (["restore", "nowhere.sqlite"], "nowhere.sqlite"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_nothing_is_made_by_mistake(url, tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--database", url]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_refusals(filled, files, tmp_path, capsys):
    before = everything(filled)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"nothing of the kind" * 100)
    database = ["--database", filled]
    refused = [
        (["undo", "99", *database], "Muutosta 99"),
        (["erase", "nobody", "--yes", *database], "nobody"),
        (["history", "--limit", "0", *database], "vähintään 1"),
        (["backup", filled.removeprefix("sqlite:///"), "--force", *database], "itse tietokanta"),
        (["backup", str(broken), *database], "--force"),
        (["backup", str(tmp_path / "no folder" / "a.sqlite"), *database], "no folder"),
        (["restore", str(broken), *database, "--replace"], "vioittunut"),
        (["history", "--database", f"sqlite:///{broken}"], "vioittunut"),
        (["history", "--database", "mysql://somewhere/x"], "mysql"),
        (["candidates", "--out", "a.csv", "--companies", files[0], *database], "ei molempia"),
        (["import", files[0], "--out", str(tmp_path), "--yes"], "--yes"),
    ]
    for arguments, said in refused:
        assert main(arguments) == 2, arguments
        told = capsys.readouterr()
        assert said in told.err, arguments
        assert told.out == ""
    assert everything(filled) == before


def test_a_password_is_not_shown(capsys):
    assert main(["history", "--database", "postgresql://koe:salainen@127.0.0.1:1/x"]) == 2
    told = capsys.readouterr().err
    assert "127.0.0.1" in told
    assert "salainen" not in told


def test_the_key(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KIERTOKYLAT_KEY_FILE", str(tmp_path / "key"))
    shown = []
    for options in ([], [], ["--new"]):
        assert main(["key", *options]) == 0
        told = capsys.readouterr()
        key = (tmp_path / "key").read_text().strip()
        assert key in told.out
        assert key not in told.err
        shown.append(key)
    assert shown[0] == shown[1] != shown[2]
