"""What is wrong with the arguments of a command, told in the reader's language.

argparse finds it and tells it in English only. Its sentences are read here and told anew; one that
a later version words in another way still ends in the reader's language, with the way to the help.
"""

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from kiertokylat.words import LANGUAGES, Language, say

USUAL_LANGUAGE: Language = "fi"

_NAME = r"argument (?P<name>.+?): "
_VALUE = r"(?P<quote>['\"])(?P<value>.*)(?P=quote)"  # as Python writes a text
# Sentences of argparse, of Python 3.11 to 3.14, and the keys of `commands.usage_{key}`.
_SENTENCES = {
    "required": r"the following arguments are required: (?P<names>.+)",
    "unknown": r"unrecognized arguments: (?P<names>.+)",
    "needs_value": rf"{_NAME}expected (?:one|at least one|\d+) arguments?",
    "no_value": rf"{_NAME}ignored explicit argument {_VALUE}",
    "whole": rf"{_NAME}invalid int value: {_VALUE}",
    "number": rf"{_NAME}invalid float value: {_VALUE}",
    "choice": rf"{_NAME}invalid choice: {_VALUE}(?:, .+\?)? \(choose from (?P<choices>.+)\)",
    "together": rf"{_NAME}not allowed with argument (?P<names>.+)",
    "ambiguous": r"ambiguous option: (?P<name>.+?) could match (?P<names>.+)",
}


class ArgumentsError(Exception):
    """Arguments that can't be understood.

    Parameters
    ----------
    command
        The beginning of the command, which shows its help with `--help`.
    sentence
        What argparse says of it.
    """

    def __init__(self, command: str, sentence: str) -> None:
        self.command, self.sentence = command, sentence
        super().__init__(sentence)

    def message(self, language: Language) -> str:
        """What is wrong, and where the help is."""
        for key, pattern in _SENTENCES.items():
            found = re.fullmatch(pattern, self.sentence, re.DOTALL)
            if found is not None:
                values = found.groupdict()
                if "choices" in values:  # in quotes or not, by the version
                    values["choices"] = values["choices"].replace("'", "")
                return self._told(key, language, values)
        return self._told("other", language, {})

    def _told(self, key: str, language: Language, values: dict[str, str]) -> str:
        told = say(f"commands.usage_{key}", language, **values)
        return f"{told} {say('commands.usage_help', language, command=self.command)}"


class Parser(argparse.ArgumentParser):
    """A parser that raises `ArgumentsError` instead of printing and ending the program."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise ArgumentsError(self.prog, message)


def language_of(arguments: Sequence[str] | None) -> Language:
    """The language that arguments ask for, even where the others can't be understood.

    Parameters
    ----------
    arguments
        Without the program's name; None: those of the process.
    """
    parser = Parser(add_help=False)
    # All of them: a shortened `--limit` may look like one.
    parser.add_argument("--language", action="append", default=[])
    try:
        asked = parser.parse_known_args(arguments)[0].language
    except ArgumentsError:  # no language behind the option
        return USUAL_LANGUAGE
    known = [language for text in asked for language in LANGUAGES if language == text]
    return known[-1] if known else USUAL_LANGUAGE
