"""The text of one cell ► a number, a code or a keyword."""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from stdnum.fi import ytunnus

from kiertokylat.ingest.sheet import fold

# Excel turns "10.11" or "03.01.05" into a date, and nobody can tell which code it was.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.(19|20)\d{2}")
_EXCEL_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|PUUTTUU!?|ARVO!?|NIMI\?)")
_NOTHING = frozenset(
    (
        "",
        "-",
        "–",
        "—",
        "?",
        "ei tiedossa",
        "ei tietoa",
        "tuntematon",
        "unknown",
        "n a",
        "na",
        "nan",
    )
)


def is_date(text: str) -> bool:
    """Whether a cell holds a date, where a code or a number should be."""
    return _DATE.fullmatch(text) is not None


def is_excel_error(text: str) -> bool:
    """Whether a cell holds the message of a broken formula."""
    return _EXCEL_ERROR.fullmatch(text.upper()) is not None


def is_nothing(text: str) -> bool:
    """Whether a cell says that nothing is known."""
    return text in _NOTHING or fold(text) in _NOTHING


_GROUPED = re.compile(r"[-+]?\d{1,3}(?:(?: \d{3})+|(?:\.\d{3}){2,}|(?:,\d{3}){2,})(?:[.,]\d+)?")
_SIMPLE = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_BOTH = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:,\d{3})+\.\d+")


@lru_cache(maxsize=65_536)
def number(text: str) -> float | None:
    """A number with a decimal comma or point, and spaces or the other mark between thousands.

    Returns
    -------
    float or None
        None if the text is no number. `1,234` is one and a bit: see `is_ambiguous`.
    """
    text = " ".join(text.replace("−", "-").split())
    if not (_SIMPLE.fullmatch(text) or _GROUPED.fullmatch(text) or _BOTH.fullmatch(text)):
        return None
    text = text.replace(" ", "")
    for mark, other in ((",", "."), (".", ",")):
        if text.count(mark) > 1 or (mark in text and other in text.split(mark, 1)[1]):
            text = text.replace(mark, "")  # between thousands
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None


def is_ambiguous(text: str, *, typed: bool) -> bool:
    """Whether a number may mean thousands as well as a fraction: `1,234` (and `1.234` in text)."""
    return re.fullmatch(r"[1-9]\d{0,2}," + r"\d{3}", text) is not None or (
        not typed and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text) is not None
    )


class Amount(NamedTuple):
    """A cell with an amount: a number or a range, and the unit that stands behind it."""

    low: float
    best: float
    high: float
    unit: str = ""


_N = r"(?:\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d[\d.,]*(?:[eE][-+]?\d+)?|[.,]\d+)"
_AMOUNT = re.compile(
    rf"(?:(?:noin|n\.|arviolta|arvio|about|ca\.?|~|≈) ?)?([-+−]?{_N})"
    rf"(?: ?(?:-|–|—|…|\.\.\.) ?({_N}))?(?: ?([^\W\d_][^\n]*))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def amount(text: str) -> Amount | None:
    """An amount such as `1 234,5`, `noin 100 t/v` or `100–200 kg`.

    Returns
    -------
    Amount or None
        The middle of a range is its best value; None if the text is no amount.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return None
    first, second, unit = match.groups()
    low = number(first)
    high = low if second is None else number(second)
    if low is None or high is None:
        return None
    return Amount(low, (low + high) / 2, high, (unit or "").strip())


# Tonnes in one of the unit. A unit of time other than the year is not guessed at.
_TONNES = {"t": 1.0, "tn": 1.0, "ton": 1.0, "tonni": 1.0, "tonnia": 1.0, "tonnit": 1.0,
           "tonne": 1.0, "tonnes": 1.0, "tons": 1.0, "kt": 1000.0, "kg": 0.001, "kilo": 0.001,
           "kiloa": 0.001, "kilos": 0.001, "kilogramma": 0.001, "kilogrammaa": 0.001,
           "g": 1e-6, "grammaa": 1e-6, "gramma": 1e-6}  # fmt: skip
_PER_YEAR = re.compile(r"(?: per)? (?:a|v|vuosi|vuodessa|vuosittain|year|yr)$")
_THOUSAND = re.compile(r"^(?:1000|1 000|tuhat|tuhatta|thousand) ")


@lru_cache(maxsize=4096)
def tonnes_in(unit: str) -> float | None:
    """Tonnes (a year) in one of a unit: 1 for an empty text and `t/a`, 0.001 for `kg`.

    Returns
    -------
    float or None
        None for a unit that is no mass (`m3`, `kpl`) or not a year's.
    """
    name = _PER_YEAR.sub("", " " + fold(unit.strip(" ."))).strip()
    rest = _THOUSAND.sub("", name)
    factor = 1.0 if not name else _TONNES.get(rest)
    return factor if factor is None or rest == name else 1000 * factor


_EWC = re.compile(r"(\d{1,2})[ ._-]?(\d{2})[ ._-]?(\d{2}) ?\*?(?!\d)(?: *[^\d\s*].*)?", re.DOTALL)


@lru_cache(maxsize=65_536)
def ewc(text: str) -> str | None:
    """A waste code as six digits.

    Returns
    -------
    str or None
        None unless the text begins with six digits (five if the leading zero is lost) of a chapter
        from 01 to 20.
    """
    if is_date(text):
        return None
    match = _EWC.fullmatch(text.strip().removeprefix("EWC").strip())
    if match is None or not 1 <= int(match.group(1)) <= 20:
        return None
    return match.group(1).zfill(2) + match.group(2) + match.group(3)


_ONE_CODE = re.compile(r"(?<!\d)\d{2}[ ._-]?\d{2}[ ._-]?\d{2}(?!\d)")


def has_several_codes(text: str) -> bool:
    """Whether a cell names more than one waste code: `030105, 030101`."""
    return len({ewc(code) for code in _ONE_CODE.findall(text)} - {None}) > 1


_NACE = re.compile(
    r"[A-Ua-u]?[ .]?(\d{1,2})(?:\.(\d{1,3}))?(?:\.(\d{1,2}))?(?!\d)(?:[ :,–-].*)?"
    r"|[A-Ua-u]?(\d{3,5})(?:[ :,–-].*)?",
    re.DOTALL,
)


@lru_cache(maxsize=65_536)
def nace(text: str) -> str | None:
    """The digits of a TOL or NACE code (`16.10`, `C16.10`, `16100`, `16 Sahatavara`).

    Returns
    -------
    str or None
        Two to five digits; None if the text doesn't begin with a code.
    """
    match = _NACE.fullmatch(text.strip())
    if match is None or is_date(text):
        return None
    division, group, rest, plain = match.groups()
    digits = plain or division.zfill(2) + (group or "") + (rest or "")
    return digits if len(digits) <= 5 and digits[:2] != "00" else None


@lru_cache(maxsize=65_536)
def business_id(text: str) -> str | None:
    """A Finnish business id as `NNNNNNN-C`.

    Parameters
    ----------
    text
        With or without the dash, as a VAT number (`FI…`), or with the leading zeros lost.

    Returns
    -------
    str or None
        None if the check digit is wrong (python-stdnum, `stdnum.fi.ytunnus`) or it is no such id.
    """
    digits = re.sub(r"[\s–‐‑−-]", "", text.upper().removeprefix("FI"))
    if re.fullmatch(r"\d{7,8}", digits) is None:
        return None
    digits = digits.zfill(8)
    return f"{digits[:7]}-{digits[7]}" if ytunnus.is_valid(digits) else None


def _choices(**words: str) -> dict[str, str]:
    return {fold(word): value for value, text in words.items() for word in text.split(";")}


DIRECTIONS = _choices(
    out="out;tarjoaa;tarjonta;tarjotaan;tarjous;lähtee;lähtevä;ulos;syntyy;tuottaa;luovuttaa;"
    "poistuva;supply;supplies;offer;offers;output;sivuvirta;ylijäämä",
    **{
        "in": "in;tarvitsee;tarve;tarvitaan;kysyntä;tulee;tuleva;sisään;ottaa;ostaa;"
        "vastaanottaa;hyödyntää;käyttää;haluaa;demand;demands;need;needs;input;wanted"
    },
)
CONTINUITIES = _choices(
    continuous="continuous;jatkuva;jatkuvasti;jatkuvaa;säännöllinen;ympärivuotinen;regular",
    seasonal="seasonal;kausi;kausittainen;kausiluonteinen;kausittain;season",
    once="once;kerta;kertaluonteinen;kertaerä;kerran;yksittäinen;one time;onetime;one off",
)
BASES = _choices(
    reported="reported;ilmoitettu;yritys ilmoittanut;mitattu;measured",
    register="register;rekisteri",
    estimated="estimated;estimate;arvioitu;arvio;laskennallinen",
)
PRECISIONS = _choices(
    exact="exact;tarkka;osoite",
    postal="postal;postinumero;postinumeroalue",
    municipality="municipality;kunta",
)
EDITIONS = _choices(
    **{
        "2025": "2025;tol 2025;toimi4;nace rev 2 1",
        "2008": "2008;tol 2008;toimi3;nace rev 2",
    }
)


def is_sole_trader(form: str, name: str) -> bool:
    """Whether a row is about a private trader: form 26, `Tmi` in the form or the name.

    In a name the mark stands anywhere, in any spelling, but the name of a company (`Oy` and the
    like) may hold the word as well.
    """
    words = fold(form)
    return (
        words in _SOLE_TRADER
        or words.split(" ")[0] == "26"
        or (
            re.search(r"\b(?:tmi|t mi|toiminimi)\b", fold(name)) is not None
            and _COMPANY.isdisjoint(fold(name).split(" "))
        )
    )


# Words of a legal person's name: it is none of a private trader, whatever else it holds.
_COMPANY = frozenset(("oy", "oyj", "ab", "ky", "kb", "ay", "osk", "ry", "rf"))


_SOLE_TRADER = frozenset(
    ("tmi", "t mi", "toiminimi", "yksityinen elinkeinonharjoittaja", "yksityinen toiminimi",
     "luonnollinen henkilo", "sole trader", "sole proprietor", "private trader", "yksityisliike",
     "elinkeinonharjoittaja")
)  # fmt: skip
