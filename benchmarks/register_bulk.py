"""Seconds and memory of importing the whole business register, filtered to the region.

    python benchmarks/register_bulk.py                     # 460,000 companies, about 1.4 GB of JSON
    python benchmarks/register_bulk.py --companies 46000 --peer

The first part writes a bulk file in the register's real shape (history of names, all code sets,
descriptions in three languages, two addresses) with companies that don't exist. The second part
imports it in a process of its own and prints its seconds and its peak of resident memory. `--peer`
also measures what one would write first: `json.load` of the unpacked member, then the same filter.
The file is made in a temporary folder and deleted.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kiertokylat import reference

SEED = 20260101
REAL_COMPANIES = 460_000
# Central Finland's share of the country's companies is assumed to follow its population.
REGION_SHARE = 0.05

FORMS = [("16", "Osakeyhtiö", "Aktiebolag", "Limited company"),
         ("13", "Kommandiittiyhtiö", "Kommanditbolag", "Limited partnership"),
         ("5", "Avoin yhtiö", "Öppet bolag", "General partnership"),
         ("2", "Asunto-osakeyhtiö", "Bostadsaktiebolag", "Housing company"),
         ("14", "Osuuskunta", "Andelslag", "Co-operative")]  # fmt: skip
INDUSTRIES = [("16100", "Puun sahaus, höyläys ja kyllästys", "Sågning och hyvling av trä",
               "Sawmilling and planing of wood"),
              ("25110", "Metallirakenteiden ja niiden osien valmistus",
               "Tillverkning av metallstommar", "Manufacture of metal structures"),
              ("41200", "Asuin- ja muiden rakennusten rakentaminen", "Byggande av bostadshus",
               "Construction of residential and non-residential buildings"),
              ("10710", "Leivän valmistus; tuoreiden leivonnaisten valmistus",
               "Tillverkning av mjukt matbröd", "Manufacture of bread"),
              ("68202", "Asuntojen ja asuinkiinteistöjen hallinta",
               "Förvaltning av bostadsfastigheter", "Management of dwellings"),
              ("62010", "Ohjelmistojen suunnittelu ja valmistus", "Dataprogrammering",
               "Computer programming activities")]  # fmt: skip
ENTRIES = [("01", "1", "2", "Rekisterissä", "Registrerad", "Registered"),
           ("41", "7", "1", "Työnantajarekisterissä", "I arbetsgivarregistret", "Employer"),
           ("55", "5", "1", "Ennakkoperintärekisterissä", "I förskottsuppbördsregistret",
            "Registered for prepayment"),
           ("80", "6", "1", "Arvonlisäverovelvollinen", "Momsskyldig", "VAT-liable")]  # fmt: skip


def business_id(number: int) -> str | None:
    """The number with its check digit; None where there is none."""
    digits = f"{number:07d}"
    rest = sum(int(d) * w for d, w in zip(digits, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return None if rest == 1 else f"{digits}-{(11 - rest) % 11}"


def texts(*words: str) -> list[dict[str, str]]:
    return [{"languageCode": str(n), "description": w} for n, w in enumerate(words, start=1)]


def date(random_: random.Random) -> str:
    return (
        f"{random_.randint(1980, 2025)}-{random_.randint(1, 12):02d}-{random_.randint(1, 28):02d}"
    )


def address(random_: random.Random, kind: int, place: tuple[str, str, str]) -> dict[str, object]:
    code, municipality, town = place
    return {
        "type": kind, "street": f"Keksitty Koekatu {random_.randint(1, 99)}",
        "buildingNumber": str(random_.randint(1, 99)), "entrance": random_.choice(["", "A", "B"]),
        "apartmentNumber": random_.choice(["", "3", "12"]), "apartmentIdSuffix": "",
        "postCode": code,
        "postOffices": [
            {"city": town.upper(), "languageCode": language, "municipalityCode": municipality}
            for language in ("1", "2")
        ],
        "postOfficeBox": "", "co": random_.choice(["", "Tilitoimisto Olematon Oy"]),
        "country": "FI", "freeAddressLine": "", "registrationDate": date(random_), "source": "0",
    }  # fmt: skip


def company(random_: random.Random, number: int, identity: str, places: list) -> dict[str, object]:
    form, industry = random_.choice(FORMS), random_.choice(INDUSTRIES)
    inside, outside = places
    place = random_.choice(inside if random_.random() < REGION_SHARE else outside)
    name = f"Kuvitteellinen Koeyhtiö {number} Oy"
    ended = [
        {"name": f"{name}, entinen nimi {n}", "type": "1", "registrationDate": date(random_),
         "endDate": date(random_), "version": n + 1, "source": "1"}
        for n in range(1, random_.choice([1, 2, 2, 3]))
    ]  # fmt: skip
    parallel = [{"name": f"{name} Ltd", "type": "2", "registrationDate": date(random_),
                 "version": 1, "source": "1"}] * (random_.random() < 0.3)  # fmt: skip
    code_set = random_.choices(["TOIMI4", "TOIMI3", "TOIMI2"], [90, 9, 1])[0]
    separator = random_.choice(["T", "T", "T", " "])
    ceased = random_.random() < 0.01
    return {
        "businessId": {"value": identity, "registrationDate": date(random_), "source": "3"},
        "euId": {"value": f"FIFPRO.{identity}", "source": "1"},
        "names": [
            {"name": name, "type": "1", "registrationDate": date(random_), "version": 1,
             "source": "1"}, *parallel, *ended,
        ],
        "mainBusinessLine": {
            "type": industry[0], "descriptions": texts(*industry[1:]), "typeCodeSet": code_set,
            "registrationDate": "2026-01-01", "source": "2",
        },
        "companyForms": [
            {"type": form[0], "descriptions": texts(*form[1:]), "registrationDate": date(random_),
             "version": 1, "source": "1"}
        ],
        "companySituations": [],
        "registeredEntries": [
            {"type": entry[0], "descriptions": texts(*entry[3:]), "registrationDate": date(random_),
             "register": entry[1], "authority": entry[2]}
            for entry in ENTRIES
        ],
        "addresses": [address(random_, kind, place) for kind in (1, 2)],
        "tradeRegisterStatus": "4" if ceased else "1", "status": "2",
        "registrationDate": date(random_),
        "lastModified": f"2026-01-0{random_.randint(1, 9)}{separator}07:49:26",
    }  # fmt: skip


def records(count: int) -> Iterator[dict[str, object]]:
    random_ = random.Random(SEED)
    inside = [
        (str(code), row.municipality, row.name)
        for code, row in zip(
            reference.postal_codes().index,
            reference.postal_codes()[["municipality", "name"]].itertuples(index=False),
            strict=True,
        )
    ]
    outside = [("00100", "091", "Helsinki"), ("33100", "837", "Tampere"), ("90100", "564", "Oulu")]
    made, number = 0, 100_000
    while made < count:
        number += 7
        identity = business_id(number)
        if identity is not None:
            yield company(random_, made, identity, [inside, outside])
            made += 1


def write(path: Path, count: int) -> int:
    """The zip with one JSON array; returns the bytes of JSON."""
    size = 0
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        archive.open("all_companies.json", "w", force_zip64=True) as member,
    ):
        for number, record in enumerate(records(count)):
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            size += member.write(f"{',' if number else '['}{text}".encode())
        size += member.write(b"]")
    return size


def measure(path: Path, how: str) -> dict[str, float]:
    """Seconds, peak megabytes and companies kept, of one import in a process of its own."""
    command = [sys.executable, __file__, "--measure", how, "--file", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def measured(path: Path, how: str) -> dict[str, float]:
    calls = []
    if how == "streamed":
        from kiertokylat.ingest import ingest

        begin = time.perf_counter()
        kept = len(ingest([path], progress=calls.append).companies)
    else:
        begin = time.perf_counter()
        with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as member:
            whole = json.load(member)
        codes = set(reference.municipalities().index)
        kept = sum(
            record["tradeRegisterStatus"] == "1"
            and record["addresses"][0]["postOffices"][0]["municipalityCode"] in codes
            for record in whole
        )
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": seconds, "megabytes": peak, "kept": kept, "progress_calls": len(calls)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=REAL_COMPANIES)
    parser.add_argument("--peer", action="store_true", help="measure json.load as well")
    parser.add_argument("--measure", choices=["streamed", "whole"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.file, options.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.zip"
        begin = time.perf_counter()
        size = write(path, options.companies)
        print(
            f"{options.companies:,} companies: {size / 1e6:,.0f} MB of JSON, "
            f"{path.stat().st_size / 1e6:,.0f} MB zipped, "
            f"written in {time.perf_counter() - begin:.0f} s"
        )
        for how in ["streamed", *(["whole"] if options.peer else [])]:
            result = measure(path, how)
            print(
                f"{how:>9}: {result['seconds']:6.1f} s, peak {result['megabytes']:,.0f} MB, "
                f"{result['kept']:,} companies kept, {result['progress_calls']} progress calls"
            )


if __name__ == "__main__":
    main()
