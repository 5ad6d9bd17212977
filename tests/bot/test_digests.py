"""Digests: what was kept back comes once, at the reader's hour, by country, and nothing when there is nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest
from redis.asyncio import Redis

from fakes.alerts import news
from fakes.office import DAY, Office
from fakes.stories import NOON
from services.bot.alerts.digest_due import RedisDigestTimes
from services.bot.alerts.digest_text import MOST_STORIES, digest_text
from services.bot.alerts.outbox_scripts import digest_key
from services.bot.alerts.port import AlertDue, AlertStory, Folded
from services.bot.messengers.telegram.render import render
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from shared.clock import FixedClock
from shared.events import Cluster, EnrichedStory, Source

ANNA = "telegram:1"
DAILY = DigestPlan("day", time(8))
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
async def office(redis: Redis) -> AsyncIterator[Office]:
    office = Office(redis, daily_cap=1)
    await office.follow(ANNA, "country:KZ", "country:UZ")
    yield office


def stories(*numbers: int, country: str = "KZ") -> list[EnrichedStory]:
    return [
        news(f"{country}{number}", subjects=(country,), headline=f"{country} {number}") for number in numbers
    ]


async def digest_of(office: Office, who: str = ANNA) -> list[str]:
    """The digests on a screen."""
    return [text for text in office.screens.seen(who) if text.startswith(("🗞", "Ваш дайджест"))]


async def test_what_is_above_the_cap_comes_the_next_morning_by_country(office: Office) -> None:
    await office.tell(*stories(1, 2, 3), *stories(1, 2, country="UZ"))
    assert len(office.screens.seen(ANNA)) == 2  # one for each follow
    await office.at(MORNING - timedelta(minutes=1))
    assert len(office.screens.seen(ANNA)) == 2
    await office.at(MORNING)
    (text,) = await digest_of(office)
    assert text == (
        "🗞 Your digest, 2 Mar 2026 · 3 stories\n\n"
        "🇰🇿 Kazakhstan\n"
        "1. KZ 3 (The Wire, 1 Mar 2026, 12:00 UTC)\n"
        "2. KZ 2 (The Wire, 1 Mar 2026, 12:00 UTC)\n\n"
        "🇺🇿 Uzbekistan\n"
        "3. UZ 2 (The Wire, 1 Mar 2026, 12:00 UTC)"
    )


async def test_the_cap_begins_anew_each_day_and_what_was_told_is_not_told_again(office: Office) -> None:
    await office.tell(*stories(1, 2))
    await office.at(MORNING)
    await office.tell(*[story.model_copy(update={"published_at": MORNING}) for story in stories(3, 4)])
    assert [text for text in office.screens.seen(ANNA) if "KZ 3" in text]
    await office.at(MORNING + DAY)
    first, second = await digest_of(office)
    assert "KZ 2" in first
    assert "KZ 4" in second
    assert "KZ 2" not in second


async def test_a_reader_with_a_plan_gets_everything_at_its_own_hour(office: Office) -> None:
    plan = Preferences(zone="Asia/Almaty", digest=DigestPlan("day", time(19, 30)), language="ru")
    await office.preferences.change(ANNA, plan)
    await office.tell(*stories(1, 2))
    assert office.screens.seen(ANNA) == []
    await office.at(datetime(2026, 3, 1, 14, 30, tzinfo=UTC))
    (text,) = office.screens.seen(ANNA)
    assert "Ваш дайджест" in text
    assert "2 новости" in text
    assert "Казахстан" in text
    assert "17:00" in text


async def test_a_weekly_digest_comes_on_its_day(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(digest=DigestPlan("week", time(8), weekday=3)))
    await office.tell(*stories(1))
    await office.at(datetime(2026, 3, 5, 7, 59, tzinfo=UTC))
    assert office.screens.seen(ANNA) == []
    await office.at(datetime(2026, 3, 5, 8, tzinfo=UTC))
    assert len(await digest_of(office)) == 1


async def test_an_hour_that_is_changed_while_something_waits_counts(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(digest=DAILY))
    await office.tell(*stories(1))
    await office.later()
    await office.preferences.change(ANNA, Preferences(digest=DigestPlan("day", time(15))))
    await office.at(NOON + timedelta(hours=3, minutes=1))
    assert len(await digest_of(office)) == 1


async def test_no_digest_without_news_and_none_of_what_is_not_wanted_any_more(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(digest=DAILY))
    await office.tell(*stories(1), *stories(1, country="UZ"))
    await office.subscriptions.unfollow(ANNA, "country:KZ")
    await office.preferences.change(ANNA, Preferences(digest=DAILY, muted={"country:UZ": MORNING + DAY}))
    await office.at(MORNING + 2 * DAY)
    assert office.screens.seen(ANNA) == []
    assert await office.records.folded(ANNA) == []


async def test_any_number_of_processes_make_one_digest(office: Office) -> None:
    await office.tell(*stories(1, 2))
    await office.later()
    office.clock.advance(MORNING - office.clock.now())
    await asyncio.gather(*(office.digests.start_due() for _ in range(4)))
    await asyncio.gather(*(office.digests.start_due() for _ in range(4)))
    await office.send()
    assert len(await digest_of(office)) == 1


async def test_a_digest_that_another_process_started_is_not_started_again(office: Office) -> None:
    await office.tell(*stories(1, 2))
    await office.later()
    office.clock.advance(MORNING - office.clock.now())
    (due,) = await RedisDigestTimes(office.redis).due(office.clock.now())
    assert due.at == MORNING
    assert await office.outbox.enqueue_digest(ANNA, MORNING.date(), office.clock.now())
    await office.send()
    await office.at(MORNING + 2 * DAY)
    assert len(await digest_of(office)) == 1
    assert await RedisDigestTimes(office.redis).due(office.clock.now()) == []


async def test_who_ends_quiet_hours_gets_at_once_what_they_held_back_and_nobody_else_does(
    office: Office,
) -> None:
    quiet = Preferences(quiet=QuietHours(time(11), time(15), hold=True))
    for who in (ANNA, "telegram:*", "telegram:11"):
        await office.follow(who, "country:KZ")
        await office.preferences.change(who, quiet)
    await office.tell(*stories(1))
    await office.preferences.change(
        "telegram:*", Preferences(quiet=QuietHours(time(11), time(14), hold=True))
    )
    await office.preferences.change(ANNA, Preferences())
    await office.later()
    seen = [len(office.screens.seen(who)) for who in (ANNA, "telegram:*", "telegram:11")]
    assert seen == [1, 0, 0]
    await office.at(NOON.replace(hour=14))
    assert len(office.screens.seen("telegram:*")) == 1
    await office.at(NOON.replace(hour=15))
    assert len(office.screens.seen("telegram:11")) == 1


async def test_a_digest_keeps_quiet_hours_and_waits_out_a_rest(office: Office) -> None:
    quiet = QuietHours(time(22), time(9), hold=True)
    await office.preferences.change(ANNA, Preferences(digest=DAILY, quiet=quiet))
    await office.tell(*stories(1))
    await office.at(MORNING + timedelta(minutes=30))
    assert office.screens.seen(ANNA) == []
    resting = Preferences(digest=DAILY, quiet=quiet, muted={EVERYTHING: MORNING + timedelta(hours=4)})
    await office.preferences.change(ANNA, resting)
    await office.at(MORNING + timedelta(hours=3))
    assert office.screens.seen(ANNA) == []
    await office.at(MORNING + timedelta(hours=5))
    assert len(await digest_of(office)) == 1


async def test_who_has_stopped_gets_no_digest(office: Office) -> None:
    await office.tell(*stories(1, 2))
    await office.preferences.change(ANNA, Preferences(stopped=True))
    await office.at(MORNING + DAY)
    assert await digest_of(office) == []


async def test_a_night_of_rest_is_told_the_next_morning(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(muted={EVERYTHING: NOON + timedelta(hours=8)}))
    await office.tell(*stories(1, 2))
    assert office.screens.seen(ANNA) == []
    await office.at(MORNING)
    (text,) = await digest_of(office)
    assert "2 stories" in text


async def test_a_digest_says_who_told_it_too(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(digest=DAILY))
    herald = Source(id="herald", name="Herald", kind="feed")
    again = news("KZ9", source=herald, cluster=Cluster(id="KZ1", relation="same_report", matched="KZ1"))
    await office.tell(*stories(1), again)
    await office.at(MORNING)
    (text,) = await digest_of(office)
    assert "1. KZ 1 (The Wire, 1 Mar 2026, 12:00 UTC, +1 source)" in text


async def test_what_does_not_fit_can_be_asked_for(office: Office) -> None:
    await office.preferences.change(ANNA, Preferences(digest=DAILY))
    await office.tell(*stories(*range(25)))
    await office.at(MORNING)
    (text,) = await digest_of(office)
    assert text.endswith("5 more stories: /digest")
    assert "/digest" in [button.action for button in office.screens.buttons(ANNA)]
    rest = await office.digest_writer.take(ANNA)
    assert rest is not None
    assert "5 stories" in rest.plain
    assert await office.digest_writer.take(ANNA) is None


async def test_what_nobody_came_for_in_two_weeks_does_not_pile_up(office: Office) -> None:
    await office.tell(*stories(1, 2))
    assert await office.redis.ttl(digest_key(ANNA)) > 0
    office.clock.advance(15 * DAY)
    dated = {"published_at": NOON + 15 * DAY, "first_seen_at": NOON + 15 * DAY}
    await office.tell(*[story.model_copy(update=dated) for story in stories(3, 4)])
    assert await office.redis.zrange(digest_key(ANNA), 0, -1) == [b"KZ4"]


async def test_a_forgotten_reader_gets_no_digest(office: Office) -> None:
    await office.tell(*stories(1, 2))
    await office.outbox.forget(ANNA)
    await RedisDigestTimes(office.redis).forget(ANNA)
    await office.at(MORNING + DAY)
    assert await digest_of(office) == []


def folded(number: int, country: str, headline: str = "News") -> Folded:
    story = AlertStory.of(news(f"{country}{number}", subjects=(country,), headline=headline))
    return Folded(
        AlertDue(ANNA, story.cluster, story.story_id), story, {f"country:{country}": "subject"}, NOON
    )


def test_a_loud_country_does_not_crowd_out_a_quiet_one() -> None:
    rows = [*(folded(number, "US") for number in range(100)), folded(1, "KZ")]
    written = digest_text(rows, NOON, name_of=lambda target: ("", target))
    assert len(written.told) == MOST_STORIES
    assert "KZ1" in [row.story.story_id for row in written.told]


@pytest.mark.parametrize("headline", ["long " * 200, "😀" * 400, "<b>&amp;" * 90])
def test_a_digest_of_long_headlines_fits_into_one_message(headline: str) -> None:
    rows = [folded(number, country, headline) for number in range(9) for country in ("US", "KZ", "UZ")]
    written = digest_text(rows, NOON, name_of=lambda target: ("🏳️", target))
    assert len(written.message.plain.encode("utf-16-le")) // 2 <= 4096
    assert len(render(written.message)) == 1
    assert written.told


def test_an_event_is_told_once() -> None:
    rows = [folded(1, "KZ"), folded(1, "KZ")]
    assert len(digest_text(rows, NOON, name_of=lambda target: ("", target)).told) == 1


async def test_times_that_somebody_else_changed_are_left_alone(redis: Redis) -> None:
    times, clock = RedisDigestTimes(redis), FixedClock(NOON)
    await redis.zadd("digests.due", {ANNA: 0})
    (due,) = await times.due(clock.now())
    assert await times.plan(due, MORNING)
    assert not await times.plan(due, MORNING + DAY)
    assert await times.due(clock.now()) == []
