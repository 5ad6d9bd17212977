"""The words for times and what they stand for, as rules that are tried in order. Dates have rules of their own."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from services.bot.conversation.dates import DATES, YEAR, Rule
from services.bot.conversation.spans import Present, Span, between, opened, rolling
from services.bot.conversation.texts import _, later

#: No question goes further back than this many of its units.
MOST_UNITS = 1000


def _compact(found: re.Match[str], now: Present) -> Span | None:
    """Read the form that buttons use: ``20261109-20261116``, an hour as ``T1530``; either side may be absent."""
    since, until = (_stamp(part, now) for part in (found["start"], found["end"]))
    if since is None and until is None:
        return None
    if since is None or until is None:
        return opened(since, until)
    return between(since, until) if since < until else None


def _stamp(written: str | None, now: Present) -> datetime | None:
    if not written:
        return None
    form = "%Y%m%dT%H%M" if "T" in written else "%Y%m%d"
    return datetime.strptime(written, form).replace(tzinfo=now.at.tzinfo)


_UNITS = (
    ("minutes", r"mins?|minutes?|минут[аыу]?|мин"),
    ("hours", r"h|hrs?|hours?|час(?:а|ов)?|ч"),
    ("days", r"d|days?|день|дня|дней|дн|сутки|суток"),
    ("weeks", r"w|wks?|weeks?|недел[юяиь]|недель"),
    ("months", r"months?|месяц(?:а|ев)?|мес"),
    ("years", r"y|yrs?|years?|год|года|лет"),
)
_UNIT = "(?:" + "|".join(f"(?P<{unit}>{words})" for unit, words in _UNITS) + ")"
_NUMBERS = (
    (1, "an?|one|один|одну"),
    (2, "two|(?:a )?couple of|(?:a )?couple|два|две|двух|пару|пара"),
    (3, "three|(?:a )?few|several|три|трех|трёх|несколько"),
    (4, "four|четыре|четырех|четырёх"),
    (5, "five|пять|пяти"),
    (6, "six|шесть|шести"),
    (7, "seven|семь|семи"),
    (10, "ten|десять|десяти"),
    (12, "twelve|двенадцать"),
)
_NUMBER = rf"(?P<number>\d{{1,9}}|{'|'.join(words for _number, words in _NUMBERS)})"
_LAST = r"(?:last|past|previous|последни[еймх]{1,2}|последнюю|последний|последнее|прошедш[а-я]+)"


def _count(found: re.Match[str]) -> int:
    said = (found.groupdict().get("number") or "1").lower()
    if said.isdigit():
        return min(int(said), MOST_UNITS)
    return next(number for number, words in _NUMBERS if re.fullmatch(words, said))


def _unit(found: re.Match[str]) -> str:
    return next(unit for unit, _words in _UNITS if found[unit])


def _rolling(found: re.Match[str], now: Present) -> Span | None:
    number, unit = _count(found), _unit(found)
    if number == 0:
        return None
    # relativedelta takes every unit by its plural name
    since = now.at - relativedelta(**{unit: number})  # type: ignore[arg-type]  # names come from _UNITS
    return since, None, rolling(number, unit)


def _ago(found: re.Match[str], now: Present) -> Span | None:
    """Read "3 days ago" as that day, "a month ago" as that month; with "since" as what came after."""
    number, unit = _count(found), _unit(found)
    begins = {"days": now.day, "weeks": now.week, "months": now.month, "years": now.year}
    if number == 0 or unit not in begins:
        return _rolling(found, now)
    start: datetime = begins[unit] - relativedelta(**{unit: number})  # type: ignore[arg-type]  # as above
    end: datetime = start + relativedelta(**{unit: 1})  # type: ignore[arg-type]  # as above
    return opened(start, None) if found["since"] else between(start, end)


def _since_the_start(found: re.Match[str], now: Present) -> Span:
    """Read "since the beginning of the year"."""
    said = (found["of"] or found["от"]).lower()
    return opened(now.week if said[0] in "wн" else now.month if said[0] in "mм" else now.year, None)


def _last_hour(found: re.Match[str], now: Present) -> Span:
    """Read "in the last hour"; the last week and month are those of the calendar."""
    unit = "hours" if found["hours"] else "days"
    return now.at - timedelta(**{unit: 1}), None, rolling(1, unit)


def _half_a_year(_found: re.Match[str], now: Present) -> Span:
    return now.at - relativedelta(months=6), None, rolling(6, "months")


def _half_a_year_ago(_found: re.Match[str], now: Present) -> Span:
    start: datetime = now.month - relativedelta(months=6)
    return between(start, start + relativedelta(months=1))


def _of_the(found: re.Match[str], now: Present) -> Span:
    """Read "the stories of the week", «главное недели»: the last seven days."""
    unit = "weeks" if found[0].casefold().endswith(("week", "недели")) else "months"
    return now.at - relativedelta(**{unit: 1}), None, rolling(1, unit)  # type: ignore[arg-type]  # as above


def _rule(pattern: str, build: Callable[[re.Match[str], Present], "Span | None"]) -> Rule:
    return re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), build


def _calendar(words: str, label: str, span: Callable[[Present], tuple[datetime, datetime]]) -> Rule:
    def build(found: re.Match[str], now: Present) -> Span:
        start, end = span(now)
        return opened(start, None) if found["open"] else between(start, end, _(label))

    return _rule(rf"(?:(?P<open>since|со?)\s+)?(?:{words})", build)


def _weekend(now: Present) -> tuple[datetime, datetime]:
    """Return the last weekend that has begun."""
    saturday = now.day - timedelta(days=(now.at.weekday() - 5) % 7)
    return saturday, min(saturday + 2 * _ONE_DAY, now.day + _ONE_DAY)


def _last_weekend(now: Present) -> tuple[datetime, datetime]:
    """Return the last weekend that is over."""
    saturday = now.week - 2 * _ONE_DAY
    return saturday, now.week


#: The part of a day, of which the whole is shown.
_PART = r"(?:\s+(?:morning|afternoon|evening|night|утром|днем|днём|вечером|ночью))?"
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_ONE_MONTH = relativedelta(months=1)
_ONE_YEAR = relativedelta(years=1)

RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<!\S)(?P<start>\d{8}(?:T\d{4})?)?-(?P<end>\d{8}(?:T\d{4})?)?(?!\S)"), _compact),
    _rule(rf"(?:(?P<since>since|from|с|со)\s+)?{_NUMBER}\s+{_UNIT}\s+(?:ago|назад)", _ago),
    *DATES,
    _rule(
        r"(?:since|from)\s+(?:the\s+)?(?:beginning|start) of\s+(?:the\s+|this\s+)?(?P<of>week|month|year)"
        r"|с\s+начала\s+(?:этого\s+|этой\s+)?(?P<от>недели|месяца|года)",
        _since_the_start,
    ),
    _rule(r"пол\s?года\s+назад|half\s+a\s+year\s+ago", _half_a_year_ago),
    _rule(r"за\s+(?:последние\s+)?пол\s?года|(?:last|past)\s+half(?:\s+a)?\s+year", _half_a_year),
    _rule(r"(?:in|within|over)\s+the\s+last\s+(?:(?P<hours>hour)|(?P<days>day))", _last_hour),
    _rule(rf"(?:(?:in|over|for|during|from|за|в)\s+)?(?:the\s+)?(?:{_LAST})\s+{_NUMBER}\s*{_UNIT}", _rolling),
    _rule(rf"(?:(?:in|over|for|during)\s+)?(?:the\s+)?past\s+{_UNIT}", _rolling),
    _rule(rf"за\s+(?:{_LAST}\s+)?(?:(?!(?:19|20)\d\d\s*г){_NUMBER}\s*)?{_UNIT}", _rolling),
    _rule(rf"(?P<number>\d{{1,4}}){_UNIT}", _rolling),
    _calendar(
        r"yesterday\s+and\s+today|today\s+and\s+yesterday|(?:за\s+)?(?:вчера\s+и\s+сегодня|сегодня\s+и\s+вчера)",
        later("since yesterday"),
        lambda now: (now.day - _ONE_DAY, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:the\s+)?day before yesterday|(?:за\s+)?позавчера(?:шн[а-я]+)?",
        later("the day before yesterday"),
        lambda now: (now.day - 2 * _ONE_DAY, now.day - _ONE_DAY),
    ),
    _calendar(
        r"(?:for\s+)?today(?:'s)?|this (?:morning|afternoon|evening)|tonight"
        rf"|(?:за\s+)?сегодня(?:шн[а-я]+)?(?: дня)?{_PART}",
        later("today"),
        lambda now: (now.day, now.day + _ONE_DAY),
    ),
    _calendar(
        rf"(?:from\s+)?yesterday(?:'s)?{_PART}|last (?:night|evening)|(?:за\s+)?вчера(?:шн[а-я]+)?(?: дня)?{_PART}",
        later("yesterday"),
        lambda now: (now.day - _ONE_DAY, now.day),
    ),
    _calendar(
        r"(?:(?:on|over|at)\s+)?(?:the\s+)?(?:last|previous|past)\s+weekend|(?:(?:на|за|в)\s+)?прошлы[ехм]+\s+выходны[ехм]+",
        later("the weekend"),
        _last_weekend,
    ),
    _calendar(
        r"(?:(?:on|over|at)\s+)?(?:the\s+|this\s+)?weekend|(?:(?:на|за)\s+)?(?:эти(?:х)?\s+)?выходны[ехм]+",
        later("the weekend"),
        _weekend,
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+(?:week|wk)|(?:(?:на|за)\s+)?прошл(?:ой|ую)\s+недел[еюи]",
        later("last week"),
        lambda now: (now.week - _ONE_WEEK, now.week),
    ),
    _calendar(
        r"this\s+(?:week|wk)|(?:(?:на|за|с)\s+)?эт(?:ой|у)\s+недел[еюи]",
        later("this week"),
        lambda now: (now.week, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+month|(?:(?:в|за)\s+)?прошл(?:ом|ый|ого)\s+месяц[еа]?",
        later("last month"),
        lambda now: (now.month - _ONE_MONTH, now.month),
    ),
    _calendar(
        r"this\s+month|(?:(?:в|за)\s+)?эт(?:ом|от|ого)\s+месяц[еа]?",
        later("this month"),
        lambda now: (now.month, now.day + _ONE_DAY),
    ),
    _calendar(
        r"(?:from\s+|in\s+)?(?:the\s+)?(?:last|previous)\s+year|(?:(?:в|за)\s+)?прошл(?:ом|ый|ого)\s+год[уа]?",
        later("last year"),
        lambda now: (now.year - _ONE_YEAR, now.year),
    ),
    _calendar(
        r"this\s+year|(?:(?:в|за)\s+)?эт(?:ом|от|ого)\s+год[уа]?",
        later("this year"),
        lambda now: (now.year, now.day + _ONE_DAY),
    ),
    # last, and not after a number: "две недели" are two
    _rule(
        r"of\s+the\s+(?:week|month)|(?:итоги|обзор)\s+(?:недели|месяца)"
        r"|(?<=[а-я]\s)(?<!две\s)(?<!три\s)(?<!два\s)(?<!ыре\s)(?:недели|месяца)",
        _of_the,
    ),
    YEAR,
)
