"""The few named exceptions of the package."""

from collections.abc import Sequence

from kiertokylat.words import Language, catalogue, say


class KiertokylatError(Exception):
    """Base of every error that the package raises on purpose."""


class InputError(KiertokylatError):
    """A file can't be read at all: empty, broken, too large or of an unknown kind.

    Carries one `Problem`, so that the same text reaches the page, the command line and `--json`.
    Problems of single rows are no exceptions: they are listed beside the rows that are good.
    """

    def __init__(self, problem: object) -> None:
        self.problem = problem
        super().__init__(str(problem))


class TableError(KiertokylatError, ValueError):
    """A table breaks its contract (`kiertokylat.tables`): the caller's mistake, not a user's."""


class ReferenceDataError(KiertokylatError):
    """A bundled reference file is missing or contradicts another one."""


class StoreError(KiertokylatError):
    """The database can't be opened, read or written; nothing of the change was kept.

    Parameters
    ----------
    code
        Key of the text in `words/store.toml`: what happened and what to do.
    **values
        What the text names.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.values = code, values
        super().__init__(self.message())

    def message(self, language: Language = "fi", *, command: bool = False) -> str:
        """What happened and what to do: on a page, or (`command`) on the command line."""
        key = f"store.{self.code}"
        if command and f"{key}_command" in catalogue():
            key = f"{key}_command"
        return say(key, language, **self.values)


class ConflictError(StoreError):
    """Rows are no longer what a change started from: somebody else has changed them meanwhile.

    Parameters
    ----------
    rows
        Table and id of each such row.
    """

    def __init__(self, rows: tuple[tuple[str, str], ...]) -> None:
        self.rows = rows
        shown = ", ".join(identity for _, identity in rows[:5])
        super().__init__("conflict", count=len(rows), rows=shown)


class LaterChangesError(ConflictError):
    """A change can't be undone before later ones of the same rows.

    Parameters
    ----------
    batch
        The change.
    later
        Number and title of those that stand, the newest first.
    rows
        Table and id of each row that has changed since.
    """

    def __init__(
        self, batch: int, later: Sequence[tuple[int, str]], rows: tuple[tuple[str, str], ...]
    ) -> None:
        self.rows = rows
        self.later = tuple(later)
        told = ", ".join(f"{number} ({title})" for number, title in later)
        StoreError.__init__(self, "later_changes", batch=batch, later=told)


class AccessError(StoreError):
    """The role does not allow this."""

    def __init__(self) -> None:
        super().__init__("not_allowed")
