"""The review list in Redis: a hash per entry, one of its votes, and the sets of open and of resolved entries."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from redis.asyncio import Redis

from services.bot.reviews import Objection, Review

#: The sorted sets of the ids of entries, by the time (s) of their last vote or of their resolution.
OPEN_KEY = "reviews.open"
RESOLVED_KEY = "reviews.resolved"
#: What people are hashed with, made up once for an installation.
SALT_KEY = "reviews.salt"
#: How long an entry is kept after its last vote or its resolution.
LIFETIME = timedelta(days=90)

_OBJECTION = TypeAdapter(Objection)
_SECONDS = int(LIFETIME.total_seconds())
_ENTRIES_READ = 200

# Adds a vote. A vote on what is resolved counts, and opens nothing.
# KEYS: 1 entry, 2 votes, 3 open, 4 resolved. ARGV: 1 id, 2 objection (JSON), 3 voter, 4 now (s), 5 seconds to live
# Returns 1 for a new vote, 0 for a second one.
_OBJECT = """
if redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[1], 'objection', ARGV[2]) == 1 then
  redis.call('HSET', KEYS[1], 'opened', ARGV[4])
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
end
for i = 1, 2 do redis.call('EXPIRE', KEYS[i], ARGV[5]) end
for i = 3, 4 do
  redis.call('ZADD', KEYS[i], 'XX', ARGV[4], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[4] - ARGV[5])  -- their entries are gone
end
return 1
"""

# Closes an entry. KEYS: 1 entry, 2 open, 3 resolved, 4 votes. ARGV: 1 id, 2 note, 3 now (s), 4 seconds to live
# Returns 0 when it is not open.
_RESOLVE = """
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 or redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'resolved', ARGV[3], 'note', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[4], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
return 1
"""


def review_key(review_id: str) -> str:
    """Return the key of the hash of an entry."""
    return f"review:{review_id}"


def votes_key(review_id: str) -> str:
    """Return the key of the hash of an entry's votes: hashed person to time (s)."""
    return f"review.votes:{review_id}"


class RedisReviews:
    """The review list (see ``Reviews``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._object = redis.register_script(_OBJECT)
        self._resolve = redis.register_script(_RESOLVE)

    async def object(self, objection: Objection, person: str, at: datetime) -> bool:
        """Add a vote; see the port."""
        keys = [review_key(objection.id), votes_key(objection.id), OPEN_KEY, RESOLVED_KEY]
        body, voter = _OBJECTION.dump_json(objection), await self._hashed(person)
        args: list[str | bytes | int] = [objection.id, body, voter, int(at.timestamp()), _SECONDS]
        return bool(await self._object(keys=keys, args=args))

    async def list(self, *, resolved: bool = False, limit: int = 1000) -> Sequence[Review]:
        """Return entries; see the port. What has outlived its lifetime is taken out on the way."""
        key = RESOLVED_KEY if resolved else OPEN_KEY
        found: list[Review] = []
        members: Any = await self._redis.zrange(key, 0, -1)
        ids = [member.decode() for member in members]
        for at in range(0, len(ids), _ENTRIES_READ):
            found += await self._read(key, ids[at : at + _ENTRIES_READ])
        found.sort(key=lambda review: (-len(review.voters), review.opened, review.objection.id))
        return found[:limit]

    async def resolve(self, review_id: str, note: str, at: datetime) -> bool:
        """Close an entry; see the port."""
        keys = [review_key(review_id), OPEN_KEY, RESOLVED_KEY, votes_key(review_id)]
        return bool(await self._resolve(keys=keys, args=[review_id, note, int(at.timestamp()), _SECONDS]))

    async def forget(self, who: str) -> None:
        """Delete a person's votes. The entries stay: they say nothing of the person."""
        voter = await self._hashed(who)
        for entries in (OPEN_KEY, RESOLVED_KEY):
            members: Any = await self._redis.zrange(entries, 0, -1)
            async with self._redis.pipeline(transaction=False) as pipe:
                for member in members:
                    pipe.hdel(votes_key(member.decode()), voter)
                await pipe.execute()

    async def _read(self, key: str, ids: Sequence[str]) -> Sequence[Review]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for review_id in ids:
                pipe.hgetall(review_key(review_id))
                pipe.hgetall(votes_key(review_id))
            rows = await pipe.execute()
        entries = list(zip(ids, rows[::2], rows[1::2], strict=True))
        if expired := [review_id for review_id, fields, _votes in entries if b"objection" not in fields]:
            await self._redis.zrem(key, *expired)
        return [_review(fields, votes) for _id, fields, votes in entries if b"objection" in fields]

    async def _hashed(self, person: str) -> str:
        await self._redis.set(SALT_KEY, secrets.token_bytes(32), nx=True)
        salt: Any = await self._redis.get(SALT_KEY)
        return hashlib.blake2b(person.encode(), key=salt, digest_size=12).hexdigest()


def _review(fields: dict[bytes, bytes], votes: dict[bytes, bytes]) -> Review:
    voters = sorted((_moment(at), voter.decode()) for voter, at in votes.items())
    resolved = fields.get(b"resolved")
    return Review(
        _OBJECTION.validate_json(fields[b"objection"]),
        _moment(fields[b"opened"]),
        tuple((voter, at) for at, voter in voters),
        _moment(resolved) if resolved else None,
        fields.get(b"note", b"").decode(),
    )


def _moment(seconds: bytes) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
