"""Follows in Redis: a hash per recipient, and per target sorted sets of its followers.

A target has one set of followers for each role, and one of those who follow it with words; what these ask for stands
in their own hash alone. Both directions change in one step, so they never disagree. All members of a sorted set have
the score 0, so that they lie in the order of their bytes and a page can begin after any recipient.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import get_args

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.bot.keywords import NO_WORDS, Keywords
from services.bot.subscriptions import Follow, Follower, FollowRole, Wish, key_of, read_key

_ROLES: tuple[FollowRole, ...] = get_args(FollowRole)

# KEYS: 1 follows of the recipient, 2 followers of this kind, 3 followers with the other role (none for words)
# ARGV: 1 recipient, 2 key of the follow, 3 role, 4 time (ISO 8601). Returns 1 when the follow is new, else 0.
_FOLLOW = """
local known = redis.call('HGET', KEYS[1], ARGV[2])
local since = ARGV[4]
if known then since = string.match(known, '|(.*)$') end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. '|' .. since)
if KEYS[3] then redis.call('ZREM', KEYS[3], ARGV[1]) end
redis.call('ZADD', KEYS[2], 0, ARGV[1])
return known and 0 or 1
"""

# KEYS: 1 follows of the recipient, 2 followers with words, then followers with each role
# ARGV: 1 recipient, 2 target, 3 key of the follow, "" for all of the target. Returns how many follows there were.
_UNFOLLOW = """
local gone, left = 0, false
for _, key in ipairs(redis.call('HKEYS', KEYS[1])) do
  local plain, worded = key == ARGV[2], string.sub(key, 1, #ARGV[2] + 1) == ARGV[2] .. ' '
  if (plain or worded) and (ARGV[3] == '' or ARGV[3] == key) then
    gone = gone + redis.call('HDEL', KEYS[1], key)
    if plain then for i = 3, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end end
  elseif worded then
    left = true
  end
end
if not left then redis.call('ZREM', KEYS[2], ARGV[1]) end
return gone
"""


def follows_key(who: str) -> str:
    """Return the key of the hash of what a recipient follows: key of the follow to ``role|since``."""
    return f"follows:{who}"


def followers_key(target: str, role: FollowRole) -> str:
    """Return the key of the sorted set of the recipients that follow a target with a role, whatever it says."""
    return f"followers:{role}:{target}"


def worded_key(target: str) -> str:
    """Return the key of the sorted set of the recipients that follow a target with words, in any role."""
    return f"followers:words:{target}"


class RedisSubscriptions:
    """The subscriptions of all recipients (see ``Subscriptions``).

    ``also_forget`` are called with the recipient by ``forget``: whatever else holds something about a person.
    """

    def __init__(self, redis: Redis, *, also_forget: Sequence[Callable[[str], Awaitable[None]]] = ()) -> None:
        self._redis = redis
        self._also_forget = tuple(also_forget)
        self._follow = redis.register_script(_FOLLOW)
        self._unfollow = redis.register_script(_UNFOLLOW)

    async def follow(
        self, who: str, target: str, role: FollowRole, at: datetime, words: Keywords = NO_WORDS
    ) -> bool:
        """Follow a target; see the port."""
        other: FollowRole = "mentioned" if role == "subject" else "subject"
        sets = [worded_key(target)] if words else [followers_key(target, role), followers_key(target, other)]
        args = [who, key_of(target, words), role, at.isoformat()]
        return bool(await self._follow(keys=[follows_key(who), *sets], args=args))

    async def unfollow(self, who: str, target: str, words: Keywords | None = None) -> bool:
        """Stop following a target; see the port."""
        keys = [follows_key(who), *_sets(target)]
        args = [who, target, "" if words is None else key_of(target, words)]
        return bool(await self._unfollow(keys=keys, args=args))

    async def following(self, who: str) -> list[Follow]:
        """Return what a recipient follows, oldest first."""
        rows = await self._redis.hgetall(follows_key(who))
        return sorted(_follows_of(rows), key=lambda follow: (follow.since, follow.key))

    async def followers(
        self, targets: Sequence[str], *, after: str | None = None, limit: int = 500
    ) -> tuple[list[Follower], str | None]:
        """Return a page of followers; see the port.

        Reads at most ``limit`` rows per set, and the hashes of those in the page that follow with words.
        """
        wanted = tuple(dict.fromkeys(targets))
        kinds = [(target, role) for target in wanted for role in (*_ROLES, None)]
        start = "-" if after is None else f"({after}"
        async with self._redis.pipeline(transaction=False) as pipe:
            for target, role in kinds:
                key = followers_key(target, role) if role else worded_key(target)
                pipe.zrangebylex(key, start, "+", start=0, num=limit)
            pages = await pipe.execute()
        # A set that gave a full page may hold more, but only after its last row; a page of the union ends
        # before any such row, because that set alone has `limit` recipients up to there.
        found: dict[bytes, list[Wish]] = {}
        worded: set[bytes] = set()
        for (target, role), members in zip(kinds, pages, strict=True):
            for member in members:
                wishes = found.setdefault(member, [])
                if role:
                    wishes.append(Wish(target, role))
                else:
                    worded.add(member)
        recipients = list(islice(sorted(found), limit))
        more = len(found) > limit or any(len(members) == limit for members in pages)
        asked = await self._worded([who for who in recipients if who in worded], frozenset(wanted))
        followers = [Follower(who.decode(), (*found[who], *asked.get(who, ()))) for who in recipients]
        return [each for each in followers if each.wishes], followers[-1].who if more and followers else None

    async def _worded(
        self, recipients: Sequence[bytes], targets: frozenset[str]
    ) -> Mapping[bytes, Sequence[Wish]]:
        """Return the wishes with words that recipients have about targets."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for who in recipients:
                pipe.hgetall(follows_key(who.decode()))
            rows = await pipe.execute()
        return {
            who: [
                Wish(follow.target, follow.role, follow.words)
                for follow in sorted(_follows_of(row), key=lambda follow: follow.key)
                if follow.words and follow.target in targets
            ]
            for who, row in zip(recipients, rows, strict=True)
        }

    async def forget(self, who: str) -> int:
        """Delete everything about a recipient, here and in ``also_forget``; see the port."""

        async def forgetting(pipe: Pipeline) -> int:
            follows = _follows_of(await pipe.hgetall(follows_key(who)))
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no types for it
            for target in {follow.target for follow in follows}:
                for key in _sets(target):
                    pipe.zrem(key, who)
            pipe.delete(follows_key(who))
            return len(follows)

        count = int(await self._redis.transaction(forgetting, follows_key(who), value_from_callable=True))
        for forget in self._also_forget:
            await forget(who)
        return count

    async def move(self, old: str, new: str) -> int:
        """Give a recipient's follows to its new address (a group that became a supergroup).

        What the new address follows already stays as it is. Returns how many follows the old one had.
        """

        async def moving(pipe: Pipeline) -> int:
            follows = _follows_of(await pipe.hgetall(follows_key(old)))
            kept = {_text(key) for key in await pipe.hkeys(follows_key(new))}
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no types for it
            for follow in follows:
                key = worded_key(follow.target) if follow.words else followers_key(follow.target, follow.role)
                pipe.zrem(key, old)
                if follow.key not in kept:
                    pipe.hset(follows_key(new), follow.key, f"{follow.role}|{follow.since.isoformat()}")
                    pipe.zadd(key, {new: 0})
            pipe.delete(follows_key(old))
            return len(follows)

        watched = follows_key(old), follows_key(new)
        return int(await self._redis.transaction(moving, *watched, value_from_callable=True))


def _sets(target: str) -> list[str]:
    """Return the keys of all sets of followers of a target, those with words first."""
    return [worded_key(target), *(followers_key(target, role) for role in _ROLES)]


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _follows_of(rows: Mapping[bytes | str, bytes | str]) -> list[Follow]:
    return [_follow_of(_text(key), _text(value)) for key, value in rows.items()]


def _follow_of(key: str, value: str) -> Follow:
    role, _, since = value.partition("|")
    target, words = read_key(key)
    return Follow(
        target, "mentioned" if role == "mentioned" else "subject", datetime.fromisoformat(since), words
    )
