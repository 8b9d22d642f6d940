"""Small real files for the tests: bytes under a name, as an upload gives them."""

import io
import json
import zipfile
from collections.abc import Iterable

import openpyxl

from kiertokylat.ingest import Ingested, ingest

File = tuple[str, bytes]


def read(*files: File, **options: object) -> Ingested:
    return ingest([(name, io.BytesIO(content)) for name, content in files], **options)


def codes(result: Ingested) -> list[str]:
    return [problem.code for problem in result.problems]


def csv(*lines: str, name: str = "lista.csv", encoding: str = "utf-8") -> File:
    return name, "\n".join(lines).encode(encoding)


def workbook(**sheets: Iterable[Iterable[object]]) -> File:
    """An XLSX file; texts that begin with = stay texts."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str) and not value.startswith("#"):
                    cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return "lista.xlsx", file.getvalue()


def zipped(name: str = "rekisteri.zip", **members: bytes) -> File:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return name, file.getvalue()


def record(**changes: object) -> dict[str, object]:
    """A record of the business register in its full shape, of a company that doesn't exist."""
    return {
        "businessId": {"value": "1234567-1", "registrationDate": "2014-10-07", "source": "3"},
        "names": [
            {
                "name": "Kuvitteellinen Saha Oy", "type": "1", "registrationDate": "2020-05-12",
                "version": 1, "source": "1",
            },
            {
                "name": "Entinen Nimi Oy", "type": "1", "registrationDate": "2014-10-29",
                "endDate": "2020-05-11", "version": 2, "source": "1",
            },
            {
                "name": "Rinnakkainen Ltd", "type": "2", "registrationDate": "2021-01-01",
                "version": 1, "source": "1",
            },
        ],
        "mainBusinessLine": {
            "type": "16100",
            "descriptions": [{"languageCode": "1", "description": "Puun sahaus"}],
            "typeCodeSet": "TOIMI4", "registrationDate": "2026-01-01", "source": "2",
        },
        "companyForms": [{"type": "16", "descriptions": [], "version": 1, "source": "1"}],
        "companySituations": [],
        "registeredEntries": [],
        "addresses": [address(1)],
        "tradeRegisterStatus": "1",
        "status": "2",
        "registrationDate": "2014-10-29",
        "lastModified": "2026-01-02T07:49:26",
    } | changes  # fmt: skip


def address(kind: int, code: str = "40100", city: str = "JYVÄSKYLÄ", municipality: object = "179",
            **changes: object) -> dict[str, object]:  # fmt: skip
    return {
        "type": kind, "street": "Koekatu", "buildingNumber": "1", "entrance": "A",
        "apartmentNumber": "12", "apartmentIdSuffix": "b", "postCode": code,
        "postOffices": [{"city": city, "languageCode": "1", "municipalityCode": municipality}],
        "postOfficeBox": "", "co": "Salainen Henkilö", "country": "FI", "freeAddressLine": "",
        "registrationDate": "2020-01-01", "source": "0",
    } | changes  # fmt: skip


def answer(*records: dict[str, object]) -> File:
    content = {"totalResults": len(records), "companies": list(records)}
    return "vastaus.json", json.dumps(content).encode()
