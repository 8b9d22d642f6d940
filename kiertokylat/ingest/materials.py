"""What a material is called in a file ► the key of `reference.materials`."""

import re
from functools import lru_cache
from typing import NamedTuple

from kiertokylat import reference
from kiertokylat.ingest.sheet import fold

_SHORTEST = 4  # letters of a keyword that may be looked for inside a longer word
_FEWEST_LEFT = 3  # letters that must agree when endings differ


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
    that begins or ends a word of the text: `kuivaa sahanpurua` is `puru`.

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
        return _decided(_keywords()[folded], guessed=False)
    best, meant = 0, frozenset[str]()
    for keyword, keys in _keywords().items():
        length = _agreement(folded, keyword)
        if length > best:
            best, meant = length, keys
        elif length == best and length:
            meant |= keys
    return _decided(meant, guessed=True)


def _agreement(text: str, keyword: str) -> int:
    """How many letters of a keyword the text holds at the beginning or end of its words."""
    if f" {keyword} " in f" {text} ":
        return len(keyword)
    if len(keyword) < _SHORTEST:
        return 0
    words = text.split(" ")
    if " " in keyword:
        return len(keyword) if keyword in text else 0
    stem = keyword[:-1] if keyword[-1] in "aeiouy" and len(keyword) > _SHORTEST else keyword
    if any(word.startswith(keyword) or word.endswith(keyword) for word in words):
        return len(keyword)
    # A Finnish ending after a compound: "sahanpurua", "pahvit".
    near = any(0 <= len(word) - word.rfind(stem) - len(stem) <= _FEWEST_LEFT
               for word in words if stem in word)  # fmt: skip
    return len(stem) if near else 0


def _decided(keys: frozenset[str], *, guessed: bool) -> Meaning:
    if len(keys) == 1:
        return Meaning(next(iter(keys)), guessed)
    return Meaning("", guessed, tuple(sorted(keys)))
