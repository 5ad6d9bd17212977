"""Groups, topics, channels and edits: what is meant for the bot, who may change things, and where answers go."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from fakes.botapi.faults import Fault
from fakes.botapi.world import Chat
from fakes.telegram_desk import Desk, opened_desk
from services.bot.conversation.messages import Block, Button, Picture, Reply, block
from services.bot.messengers.telegram.client import telegram_bot
from services.bot.messengers.telegram.permissions import TelegramPermissions, permission_key

#: A picture of one point.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


@pytest.fixture
async def desk(redis: Redis) -> AsyncIterator[Desk]:
    async with opened_desk(redis) as desk:
        yield desk


async def answered(desk: Desk, chat: Chat, count: int = 1) -> None:
    await desk.world.until(lambda: len(chat.texts) >= count)


async def test_in_a_group_the_question_says_who_asked_and_the_answer_says_what_it_answers(desk: Desk) -> None:
    group = desk.world.group()
    async with desk.running():
        asked = desk.anna.say("/latest KZ", group)
        await answered(desk, group)
    (heard,) = desk.echo.heard
    assert (heard.who, heard.author, heard.group) == (f"telegram:{group.id}", str(desk.anna.user["id"]), True)
    assert group.screen[-1].reply_to == asked.message_id


async def test_who_is_mentioned_is_asked(desk: Desk) -> None:
    group = desk.world.group()
    async with desk.running():
        desk.anna.say("@dateline_bot, what's new in Kazakhstan?", group)
        desk.anna.say("write to me@dateline_bots instead", group)
        desk.anna.say("news of Georgia @Dateline_Bot", group)
        await answered(desk, group, 2)
    assert desk.echo.texts == ["what's new in Kazakhstan?", "news of Georgia"]


async def test_a_topic_is_a_recipient_of_its_own_and_is_answered_in_place(desk: Desk) -> None:
    group = desk.world.group(forum=True)
    thread = group.topic("Water")
    async with desk.running():
        desk.anna.say("/latest KZ", group, thread=thread)
        await answered(desk, group)
        desk.anna.press("Old", group)
        await desk.world.until(lambda: group.toasts)
    assert [heard.who for heard in desk.echo.heard] == [f"telegram:{group.id}/{thread}"] * 2
    assert [shown.thread for shown in group.screen if shown.by_bot] == [thread]


async def test_a_closed_topic_rests_and_the_group_does_not(desk: Desk) -> None:
    group = desk.world.group(forum=True)
    thread = group.topic("Water")
    topic = f"telegram:{group.id}/{thread}"
    async with desk.running():
        desk.anna.say("/latest KZ", group, thread=thread)
        await answered(desk, group)
        group.close_topic(thread)
        desk.anna.say("/latest GE", group, thread=thread)
        desk.anna.say("/latest PE", group)
        await answered(desk, group, 2)
        assert await desk.suspensions.among([topic, f"telegram:{group.id}"]) == {topic}
        group.reopen_topic(thread)
        await desk.handled(desk.world._update_id)
        assert await desk.suspensions.among([topic]) == frozenset()


async def test_a_group_that_lets_the_bot_in_again_gets_all_its_topics_back(desk: Desk) -> None:
    group = desk.world.group(forum=True)
    who = f"telegram:{group.id}"
    for suspended in (f"{who}/4", f"{who}/5", f"{who}0/4"):
        await desk.suspensions.suspend(suspended, "a 403")
    async with desk.running():
        desk.anna.kick_bot(group)
        desk.anna.add_bot(group)
        await desk.handled(desk.world._update_id)
    assert await desk.suspensions.among([who, f"{who}/4", f"{who}/5", f"{who}0/4"]) == {f"{who}0/4"}


async def test_the_commands_of_a_channel_are_its_administrators(desk: Desk) -> None:
    channel = desk.world.channel()
    async with desk.running():
        desk.world.post(channel, "Good morning, everybody")
        desk.world.post(channel, "/follow KZ")
        await answered(desk, channel)
    (heard,) = desk.echo.heard
    assert (heard.text, heard.author, heard.group) == ("/follow KZ", str(channel.id), True)


async def test_a_card_that_somebody_shared_is_no_question(desk: Desk) -> None:
    async with desk.running():
        desk.anna.say("A headline", via_bot=desk.world.me)
        desk.anna.say("and this?")
        await answered(desk, desk.anna.chat)
    assert desk.echo.texts == ["and this?"]


async def test_only_administrators_may_change_a_group_and_telegram_is_asked_once(desk: Desk) -> None:
    boris, carla = desk.world.person("Boris"), desk.world.person("Carla")
    group = desk.world.group(owner=desk.anna)
    group.add(boris)
    group.promote(carla)
    who = f"telegram:{group.id}/12"
    bot = telegram_bot(desk.world.token, desk.api.url)
    may = TelegramPermissions(bot, desk.redis).may_change
    async with bot:
        for _ in range(2):
            assert await may(who, str(desk.anna.user["id"]))
            assert await may(who, str(carla.user["id"]))
            assert not await may(who, str(boris.user["id"]))
        assert await may(who, str(group.id)), "an anonymous administrator speaks for the group"
        assert not await may(who, "-1007"), "a channel whose posts come along does not"
        assert not await may(who, None)
        assert await may(f"telegram:{boris.chat.id}", None), "in private everybody may"
    assert len(desk.world.calls("getChatMember")) == 3


async def test_what_telegram_cannot_tell_is_no_and_is_not_remembered(desk: Desk) -> None:
    group = desk.world.group(owner=desk.anna)
    who, anna = f"telegram:{group.id}", str(desk.anna.user["id"])
    desk.world.faults.add(Fault("getChatMember", "page", 502))
    async with telegram_bot(desk.world.token, desk.api.url) as bot:
        permissions = TelegramPermissions(bot, desk.redis)
        assert not await permissions.may_change(who, anna)
        assert not await desk.redis.exists(permission_key(group.id, anna))
        assert await permissions.may_change(who, anna)


async def test_an_edited_question_changes_its_answer(desk: Desk) -> None:
    async with desk.running():
        asked = desk.anna.say("Kazahstan")
        other = desk.anna.say("Georgia")
        await answered(desk, desk.anna.chat, 2)
        desk.anna.edit(asked, "Kazakhstan")
        await desk.world.until(lambda: "you said Kazakhstan" in desk.anna.chat.texts)
        desk.anna.edit(asked, "Kyrgyzstan")
        await desk.world.until(lambda: "you said Kyrgyzstan" in desk.anna.chat.texts)
        await desk.redis.delete(*[key async for key in desk.redis.scan_iter(match="telegram.answered:*")])
        desk.anna.edit(other, "an old one")
        desk.anna.say("last")
        await desk.world.until(lambda: "you said last" in desk.anna.chat.texts)
    assert desk.anna.chat.texts == ["you said Kyrgyzstan", "you said Georgia", "you said last"]
    assert "an old one" not in desk.echo.texts


async def test_a_group_that_moves_gives_everything_to_its_new_address_once(desk: Desk) -> None:
    group = desk.world.group(kind="group")
    async with desk.running():
        new = desk.world.migrate(group)
        desk.anna.say("/latest KZ", new)
        await answered(desk, new)
    old_and_new = (f"telegram:{group.id}", f"telegram:{new.id}")
    assert set(desk.moved) == {old_and_new}
    assert desk.echo.texts == ["/latest KZ"]


async def test_an_answer_to_an_address_that_has_moved_meanwhile_reaches_the_new_one(desk: Desk) -> None:
    group = desk.world.group(kind="group")
    desk.echo.gate.clear()
    async with desk.running():
        desk.anna.say("/latest KZ", group)
        await desk.until(lambda: desk.echo.heard)
        new = desk.world.migrate(group)
        desk.echo.gate.set()
        await answered(desk, new)
    assert set(desk.moved) == {(f"telegram:{group.id}", f"telegram:{new.id}")}
    assert new.texts == ["you said /latest KZ"]


async def test_somebody_who_waits_sees_that_an_answer_is_coming(desk: Desk) -> None:
    desk.echo.gate.clear()
    async with desk.running():
        desk.anna.say("/latest KZ")
        await desk.world.until(lambda: desk.world.calls("sendChatAction"))
        desk.echo.gate.set()
        await answered(desk, desk.anna.chat)
        desk.anna.say("again")
        await answered(desk, desk.anna.chat, 2)
    assert [call.params["action"] for call in desk.world.calls("sendChatAction")] == ["typing"]


async def test_every_answer_goes_at_the_pace_and_a_flood_wait_is_reported(desk: Desk) -> None:
    who = f"telegram:{desk.anna.chat.id}"
    desk.pace.waits = [0.01, 0.01]
    flood = Fault("sendMessage", "answer", 429, "Too Many Requests: retry after 1", {"retry_after": 1})
    desk.world.faults.add(flood)
    async with desk.running():
        desk.anna.say("one")
        await answered(desk, desk.anna.chat)
        desk.anna.press("More")
        await desk.world.until(lambda: desk.world.calls("editMessageText"))
    assert desk.pace.admitted == [(who, "reply")] * 3
    assert desk.pace.refusals == [(who, 1.0)]
    assert desk.anna.chat.texts == ["page of /more"]


async def test_a_picture_carries_the_words_and_not_the_drawing(desk: Desk) -> None:
    chart = Block(block("▁▂▃").lines, chart=True)
    rows = ((Button("Week", "/trend KZ 7d"),),)
    picture = Picture(PNG, "stories per day")
    desk.echo.answers["/trend"] = Reply((block("Kazakhstan"), chart), rows, picture=picture)
    desk.echo.answers["/long"] = Reply((block("x" * 1500), chart), rows, picture=picture)
    async with desk.running():
        desk.anna.say("/trend")
        await desk.world.until(lambda: desk.world.calls("sendPhoto"))
        desk.anna.press("Week")
        await desk.world.until(lambda: "page of /trend KZ 7d" in desk.anna.chat.texts)
        desk.anna.say("/long")
        await desk.world.until(lambda: "x" * 1500 in desk.anna.chat.texts)
    first, *_between, photo, words = [shown for shown in desk.anna.chat.screen if shown.by_bot]
    assert (first.text, first.labels) == ("Kazakhstan", ["Week"])
    assert (photo.photo is not None, photo.text, photo.labels) == (True, "", [])
    assert (words.text, words.labels) == ("x" * 1500, ["Week"])


async def test_a_picture_that_is_refused_is_told_in_words(desk: Desk) -> None:
    refusal = Fault("sendPhoto", "answer", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    desk.world.faults.add(refusal)
    desk.echo.answers["/trend"] = Reply((block("Kazakhstan"), block("▁▂▃")), picture=Picture(PNG, "a trend"))
    async with desk.running():
        desk.anna.say("/trend")
        await answered(desk, desk.anna.chat)
    assert desk.anna.chat.texts == ["Kazakhstan\n\n▁▂▃"]


async def test_markup_that_is_refused_is_shown_as_plain_text_and_counted(desk: Desk) -> None:
    text = "Bad Request: can't parse entities: Unsupported start tag"
    desk.world.faults.add(Fault("sendMessage", "answer", 400, text))
    async with desk.running():
        desk.anna.say("<b>")
        await answered(desk, desk.anna.chat)
    assert desk.anna.chat.texts == ["you said <b>"]
    assert desk.metrics.registry.get_sample_value("dateline_telegram_plain_texts_total") == 1


@pytest.mark.parametrize("payload", ["follow_KZ", ""])
async def test_a_deep_link_reaches_the_conversation(desk: Desk, payload: str) -> None:
    async with desk.running():
        desk.anna.start(payload)
        await answered(desk, desk.anna.chat)
    assert desk.echo.texts == [f"/start {payload}".strip()]
