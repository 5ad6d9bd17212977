"""``/trend``: how many stories there were, day by day, as a picture and as a drawing in characters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.bot.conversation import notices
from services.bot.conversation.answers import filter_of, search
from services.bot.conversation.cleaning import fold
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, intent_data
from services.bot.conversation.messages import Block, Button, Incoming, Picture, Reply, Span, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.texts import _, later, plural, speaker
from services.bot.conversation.windows import Window
from shared.archive.port import Filter

#: Days looked at when no time is said, and at most.
USUAL = 30
LONGEST = 366
#: With more days than this the columns stand for weeks.
MOST_COLUMNS = 92
#: Up to this many columns each gets a bar of its own in characters; more are drawn as one line.
MOST_BARS = 14
MOST_TICKS = 60
BAR = 24

#: Words of the question that a trend answers anyway.
_PER_DAY = frozenset("per each every day daily chart graph день дням каждый ежедневно график".split())
_TICKS = "▁▂▃▄▅▆▇█"
_OFFERS = ((later("7 days"), 7), (later("30 days"), 30), (later("90 days"), 90))


@dataclass(frozen=True, slots=True)
class Column:
    """A day or a week of a trend: its first day, and the stories in it."""

    day: date
    count: int


async def trend(desk: Desk, _incoming: Incoming, intent: Intent) -> Reply:
    """Answer with the number of stories per day about what was named, every event counted once a day and in all."""
    unknown = " ".join(word for word in intent.words.split() if fold(word) not in _PER_DAY)
    if unknown and not intent.topic:
        return await _of_words(desk, intent, unknown)
    zone = speaker().zone
    first, last = _days(intent.window, desk.clock.now().astimezone(zone))
    per_day = await _per_day(desk, intent, first, last)
    per_week = await _per_week(desk, intent, per_day) if len(per_day) > MOST_TICKS else []
    weekly = len(per_day) > MOST_COLUMNS
    columns = per_week if weekly else per_day
    total = await desk.archive.total(_filter(desk, intent, first, last), collapse=True)
    title = _title(intent, weekly=weekly)
    span = _written(first) if first == last else f"{_written(first)} – {_written(last)}"
    data: Data = {
        **intent_data(intent),
        "days": {each.day.isoformat(): each.count for each in per_day},
        "total": total,
    }
    left_out = _("I left out {words}: a trend is of places and people.", words=notices.quote(unknown))
    notes = [line(left_out)] if unknown else []
    heading = Block((line(Span(title, bold=True)), line(span), line(_summary(per_day, total)), *notes))
    buttons = _buttons(intent, len(per_day))
    if not total:
        return Reply((heading,), buttons, data=data)
    chart = Block(tuple(line(row) for row in _chart(columns, per_week)), chart=True)
    png = await asyncio.to_thread(_png, title, span, columns)
    alt = f"{title}, {span}. {_summary(per_day, total)}"
    return Reply((heading, chart), buttons, data=data, picture=Picture(png, alt))


async def _of_words(desk: Desk, intent: Intent, words: str) -> Reply:
    """Show the stories that have the words: they can't be counted, but read."""
    found = await search(desk, replace(intent, kind="lookup", words=words))
    return found if found.data.get("stories") else _unknown(desk, words)


def _unknown(desk: Desk, words: str) -> Reply:
    offers = [
        (each.topic, f"/trend {each.topic.terms[0]}") for each in suggest(words, desk.places, desk.actors)
    ]
    return notices.unknown_name("trend", words, offers, [Button(_("All stories"), "/trend")])


def _png(title: str, span: str, columns: Sequence[Column]) -> bytes:
    # imported only when a picture is asked for: most processes never draw one
    from services.bot.conversation.trend_picture import draw

    return draw(title, span, [(_short(each.day), each.count) for each in columns])


def _filter(desk: Desk, intent: Intent, first: date, last: date) -> Filter:
    """Return the archive's filter for some of the reader's days."""
    zone = speaker().zone
    window = Window(_begin(first, zone), _begin(last + timedelta(days=1), zone), "")
    asked = Intent("latest", intent.topic, window=window, picks=intent.picks, unwanted=intent.unwanted)
    return filter_of(desk, asked, None if intent.mentions else "subject")


async def _per_day(desk: Desk, intent: Intent, first: date, last: date) -> list[Column]:
    zone = speaker().zone
    name = zone.key if isinstance(zone, ZoneInfo) else "UTC"
    where = _filter(desk, intent, first, last)
    counted = await desk.archive.counts(where, "day", zone=name, collapse=True)
    return [Column(day, counted.get(day.isoformat(), 0)) for day in _each_day(first, last)]


async def _per_week(desk: Desk, intent: Intent, days: Sequence[Column]) -> list[Column]:
    """Count by weeks that end with the last day: an event that was told on two days counts once in their week."""
    odd = len(days) % 7
    starts = [0, *range(odd, len(days), 7)] if odd else list(range(0, len(days), 7))
    ends = [*starts[1:], len(days)]
    spans = [(days[start].day, days[end - 1].day) for start, end in zip(starts, ends, strict=True)]
    counts = (desk.archive.total(_filter(desk, intent, *span), collapse=True) for span in spans)
    return [Column(span[0], count) for span, count in zip(spans, await asyncio.gather(*counts), strict=True)]


def _days(window: Window | None, now: datetime) -> tuple[date, date]:
    """Return the first and the last of the days that were asked for, no later than today."""
    today, zone = now.date(), now.tzinfo or UTC
    until = window.until if window else None
    last = today if until is None else min(today, (until - timedelta(microseconds=1)).astimezone(zone).date())
    since = window.since if window else None
    if since is None:
        first = last - timedelta(days=USUAL - 1)
    else:
        begin = since.astimezone(zone)
        # "the last 30 days" begin at this hour 30 days ago: that day is not whole and would look like a dip
        first = begin.date() if begin.time() == time(0) else begin.date() + timedelta(days=1)
    return max(min(first, last), last - timedelta(days=LONGEST - 1)), last


def _begin(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _chart(columns: Sequence[Column], per_week: Sequence[Column]) -> list[str]:
    """Return a drawing that is no wider than a terminal: of weeks, where days would be too many."""
    if len(columns) <= MOST_TICKS:
        return drawing(columns)
    return [_("Stories per week"), *drawing(per_week)]


def drawing(columns: Sequence[Column]) -> list[str]:
    """Return columns drawn in characters: a bar each when they are few, else one line of ticks."""
    most = max((each.count for each in columns), default=0) or 1
    if len(columns) <= MOST_BARS:
        # the bars come first: runs of spaces, which would align what follows, are not kept on the way to a screen
        return [f"{_bar(each.count, most)} {each.count} · {_short(each.day)}" for each in columns]
    ticks = "".join(
        _TICKS[min(-(-each.count * len(_TICKS) // most), len(_TICKS)) - 1] if each.count else "·"
        for each in columns
    )
    return [ticks, f"{_written(columns[0].day)} … {_written(columns[-1].day)} · █ {most}"]


def _bar(count: int, most: int) -> str:
    return "█" * max(round(count / most * BAR), 1) if count else "▏"


def _title(intent: Intent, *, weekly: bool) -> str:
    name = f"{intent.topic.name[:1].upper()}{intent.topic.name[1:]}"
    if weekly:
        return _("{name}: stories per week", name=name) if name else _("Stories per week")
    return _("{name}: stories per day", name=name) if name else _("Stories per day")


def _summary(days: Sequence[Column], total: int) -> str:
    if not total:
        return _("No story in that time.")
    busiest = max(days, key=lambda each: each.count)
    stories = plural("{count} story", "{count} stories", total)
    most = plural("{count} story", "{count} stories", busiest.count)
    return _(
        "{stories} in all, most on {day}: {most}.", stories=stories, day=_written(busiest.day), most=most
    )


def _buttons(intent: Intent, shown: int) -> tuple[tuple[Button, ...], ...]:
    terms = " ".join(intent.topic.written)
    every = " all" if intent.mentions and terms else ""
    spans = [
        Button(_(label), f"{f'/trend {terms}'.rstrip()} {days}d{every}")
        for label, days in _OFFERS
        if days != shown
    ]
    name = intent.topic.name
    label = _("Latest on {name}", name=name) if name else _("Latest news")
    return tuple(spans), (notices.command_button(label, f"/latest {terms}".rstrip()),)


def _written(day: date) -> str:
    return format_date(day, "d MMM y", locale=speaker().language)


def _short(day: date) -> str:
    return format_date(day, "d MMM", locale=speaker().language)
