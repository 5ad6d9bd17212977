"""What readers are told, in their own language: gettext catalogues, plurals, times and numbers.

The English texts in the code are the message ids. ``catalogues/LANGUAGE.po`` holds their translations; a test keeps
both in step. Whoever answers enters ``speaking(...)``; ``_``, ``plural`` and ``moment`` then speak that language.
"""

import gettext
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

CATALOGUES = Path(__file__).parent / "catalogues"

#: The language of the message ids, spoken whenever there is no better one.
DEFAULT = "en"

#: The languages that can be spoken: that of the ids, and one for each catalogue.
LANGUAGES = (DEFAULT, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@dataclass(frozen=True, slots=True)
class Speaker:
    """How to speak to a reader: the language (one of ``LANGUAGES``) and the zone that times are shown in."""

    language: str = DEFAULT
    zone: tzinfo = UTC


_PLAIN = Speaker()
_current: ContextVar[Speaker] = ContextVar("speaker", default=_PLAIN)


@contextmanager
def speaking(speaker: Speaker) -> Iterator[None]:
    """Speak so within this block, and in the tasks started in it."""
    before = _current.set(speaker)
    try:
        yield
    finally:
        _current.reset(before)


def speaker() -> Speaker:
    """Return how to speak now."""
    return _current.get()


def known_language(code: str | None) -> str | None:
    """Return the language of a code such as ``ru-RU`` if it can be spoken, else None."""
    language = (code or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else None


def _(text: str, /, **values: object) -> str:
    """Return a text in the reader's language, its ``{fields}`` filled in from ``values``."""
    return _catalogue(_current.get().language).gettext(text).format(**values)


def plural(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a text for a number; ``{count}`` is that number as the language writes it."""
    language = _current.get().language
    form = _catalogue(language).ngettext(one, many, count)
    return form.format(count=format_decimal(count, locale=language), **values)


def later(text: str, /) -> str:
    """Mark a constant for translation. It is translated by ``_`` where it is shown."""
    return text


def day(at: datetime) -> str:
    """Return a date in the reader's zone and language: "9 Nov 2026"."""
    now = _current.get()
    return format_date(at.astimezone(now.zone), "d MMM y", locale=now.language)


def moment(at: datetime) -> str:
    """Return a time in the reader's zone and language: "9 Nov 2026, 14:05 UTC"."""
    now = _current.get()
    local = at.astimezone(now.zone)
    return f"{format_datetime(local, 'd MMM y, HH:mm', locale=now.language)} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """Return how a local time's zone is called for short: "UTC", "CET", "UTC+5"."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:]
    return f"UTC{name[0]}{hours}{f':{minutes}' if minutes.strip('0') else ''}"


def either(names: Sequence[str]) -> str:
    """Return names as a choice: "a, b or c"."""
    if len(names) < 2:
        return "".join(names)
    return _("{names} or {last}", names=", ".join(names[:-1]), last=names[-1])


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
