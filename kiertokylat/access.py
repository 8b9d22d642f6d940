"""Who may do what: the three roles."""

from dataclasses import dataclass
from typing import Literal

from kiertokylat.errors import AccessError

# viewer: reads. participant: a phone in a workshop, sees its workshop only. editor: writes.
Role = Literal["viewer", "participant", "editor"]


@dataclass(frozen=True)
class Actor:
    """Somebody who reads or writes.

    Parameters
    ----------
    name
        For the history: an address of a login, or where the change was made.
    role
        What they may do.
    """

    name: str
    role: Role


def require_editor(actor: Actor) -> None:
    """Stop everybody but an editor.

    Raises
    ------
    AccessError
        The actor is no editor.
    """
    if actor.role != "editor":
        raise AccessError
