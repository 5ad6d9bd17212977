"""What duplicates are found by: a story boiled down to a few hundred bytes of comparable features."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import islice
from zlib import crc32

from services.enrich.concepts import load_concepts
from services.enrich.document_frequency import load_document_frequencies
from services.enrich.event_days import event_day
from services.enrich.numerals import number_weight
from services.enrich.story_reading import LIGHT, WORD, Item, Reader, Reading
from shared.events import EnrichedStory

#: Stories further apart than this are never the same report: news repeats itself.
WINDOW = timedelta(hours=72)

#: Characters of a text that are read: a thousand words. What a report says it has said by then.
READ = 6_000
#: The length that term weights are scaled to.
UNIT = 255
_MAX_TERMS = 40
_MAX_SLOTS = 16
_MAX_NAMES = 12
_MAX_MARKS = 4
_MAX_NUMBERS = 24
_MAX_COUNTRIES = 4
_MAX_ACTORS = 8
#: Three-word runs of the lead that are all kept; of the others one in ``SAMPLE`` is.
LEAD_SHINGLES = 64
SAMPLE = 4

_DATELINE = re.compile(
    r"\s*(?:[A-ZА-ЯЁ][A-ZА-ЯЁ'’.-]+\b[^\n]{0,60}?\s[-–—]{1,2}\s"  # LONDON, Oct 13 (Agency) -
    r"|[A-Z][a-z]{2,8}\.? \d{1,2} \([^)\n]{2,40}\) [-–—]{1,2}\s"  # Oct 13 (Agency) -
    r"|[А-ЯЁ][А-ЯЁ-]+(?:,[^.\n]{2,40}| \([^)\n]{2,40}\)[^.\n]{0,30})\.\s)"  # ОШ, 13 октября.
)
#: A dateline with a date may follow a title: "TITLE. LONDON, March 3 - …".
_DATED_LINE = re.compile(
    r"(?:^|[.!?\n]\s+)[^.!?\n]{0,60}?,\s(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z.]*\s\d{1,2}"
    r"(?:\s\([^)\n]{2,40}\))?\s[-–—]{1,2}\s",
    re.IGNORECASE,
)
_TITLE_REACH = 200
_TAIL_REACH = 300
_CREDIT = re.compile(r"\s*(?:\([^()\n]{2,40}\)|[—–-]\s?[^—–.\n]{2,40})\s*$")

#: What publishers add to any story: from here on it says nothing about this one.
_BOILERPLATE = re.compile(
    r"(?<=[.!?\s\"»”])(?:(?:Read|Find out|Learn|See) more (?:at|on|about|in)\b|Subscribe to\b|Sign up (?:for|to)\b|"
    r"Follow (?:us|\w+(?: \w+)?) on\b|All rights reserved|Copyright\b|©|\(c\) 20|Читайте (?:также|нас|далее)|"
    r"Подписывайтесь|Подпишитесь|Все права защищены|Фото:)[^\n]{0,200}\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The features of one story. Hashes are 32 bits unless said otherwise."""

    at: float
    """When it was published (or first seen), seconds since the epoch."""
    day: int | None
    """Proleptic ordinal of the day that it tells of, when it names one."""
    dateline: int | None
    """Proleptic ordinal of the date in the dateline, in the year before it was seen; None without one."""
    dated: bool
    """Whether the source said when it was published."""
    content: int
    """63-bit hash of the normalised body: equal for copies that differ in case, marks and dateline."""
    words: int
    """Length of the body."""
    cased: bool
    """Whether it has capital letters, so that names can be told."""
    shingles: frozenset[int]
    """Hashes of three words in a row: all of the lead, a sample of one in four of the rest."""
    marks: tuple[int, ...] = field(compare=False)
    """The first few sampled runs, in order, to find copies by. Not kept once the story is posted."""
    terms: dict[int, int]
    """Rarest terms first, with weights from 1 to 255; their squares sum to about 255 squared."""
    names: dict[int, int]
    """Sound keys of the names, in the order they come, to ten times their rarity."""
    lead: frozenset[int]
    """Those of the terms that the body opens with."""
    numbers: frozenset[float]
    figures: float
    """What its numbers tell, in all (see ``number_weight``)."""
    ordinals: dict[int, int]
    slots: dict[int, int]
    """Hash of the two words around a number or name, to the number or name."""
    countries: tuple[str, ...]
    """Countries that the story is about, the most salient first, from its tags; empty when it has none."""
    actors: frozenset[str]
    """Ids of the known actors in it, from its tags."""


@cache
def _reader() -> Reader:
    return Reader(load_document_frequencies(), load_concepts())


def split_frame(text: str) -> tuple[str, str, str]:
    """What stands before the dateline (a title, or nothing), the dateline, and the body.

    The body ends before a credit and before what publishers add to any story: all that differs between copies.
    """
    found = _DATELINE.match(text) or _DATED_LINE.search(text[:_TITLE_REACH])
    head, frame = (text[: found.start()], found.group()) if found else ("", "")
    body = _untailed(text[found.end() :] if found else text)
    return (head, frame, body) if body else ("", "", text)


def _untailed(body: str) -> str:
    cut = max(0, len(body) - _TAIL_REACH)
    tail = _CREDIT.sub("", _BOILERPLATE.sub("", body[cut:]))
    return body[:cut] + tail


def _dateline_day(dateline: str, seen: datetime) -> int | None:
    """The date that a dateline gives, as the newest such date not after the day it was seen."""
    if not dateline:
        return None
    reading = Reading()
    _reader().read(dateline, reading)
    for date in sorted(reading.dates):
        for year in (seen.year, seen.year - 1):
            try:
                day = datetime(year, date // 100, date % 100, tzinfo=UTC)
            except ValueError:
                continue
            if day <= seen + timedelta(days=1):
                return day.toordinal()
    return None


def _title_case(title: str) -> bool:
    words = [word for word in title.split() if len(word) > 3 and word[0].isalpha()]
    return bool(words) and all(word[0].isupper() for word in words)


def _shingles(words: Sequence[int]) -> dict[int, None]:
    kept: dict[int, None] = {}
    for at, (first, second, third) in enumerate(zip(words, words[1:], words[2:], strict=False)):
        mixed = (first * 0x9E3779B1 ^ second * 0x85EBCA77 ^ third * 0xC2B2AE3D) & 0xFFFFFFFF
        mixed ^= mixed >> 15
        if at < LEAD_SHINGLES or mixed % SAMPLE == 0:
            kept[mixed] = None
    return kept


def _content(words: Sequence[int]) -> int:
    text = b"".join(word.to_bytes(4) for word in words)
    return int.from_bytes(blake2b(text, digest_size=8).digest()) >> 1


def _slots(items: Sequence[Item]) -> dict[int, int]:
    slots: dict[int, int] = {}
    for before, (kind, item), after in zip(items, items[1:], items[2:], strict=False):
        if kind != WORD and before[0] == WORD and after[0] == WORD:
            slots.setdefault(crc32(b"%d %d" % (before[1], after[1])), item)
            if len(slots) == _MAX_SLOTS:
                break
    return slots


def _weights(reading: Reading) -> dict[int, int]:
    counts: dict[int, int] = {}
    weights: dict[int, float] = {}
    for word, count in reading.words.items():
        for term, weight in word.terms:
            if weight > LIGHT:
                counts[term] = counts.get(term, 0) + count
                weights[term] = max(weight, weights.get(term, 0.0))
    raw = {term: weight * (1 + math.log(counts[term])) for term, weight in weights.items()}
    rarest = sorted([(-weight, term) for term, weight in raw.items()])[:_MAX_TERMS]
    length = math.sqrt(sum(weight * weight for weight, _ in rarest)) or 1.0
    return {term: max(1, round(-UNIT * weight / length)) for weight, term in rarest}


def told_by(numbers: Iterable[float]) -> float:
    """What numbers tell, in all."""
    return sum(map(number_weight, numbers))


def sign(story: EnrichedStory) -> Signature:
    """The signature of a story, from its text and whatever tags it has."""
    head, dateline, body = split_frame(story.text[:READ])
    whole = Reading()
    _reader().read(body, whole)
    items = list(whole.items)
    lead = frozenset(term for word in whole.opening for term, weight in word.terms if weight > LIGHT)
    for title in (head, story.title):
        if title:
            _reader().read(title, whole, capitals=not _title_case(title))
    sequence = [item for _, item in items]
    shingles, terms = _shingles(sequence), _weights(whole)
    numbers = frozenset(islice(whole.numbers, _MAX_NUMBERS))
    published, _ = story.dated
    return Signature(
        at=published.timestamp(),
        day=event_day(tuple(whole.weekdays), published),
        dateline=_dateline_day(dateline, story.first_seen_at),
        dated=story.published_at is not None,
        content=_content(sequence),
        words=len(items),
        cased=story.text.lower() != story.text,
        shingles=frozenset(shingles),
        marks=tuple(islice((shingle for shingle in shingles if shingle % SAMPLE == 0), _MAX_MARKS)),
        terms=terms,
        names={key: round(10 * rarity) for key, rarity in list(whole.names.items())[:_MAX_NAMES]},
        lead=lead & terms.keys(),
        numbers=numbers,
        figures=told_by(numbers),
        ordinals=whole.ordinals,
        slots=_slots(items),
        countries=tuple(tag.code for tag in story.countries if tag.role == "subject")[:_MAX_COUNTRIES],
        actors=frozenset(sorted(tag.id for tag in story.actors if tag.id)[:_MAX_ACTORS]),
    )
