"""The outbox on a real server: one row per recipient and cluster, whatever is delivered twice or dies half-way."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from fakes.stories import NOON, enriched_story
from services.bot.alerts.fanout import FanOut
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_scripts import row_key
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Left, Progress, Recipient, Result
from services.bot.app import offices_held
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.actors import load_actors
from shared.clock import FixedClock
from shared.events import ActorTag, Cluster, CountryTag, EnrichedStory, RegionTag
from shared.topology import OUTBOX

TRUST = timedelta(seconds=45)
LATER = NOON + TRUST + timedelta(seconds=1)


def news(story_id: str = "s1", **changes: object) -> EnrichedStory:
    return enriched_story(story_id, **({"published_at": NOON} | changes))  # type: ignore[arg-type]  # any fields


def fan_out(redis: Redis, *, page: int = 500, outbox: RedisOutbox | None = None) -> FanOut:
    return FanOut(
        subscriptions=RedisSubscriptions(redis),
        outbox=outbox or RedisOutbox(redis),
        suspensions=RedisSuspensions(redis),
        clock=FixedClock(NOON),
        page=page,
    )


async def follow(redis: Redis, *recipients: str, target: str = "country:KZ") -> None:
    for who in recipients:
        await RedisSubscriptions(redis).follow(who, target, "subject", NOON)


async def entries(redis: Redis) -> list[AlertDue]:
    rows = await redis.xrange(OUTBOX.name)
    return [AlertDue.model_validate_json(fields[b"__data__"]) for _id, fields in rows]


async def one_due(redis: Redis) -> AlertDue:
    await follow(redis, "telegram:1")
    await fan_out(redis).spread(news())
    (due,) = await entries(redis)
    return due


async def claimed(outbox: RedisOutbox, due: AlertDue) -> Alert:
    alert = await outbox.claim(due, NOON)
    assert isinstance(alert, Alert)
    return alert


# --- fan-out -----------------------------------------------------------------------------------------------------


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
    alert = await claimed(RedisOutbox(redis), due)
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
    assert (await claimed(RedisOutbox(redis), due)).reasons == {"actor:kz-president": "subject"}


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
    assert [(due.who, due.cluster, due.story_id) for due in await entries(redis)] == [
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
    await redis.expire(row_key(due.who, due.cluster), 10)
    await fan_out(redis).spread(news("s2", cluster=Cluster(id="s1", relation="duplicate", matched="s1")))
    assert await redis.ttl(row_key(due.who, due.cluster)) > 6 * 24 * 3600


# --- sending -----------------------------------------------------------------------------------------------------


async def test_a_row_is_sent_once_however_often_its_entry_is_delivered(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    alert = await claimed(outbox, due)
    assert (alert.attempt, alert.silent, alert.story.headline) == (1, False, "Something happened (s1)")
    assert await outbox.settle(alert, Result("sent", "77"), NOON)
    assert await outbox.claim(due, NOON) == Left("sent")
    assert await outbox.claim(due, LATER) == Left("sent")


async def test_two_senders_with_the_same_entry_one_sends(redis: Redis) -> None:
    due = await one_due(redis)
    answers = await asyncio.gather(*(RedisOutbox(redis).claim(due, NOON) for _ in range(6)))
    assert sum(isinstance(answer, Alert) for answer in answers) == 1
    assert answers.count(Left("busy")) == 5


async def test_a_claim_that_the_client_repeats_for_a_lost_answer_gets_its_first_answer(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    monkeypatch.setattr("services.bot.alerts.outbox.secrets.token_hex", lambda _length: "same call")
    assert await claimed(outbox, due) == await claimed(outbox, due)


async def test_a_row_that_another_sender_holds_is_looked_at_again_when_its_trust_has_ended(
    redis: Redis,
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    await claimed(outbox, due)
    assert await outbox.claim(due, NOON) == Left("busy")
    assert await outbox.release_due(NOON) == 0
    assert await outbox.release_due(LATER) == 1
    assert (await entries(redis))[-1] == due


async def test_a_sender_lost_in_mid_send_is_repeated_once_and_silently(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    await claimed(outbox, due)
    again = await outbox.claim(due, LATER)
    assert isinstance(again, Alert)
    assert (again.attempt, again.repeats, again.silent) == (2, 1, True)
    assert await outbox.claim(due, LATER + 2 * TRUST) == Left("uncertain")
    assert await outbox.claim(due, LATER + 4 * TRUST) == Left("uncertain")


async def test_with_the_policy_skip_it_is_never_repeated(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST, policy="skip")
    await claimed(outbox, due)
    assert await outbox.claim(due, LATER) == Left("uncertain")


async def test_a_sender_that_was_taken_for_dead_cannot_overwrite_its_successor(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    slow = await claimed(outbox, due)
    successor = await outbox.claim(due, LATER)
    assert isinstance(successor, Alert)
    assert not await outbox.settle(slow, Result("ready", "late", delay=1), LATER)
    assert await outbox.settle(successor, Result("sent", "5", repeats=1), LATER)
    assert await outbox.state("telegram:1", "s1") == "sent"
    assert await outbox.release_due(LATER + TRUST) == 0


async def test_what_was_not_sent_waits_for_its_time_and_an_old_entry_does_nothing(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    alert = await claimed(outbox, due)
    await outbox.settle(alert, Result("ready", "flood", delay=38), NOON)
    assert await outbox.claim(due, NOON) == Left("ready"), "the old entry is spent"
    assert await outbox.release_due(NOON + timedelta(seconds=37)) == 0
    assert await outbox.release_due(NOON + timedelta(seconds=38)) == 1
    assert await outbox.release_due(NOON + timedelta(seconds=38)) == 0
    again = (await entries(redis))[-1]
    assert (again.turn, again.key != due.key) == (1, True)
    repeated = await claimed(outbox, again)
    assert (repeated.attempt, repeated.silent) == (2, False)


async def test_delayed_alerts_come_back_once_with_many_processes_looking(redis: Redis) -> None:
    await follow(redis, *(f"telegram:{number}" for number in range(30)))
    await fan_out(redis).spread(news())
    outbox = RedisOutbox(redis)
    for due in await entries(redis):
        await outbox.settle(await claimed(outbox, due), Result("ready", "away", delay=1), NOON)
    late = NOON + timedelta(seconds=2)
    assert sum(await asyncio.gather(*(RedisOutbox(redis).release_due(late) for _ in range(4)))) == 30
    assert len(await entries(redis)) == 60


async def test_an_alert_for_what_is_no_longer_followed_is_dropped(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    await RedisSubscriptions(redis).unfollow("telegram:1", "country:KZ")
    assert await outbox.claim(due, NOON) == Left("dropped")
    assert await outbox.state("telegram:1", "s1") == "dropped"


async def test_an_alert_for_somebody_who_blocked_the_bot_meanwhile_is_dropped(redis: Redis) -> None:
    due = await one_due(redis)
    await RedisSuspensions(redis).suspend("telegram:1", "blocked")
    assert await RedisOutbox(redis).claim(due, NOON) == Left("dropped")


async def test_an_alert_that_waited_too_long_is_dropped(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, patience=timedelta(hours=2))
    assert await outbox.claim(due, NOON + timedelta(hours=2, seconds=1)) == Left("dropped")


async def test_a_forgotten_person_has_no_rows_and_none_come_back(redis: Redis) -> None:
    outbox = RedisOutbox(redis)
    subscriptions = RedisSubscriptions(redis, also_forget=[outbox.forget])
    await follow(redis, "telegram:1", "telegram:11", "telegram:*")
    await fan_out(redis).spread(news())
    alert = await claimed(outbox, (await entries(redis))[1])
    assert alert.due.who == "telegram:1"
    await subscriptions.forget("telegram:1")
    assert await outbox.state("telegram:1", "s1") is None
    assert not await outbox.settle(alert, Result("ready", "flood", delay=1), NOON)
    assert await outbox.claim(alert.due, NOON) == Left("gone")
    assert await fan_out(redis).spread(news("s2")) == 2
    await subscriptions.forget("telegram:*")
    assert await outbox.state("telegram:11", "s1") == "ready", "a star in a name stands for itself"


async def test_a_moved_recipient_gets_the_alert_at_its_new_address_once(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    alert = await claimed(outbox, due)
    assert await outbox.redirect(alert, "telegram:-100", NOON)
    assert not await outbox.redirect(alert, "telegram:-100", NOON)
    await RedisSubscriptions(redis).move("telegram:1", "telegram:-100")
    moved = await claimed(outbox, (await entries(redis))[-1])
    assert (moved.due.who, moved.reasons, moved.story) == ("telegram:-100", alert.reasons, alert.story)


async def test_memory_per_alert_stays_small(redis: Redis) -> None:
    story = AlertStory.of(news(headline="A long headline about a pipeline. " * 8))
    people = [Recipient(f"telegram:{number}", {"country:KZ": "subject"}) for number in range(2000)]
    before = (await redis.info("memory"))["used_memory"]
    for start in range(0, 2000, 500):
        await RedisOutbox(redis).enqueue(story, people[start : start + 500], Progress(complete=True), NOON)
    grown = (await redis.info("memory"))["used_memory"] - before
    assert grown / len(people) < 700, "bytes for the row and its entry"
