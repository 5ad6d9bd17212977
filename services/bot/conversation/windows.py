"""Times in a question: "last week", "since May", "2024-06", "за последние 3 дня".

Days begin in the reader's zone; the windows are in UTC, ``since`` inclusive and ``until`` exclusive.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from services.bot.conversation.time_words import RULES, Present


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that was asked for. ``label`` is how to say it to the reader."""

    since: datetime | None
    until: datetime | None
    label: str


def find_window(text: str, now: datetime, zone: tzinfo = UTC) -> tuple[Window | None, str]:
    """Take the first time that is named out of a text. Returns the window and the rest of the text."""
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
