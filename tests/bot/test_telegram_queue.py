"""The queue between intake and answer, on a real server: order, takeovers, and answers that may have left."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from services.bot.messengers.telegram.queue import (
    MOST_DELIVERIES,
    QueueFull,
    Turn,
    UpdateQueue,
    lane_key,
    leaving_key,
    waiting_key,
)
from shared.leases import Lease
from shared.topology import UPDATES, ensure_groups

BOT = "123456"


def said(update_id: int, text: str, chat: int = 7) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"message_id": update_id, "chat": {"id": chat}, "text": text}}


def words(turns: list[Turn]) -> list[str]:
    return [turn.update["message"]["text"] for turn in turns]


@pytest.fixture
async def queue(redis: Redis) -> AsyncIterator[UpdateQueue]:
    await ensure_groups(redis, (UPDATES,))
    yield UpdateQueue(redis, BOT)


async def test_a_chat_has_one_turn_at_a_time_and_chats_have_theirs_side_by_side(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "a1"), said(2, "b1", chat=8), said(3, "a2"), said(4, "a3")])
    first = await queue.turns("w1", 10)
    assert words(first) == ["a1", "b1"]
    assert await queue.finish(first[0])
    second = await queue.turns("w2", 10)
    assert words(second) == ["a2"]
    assert await queue.finish(second[0])
    assert words(await queue.turns("w1", 10)) == ["a3"]


async def test_what_is_taken_in_twice_is_answered_once_in_any_order(queue: UpdateQueue) -> None:
    assert await queue.take_in([said(5, "later"), said(4, "earlier", chat=8)]) == 2
    assert await queue.take_in([said(4, "earlier", chat=8), said(5, "later"), said(6, "new")]) == 1
    assert words(await queue.turns("w", 10)) == ["later", "earlier"]


async def test_when_too_many_wait_no_more_are_taken_until_some_are_answered(redis: Redis) -> None:
    await ensure_groups(redis, (UPDATES,))
    queue = UpdateQueue(redis, BOT, most=2)
    assert await queue.take_in([said(1, "one"), said(2, "two")]) == 2
    with pytest.raises(QueueFull):
        await queue.take_in([said(3, "three")])
    (turn,) = await queue.turns("w", 10)
    assert await queue.finish(turn)
    assert await queue.take_in([said(3, "three", chat=8)]) == 1
    for expected in (["three", "two"], []):
        turns = await queue.turns("w", 10)
        assert sorted(words(turns)) == expected
        for turn in turns:
            await queue.finish(turn)
    assert not await redis.exists(waiting_key(BOT))


async def test_a_broken_character_stops_nobody(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "half \ud800 a pair"), said(2, "next", chat=8)])
    assert words(await queue.turns("w", 10)) == ["half \ud800 a pair", "next"]


async def test_a_turn_is_finished_once(queue: UpdateQueue, redis: Redis) -> None:
    await queue.take_in([said(1, "one"), said(2, "two")])
    (turn,) = await queue.turns("w", 10)
    assert await queue.finish(turn)
    assert not await queue.finish(turn)
    assert words(await queue.turns("w", 10)) == ["two"]
    assert await redis.llen(lane_key(BOT, "7")) == 1


async def test_nothing_is_left_behind_when_everything_is_answered(queue: UpdateQueue, redis: Redis) -> None:
    await queue.take_in([said(1, "one")])
    (turn,) = await queue.turns("w", 10)
    assert await queue.leaving(turn)
    await queue.finish(turn, answer=(1, "77"))
    assert not await redis.exists(lane_key(BOT, "7"), leaving_key(BOT))
    assert await queue.answer_to(turn, 1) == "77"
    assert await queue.answer_to(turn, 2) is None


async def test_the_living_take_over_from_the_dead_and_only_from_them(
    queue: UpdateQueue, redis: Redis
) -> None:
    await queue.take_in([said(1, "one"), said(2, "two", chat=8)])
    assert words(await queue.turns("dead", 1)) == ["one"]
    await Lease(redis, "alive", seconds=60).renew()
    assert words(await queue.turns("alive", 1)) == ["two"]
    taken = await queue.take_over("heir", 10)
    assert words(taken) == ["one"]
    assert not taken[0].left
    assert taken[0].deliveries == 2
    await Lease(redis, "heir", seconds=60).renew()
    assert await queue.take_over("late", 10) == []
    names = {row["name"] for row in await redis.xinfo_consumers(UPDATES.name, UPDATES.groups[0])}
    assert names == {b"alive", b"heir"}


async def test_an_answer_that_left_with_the_dead_is_known_to_the_heir(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "one"), said(2, "two", chat=8)])
    one, two = await queue.turns("dead", 10)
    assert await queue.leaving(one)
    assert await queue.leaving(two)
    await queue.stays(two)
    taken = await queue.take_over("heir", 10)
    assert [(turn.update["update_id"], turn.left) for turn in taken] == [(1, True), (2, False)]


async def test_an_answer_leaves_from_one_worker_only(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "one")])
    (slow,) = await queue.turns("slow", 10)
    (taken,) = await queue.take_over("heir", 10)
    assert not await queue.leaving(slow), "it is taken for dead and has lost its turn"
    assert not await queue.finish(slow), "nor may it end what is another's now"
    assert await queue.leaving(taken)
    assert await queue.leaving(taken), "a call that is repeated for a lost connection"
    (again,) = await queue.take_over("third", 10)
    assert not await queue.leaving(again), "the answer of the second may have left"


async def test_an_update_that_kills_every_worker_is_given_up(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "poison"), said(2, "next")])
    await queue.turns("w0", 10)
    for number in range(1, MOST_DELIVERIES):
        assert words(await queue.take_over(f"w{number}", 10)) == ["poison"]
    assert await queue.take_over("last", 10) == []
    assert words(await queue.turns("last", 10)) == ["next"]


async def test_what_another_bot_left_behind_is_cleared_away(queue: UpdateQueue, redis: Redis) -> None:
    other = UpdateQueue(redis, "999999")
    await other.take_in([said(1, "for the other bot"), said(2, "and another")])
    await queue.take_in([said(1, "for this one")])
    turns = [turn for _ in range(3) for turn in await queue.turns("w", 10)]
    assert words(turns) == ["for this one"]
    assert not await redis.exists(lane_key("999999", "7"))


async def test_what_was_given_to_a_worker_and_never_reached_it_is_recovered(queue: UpdateQueue) -> None:
    await queue.take_in([said(1, "in hand"), said(2, "lost on the way", chat=8)])
    in_hand, _lost = await queue.turns("w", 10)
    assert await queue.recover("w", [in_hand.entry]) == [], "it may still be on its way"
    (found,) = await queue.recover("w", [in_hand.entry], after=0)
    assert (words([found]), found.deliveries) == (["lost on the way"], 1)
    assert await queue.finish(found)
    assert await queue.recover("w", [in_hand.entry], after=0) == []
