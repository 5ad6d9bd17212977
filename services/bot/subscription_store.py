"""Follows in Redis: a hash per recipient, and per target and role a sorted set of its followers.

Both directions change in one step, so they never disagree. All members of a sorted set have the score 0, so
that they lie in the order of their bytes and a page can begin after any recipient.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import get_args

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.bot.subscriptions import Follow, Follower, FollowRole

_ROLES: tuple[FollowRole, ...] = get_args(FollowRole)

# KEYS: 1 follows of the recipient, 2 followers with the new role, 3 followers with the other role
# ARGV: 1 recipient, 2 target, 3 role, 4 time (ISO 8601). Returns 1 when the follow is new, else 0.
_FOLLOW = """
local known = redis.call('HGET', KEYS[1], ARGV[2])
local since = ARGV[4]
if known then since = string.match(known, '|(.*)$') end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. '|' .. since)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return known and 0 or 1
"""

# KEYS: 1 follows of the recipient, 2 and 3 followers with each role. ARGV: 1 recipient, 2 target.
_UNFOLLOW = """
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[2])
"""


def follows_key(who: str) -> str:
    """Return the key of the hash of what a recipient follows: target to ``role|since``."""
    return f"follows:{who}"


def followers_key(target: str, role: FollowRole) -> str:
    """Return the key of the sorted set of the recipients that follow a target with a role."""
    return f"followers:{role}:{target}"


class RedisSubscriptions:
    """The subscriptions of all recipients (see ``Subscriptions``).

    ``also_forget`` are called with the recipient by ``forget``: whatever else holds something about a person.
    """

    def __init__(self, redis: Redis, *, also_forget: Sequence[Callable[[str], Awaitable[None]]] = ()) -> None:
        self._redis = redis
        self._also_forget = tuple(also_forget)
        self._follow = redis.register_script(_FOLLOW)
        self._unfollow = redis.register_script(_UNFOLLOW)

    async def follow(self, who: str, target: str, role: FollowRole, at: datetime) -> bool:
        """Follow a target; see the port."""
        other: FollowRole = "mentioned" if role == "subject" else "subject"
        keys = [follows_key(who), followers_key(target, role), followers_key(target, other)]
        return bool(await self._follow(keys=keys, args=[who, target, role, at.isoformat()]))

    async def unfollow(self, who: str, target: str) -> bool:
        """Stop following a target; see the port."""
        keys = [follows_key(who), *(followers_key(target, role) for role in _ROLES)]
        return bool(await self._unfollow(keys=keys, args=[who, target]))

    async def following(self, who: str) -> list[Follow]:
        """Return what a recipient follows, oldest first."""
        rows = await self._redis.hgetall(follows_key(who))
        follows = [_follow_of(target, value) for target, value in rows.items()]
        return sorted(follows, key=lambda follow: (follow.since, follow.target))

    async def followers(
        self, targets: Sequence[str], *, after: str | None = None, limit: int = 500
    ) -> tuple[list[Follower], str | None]:
        """Return a page of followers; see the port. Reads at most ``limit`` rows per target and role."""
        wanted = [(target, role) for target in dict.fromkeys(targets) for role in _ROLES]
        start = "-" if after is None else f"({after}"
        async with self._redis.pipeline(transaction=False) as pipe:
            for target, role in wanted:
                pipe.zrangebylex(followers_key(target, role), start, "+", start=0, num=limit)
            pages = await pipe.execute()
        # A set that gave a full page may hold more, but only after its last row; a page of the union ends
        # before any such row, because that set alone has `limit` recipients up to there.
        found: dict[bytes, dict[str, FollowRole]] = {}
        for (target, role), members in zip(wanted, pages, strict=True):
            for member in members:
                found.setdefault(member, {})[target] = role
        page = [Follower(who.decode(), found[who]) for who in islice(sorted(found), limit)]
        more = len(found) > limit or any(len(members) == limit for members in pages)
        return page, page[-1].who if more and page else None

    async def forget(self, who: str) -> int:
        """Delete everything about a recipient, here and in ``also_forget``; see the port."""

        async def forgetting(pipe: Pipeline) -> int:
            targets = [_text(target) for target in await pipe.hkeys(follows_key(who))]
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no types for it
            for target in targets:
                for role in _ROLES:
                    pipe.zrem(followers_key(target, role), who)
            pipe.delete(follows_key(who))
            return len(targets)

        count = int(await self._redis.transaction(forgetting, follows_key(who), value_from_callable=True))
        for forget in self._also_forget:
            await forget(who)
        return count

    async def move(self, old: str, new: str) -> int:
        """Give a recipient's follows to its new address (a group that became a supergroup).

        What the new address follows already stays as it is. Returns how many follows the old one had.
        """

        async def moving(pipe: Pipeline) -> int:
            rows = await pipe.hgetall(follows_key(old))
            kept = set(await pipe.hkeys(follows_key(new)))
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no types for it
            for target, value in rows.items():
                follow = _follow_of(target, value)
                pipe.zrem(followers_key(follow.target, follow.role), old)
                if target not in kept:
                    pipe.hset(follows_key(new), follow.target, value)
                    pipe.zadd(followers_key(follow.target, follow.role), {new: 0})
            pipe.delete(follows_key(old))
            return len(rows)

        watched = follows_key(old), follows_key(new)
        return int(await self._redis.transaction(moving, *watched, value_from_callable=True))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _follow_of(target: bytes | str, value: bytes | str) -> Follow:
    role, _, since = _text(value).partition("|")
    return Follow(
        _text(target), "mentioned" if role == "mentioned" else "subject", datetime.fromisoformat(since)
    )
