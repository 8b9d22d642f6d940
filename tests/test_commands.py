"""The command line, mostly in process, some of it as the real command."""

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from kiertokylat import tables
from kiertokylat.__main__ import main
from kiertokylat.assumptions import Assumptions
from kiertokylat.assumptions_file import to_json
from kiertokylat.reference import DATA
from kiertokylat.usage import ArgumentsError

ROOT = DATA.parent
EVIL = "=cmd|' /C calc'!A0 Oy"
COMPANIES = f"""Tunniste;Yritys;Y-tunnus;Toimiala;Kunta;Henkilöstö
saha;Saha Oy;0112038-9;16100;Laukaa;20
voima;{EVIL};;35;Jyväskylä;5
"""
FLOWS = """Yrityksen tunniste;Suunta;Materiaali;Määrä (t/v)
saha;tarjoaa;Kuori;120,5
voima;tarvitsee;Kuori;1000
"""


@pytest.fixture
def own(tmp_path: Path) -> list[str]:
    """Options that name two good files."""
    for name, text in (("companies.csv", COMPANIES), ("flows.csv", FLOWS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [
        *("--companies", str(tmp_path / "companies.csv")),
        *("--flows", str(tmp_path / "flows.csv")),
    ]


def read_csv(path: Path, **options: object) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, **options)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiertokylat", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


# --- as the real command ---


def test_candidates_of_the_demo_region(tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "candidates.csv"
    done = command("candidates", "--municipality", "laukaa", "--max-km", "20", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "keksittyä" in done.stderr
    assert done.stdout == ""
    table = read_csv(out)
    wanted = [*tables.CANDIDATES.columns, "from_name", "from_municipality", "to_name"]
    assert set(wanted) <= set(table)
    assert (table["from_municipality"].eq("410") | table["to_municipality"].eq("410")).all()
    assert table["distance_km"].astype(float).max() <= 20
    assert len(table) > 10


def test_receivers_as_json() -> None:
    done = command("receivers", "030105", "170101", "--json")
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["ewc"] for answer in answers] == ["030105", "170101"]
    assert answers[0]["material"] == "sawdust"
    receivers = answers[0]["receivers"]
    assert [row["rank"] for row in receivers] == list(range(1, len(receivers) + 1))
    assert set(receivers[0]) >= {"rank", "division", "use", "route", "evidence", "source"}
    order = [tables.ROUTES.index(row["route"]) for row in receivers]
    assert order == sorted(order)


def test_bad_use_is_2() -> None:
    assert command().returncode == 2
    assert command("export", "--out", "x.pdf").returncode == 2


# --- arguments that can't be understood ---

USAGE = {  # arguments: Finnish, English
    "undo abc": (
        "Kohdassa BATCH pitää olla kokonaisluku, ei ”abc”.",
        "BATCH must be a whole number, not “abc”.",
    ),
    "history --limit 2.5": (
        "Kohdassa --limit pitää olla kokonaisluku, ei ”2.5”.",
        "--limit must be a whole number, not “2.5”.",
    ),
    "candidates --out c.csv --max-km 12,5": (
        "Kohdassa --max-km pitää olla luku, desimaalit pisteellä (esimerkiksi 12.5), ei ”12,5”.",
        "--max-km must be a number, with a decimal point (such as 12.5), not “12,5”.",
    ),
    "candidates --out c.csv --limit abc": (
        "Kohdassa --limit ei voi olla ”abc”. Vaihtoehdot: both, eur, co2e, none.",
        "--limit can’t be “abc”. Choices: both, eur, co2e, none.",
    ),
    "undo": ("Komennosta puuttuu: BATCH.", "The command lacks: BATCH."),
    "import": ("Komennosta puuttuu: FILE.", "The command lacks: FILE."),
    "candidates": ("Komennosta puuttuu: --out.", "The command lacks: --out."),
    "history --limit": ("Valitsin --limit tarvitsee arvon.", "The option --limit needs a value."),
    "undo 1 --zork 2": (
        "Näitä komento ei tunne, tai niitä on liikaa: --zork 2.",
        "The command doesn’t know these, or they are too many: --zork 2.",
    ),
    "erase a --yes --allow": (
        "Valitsimia --allow ja --yes ei voi antaa yhdessä.",
        "The options --allow and --yes can’t be given together.",
    ),
    "import a.csv --out b --database c": (
        "Valitsimia --database ja --out ei voi antaa yhdessä.",
        "The options --database and --out can’t be given together.",
    ),
    "import a.csv --json=3": (
        "Valitsimelle --json ei anneta arvoa (”3”).",
        "The option --json takes no value (“3”).",
    ),
    "history --l 3": (
        "Valitsin --l voi tarkoittaa useaa (--language, --limit). Kirjoita se kokonaan.",
        "The option --l may mean several (--language, --limit). Write it in full.",
    ),
}


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_arguments_are_told_in_the_chosen_language(arguments: str, capsys) -> None:
    name, *others = arguments.split()
    for language, told in zip(("fi", "en"), USAGE[arguments], strict=True):
        assert main([name, "--language", language, *others]) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith(f"{told} ")
        assert shown.err.endswith(" --help\n")
        assert "python -m kiertokylat" in shown.err
    assert main(arguments.split()) == 2  # Finnish is the language of who chooses none
    assert capsys.readouterr().err.startswith(f"{USAGE[arguments][0]} ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Komennosta puuttuu: COMMAND. Ohje (englanniksi): python -m kiertokylat --help\n"),
        (
            ["undo", "1", "--language", "sv"],
            "Kohdassa --language ei voi olla ”sv”. Vaihtoehdot: fi, en.",
        ),
        (
            ["undo", "1", "2", "--lang", "en"],
            "The command doesn’t know these, or they are too many",
        ),
        (["undo", "1", "--language"], "Valitsin --language tarvitsee arvon."),
        (["und", "1"], "Kohdassa COMMAND ei voi olla ”und”. Vaihtoehdot: receivers, candidates,"),
        (["undo", "1", "\x1b[2J"], "Näitä komento ei tunne, tai niitä on liikaa: ·[2J."),
        (["undo", "it's"], "Kohdassa BATCH pitää olla kokonaisluku, ei ”it's”."),
    ],
)
def test_wrong_arguments_without_a_language(arguments: list[str], told: str, capsys) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(told)


def test_a_sentence_that_nobody_knows_leads_to_the_help() -> None:
    error = ArgumentsError("python -m kiertokylat undo", "something quite new")
    assert error.message("fi") == (
        "Komentoa ei voi tulkita. Ohje (englanniksi): python -m kiertokylat undo --help"
    )


def test_the_help_names_the_exit_codes(capsys) -> None:
    for arguments in (["--help"], ["import", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert "3 the input had problems" in " ".join(capsys.readouterr().out.split())


# --- in process ---


def test_import_writes_tables_and_reports(tmp_path: Path, own, capsys) -> None:
    with (tmp_path / "companies.csv").open("a", encoding="utf-8") as file:
        file.write("x;Väärä kunta Oy;;16100;Kuhmalahti-Pelkkä;1\n")
    folder = tmp_path / "out"
    assert main(["import", own[1], own[3], "--out", str(folder)]) == 3
    companies = read_csv(folder / "companies.csv", encoding="utf-8-sig")
    assert list(companies) == list(tables.COMPANIES.columns)
    assert list(companies["id"]) == ["saha", "voima"]
    flows = read_csv(folder / "flows.csv", encoding="utf-8-sig")
    assert list(flows) == list(tables.FLOWS.columns)
    assert list(flows["tonnes"]) == ["120.5", "1000"]
    errors = capsys.readouterr().err
    assert "companies.csv" in errors
    assert "rivi 4" in errors
    assert "Kuhmalahti-Pelkkä" in errors


def test_import_of_its_own_output_changes_nothing(tmp_path: Path, own, capsys) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    assert main(["import", own[1], own[3], "--out", str(first)]) == 0
    files = [str(first / "companies.csv"), str(first / "flows.csv")]
    assert main(["import", *files, "--out", str(second)]) == 0
    for name in ("companies.csv", "flows.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_import_json_lists_the_problems(tmp_path: Path, own, capsys) -> None:
    broken = tmp_path / "empty.xlsx"
    broken.write_bytes(b"")
    arguments = ["import", own[1], str(broken), "--out", str(tmp_path / "out"), "--json"]
    assert main([*arguments, "--language", "en"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert answer["companies"] == 2
    assert answer["flows"] == 0
    assert len(answer["files"]) == 2
    (problem,) = [one for one in answer["problems"] if one["severity"] == "error"]
    assert problem["file"] == "empty.xlsx"
    assert problem["row"] is None
    assert problem["message"]


def test_import_of_nothing_writes_nothing(tmp_path: Path, capsys) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 not a zip")
    assert main(["import", str(broken), "--out", str(tmp_path / "out")]) == 3
    assert not (tmp_path / "out").exists()
    assert "broken.zip" in capsys.readouterr().err


def test_big_files_show_a_progress_bar(tmp_path: Path, capsys) -> None:
    big = tmp_path / "big.csv"
    row = f"{COMPANIES.splitlines()[1]};{'x' * 1000}\n"
    big.write_text(f"{COMPANIES.splitlines()[0]};Kuvaus\n" + row * 5_100, encoding="utf-8")
    main(["import", str(big), "--out", str(tmp_path / "out")])
    assert "[#########################] 100 %" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".geojson", ".gpkg"])
def test_candidates_of_own_files(tmp_path: Path, own, suffix: str, capsys) -> None:
    out = tmp_path / f"c{suffix}"
    assert main(["candidates", *own, "--out", str(out), "--language", "en"]) == 0
    if suffix == ".csv":
        table = read_csv(out, encoding="utf-8-sig")
    elif suffix == ".xlsx":
        table = pd.read_excel(out, dtype=str, keep_default_na=False)
    else:
        layer = "candidates" if suffix == ".geojson" else "Symbiosis candidates"
        table = gpd.read_file(out, layer=layer)
        assert set(table.geom_type) == {"LineString"}
    row = table[(table["certainty"] == "reported")].iloc[0]
    assert (row["from_company"], row["to_company"], row["material"]) == ("saha", "voima", "bark")
    assert (row["from_name"], row["to_municipality"]) == ("Saha Oy", "179")
    assert float(row["tonnes"]) == 120.5
    safe = f"'{EVIL}" if suffix == ".csv" else EVIL
    assert row["to_name"] == safe
    assert f"{len(table)} candidates" in capsys.readouterr().err


def test_reported_candidates_come_first(tmp_path: Path, own) -> None:
    out = tmp_path / "c.csv"
    main(["candidates", *own, "--out", str(out)])
    classes = read_csv(out)["certainty"].map(tables.CERTAINTIES.index)
    assert classes.is_monotonic_increasing


def test_export_workbook_can_be_exported_again(tmp_path: Path, own) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    assert main(["export", *own, "--out", str(first)]) == 0
    main(["export", "--companies", str(first), "--out", str(second)])
    for sheet in ("Yritykset", "Materiaalivirrat", "Symbioosiehdokkaat"):
        pd.testing.assert_frame_equal(
            pd.read_excel(first, sheet_name=sheet), pd.read_excel(second, sheet_name=sheet)
        )


def test_export_csv_and_geojson_write_a_file_a_table(tmp_path: Path, own, capsys) -> None:
    assert main(["export", *own, "--out", str(tmp_path / "r.csv")]) == 0
    assert main(["export", *own, "--out", str(tmp_path / "r.geojson"), "--language", "en"]) == 0
    names = {path.name for path in tmp_path.glob("r*")}
    assert names == {
        *("r.csv", "r-yritykset.csv", "r-materiaalivirrat.csv"),
        *("r.geojson", "r-companies.geojson", "r-material-flows.csv"),
    }
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbfLuovuttaja;")
    assert set(gpd.read_file(tmp_path / "r-companies.geojson").geom_type) == {"Point"}
    told = capsys.readouterr().err
    assert all(name in told for name in names)


def test_export_geopackage(tmp_path: Path, own) -> None:
    out = tmp_path / "r.gpkg"
    assert main(["export", *own, "--out", str(out)]) == 0
    assert len(gpd.read_file(out, layer="Kunnat")) == 22


def test_brief(tmp_path: Path, own, capsys) -> None:
    out = tmp_path / "laukaa.html"
    assert main(["brief", "Laukaa", *own, "--out", str(out)]) == 0
    html = out.read_text(encoding="utf-8")
    assert "<h1>Laukaa</h1>" in html
    assert "Saha Oy" in html
    assert "keksittyjä" not in html  # no demo banner on one's own data
    assert main(["brief", "410", *own, "--out", str(tmp_path / "code.html")]) == 0
    assert (tmp_path / "code.html").read_text(encoding="utf-8") == html


def test_problems_of_the_files_are_3_and_the_rest_is_done(tmp_path: Path, own, capsys) -> None:
    with (tmp_path / "flows.csv").open("a", encoding="utf-8") as file:
        file.write("olematon;tarjoaa;Kuori;5\n")
    out = tmp_path / "c.csv"
    assert main(["candidates", *own, "--out", str(out)]) == 3
    assert len(read_csv(out)) > 0
    assert "olematon" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["candidates", "--companies", "nowhere.csv", "--out", "c.csv"], "nowhere.csv"),
        (["candidates", "--municipality", "Lauka", "--out", "c.csv"], "Laukaa"),
        (["candidates", "--municipality", "091", "--out", "c.csv"], "091"),
        (["candidates", "--max-km", "0", "--out", "c.csv"], "0 km"),
        (["candidates", "--max-km", "nan", "--out", "c.csv"], "0 km"),
        (["candidates", "--out", "c.shp"], ".gpkg"),
        (["export", "--assumptions", "nowhere.json", "--out", "e.csv"], "nowhere.json"),
        (["brief", "Helsinki", "--out", "b.html"], "Helsinki"),
        (["brief", "Laukaa", "--out", "b.pdf"], ".html"),
        (["import", "nowhere.zip", "--out", "folder"], "nowhere.zip"),
        (["boundaries", "nowhere.gpkg"], "nowhere.gpkg"),
        (["receivers", "99"], "99"),
    ],
)
def test_bad_use_says_what_to_mend(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_told(tmp_path: Path, own, capsys) -> None:
    out = tmp_path / "folder.csv"
    out.mkdir()
    assert main(["candidates", *own, "--out", str(out)]) == 2
    assert "folder.csv" in capsys.readouterr().err


@pytest.fixture(scope="module")
def two_ways(tmp_path_factory) -> list[str]:
    """Options that name a giver of crushed concrete, and takers 26 and 65 road km away."""
    folder = tmp_path_factory.mktemp("concrete")
    (folder / "companies.csv").write_text(
        "Tunniste;Yritys;Toimiala;Kunta;Henkilöstö;X;Y\n"
        "purku;Purku Oy;43110;Jyväskylä;20;430000;6900000\n"
        "lahi;Lähitie Oy;42110;Jyväskylä;20;450000;6900000\n"
        "kauko;Kaukotie Oy;42110;Hankasalmi;20;480000;6900000\n",
        encoding="utf-8",
    )
    (folder / "flows.csv").write_text(
        "Yrityksen tunniste;Suunta;Materiaali;Määrä (t/v)\n"
        "purku;tarjoaa;concrete;5000\n"
        "lahi;tarvitsee;concrete;2000\n"
        "kauko;tarvitsee;concrete;9000\n",
        encoding="utf-8",
    )
    files = (str(folder / f"{name}.csv") for name in ("companies", "flows"))
    return ["--companies", next(files), "--flows", next(files)]


def takers(out: Path, *options: str) -> set[str]:
    """Who could take the reported concrete, by `candidates` with these options."""
    assert main(["candidates", *options, "--out", str(out)]) == 0
    table = read_csv(out, encoding="utf-8-sig")
    chosen = (table["material"] == "concrete") & (table["certainty"] == "reported")
    return set(table.loc[chosen, "to_company"])


@pytest.mark.parametrize(
    ("limit", "near_only"),
    [([], True), (["both"], True), (["co2e"], True), (["eur"], False), (["none"], False)],
)
def test_candidates_heed_the_break_even_limit(tmp_path, two_ways, limit, near_only) -> None:
    # Crushed concrete: 35 road km in CO2e, 200 in euros (docs/method.md).
    options = ["--limit", *limit] if limit else []
    found = takers(tmp_path / "c.csv", *two_ways, *options)
    assert found == ({"lahi"} if near_only else {"lahi", "kauko"})


def test_candidates_heed_own_assumptions(tmp_path, two_ways) -> None:
    file = tmp_path / "own.json"
    # Free of emissions, transport limits nothing in CO2e; euros carry 200 km.
    file.write_text(to_json(Assumptions(transport_kg_tkm=(0.0, 0.0, 0.0))), encoding="utf-8")
    found = takers(tmp_path / "c.csv", *two_ways, "--assumptions", str(file))
    assert found == {"lahi", "kauko"}


def test_own_assumptions_that_look_less_far_are_told(tmp_path, two_ways, capsys) -> None:
    file = tmp_path / "own.json"
    file.write_text(to_json(Assumptions(search_km=30)), encoding="utf-8")
    options = ["--limit", "none", "--assumptions", str(file)]
    assert takers(tmp_path / "c.csv", *two_ways, *options) == {"lahi"}
    assert "enintään 30 km" in capsys.readouterr().err


def test_the_brief_and_the_export_heed_limit_and_assumptions(tmp_path, two_ways) -> None:
    file, out = tmp_path / "own.json", tmp_path / "b.html"
    file.write_text(to_json(Assumptions(waste_tax_eur_t=90.0)), encoding="utf-8")
    more = ["--limit", "eur", "--assumptions", str(file)]
    assert main(["brief", "Jyväskylä", *two_ways, "--out", str(out)]) == 0
    usual = out.read_text(encoding="utf-8")
    assert main(["brief", "Jyväskylä", *two_ways, *more, "--out", str(out)]) == 0
    changed = out.read_text(encoding="utf-8")
    assert "Kannattavuusraja on laskettu euroissa ja päästöissä" in usual
    assert "Kannattavuusraja on laskettu euroissa:" in changed
    assert ("oletuksia on muutettu" in usual, "oletuksia on muutettu" in changed) == (False, True)
    pairs = {}
    for limit in ("both", "none"):
        book = tmp_path / f"{limit}.xlsx"
        arguments = [*two_ways, *more, "--limit", limit, "--language", "en"]
        assert main(["export", *arguments, "--out", str(book)]) == 0
        pairs[limit] = len(pd.read_excel(book, sheet_name="Symbiosis candidates"))
        cells = pd.read_excel(book, sheet_name="Assumptions and sources", header=None).astype(str)
        assert cells.eq("90").any(axis=None)
    assert 0 < pairs["both"] < pairs["none"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"program": "other"}', "\udcff"])
@pytest.mark.parametrize("command", ["candidates", "export"])
def test_assumptions_that_cannot_be_read_are_2(tmp_path, own, command, content, capsys) -> None:
    file, out = tmp_path / "own.json", tmp_path / "c.csv"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert main([command, *own, "--assumptions", str(file), "--out", str(out)]) == 2
    assert "own.json: " in capsys.readouterr().err
    assert not out.exists()


def test_a_wrong_value_in_the_assumptions_is_named(tmp_path, own, capsys) -> None:
    file = tmp_path / "own.json"
    file.write_text(to_json(Assumptions()).replace('"detour_factor": 1.3', '"detour_factor": 9'))
    out = tmp_path / "b.html"
    assert main(["brief", "Laukaa", *own, "--assumptions", str(file), "--out", str(out)]) == 2
    assert "Tiematka jaettuna linnuntiellä" in capsys.readouterr().err
    assert not out.exists()


def test_assumptions_are_never_written_over(tmp_path, own, capsys) -> None:
    file = tmp_path / "own.csv"
    file.write_text(to_json(Assumptions()), encoding="utf-8")
    assert main(["candidates", *own, "--assumptions", str(file), "--out", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == to_json(Assumptions())


def test_boundaries_from_the_bundled_file(tmp_path: Path) -> None:
    download = tmp_path / "kunta.geojson"
    frame = gpd.read_file(DATA / "municipalities.geojson")
    frame = frame.rename(columns={"municipality": "kunta", "name_fi": "nimi"})
    frame[["kunta", "nimi", "geometry"]].to_file(download, driver="GeoJSON")
    out = tmp_path / "new.geojson"
    assert main(["boundaries", str(download), "--out", str(out)]) == 0
    assert len(gpd.read_file(out)) == 22


def test_boundaries_of_something_else_is_3(tmp_path: Path, capsys) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a;b\n1;2\n", encoding="utf-8")
    assert main(["boundaries", str(file), "--out", str(tmp_path / "new.geojson")]) == 3
    assert "other.csv" in capsys.readouterr().err
    assert not (tmp_path / "new.geojson").exists()


def test_receivers_as_text(capsys) -> None:
    assert main(["receivers", "03 01 05", "--language", "en"]) == 0
    text = capsys.readouterr().out
    assert "03 01 05" in text
    assert "Sawdust" in text


def test_workbook_holds_no_formula(tmp_path: Path, own) -> None:
    out = tmp_path / "c.xlsx"
    main(["candidates", *own, "--out", str(out)])
    for sheet in openpyxl.load_workbook(out).worksheets:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_file_that_is_read_is_never_written_over(tmp_path, capsys):
    own = tmp_path / "companies.csv"
    own.write_text("Yritys;Kunta\nA;Laukaa\n", encoding="utf-8")
    before = own.read_bytes()
    assert main(["candidates", "--companies", str(own), "--out", str(own)]) == 2
    assert main(["import", str(own), "--out", str(tmp_path)]) == 2
    assert own.read_bytes() == before
    assert "toinen nimi" in capsys.readouterr().err
