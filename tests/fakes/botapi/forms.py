"""Bodies of calls, in the three forms that the Bot API takes."""

import json
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from fakes.botapi.errors import ApiError, Json
from fakes.botapi.params import Upload


def parameters(query: str, kind: str, body: bytes) -> Json:
    """Return the parameters of a call, those of the address and those of the body."""
    return dict(parse_qsl(query, keep_blank_values=True)) | _body(kind, body)


def _body(kind: str, body: bytes) -> Json:
    if kind.startswith("application/json"):
        try:
            decoded = json.loads(body or b"{}")
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse JSON object") from None
        return decoded if isinstance(decoded, dict) else {}
    if kind.startswith("multipart/form-data"):
        message = BytesParser().parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body)
        parts = (part for part in message.walk() if not part.is_multipart())
        return {str(part.get_param("name", header="content-disposition")): _part(part) for part in parts}
    return dict(parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True))


def _part(part: Any) -> str | Upload:
    payload = bytes(part.get_payload(decode=True) or b"")
    name = part.get_filename()
    return (
        payload.decode("utf-8", "replace") if name is None else Upload(name, part.get_content_type(), payload)
    )
