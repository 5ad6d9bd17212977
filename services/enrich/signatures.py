"""What duplicates are found by: a story boiled down to a few hundred bytes of comparable features."""

import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import chain, islice
from typing import TypeAlias
from zlib import crc32

from services.enrich.concepts import load_concepts
from services.enrich.document_frequency import load_document_frequencies
from services.enrich.event_days import event_day, last_named_day
from services.enrich.numerals import number_weight
from services.enrich.spellings import HASH, Spellings, Word
from services.enrich.story_reading import LEAD_WORDS, Reader, Reading
from shared.events import ActorTag, EnrichedStory

#: Stories further apart than this are never the same report: news repeats itself.
WINDOW = timedelta(hours=72)

#: Characters of a text that are read: a thousand words. What a report says it has said by then.
READ = 6_000
#: The length that term weights are scaled to.
UNIT = 255
_MAX_TERMS = 40
_MAX_SLOTS = 16
_MAX_NAMES = 12
_MAX_MARKS = 3
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
    r"(?:^|[.!?]\s+|\n\s*)[^.!?\n]{0,60}?(?:\.(?=[,\w])[^.!?\n]{0,20}?){0,3}?,\s"  # DULUTH, Minn.,
    r"(?:Jan|Feb|March|April|May|June|July|Aug|Sept?|Oct|Nov|Dec)[a-z.]*\s\d{1,2}"
    r"(?:\s\([^)\n]{2,40}\))?\s[-–—]{1,2}\s",
    re.IGNORECASE,
)
_TITLE_REACH = 200
_TAIL_REACH = 300
_CREDIT_REACH = 80
_CREDIT = re.compile(r"\s*(?:\([^()\n]{2,40}\)|[—–-]\s?[^—–.\n]{2,40})\s*$")

#: What publishers add to any story: from here on it says nothing about this one.
_BOILERPLATE = re.compile(
    r"([.!?\s\"»”])(?:(?:Read|Find out|Learn|See) more (?:at|on|about|in)\b|Subscribe to\b|Sign up (?:for|to)\b|"
    r"Follow (?:us|\w+(?: \w+)?) on\b|All rights reserved|Copyright\b|©|\(c\) 20|Читайте (?:также|нас|далее)|"
    r"Подписывайтесь|Подпишитесь|Все права защищены|Фото:)[^\n]{0,200}\s*\Z",
    re.IGNORECASE,
)

#: A set, to look for others in; of a story that is remembered only a row, which takes a tenth of the room.
Shingles: TypeAlias = "frozenset[int] | array[int]"


@dataclass(frozen=True, slots=True)
class Signature:
    """The features of one story. Hashes are 24 bits unless said otherwise."""

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
    shingles: Shingles
    """Hashes of three words in a row: all of the lead, a sample of one in four of the rest; no two alike."""
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
    dates: frozenset[int]
    """The dates that it names, as month times 100 plus day."""
    slots: dict[int, int]
    """Hash of the two words around a number or name, to the number or name."""
    countries: tuple[str, ...]
    """Countries that the story is about, the most salient first, from its tags; empty when it has none."""
    actors: frozenset[int]
    """The people and organisations in it, from its tags, known or not."""


@cache
def _reader() -> Reader:
    return Reader(Spellings(load_document_frequencies(), load_concepts()))


def split_frame(text: str) -> tuple[str, str, str]:
    """What stands before the dateline (a title, or nothing), the dateline, and the body.

    The body ends before a credit and before what publishers add to any story: all that differs between copies.
    """
    found = _DATED_LINE.search(text[:_TITLE_REACH]) or _DATELINE.match(text)
    head, frame = (text[: found.start()], found.group()) if found else ("", "")
    body = _untailed(text[found.end() :] if found else text)
    return (head, frame, body) if body else ("", "", text)


def _untailed(body: str) -> str:
    cut = max(0, len(body) - _TAIL_REACH)
    kept = body[:cut] + _BOILERPLATE.sub(r"\1", body[cut:])
    credit = _CREDIT.search(kept, max(0, len(kept) - _CREDIT_REACH))
    return kept[: credit.start()] if credit else kept


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


def _shingles(words: Sequence[int]) -> list[int]:
    """Hashes of three words in a row: of hashes that are as good as random, a weighted sum is one."""
    mixed = [
        (first + 3 * second + 7 * third) & HASH
        for first, second, third in zip(words, words[1:], words[2:], strict=False)
    ]
    return mixed[:LEAD_SHINGLES] + [shingle for shingle in mixed[LEAD_SHINGLES:] if shingle % SAMPLE == 0]


def _content(words: Sequence[int]) -> int:
    packed = array("I", words)
    if sys.byteorder == "big":
        packed.byteswap()
    return int.from_bytes(blake2b(packed.tobytes(), digest_size=8).digest()) >> 1


def _slots(items: Sequence[int]) -> dict[int, int]:
    slots: dict[int, int] = {}
    for at, item in enumerate(items):
        if item > HASH and 0 < at < len(items) - 1 and items[at - 1] <= HASH and items[at + 1] <= HASH:
            slots.setdefault(crc32(b"%d %d" % (items[at - 1], items[at + 1])) & HASH, item & HASH)
            if len(slots) == _MAX_SLOTS:
                break
    return slots


def _weights(words: Sequence[Word]) -> dict[int, int]:
    """The terms that weigh most; of equal ones, those that come first."""
    told = list(chain.from_iterable([word.terms for word in words]))
    weights = dict(zip(told, chain.from_iterable([word.weights for word in words]), strict=True))
    for term, count in Counter(told).items():
        if count > 1:
            weights[term] *= 1 + math.log(count)
    rarest = sorted(weights, key=weights.__getitem__, reverse=True)[:_MAX_TERMS]
    length = math.sqrt(sum([weights[term] ** 2 for term in rarest])) or 1.0
    scale = UNIT / length
    return {term: round(weights[term] * scale) or 1 for term in rarest}


def actor_hash(actor: ActorTag) -> int:
    """The hash of an actor: of its id, or of its name where it is not a known one."""
    return crc32((actor.id or actor.name.casefold()).encode()) & HASH


def told_by(numbers: Iterable[float]) -> float:
    """What numbers tell, in all, in tenths: the same whatever their order."""
    return round(sum(map(number_weight, numbers)), 1)


def spelled(story: EnrichedStory) -> Iterator[tuple[str, Word]]:
    """The words of a story that its signature was made of, as they are spelled, with what is known of them."""
    for text in (story.text[:READ], story.title or ""):
        yield from _reader().spelled(text)


def sign(story: EnrichedStory) -> Signature:
    """The signature of a story, from its text and whatever tags it has."""
    head, dateline, body = split_frame(story.text[:READ])
    whole = Reading()
    _reader().read(body, whole)
    items = list(whole.items)
    opening = whole.words[:LEAD_WORDS]
    for title in (head, story.title):
        if title:
            _reader().read(title, whole, capitals=not _title_case(title))
    sequence = [item & HASH for item in items]
    shingles, terms = _shingles(sequence), _weights(whole.words)
    numbers = frozenset(islice(whole.numbers, _MAX_NUMBERS))
    published, _ = story.dated
    return Signature(
        at=published.timestamp(),
        day=(event_day if story.published_at is not None else last_named_day)(
            tuple(whole.weekdays), published
        ),
        dateline=_dateline_day(dateline, story.first_seen_at),
        dated=story.published_at is not None,
        content=_content(sequence),
        words=len(items),
        cased=story.text.lower() != story.text,
        shingles=frozenset(shingles),
        marks=tuple([shingle for shingle in shingles if shingle % SAMPLE == 0][:_MAX_MARKS]),
        terms=terms,
        names={key: round(10 * rarity) for key, rarity in list(whole.names.items())[:_MAX_NAMES]},
        lead=frozenset([term for word in opening for term in word.terms if term in terms]),
        numbers=numbers,
        figures=told_by(numbers),
        ordinals=whole.ordinals,
        dates=frozenset(whole.dates),
        slots=_slots(items),
        countries=tuple(tag.code for tag in story.countries if tag.role == "subject")[:_MAX_COUNTRIES],
        actors=frozenset(actor_hash(tag) for tag in story.actors[:_MAX_ACTORS]),
    )
