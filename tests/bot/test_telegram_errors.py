"""The table of errors, met over HTTP: whether the message arrived decides what it means."""

import os
from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from fakes.botapi.faults import Fault, flood
from fakes.botapi.server import FakeBotApi
from services.bot.conversation.messages import Block, Button, Reply, Span, block
from services.bot.messengers.port import Gone, Moved, NotSent, Refused, Sent, Uncertain
from services.bot.messengers.telegram.client import TelegramMessenger, telegram_bot
from services.bot.messengers.telegram.errors import TOKEN_REFUSED

HELLO = Reply((block("hello"),))


@pytest.fixture
async def api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@pytest.fixture
async def bot(api: FakeBotApi) -> AsyncIterator[Bot]:
    bot = telegram_bot(api.world.token, api.url)
    await bot.initialize()
    yield bot
    await bot.shutdown()


@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"),
    [
        (None, Sent, 1),
        (flood("sendMessage", 10_000), NotSent, 0),
        (Fault("sendMessage", "answer", 429, "Too Many Requests: retry later"), NotSent, 0),
        (Fault("sendMessage", "answer", 500, "Internal Server Error"), Uncertain, 0),
        (Fault("sendMessage", "page", 502), Uncertain, 0),
        (Fault("sendMessage", "drop"), Uncertain, 0),
        (Fault("sendMessage", "drop_after"), Uncertain, 1),
        (Fault("sendMessage", "answer", 400, "Bad Request: TOPIC_CLOSED"), Gone, 0),
        (Fault("sendMessage", "answer", 400, "Bad Request: chat not found"), Gone, 0),
        (Fault("sendMessage", "answer", 400, "Bad Request: something new"), Refused, 0),
        (Fault("sendMessage", "answer", 403, "Forbidden: user is deactivated"), Gone, 0),
        (Fault("sendMessage", "answer", 401, "Unauthorized"), NotSent, 0),
    ],
)
async def test_each_error_has_its_outcome(
    api: FakeBotApi, bot: Bot, fault: Fault | None, outcome: type, arrived: int
) -> None:
    anna = api.world.person()
    if fault:
        api.world.faults.add(fault)
    got = await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", HELLO)
    assert isinstance(got, outcome), got
    assert len(anna.chat.texts) == arrived


async def test_how_long_to_wait_is_what_telegram_says(api: FakeBotApi, bot: Bot) -> None:
    anna = api.world.person()
    api.world.faults.add(flood("sendMessage", 10_072))
    outcome = await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", HELLO)
    assert isinstance(outcome, NotSent)
    assert outcome.retry_in == 10_072


async def test_a_server_that_is_not_there_got_nothing(api: FakeBotApi) -> None:
    anna = api.world.person()
    await api.stop()
    messenger = TelegramMessenger(telegram_bot(api.world.token, api.url))
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO), NotSent)
    await messenger.close()


async def test_a_token_that_is_refused_is_not_in_the_reason(api: FakeBotApi) -> None:
    wrong = "654321:" + "B" * 35
    messenger = TelegramMessenger(telegram_bot(wrong, api.url))
    outcome = await messenger.deliver("telegram:1", HELLO)
    assert isinstance(outcome, NotSent)
    assert outcome.retry_in == TOKEN_REFUSED
    assert "B" * 35 not in outcome.reason
    await messenger.close()


async def test_blocked_moved_and_silent(api: FakeBotApi, bot: Bot) -> None:
    anna, group = api.world.person(), api.world.group(kind="group")
    messenger = TelegramMessenger(bot)
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO, silent=True), Sent)
    assert anna.chat.notifications == [True]
    anna.block()
    assert isinstance(await messenger.deliver(f"telegram:{anna.chat.id}", HELLO), Gone)
    new = api.world.migrate(group)
    assert await messenger.deliver(f"telegram:{group.id}", HELLO) == Moved(f"telegram:{new.id}")


async def test_refused_markup_goes_as_plain_text(api: FakeBotApi, bot: Bot) -> None:
    anna = api.world.person()
    refused = "Bad Request: can't parse entities: Unsupported start tag"
    api.world.faults.add(Fault("sendMessage", "answer", 400, refused))
    reply = Reply((Block(((Span("5 < 6", bold=True),),)),), buttons=((Button("More", "/more"),),))
    assert isinstance(await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", reply), Sent)
    (shown,) = anna.chat.screen
    assert (shown.text, shown.entities, shown.labels) == ("5 < 6", [], ["More"])


async def test_a_long_message_has_its_buttons_on_the_last_part_and_one_sound(
    api: FakeBotApi, bot: Bot
) -> None:
    anna = api.world.person()
    reply = Reply(tuple(block("word " * 700) for _ in range(3)), buttons=((Button("More", "/more"),),))
    assert isinstance(await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", reply), Sent)
    assert [shown.labels for shown in anna.chat.screen] == [[], [], ["More"]]
    assert anna.chat.notifications == [False, True, True]
    api.world.faults.add(flood("sendMessage", 5, skip=1))
    partly = await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", reply)
    assert isinstance(partly, Uncertain), "a part is there already, so it is not just sent again"


async def test_replacing_edits_and_falls_back_to_a_new_message(api: FakeBotApi, bot: Bot) -> None:
    anna, messenger = api.world.person(), TelegramMessenger(bot)
    who = f"telegram:{anna.chat.id}"
    sent = await messenger.deliver(who, HELLO)
    assert isinstance(sent, Sent)
    other = Reply((block("other"),))
    for _ in range(2):
        assert isinstance(await messenger.replace(who, int(sent.message_id), other), Sent)
    assert anna.chat.texts == ["other"]
    assert isinstance(await messenger.replace(who, 999, HELLO), Sent)
    assert anna.chat.texts == ["other", "hello"]


async def test_editing_changes_a_message_and_never_sends_a_new_one(api: FakeBotApi, bot: Bot) -> None:
    anna, messenger = api.world.person(), TelegramMessenger(bot)
    who = f"telegram:{anna.chat.id}"
    sent = await messenger.deliver(who, HELLO)
    assert isinstance(sent, Sent)
    for _ in range(2):
        assert isinstance(await messenger.edit(who, sent.message_id, Reply((block("other"),))), Sent)
    assert isinstance(await messenger.edit(who, "999", HELLO), Refused)
    assert isinstance(await messenger.edit(who, sent.message_id, Reply()), Refused)
    assert (anna.chat.texts, len(anna.chat.notifications)) == (["other"], 1)


async def test_only_what_is_paid_for_is_marked_so(api: FakeBotApi, bot: Bot) -> None:
    anna, messenger = api.world.person(), TelegramMessenger(bot)
    for paid in (True, False):
        await messenger.deliver(f"telegram:{anna.chat.id}", HELLO, paid=paid)
    assert [call.params.get("allow_paid_broadcast") for call in api.world.calls("sendMessage")] == [
        "true",
        None,
    ]


@pytest.mark.parametrize(
    ("error", "flood"),
    [
        (Fault("sendMessage", "answer", 429, "Too Many Requests: retry after 9", {"retry_after": 9}), True),
        (Fault("sendMessage", "answer", 429, "Too Many Requests"), True),
        (Fault("sendMessage", "answer", 401, "Unauthorized"), False),
    ],
)
async def test_what_the_pace_must_know_is_marked_so(
    api: FakeBotApi, bot: Bot, error: Fault, flood: bool
) -> None:
    anna = api.world.person()
    api.world.faults.add(error)
    outcome = await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", HELLO)
    assert isinstance(outcome, NotSent)
    assert outcome.flood is flood


async def test_nothing_to_show_is_refused_here(api: FakeBotApi, bot: Bot) -> None:
    anna = api.world.person()
    assert isinstance(await TelegramMessenger(bot).deliver(f"telegram:{anna.chat.id}", Reply()), Refused)
    assert isinstance(await TelegramMessenger(bot).replace(f"telegram:{anna.chat.id}", 1, Reply()), Refused)
    assert api.world.calls("sendMessage") == []


def test_the_client_gives_flood_waits_without_a_warning() -> None:
    telegram_bot("123456:" + "A" * 35)
    assert os.environ["PTB_TIMEDELTA"]
