"""Everyday words ► materials, best first: what somebody with a phone types.

The words are those of `data/reference/materials.csv`; a word in a Finnish case, in the plural or
only begun finds them too. Words that the table lacks find nothing: nothing is guessed.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kiertokylat import reference
from kiertokylat.ingest.materials import meaning
from kiertokylat.ingest.sheet import fold

# Endings of Finnish cases and plurals, and the English plural, as `fold` leaves them.
_ENDINGS = (
    *("n", "t", "a", "ta", "tta", "na", "ssa", "sta", "lla", "lta", "lle", "ksi", "ja", "ia"),
    *("ita", "oja", "oita", "eja", "eita", "jen", "ien", "iden", "itten", "oiden", "eiden"),
    *("imia", "imet", "imen", "imien", "in", "s", "es", "set", "sia", "sen", "sien"),
    *("ä", "tä", "ttä", "nä", "ssä", "stä", "llä", "ltä", "jä", "iä", "itä", "öjä", "öitä"),
    *("ejä", "eitä", "imiä", "siä"),
)
_SHORTEST = 3  # letters that say something
_SURE = 5  # letters of a form without its ending, to be looked for at the beginning of a word
_BEGINS = 4  # rank of a word that begins the text's own
# Heads that say nothing of the material: "muovi jäte" is about plastic.
_GENERAL = re.compile(r"j[aä]t(?:e|ett[aä]|teet|teit[aä])|romua?|waste|scrap")


class Hit(NamedTuple):
    """A material that was found.

    Parameters
    ----------
    material
        Key of `reference.materials()`.
    word
        The word of the table that led to it, as the table has it.
    """

    material: str
    word: str


class _Word(NamedTuple):
    plain: str  # without dots, as `fold` leaves it
    dotted: str
    shown: str
    material: str
    order: int  # of the material in the table


def search(text: str, limit: int = 8) -> list[Hit]:
    """Materials that a text may mean, best first.

    First the whole word (in any case or number), then words that end the text's (`kutterinpurua`
    is `puru`), then those that the text begins, then those that begin the text's own.

    Parameters
    ----------
    text
        As typed: one word or several, in Finnish or English, whole or begun.
    limit
        How many at most.

    Returns
    -------
    list of Hit
        Each material once; empty where nothing is found.
    """
    # Who types a dot means it: "öljyä" is not "oljet". Who types none may have none.
    dotted = any(letter in "äö" for letter in text.casefold())
    whole = _dotted(text) if dotted else fold(text)
    if len(whole) < _SHORTEST:
        return []
    parts = [part for part in whole.split() if not _GENERAL.fullmatch(part)] or whole.split()
    # Written apart or together: "perunan kuoria".
    asked = dict.fromkeys([whole, "".join(parts)], 0)
    asked = {part: 1 for part in parts if len(part) >= _SHORTEST} | asked
    found: dict[str, tuple[tuple[int, ...], Hit]] = {}

    def take(rank: tuple[int, ...], hit: Hit) -> None:
        if hit.material not in found or rank < found[hit.material][0]:
            found[hit.material] = rank, hit

    names = reference.materials()["name_fi"]
    meant = meaning(text)
    for material in filter(None, (meant.material, *meant.others)):
        rank = (2 if meant.guessed else 1, 0, 0, list(names.index).index(material))
        take(rank, Hit(material, str(names[material])))
    for query, is_part in asked.items():
        begun = ""
        for word, spelt in _spelt(dotted=dotted):
            rank_of = _rank(query, spelt)
            if rank_of is not None:
                kind, miss = rank_of
                take((kind, is_part, miss, word.order), Hit(word.material, word.shown))
                begun = max(begun, spelt, key=len) if kind == _BEGINS else begun
        # A bag of plastic may be of any of the plastics.
        for word, spelt in _spelt(dotted=dotted) if begun else ():
            if spelt.startswith(begun):
                take((_BEGINS + 1, is_part, len(spelt), word.order), Hit(word.material, word.shown))
    ranked = sorted(found.values(), key=lambda entry: entry[0])
    return [hit for _, hit in ranked[:limit]]


@lru_cache
def _words() -> tuple[_Word, ...]:
    """Every name and everyday word of the table."""
    words = []
    for order, (key, row) in enumerate(reference.materials().iterrows()):
        names = [part for name in ("name_fi", "name_en") for part in _listed(row[name])]
        lists = [word for name in ("words_fi", "words_en") for word in row[name].split(";")]
        words += [
            _Word(fold(word), _dotted(word), word, str(key), order)
            for word in (*names, *lists)
            if word
        ]
    return tuple(words)


def _spelt(*, dotted: bool) -> Iterator[tuple[_Word, str]]:
    return ((word, word.dotted if dotted else word.plain) for word in _words())


def _dotted(text: str) -> str:
    """A text without case and punctuation, as `fold`, but with the dots of ä and ö."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def _listed(name: str) -> list[str]:
    """A name, and its parts where it is a list: "Sahanpuru, lastu ja hake"."""
    return [name, *re.split(r", | ja | and ", name)] if "," in name else [name]


def _rank(query: str, word: str) -> tuple[int, int] | None:
    """How well a word of the table answers, and by how many letters it misses; None: not."""
    if word == query:
        return 0, 0
    if _base(word) & _stems(query):
        return 1, abs(len(word) - len(query))
    if any(word.startswith(form) or f" {form}" in word for form in _forms(query)):
        return 3, len(word)
    # Four letters at least: "luu" begins too much.
    if len(word) > _SHORTEST and query.startswith(word):
        return _BEGINS, len(query) - len(word)
    return None


@lru_cache(maxsize=4096)
def _forms(word: str) -> frozenset[str]:
    """A word, and what is left of it without an ending."""
    cut = {word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending)}
    return frozenset({word, *(form for form in cut if len(form) >= _SURE)})


@lru_cache(maxsize=4096)
def _stems(word: str) -> frozenset[str]:
    """What may be the stem of a word in whatever case it stands."""
    cut = {word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending)}
    return frozenset(_stem(form) for form in {word, *cut} if len(form) >= _SHORTEST)


@lru_cache(maxsize=4096)
def _base(word: str) -> frozenset[str]:
    """The stem of a word in its first form, singular or plural."""
    forms = {word}
    if word.endswith(("as", "äs", "es", "in", "nen")):  # rengas, liuotin
        forms.add(word[: -3 if word.endswith("nen") else -2 if word.endswith("in") else -1])
    if re.search(r"[aeiouyäö]t$", word):  # risut
        forms.add(word[:-1])
    if re.search(r"[^s]s$", word):  # plastics
        forms.add(word[:-1])
    return frozenset(_stem(form) for form in forms if len(form) >= _SHORTEST)


def _stem(form: str) -> str:
    """A form without what Finnish changes in it (kankaat, lannan, lehdet) and its last vowels."""
    form = re.sub(r"(.)\1", r"\1", form)
    for strong, weak in (("nk", "ng"), ("nt", "n"), ("lt", "l"), ("hd", "ht")):
        form = form.replace(strong, weak)
    while len(form) > _SHORTEST and form[-1] in "aeiouyäö":
        form = form[:-1]
    return form
