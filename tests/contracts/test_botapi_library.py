"""The fake through python-telegram-bot: what the library makes of its answers, and no answer that it cannot read."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    ChatMemberAdministrator,
    ChatMemberOwner,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler

from fakes.botapi.limits import Limits
from fakes.botapi.menus import menu_for
from fakes.botapi.server import FakeBotApi

JPEG = b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08\0\x1e\0\x28" + b"\0" * 12 + b"\xff\xd9"
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="/more")]])

Bot = Any


@pytest.fixture(autouse=True)
def _flood_waits_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns of its older form."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


def application(api: FakeBotApi, token: str | None = None) -> Application[Any, Any, Any, Any, Any, Any]:
    return ApplicationBuilder().token(token or api.world.token).base_url(f"{api.url}/bot").build()


@pytest.fixture
async def bot(api: FakeBotApi) -> AsyncIterator[Bot]:
    async with application(api) as app:
        yield app.bot


async def test_a_message_comes_back_as_it_was_sent(api: FakeBotApi, bot: Bot) -> None:
    anna = api.world.person()
    asked = anna.say("/latest")
    sent = await bot.send_message(
        anna.chat.id,
        '<b>Dam</b> &amp; <a href="https://example.org">link</a>',
        parse_mode="HTML",
        reply_markup=KEYBOARD,
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(asked.message_id),
    )
    assert (sent.text, sent.text_html) == (
        "Dam & link",
        '<b>Dam</b> &amp; <a href="https://example.org">link</a>',
    )
    assert (sent.reply_markup, sent.reply_to_message.text) == (KEYBOARD, "/latest")
    (shown,) = (shown for shown in anna.chat.screen if shown.by_bot)
    assert (shown.preview, shown.silent, shown.reply_to) == (False, True, asked.message_id)
    assert (await sent.edit_text("Dam", link_preview_options=LinkPreviewOptions(is_disabled=True))).edit_date
    assert await sent.delete()
    assert [shown.text for shown in anna.chat.screen] == ["/latest"]


async def test_photos_and_what_becomes_of_them(api: FakeBotApi, bot: Bot) -> None:
    anna = api.world.person()
    sent = await bot.send_photo(anna.chat.id, io.BytesIO(JPEG), caption="<i>one</i>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height, sent.caption) == (40, 30, "one")
    media = InputMediaPhoto(JPEG, caption="two", filename="two.jpg")
    assert (await bot.edit_message_media(media, anna.chat.id, sent.message_id)).caption == "two"
    assert (await sent.edit_caption("three", reply_markup=KEYBOARD)).reply_markup == KEYBOARD
    assert (await sent.edit_reply_markup(None)).reply_markup is None


@pytest.mark.parametrize(
    ("trouble", "error", "said"),
    [
        (lambda chat: chat.world.flood.ban(17), RetryAfter, "17"),
        (lambda chat: chat.world.migrate(chat), ChatMigrated, "-1002000000001"),
        (lambda chat: setattr(chat, "status", "kicked"), Forbidden, "bot was kicked from the group chat"),
        (lambda chat: setattr(chat, "muzzled", True), BadRequest, "Not enough rights to send text messages"),
    ],
)
async def test_errors_that_the_library_knows(
    api: FakeBotApi, bot: Bot, trouble: Callable[[Any], None], error: type[Exception], said: str
) -> None:
    group = api.world.group(kind="group")
    trouble(group)
    with pytest.raises(error, match=said):
        await bot.send_message(group.id, "x")


async def test_a_token_that_nobody_has(api: FakeBotApi) -> None:
    app = application(api, "654321:nobody")
    with pytest.raises(InvalidToken):
        await app.initialize()
    await app.bot.request.shutdown()


async def test_members_chats_and_menus(api: FakeBotApi, bot: Bot) -> None:
    anna, boris = api.world.person("Anna"), api.world.person("Boris")
    group = api.world.group(owner=anna)
    group.promote(boris)
    owner, administrator = await bot.get_chat_administrators(group.id)
    assert (type(owner), type(administrator)) == (ChatMemberOwner, ChatMemberAdministrator)
    assert (await bot.get_chat_member(group.id, anna.chat.id)).user.first_name == "Anna"
    assert (await bot.get_chat(group.id)).title == "Newsroom"
    assert await bot.get_chat_member_count(group.id) == 3
    latest, russian, own = (
        BotCommand("latest", "the newest"),
        BotCommand("latest", "новое"),
        BotCommand("x", "y"),
    )
    await bot.set_my_commands([latest])
    await bot.set_my_commands([russian], language_code="ru")
    await bot.set_my_commands([own], scope=BotCommandScopeAllGroupChats())
    assert menu_for(api.world, anna.chat.id, anna.chat.id, "en") == [latest.to_dict()]
    assert menu_for(api.world, anna.chat.id, anna.chat.id, "ru") == [russian.to_dict()]
    assert menu_for(api.world, group.id, anna.chat.id, "ru") == [own.to_dict()]
    assert await bot.get_my_commands(scope=BotCommandScopeAllGroupChats()) == (own,)
    await bot.set_my_commands([latest], scope=BotCommandScopeChat(group.id))
    assert menu_for(api.world, group.id, anna.chat.id, "ru") == [latest.to_dict()]
    await bot.delete_my_commands()
    assert menu_for(api.world, anna.chat.id, anna.chat.id, "en") == []
    await bot.set_my_description("A wire")
    assert (await bot.get_my_description()).description == "A wire"


async def test_inline_answers_and_webhook_information(api: FakeBotApi, bot: Bot) -> None:
    query = api.world.person().ask_inline("gas")
    content = InputTextMessageContent("<b>x</b>", parse_mode="HTML")
    results = [InlineQueryResultArticle("1", "Gas", content, reply_markup=KEYBOARD)]
    assert await bot.answer_inline_query(query.id, results, cache_time=60, next_offset="1")
    assert (query.titles, query.next_offset) == (["Gas"], "1")
    assert (await bot.get_webhook_info()).url == ""
    api.world.flood.enforce(Limits())
    assert await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="abc", allowed_updates=["message"])
    with pytest.raises(RetryAfter):
        await bot.set_webhook("http://127.0.0.1:9/other")
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (
        "http://127.0.0.1:9/hook",
        40,
        ("message",),
    )
    with pytest.raises(Conflict):
        await bot.get_updates()


async def test_an_application_polls_every_kind_of_update(api: FakeBotApi) -> None:
    """Nothing that people can do makes an update that the library cannot read."""
    seen: list[str] = []

    async def heard(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        seen.append(next(kind for kind in update.to_dict() if kind != "update_id"))
        if update.message and update.message.text == "/latest":
            await update.message.reply_text("answer", reply_markup=KEYBOARD)
        if update.callback_query:
            await update.callback_query.answer("done", show_alert=True)

    app = application(api)
    app.add_handler(TypeHandler(Update, heard))
    anna = api.world.person()
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(allowed_updates=Update.ALL_TYPES)
        said = anna.say("/latest")
        await api.world.until(lambda: anna.chat.texts)
        anna.press("More")
        await api.world.until(lambda: anna.chat.alerts == ["done"])
        anna.edit(said, "/latest KZ")
        forum = api.world.group("Desk", forum=True, owner=anna)
        forum.close_topic(forum.topic("KZ"))
        anna.say("/latest@dateline_bot", forum, anonymous=True)
        anna.kick_bot(forum)
        anna.block()
        api.world.post(api.world.channel("Wire"), "x")
        api.world.migrate(api.world.group("Old", kind="group"))
        anna.ask_inline("gas")
        await api.world.until(lambda: seen and seen[-1] == "inline_query")
        # The last poll of a library that stops asks for what the one before it asked for, and would be slowed down.
        await api.world.until(lambda: not api.world.updates)
        api.world.clock.advance(3)
        await app.updater.stop()
        await app.stop()
    assert seen == [
        "message", "callback_query", "edited_message", "message", "message", "message", "my_chat_member",
        "my_chat_member", "channel_post", "message", "message", "inline_query",
    ]  # fmt: skip


async def test_two_pollers_get_in_each_others_way(api: FakeBotApi, bot: Bot) -> None:
    async with application(api) as rival:
        older = asyncio.create_task(bot.get_updates(timeout=30))
        await api.world.until(lambda: api.world.poll)
        newer = asyncio.create_task(rival.bot.get_updates(timeout=30))
        with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
            await older
        api.world.person().say("x")
        assert len(await newer) == 1
