"""The short memory of a conversation, in this process. Bounded, so that no number of readers fills it."""

import hashlib
from collections import OrderedDict

from services.bot.conversation.ports import Turn

MOST_READERS = 10_000
MOST_COMMANDS = 10_000
MOST_STORIES = 5_000

#: A shorter beginning of a story id names too many stories to be meant.
SHORTEST_PREFIX = 4


class LocalRecall:
    """A ``Recall`` for one process. After a restart, readers are told to ask again."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, Turn] = OrderedDict()
        self._commands: OrderedDict[str, str] = OrderedDict()
        self._stories: OrderedDict[str, None] = OrderedDict()

    async def remember(self, who: str, turn: Turn) -> None:
        """Remember what a recipient saw last, in the place of what was there."""
        self._turns[who] = turn
        self._turns.move_to_end(who)
        _bound(self._turns, MOST_READERS)
        for story_id in (*turn.stories, *([turn.opened] if turn.opened else [])):
            self._stories[story_id] = None
            self._stories.move_to_end(story_id)
        _bound(self._stories, MOST_STORIES)

    async def last(self, who: str) -> Turn:
        """Return what a recipient saw last, empty when unknown."""
        return self._turns.get(who, Turn())

    async def shorten(self, command: str) -> str:
        """Keep a long command; the same command always has the same token."""
        token = hashlib.blake2s(command.encode(errors="surrogatepass"), digest_size=8).hexdigest()
        self._commands[token] = command
        self._commands.move_to_end(token)
        _bound(self._commands, MOST_COMMANDS)
        return token

    async def expand(self, token: str) -> str | None:
        """Return the command that a token stands for, None when it is no longer known."""
        return self._commands.get(token)

    async def story(self, prefix: str) -> str | None:
        """Return the id of the only story shown lately that begins so."""
        if len(prefix) < SHORTEST_PREFIX:
            return None
        found = [story_id for story_id in self._stories if story_id.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    async def forget(self, who: str) -> None:
        """Forget a recipient."""
        self._turns.pop(who, None)


def _bound(table: OrderedDict[str, Turn] | OrderedDict[str, str] | OrderedDict[str, None], most: int) -> None:
    while len(table) > most:
        table.popitem(last=False)
