"""Times in a question: "last week", "since May", "2024-06", "за последние 3 дня".

Days begin in the reader's zone; the windows are in UTC, ``since`` inclusive and ``until`` exclusive.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from rapidfuzz import fuzz, process

from services.bot.conversation.spans import Present
from services.bot.conversation.time_words import RULES


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that was asked for. ``label`` is how to say it to the reader."""

    since: datetime | None
    until: datetime | None
    label: str


#: Words for times that are typed wrongly most; names of months resemble too many other names.
_OFTEN = ("yesterday", "weekend", "сегодня", "позавчера", "понедельника", "неделю")
_CLOSE = 84
_WORD = re.compile(r"[^\W\d_]{6,}")
_JOINED = re.compile(r"\b(last|this|past)(week|month|year|weekend)\b", re.IGNORECASE)


def find_window(text: str, now: datetime, zone: tzinfo = UTC) -> tuple[Window | None, str]:
    """Take the first time that is named out of a text. Returns the window and the rest of the text."""
    window, rest = _find(text, now, zone)
    if window is None and (mended := _mended(text)) != text:
        window, rest = _find(mended, now, zone)
    return (window, rest) if window is not None else (None, text)


def _mended(text: str) -> str:
    """Return a text with its mistyped words for times as they are meant: "yesturday", "lastweek"."""

    def meant(word: re.Match[str]) -> str:
        close = process.extractOne(word[0].lower(), _OFTEN, scorer=fuzz.ratio, score_cutoff=_CLOSE)
        return close[0] if close else word[0]

    return _WORD.sub(meant, _JOINED.sub(r"\1 \2", text))


def _find(text: str, now: datetime, zone: tzinfo) -> tuple[Window | None, str]:
    here = Present(now.astimezone(zone))
    for pattern, build in RULES:
        found = pattern.search(text)
        if found is None:
            continue
        try:
            span = build(found, here)
        except (ValueError, OverflowError):  # 31 June, the year 0: not a time after all
            continue
        if span is not None:
            since, until, label = span
            return Window(_utc(since), _utc(until), label), text[: found.start()] + " " + text[found.end() :]
    return None, text


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def compact(window: Window, zone: tzinfo = UTC) -> str:
    """Return a window as a button writes it, to the minute."""

    def stamp(moment: datetime | None) -> str:
        if moment is None:
            return ""
        local = moment.astimezone(zone)
        return f"{local:%Y%m%d}" if Present(local).day == local else f"{local:%Y%m%dT%H%M}"

    return f"{stamp(window.since)}-{stamp(window.until)}"
