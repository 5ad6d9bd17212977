"""Wall-clock times of a reader as instants, where clocks jump forward and where an hour comes twice.

All instants are aware and UTC. A zone is whatever ``zoneinfo`` knows.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def instant(day: date, at: time, zone: tzinfo, *, last: bool = False) -> datetime:
    """Return when a clock on the wall reaches a time on a day, in UTC.

    A time that the clocks jump over is reached at the jump. A time that comes twice is reached the first time, or with
    ``last`` the last time.
    """
    wall = datetime.combine(day, at)
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return late if last else early
    return _jump(late, early, zone)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the first second in (before, after] with the offset that holds at ``after``."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def quiet_until(begin: time, end: time, zone: tzinfo, now: datetime) -> datetime | None:
    """Return when the quiet hours end that hold now, None when they do not hold.

    They may reach over midnight; with ``begin`` equal to ``end`` there are none. Where an hour comes twice they hold
    from the first time that they begin until the last time that they end, so that no quiet hour makes a sound.
    """
    until = _end_of_span(begin, end, zone, now)
    while until is not None and (further := _end_of_span(begin, end, zone, until)) is not None:
        until = further
    return until


def _end_of_span(begin: time, end: time, zone: tzinfo, now: datetime) -> datetime | None:
    if begin == end:
        return None
    today = now.astimezone(zone).date()
    over_midnight = timedelta(days=1 if end < begin else 0)
    ends = [
        until
        for day in (today - timedelta(days=1), today)
        if instant(day, begin, zone) <= now < (until := instant(day + over_midnight, end, zone, last=True))
    ]
    return max(ends, default=None)


def next_time(at: time, zone: tzinfo, after: datetime, *, weekday: int | None = None) -> datetime:
    """Return the first instant after ``after`` when it is that time of day (on that weekday, 0 is Monday).

    Each date has exactly one such instant, whatever the clocks do on it.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    while True:
        if weekday is None or day.weekday() == weekday:
            due = instant(day, at, zone)
            if due > after:
                return due
        day += timedelta(days=1)
