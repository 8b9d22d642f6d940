"""An amount in everyday words ► tonnes a year, with what was assumed: `3 rekkaa viikossa`.

A load is the payload of a vehicle class of `reference.vehicles()`. Where words leave open what is
meant (`lava` is a pallet or a skip, a cubic metre weighs what its material weighs), nothing is
guessed: the reader is asked.
"""

import math
import re
from typing import NamedTuple

from kiertokylat import reference
from kiertokylat.assumptions import Range
from kiertokylat.figures import number, tonnes_range
from kiertokylat.ingest import cells
from kiertokylat.ingest.amounts import MOST
from kiertokylat.ingest.sheet import fold
from kiertokylat.words import LANGUAGES, Language, say

# Lowest, best and highest tonnes of goods on a pallet. Assumption of this project, no source.
PALLET_T: Range = (0.2, 0.5, 1.0)
# Days in a year on which something happens "a day": working days, or every day. Assumption.
WORKING_DAYS, ALL_DAYS = 250, 365


class Amount(NamedTuple):
    """How an amount was read.

    Parameters
    ----------
    tonnes
        Low, best, high in t/a; None: it can't be told.
    notes
        What was assumed, or what to ask: keys of `words/room.toml` without the topic.
    """

    tonnes: Range | None
    notes: tuple[str, ...] = ()


_NUMBERS = {
    "puoli": 0.5, "puolikas": 0.5, "half": 0.5, "puolitoista": 1.5, "a": 1, "an": 1, "one": 1,
    "yksi": 1, "two": 2, "kaksi": 2, "pari": 2, "kolme": 3, "three": 3, "nelja": 4, "four": 4,
    "viisi": 5, "five": 5, "kuusi": 6, "six": 6, "seitseman": 7, "seven": 7, "kahdeksan": 8,
    "eight": 8, "yhdeksan": 9, "nine": 9, "kymmenen": 10, "ten": 10, "kaksikymmenta": 20,
    "twenty": 20, "sata": 100, "hundred": 100, "tuhat": 1000, "thousand": 1000,
}  # fmt: skip
# Times in a year; a day is read apart.
_TIMES = {
    r"(?:joka|kerran) toinen (?:viikko|viikossa)|every other week|every second week": 26,
    r"(?:joka|kerran) toinen (?:kuukausi|kuu)|every other month|every second month": 6,
    r"kahdesti viikossa|kaksi kertaa viikossa|twice a week": 104,
    r"kahdesti kuussa|kaksi kertaa kuussa|twice a month": 24,
    r"kahdesti vuodessa|kaksi kertaa vuodessa|twice a year": 2,
    r"neljannesvuosittain|neljannesvuodessa|quarterly|(?:a|per) quarter": 4,
    r"(?:kerran )?(?:viikossa|vko|vk|viikko)|viikoittain|joka viikko"
    r"|(?:once )?(?:a |per |every )?week|weekly|wk": 52,
    r"(?:kerran )?(?:kuukaudessa|kuussa|kk|kuukausi)|kuukausittain|joka kuukausi|joka kuu"
    r"|(?:once )?(?:a |per |every )?month|monthly": 12,
    r"(?:kerran )?(?:vuodessa|vuosi|a|v)|vuosittain|joka vuosi"
    r"|(?:once )?(?:a |per |every )?(?:year|yr)|yearly|annually": 1,
}
_DAY = r"paivassa|paivittain|joka paiva|pv|paiva|(?:a |per |every )?day|daily"
_PERIOD = re.compile(
    rf"(?:^| )(?:(?P<day>{_DAY})|"
    + "|".join(f"(?P<t{i}>{pattern})" for i, pattern in enumerate(_TIMES))
    + ")$"
)
# The time may come first: "joka viikko 3 rekkaa".
_TIME_FIRST = re.compile(
    r"^((?:joka|kerran|kahdesti|every|once a|twice a) (?:toinen |other |second )?\w+) (.+)",
    re.IGNORECASE,
)
_FULL = r"(?:taysi |taytta |tayden |full )?"
_OF_LOAD = (
    r"(?: ?(?:auto|autoa|autollinen|autollista|kuorma|kuormaa|kuormallinen|kuormallista|loads?))?"
)
# Words that say what carries it.
_LORRY = re.compile(
    rf"{_FULL}(?:rekka|rekkaa|rekallinen|rekallista|lorry|lorries|truckloads?){_OF_LOAD}"
)
_VEHICLES = {
    "combination": rf"{_FULL}(?:taysperavaunu(?:yhdistelma)?(?:llinen|llista|a)?|yhdistelma"
    rf"(?:llinen|llista|a)?){_OF_LOAD}",
    "semi": rf"{_FULL}(?:puoliperavaunu(?:llinen|llista|a)?|semi ?trailers?){_OF_LOAD}",
    "rigid": rf"{_FULL}(?:kuorma auto(?:llinen|llista|a)?|rigid(?: trucks?)?){_OF_LOAD}",
}
_PALLET = re.compile(
    r"(?:kuormalava|eurolava|fin lava|trukkilava)(?:llinen|llista|a)?|lavallinen|lavallista"
    r"|pallets?(?: ?loads?)?"
)
_ASKED = {
    "bare": "",
    "skip": r"lava(?:a|t)?|(?:jate|vaihto|siirto)lava(?:a|t|llinen|llista)?|skips?",
    "volume": r"(?:i |irto )?(?:m3|m 3|kuutio|kuutiota|kuutiometri|kuutiometria|mottia|motti)"
    r"|l|litraa|litra|cubic met(?:re|er)s?|lit(?:re|er)s?",
    "load": r"kuorma|kuormaa|kuormallinen|kuormallista|auto|autollinen|autollista|loads?|trucks?",
}


def read(text: str) -> Amount:
    """What an amount in everyday words means.

    Parameters
    ----------
    text
        As typed: a number or none (one), what is counted (tonnes, kilograms, loads), how often.

    Returns
    -------
    Amount
        Tonnes a year and what was assumed; or no tonnes, and what to ask. Neither for an empty
        text.
    """
    if cells.is_nothing(text.strip()):
        return Amount(None)
    counted = _counted(_TIME_FIRST.sub(r"\2 \1", text.strip()))
    if counted is None:
        return Amount(None, ("ask_unit",))
    unit, often, notes = _often(fold(counted.unit))
    each, note = _tonnes_of_one(unit)
    if each is None:
        return Amount(None, (note,))
    counts = (counted.low, counted.best, counted.high)
    low, best, high = (
        count * one * times for count, one, times in zip(counts, each, often, strict=True)
    )
    if not (0 <= low <= best <= high <= MOST and high):
        return Amount(None, ("ask_unit" if high else "ask_zero",))
    return Amount((low, best, high), (*((note,) if note else ()), *notes))


def tonnes_of(text: str) -> Range | None:
    """Low, best and high t/a of an amount in everyday words; None where they can't be told."""
    return read(text).tonnes


def read_as(said: str, tonnes: Range, language: Language) -> str:
    """How an amount was read, to stand beside what was typed; empty where both say the same.

    Parameters
    ----------
    said
        As typed: `3 rekkaa viikossa`; of `20 t/v` and `20 t/a` nothing is left to tell.
    tonnes
        Low, best, high in t/a, as `read` gives them; NaN: it wasn't read.
    language
        The reader's.
    """
    same = {_unspaced(tonnes_range(*tonnes, each)) for each in LANGUAGES}
    if math.isnan(tonnes[1]) or _unspaced(said) in same:
        return ""
    return tonnes_range(*tonnes, language)


def _unspaced(text: str) -> str:
    return "".join(text.casefold().split())  # no-break spaces, too


def explained(amount: Amount, language: Language) -> list[str]:
    """What was assumed of an amount, or what to ask, in words."""
    vehicles = reference.vehicles()
    payloads = vehicles["payload_t"].map(lambda payload: number(payload, language))
    texts = []
    for note in amount.notes:
        kind, _, vehicle = note.partition("_vehicle_")
        if vehicle:
            values = {"vehicle": vehicles.loc[vehicle, f"name_{language}"]}
            texts.append(say("room.amount_vehicle", language, payload=payloads[vehicle], **values))
            continue
        low, best, high = (number(value, language) for value in PALLET_T)
        values = {
            "amount_pallet": {"low": low, "best": best, "high": high},
            "amount_lorry": {"low": payloads["semi"], "high": payloads["combination"]},
            "amount_days": {"low": WORKING_DAYS, "high": ALL_DAYS},
        }.get(kind, {})
        texts.append(say(f"room.{note}", language, **values))
    return texts


def _counted(text: str) -> cells.Amount | None:
    """The number and what stands behind it; a number in words, or one where none is said."""
    found = cells.amount(text)
    if found is not None:
        return found
    folded = re.sub(r"^(?:noin|arviolta|n|about|ehka) ", "", fold(text))
    first, _, rest = folded.partition(" ")
    if first in _NUMBERS and rest:
        second, _, after = rest.partition(" ")
        if first in ("half", "puoli") and second in ("a", "an"):  # half a lorry
            rest = after
        value = float(_NUMBERS[first])
        return cells.Amount(value, value, value, rest)
    if re.search(r"\d", folded) or not folded:
        return None
    return cells.Amount(1.0, 1.0, 1.0, folded)


def _often(unit: str) -> tuple[str, Range, tuple[str, ...]]:
    """A unit without its time; how often a year; what was assumed."""
    found = _PERIOD.search(unit)
    if found is None:
        return unit, (1.0, 1.0, 1.0), ("amount_year",)
    rest = re.sub(r" (?:per|aina|joka)$", "", unit[: found.start()]).strip()
    if found["day"]:
        return rest, (WORKING_DAYS, WORKING_DAYS, ALL_DAYS), ("amount_days",)
    times = next(t for i, t in enumerate(_TIMES.values()) if found[f"t{i}"])
    return rest, (times, times, times), ()


def _tonnes_of_one(unit: str) -> tuple[Range | None, str]:
    """Tonnes in one of what is counted, and what was assumed or is to be asked."""
    payload = {key: float(t) for key, t in reference.vehicles()["payload_t"].items()}
    mass = cells.tonnes_in(unit)
    if mass is not None and unit:
        return (mass, mass, mass), ""
    if _LORRY.fullmatch(unit):
        # Either kind is a "rekka", and its payload is the most that it takes: light goods fill it
        # long before. What the load weighs is not known, so the middle is no worse than an end.
        ends = payload["semi"], payload["combination"]
        return (ends[0], sum(ends) / 2, ends[1]), "amount_lorry"
    for vehicle, pattern in _VEHICLES.items():
        if re.fullmatch(pattern, unit):
            return (payload[vehicle],) * 3, f"amount_vehicle_{vehicle}"
    if _PALLET.fullmatch(unit):
        return PALLET_T, "amount_pallet"
    for question, pattern in _ASKED.items():
        if re.fullmatch(pattern, unit):
            return None, f"ask_{question}"
    return None, "ask_unit"
