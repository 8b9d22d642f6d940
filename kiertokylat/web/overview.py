"""Part of the page Aineisto."""


def section() -> None:
    """Draw the section."""
