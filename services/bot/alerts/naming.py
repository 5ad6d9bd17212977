"""What the targets of follows are called."""

from services.bot.conversation.ports import Actors, Places


class TargetNames:
    """Names targets: called with ``country:KZ`` it returns the flag and the display name."""

    def __init__(self, places: Places, actors: Actors) -> None:
        self._places = places
        self._actors = actors

    def __call__(self, target: str) -> tuple[str, str]:
        """Return (flag, name) of a target. One that is not known any more goes by its id, without a flag."""
        kind, _, name = target.partition(":")
        if kind == "actor":
            actor = self._actors.get(name)
            return "", actor.name if actor else name
        place = self._places.get(name)
        return (place.flag, place.name) if place else ("", name)
