"""Spans of time and how they are said: the present of a reader, and labels in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date

from services.bot.conversation.texts import _, later, plural, speaker

Span = tuple[datetime | None, datetime | None, str]
"""``since`` (inclusive) and ``until`` (exclusive) in the reader's zone, open when None, and how to say it."""

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Present:
    """The present in the reader's zone."""

    at: datetime

    @property
    def day(self) -> datetime:
        """Return when today began."""
        return self.at.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def week(self) -> datetime:
        """Return when this week began, on Monday."""
        return self.day - timedelta(days=self.at.weekday())

    @property
    def month(self) -> datetime:
        """Return when this month began."""
        return self.day.replace(day=1)

    @property
    def year(self) -> datetime:
        """Return when this year began."""
        return self.month.replace(month=1)


def show_day(local: datetime) -> str:
    """Return the date of a local time: "9 Nov 2026" in the reader's language."""
    return format_date(local, "d MMM y", locale=speaker().language)


def between(start: datetime, end: datetime, words: str = "") -> Span:
    """Return the span of whole days from ``start`` until before ``end``."""
    last = end - _ONE_DAY
    if (start.day, start.month, end.day, end.month, end.year - start.year) == (1, 1, 1, 1, 1):
        days = str(start.year)
    elif start.day == end.day == 1 and (end.year - start.year) * 12 + end.month - start.month == 1:
        days = format_date(start, "LLLL y", locale=speaker().language)
    elif last <= start:
        days = show_day(start)
    elif (start.year, start.month) == (last.year, last.month):
        days = f"{start.day}–{show_day(last)}"
    else:
        days = f"{show_day(start)} – {show_day(last)}"
    return start, end, f"{words} ({days})" if words else days


def opened(since: datetime | None, until: datetime | None) -> Span:
    """Return a span that is open on a side, or on both."""
    if since is not None:
        return since, until, _("since {day}", day=show_day(since))
    return since, until, _("before {day}", day=show_day(until)) if until else _("any time")


#: How one unit up to now is said, and how several are.
_ONE = {
    "minutes": later("the last minute"),
    "hours": later("the last hour"),
    "days": later("the last 24 hours"),
    "weeks": later("the last 7 days"),
    "months": later("the last month, until now"),
    "years": later("the last 12 months"),
}
_SEVERAL: Mapping[str, Callable[[int], str]] = {
    "minutes": lambda number: plural("last {count} minute", "last {count} minutes", number),
    "hours": lambda number: plural("last {count} hour", "last {count} hours", number),
    "days": lambda number: plural("last {count} day", "last {count} days", number),
    "weeks": lambda number: plural("last {count} week", "last {count} weeks", number),
    "months": lambda number: plural("last {count} month", "last {count} months", number),
    "years": lambda number: plural("last {count} year", "last {count} years", number),
}


def rolling(number: int, unit: str) -> str:
    """Say how a number of units ("days") up to now is called."""
    return _(_ONE[unit]) if number == 1 else _SEVERAL[unit](number)
