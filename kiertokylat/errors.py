"""The few named exceptions of the package."""


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
