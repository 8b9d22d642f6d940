"""What a material is called in a file ► the key of `reference.materials`."""

import re
from functools import lru_cache
from typing import NamedTuple

from kiertokylat import reference
from kiertokylat.ingest.sheet import fold

_SHORTEST = 4  # letters of a keyword that may be looked for at the end of a longer word
# Case endings in the form that `fold` gives, behind a word and behind its stem.
_ENDINGS = r"(?:n|t|s|a|ta|tta|ja|jen|ssa|lla|sta|lta|ksi|na)?"
_STEM_ENDINGS = r"(?:ia|ien|ista|oja|ojen|eja|ejen|et|en)"
# Behind the name of a material these say nothing: "lasijäte", "pahvipakkaukset".
_GENERAL = re.compile(
    r"(?<=...)(?:jate|jatteet|jatetta|jatteita|romu|romua|pakkaus|pakkaukset|murske|silppu|laatikko|laatikot)$"
)
# Words that mean something else at the end of a compound: orange peel is no bark.
_ALONE = frozenset(
    (
        "kuori",
        "kuoret",
        "oljy",
        "metalli",
        "lehdet",
        "profiili",
        "eriste",
        "liima",
        "ruoka",
        "lastu",
        "jauho",
    )
)
_VAGUE = frozenset(("metalli", "metal"))  # one of several materials is by far the likeliest


class Meaning(NamedTuple):
    """The material that a text means.

    Parameters
    ----------
    material
        Key, or `""`.
    guessed
        Found by a part of the text, not by a whole name or keyword.
    others
        Keys of the materials that the text could mean; then `material` is empty.
    """

    material: str
    guessed: bool = False
    others: tuple[str, ...] = ()


@lru_cache
def _names() -> dict[str, str]:
    """Keys and names to keys."""
    materials = reference.materials()
    names: dict[str, str] = {}
    for column in ("name_en", "name_fi"):
        names |= {fold(name): str(key) for key, name in materials[column].items()}
    return names | {fold(str(key)): str(key) for key in materials.index}


@lru_cache
def _keywords() -> dict[str, frozenset[str]]:
    """Everyday words, and names too, to the keys they may mean."""
    found: dict[str, set[str]] = {name: {key} for name, key in _names().items()}
    for column in ("name_fi", "name_en"):
        for key, name in reference.materials()[column].items():
            if "," in name:  # a list: "Sahanpuru, lastu ja hake"
                for word in map(fold, re.split(r", | ja | and ", name)):
                    found.setdefault(word, set()).add(str(key))
    for column in ("words_fi", "words_en"):
        for key, words in reference.materials()[column].items():
            for word in filter(None, map(fold, words.split(";"))):
                found.setdefault(word, set()).add(str(key))
    return {word: frozenset(keys) for word, keys in found.items()}


@lru_cache(maxsize=65_536)
def meaning(text: str) -> Meaning:
    """The material that a text means.

    A whole key, name or everyday word counts first. Otherwise the longest everyday word decides
    that is a word of the text, or the end of a Finnish one: `kuivaa sahanpurua` is `puru`. The end
    of a compound tells what a thing is (`paperiliete` is a sludge), except that `pahvijäte` is
    `pahvi`.

    Parameters
    ----------
    text
        As in the file.
    """
    folded = fold(text)
    if not folded:
        return Meaning("")
    if folded in _names():
        return Meaning(_names()[folded])
    if folded in _keywords():
        return _decided(_keywords()[folded], guessed=folded in _VAGUE)
    shortened = " ".join(_GENERAL.sub("", word) for word in folded.split(" "))
    best, meant = 0, frozenset[str]()
    for keyword, keys in _keywords().items():
        length = max(_agreement(folded, keyword), _agreement(shortened, keyword))
        if length > best:
            best, meant = length, keys
        elif length == best and length:
            meant |= keys
    return _decided(meant, guessed=True)


def _agreement(text: str, keyword: str) -> int:
    """The letters of a keyword, if it is a word of the text or ends one; else 0."""
    # Most keywords are nowhere in the text: their first letters tell that fast.
    found = (
        keyword[: max(3, len(keyword) - 2)] in text and _pattern(keyword).search(text) is not None
    )
    return len(keyword) if found else 0


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    """A keyword in its Finnish cases or English plural; as an end of a compound where it may be."""
    endings = f"{re.escape(keyword)}{_ENDINGS}"
    if keyword[-1] in "aeiouy" and len(keyword) >= _SHORTEST:
        endings = f"(?:{endings}|{re.escape(keyword[:-1])}{_STEM_ENDINGS})"
    if keyword.endswith("jate"):
        endings = f"(?:{endings}|{keyword[:-2]}tte(?:en|et|ita|iden))"
    elif re.search(r"(?:aa|ee)t$", keyword):  # vaatteet, vaatteita
        endings = f"(?:{endings}|{keyword[:-2]}(?:ita|iden))"
    compound = len(keyword) >= _SHORTEST and keyword not in _ALONE and keyword in _finnish()
    return re.compile(rf"{'' if compound else '(?<![^ ])'}{endings}(?![^ ])")


@lru_cache
def _finnish() -> frozenset[str]:
    """The everyday words and names that are Finnish: only they make compounds."""
    materials = reference.materials()
    lists = [re.split(r", | ja ", name) for name in materials["name_fi"]]
    lists += [words.split(";") for words in materials["words_fi"]]
    return frozenset(fold(word) for words in lists for word in words)


def _decided(keys: frozenset[str], *, guessed: bool) -> Meaning:
    if len(keys) == 1:
        return Meaning(next(iter(keys)), guessed)
    return Meaning("", guessed, tuple(sorted(keys)))
