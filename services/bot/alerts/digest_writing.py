"""From the rows that wait for a reader's digest to its message."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.bot.alerts.digest_text import digest_text
from services.bot.alerts.kindness import DEFAULTS, Defaults, wanted
from services.bot.alerts.messages import NameOf
from services.bot.alerts.port import Folded, Taken
from services.bot.alerts.telling import since
from services.bot.alerts.writing import Told, speaker_of
from services.bot.conversation.messages import Reply
from services.bot.conversation.texts import speaking
from services.bot.preferences import Preferences, PreferencesStore
from services.bot.subscriptions import Subscriptions
from shared.clock import Clock

#: Rows that a digest is made of at most, the newest; a reader of more than that reads the archive.
MOST_ROWS = 500
#: How often an answer is written anew because something of it was told meanwhile.
TRIES = 5


class Waiting(Protocol):
    """The rows that wait for digests."""

    async def folded(self, who: str, limit: int = MOST_ROWS) -> Sequence[Folded]:
        """Return a reader's rows, the newest first."""

    async def moved(self, who: str) -> str | None:
        """Return the address that a reader moved to or came from of late, None when it did not."""

    async def take(self, who: str, clusters: Sequence[str], question: str, at: datetime) -> Taken:
        """Write that rows were told because the reader asked: all of them, or none."""

    async def asked(self, who: str, question: str) -> Sequence[Folded]:
        """Return the rows that a question was told already, none when it is a new one."""

    async def unfold(self, who: str, clusters: Sequence[str]) -> int:
        """Drop rows that are not wanted any more. Return how many."""


@dataclass(frozen=True, slots=True)
class WrittenDigest:
    """A digest: its message, and the clusters of the rows that it tells."""

    reply: Reply
    clusters: tuple[str, ...]


class DigestWriter:
    """Writes digests."""

    def __init__(
        self,
        *,
        waiting: Waiting,
        subscriptions: Subscriptions,
        preferences: PreferencesStore,
        tellings: Told,
        name_of: NameOf,
        clock: Clock,
        defaults: Defaults = DEFAULTS,
    ) -> None:
        self._waiting = waiting
        self._subscriptions = subscriptions
        self._preferences = preferences
        self._tellings = tellings
        self._name_of = name_of
        self._clock = clock
        self._defaults = defaults

    async def write(
        self, who: str, preferences: Preferences, *, but: Set[str] = frozenset()
    ) -> WrittenDigest | None:
        """Write what waits for a reader, ``but`` for some clusters; None when nothing does.

        What the reader does not follow any more, or has muted, is dropped on the way. Raises what the stores raise.
        """
        rows = [row for row in await self._wanted(who, preferences) if row.story.cluster not in but]
        return await self._written(rows, preferences) if rows else None

    async def take(self, who: str, question: str = "") -> Reply | None:
        """Write what waits and count it as told: the reader has asked for it. None when nothing waits.

        What a digest on its way tells does not wait. A question (as its transport names it) that is put again,
        because its worker died before the answer left, gets the same answer.
        """
        preferences = await self._preferences.get(who)
        if before := await self._waiting.asked(who, question):
            return (await self._written(before, preferences)).reply
        leaving: Set[str] = frozenset()
        for _ in range(TRIES):
            written = await self.write(who, preferences, but=leaving)
            if written is None:
                break
            taken = await self._waiting.take(who, written.clusters, question, self._clock.now())
            if taken.told:
                return written.reply
            leaving = taken.leaving
        return None

    async def _written(self, rows: Sequence[Folded], preferences: Preferences) -> WrittenDigest:
        told = await self._tellings.of([row.story.cluster for row in rows])
        known = {row.story.cluster: since(row.story, told.get(row.story.cluster)) for row in rows}
        with speaking(speaker_of(preferences, self._defaults)):
            text = digest_text(rows, self._clock.now(), name_of=self._name_of, known=known)
        return WrittenDigest(text.message, tuple(row.story.cluster for row in text.told))

    async def _wanted(self, who: str, preferences: Preferences) -> list[Folded]:
        rows = await self._waiting.folded(who, MOST_ROWS)
        followed = await self._followed(who)
        kept = [
            row
            for row in rows
            if followed & row.reasons.keys()
            and wanted(row.reasons, row.story.countries, preferences, self._clock.now())
        ]
        clusters = {row.story.cluster for row in kept}
        if gone := [row.story.cluster for row in rows if row.story.cluster not in clusters]:
            await self._waiting.unfold(who, gone)
        return kept

    async def _followed(self, who: str) -> set[str]:
        """Return the keys of a reader's follows. Until these have moved too, those of its other address count."""
        other = await self._waiting.moved(who)
        addresses = (who,) if other is None else (who, other)
        return {follow.key for each in addresses for follow in await self._subscriptions.following(each)}
