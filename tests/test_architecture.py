"""The rules that keep the house as it was drawn."""

import ast
import re
import string
from pathlib import Path

import pytest

from kiertokylat.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = sorted((ROOT / "kiertokylat").rglob("*.py"))
SOURCES = [*PACKAGE, *sorted((ROOT / "pages").glob("*.py")), ROOT / "app.py"]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", PACKAGE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_edges_know_streamlit_and_folium(path):
    name = path.relative_to(ROOT).as_posix()
    known = imports(path)
    if not name.startswith("kiertokylat/web/"):
        assert not known & {"streamlit", "streamlit_folium"}
    if name != "kiertokylat/maps.py":
        assert not known & {"folium", "branca"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_small(path):
    assert path.read_text(encoding="utf-8").count("\n") <= 350


def test_every_text_exists_in_both_languages_with_the_same_values():
    for key, entry in catalogue().items():
        assert set(entry) == set(LANGUAGES), key
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(entry[language]) if name}
            for language in LANGUAGES
        ]
        # A date has its month as a number in Finnish and as a name in English.
        assert fields[0] == fields[1] or key == "brief.date", key
        assert all(text.strip() for text in entry.values()) or key == "brief.months", key


def test_no_text_of_the_app_is_left_over():
    """Each key of app.toml is used: literally, or as one of a family `figure_{name}`."""
    pages = [path for path in SOURCES if "web" in path.parts or "pages" in path.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    literal = set(re.findall(r"\bt\(\s*\"(\w+)\"", code))
    families = tuple(re.findall(r"\bt\(\s*f[\"'](\w+_)\{", code))
    families += tuple(re.findall(r"\bt\(\s*[\"'](\w+_)[\"'] \+", code))
    families += tuple(re.findall(r"\b(?:list_)?choice\(\s*\"(\w+)\"", code))
    keys = {key.removeprefix("app.") for key in catalogue() if key.startswith("app.")}
    assert literal <= keys
    assert {key for key in keys - literal if not key.startswith(families)} == set()


def test_nothing_names_a_host_that_serves_map_parts():
    hosts = re.compile(r"https?://[^\s\"')]*(cdn|unpkg|tile|fonts\.g)")
    for path in SOURCES:
        assert not hosts.search(path.read_text(encoding="utf-8")), path


def test_the_readme_gives_the_two_commands_and_names_every_dependency():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for name in re.findall(r"^([\w-]+)(?:\[\w+\])?==", pins, flags=re.MULTILINE):
        assert name in readme, name
