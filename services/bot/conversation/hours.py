"""Hours, plans and spans of time as people write them in settings. Pure; what cannot be read is None."""

import re
from datetime import UTC, datetime, time, timedelta

from services.bot.conversation.cleaning import fold
from services.bot.preferences import DigestPlan, QuietHours

OFF = frozenset("off no none never 0 выкл выключить нет никогда".split())
ON = frozenset("on yes вкл включить да".split())

_HALF = "am|pm|утра|дня|вечера"
_CLOCK = rf"(\d{{1,2}})(?:[:.](\d{{2}}))?\s*({_HALF})?"
_QUIET = re.compile(
    rf"(?:from |between |со? |между )?{_CLOCK}\s*(?:-|–|—|to|until|till|and|до|по|и|\s)\s*{_CLOCK}(?P<rest>.*)$"
)
_HOLD = frozenset("hold held later задержать придержать отложить потом".split())
_SILENT = frozenset("silent silently тихо беззвучно".split())
_DAILY = frozenset("daily day ежедневно день".split())
_WEEKLY = frozenset("weekly week еженедельно неделя неделю".split())
_DAYS = (
    ("mon", "monday", "пн", "понедельник", "понедельникам"),
    ("tue", "tuesday", "вт", "вторник", "вторникам"),
    ("wed", "wednesday", "ср", "среда", "среду", "средам"),
    ("thu", "thursday", "чт", "четверг", "четвергам"),
    ("fri", "friday", "пт", "пятница", "пятницу", "пятницам"),
    ("sat", "saturday", "сб", "суббота", "субботу", "субботам"),
    ("sun", "sunday", "вс", "воскресенье", "воскресеньям"),
)
_GENITIVES = dict(
    zip("понедельника вторника среды четверга пятницы субботы воскресенья".split(), range(7), strict=True)
)
_WEEKDAYS = {word: number for number, words in enumerate(_DAYS) for word in words}
_FILLERS = frozenset(
    "on at every each in the morning evening в во по на каждый каждую каждое утро утром вечер вечером".split()
)

_SPAN = re.compile(
    r"(?:^|\s)(?:for |на )?(?:"
    r"(?P<forever>forever|for good|always|навсегда)"
    r"|(?P<count>\d{1,3})?\s*(?P<unit>m|min|minutes?|h|hours?|hrs?|d|days?|w|weeks?|months?"
    r"|мин|минут[уы]?|ч|час(?:а|ов)?|д|день|дня|дней|сутки|суток|нед|недел[юиья]|месяц(?:а|ев)?)"
    r"|(?:a|an|one|один|одну) (?P<one>minute|hour|day|week|month|час|день|недел[юя]|месяц)"
    r")\s*$"
)
_UNITS = (
    (("min", "мин"), timedelta(minutes=1)),
    (("mo", "мес"), timedelta(days=30)),
    (("m",), timedelta(minutes=1)),
    (("h", "ч"), timedelta(hours=1)),
    (("d", "д", "с"), timedelta(days=1)),
    (("w", "н"), timedelta(weeks=1)),
)


def quiet_hours(text: str) -> QuietHours | None:
    """Read quiet hours: "22:00-07:00", "22-7 hold", "from 10pm to 7am", «с 22 до 7»."""
    found = _QUIET.match(fold(text).strip())
    if found is None:
        return None
    begin, end = _time(*found.groups()[:3]), _time(*found.groups()[3:6])
    rest = set(found["rest"].replace(",", " ").split())
    if begin is None or end is None or begin == end or rest - _HOLD - _SILENT:
        return None
    return QuietHours(begin, end, hold=bool(rest & _HOLD))


def digest_plan(text: str) -> DigestPlan | None:
    """Read a plan: "daily 08:00", "weekly mon 8", "friday 18:00", «ежедневно в 8»; at 08:00 when no time is said."""
    words = fold(text).replace(",", " ").split()
    said = " ".join(words)
    clock = re.search(rf"(?:^|\s){_CLOCK}$", said)
    at = time(8) if clock is None else _time(*clock.groups())
    rest = {*(said if clock is None else said[: clock.start()]).split()} - _FILLERS
    days = rest & _WEEKDAYS.keys()
    unknown = rest - _WEEKDAYS.keys() - _DAILY - _WEEKLY
    if (
        at is None
        or unknown
        or len(days) > 1
        or not (rest or clock)
        or (rest & _DAILY and (days or rest & _WEEKLY))
    ):
        return None
    if days or rest & _WEEKLY:
        return DigestPlan("week", at, _WEEKDAYS[days.pop()] if days else 0)
    return DigestPlan("day", at)


def span_at_end(text: str) -> tuple[timedelta | None, str]:
    """Take a span of time off the end of a text: the span (``timedelta.max`` for ever, None for none), the rest."""
    folded = fold(text)
    found = _SPAN.search(folded)
    if found is None or not (found["forever"] or found["one"] or found["count"] or _alone(found["unit"])):
        return None, text
    rest = text[: found.start()] if len(folded) == len(text) else folded[: found.start()]
    if found["forever"]:
        return timedelta.max, rest.strip()
    unit = found["one"] or found["unit"]
    size = next(size for beginnings, size in _UNITS if unit.startswith(beginnings))
    count = int(found["count"] or 1)
    return (size * count, rest.strip()) if count else (None, text)


_UNTIL = re.compile(
    r"(?:^|\s)(?:until|till|til|up to|до)\s+(?:(?P<next>tomorrow(?: morning)?|(?:the )?morning|завтра|утра)"
    rf"|(?P<day>[^\W\d_]+)|(?:в\s+)?(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d{{2}}))?\s*(?P<half>{_HALF})?)\s*$"
)
#: When a rest until a day ends.
MORNING = 8


def until_at_end(text: str, now: datetime) -> tuple[timedelta | None, str]:
    """Take "until tomorrow", "until Monday", "until 18:00" off a text: the time until then from ``now`` (local).

    A day ends the rest at eight in the morning. Without such words it is None and the text.
    """
    folded = fold(text)
    found = _UNTIL.search(folded)
    if found is None:
        return None, text
    rest = (text[: found.start()] if len(folded) == len(text) else folded[: found.start()]).strip()
    at = _time(found["hour"], found["minute"], found["half"]) if found["hour"] else time(MORNING)
    weekday = _WEEKDAYS.get(found["day"] or "", _GENITIVES.get(found["day"] or ""))
    if at is None or (found["day"] and weekday is None):
        return None, text
    end = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    if weekday is not None:
        end += timedelta(days=(weekday - now.weekday()) % 7)
    elif (found["next"] or "").startswith(("tomorrow", "завтра")):
        end += timedelta(days=1)
    while end <= now:
        end += timedelta(days=7 if weekday is not None else 1)
    return end.astimezone(UTC) - now.astimezone(UTC), rest


def written_time(at: time) -> str:
    """Return a time of day as every setting takes it: "08:00"."""
    return f"{at:%H:%M}"


def written_quiet(quiet: QuietHours) -> str:
    """Return quiet hours as the setting takes them."""
    return f"{quiet.begin:%H:%M}-{quiet.end:%H:%M}{' hold' if quiet.hold else ''}"


def written_digest(plan: DigestPlan) -> str:
    """Return a digest plan as the setting takes it."""
    return (
        f"daily {plan.at:%H:%M}"
        if plan.every == "day"
        else f"weekly {_DAYS[plan.weekday][0]} {plan.at:%H:%M}"
    )


def _alone(unit: str) -> bool:
    """Say whether a unit means one of itself without a number: "for a day", «на сутки»; never a bare letter."""
    return len(unit) > 3


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    hours, minutes = int(hour), int(minute or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (0 if half in {"am", "утра"} else 12)
    if hours == 24 and minutes == 0:
        hours = 0
    return time(hours, minutes) if hours < 24 and minutes < 60 else None
