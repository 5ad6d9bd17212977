"""The Telegram front end over HTTP, against the fake server: what people see, and what a crash or a rival costs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from fakes.botapi.faults import Fault, flood
from fakes.botapi.updates import CONFLICT
from fakes.stories import NOON
from fakes.telegram_desk import Desk, opened_desk
from services.bot.messengers.poller_lease import poller_key


@pytest.fixture
async def desk(redis: Redis) -> AsyncIterator[Desk]:
    async with opened_desk(redis) as desk:
        yield desk


async def test_a_question_is_answered_in_its_chat(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("What's new in <Kazakhstan> & beyond?")
        await desk.world.until(lambda: desk.anna.chat.texts)
    assert desk.anna.chat.texts == ["you said What's new in <Kazakhstan> & beyond?"]
    (heard,) = desk.echo.heard
    assert (heard.who, heard.language, heard.name) == (f"telegram:{desk.anna.chat.id}", "ru", "Anna")
    assert not heard.pressed


async def test_a_button_edits_its_message_and_is_answered(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("/latest KZ")
        await desk.world.until(lambda: desk.anna.chat.texts)
        for _ in range(2):
            desk.anna.press_data("/more", desk.anna.chat.screen[-1])
        await desk.world.until(lambda: len(desk.anna.chat.toasts) == 2)
        await desk.world.until(lambda: len(desk.world.calls("editMessageText")) == 2)
    assert desk.anna.chat.texts == ["page of /more"]
    assert desk.anna.chat.toasts == ["done", "done"]
    assert [call.error is None for call in desk.world.calls("editMessageText")] == [True, False]
    assert desk.world.queries == {}


async def test_a_stale_button_shows_a_notice_and_changes_nothing(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("/latest KZ")
        await desk.world.until(lambda: desk.anna.chat.texts)
        desk.anna.press("Old")
        desk.anna.press_data(None, desk.anna.chat.screen[-1])
        await desk.world.until(lambda: len(desk.anna.chat.toasts) == 2)
    assert desk.anna.chat.toasts == [
        "This list has expired: /latest KZ",
        "Эта кнопка больше не работает. Спросите, пожалуйста, ещё раз.",
    ]
    assert desk.anna.chat.texts == ["you said /latest KZ"]


async def test_a_press_is_answered_before_slow_work_is_done(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("/latest KZ")
        await desk.world.until(lambda: desk.anna.chat.texts)
        desk.echo.gate.clear()
        desk.anna.press("More")
        await desk.world.until(lambda: desk.world.calls("answerCallbackQuery"))
        assert desk.world.queries == {}
        desk.echo.gate.set()
        await desk.world.until(lambda: desk.anna.chat.texts == ["page of /more"])


async def test_a_press_that_is_too_old_still_gets_its_page(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("/latest KZ")
        await desk.world.until(lambda: desk.anna.chat.texts)
        desk.anna.press("More")
        desk.world.queries.clear()
        await desk.world.until(lambda: desk.anna.chat.texts == ["page of /more"])


async def test_a_fault_of_ours_is_told_without_a_trace(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("boom")
        desk.anna.say("hello")
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 2)
    first, second = desk.anna.chat.texts
    assert first.startswith("У нас что-то сломалось")
    assert "secret" not in first
    assert second == "you said hello"


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered(desk: Desk) -> None:
    group = desk.world.group()
    async with desk.running():
        desk.anna.say("good morning all", group)
        desk.anna.say("/latest@other_bot KZ", group)
        asked = desk.anna.say("/latest@Dateline_Bot KZ", group)
        await desk.world.until(lambda: group.texts)
        (answer,) = [shown for shown in group.screen if shown.by_bot]
        assert answer.reply_to == asked.message_id
        desk.anna.say("and Georgia?", group, reply_to=answer)
        await desk.world.until(lambda: len(group.texts) == 2)
    assert desk.echo.texts == ["/latest KZ", "and Georgia?"]


async def test_a_picture_in_private_is_an_empty_question_and_a_service_message_none(desk: Desk) -> None:
    photo = [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}]
    async with desk.running():
        desk.anna.say("", pinned_message=None)
        desk.anna.say("", photo=photo)
        await desk.world.until(lambda: desk.anna.chat.texts)
    assert desk.echo.texts == [""]


async def test_who_blocks_the_bot_is_suspended_until_back(desk: Desk) -> None:
    who = f"telegram:{desk.anna.chat.id}"
    async with desk.running():
        desk.anna.block()
        await desk.handled(1)
        assert await desk.suspensions.among([who]) == {who}
        desk.anna.unblock()
        await desk.handled(2)
        assert await desk.suspensions.among([who]) == frozenset()
        await desk.suspensions.suspend(who, "a 403 while sending")
        desk.anna.say("/start")
        await desk.world.until(lambda: desk.anna.chat.texts)
        assert await desk.suspensions.among([who]) == frozenset()


async def test_a_group_that_becomes_a_supergroup_keeps_its_follows(desk: Desk) -> None:
    group = desk.world.group(kind="group")
    await desk.subscriptions.follow(f"telegram:{group.id}", "country:KZ", "subject", NOON)
    async with desk.running():
        new = desk.world.migrate(group)
        desk.anna.say("", group, migrate_to_chat_id=new.id)
        await desk.handled(1)
    assert [follow.target for follow in await desk.subscriptions.following(f"telegram:{new.id}")] == [
        "country:KZ"
    ]
    assert desk.echo.heard == []


async def test_an_answer_waits_out_a_short_flood_and_does_not_repeat_a_lost_one(desk: Desk) -> None:
    boris = desk.world.person("Boris")
    desk.world.faults.add(
        Fault(
            "sendMessage",
            "answer",
            429,
            "Too Many Requests: retry after 0",
            {"retry_after": 1},
            desk.anna.chat.id,
        ),
        Fault("sendMessage", "drop_after", chat=boris.chat.id),
    )
    async with desk.running():
        desk.anna.say("one")
        boris.say("two")
        await desk.world.until(lambda: desk.anna.chat.texts)
        await desk.handled(2)
    assert desk.anna.chat.texts == ["you said one"]
    assert boris.chat.texts == ["you said two"]


async def test_updates_that_were_taken_but_not_handled_are_not_lost_by_a_kill(desk: Desk) -> None:
    desk.echo.gate.clear()
    killed = asyncio.create_task(desk.front_end().run(asyncio.Event()))
    people = [desk.world.person(f"P{number}") for number in range(12)]
    for person in people:
        person.say("hello")
    await desk.until(lambda: len(desk.echo.heard) == len(people))
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await desk.redis.delete(poller_key(str(desk.world.me["id"])))
    desk.echo.gate.set()
    async with desk.running():
        await desk.world.until(lambda: all(person.chat.texts for person in people))
    assert [person.chat.texts for person in people] == [["you said hello"]] * 12


async def test_an_update_that_telegram_sends_again_is_not_answered_again(desk: Desk) -> None:
    desk.anna.say("one")
    (first,) = desk.world.updates
    async with desk.running():
        await desk.world.until(lambda: desk.anna.chat.texts)
        desk.world.push_again(first)
        desk.anna.say("two")
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 2)
    async with desk.running():
        desk.world.push_again(first)
        desk.anna.say("three")
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 3)
    assert desk.echo.texts == ["one", "two", "three"]


async def test_the_updates_of_one_chat_are_handled_in_order_and_chats_side_by_side(desk: Desk) -> None:
    boris = desk.world.person("Boris")
    desk.echo.gate.clear()
    for text in ("1", "2", "3"):
        desk.anna.say(text)
    boris.say("b")
    async with desk.running():
        while len(desk.echo.heard) < 2:
            await asyncio.sleep(0)
        assert sorted(desk.echo.texts) == ["1", "b"]
        desk.echo.gate.set()
        await desk.world.until(lambda: len(desk.anna.chat.texts) == 3)
    assert desk.anna.chat.texts == ["you said 1", "you said 2", "you said 3"]


async def test_of_two_front_ends_one_polls_and_the_other_takes_over(desk: Desk) -> None:
    fronts = [desk.front_end(lease_seconds=0.4) for _ in range(2)]
    stops = [asyncio.Event() for _ in fronts]
    tasks = [asyncio.create_task(front.run(stop)) for front, stop in zip(fronts, stops, strict=True)]
    desk.anna.say("one")
    await desk.handled(1)
    assert [front.polling for front in fronts].count(True) == 1
    first = 0 if fronts[0].polling else 1
    tasks[first].cancel()
    desk.anna.say("two")
    await desk.world.until(lambda: len(desk.anna.chat.texts) == 2)
    took_over = fronts[1 - first].polling
    for stop in stops:
        stop.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert took_over
    assert desk.echo.texts == ["one", "two"]
    assert [call for call in desk.world.calls("getUpdates") if call.error] == []


async def test_a_poller_whose_lease_was_taken_stops_polling(desk: Desk) -> None:
    front, stop = desk.front_end(lease_seconds=0.2), asyncio.Event()
    task = asyncio.create_task(front.run(stop))
    await desk.world.until(lambda: front.polling and desk.world.calls("getUpdates"))
    await desk.redis.set(poller_key(str(desk.world.me["id"])), b"somebody else")
    async with asyncio.timeout(5):
        while front.polling:
            await asyncio.sleep(0)
    assert await desk.redis.get(poller_key(str(desk.world.me["id"]))) == b"somebody else"
    stop.set()
    await task


async def test_a_foreign_poller_makes_the_front_end_say_so(desk: Desk) -> None:
    async with desk.running() as front:
        await desk.world.until(lambda: desk.world.calls("getUpdates"))
        desk.world.faults.add(Fault("getUpdates", "answer", 409, CONFLICT))
        desk.anna.say("hello")
        await desk.until(lambda: front.trouble)
        assert "409" in front.trouble
        await desk.world.until(lambda: len(desk.world.calls("getUpdates")) > 2)
        desk.anna.say("hello")
        await desk.until(lambda: not front.trouble)


async def test_telegram_away_at_the_start_is_waited_for(desk: Desk) -> None:
    await desk.api.stop()
    async with desk.running() as front:
        async with asyncio.timeout(5):
            while not front.trouble:
                await asyncio.sleep(0)
        await desk.api.start()
        desk.anna.say("hello")
        await desk.world.until(lambda: desk.anna.chat.texts)
    assert front.trouble == ""


async def test_a_refused_token_is_trouble_until_stopped_and_is_nowhere_to_be_read(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "B" * 35
    front, stop = desk.front_end(token=f"654321:{secret}"), asyncio.Event()
    serving = asyncio.create_task(front.run(stop))
    while not front.trouble:
        await asyncio.sleep(0)
    assert not serving.done()
    stop.set()
    await serving
    said = front.trouble + "".join(capfd.readouterr())
    assert "token" in front.trouble
    assert secret not in said


@pytest.mark.parametrize("moment", ["idle", "answering"])
async def test_stopping_finishes_what_was_taken_and_gives_the_lease_back(desk: Desk, moment: str) -> None:
    front, stop = desk.front_end(), asyncio.Event()
    task = asyncio.create_task(front.run(stop))
    if moment == "answering":
        desk.echo.gate.clear()
        desk.anna.say("hello")
        while not desk.echo.heard:
            await asyncio.sleep(0)
    else:
        await desk.world.until(lambda: desk.world.calls("getUpdates"))
    stop.set()
    desk.echo.gate.set()
    await asyncio.wait_for(task, 5)
    assert len(desk.anna.chat.texts) == (moment == "answering")
    assert not await desk.redis.exists(poller_key(str(desk.world.me["id"])))


async def test_a_flood_wait_on_polling_is_kept(desk: Desk) -> None:
    desk.world.faults.add(flood("getUpdates", 1))
    async with desk.running():
        desk.anna.say("hello")
        await desk.world.until(lambda: desk.anna.chat.texts)
    assert desk.world.calls("getUpdates")[0].error == "Too Many Requests: retry after 1"


async def test_lost_connections_to_the_store_lose_nothing_and_double_nothing(desk: Desk) -> None:
    people = [desk.world.person(f"P{number}") for number in range(30)]
    async with desk.running(lease_seconds=1.0):
        for number, person in enumerate(people):
            person.say("hello")
            if number % 10 == 0:
                await desk.world.until(
                    lambda number=number: sum(bool(p.chat.texts) for p in people) >= number
                )
                await desk.redis.client_kill_filter(_type="normal", skipme=True)
        await desk.world.until(lambda: all(person.chat.texts for person in people))
    assert [person.chat.texts for person in people] == [["you said hello"]] * 30
