"""The fake's flood limits and its clock: what passes, what is refused, in which words, and for how long."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from fakes.botapi.client import Client
from fakes.botapi.clock import WorldClock
from fakes.botapi.limits import Limits, Window
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    """A bot under Telegram's limits, in a world whose clock moves only by hand."""
    world = World(clock=WorldClock(rate=0), limits=Limits())
    async with FakeBotApi(world) as api, httpx.AsyncClient() as client:
        yield Client(api, client)


async def statuses(bot: Client, chat: int, count: int) -> list[int]:
    return [(await bot("sendMessage", chat_id=chat, text=str(number)))[0] for number in range(count)]


async def test_a_refusal_says_how_long_to_wait_and_counts_nothing(bot: Client) -> None:
    anna = bot.world.person()
    assert await statuses(bot, anna.chat.id, 3) == [200] * 3
    response = await bot.raw("sendMessage", data={"chat_id": anna.chat.id, "text": "x"})
    assert response.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 3",
        "parameters": {"retry_after": 3},
    }
    assert response.headers["retry-after"] == "3"
    assert anna.chat.texts == ["0", "1", "2"]
    bot.world.clock.advance(3)
    assert await statuses(bot, anna.chat.id, 3) == [200] * 3
    (refusal,) = bot.world.flood.refusals
    assert (refusal.scope, refusal.chat, refusal.retry_after) == ("chat", anna.chat.id, 3)


async def test_overall_no_more_than_thirty_in_any_second(bot: Client) -> None:
    people = [bot.world.person(f"P{number}") for number in range(40)]
    sent = [(await bot("sendMessage", chat_id=p.chat.id, text="x"))[0] for p in people[:20]]
    bot.world.clock.advance(0.5)
    sent += [(await bot("sendMessage", chat_id=p.chat.id, text="x"))[0] for p in people[20:]]
    assert sent.count(200) == 30
    bot.world.clock.advance(0.5)
    assert (await bot("sendMessage", chat_id=people[-1].chat.id, text="x"))[0] == 200
    assert bot.world.flood.peak(1.0) == 30
    assert {refusal.scope for refusal in bot.world.flood.refusals} == {"overall"}


async def test_a_group_takes_twenty_a_minute_edits_among_them(bot: Client) -> None:
    group, sent = bot.world.group(), []
    for number in range(10):
        sent += await statuses(bot, group.id, 1)
        newest = {"chat_id": group.id, "message_id": group.screen[-1].message_id}
        sent.append((await bot("editMessageText", **newest, text=f"{number}, edited"))[0])
        bot.world.clock.advance(2)
    assert sent == [200] * 20
    code, description = await bot("sendMessage", chat_id=group.id, text="x")
    assert (code, description) == (429, "Too Many Requests: retry after 40")
    bot.world.clock.advance(40)
    assert await statuses(bot, group.id, 1) == [200]


async def test_edits_have_a_limit_of_their_own(bot: Client) -> None:
    anna = bot.world.person()
    _, message = await bot("sendMessage", chat_id=anna.chat.id, text="x")
    where = {"chat_id": anna.chat.id, "message_id": message["message_id"]}
    edited = [(await bot("editMessageText", **where, text=str(number)))[0] for number in range(6)]
    assert edited == [200] * 5 + [429]
    assert anna.chat.texts == ["4"]


async def test_who_comes_back_too_early_waits_longer_each_time(bot: Client) -> None:
    anna, waits = bot.world.person(), []
    await statuses(bot, anna.chat.id, 3)
    for _ in range(4):
        code, description = await bot("sendMessage", chat_id=anna.chat.id, text="x")
        assert code == 429
        waits.append(int(description.split()[-1]))
        bot.world.clock.advance(1.5)
    assert waits == [3, 6, 12, 24]
    bot.world.clock.advance(24)
    assert await statuses(bot, anna.chat.id, 1) == [200]


async def test_calls_that_were_under_way_together_are_no_offence(bot: Client) -> None:
    anna = bot.world.person()
    answers = await asyncio.gather(*(bot("sendMessage", chat_id=anna.chat.id, text="x") for _ in range(9)))
    assert sorted(answer[0] for answer in answers) == [200] * 3 + [429] * 6
    assert {refusal.retry_after for refusal in bot.world.flood.refusals} == {3}


async def test_what_is_paid_for_has_a_lane_of_its_own(bot: Client) -> None:
    people = [bot.world.person(f"P{number}") for number in range(31)]
    paid = {"text": "x", "allow_paid_broadcast": "true"}
    assert {(await bot("sendMessage", chat_id=p.chat.id, **paid))[0] for p in people} == {200}
    assert (await bot("sendMessage", chat_id=people[0].chat.id, text="x"))[0] == 200


async def test_a_ban_strikes_one_chat_or_all(bot: Client) -> None:
    anna, boris = bot.world.person("Anna"), bot.world.person("Boris")
    bot.world.flood.ban(10_000, anna.chat.id)
    assert (await bot("sendMessage", chat_id=anna.chat.id, text="x"))[1].endswith("retry after 10000")
    assert await statuses(bot, boris.chat.id, 1) == [200]
    bot.world.flood.ban(60)
    assert await statuses(bot, boris.chat.id, 1) == [429]
    bot.world.clock.advance(60)
    assert await statuses(bot, boris.chat.id, 1) == [200]
    assert await statuses(bot, anna.chat.id, 1) == [429]


async def test_each_limit_can_be_changed_and_all_be_switched_off(bot: Client) -> None:
    anna = bot.world.person()
    bot.world.flood.enforce(Limits(chat=None, overall=Window(5, 1)))
    assert await statuses(bot, anna.chat.id, 6) == [200] * 5 + [429]
    bot.world.flood.enforce(None)
    assert await statuses(bot, anna.chat.id, 50) == [200] * 50
    assert await bot("setWebhook", url="http://127.0.0.1:9/a") == (200, True)
    assert await bot("setWebhook", url="http://127.0.0.1:9/b") == (200, True)
    await bot("deleteWebhook")


async def test_what_is_refused_for_other_reasons_costs_nothing(bot: Client) -> None:
    anna, boris = bot.world.person("Anna"), bot.world.person("Boris")
    boris.block()
    for _ in range(40):
        assert (await bot("sendMessage", chat_id=boris.chat.id, text="x"))[0] == 403
        assert (await bot("sendMessage", chat_id=anna.chat.id, text="<b", parse_mode="HTML"))[0] == 400
    assert await statuses(bot, anna.chat.id, 3) == [200] * 3


async def test_the_clock_can_stand_be_set_forward_and_run_fast() -> None:
    clock = WorldClock(rate=0, at=1000.0)
    assert clock.now() == clock.now() == 1000.0
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    clock.advance(59)
    await asyncio.wait({sleeping}, timeout=0.05)
    assert not sleeping.done()
    clock.advance(1)
    await sleeping
    clock.rate = 1_000_000
    await clock.sleep(3600)
    assert clock.now() >= 1060 + 3600
