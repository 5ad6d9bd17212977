"""JSON as sources write it."""

import json
from typing import Any

import orjson


def read_json(text: str) -> Any:
    """Return the value. Raises ``orjson.JSONDecodeError``.

    Sources that cut a text between the two halves of an emoji leave an escape that stands for nothing: it is dropped,
    and the rest is read.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "surrogate" not in str(error):
            raise
        return _without_halves(text, error)


def _without_halves(text: str, fault: orjson.JSONDecodeError) -> Any:
    try:
        lenient = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise fault from None
    return orjson.loads(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "ignore"))
