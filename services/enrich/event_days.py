"""The day that a story tells of: the weekday it names, put on the calendar by when it was published."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EN = "monday tuesday wednesday thursday friday saturday sunday".split()
_RU = (
    "понедельник понедельника понедельнику", "вторник вторника вторнику", "среду среда среды среде",
    "четверг четверга четвергу", "пятницу пятница пятницы пятнице", "субботу суббота субботы субботе",
    "воскресенье воскресенья воскресенью",
)  # fmt: skip

WEEKDAYS: Final = {word: day for day, word in enumerate(_EN)} | {
    word: day for day, words in enumerate(_RU) for word in words.split()
}

_MONTHS_EN = "january february march april may june july august september october november december".split()
_MONTHS_RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
#: Months only as they stand in dates. A bare "may" or "march" is a word; callers ask only beside a day number.
MONTHS: Final = (
    {word: 1 + month for month, word in enumerate(_MONTHS_EN)}
    | {word[:3]: 1 + month for month, word in enumerate(_MONTHS_EN)}
    | {word: 1 + month for month, word in enumerate(_MONTHS_RU)}
    | {"sept": 9, "ноя": 11, "дек": 12, "янв": 1, "фев": 2, "апр": 4, "авг": 8, "сен": 9, "окт": 10}
)

#: A story published late in the day (UTC) may call tomorrow's date "today": it is written east of Greenwich.
_EAST_FROM_HOUR = 10
_LOOK_BACK = 3


def event_day(weekdays: tuple[int, ...], published: datetime) -> int | None:
    """The proleptic ordinal of the day that the story tells of, or None when it names none nearby.

    ``weekdays`` are the days named, Monday 0, in order. The newest of today and the three days before wins;
    then tomorrow, if it may be today further east. A day named that is neither is background or a plan.
    """
    if not weekdays:
        return None
    moment = published.astimezone(UTC)
    named = set(weekdays)
    for back in range(_LOOK_BACK + 1):
        day = moment.date() - timedelta(days=back)
        if day.weekday() in named:
            tomorrow = moment.date() + timedelta(days=1)
            if back > 0 and moment.hour >= _EAST_FROM_HOUR and tomorrow.weekday() == weekdays[0]:
                return tomorrow.toordinal()
            return day.toordinal()
    tomorrow = moment.date() + timedelta(days=1)
    if moment.hour >= _EAST_FROM_HOUR and tomorrow.weekday() in named:
        return tomorrow.toordinal()
    return None


def last_named_day(weekdays: tuple[int, ...], seen: datetime) -> int | None:
    """The proleptic ordinal of the last day that was the weekday named first, for a story that nobody dated.

    When it was seen says little of when it was written, so two tellings must get the same day by their words alone.
    """
    if not weekdays:
        return None
    today = seen.astimezone(UTC).date()
    return (today - timedelta(days=(today.weekday() - weekdays[0]) % 7)).toordinal()
