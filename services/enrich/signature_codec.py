"""A record of the duplicate index as bytes: small, because there is one for every story of three days."""

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from services.enrich.duplicates import Record
from services.enrich.signatures import Signature, told_by
from shared.events import Cluster

#: First byte of every record. A record with another one is ignored, as if it had expired.
FORMAT: Final = 2

#: Stands for an array of hashes of 24 bits, of which the lowest bytes come first, then the middle and the highest.
HASHES: Final = "H24"

#: Fields of a signature that are sets or mappings of numbers, with their array types.
_SETS: Final = (("shingles", HASHES), ("numbers", "d"), ("dates", "H"), ("actors", HASHES))
_MAPPINGS: Final = (
    ("terms", HASHES, "B"), ("names", HASHES, "B"), ("ordinals", "I", "I"), ("slots", HASHES, HASHES),
)  # fmt: skip

#: Format, flags, time, day, dateline's day, content, words, and the lengths of the text part and the arrays;
#: the first array says which of the terms the story opens with.
_HEAD: Final = struct.Struct(f"<BBdiiQIH{1 + len(_SETS) + 2 * len(_MAPPINGS)}H")


def _pack(values: Iterable[int] | Iterable[float], code: str) -> bytes:
    packed = array("I" if code == HASHES else code, values)
    if sys.byteorder == "big":
        packed.byteswap()
    data = packed.tobytes()
    return data[::4] + data[1::4] + data[2::4] if code == HASHES else data


def _unpack(data: bytes, code: str) -> "array[int]":
    if code == HASHES:
        count, wide = len(data) // 3, bytearray(len(data) // 3 * 4)
        wide[::4], wide[1::4], wide[2::4] = data[:count], data[count : 2 * count], data[2 * count :]
        code, data = "I", bytes(wide)
    values: array[int] = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def encode(record: Record) -> bytes:
    """The record as bytes; ``decode`` gives an equal one."""
    one, first = record.signature, record.first
    parts = [_pack((at for at, term in enumerate(one.terms) if term in one.lead), "B")]
    parts += [_pack(getattr(one, name), code) for name, code in _SETS]
    for name, keys, values in _MAPPINGS:
        mapping = getattr(one, name)
        parts += [_pack(mapping, keys), _pack(mapping.values(), values)]
    plain = first == Cluster(id=record.story_id)  # most stories are: then there is nothing more to say
    answer = None
    if not plain:
        answer = [first.id, first.relation, first.matched, first.similarity, first.related, first.reasons]
    words = orjson.dumps([record.story_id, record.revision, record.first_revision, answer,
                          one.countries])  # fmt: skip
    flags = one.dated | one.cased << 1 | (one.day is not None) << 2 | (one.dateline is not None) << 3
    head = _HEAD.pack(
        FORMAT, flags, one.at, one.day or 0, one.dateline or 0, one.content, one.words, len(words),
        *(len(part) for part in parts),
    )  # fmt: skip
    return b"".join((head, words, *parts))


def decode(data: bytes) -> Record | None:
    """The record, or None when it was written by a release with another format."""
    if not data or data[0] != FORMAT:
        return None
    _, flags, at, day, dateline, content, words, length, *lengths = _HEAD.unpack_from(data)
    start = _HEAD.size + length
    story_id, revision, first_revision, answer, countries = orjson.loads(data[_HEAD.size : start])
    parts = _split(data, start, lengths)
    places = next(parts)
    shingles, numbers, dates, actors = (frozenset(_unpack(next(parts), code)) for _, code in _SETS)
    terms, names, ordinals, slots = (
        dict(zip(_unpack(next(parts), keys), _unpack(next(parts), values), strict=True))
        for _, keys, values in _MAPPINGS
    )
    order = tuple(terms)
    lead = frozenset(order[place] for place in places)
    signature = Signature(
        at=at, day=day if flags & 4 else None, dateline=dateline if flags & 8 else None, dated=bool(flags & 1),
        content=content, words=words, cased=bool(flags & 2), shingles=shingles, marks=(), terms=terms,
        names=names, lead=lead, numbers=numbers, figures=told_by(numbers), ordinals=ordinals, dates=dates, slots=slots,
        countries=tuple(countries), actors=actors,
    )  # fmt: skip
    first = Cluster(id=story_id)
    if answer is not None:
        home, relation, matched, similarity, related, reasons = answer
        first = Cluster(
            id=home, relation=relation, matched=matched, similarity=similarity, related=tuple(related),
            reasons=tuple(reasons),
        )  # fmt: skip
    return Record(story_id, revision, first_revision, first, signature)


def _split(data: bytes, start: int, lengths: Iterable[int]) -> Iterator[bytes]:
    for length in lengths:
        yield data[start : start + length]
        start += length
