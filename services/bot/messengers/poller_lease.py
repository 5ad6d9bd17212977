"""The lease on polling: of all processes that could poll Telegram with one token, exactly one does."""

import asyncio
import secrets

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

#: A poller that died is replaced after this and at most one ``RETRY_SECONDS`` more.
TERM_SECONDS = 10.0
RETRY_SECONDS = 2.0

# KEYS: 1 lease. ARGV: 1 holder, 2 milliseconds. Returns 1 while the lease is held.
_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""

# KEYS: 1 lease. ARGV: 1 holder. Returns 1 when it was given up.
_GIVE_UP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


def poller_key(bot_id: str) -> str:
    """Return the key of the lease on polling for a bot."""
    return f"telegram.poller:{bot_id}"


class PollerLease:
    """One process's claim to be the poller of a bot."""

    def __init__(self, redis: Redis, bot_id: str, *, term: float = TERM_SECONDS) -> None:
        self._redis = redis
        self._key = poller_key(bot_id)
        self._holder = secrets.token_hex(8)
        self._term = term
        self._renew = redis.register_script(_RENEW)
        self._give_up = redis.register_script(_GIVE_UP)

    async def take(self) -> bool:
        """Take the lease if nobody has it."""
        return bool(await self._redis.set(self._key, self._holder, nx=True, px=int(self._term * 1000)))

    async def keep(self) -> None:
        """Renew the lease three times in each term; return when it is lost.

        It also counts as lost when the server did not answer for most of a term: somebody else may have it then.
        """
        clock = asyncio.get_running_loop().time
        held_until = clock() + self._term
        while clock() < held_until - self._term / 3:
            await asyncio.sleep(self._term / 4)
            asked_at = clock()
            try:
                async with asyncio.timeout(self._term / 4):
                    if not await self._renew(keys=[self._key], args=[self._holder, int(self._term * 1000)]):
                        return
            except (RedisError, TimeoutError) as error:
                log.warning("poller lease not renewed", error=str(error))
            else:
                held_until = asked_at + self._term

    async def give_up(self) -> None:
        """Give the lease back, so that the next poller need not wait for it to run out."""
        await self._give_up(keys=[self._key], args=[self._holder])
