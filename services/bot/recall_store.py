"""The short memory of a conversation in Redis: the same for every process, and still there after a restart.

All of it expires, and what is not a reader's own is bounded: no number of questions fills the server.
"""

import hashlib
import time
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from services.bot.conversation.ports import Turn
from services.bot.conversation.recall import MOST_STORIES, SHORTEST_PREFIX

#: What a reader saw is remembered for so long after the last question.
TURN_LIFETIME = timedelta(days=7)
#: A button that needs a token works for so long after it was last shown.
TOKEN_LIFETIME = timedelta(days=30)

#: The stories shown lately: a sorted set of their ids by name (all scores 0), and one by when they were shown.
NAMES_KEY, SHOWN_KEY = "recall.stories", "recall.shown"

_TURN = TypeAdapter(Turn)

# KEYS: 1 turn, 2 stories by name, 3 stories by time. ARGV: 1 turn (JSON), 2 seconds to live, 3 now, 4 most stories,
#       then ids of stories
_REMEMBER = """
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
for i = 5, #ARGV do
  redis.call('ZADD', KEYS[2], 0, ARGV[i])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[i])
end
local much = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[4])
if much > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, much - 1)) do redis.call('ZREM', KEYS[2], id) end
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, much - 1)
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[2])
"""


def turn_key(who: str) -> str:
    """Return the key of what a recipient saw last (JSON)."""
    return f"recall.turn:{who}"


def token_key(token: str) -> str:
    """Return the key of the command that a token stands for."""
    return f"recall.token:{token}"


class RedisRecall:
    """A ``Recall`` for all processes."""

    def __init__(self, redis: Redis, *, most_stories: int = MOST_STORIES) -> None:
        self._redis = redis
        self._most_stories = most_stories
        self._remember = redis.register_script(_REMEMBER)

    async def remember(self, who: str, turn: Turn) -> None:
        """Remember what a recipient saw last, in the place of what was there."""
        shown = [*turn.stories, *([turn.opened] if turn.opened else [])]
        await self._remember(
            keys=[turn_key(who), NAMES_KEY, SHOWN_KEY],
            args=[
                _TURN.dump_json(turn), int(TURN_LIFETIME.total_seconds()), time.time(), self._most_stories, *shown,
            ],
        )  # fmt: skip

    async def last(self, who: str) -> Turn:
        """Return what a recipient saw last, empty when unknown."""
        kept = await self._redis.get(turn_key(who))
        try:
            return _TURN.validate_json(kept) if kept else Turn()
        except ValidationError:
            # Written by a version that knew other fields.
            return Turn()

    async def shorten(self, command: str) -> str:
        """Keep a long command; the same command always has the same token."""
        written = command.encode(errors="surrogatepass")
        token = hashlib.blake2s(written, digest_size=8).hexdigest()
        await self._redis.set(token_key(token), written, ex=TOKEN_LIFETIME)
        return token

    async def expand(self, token: str) -> str | None:
        """Return the command that a token stands for, None when it is no longer known."""
        kept: Any = await self._redis.get(token_key(token))
        return kept.decode(errors="surrogatepass") if kept else None

    async def story(self, prefix: str) -> str | None:
        """Return the id of the only story shown lately that begins so."""
        if len(prefix) < SHORTEST_PREFIX:
            return None
        start = prefix.encode(errors="surrogatepass")
        found: Any = await self._redis.zrangebylex(
            NAMES_KEY, b"[" + start, b"[" + start + b"\xff", start=0, num=2
        )
        return found[0].decode() if len(found) == 1 else None

    async def forget(self, who: str) -> None:
        """Forget a recipient."""
        await self._redis.delete(turn_key(who))

    async def move(self, old: str, new: str) -> None:
        """Give what a recipient saw to its new address, which may have seen something since."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.copy(turn_key(old), turn_key(new))
            pipe.delete(turn_key(old))
            await pipe.execute()
