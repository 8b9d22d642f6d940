"""The user guide: its words are those of the app, its pictures, links and commands are there."""

import re
import struct
from pathlib import Path

import pytest

from kiertokylat.web.start import PORT
from kiertokylat.words import catalogue

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PICTURES = DOCS / "kayttoopas"
GUIDE = (DOCS / "kayttoopas.md").read_text(encoding="utf-8")
SCRIPT = (DOCS / "pictures" / "take.py").read_text(encoding="utf-8")
SIZES = {(1366, 768), (1920, 1080), (390, 844), (794, 1123)}  # laptop, projector, phone, A4


def patterns() -> str:
    """The app's Finnish texts as one pattern; one word stands for each value filled in."""
    texts = [entry["fi"] for entry in catalogue().values()]
    telling = [text for text in texts if re.search(r"\w{3}", re.sub(r"\{\w+\}", "", text))]
    return "|".join(re.sub(r"\\{\w+\\}", r"\\S+", re.escape(text)) for text in telling)


APP = re.compile(patterns())


def pictures() -> list[tuple[str, str]]:
    """Alternative text and file of each picture."""
    return re.findall(r"!\[(.*?)\]\(kayttoopas/(.*?)\)", GUIDE)


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_bold_text_is_one_of_the_app():
    labels = set(re.findall(r"\*\*(.+?)\*\*", GUIDE))
    assert len(labels) > 80
    assert sorted(label for label in labels if not APP.fullmatch(label)) == []


@pytest.mark.parametrize(
    ("label", "known"),
    [
        ("Avaa KYLA27", True),  # "Avaa {code}"
        ("Tallenna 5 muutosta", True),  # "Tallenna {count} muutosta"
        ("Tallenna muutokset", False),
        ("Luo työpaj", False),
        ("Ehdokkaat ja ideat", False),
    ],
)
def test_only_whole_texts_are_of_the_app(label, known):
    assert bool(APP.fullmatch(label)) == known


def test_the_pictures_of_the_guide_the_script_and_the_folder_are_the_same():
    shown = [file.removesuffix(".png") for _, file in pictures()]
    assert len(shown) == len(set(shown))
    assert sorted(shown) == sorted(file.stem for file in PICTURES.iterdir())
    taken = set(re.findall(r'(?:take\(|, )"([\w-]+)"\)\n', SCRIPT))
    assert set(shown) <= taken


def test_pictures_are_told_in_words_and_small():
    files = list(PICTURES.glob("*.png"))
    assert all(len(told) > 30 for told, _ in pictures())
    assert max(file.stat().st_size for file in files) <= 150_000
    assert sum(file.stat().st_size for file in files) <= 2_000_000
    # PNG: width and height are the bytes 16 to 24, big-endian.
    assert {struct.unpack(">II", file.read_bytes()[16:24]) for file in files} == SIZES


def test_links_lead_somewhere():
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)]*)\)", GUIDE):
        file, _, anchor = target.partition("#")
        page = DOCS / file if file else DOCS / "kayttoopas.md"
        assert page.exists(), target
        assert not anchor or anchor in anchors(page.read_text(encoding="utf-8")), target


def test_commands_and_addresses_are_those_of_the_program():
    main = (ROOT / "kiertokylat" / "__main__.py").read_text(encoding="utf-8")
    commands = set(re.findall(r"python -m kiertokylat (\w+)", GUIDE))
    assert commands == {"backup", "brief", "erase", "key", "restore"}
    assert all(f'"{command}"' in main for command in commands)
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^(\w+):", made, flags=re.MULTILINE)
    assert set(re.findall(r"`make (\w+)`", GUIDE)) <= set(targets)
    assert set(re.findall(r"localhost:(\d+)", GUIDE)) == {str(PORT)}
