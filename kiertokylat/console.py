"""What a command says: messages, progress and problems on standard error, JSON on the other.

And what it asks of somebody at the terminal.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from kiertokylat.problems import Problem
from kiertokylat.words import Language, say

_BIG = 5_000_000  # bytes of input from which reading takes long enough for a progress bar
_YES = {"k", "kyllä", "y", "yes"}
_LISTED = 100  # problems on the screen; a file of 100,000 bad rows would drown the first one


def put(text: str, stream: TextIO | None = None) -> None:
    """Write to standard output (or another stream) at once.

    Nobody need read to the end (`| head`): that must not stop a command half-way.
    """
    stream = stream or sys.stdout
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        # As the manual of Python's `signal` says: what is left goes nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def tell(text: str) -> None:
    """A line on standard error."""
    put(f"{text}\n", sys.stderr)


def print_json(value: Any) -> None:
    """A value as a line of JSON on standard output."""
    put(f"{json.dumps(value, ensure_ascii=False)}\n")


def plain(text: str) -> str:
    """A text from the database without characters that command a terminal."""
    return "".join(character if character.isprintable() else "·" for character in text)


def agreed(question: str) -> bool:
    """Whether somebody at the terminal says yes; nobody is there to ask in a script."""
    if not sys.stdin.isatty():
        return False
    put(f"{question} ", sys.stderr)
    return sys.stdin.readline().strip().lower() in _YES


def progress_bar(size: int, language: Language) -> Callable[[float], None] | None:
    """A bar on standard error: redrawn on a terminal, a line each tenth in a log.

    Parameters
    ----------
    size
        Bytes of all input.
    language
        Of its text.

    Returns
    -------
    callable or None
        To be called with the share that is done, from 0 to 1. None if the input is small.
    """
    if size < _BIG:
        return None
    terminal = sys.stderr.isatty()
    step, last = (1, [-1]) if terminal else (10, [-1])

    def show(share: float) -> None:
        percent = int(min(share, 1) * 100) // step * step
        if percent == last[0]:
            return
        last[0] = percent
        bar = f"{say('commands.reading', language)} [{'#' * (percent // 4):<25}] {percent:3} %"
        sys.stderr.write(f"\r{bar}" if terminal else f"{bar}\n")
        if terminal and percent == 100:
            sys.stderr.write("\n")
        sys.stderr.flush()

    return show


def list_problems(problems: Sequence[Problem], language: Language) -> None:
    """The problems of an import on standard error (the first hundred), with their number."""
    if not problems:
        return
    for problem in problems[:_LISTED]:
        tell(problem.line(language))
    if len(problems) > _LISTED:
        tell(say("commands.problems_more", language, count=len(problems) - _LISTED))
    counts = Counter(problem.severity for problem in problems)
    numbers = {f"{name}s": counts[name] for name in ("error", "warning", "note")}
    tell(say("commands.problems", language, **numbers))
