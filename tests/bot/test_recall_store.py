"""The short memory: the same behaviour in one process and in Redis; there it outlives the process, and expires."""

from collections.abc import Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from services.bot.app import build_subscriptions
from services.bot.conversation.ports import Recall, Turn
from services.bot.conversation.recall import LocalRecall
from services.bot.recall_store import NAMES_KEY, SHOWN_KEY, RedisRecall, token_key, turn_key

ANNA, BORIS = "telegram:1", "telegram:2"
TURN = Turn(("/story a", "/more b"), ("abcd1", "abce2"), "abcf3", "/latest KZ after:x", "ru")


@pytest.fixture(params=["here", "redis"])
def recall(request: pytest.FixtureRequest, redis: Redis) -> Iterator[Recall]:
    yield LocalRecall() if request.param == "here" else RedisRecall(redis)


async def test_the_last_turn_of_each_reader_is_remembered(recall: Recall) -> None:
    assert await recall.last(ANNA) == Turn()
    await recall.remember(ANNA, Turn(("/story z",)))
    await recall.remember(ANNA, TURN)
    assert await recall.last(ANNA) == TURN
    assert await recall.last(BORIS) == Turn()
    await recall.forget(ANNA)
    assert await recall.last(ANNA) == Turn()


async def test_a_long_command_has_one_token_that_fits_a_button(recall: Recall) -> None:
    command = "/search «водородная энергетика» after:" + "x" * 300
    token = await recall.shorten(command)
    assert token == await recall.shorten(command)
    assert len(f"/more {token}".encode()) <= 64
    assert await recall.expand(token) == command
    assert await recall.expand("0" * 16) is None


async def test_a_story_is_known_by_the_beginning_of_its_id_if_there_is_one_such(recall: Recall) -> None:
    await recall.remember(ANNA, TURN)
    assert await recall.story("abcd") == "abcd1"
    assert await recall.story("abcf") == "abcf3"
    await recall.remember(BORIS, Turn(stories=("abcd2",)))
    assert await recall.story("abcd") is None
    assert await recall.story("abcd1") == "abcd1"
    assert await recall.story("abc") is None, "too short to mean one"
    assert await recall.story("zzzz") is None


async def test_any_process_remembers_and_everything_expires(redis: Redis) -> None:
    await RedisRecall(redis).remember(ANNA, TURN)
    token = await RedisRecall(redis).shorten("/latest KZ")
    assert await RedisRecall(redis).last(ANNA) == TURN
    for key in (turn_key(ANNA), token_key(token), NAMES_KEY, SHOWN_KEY):
        assert await redis.ttl(key) > 0, key


async def test_the_stories_shown_lately_are_bounded(redis: Redis) -> None:
    recall = RedisRecall(redis, most_stories=3)
    for number in range(6):
        await recall.remember(ANNA, Turn(stories=(f"story-{number}",)))
    assert await redis.zcard(NAMES_KEY) == await redis.zcard(SHOWN_KEY) == 3
    assert await recall.story("story-5") == "story-5"
    assert await recall.story("story-1") is None


async def test_a_turn_of_another_version_counts_as_forgotten(redis: Redis) -> None:
    written: dict[str, Any] = {turn_key(ANNA): b"no JSON", turn_key(BORIS): b'{"actions": 5}'}
    await redis.mset(written)
    assert await RedisRecall(redis).last(ANNA) == await RedisRecall(redis).last(BORIS) == Turn()


async def test_a_move_takes_the_turn_along_and_leaves_what_is_newer(redis: Redis) -> None:
    recall = RedisRecall(redis)
    await recall.remember(ANNA, TURN)
    await recall.move(ANNA, BORIS)
    assert (await recall.last(ANNA), await recall.last(BORIS)) == (Turn(), TURN)
    await recall.remember(ANNA, Turn(("/older",)))
    await recall.move(ANNA, BORIS)
    assert (await recall.last(ANNA), await recall.last(BORIS)) == (Turn(), TURN)


async def test_who_is_forgotten_is_forgotten_here_too(redis: Redis) -> None:
    await RedisRecall(redis).remember(ANNA, TURN)
    await build_subscriptions(redis).forget(ANNA)
    assert await RedisRecall(redis).last(ANNA) == Turn()
