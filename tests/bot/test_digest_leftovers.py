"""What waits for a digest finds its way out: whatever becomes of the digest that should have told it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest
from redis.asyncio import Redis

from fakes.alerts import news, taken
from fakes.office import DAY, Office
from fakes.stories import NOON
from services.bot.alerts.digest_due import RedisDigestTimes
from services.bot.alerts.kindness import zone_of
from services.bot.alerts.outbox_scripts import digest_key, row_key, story_key
from services.bot.alerts.port import ChatDue, Left
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences

ANNA, BORIS = "telegram:1", "telegram:2"
PLAN = DigestPlan("day", time(8))
DAILY = Preferences(digest=PLAN)
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
WEEK = 7 * 24 * 3600


@pytest.fixture
async def office(redis: Redis) -> AsyncIterator[Office]:
    office = Office(redis)
    await office.follow(ANNA, "country:KZ")
    await office.preferences.change(ANNA, DAILY)
    yield office


async def digest_begun(office: Office) -> ChatDue:
    """Let a digest be on its way in the hands of a sender that is never heard of again."""
    await office.outbox.enqueue_digest(ANNA, MORNING.date(), office.clock.now())
    claimed = ChatDue(who=ANNA, turn=int(await office.redis.get("alerts.turns")))
    turn = await taken(office.outbox, claimed, office.clock.now())
    assert await office.outbox.begin(turn, [turn.rows[0].due.cluster], office.clock.now(), ["s1"])
    return claimed


@pytest.mark.parametrize(
    "resting", [Preferences(stopped=True), Preferences(muted={EVERYTHING: NOON + 30 * DAY})]
)
async def test_what_waited_when_a_reader_stopped_comes_after_it_is_back(
    office: Office, resting: Preferences
) -> None:
    await office.tell(news())
    await office.preferences.change(ANNA, resting)
    await office.at(MORNING + DAY)
    assert office.screens.seen(ANNA) == []
    await office.preferences.change(ANNA, DAILY)
    await office.at(MORNING + 2 * DAY)
    assert len(office.screens.seen(ANNA)) == 1


async def test_what_waited_when_a_reader_was_suspended_comes_after_it_is_back(office: Office) -> None:
    await office.tell(news())
    await office.suspensions.suspend(ANNA, "blocked")
    await office.at(MORNING + DAY)
    await office.suspensions.resume(ANNA)
    await office.at(MORNING + 2 * DAY)
    assert len(office.screens.seen(ANNA)) == 1


async def test_who_never_comes_back_has_one_row_a_day(office: Office) -> None:
    await office.tell(news())
    await office.suspensions.suspend(ANNA, "blocked")
    await office.at(MORNING + 3 * DAY)
    assert len(await office.redis.keys(row_key(ANNA, "digest:*"))) == 4


async def test_the_row_of_a_digest_and_the_end_of_its_waiting_are_one_step(office: Office) -> None:
    """Were they two, what comes to wait in between would have no time."""
    await office.tell(news())
    await office.start_digests()
    office.clock.advance(MORNING - NOON)
    assert await office.outbox.enqueue_digest(ANNA, MORNING.date(), office.clock.now())
    assert await RedisDigestTimes(office.redis).due(office.clock.now() + DAY) == []
    assert not await office.outbox.enqueue_digest(ANNA, MORNING.date(), office.clock.now())
    await office.tell(news("s2", published_at=MORNING))
    await office.later()
    await office.at(MORNING + DAY)
    told = "\n".join(office.screens.seen(ANNA))
    assert (told.count("(s1)"), told.count("(s2)")) == (1, 1)


async def test_a_retelling_does_not_shorten_what_waits_for_a_weekly_digest(office: Office) -> None:
    """A row lives seven days after its last telling, and a weekly digest may be a little further off."""
    await office.tell(news())
    assert await office.redis.ttl(row_key(ANNA, "s1")) > WEEK
    await office.follow(BORIS, "country:KZ")
    await office.redis.delete("alerts.fanout:s1")
    await office.tell(news())
    assert await office.redis.ttl(row_key(ANNA, "s1")) > WEEK
    assert await office.redis.ttl(story_key("s1")) > WEEK
    assert 0 < await office.redis.ttl(row_key(BORIS, "s1")) <= WEEK


async def test_a_digest_that_may_have_come_is_not_told_again_by_the_next(redis: Redis) -> None:
    """Two answers are lost: it was repeated once, and that may have come too."""
    office = Office(redis)
    await office.follow(ANNA, "country:KZ")
    await office.preferences.change(ANNA, DAILY)
    await office.tell(news())
    office.screens.losing = 2
    await office.at(MORNING + timedelta(minutes=5))
    assert await office.records.state(ANNA, "digest:2026-03-02") == "uncertain"
    assert await office.records.state(ANNA, "s1") == "uncertain"
    await office.tell(news("s2", published_at=MORNING))
    await office.at(MORNING + DAY)
    assert [("(s1)" in text, "(s2)" in text) for text in office.screens.seen(ANNA)[2:]] == [(False, True)]


async def test_the_policy_skip_holds_for_digests_too(redis: Redis) -> None:
    office = Office(redis, policy="skip")
    await office.follow(ANNA, "country:KZ")
    await office.preferences.change(ANNA, DAILY)
    await office.tell(news(), news("s2"))
    lost = await digest_begun(office)
    await office.later(timedelta(minutes=1))
    assert await office.outbox.claim(lost, office.clock.now()) == Left("gone")
    assert await office.records.state(ANNA, "digest:2026-03-02") == "uncertain"
    assert await office.records.state(ANNA, "s1") == "uncertain"
    assert await redis.zrange(digest_key(ANNA), 0, -1) == [b"s2"], "this was not in it"
    await office.at(MORNING + DAY)
    (text,) = office.screens.seen(ANNA)
    assert "(s2)" in text
    assert "(s1)" not in text


async def test_one_reader_whose_time_cannot_be_worked_out_does_not_hold_up_the_others(office: Office) -> None:
    await office.follow("telegram:0", "country:KZ")
    broken = Preferences(digest=DigestPlan("week", time(8), weekday=9))
    await office.preferences.change("telegram:0", broken)
    await office.tell(news())
    await office.at(MORNING)
    assert len(office.screens.seen(ANNA)) == 1


async def test_what_waits_for_a_digest_has_an_end_at_a_new_address_too(office: Office) -> None:
    await office.tell(news())
    await office.start_digests()
    await office.outbox.move(ANNA, "telegram:-100")
    await office.subscriptions.move(ANNA, "telegram:-100")
    assert await office.redis.ttl(digest_key("telegram:-100")) > WEEK
    assert await office.redis.zscore("digests.due", ANNA) is None
    await office.at(MORNING)
    assert len(office.screens.seen("telegram:-100")) == 1


@pytest.mark.parametrize("zone", ["Asia", "Nowhere/Town", "../etc"])
def test_a_zone_that_is_none_counts_as_none(zone: str) -> None:
    assert zone_of(Preferences(zone=zone)) is UTC


async def test_a_digest_between_two_steps_of_a_move_takes_nothing_for_unwanted(office: Office) -> None:
    await office.tell(news())
    await office.start_digests()
    await office.outbox.move(ANNA, "telegram:-100")
    await office.at(MORNING)
    await office.subscriptions.move(ANNA, "telegram:-100")
    assert ["(s1)" in text for text in office.screens.seen("telegram:-100")] == [True]
