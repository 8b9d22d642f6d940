"""What each command of the command line does; `__main__` reads the arguments.

Results go to files or standard output, everything that is said about them to standard error.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kiertokylat import boundaries, export, geopackage, workbook
from kiertokylat import receivers as receiver_rules
from kiertokylat.analysis import Analysis, analyse
from kiertokylat.asked import Asked, UsageError, assumptions_of, existing
from kiertokylat.assumptions import Assumptions
from kiertokylat.brief import brief
from kiertokylat.command_data import (
    BAD_USE,
    DONE,
    PROBLEMS,
    Data,
    commitments_of,
    exit_code,
    ingest_files,
    municipality,
    read,
)
from kiertokylat.console import list_problems, print_json, put, tell
from kiertokylat.figures import number
from kiertokylat.problems import problems_table
from kiertokylat.rank import rank
from kiertokylat.selection import select
from kiertokylat.words import Language, counted, say

SUFFIXES = (".csv", ".xlsx", ".geojson", ".gpkg")


def _say(key: str, language: Language, **values: object) -> str:
    return say(f"commands.{key}", language, **values)


def _spare(inputs: Sequence[Path], outputs: Sequence[Path], language: Language) -> None:
    """Refuse to write over a file that is being read."""
    read_from = {file.resolve() for file in inputs}
    for file in outputs:
        if file.resolve() in read_from:
            raise UsageError(_say("would_overwrite", language, file=file))


def _suffix(
    file: Path, known: Sequence[str], language: Language, inputs: Sequence[Path] = ()
) -> str:
    suffix = file.suffix.lower()
    _spare(inputs, [file], language)
    if suffix not in known:
        texts = {"file": file, "suffixes": ", ".join(known)}
        raise UsageError(_say("unknown_suffix", language, **texts))
    file.parent.mkdir(parents=True, exist_ok=True)
    return suffix


def _analysed(data: Data, assumptions: Assumptions, language: Language) -> Analysis:
    """The analysis; tells if only each supply's nearest candidates could be kept."""
    found = analyse(data.companies, data.flows, assumptions)
    if found.nearest_only is not None:
        every = number(found.pairs_found, language, digits=2)
        tell(_say("nearest_only", language, found=every, nearest=found.nearest_only))
    return found


# --- commands ---


def import_files(files: Sequence[Path], folder: Path, language: Language, *, as_json: bool) -> int:
    """Files of any known kind ► `companies.csv` and `flows.csv` with the columns of `tables`."""
    _spare(files, [folder / f"{name}.csv" for name in ("companies", "flows")], language)
    found = ingest_files(files, language)
    empty = found.companies.empty and found.flows.empty
    written = []
    if not empty:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in (("companies", found.companies), ("flows", found.flows)):
            file = folder / f"{name}.csv"
            file.write_bytes(export.csv_bytes(table))
            written.append(str(file))
    counts = {"companies": len(found.companies), "flows": len(found.flows)}
    if as_json:
        records = problems_table(found.problems, language).to_json(orient="records")
        print_json({**counts, "files": written, "problems": json.loads(records)})
    else:
        list_problems(found.problems, language)
    tell(
        _say("nothing_read", language)
        if empty
        else _say(
            "imported",
            language,
            folder=folder,
            **{
                name: counted(f"commands.{name}", count, language) for name, count in counts.items()
            },
        )
    )
    return PROBLEMS if empty else exit_code(found.problems)


def receivers(codes: Sequence[str], language: Language, *, as_json: bool) -> int:
    """The divisions that could use each waste, best first, on standard output."""
    unknown = [code for code in codes if receiver_rules.normalise(code) is None]
    for code in unknown:
        tell(_say("unknown_code", language, value=code))
    for code in codes:
        if as_json:
            print_json(receiver_rules.answer(code, language))
        elif code not in unknown:
            put(_receivers_text(code, language))
    return BAD_USE if unknown else DONE


def _receivers_text(code: str, language: Language) -> str:
    answer = receiver_rules.answer(code, language)
    ewc = answer["ewc"]
    material = export.names("materials", language)[answer["material"]]
    divisions = export.names("divisions", language)
    lines = [f"{ewc[:2]} {ewc[2:4]} {ewc[4:]}  {material}"]
    for row in answer["receivers"]:
        route = say(f"explain.route_{row['route']}", language)
        division = f"{row['division']} {divisions.get(row['division'], '')}"
        lines.append(f"{row['rank']:4}. {division}: {row['use']} ({route}, {row['evidence']})")
    if not answer["receivers"]:
        lines.append(f"      {_say('no_receivers', language)}")
    return "\n".join(lines) + "\n"


def candidates(asked: Asked, place: str | None, out: Path) -> int:
    """Ranked candidates to one file, with the columns of `tables` and readable ones beside."""
    language = asked.language
    suffix = _suffix(out, SUFFIXES, language, asked.inputs)
    assumptions = assumptions_of(asked)
    codes = (municipality(place, language),) if place else ()
    data = read(asked)
    if data is None:
        return PROBLEMS
    found = _analysed(data, assumptions, language)
    chosen = select(found, replace(asked.region, municipalities=codes)).candidates
    ranked = replace(found, candidates=rank(chosen))
    table = export.readable(ranked, "candidates", language)
    if suffix == ".csv":
        out.write_bytes(export.csv_bytes(table))
    elif suffix == ".xlsx":
        out.write_bytes(workbook.table_bytes(table, say("export.table_candidates", language)))
    elif suffix == ".geojson":
        lines = export.candidate_lines(table, data.companies)
        out.write_bytes(export.geojson_bytes(lines, "candidates"))
    else:
        lines = export.candidate_lines(table, data.companies)
        geopackage.write_lines(lines, out, language)
    tell(
        _say(
            "candidates_written",
            language,
            candidates=counted("commands.candidates", len(table), language),
            file=out,
        )
    )
    return data.code


def export_all(asked: Asked, out: Path) -> int:
    """The whole analysis for people: a workbook, a GeoPackage, or a CSV or GeoJSON file a table.

    Of CSV and GeoJSON, `out` holds the candidates; companies and flows (CSV) stand beside it.
    """
    language = asked.language
    suffix = _suffix(out, SUFFIXES, language, asked.inputs)
    assumptions = assumptions_of(asked)
    data = read(asked)
    if data is None:
        return PROBLEMS
    found = _analysed(data, assumptions, language)
    near = select(found, asked.region).candidates
    analysis = replace(found, candidates=rank(near))
    if suffix == ".xlsx":
        book = workbook.workbook_bytes(analysis, language, assumptions, within=asked.region)
        out.write_bytes(book)
        written = [out]
    elif suffix == ".gpkg":
        geopackage.write_geopackage(analysis, out, language, public=asked.public)
        written = [out]
    elif suffix == ".csv":
        written = _write_csv(analysis, out, language)
    else:
        written = _write_geojson(analysis, out, language)
    for file in written:
        tell(_say("written", language, file=file))
    return data.code


def _beside(out: Path, kind: str, language: Language) -> Path:
    name = say(f"export.table_{kind}", language).lower().replace(" ", "-")
    return out.with_name(f"{out.stem}-{name}{out.suffix}")


def _write_csv(analysis: Analysis, out: Path, language: Language) -> list[Path]:
    kinds: dict[export.Kind, Path] = {
        "candidates": out,
        "companies": _beside(out, "companies", language),
        "flows": _beside(out, "flows", language),
    }
    for kind, file in kinds.items():
        _write_headed(analysis, kind, file, language)
    return list(kinds.values())


def _write_headed(analysis: Analysis, kind: export.Kind, file: Path, language: Language) -> None:
    table = export.headed(export.readable(analysis, kind, language), kind, language)
    file.write_bytes(export.csv_bytes(table, decimal="," if language == "fi" else "."))


def _write_geojson(analysis: Analysis, out: Path, language: Language) -> list[Path]:
    table = export.readable(analysis, "candidates", language)
    lines = export.candidate_lines(table, analysis.companies)
    out.write_bytes(export.geojson_bytes(lines, say("export.table_candidates", language)))
    points = export.company_points(export.readable(analysis, "companies", language))
    beside = _beside(out, "companies", language)
    beside.write_bytes(export.geojson_bytes(points, say("export.table_companies", language)))
    # Flows have no place of their own.
    flows = _beside(out, "flows", language).with_suffix(".csv")
    _write_headed(analysis, "flows", flows, language)
    return [out, beside, flows]


def write_brief(asked: Asked, place: str, out: Path) -> int:
    """The printable brief of one municipality, two pages."""
    language = asked.language
    _suffix(out, (".html", ".htm"), language, asked.inputs)
    assumptions = assumptions_of(asked)
    code = municipality(place, language)
    data = read(asked)
    if data is None:
        return PROBLEMS
    analysis = _analysed(data, assumptions, language)
    # Looking farther for a longer distance is the question, not another assumption.
    edited = asked.assumptions is not None and assumptions != Assumptions()
    page = brief(
        code,
        analysis,
        language,
        max_km=asked.max_km,
        limit=asked.limit,
        assumptions=assumptions,
        edited=edited,
        public=asked.public,
        commitments=commitments_of(asked, analysis),
    )
    out.write_text(page, encoding="utf-8")
    tell(_say("written", language, file=out))
    return data.code


def rebuild_boundaries(file: Path, out: Path | None, language: Language) -> int:
    """An official download of boundaries ► `data/municipalities.geojson` (or another file)."""
    existing([file], language)
    path = boundaries.write(boundaries.rebuild(file), out)
    tell(_say("written", language, file=path))
    return DONE
