"""Hours, plans and spans as people write them."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bot.conversation.hours import (
    digest_plan,
    quiet_hours,
    span_at_end,
    until_at_end,
    written_digest,
    written_quiet,
)
from services.bot.preferences import DigestPlan, QuietHours

_MINUTES = st.times().map(lambda at: time(at.hour, at.minute))


@pytest.mark.parametrize(
    ("typed", "begin", "end", "hold"),
    [
        ("22:00-07:00", time(22), time(7), False),
        ("22-7", time(22), time(7), False),
        ("22.30 – 7.15 hold", time(22, 30), time(7, 15), True),
        ("from 10pm to 7am", time(22), time(7), False),
        ("12am-12pm silent", time(0), time(12), False),
        ("с 22 до 7, отложить", time(22), time(7), True),
        ("01:00 05:00", time(1), time(5), False),
        ("22-24", time(22), time(0), False),
    ],
)
def test_quiet_hours_are_read(typed: str, begin: time, end: time, hold: bool) -> None:
    assert quiet_hours(typed) == QuietHours(begin, end, hold)


@pytest.mark.parametrize(
    "typed", ["", "22", "22-22", "25-7", "22:60-7", "13pm-7", "night", "22-7 maybe", "22:00-07:000"]
)
def test_what_is_no_span_of_hours_is_refused(typed: str) -> None:
    assert quiet_hours(typed) is None


@pytest.mark.parametrize(
    ("typed", "plan"),
    [
        ("daily", DigestPlan("day", time(8))),
        ("daily 7:30", DigestPlan("day", time(7, 30))),
        ("19:00", DigestPlan("day", time(19))),
        ("every day at 7am", DigestPlan("day", time(7))),
        ("weekly", DigestPlan("week", time(8), 0)),
        ("weekly fri 18:00", DigestPlan("week", time(18), 4)),
        ("Sunday", DigestPlan("week", time(8), 6)),
        ("ежедневно в 8", DigestPlan("day", time(8))),
        ("каждую неделю в пн в 9", DigestPlan("week", time(9), 0)),
    ],
)
def test_digest_plans_are_read(typed: str, plan: DigestPlan) -> None:
    assert digest_plan(typed) == plan


@pytest.mark.parametrize(
    "typed", ["", "monthly", "daily mon", "weekly mon tue", "daily weekly", "daily 25:00", "8:00 daily"]
)
def test_what_is_no_plan_is_refused(typed: str) -> None:
    assert digest_plan(typed) is None


@pytest.mark.parametrize(
    ("typed", "span", "rest"),
    [
        ("KZ 1d", timedelta(days=1), "KZ"),
        ("Kazakhstan for 2 weeks", timedelta(weeks=2), "Kazakhstan"),
        ("Казахстан на неделю", timedelta(weeks=1), "Казахстан"),
        ("КАЗАХСТАН НА 3 ЧАСА", timedelta(hours=3), "КАЗАХСТАН"),
        ("all for an hour", timedelta(hours=1), "all"),
        ("KZ forever", timedelta.max, "KZ"),
        ("Россия навсегда", timedelta.max, "Россия"),
        ("KZ 90 minutes", timedelta(minutes=90), "KZ"),
        ("KZ 2 months", timedelta(days=60), "KZ"),
        ("8h", timedelta(hours=8), ""),
        ("Chad", None, "Chad"),
        ("KZ d", None, "KZ d"),
        ("KZ 0h", None, "KZ 0h"),
        ("", None, ""),
    ],
)
def test_a_span_is_taken_off_the_end(typed: str, span: timedelta | None, rest: str) -> None:
    assert span_at_end(typed) == (span, rest)


@given(begin=_MINUTES, end=_MINUTES, hold=st.booleans())
def test_quiet_hours_are_read_as_they_are_written(begin: time, end: time, hold: bool) -> None:
    quiet = QuietHours(begin, end, hold)
    assert quiet_hours(written_quiet(quiet)) == (quiet if begin != end else None)


@given(at=_MINUTES, weekday=st.integers(0, 6), weekly=st.booleans())
def test_plans_are_read_as_they_are_written(at: time, weekday: int, weekly: bool) -> None:
    plan = DigestPlan("week", at, weekday) if weekly else DigestPlan("day", at)
    assert digest_plan(written_digest(plan)) == plan


@given(text=st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    quiet_hours(text)
    digest_plan(text)
    span_at_end(text)


@pytest.mark.parametrize(
    ("said", "hours", "rest"),
    [
        ("KZ until tomorrow", 16.5, "KZ"),
        ("until tomorrow morning", 16.5, ""),
        ("until the morning", 16.5, ""),
        ("до завтра", 16.5, ""),
        ("до утра", 16.5, ""),
        ("Грузия до понедельника", 4 * 24 + 16.5, "Грузия"),
        ("until monday", 4 * 24 + 16.5, ""),
        ("until wednesday", 6 * 24 + 16.5, ""),
        ("until 18:00", 2.5, ""),
        ("until 6pm", 2.5, ""),
        ("до 9", 17.5, ""),
    ],
)
def test_a_rest_may_end_at_a_time(said: str, hours: float, rest: str) -> None:
    wednesday = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
    assert until_at_end(said, wednesday) == (timedelta(hours=hours), rest)


@pytest.mark.parametrize("said", ["until", "until soon", "until 25", "KZ 1d", "forever"])
def test_what_is_no_such_time_is_left(said: str) -> None:
    assert until_at_end(said, datetime(2026, 11, 18, 15, 30, tzinfo=UTC)) == (None, said)
