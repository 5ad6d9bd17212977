"""Groups, topics and channels of the fake: who is what, what the bot hears, and in which words it is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fakes.botapi.chats import GENERAL_TOPIC
from fakes.botapi.client import Client
from fakes.botapi.server import FakeBotApi


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    async with FakeBotApi() as api, httpx.AsyncClient() as client:
        yield Client(api, client)


async def heard(bot: Client) -> list[dict[str, Any]]:
    """The updates so far, which are then gone."""
    _, updates = await bot("getUpdates")
    bot.world.updates.clear()
    bot.world.last_poll = (0, 0.0)
    return list(updates)


async def test_administrators_are_told_from_members(bot: Client) -> None:
    anna, boris, vera = (bot.world.person(name) for name in ("Anna", "Boris", "Vera"))
    group = bot.world.group(owner=anna)
    group.add(boris)
    group.promote(boris)
    _, listed = await bot("getChatAdministrators", chat_id=group.id)
    assert [(m["user"]["first_name"], m["status"]) for m in listed] == [
        ("Anna", "creator"),
        ("Boris", "administrator"),
    ]
    group.demote(boris)
    known = [
        (await bot("getChatMember", chat_id=group.id, user_id=user_id))[1]["status"]
        for user_id in (anna.chat.id, boris.chat.id, vera.chat.id, bot.world.me["id"])
    ]
    assert known == ["creator", "member", "left", "member"]
    assert (await bot("getChatMemberCount", chat_id=group.id))[1] == 3


@pytest.mark.parametrize(
    ("method", "params", "refusal"),
    [
        ("getChatAdministrators", {"chat_id": 1000}, "there are no administrators in the private chat"),
        ("getChatMember", {"chat_id": 1000}, "invalid user_id specified"),
        ("getChatMember", {"chat_id": 1000, "user_id": 4711}, "user not found"),
        ("getChatMember", {"chat_id": -4711, "user_id": 1000}, "chat not found"),
    ],
)
async def test_questions_about_members_that_telegram_refuses(
    bot: Client, method: str, params: dict[str, int], refusal: str
) -> None:
    bot.world.person(user_id=1000)
    assert await bot(method, **params) == (400, f"Bad Request: {refusal}")


async def test_in_a_group_the_bot_hears_what_is_meant_for_it(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    _, sent = await bot("sendMessage", chat_id=group.id, text="news")
    news = group.find(sent["message_id"])
    anna.say("good morning", group)
    anna.say("/latest@other_bot", group)
    anna.say("an email@dateline_botany.org", group)
    mine = anna.say("mine", group)
    anna.say("to myself", group, reply_to=mine)
    anna.say("/latest KZ", group)
    anna.say("/latest@Dateline_Bot KZ", group)
    anna.say("more?", group, reply_to=news)
    anna.say("what about KZ, @dateline_bot?", group)
    texts = [update["message"]["text"] for update in await heard(bot)]
    assert texts == ["/latest KZ", "/latest@Dateline_Bot KZ", "more?", "what about KZ, @dateline_bot?"]
    bot.world.privacy = False
    anna.say("anything", group)
    assert len(await heard(bot)) == 1


async def test_an_administrator_bot_hears_everything(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    bot.world.change_membership(group, anna.user, "administrator")
    anna.say("anything", group)
    changed, said = await heard(bot)
    assert changed["my_chat_member"]["new_chat_member"]["can_manage_chat"] is True
    assert said["message"]["text"] == "anything"


async def test_an_anonymous_administrator_speaks_as_the_group(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    with pytest.raises(AssertionError, match="only administrators"):
        anna.say("/follow KZ", group, anonymous=True)
    group.promote(anna, anonymous=True)
    anna.say("/follow KZ", group, anonymous=True)
    (update,) = await heard(bot)
    assert update["message"]["sender_chat"]["id"] == group.id
    assert update["message"]["from"]["username"] == "GroupAnonymousBot"


@pytest.mark.parametrize(
    ("kind", "leave", "refusal"),
    [
        ("group", "kick_bot", "bot was kicked from the group chat"),
        ("group", "remove_bot", "bot is not a member of the group chat"),
        ("supergroup", "kick_bot", "bot was kicked from the supergroup chat"),
        ("supergroup", "remove_bot", "bot is not a member of the supergroup chat"),
    ],
)
async def test_a_bot_that_is_out_is_told_so_until_it_is_let_in(
    bot: Client, kind: str, leave: str, refusal: str
) -> None:
    anna, group = bot.world.person(), bot.world.group(kind=kind)
    getattr(anna, leave)(group)
    for method in ("sendMessage", "sendChatAction", "getChatMember"):
        params = {"chat_id": group.id, "text": "x", "action": "typing", "user_id": anna.chat.id}
        assert await bot(method, **params) == (403, f"Forbidden: {refusal}")
    anna.say("/latest", group)
    (told,) = await heard(bot)
    assert told["my_chat_member"]["new_chat_member"]["status"] in {"kicked", "left"}
    anna.add_bot(group, payload="follow_KZ")
    kinds = [next(kind for kind in update if kind != "update_id") for update in await heard(bot)]
    assert kinds == ["my_chat_member", "message", "message"]
    assert (await bot("sendMessage", chat_id=group.id, text="x"))[0] == 200


async def test_a_bot_that_may_not_write_is_told_so(bot: Client) -> None:
    group = bot.world.group()
    group.muzzled = True
    refused = (400, "Bad Request: not enough rights to send text messages to the chat")
    assert await bot("sendMessage", chat_id=group.id, text="x") == refused


async def test_topics_keep_their_messages_apart(bot: Client) -> None:
    anna, forum = bot.world.person(), bot.world.group("Desk", forum=True)
    topic = forum.topic("Kazakhstan")
    _, sent = await bot("sendMessage", chat_id=forum.id, text="x", message_thread_id=topic)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    assert "message_thread_id" not in (await bot("sendMessage", chat_id=forum.id, text="x"))[1]
    anna.say("/latest", forum, thread=topic)
    assert (await heard(bot))[-1]["message"]["message_thread_id"] == topic
    forum.delete_topic(topic)
    assert [shown.thread for shown in forum.screen] == [None]


async def test_topics_that_cannot_be_written_to(bot: Client) -> None:
    anna, forum = bot.world.person(), bot.world.group("Desk", forum=True)
    topic = forum.topic("Kazakhstan")

    async def send(thread: int | None = None) -> tuple[int, Any]:
        return await bot("sendMessage", chat_id=forum.id, text="x", message_thread_id=thread or "")

    forum.close_topic(topic)
    assert await send(topic) == (400, "Bad Request: TOPIC_CLOSED")
    forum.reopen_topic(topic)
    assert (await send(topic))[0] == 200
    forum.close_topic(GENERAL_TOPIC)
    assert await send() == (400, "Bad Request: TOPIC_CLOSED")
    assert await send(4711) == (400, "Bad Request: message thread not found")
    assert await send(GENERAL_TOPIC) == (400, "Bad Request: message thread not found")
    bot.world.change_membership(forum, anna.user, "administrator")
    assert (await send())[0] == 200
    plain = bot.world.group()
    assert (await bot("sendMessage", chat_id=plain.id, text="x", message_thread_id=4711))[0] == 200


async def test_a_channel_speaks_in_its_own_name(bot: Client) -> None:
    channel = bot.world.channel("Wire", username="wire")
    assert (await bot("sendMessage", chat_id="@Wire", text="x"))[1]["sender_chat"]["id"] == channel.id
    bot.world.post(channel, "/latest KZ")
    (update,) = await heard(bot)
    assert "from" not in update["channel_post"]
    channel.status = "member"
    refused = (400, "Bad Request: need administrator rights in the channel chat")
    assert await bot("sendMessage", chat_id=channel.id, text="x") == refused
    channel.status = "left"
    assert await bot("sendMessage", chat_id=channel.id, text="x") == (
        403,
        "Forbidden: bot is not a member of the channel chat",
    )
    assert await bot("sendMessage", chat_id="@nobody", text="x") == (400, "Bad Request: chat not found")


async def test_a_migration_is_announced_in_both_chats(bot: Client) -> None:
    anna = bot.world.person()
    group = bot.world.group(kind="group", owner=anna)
    new = bot.world.migrate(group)
    old_chat, new_chat = (update["message"] for update in await heard(bot))
    assert (old_chat["chat"]["id"], old_chat["migrate_to_chat_id"]) == (group.id, new.id)
    assert (new_chat["chat"]["id"], new_chat["migrate_from_chat_id"]) == (new.id, group.id)
    for method in ("sendMessage", "getChatAdministrators", "sendChatAction"):
        response = await bot.raw(method, data={"chat_id": group.id, "text": "x", "action": "typing"})
        assert response.json()["parameters"] == {"migrate_to_chat_id": new.id}
    assert (await bot("sendMessage", chat_id=new.id, text="x"))[0] == 200
    assert (await bot("getChatMember", chat_id=new.id, user_id=anna.chat.id))[1]["status"] == "creator"


async def test_people_who_cannot_be_reached(bot: Client) -> None:
    gone, stranger = bot.world.person("Gone"), bot.world.person("Stranger", started=False)
    gone.delete_account()
    told = {(await bot("sendMessage", chat_id=p.chat.id, text="x")) for p in (gone, stranger)}
    assert told == {
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
    }
    stranger.start("follow_KZ")
    assert (await bot("sendMessage", chat_id=stranger.chat.id, text="x"))[0] == 200
    assert (await heard(bot))[0]["message"]["text"] == "/start follow_KZ"
    with pytest.raises(AssertionError, match="no such payload"):
        stranger.start("follow KZ")
    stranger.open("https://t.me/dateline_bot?start=follow_UZ")
    with pytest.raises(AssertionError, match="not the bot's"):
        stranger.open("https://t.me/other_bot?start=x")


async def test_a_bot_can_leave(bot: Client) -> None:
    group = bot.world.group()
    assert await bot("leaveChat", chat_id=group.id) == (200, True)
    assert (await bot("sendMessage", chat_id=group.id, text="x"))[0] == 403
    assert (await heard(bot))[-1]["my_chat_member"]["new_chat_member"]["status"] == "left"
