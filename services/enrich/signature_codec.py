"""A record of the duplicate index as bytes.

Small, because there is one for every story of three days, and quick to read, because a story is compared with several.
The parts of one kind stand together, so that each kind is unpacked at once: first all hashes, then all small numbers.
"""

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final, TypeVar

import orjson

from services.enrich.duplicates import Record
from services.enrich.signatures import Signature
from shared.events import Cluster

#: First byte of every record. A record with another one is ignored, as if it had expired.
FORMAT: Final = 3

#: Format, flags, time, day, dateline's day, content, words, tenths of what the numbers tell, and how many there are of:
#: bytes of text, shingles, terms, names, actors, slots, of the terms those that the story opens with, numbers, dates,
#: ordinals.
_HEAD: Final = struct.Struct("<BBdiiQIHH9H")
_HEAD_TIME: Final = struct.Struct("<d")
_TIME_AT: Final = 2

_NONE: Final[frozenset[Any]] = frozenset()
_S = TypeVar("_S", bytes, "array[int]")


def _pack(values: Iterable[int] | Iterable[float], code: str) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpack(data: bytes | bytearray, code: str) -> "array[int]":
    values: array[int] = array(code, bytes(data))
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _pack_hashes(values: Iterable[int]) -> bytes:
    """Hashes of 24 bits: the lowest bytes of all come first, then the middle and the highest."""
    data = _pack(values, "I")
    return data[::4] + data[1::4] + data[2::4]


def _unpack_hashes(data: bytes) -> "array[int]":
    count = len(data) // 3
    wide = bytearray(4 * count)
    wide[::4], wide[1::4], wide[2::4] = data[:count], data[count : 2 * count], data[2 * count :]
    return _unpack(wide, "I")


def encode(record: Record) -> bytes:
    """The record as bytes; ``decode`` gives an equal one."""
    one, first = record.signature, record.first
    hashes = (one.shingles, one.terms, one.names, one.actors, one.slots)
    lead = bytes([at for at, term in enumerate(one.terms) if term in one.lead])
    answer = (first.id, first.relation, first.matched, first.similarity, first.related, first.reasons)
    plain = answer == (
        record.story_id,
        "new",
        None,
        None,
        (),
        (),
    )  # most stories are: nothing more to say then
    words = orjson.dumps(
        [record.story_id, record.revision, record.first_revision, None if plain else answer, one.countries]
    )
    flags = one.dated | one.cased << 1 | (one.day is not None) << 2 | (one.dateline is not None) << 3
    head = _HEAD.pack(
        FORMAT, flags, one.at, one.day or 0, one.dateline or 0, one.content, one.words, round(10 * one.figures),
        len(words),
        *map(len, hashes), len(lead), len(one.numbers), len(one.dates), len(one.ordinals),
    )  # fmt: skip
    return b"".join((
        head, words, _pack_hashes(chain(*hashes, one.slots.values())),
        bytes(one.terms.values()), bytes(one.names.values()), lead,
        _pack(one.numbers, "d"), _pack(one.dates, "H"), _pack(chain(one.ordinals, one.ordinals.values()), "I"),
    ))  # fmt: skip


def reported_at(data: bytes) -> float | None:
    """When the story of a record was published, as ``Signature.at``, without reading the rest; None as ``decode``."""
    if not data or data[0] != FORMAT:
        return None
    at: float = _HEAD_TIME.unpack_from(data, _TIME_AT)[0]
    return at


def decode(data: bytes) -> Record | None:
    """The record, or None when it was written by a release with another format."""
    if not data or data[0] != FORMAT:
        return None
    (_, flags, at, day, dateline, content, words, tenths, length,
     *counts, opening, figures, days, counted) = _HEAD.unpack_from(data)  # fmt: skip
    text, hashes, weights, rarities, lead, numbers, dates, ordinals = _split(
        data, _HEAD.size,
        (length, 3 * (sum(counts) + counts[-1]), counts[1], counts[2], opening, 8 * figures, 2 * days, 8 * counted),
    )  # fmt: skip
    story_id, revision, first_revision, answer, countries = orjson.loads(text)
    shingles, terms, names, actors, slots, filled = _split(_unpack_hashes(hashes), 0, (*counts, counts[-1]))
    ordinal = _unpack(ordinals, "I") if counted else ()
    signature = Signature(
        at=at, day=day if flags & 4 else None, dateline=dateline if flags & 8 else None, dated=bool(flags & 1),
        content=content, words=words, cased=bool(flags & 2), shingles=shingles, marks=(),
        terms=dict(zip(terms, weights, strict=True)), names=dict(zip(names, rarities, strict=True)),
        lead=frozenset([terms[place] for place in lead]),
        numbers=frozenset(_unpack(numbers, "d")) if figures else _NONE, figures=tenths / 10,
        ordinals=dict(zip(ordinal[:counted], ordinal[counted:], strict=True)),
        dates=frozenset(_unpack(dates, "H")) if days else _NONE,
        slots=dict(zip(slots, filled, strict=True)),
        countries=tuple(countries), actors=frozenset(actors) if actors else _NONE,
    )  # fmt: skip
    home = Cluster(id=story_id) if answer is None else _cluster(answer)
    return Record(story_id, revision, first_revision, home, signature)


def _cluster(answer: list[Any]) -> Cluster:
    home, relation, matched, similarity, related, reasons = answer
    return Cluster(
        id=home, relation=relation, matched=matched, similarity=similarity, related=tuple(related),
        reasons=tuple(reasons),
    )  # fmt: skip


def _split(data: _S, start: int, lengths: Iterable[int]) -> Iterator[_S]:
    for length in lengths:
        yield data[start : start + length]
        start += length
