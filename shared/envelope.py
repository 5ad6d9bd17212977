"""How a message lies in a stream entry: FastStream's binary envelope around a JSON body.

Written and read here rather than by FastStream, because a stage settles a whole batch in one server-side script,
and because FastStream takes any JSON with a top-level ``data`` string for an older envelope of its own.
"""

from struct import pack
from uuid import uuid4

from faststream.redis.parser import BinaryMessageFormatV1
from pydantic import BaseModel

#: The field of a stream entry that holds the envelope.
BODY_FIELD = b"__data__"
#: A field that ingest adds to what it admitted and counted. Entries without it came from elsewhere.
ADMITTED_FIELD = b"admitted"

_MAGIC = BinaryMessageFormatV1.IDENTITY_HEADER
_VERSION = 1


class NoBody(ValueError):  # noqa: N818 - reads as what it is
    """A stream entry without a body field."""


def _string(value: bytes) -> bytes:
    return pack(">H", len(value)) + value


def wrap(body: bytes, *, story_id: str = "") -> bytes:
    """Put a JSON body into an envelope that a FastStream consumer anywhere can read.

    ``story_id`` (ASCII) travels as a header, so that a trace need not open the body.
    """
    headers = {b"content-type": b"application/json", b"correlation_id": uuid4().hex.encode()}
    if story_id:
        headers[b"story_id"] = story_id.encode("ascii")
    packed = b"".join(_string(name) + _string(value) for name, value in headers.items())
    headers_start = len(_MAGIC) + 2 + 8
    body_start = headers_start + 2 + len(packed)
    return (
        _MAGIC
        + pack(">H", _VERSION)
        + pack(">II", headers_start, body_start)
        + pack(">H", len(headers))
        + packed
        + body
    )


def wrap_model(model: BaseModel, *, story_id: str = "") -> bytes:
    """Put a message into an envelope."""
    return wrap(model.model_dump_json().encode(), story_id=story_id)


def unwrap(fields: dict[bytes, bytes]) -> bytes:
    """Return the body of a stream entry, out of its envelope if it has one. Raises ``NoBody``."""
    try:
        payload = fields[BODY_FIELD]
    except KeyError:
        raise NoBody(f"the entry has no field {BODY_FIELD.decode()}") from None
    if not payload.startswith(_MAGIC):
        return payload
    body, _headers = BinaryMessageFormatV1.parse(payload)
    return body
