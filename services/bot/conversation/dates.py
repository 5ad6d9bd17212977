"""Dates as people write them: days, months, years, seasons and weekdays, and ranges of them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from services.bot.conversation.spans import Present, Span, between, opened

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Present], "Span | None"]]
"""A pattern and what makes a span of its match; None or ``ValueError`` where there is no sense in it."""

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
_ENGLISH_MONTHS = (*_ENGLISH, "november", "december")
_SOFT = ("январ", "феврал", "апрел", "июн", "июл", "сентябр", "октябр", "ноябр", "декабр")
_RUSSIAN = dict(zip((1, 2, 4, 6, 7, 9, 10, 11, 12), (f"{stem}(?:ь|я|е|ю|ем)" for stem in _SOFT), strict=True))
_RUSSIAN |= {3: "март(?:а|е|у|ом)?", 5: "ма(?:й|я|е|ю|ем)", 8: "август(?:а|е|у|ом)?"}
_RUSSIAN_MONTHS = tuple(_RUSSIAN[number] for number in range(1, 13))
_MONTH = (
    "|".join(rf"{name}|{name[:3]}(?![a-z])" for name in _ENGLISH_MONTHS)
    + r"|sept(?![a-z])|"
    + "|".join(rf"{name}(?!\w)" for name in _RUSSIAN_MONTHS)
)
#: "Early November" is all of it.
_PART = (
    r"(?P<part>(?:early|late|mid|(?:the )?(?:beginning|start|middle|end) of|начал[ео]|конц[еа]|середин[еаы])"
    r"[\s-]+)?"
)
_MONTH_NAME = rf"{_PART}(?P<month>{_MONTH})\.?"
_MONTHS = tuple(zip(_ENGLISH_MONTHS, _RUSSIAN_MONTHS, strict=True))
_YEAR = r"(?:19|20)\d\d"
_PREFIX = (
    r"(?:(?P<since>since|from|after|starting|(?:newer|later) than|начиная с|не ран(?:ьше|ее)|поз(?:же|днее)|после|со|с)"
    r"\s+|(?P<before>before|until|till|up to|(?:older|earlier) than|prior to|не поз(?:же|днее)|ран(?:ьше|ее)|до)\s+"
    r"|(?P<at>on|in|for|during|of|в|во|за|на|от)\s+(?:the\s+)?)?"
)
_SEASONS = (
    (3, r"spring|весн[аойуы]+|весенн\w+"),
    (6, r"summer|лет(?:о|а|ом|у)|летн\w+"),
    (9, r"autumn|fall|осен[ьюи]+|осенн\w+"),
    (12, r"winter|зим[аойуы]+|зимн\w+"),
)
_WEEKDAYS = (
    r"monday|mon|понедельник[ау]?",
    r"tuesday|tues?|вторник[ау]?",
    r"wednesday|weds?|сред[уы]",
    r"thursday|thurs?|четверг[ау]?",
    r"friday|fri|пятниц[уы]",
    r"saturday|суббот[уы]",
    r"sunday|воскресень[ея]",
)
_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)


def _dated(date: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_PREFIX}{date}(?![\w.-]*\d)", re.IGNORECASE)


def _day(found: re.Match[str], now: Present) -> Span | None:
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else _month_number(found["month"])
    year = int(parts["year"]) if parts.get("year") else None
    start = now.year.replace(year=year or now.at.year, month=month, day=int(found["day"]))
    if year is None and start > now.at:
        start = start.replace(year=start.year - 1)
    return _bounded(found, start, start + _ONE_DAY, now)


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
    bare = not (found["since"] or found["before"] or found["at"] or found["part"])
    return (
        bare and (len(found["month"]) <= 4 or found["month"].lower() == "march") and found["month"].isascii()
    )


def _year(found: re.Match[str], now: Present) -> Span | None:
    start = now.year.replace(year=int(found["year"]))
    return _bounded(found, start, start + relativedelta(years=1), now)


def _season(found: re.Match[str], now: Present) -> Span | None:
    """Read "summer 2024", "last winter", "этим летом". A winter is called by the year that it begins in."""
    month = next(number for number, words in _SEASONS if re.fullmatch(words, found["season"].lower()))
    start = now.year.replace(month=month)
    if found["year"]:
        start = start.replace(year=int(found["year"]))
    elif not (found["which"] or found["at"] or found["since"] or found["season"].lower().endswith(_WHEN)):
        return None  # "spring" and "fall" have other meanings
    elif start > now.at or (found["last"] and start + relativedelta(months=3) > now.at):
        start = start.replace(year=start.year - 1)
    return _bounded(found, start, start + relativedelta(months=3), now)


#: Russian seasons in the form that says when.
_WHEN = ("летом", "зимой", "весной", "осенью")


def _part_of_year(found: re.Match[str], now: Present) -> Span | None:
    """Read "Q3 2025", "3 квартал 2025", "the first half of 2025"."""
    start = now.year.replace(year=int(found["year"]))
    if quarter := found["quarter"] or found["kvartal"]:
        first, months = 3 * (int(quarter) - 1), 3
    else:
        first, months = (0 if found["half"].lower()[0] in "f1п" else 6), 6
    start += relativedelta(months=first)
    return _bounded(found, start, start + relativedelta(months=months), now)


def _weekday(found: re.Match[str], now: Present) -> Span | None:
    said = found["weekday"].lower()
    if len(said) <= 5 and said.isascii() and not (found["since"] or found["at"] or found["last"]):
        return None  # "sat" and "wed" have other meanings
    wanted = next(number for number, words in enumerate(_WEEKDAYS) if re.fullmatch(words, said))
    start = now.day - timedelta(days=(now.at.weekday() - wanted) % 7)
    if found["last"] and start == now.day:
        start -= timedelta(days=7)
    return _bounded(found, start, start + _ONE_DAY, now)


def _bounded(found: re.Match[str], start: datetime, end: datetime, now: Present) -> Span | None:
    if start > now.at:
        return None
    if found["since"]:
        return opened(start, None)
    if found["before"]:
        return opened(None, start)
    return between(start, end)


def _month_number(name: str) -> int:
    for number, (english, russian) in enumerate(_MONTHS, start=1):
        if english.startswith(name.lower()[:3]) or re.fullmatch(russian, name.lower()):
            return number
    raise ValueError(name)


_LAST = r"(?:(?P<which>(?P<last>last|past|previous|прошл\w+)|this|эт\w+)\s+)?"
_ON_A_DAY: Rule = (_dated(rf"{_LAST}(?P<weekday>{'|'.join(_WEEKDAYS)})(?!\w)"), _weekday)
_ONE = (
    rf"(?:{'|'.join(_WEEKDAYS)}|{_YEAR}-\d\d(?:-\d\d)?"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTH})\.?(?:,?\s+{_YEAR})?|{_YEAR})"
)
_RANGE = re.compile(
    rf"\b(?:from|between|со?|между)?\s*(?P<start>{_ONE}|\d{{1,2}})\s*(?:\.\.|–|-|\bto\b|\band\b|\btill?\b|\buntil\b"
    rf"|\bпо\b|\bдо\b|\bи\b)\s*(?P<end>{_ONE})(?:\s+год[ау]?)?(?![\w.-]*\d)(?!\w)",
    re.IGNORECASE,
)


def _range(found: re.Match[str], now: Present) -> Span | None:
    """Read "from May to July 2024", "с 1 по 5 июня", "2022-2024": whole days, the last one included."""
    start, end = found["start"], found["end"]
    if start.isdigit() and len(start) <= 2:
        start += re.sub(r"^\d{1,2}(?:st|nd|rd|th)?(?=\s)", "", end) if end[0].isdigit() else "?"
    year = re.search(_YEAR, end)
    if year and not re.search(_YEAR, start):
        start += f" {year[0]}"
    first, last = (_single(part, now) for part in (start, end))
    if first is None or last is None or first[0] is None or last[1] is None:
        return None
    begins = first[0] - _ONE_WEEK if _ON_A_DAY[0].fullmatch(start) and first[0] >= last[1] else first[0]
    return between(begins, last[1]) if begins < last[1] else None


def _single(written: str, now: Present) -> Span | None:
    """Read one end of a range."""
    for pattern, build in (*_SINGLE, _ON_A_DAY):
        found = pattern.fullmatch(f"on {written}")
        if found is not None and (span := build(found, now)) is not None:
            return span
    return None


_SINGLE: tuple[Rule, ...] = (
    (_dated(rf"(?P<year>{_YEAR})-(?P<number>\d\d)-(?P<day>\d\d)"), _day),
    (_dated(rf"(?P<day>\d{{1,2}})[./](?P<number>\d{{1,2}})[./](?P<year>{_YEAR})"), _day),
    # as Americans write it, where it can be nothing else
    (_dated(rf"(?P<number>\d{{1,2}})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>{_YEAR})"), _day),
    (
        _dated(
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH_NAME}(?:,?\s+(?P<year>{_YEAR})(?:\s+года?)?)?\b"
        ),
        _day,
    ),
    (_dated(rf"{_MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>{_YEAR}))?"), _day),
    (_dated(rf"(?P<year>{_YEAR})-(?P<number>\d\d)"), _month),
    (_dated(rf"(?P<number>0?[1-9]|1[0-2])[./](?P<year>{_YEAR})(?!\d)"), _month),
    (_dated(rf"{_MONTH_NAME}(?:,?\s+(?P<year>{_YEAR}))?(?:\s+год[ау]?)?(?!\w)"), _month),
    (_dated(rf"{_PART}(?P<year>{_YEAR})(?:\s+год[ау]?)?(?!\w)"), _year),
)
_SEASON_NAME = "|".join(words for _number, words in _SEASONS)

#: Every rule for a date, the longer forms first; a bare year is the last resort of all.
DATES: tuple[Rule, ...] = (
    (_RANGE, _range),
    *_SINGLE[:-1],
    (
        _dated(
            rf"{_LAST}(?P<season>{_SEASON_NAME})(?!\w)(?:\s+(?:of\s+)?(?P<year>{_YEAR})(?:\s+год[ау]?)?)?"
        ),
        _season,
    ),
    (
        _dated(
            r"(?:(?:the\s+)?(?:q(?P<quarter>[1-4])|(?P<kvartal>[1-4])(?:-?[а-я]{1,2})?\s+квартал\w*"
            r"|(?P<half>first|second|1st|2nd|перв\w+|втор\w+)\s+(?:half|полугоди\w+))"
            rf"(?:\s+of)?\s+(?P<year>{_YEAR})(?:\s+года?)?)"
        ),
        _part_of_year,
    ),
    _ON_A_DAY,
)
YEAR: Rule = _SINGLE[-1]
