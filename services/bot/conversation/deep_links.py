"""What a link to the bot can carry: ``?start=follow_KZ``. Letters, digits, ``_`` and ``-``, 64 of them at most."""

import re

_PAYLOAD = re.compile(r"follow_(?P<what>[A-Za-z0-9_-]+)$")
_ACTOR = "actor-"


def command_of(payload: str) -> str | None:
    """Return the command that a link stands for: ``follow_KZ``, ``follow_central-asia``, ``follow_actor-ID``."""
    found = _PAYLOAD.match(payload.strip())
    if found is None:
        return None
    what = found["what"]
    return f"/follow actor:{what.removeprefix(_ACTOR)}" if what.startswith(_ACTOR) else f"/follow {what}"
