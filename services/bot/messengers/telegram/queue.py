"""The updates between their intake and their answer: a queue per chat, and one stream of turns for all of them.

Each chat with updates waiting has exactly one turn in the stream, and the next one only when the one before is
finished. So the updates of a chat are answered in order by whatever process, chats side by side, and a chat that
floods waits behind itself alone.

A kill between "the answer leaves" and "the turn is finished" is the one thing that cannot be undone: nobody can tell
whether it arrived. The worker therefore notes it in the last moment before the bytes go out, and an answer so noted is
not sent again by who takes over.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from redis.asyncio import Redis

from services.bot.messengers.telegram.queue_scripts import (
    finish_script,
    leave_script,
    stay_script,
    take_in_script,
    take_over_script,
)
from services.bot.messengers.telegram.updates import lane_of
from shared.leases import living
from shared.topology import UPDATES

log = structlog.get_logger(__name__)

#: How long a taken update is remembered. Telegram gives up on an unconfirmed one after a day.
REMEMBERED = timedelta(hours=25)
#: So long an edited question changes the answer that it had.
EDITABLE = timedelta(minutes=10)
#: What was given to a worker so many seconds ago and is not in its hands has never reached it.
RECOVERED_AFTER = 10.0
#: So many updates may wait before no more are taken in.
MOST_WAITING = 10_000
#: An update that was in the hands of so many workers when they died is what killed them.
MOST_DELIVERIES = 4

# One read waits at most so long, which must stay below the client's socket timeout (5 s by default).
_BLOCK_MILLISECONDS = 1000
_GROUP = UPDATES.groups[0]

Json = dict[str, Any]


class QueueFull(Exception):  # noqa: N818 - a state of the world
    """So many updates wait for an answer that no more are kept: Telegram keeps them, for a day."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A chat's turn: its oldest update, in the hands of one worker until it is finished."""

    entry: str
    worker: str
    lane: str
    update: Json
    left: bool = False
    """The answer may have left already, with a worker that died since: it is not sent again."""
    deliveries: int = 1
    mark: str = field(default_factory=lambda: secrets.token_hex(6))


def seen_key(bot_id: str, update_id: int) -> str:
    """Return the key that exists when an update has been taken in."""
    return f"telegram.update:{bot_id}:{update_id}"


def lane_key(bot_id: str, lane: str) -> str:
    """Return the key of the list of a chat's updates, oldest first."""
    return f"telegram.lane:{bot_id}:{lane}"


def leaving_key(bot_id: str) -> str:
    """Return the key of the hash of the chats whose answer is on its way: the turn, and the mark of its worker."""
    return f"telegram.leaving:{bot_id}"


def waiting_key(bot_id: str) -> str:
    """Return the key of the number of updates that wait for an answer, in all chats."""
    return f"telegram.waiting:{bot_id}"


def answered_key(bot_id: str, lane: str, message_id: int) -> str:
    """Return the key of the id of the message that answered a message."""
    return f"telegram.answered:{bot_id}:{lane}:{message_id}"


class UpdateQueue:
    """The updates of one bot, for all its processes. While ``most`` of them wait, no more are taken in."""

    def __init__(self, redis: Redis, bot_id: str, *, most: int = MOST_WAITING) -> None:
        self._most = most
        self._redis = redis
        self._bot_id = bot_id
        self._take_in = take_in_script(redis)
        self._take_over = take_over_script(redis)
        self._leave = leave_script(redis)
        self._stay = stay_script(redis)
        self._finish = finish_script(redis)

    async def take_in(self, updates: Sequence[Json]) -> int:
        """Keep updates, in order, each only once however often Telegram sends it. Return how many were new.

        Raises ``QueueFull``, and then has kept none.
        """
        if not updates:
            return 0
        keys = [UPDATES.name, waiting_key(self._bot_id)]
        args = [str(int(REMEMBERED.total_seconds())), self._bot_id, str(self._most)]
        for update in updates:
            lane = lane_of(update)
            keys += [seen_key(self._bot_id, update["update_id"]), lane_key(self._bot_id, lane)]
            args += [lane, json.dumps(update)]
        new = int(await self._take_in(keys=keys, args=args))
        if new < 0:
            raise QueueFull(f"{self._most} updates wait for an answer already; no more are taken")
        return new

    async def turns(self, worker: str, limit: int) -> list[Turn]:
        """Return the next turns for a worker; waits about a second when there is none."""
        answer: Any = await self._redis.xreadgroup(
            _GROUP, worker, {UPDATES.name: ">"}, count=limit, block=_BLOCK_MILLISECONDS
        )
        return await self._opened(worker, [(*row, 1) for _stream, rows in answer or () for row in rows])

    async def take_over(self, worker: str, limit: int) -> list[Turn]:
        """Return turns that dead workers left behind; they are this worker's now."""
        rows: Any = await self._redis.xinfo_consumers(UPDATES.name, _GROUP)
        names = [row["name"].decode() for row in rows if row["name"].decode() != worker]
        alive = await living(self._redis, names)
        taken: list[Turn] = []
        for dead in (name for name in names if name not in alive):
            taken += await self._claim(dead, worker, max(1, limit - len(taken)))
            if len(taken) >= limit:
                break
        return taken

    async def recover(
        self, worker: str, in_hand: Sequence[str], *, after: float = RECOVERED_AFTER
    ) -> list[Turn]:
        """Return turns that were given to this worker and never reached it: a connection broke in between."""
        return await self._claim(worker, worker, 100, after, in_hand)

    async def _claim(
        self, holder: str, worker: str, limit: int, after: float = 0.0, in_hand: Sequence[str] = ()
    ) -> list[Turn]:
        args: list[str | int] = [_GROUP, holder, worker, limit, int(after * 1000), *in_hand]
        found = await self._take_over(keys=[UPDATES.name], args=args)
        return await self._opened(worker, [(entry, _fields(flat), count) for entry, flat, count in found])

    async def leaving(self, turn: Turn) -> bool:
        """Note that the answer leaves now. False when the turn is not its worker's any more: do not send."""
        keys = [UPDATES.name, leaving_key(self._bot_id)]
        args = [_GROUP, turn.entry, turn.worker, turn.lane, turn.mark]
        return bool(await self._leave(keys=keys, args=args))

    async def stays(self, turn: Turn) -> None:
        """Take that back: the answer surely has not left."""
        await self._stay(keys=[leaving_key(self._bot_id)], args=[turn.lane, turn.entry])

    async def finish(self, turn: Turn, answer: tuple[int, str] | None = None) -> bool:
        """End a turn; the chat's next update gets its own. False when it is ended, or in the hands of another.

        ``answer`` are the ids of the message that was answered and of its answer, for when the former is edited.
        """
        bot_id = self._bot_id
        keys = [UPDATES.name, lane_key(bot_id, turn.lane), leaving_key(bot_id), waiting_key(bot_id)]
        args = [_GROUP, turn.entry, turn.worker, turn.lane, bot_id]
        if answer is not None:
            keys.append(answered_key(bot_id, turn.lane, answer[0]))
            args += [answer[1], str(int(EDITABLE.total_seconds()))]
        return bool(await self._finish(keys=keys, args=args))

    async def answer_to(self, turn: Turn, message_id: int) -> str | None:
        """Return the id of the message that answered a message lately, None when there is none."""
        found: Any = await self._redis.get(answered_key(self._bot_id, turn.lane, message_id))
        return found.decode() if found else None

    async def _opened(
        self, worker: str, rows: Sequence[tuple[bytes, Mapping[bytes, bytes], int]]
    ) -> list[Turn]:
        """Return the turns with what is to be answered; one that is of no use to this bot is ended here."""
        if not rows:
            return []
        async with self._redis.pipeline(transaction=False) as pipe:
            for _entry, fields, _count in rows:
                lane = fields.get(b"lane", b"").decode()
                pipe.lindex(lane_key(self._bot_id, lane), 0)
                pipe.hget(leaving_key(self._bot_id), lane)
            found = await pipe.execute()
        turns = []
        for (entry, fields, deliveries), body, mark in zip(rows, found[::2], found[1::2], strict=True):
            lane, bot_id = fields.get(b"lane", b"").decode(), fields.get(b"bot", b"").decode()
            left = mark is not None and mark.startswith(entry + b" ")
            turn = Turn(entry.decode(), worker, lane, json.loads(body) if body else {}, left, deliveries)
            if bot_id != self._bot_id:
                log.warning("update for another bot given up", entry=turn.entry, bot=bot_id)
                await UpdateQueue(self._redis, bot_id).finish(turn)
            elif not body or deliveries > MOST_DELIVERIES:
                log.error("update given up", entry=turn.entry, deliveries=deliveries)
                await self.finish(turn)
            else:
                turns.append(turn)
        return turns


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
