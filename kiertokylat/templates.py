"""An empty workbook for companies and flows, with lists to choose from, which the import reads."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Literal, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from kiertokylat import reference, tables
from kiertokylat.palette import INK, LAND
from kiertokylat.words import Language, say

Kind = Literal["companies", "flows"]

ROWS = 10_000  # rows that have the lists
_TEXT = "@"  # Excel's format for text: no code loses its zero or becomes a date
_FONT = Font(bold=True, color=f"FF{INK[1:]}")
_FILLS = {
    True: PatternFill("solid", fgColor="FFF2D9A0"),
    False: PatternFill("solid", fgColor=f"FF{LAND[1:]}"),
}
_WRAPPED = Alignment(wrap_text=True, vertical="top")


class _Column(NamedTuple):
    """A column of a sheet; its heading is the text `heading`, its help `templates.help_{name}`."""

    name: str
    heading: str
    width: int = 16
    required: bool = False
    text: bool = False
    choice: str = ""


_COLUMNS: dict[Kind, tuple[_Column, ...]] = {
    "companies": (
        _Column("name", "export.name", 34, required=True),
        _Column("business_id", "export.business_id", text=True),
        _Column(
            "municipality", "export.municipality_name", 20, required=True, choice="municipality"
        ),
        _Column("nace", "export.nace", 44, text=True, choice="industry"),
        _Column("employees", "export.employees", 12),
        _Column("address", "templates.address", 28),
        _Column("postal_code", "templates.postal_code", 12, text=True),
        _Column("lat", "templates.lat"),
        _Column("lon", "templates.lon"),
        _Column("id", "export.id", text=True),
        _Column("source", "export.source", 28),
    ),
    "flows": (
        _Column("company", "export.name", 34, required=True),
        _Column("company_id", "export.company_id", 22, text=True),
        _Column("direction", "export.direction", 14, required=True, choice="direction"),
        _Column("material", "export.material", 36, required=True, choice="material"),
        _Column("ewc", "export.ewc", 14, text=True),
        _Column("tonnes_low", "export.tonnes_low"),
        _Column("tonnes", "export.tonnes"),
        _Column("tonnes_high", "export.tonnes_high"),
        _Column("continuity", "export.continuity", 18, choice="continuity"),
        _Column("basis", "export.basis", choice="basis"),
        _Column("source", "export.source", 28),
        _Column("note", "export.note", 40),
    ),
}
# The import understands other texts there too: codes of five digits, everyday words. So these
# lists advise, the others insist.
_OPEN = ("municipality", "industry", "material")


def choices(language: Language) -> dict[str, list[str]]:
    """What the drop-down lists hold, all of it understood by the import.

    Returns
    -------
    dict
        `municipality` (names), `industry` (division and its name), `material` (names), `direction`,
        `continuity`, `basis`.
    """
    divisions = reference.divisions()[f"name_{language}"]
    return {
        "municipality": sorted(reference.municipalities()["name_fi"]),
        "industry": [f"{code} {name}" for code, name in divisions.sort_index().items()],
        "material": list(reference.materials()[f"name_{language}"]),
        "direction": [say(f"export.direction_{key}", language) for key in tables.DIRECTIONS],
        "continuity": [
            say(f"export.continuity_{key}", language) for key in tables.CONTINUITIES if key
        ],
        "basis": [
            say(f"export.basis_{key}", language)
            for key in tables.BASES
            if key != "estimated"  # estimates are made anew, never read
        ],
    }


def template_bytes(language: Language) -> bytes:
    """The template as XLSX.

    Its sheets are instructions with an example, companies, flows, and the lists (hidden), which
    have a sheet of their own because Excel takes no list of more than 255 characters in a cell.

    Parameters
    ----------
    language
        Of headings, lists and instructions.
    """
    book = Workbook()
    lists = choices(language)
    places = _places(lists, say("templates.lists", language))
    _guide(book.active, lists, language)
    for kind in _COLUMNS:
        _sheet(book, kind, places, language)
    _lists(book, lists, say("templates.lists", language))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _heading(column: _Column, language: Language) -> str:
    """A heading that the import knows; an asterisk, which it passes over, marks required ones."""
    return say(column.heading, language) + (" *" if column.required else "")


def _places(lists: dict[str, list[str]], title: str) -> dict[str, str]:
    """Where each list stands, as a formula says it."""
    letters = (get_column_letter(number) for number in range(1, len(lists) + 1))
    return {
        name: f"'{title}'!${letter}$1:${letter}${len(values)}"
        for (name, values), letter in zip(lists.items(), letters, strict=True)
    }


def _sheet(book: Workbook, kind: Kind, places: dict[str, str], language: Language) -> None:
    sheet: Any = book.create_sheet(say(f"export.table_{kind}", language))
    sheet.freeze_panes = "B2"
    for number, column in enumerate(_COLUMNS[kind], start=1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, _heading(column, language))
        cell.font, cell.fill, cell.alignment = _FONT, _FILLS[column.required], _WRAPPED
        sheet.column_dimensions[letter].width = column.width
        if column.text:
            sheet.column_dimensions[letter].number_format = _TEXT
        if column.choice:
            rule = _rule(column.choice, places[column.choice], language)
            rule.add(f"{letter}2:{letter}{ROWS + 1}")
            sheet.add_data_validation(rule)


def _rule(choice: str, place: str, language: Language) -> DataValidation:
    advises = choice in _OPEN
    key = "templates.advice" if advises else "templates.not_in_list"
    return DataValidation(
        type="list",
        formula1=place,
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="warning" if advises else "stop",
        error=say(key, language),
        errorTitle=say("templates.not_in_list_title", language),
    )


def _lists(book: Workbook, lists: dict[str, list[str]], title: str) -> None:
    """The lists side by side, without headings: those the import would take for a table's."""
    sheet: Any = book.create_sheet(title)
    sheet.sheet_state = "hidden"
    for number, values in enumerate(lists.values(), start=1):
        for row, value in enumerate(values, start=1):
            sheet.cell(row, number, value).data_type = "s"


def _guide(sheet: Any, lists: dict[str, list[str]], language: Language) -> None:
    """Instructions; the example runs downwards, so that the import takes no row for headings."""
    sheet.title = say("templates.guide", language)
    sheet.append([say("templates.title", language)])
    for key in ("steps", "required", "lists_help", "location", "sole_traders", "personal"):
        sheet.append([say(f"templates.{key}", language)])
    merged = range(2, sheet.max_row + 1)
    example = _example(lists, language)
    heads = []
    for kind, columns in _COLUMNS.items():
        sheet.append([])
        sheet.append([say(f"templates.columns_{kind}", language)])
        titles = [
            say(f"templates.guide_{name}", language) for name in ("column", "help", "example")
        ]
        sheet.append(titles)
        heads += [sheet.max_row - 1, sheet.max_row]
        for column in columns:
            text = say(f"templates.help_{column.name}", language)
            sheet.append([_heading(column, language), text, example[kind, column.name]])
    _styled(sheet, merged, heads)


def _styled(sheet: Any, merged: Sequence[int], heads: Sequence[int]) -> None:
    for letter, width in (("A", 30), ("B", 74), ("C", 48)):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = _WRAPPED
    for number in merged:
        sheet.merge_cells(f"A{number}:C{number}")
        sheet.row_dimensions[number].height = 32
    for number in heads:
        for cell in sheet[number]:
            cell.font = _FONT
    sheet["A1"].font = Font(bold=True, size=14, color=f"FF{INK[1:]}")


def _example(lists: dict[str, list[str]], language: Language) -> dict[tuple[Kind, str], object]:
    """A company that does not exist and its sawdust, by kind and column."""
    company = say("templates.example_company", language)
    source = say("templates.example_source", language)
    industry = next(text for text in lists["industry"] if text.startswith("16 "))
    material = str(reference.materials().loc["sawdust", f"name_{language}"])
    known: dict[Kind, dict[str, object]] = {
        "companies": {"name": company, "municipality": "Multia", "nace": industry,
                      "employees": 12, "id": "esimerkki-1", "source": source},
        "flows": {"company": company, "company_id": "esimerkki-1", "material": material,
                  "direction": lists["direction"][0], "ewc": "03 01 05", "tonnes_low": 80,
                  "tonnes": 100, "tonnes_high": 130, "continuity": lists["continuity"][0],
                  "basis": lists["basis"][0], "source": source},
    }  # fmt: skip
    return {
        (kind, column.name): known[kind].get(column.name)
        for kind, columns in _COLUMNS.items()
        for column in columns
    }
