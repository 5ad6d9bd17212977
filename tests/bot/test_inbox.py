"""The inbox of a console: alerts wait for their reader and are shown once."""

from redis.asyncio import Redis

from services.bot.conversation.messages import Block, Button, Reply, Span, block, decode_reply, encode_reply
from services.bot.messengers.inbox import CAPACITY, InboxMessenger, RedisInbox, inbox_key, position_key
from services.bot.messengers.port import Refused, Sent

RICH = Reply(
    blocks=(Block(((Span("🔔 "), Span("Kırgız <b>&", bold=True, href="https://example.org/?a=1&b=2")),)),),
    buttons=((Button("Story", "/story 1"), Button("Why", "/why 1")),),
    toast="seen",
    data={"alert": {"story_id": "s1", "countries": ["KG"], "n": 1, "none": None}},
)


def test_a_reply_survives_the_journey() -> None:
    assert decode_reply(encode_reply(RICH)) == RICH


async def test_alerts_wait_for_their_reader_and_then_come_live(redis: Redis) -> None:
    messenger = InboxMessenger(redis)
    assert isinstance(await messenger.deliver("console:me", RICH), Sent)
    alerts = RedisInbox(redis).alerts("console:me")
    assert await anext(alerts) == RICH
    await messenger.deliver("console:you", Reply((block("not for me"),)))
    await messenger.deliver("console:me", Reply((block("second"),)))
    assert (await anext(alerts)).plain == "second"
    await alerts.aclose()


async def test_a_reader_goes_on_after_what_it_has_read(redis: Redis) -> None:
    for word in ("one", "two", "three"):
        await InboxMessenger(redis).deliver("script:a", Reply((block(word),)))
    first = RedisInbox(redis).alerts("script:a")
    assert [(await anext(first)).plain, (await anext(first)).plain] == ["one", "two"]
    await first.aclose()
    second = RedisInbox(redis).alerts("script:a")
    assert (await anext(second)).plain == "two", "it was being shown when its reader went"
    assert (await anext(second)).plain == "three"
    await second.aclose()


async def test_an_inbox_is_bounded_and_forgotten_on_request(redis: Redis) -> None:
    for number in range(CAPACITY + 5):
        await InboxMessenger(redis).deliver("script:a", Reply((block(str(number)),)))
    assert await redis.xlen(inbox_key("script:a")) == CAPACITY
    await RedisInbox(redis).forget("script:a")
    assert await redis.keys() == []


async def test_a_change_of_a_message_is_told_in_a_line_of_its_own(redis: Redis) -> None:
    messenger = InboxMessenger(redis)
    sent = await messenger.deliver("console:me", Reply((block("an alert"),)))
    assert isinstance(sent, Sent)
    changed = Reply((block("an alert, with more"),), toast="+2 sources", data={"update": {"cluster": "s1"}})
    assert isinstance(await messenger.edit("console:me", sent.message_id, changed), Sent)
    assert isinstance(await messenger.edit("console:me", sent.message_id, Reply()), Refused)
    alerts = RedisInbox(redis).alerts("console:me")
    assert [(await anext(alerts)).plain for _ in range(2)] == ["an alert", "+2 sources"]
    await alerts.aclose()


async def test_what_was_read_is_known_for_as_long_as_there_is_an_inbox(redis: Redis) -> None:
    """A reader who is away for a month, while alerts come in, must not get those of before anew."""
    messenger = InboxMessenger(redis)
    await messenger.deliver("console:me", RICH)
    await messenger.deliver("console:me", RICH)
    alerts = RedisInbox(redis).alerts("console:me")
    assert [await anext(alerts), await anext(alerts)] == [RICH, RICH]
    await alerts.aclose()
    await redis.expire(position_key("console:me"), 60)
    await messenger.deliver("console:me", RICH)
    assert await redis.ttl(position_key("console:me")) == await redis.ttl(inbox_key("console:me"))
