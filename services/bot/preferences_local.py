"""Preferences in this process alone, for a conversation that has no store."""

from collections.abc import Mapping, Sequence

from services.bot.preferences import Preferences


class LocalPreferences:
    """A ``PreferencesStore`` that is gone with the process."""

    def __init__(self) -> None:
        self._kept: dict[str, Preferences] = {}

    async def get(self, who: str) -> Preferences:
        """Return a recipient's preferences, ``Preferences()`` when it has none."""
        return self._kept.get(who, Preferences())

    async def among(self, recipients: Sequence[str]) -> Mapping[str, Preferences]:
        """Return the preferences of those of the recipients that have any."""
        return {who: self._kept[who] for who in recipients if who in self._kept}

    async def change(self, who: str, preferences: Preferences) -> None:
        """Put a recipient's preferences in the place of those before."""
        self._kept[who] = preferences

    async def forget(self, who: str) -> None:
        """Delete a recipient's preferences."""
        self._kept.pop(who, None)

    async def move(self, old: str, new: str) -> int:
        """Give preferences to a recipient's new address, unless that has its own. Return 1 when the old had any."""
        moved = self._kept.pop(old, None)
        if moved is None:
            return 0
        self._kept.setdefault(new, moved)
        return 1
