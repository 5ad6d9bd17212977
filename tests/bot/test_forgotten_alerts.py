"""Of a reader who asks to be forgotten nothing is left of all that alerts keep."""

from typing import Any

from redis.asyncio import Redis

from fakes.alerts import news
from fakes.office import Office
from fakes.stories import NOON
from services.bot.preferences import Preferences
from services.bot.review_store import RedisReviews
from services.bot.reviews import Objection
from services.bot.stores import build_subscriptions
from shared.events import Cluster, Source
from shared.topology import OUTBOX

WHO = "telegram:424242"


async def content(redis: Redis, key: bytes) -> Any:
    match (await redis.type(key)).decode():
        case "hash":
            return await redis.hgetall(key)
        case "zset":
            return await redis.zrange(key, 0, -1)
        case "list":
            return await redis.lrange(key, 0, -1)
        case "string":
            return await redis.get(key)
        case kind:
            raise AssertionError(f"{key!r} is a {kind}: teach this test to read it")


async def test_nothing_of_a_reader_is_left_but_entries_that_were_dealt_with(redis: Redis) -> None:
    office = Office(redis, daily_cap=1)
    await office.follow(WHO, "country:KZ")
    await office.follow("telegram:7", "country:KZ")
    await office.preferences.change(WHO, Preferences(language="ru"))
    again = Cluster(id="a", relation="duplicate", matched="a")
    herald = Source(id="herald", name="Herald", kind="feed")
    await office.tell(news("a"), news("b"), news("c", source=herald, cluster=again))
    await office.later()
    await office.suspensions.suspend(WHO, "blocked")
    await RedisReviews(redis).object(Objection("a", "country:KZ", "News", "Herald"), WHO, NOON)

    await build_subscriptions(redis).forget(WHO)

    keys = [key for key in await redis.keys("*") if key.decode() != OUTBOX.name]
    assert not [key for key in keys if b"424242" in key or "424242" in repr(await content(redis, key))]
    assert [key for key in keys if b"telegram:7" in key]
    (review,) = await RedisReviews(redis).list()
    assert review.voters == ()
