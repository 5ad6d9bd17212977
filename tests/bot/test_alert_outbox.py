"""From a story to the outbox on a real server: one row per recipient and cluster, whatever is delivered twice."""

import asyncio

import pytest
from redis.asyncio import Redis

from fakes.alerts import entries, fan_out, follow, news, one_due, taken
from fakes.stories import NOON
from services.bot.alert_wiring import offices_held
from services.bot.alerts.fanout import FanOut
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_scripts import row_key
from services.bot.alerts.port import Alert, AlertStory, Progress, Recipient
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.actors import load_actors
from shared.clock import FixedClock
from shared.events import ActorTag, Cluster, CountryTag, RegionTag


async def test_the_same_event_five_times_to_two_workers_gives_one_row_each(redis: Redis) -> None:
    people = [f"telegram:{number}" for number in range(40)]
    await follow(redis, *people)
    workers = [fan_out(redis, page=7), fan_out(redis, page=3)]
    counts = await asyncio.gather(*(workers[turn % 2].spread(news()) for turn in range(5)))
    assert sum(counts) == 40
    assert sorted(due.who for due in await entries(redis)) == sorted(people)


async def test_reasons_are_merged_into_one_alert(redis: Redis) -> None:
    await follow(redis, "telegram:1")
    await follow(redis, "telegram:1", target="region:central-asia")
    await fan_out(redis).spread(news(regions=[RegionTag(id="central-asia", role="derived")]))
    (due,) = await entries(redis)
    (alert,) = (await taken(RedisOutbox(redis), due)).rows
    assert isinstance(alert, Alert)
    assert alert.reasons == {"country:KZ": "subject", "region:central-asia": "subject"}


async def test_an_office_is_heard_of_through_its_holder(redis: Redis) -> None:
    await follow(redis, "telegram:1", target="actor:kz-president")
    await follow(redis, "telegram:2", target="actor:uz-president")
    spread = FanOut(
        subscriptions=RedisSubscriptions(redis),
        outbox=RedisOutbox(redis),
        suspensions=RedisSuspensions(redis),
        clock=FixedClock(NOON),
        offices_of=offices_held(load_actors()),
    )
    holder = ActorTag(id="kassym-jomart-tokayev", name="Kassym-Jomart Tokayev", kind="person")
    await spread.spread(news(actors=[holder]))
    (due,) = await entries(redis)
    assert due.who == "telegram:1"
    (alert,) = (await taken(RedisOutbox(redis), due)).rows
    assert isinstance(alert, Alert)
    assert alert.reasons == {"actor:kz-president": "subject"}


async def test_later_tellings_of_a_cluster_reach_only_those_who_have_not_heard_of_it(redis: Redis) -> None:
    await follow(redis, "telegram:1")
    await follow(redis, "telegram:2", target="country:TJ")
    await fan_out(redis).spread(news())
    retold = news(
        "s2",
        cluster=Cluster(id="s1", relation="same_report", matched="s1"),
        countries=[CountryTag(code=code, role="subject", salience=0.5) for code in ("KZ", "TJ")],
    )
    assert await fan_out(redis).spread(retold) == 1
    turns = [await taken(RedisOutbox(redis), due) for due in await entries(redis)]
    assert [(turn.due.who, turn.rows[0].due.cluster, turn.rows[0].due.story_id) for turn in turns] == [
        ("telegram:1", "s1", "s1"),
        ("telegram:2", "s1", "s2"),
    ]


async def test_a_fan_out_that_broke_goes_on_where_it_was(redis: Redis) -> None:
    class Breaking(RedisOutbox):
        pages = 0

        async def enqueue(self, *args: object) -> int:  # type: ignore[override]  # only counts
            if self.pages == 2:
                raise ConnectionError("gone")
            self.pages += 1
            return await super().enqueue(*args)  # type: ignore[arg-type]  # as given

    await follow(redis, *(f"telegram:{number:02}" for number in range(10)))
    with pytest.raises(ConnectionError):
        await fan_out(redis, page=3, outbox=Breaking(redis)).spread(news())
    assert len(await entries(redis)) == 6
    assert await RedisOutbox(redis).progress("s1") == Progress(after="telegram:05")
    assert await fan_out(redis, page=3).spread(news()) == 4
    assert await RedisOutbox(redis).progress("s1") == Progress(complete=True)
    assert await fan_out(redis, page=3).spread(news()) == 0


async def test_nothing_is_queued_for_the_suspended_and_the_strangers(redis: Redis) -> None:
    await follow(redis, "telegram:1", "telegram:2")
    await follow(redis, "telegram:3", target="country:JO")
    await RedisSuspensions(redis).suspend("telegram:2", "blocked")
    assert await fan_out(redis).spread(news()) == 1
    assert [due.who for due in await entries(redis)] == ["telegram:1"]


async def test_a_row_outlives_the_first_telling_by_a_week_from_the_last(redis: Redis) -> None:
    due = await one_due(redis)
    await redis.expire(row_key(due.who, "s1"), 10)
    await fan_out(redis).spread(news("s2", cluster=Cluster(id="s1", relation="duplicate", matched="s1")))
    assert await redis.ttl(row_key(due.who, "s1")) > 6 * 24 * 3600


async def test_memory_per_alert_stays_small(redis: Redis) -> None:
    story = AlertStory.of(news(headline="A long headline about a pipeline. " * 8))
    people = [Recipient(f"telegram:{number}", {"country:KZ": "subject"}) for number in range(2000)]
    before = (await redis.info("memory"))["used_memory"]
    for start in range(0, 2000, 500):
        await RedisOutbox(redis).enqueue(story, people[start : start + 500], Progress(complete=True), NOON)
    grown = (await redis.info("memory"))["used_memory"] - before
    assert grown / len(people) < 700, "bytes for the row and its entry"
