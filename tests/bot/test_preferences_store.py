"""Preferences in a real server: kept whole, forgotten wholly, moved once, and read whatever a later version wrote."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from services.bot.preferences_store import RedisPreferences, preferences_key

ANNA, BORIS = "telegram:1", "telegram:2"
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FULL = Preferences(
    language="ru",
    zone="Asia/Almaty",
    quiet=QuietHours(time(22, 0), time(7, 30), hold=True),
    digest=DigestPlan("week", time(8, 0), 4),
    previews=True,
    daily_cap=0,
    stopped=True,
    muted={"country:KZ": AT, EVERYTHING: AT + timedelta(hours=8)},
)

_TIMES = st.times().map(lambda at: at.replace(tzinfo=None))
_PREFERENCES = st.builds(
    Preferences,
    language=st.none() | st.sampled_from(["en", "ru"]),
    zone=st.none() | st.sampled_from(["Asia/Almaty", "UTC"]),
    quiet=st.none() | st.builds(QuietHours, _TIMES, _TIMES, st.booleans()),
    digest=st.none() | st.builds(DigestPlan, st.sampled_from(["day", "week"]), _TIMES, st.integers(0, 6)),
    previews=st.booleans(),
    daily_cap=st.none() | st.integers(0, 500),
    stopped=st.booleans(),
    muted=st.dictionaries(st.text(min_size=1), st.datetimes(timezones=st.just(UTC)), max_size=3),
)


@pytest.fixture
def store(redis: Redis) -> RedisPreferences:
    return RedisPreferences(redis)


async def test_a_recipient_without_preferences_has_the_default_ones(store: RedisPreferences) -> None:
    assert await store.get(ANNA) == Preferences()
    assert await store.among([ANNA]) == {}


async def test_what_was_changed_is_read_again(store: RedisPreferences) -> None:
    await store.change(ANNA, FULL)
    assert await store.get(ANNA) == FULL
    assert await store.get(BORIS) == Preferences()
    assert await store.among([BORIS, ANNA]) == {ANNA: FULL}
    assert await store.among([]) == {}


async def test_a_change_takes_the_place_of_all_before(store: RedisPreferences) -> None:
    await store.change(ANNA, FULL)
    await store.change(ANNA, Preferences(zone="Asia/Tashkent"))
    assert await store.get(ANNA) == Preferences(zone="Asia/Tashkent")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(preferences=_PREFERENCES)
async def test_any_preferences_are_kept_whole(store: RedisPreferences, preferences: Preferences) -> None:
    await store.change(ANNA, preferences)
    assert await store.get(ANNA) == preferences


async def test_nothing_is_left_of_who_is_forgotten(store: RedisPreferences, redis: Redis) -> None:
    await store.change(ANNA, FULL)
    await store.forget(ANNA)
    assert await redis.dbsize() == 0


async def test_the_default_preferences_leave_nothing(store: RedisPreferences, redis: Redis) -> None:
    await store.change(ANNA, Preferences())
    assert await redis.dbsize() == 0


async def test_preferences_move_with_their_recipient(store: RedisPreferences) -> None:
    await store.change(ANNA, FULL)
    assert await store.move(ANNA, BORIS) == 1
    assert await store.get(ANNA) == Preferences()
    assert await store.get(BORIS) == FULL
    assert await store.move(ANNA, BORIS) == 0
    assert await store.get(BORIS) == FULL


async def test_the_new_address_keeps_what_it_has(store: RedisPreferences) -> None:
    await store.change(ANNA, FULL)
    await store.change(BORIS, Preferences(language="en"))
    assert await store.move(ANNA, BORIS) == 1
    assert await store.get(BORIS) == Preferences(language="en")
    assert await store.get(ANNA) == Preferences()


async def test_a_field_that_cannot_be_read_spoils_no_other(store: RedisPreferences, redis: Redis) -> None:
    await store.change(ANNA, FULL)
    await redis.hset(preferences_key(ANNA), "digest", '{"every": "century", "at": "08:00:00"}')
    await redis.hset(preferences_key(ANNA), "of_a_later_version", "1")
    kept = await store.get(ANNA)
    assert kept.digest is None
    assert kept.muted == FULL.muted
    assert kept.quiet == FULL.quiet
