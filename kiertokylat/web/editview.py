"""Part of the page Aineisto."""


def companies() -> None:
    """Draw the section."""


def flows() -> None:
    """Draw the section."""
