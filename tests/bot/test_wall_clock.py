"""Quiet hours and hours of the day as instants, where clocks jump and where an hour comes twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bot.alerts.wall_clock import instant, next_time, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
#: Zones of all kinds: both hemispheres, half an hour of daylight saving, none at all, odd offsets, jumps at midnight.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Almaty", "Asia/Kathmandu", "America/Santiago",
        "Pacific/Chatham", "Africa/Casablanca", "UTC",
    )
]  # fmt: skip

zones = st.sampled_from(ZONES)
minutes = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
moments = st.datetimes(datetime(2023, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


def in_quiet_hours(begin: time, end: time, wall: time) -> bool:
    """What a person reads off the clock on the wall."""
    return begin <= wall < end if begin < end else wall >= begin or wall < end


def berlin(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@given(minutes, minutes, zones, moments)
def test_no_quiet_hour_on_the_wall_makes_a_sound(
    begin: time, end: time, zone: ZoneInfo, now: datetime
) -> None:
    quiet = quiet_until(begin, end, zone, now) is not None
    if begin == end:
        assert not quiet
    elif in_quiet_hours(begin, end, now.astimezone(zone).time()):
        assert quiet


@given(minutes, minutes, zones, moments)
def test_what_is_held_is_let_go_when_the_wall_says_so_and_not_again(
    begin: time, end: time, zone: ZoneInfo, now: datetime
) -> None:
    until = quiet_until(begin, end, zone, now)
    if until is None:
        return
    assert now < until <= now + timedelta(hours=26)
    assert quiet_until(begin, end, zone, until) is None
    wall = until.astimezone(zone).time()
    if wall != end:  # only where the clocks jumped over the end
        before = (until - timedelta(seconds=1)).astimezone(zone)
        assert before.utcoffset() != until.astimezone(zone).utcoffset()
        assert before.time() < end < wall or wall < before.time()


@given(minutes, minutes, zones, moments)
def test_what_is_loud_on_the_wall_is_loud_unless_the_hour_comes_twice(
    begin: time, end: time, zone: ZoneInfo, now: datetime
) -> None:
    until = quiet_until(begin, end, zone, now)
    if until is not None and not in_quiet_hours(begin, end, now.astimezone(zone).time()):
        day = timedelta(hours=24)
        offsets = {(now + shift).astimezone(zone).utcoffset() for shift in (-day, timedelta(), day)}
        assert len(offsets) > 1


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-28T23:30", "2026-03-29T07:00"),  # the night of the jump is an hour shorter
        ("2026-03-29T06:59", "2026-03-29T07:00"),
        ("2026-10-24T22:00", "2026-10-25T07:00"),  # and that of the return an hour longer
        ("2026-06-01T03:00", "2026-06-01T07:00"),
    ],
)
def test_a_night_ends_at_seven_on_the_wall(now: str, until: str) -> None:
    assert quiet_until(time(22), time(7), BERLIN, berlin(now)) == berlin(until)


@pytest.mark.parametrize("now", ["2026-06-01T07:00", "2026-06-01T21:59", "2026-03-29T07:00"])
def test_a_day_is_loud(now: str) -> None:
    assert quiet_until(time(22), time(7), BERLIN, berlin(now)) is None


def test_an_end_that_the_clocks_jump_over_is_the_jump_itself() -> None:
    assert quiet_until(time(22), time(2, 30), BERLIN, berlin("2026-03-29T01:30")) == berlin(
        "2026-03-29T03:00"
    )


def test_an_end_that_comes_twice_is_the_second_one() -> None:
    first, second = berlin("2026-10-25T02:30"), berlin("2026-10-25T02:30", fold=1)
    assert second - first == timedelta(hours=1)
    assert quiet_until(time(22), time(2, 30), BERLIN, first) == second
    assert quiet_until(time(22), time(2, 30), BERLIN, second) is None


def test_quiet_hours_may_lie_within_one_day() -> None:
    assert quiet_until(time(13), time(15), BERLIN, berlin("2026-06-01T14:00")) == berlin("2026-06-01T15:00")
    assert quiet_until(time(13), time(15), BERLIN, berlin("2026-06-01T15:00")) is None


@given(minutes, zones, moments)
def test_every_date_has_one_time_of_a_digest_and_none_is_skipped(
    at: time, zone: ZoneInfo, after: datetime
) -> None:
    due, days = after, []
    for _ in range(4):
        due = next_time(at, zone, due)
        days.append(due.astimezone(zone).date())
    assert [day - days[0] for day in days] == [timedelta(days=number) for number in range(4)]
    assert next_time(at, zone, due - timedelta(seconds=1)) == due


@given(minutes, zones, moments, st.integers(0, 6))
def test_a_weekly_time_falls_on_its_weekday_within_the_week(
    at: time, zone: ZoneInfo, after: datetime, weekday: int
) -> None:
    due = next_time(at, zone, after, weekday=weekday)
    assert due.astimezone(zone).weekday() == weekday
    assert after < due <= after + timedelta(days=8)


def test_a_time_in_the_hour_that_comes_twice_is_the_first_one_unless_the_last_is_asked_for() -> None:
    day, at = date(2026, 10, 25), time(2, 30)
    assert instant(day, at, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant(day, at, BERLIN, last=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
