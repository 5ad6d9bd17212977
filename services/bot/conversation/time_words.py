"""The words for times and what they stand for, as rules that are tried in order.

A rule is a pattern and what makes a span of its match: ``since`` (inclusive), ``until`` (exclusive), both in the
reader's zone and open when None, and how to say it. A rule that finds no sense in a match answers None or raises
``ValueError``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

#: No question goes further back than this many of its units.
MOST_UNITS = 1000


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


Span = tuple[datetime | None, datetime | None, str]
_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Present], "Span | None"]]

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
_ENGLISH_MONTHS = (*_ENGLISH, "november", "december")
_SOFT = ("январ", "феврал", "апрел", "июн", "июл", "сентябр", "октябр", "ноябр", "декабр")
_RUSSIAN = dict(zip((1, 2, 4, 6, 7, 9, 10, 11, 12), (f"{stem}(?:ь|я|е|ю|ем)" for stem in _SOFT), strict=True))
_RUSSIAN |= {3: "март(?:а|е|у|ом)?", 5: "ма(?:й|я|е|ю|ем)", 8: "август(?:а|е|у|ом)?"}
_RUSSIAN_MONTHS = tuple(_RUSSIAN[number] for number in range(1, 13))
_MONTH_NAME = (
    "(?P<month>"
    + "|".join(rf"{name}|{name[:3]}(?![a-z])" for name in _ENGLISH_MONTHS)
    + r"|sept(?![a-z])|"
    + "|".join(rf"{name}(?!\w)" for name in _RUSSIAN_MONTHS)
    + r")\.?"
)
_MONTHS = tuple(zip(_ENGLISH_MONTHS, _RUSSIAN_MONTHS, strict=True))
_YEAR = r"(?:19|20)\d\d"
_PREFIX = (
    r"(?:(?P<since>since|from|after|начиная с|со|с)\s+|(?P<before>before|until|till|до)\s+"
    r"|(?P<at>on|in|for|during|of|в|во|за|на|от)\s+(?:the\s+)?)?"
)


def _dated(date: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_PREFIX}{date}(?![\w.-]*\d)", re.IGNORECASE)


def show_day(moment: datetime) -> str:
    """Return a date as "9 Nov 2026", the same in every locale."""
    return f"{moment.day} {_ENGLISH_MONTHS[moment.month - 1][:3].capitalize()} {moment.year}"


def _between(start: datetime, end: datetime, words: str = "") -> Span:
    last = end - timedelta(days=1)
    if last <= start:
        days = show_day(start)
    elif (start.year, start.month) == (last.year, last.month):
        days = f"{start.day}–{show_day(last)}"
    else:
        days = f"{show_day(start)} – {show_day(last)}"
    return start, end, f"{words} ({days})" if words else days


def _compact(found: re.Match[str], now: Present) -> Span | None:
    """Read the form that buttons use: ``20261109-20261116``, an hour as ``T1530``; either side may be absent."""
    since, until = (_stamp(part, now) for part in (found["start"], found["end"]))
    if since is None and until is None:
        return None
    if since is None or until is None:
        return since, until, _open_label(since, until)
    return _between(since, until) if since < until else None


def _stamp(written: str | None, now: Present) -> datetime | None:
    if not written:
        return None
    form = "%Y%m%dT%H%M" if "T" in written else "%Y%m%d"
    return datetime.strptime(written, form).replace(tzinfo=now.at.tzinfo)


def _open_label(since: datetime | None, until: datetime | None) -> str:
    return f"since {show_day(since)}" if since else f"before {show_day(until)}" if until else "any time"


def _range(found: re.Match[str], now: Present) -> Span | None:
    start, end = (
        datetime.strptime(part, "%Y-%m-%d").replace(tzinfo=now.at.tzinfo)
        for part in (found["start"], found["end"])
    )
    return _between(start, end + timedelta(days=1)) if start <= end else None


def _day(found: re.Match[str], now: Present) -> Span | None:
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else _month_number(found["month"])
    year = int(parts["year"]) if parts.get("year") else None
    start = now.year.replace(year=year or now.at.year, month=month, day=int(found["day"]))
    if year is None and start > now.at:
        start = start.replace(year=start.year - 1)
    return _bounded(found, start, start + timedelta(days=1), now)


def _month(found: re.Match[str], now: Present) -> Span | None:
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else _month_number(found["month"])
    year = int(parts["year"]) if parts.get("year") else None
    if year is None and not parts.get("number") and _could_be_a_name(found):
        return None
    start = now.year.replace(year=year or now.at.year, month=month)
    if year is None and start > now.at:
        start = start.replace(year=start.year - 1)
    return _bounded(found, start, start + relativedelta(months=1), now)


def _could_be_a_name(found: re.Match[str]) -> bool:
    """Theresa May and a march are no months; "in May" is one."""
    bare = not (found["since"] or found["before"] or found["at"])
    return (
        bare and (len(found["month"]) <= 4 or found["month"].lower() == "march") and found["month"].isascii()
    )


def _year(found: re.Match[str], now: Present) -> Span | None:
    start = now.year.replace(year=int(found["year"]))
    return _bounded(found, start, start + relativedelta(years=1), now)


def _bounded(found: re.Match[str], start: datetime, end: datetime, now: Present) -> Span | None:
    if start > now.at:
        return None
    if found["since"]:
        return start, None, f"since {show_day(start)}"
    if found["before"]:
        return None, start, f"before {show_day(start)}"
    return _between(start, end)


def _month_number(name: str) -> int:
    for number, (english, russian) in enumerate(_MONTHS, start=1):
        if english.startswith(name.lower()[:3]) or re.fullmatch(russian, name.lower()):
            return number
    raise ValueError(name)


_UNITS = (
    ("hours", "hour", r"h|hrs?|hours?|час(?:а|ов)?|ч"),
    ("days", "day", r"d|days?|день|дня|дней|сутки|суток"),
    ("weeks", "week", r"w|weeks?|недел[юяиь]|недель"),
    ("months", "month", r"months?|месяц(?:а|ев)?"),
    ("years", "year", r"y|years?|год|года|лет"),
)
_UNIT = "(?:" + "|".join(f"(?P<{unit}>{words})" for unit, _, words in _UNITS) + ")"
_LAST = r"(?:last|past|previous|последни[еймх]{1,2}|последнюю|последний|последнее|прошедш[а-я]+)"


def _rolling(found: re.Match[str], now: Present) -> Span | None:
    number = min(int(found.groupdict().get("number") or 1), MOST_UNITS)
    if number == 0:
        return None
    unit, singular, _ = next(entry for entry in _UNITS if found[entry[0]])
    # relativedelta takes every unit by its plural name
    since = now.at - relativedelta(**{unit: number})  # type: ignore[arg-type]  # names come from _UNITS
    return since, None, f"last {number} {unit}" if number > 1 else f"last {singular}"


def _rule(pattern: str, build: Callable[[re.Match[str], Present], "Span | None"]) -> _Rule:
    return re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), build


def _calendar(words: str, label: str, span: Callable[[Present], tuple[datetime, datetime]]) -> _Rule:
    def build(found: re.Match[str], now: Present) -> Span:
        start, end = span(now)
        if found["open"]:
            return start, None, f"since {label} ({show_day(start)})"
        return _between(start, end, label)

    return _rule(rf"(?:(?P<open>since|со?)\s+)?(?:{words})", build)


_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_ONE_MONTH = relativedelta(months=1)
_ONE_YEAR = relativedelta(years=1)

RULES: tuple[_Rule, ...] = (
    (re.compile(r"(?<!\S)(?P<start>\d{8}(?:T\d{4})?)?-(?P<end>\d{8}(?:T\d{4})?)?(?!\S)"), _compact),
    _rule(r"(?P<start>\d{4}-\d\d-\d\d)\s*(?:\.\.|to|[–-]|по|до)\s*(?P<end>\d{4}-\d\d-\d\d)", _range),
    (_dated(rf"(?P<year>{_YEAR})-(?P<number>\d\d)-(?P<day>\d\d)"), _day),
    (_dated(rf"(?P<day>\d{{1,2}})\.(?P<number>\d{{1,2}})\.(?P<year>{_YEAR})"), _day),
    (_dated(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH_NAME}(?:,?\s+(?P<year>{_YEAR}))?\b"), _day),
    (_dated(rf"{_MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>{_YEAR}))?"), _day),
    (_dated(rf"(?P<year>{_YEAR})-(?P<number>\d\d)"), _month),
    (_dated(rf"{_MONTH_NAME}(?:,?\s+(?P<year>{_YEAR}))?(?:\s+год[ау]?)?(?!\w)"), _month),
    _rule(
        rf"(?:(?:in|over|for|during|за|в)\s+)?(?:the\s+)?{_LAST}\s+(?P<number>\d{{1,9}})\s*{_UNIT}", _rolling
    ),
    _rule(rf"(?:(?:in|over|for|during)\s+)?(?:the\s+)?past\s+{_UNIT}", _rolling),
    _rule(rf"за\s+(?:{_LAST}\s+)?(?:(?P<number>\d{{1,9}})\s*)?{_UNIT}", _rolling),
    _rule(rf"(?P<number>\d{{1,4}}){_UNIT}", _rolling),
    _calendar(
        r"(?:for\s+)?today(?:'s)?|this morning|tonight|(?:за\s+)?сегодня(?:шн[а-я]+)?(?: дня)?",
        "today",
        lambda now: (now.day, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:from\s+)?yesterday(?:'s)?|last night|(?:за\s+)?вчера(?:шн[а-я]+)?(?: дня)?",
        "yesterday",
        lambda now: (now.day - _ONE_DAY, now.day),
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+week|(?:(?:на|за)\s+)?прошл(?:ой|ую)\s+недел[еюи]",
        "last week",
        lambda now: (now.week - _ONE_WEEK, now.week),
    ),
    _calendar(
        r"this\s+week|(?:(?:на|за|с)\s+)?эт(?:ой|у)\s+недел[еюи]",
        "this week",
        lambda now: (now.week, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+month|(?:(?:в|за)\s+)?прошл(?:ом|ый|ого)\s+месяц[еа]?",
        "last month",
        lambda now: (now.month - _ONE_MONTH, now.month),
    ),
    _calendar(
        r"this\s+month|(?:(?:в|за)\s+)?эт(?:ом|от|ого)\s+месяц[еа]?",
        "this month",
        lambda now: (now.month, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+year|(?:(?:в|за)\s+)?прошл(?:ом|ый|ого)\s+год[уа]?",
        "last year",
        lambda now: (now.year - _ONE_YEAR, now.year),
    ),
    _calendar(
        r"this\s+year|(?:(?:в|за)\s+)?эт(?:ом|от|ого)\s+год[уа]?",
        "this year",
        lambda now: (now.year, now.day + _ONE_DAY),
    ),
    (_dated(rf"(?P<year>{_YEAR})(?:\s+год[ау]?)?(?!\w)"), _year),
)
