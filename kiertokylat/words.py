"""The words catalogue: every text a person reads, in Finnish and in English.

One TOML file a topic under `kiertokylat/words/`, both languages of a text beside each other:

    [unknown_municipality]
    fi = "Kuntaa ”{value}” ei tunneta. …"
    en = "Unknown municipality “{value}”. …"

and `say("problems.unknown_municipality", "fi", value="Kuhmoinen")` fills it in.
"""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["fi", "en"]
LANGUAGES: tuple[Language, ...] = ("fi", "en")

_FOLDER = Path(__file__).parent / "words"


@lru_cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts.

    Returns
    -------
    dict
        `"topic.key"` to a dict with one text a language.
    """
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts[f"{path.stem}.{key}"] = entry
    return texts


def say(key: str, language: Language, **values: object) -> str:
    """One text of the catalogue, with its values filled in.

    Parameters
    ----------
    key
        `"topic.key"`.
    language
        `"fi"` or `"en"`.
    **values
        What stands in braces in the text.

    Raises
    ------
    KeyError
        The catalogue has no such text, or a value is missing.
    """
    return catalogue()[key][language].format(**values)


def counted(key: str, count: int, language: Language) -> str:
    """A number with its noun: the text `key` with `count`, or `{key}_one` of exactly one."""
    return say(f"{key}_one" if count == 1 else key, language, count=count)
