"""When a story was published, if its source said so in a way that leaves no doubt.

A moment needs a day, a time and a zone. "20 June" or "2026-06-20 10:00" are kept as the source's words, but are no
moment: nobody can tell which year, or which hour in the world, was meant. A date is never filled in or guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from dateutil import parser

from services.ingest.formats.cleaning import clean_line, shorten

MAX_RAW = 100
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11
# The latest local midnight on Earth that ends a calendar day is at UTC-12.
_LAST_ZONE = timedelta(hours=12)

#: The zone names of RFC 822 and those beside them that mean one offset wherever they are written. BST and IST, for
#: example, mean several.
ZONE_HOURS = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "NZST": 12,
}  # fmt: skip

# Two readings that differ in every part: where the results differ, a part was missing and has been filled in.
_FILLERS = (datetime(1904, 2, 3, 4, 5), datetime(2096, 11, 28, 22, 47))  # noqa: DTZ001 - only parts are compared

# What programs write for "no date": the year 1, which dateutil would take for 2001. Beside a year it is an hour.
_NO_YEAR = re.compile(r"^(?!.*\b(?:19|20)\d\d).*[A-Za-z.,]\s*000\d\b")

# "GMT+3" is three hours east of Greenwich in the news, though POSIX (and dateutil with it) has it the other way.
_GMT_OFFSET = re.compile(r"\b(?:GMT|UTC)\s?([+-])(\d{1,2})(?::?(\d\d))?\b")


@dataclass(frozen=True, slots=True)
class ReadDate:
    """``at``: the moment in UTC, or None. ``raw``: the source's words, or None when it gave none."""

    at: datetime | None = None
    raw: str | None = None


def read_date(value: str | float | datetime | None) -> ReadDate:
    """Read a date as a source wrote it: text, or a Unix time in seconds or milliseconds."""
    if value is None or isinstance(value, bool):
        return ReadDate()
    if isinstance(value, int | float):
        return ReadDate(_in_range(_from_unix(value)), shorten(str(value), MAX_RAW))
    raw = value.isoformat() if isinstance(value, datetime) else clean_line(value)
    if not raw or len(raw) > MAX_RAW:
        return ReadDate(None, shorten(raw, MAX_RAW) or None)
    return ReadDate(_moment(raw), raw)


def surely_before(raw: str | None, moment: datetime) -> bool:
    """Whether words that are no moment still name a whole day that was over, everywhere, before ``moment``.

    It keeps a story with the date "3 May 2019" from passing as news because it lacks an hour.
    """
    day = _named_day(raw) if raw else None
    if day is None or day.year < _EARLIEST.year:  # such years stand for "no date"
        return False
    # The allowance is taken from the moment: the day may be the last that the calendar has.
    return datetime.combine(day, time(), UTC) < moment - timedelta(days=1) - _LAST_ZONE


def is_date_line(line: str) -> bool:
    """Whether the line is a date and nothing else: at least a day, a month and a year."""
    return len(line) <= MAX_RAW and any(map(str.isdigit, line)) and _named_day(line) is not None


def _moment(raw: str) -> datetime | None:
    try:
        iso = datetime.fromisoformat(raw)
    except ValueError:
        iso = None
    if iso is not None:
        return _in_range(iso)
    # dateutil reads 03/04/2026 either way round; a date that depends on the way is none.
    readings = {_parse(raw, filler, day_first) for filler in _FILLERS for day_first in (False, True)}
    return _in_range(readings.pop()) if len(readings) == 1 else None


def _named_day(raw: str) -> date | None:
    try:
        return datetime.fromisoformat(raw).date()
    except ValueError:
        readings = {_parse(raw, filler, way) for filler in _FILLERS for way in (False, True)}
    days = {reading.date() if reading else None for reading in readings}
    return days.pop() if len(days) == 1 else None


def _parse(raw: str, filler: datetime, day_first: bool) -> datetime | None:
    if _NO_YEAR.search(raw):
        return None
    zoned = _GMT_OFFSET.sub(lambda found: f"{found[1]}{found[2]:0>2}{found[3] or '00'}", raw)
    try:
        found = parser.parse(zoned, default=filler, dayfirst=day_first, tzinfos=_zone)
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None
    # Seconds are often left out, and say nothing about whether the rest was there.
    return found.replace(second=0, microsecond=0) if found.second == 0 else found


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None and abs(offset) < 24 * 3600:
        return timezone(timedelta(seconds=offset))
    hours = ZONE_HOURS.get((name or "").upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def _from_unix(value: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _in_range(moment: datetime | None) -> datetime | None:
    """In UTC, if it has a zone and lies between 1900 and 2200; years beyond are broken clocks."""
    if moment is None or moment.tzinfo is None:
        return None
    try:
        in_utc = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return in_utc if _EARLIEST <= in_utc < _LATEST else None
