"""Preferences in Redis: a hash per recipient, with only what differs from the default, each field as JSON."""

import json
from collections.abc import Mapping, Sequence

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from services.bot.alerts.digest_due import DIGESTS_DUE_KEY
from services.bot.alerts.outbox_scripts import HELD_KEY, held_by
from services.bot.preferences import Preferences

log = structlog.get_logger(__name__)

_PREFERENCES = TypeAdapter(Preferences)

# KEYS: 1 preferences, 2 digests that are due. ARGV: 1 recipient, then fields and values.
_CHANGE = """
redis.call('ZADD', KEYS[2], 'XX', 0, ARGV[1])  -- the hour of a digest that waits is worked out anew
redis.call('DEL', KEYS[1])
if #ARGV > 1 then redis.call('HSET', KEYS[1], unpack(ARGV, 2)) end
"""

# KEYS: 1 and 2 preferences of the old and of the new address. Returns 1 when the old address had any.
_MOVE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('DEL', KEYS[1])
else
  redis.call('RENAME', KEYS[1], KEYS[2])
end
return 1
"""


def preferences_key(who: str) -> str:
    """Return the key of the hash of a recipient's preferences."""
    return f"preferences:{who}"


class RedisPreferences:
    """The preferences of all recipients (see ``PreferencesStore``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._change = redis.register_script(_CHANGE)
        self._move = redis.register_script(_MOVE)

    async def get(self, who: str) -> Preferences:
        """Return a recipient's preferences, the default ones when it has none."""
        return _read(who, await self._redis.hgetall(preferences_key(who)))

    async def among(self, recipients: Sequence[str]) -> Mapping[str, Preferences]:
        """Return the preferences of those of the recipients that have any, read in one go."""
        if not recipients:
            return {}
        async with self._redis.pipeline(transaction=False) as pipe:
            for who in recipients:
                pipe.hgetall(preferences_key(who))
            rows = await pipe.execute()
        return {who: _read(who, row) for who, row in zip(recipients, rows, strict=True) if row}

    async def change(self, who: str, preferences: Preferences) -> None:
        """Put a recipient's preferences in the place of those before."""
        fields = _PREFERENCES.dump_python(preferences, mode="json", exclude_defaults=True)
        written = [part for name, value in fields.items() for part in (name, json.dumps(value))]
        before = await self.get(who)
        await self._change(keys=[preferences_key(who), DIGESTS_DUE_KEY], args=[who, *written])
        if before.quiet is not None and before.quiet.hold:
            # What is held back comes up again at once, and is decided anew by what holds now.
            async for member, _ends in self._redis.zscan_iter(HELD_KEY, match=held_by(who), count=1000):
                await self._redis.zadd(HELD_KEY, {member: 0}, xx=True)

    async def forget(self, who: str) -> None:
        """Delete a recipient's preferences."""
        await self.change(who, Preferences())

    async def move(self, old: str, new: str) -> int:
        """Give preferences to a recipient's new address; see the port."""
        return int(await self._move(keys=[preferences_key(old), preferences_key(new)]))


def _read(who: str, row: Mapping[bytes | str, bytes | str]) -> Preferences:
    """Read a hash. A field that this version cannot read counts as not set: one row must not stop everybody's."""
    fields = {_text(name): json.loads(value) for name, value in row.items()}
    try:
        return _PREFERENCES.validate_python(fields)
    except ValidationError as error:
        unreadable = {str(each["loc"][0]) for each in error.errors()}
        log.warning("preferences that cannot be read are left out", who=who, fields=sorted(unreadable))
        return _PREFERENCES.validate_python(
            {name: value for name, value in fields.items() if name not in unreadable}
        )


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
