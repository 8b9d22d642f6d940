"""What people type on their phones: words that mean a material, amounts, whole posts."""

from kiertokylat import loads, material_search, reference, room
from kiertokylat.figures import tonnes_range
from kiertokylat.ingest.sheet import fold
from kiertokylat.room import Post, RoomError
from kiertokylat.words import Language

MOST_HITS = 6  # what a phone shows above its keyboard's place


def hits(text: str, language: Language) -> list[dict[str, str]]:
    """Materials that a text may mean: `key`, `name`, and `word`, the word that led there."""
    names = reference.materials()[f"name_{language}"]
    found = material_search.search(text[: room.LENGTHS["amount"]], MOST_HITS)
    return [
        {
            "key": hit.material,
            "name": str(names[hit.material]),
            "word": "" if fold(hit.word) in fold(names[hit.material]) else hit.word,
        }
        for hit in found
    ]


def understood(text: str, language: Language) -> str:
    """How an amount is read, in words; empty for an empty text."""
    read = loads.read(text[: room.LENGTHS["amount"]])
    notes = loads.explained(read, language)
    if read.tonnes is not None:
        notes.insert(0, f"≈ {tonnes_range(*read.tonnes, language)}.")
    return " ".join(notes)


def post_of(fields: dict[str, str]) -> Post:
    """The post that a form says.

    Parameters
    ----------
    fields
        `suunta`, `materiaali`, `haku` (the words that were searched for: they join the note where
        no material was chosen), `maara`, `kunta`, `lisatieto`, `viesti` (its id).

    Raises
    ------
    RoomError
        `too_long`, before anything is read of a long amount; `bad_id`; `no_amount`.
    """
    amount, note = fields.get("maara", "").strip(), fields.get("lisatieto", "").strip()
    material, searched = fields.get("materiaali", ""), fields.get("haku", "").strip()
    if searched and not material:
        note = ": ".join(filter(None, (searched, note)))
    room.check_texts(amount=amount, note=note)
    key = fields.get("viesti", "")
    if not key:
        raise RoomError("bad_id")
    read = loads.read(amount)
    if "ask_zero" in read.notes:
        raise RoomError("no_amount")
    return Post(
        fields.get("suunta", ""),
        material,
        fields.get("kunta", ""),
        read.tonnes,
        amount,
        note,
        key,
    )
