"""Cursors: where the next page starts, as a short opaque text.

A cursor names the last story of a page (time and id), so stories that arrive later never shift the next page, and
it needs no memory on any server. It carries a checksum over the position *and* the question, so that a damaged
cursor, or one that is sent with another question, is refused instead of answering something odd. The checksum is
no secret: whoever forges one gets a page that they could have asked for anyway.

For story ids of 32 hexadecimal digits a cursor has 36 characters (letters, digits, ``-`` and ``_``).
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from shared.archive.document import milliseconds, unwanted, wanted
from shared.archive.port import BadCursor, Filter

_CHECK = 4
_TIME = 7
#: Milliseconds of 0001-01-01T00:00Z, the earliest time there is, so that what is packed is never negative.
_EARLIEST = -62_135_596_800_000


@dataclass(frozen=True, slots=True)
class Position:
    """The last story of a page: its ``dated_at`` (milliseconds since 1970) and its id."""

    dated_at: int
    story_id: str


def question_digest(kind: str, where: Filter, *, text: str = "", collapse: bool) -> bytes:
    """Return what identifies a question, apart from the page: the kind of reading, filter and text."""
    tags = [sorted(set(condition.values)) for condition in wanted(where, every=True)]
    times = [None if moment is None else milliseconds(moment) for moment in (where.since, where.until)]
    parts: tuple[object, ...] = (kind, text, collapse, where.country_role, where.highlighted, tags, times)
    if where.together or where.without_words or unwanted(where):
        left_out = [(each.kind, sorted(set(each.values))) for each in unwanted(where)]
        parts = (*parts, where.together, left_out, sorted(set(where.without_words)))
    return hashlib.blake2s(repr(parts).encode()).digest()


def encode_cursor(position: Position, question: bytes) -> str:
    """Return the cursor of the page that follows ``position`` among the answers to ``question``."""
    packed = _packed_hex(position.story_id)
    identity = position.story_id.encode() if packed is None else packed
    # The lowest bit tells whether the id is packed.
    number = (position.dated_at - _EARLIEST) << 1 | (packed is not None)
    body = number.to_bytes(_TIME, "big") + identity
    return base64.urlsafe_b64encode(_checksum(body, question) + body).rstrip(b"=").decode()


def decode_cursor(cursor: str, question: bytes) -> Position:
    """Return the position that a cursor holds. Raises ``BadCursor`` unless it belongs to ``question``."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCursor("This is not a page of ours.") from error
    check, body = raw[:_CHECK], raw[_CHECK:]
    if len(body) <= _TIME or check != _checksum(body, question):
        raise BadCursor("This page belongs to another question.")
    number, identity = int.from_bytes(body[:_TIME], "big"), body[_TIME:]
    story_id = identity.hex() if number & 1 else identity.decode(errors="replace")
    return Position((number >> 1) + _EARLIEST, story_id)


def _packed_hex(story_id: str) -> bytes | None:
    """Return the bytes that a hexadecimal id stands for; None for any other id."""
    try:
        packed = bytes.fromhex(story_id)
    except ValueError:
        return None
    return packed if packed.hex() == story_id else None


def _checksum(body: bytes, question: bytes) -> bytes:
    return hashlib.blake2s(body, key=question, digest_size=_CHECK).digest()
