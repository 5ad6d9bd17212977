"""JSON lines: one story object a line; or one JSON array of them."""

import orjson

from services.ingest.formats.items import Parsed, ParseError, Rejection
from services.ingest.formats.json_text import read_json
from services.ingest.formats.rows import read_row


def parse_jsonl(text: str) -> Parsed:
    """Each line stands alone: a broken one is ``bad_json`` and harms no other. Blank lines count for nothing."""
    parsed = Parsed()
    text = text.strip()
    if text.startswith("["):
        _read_array(text, parsed)
        return parsed
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = read_json(line)
        except orjson.JSONDecodeError as error:
            parsed.add(Rejection("bad_json", f"line {number}: {error}"))
            continue
        parsed.add(read_row(value, where=f"line {number}"))
    if not parsed.items and parsed.rejected and all(entry.reason == "bad_json" for entry in parsed.rejected):
        raise ParseError("not_jsonl", "no line of it is JSON")
    return parsed


def _read_array(text: str, parsed: Parsed) -> None:
    try:
        values = read_json(text)
    except orjson.JSONDecodeError as error:
        raise ParseError("bad_json", str(error)) from error
    for number, value in enumerate(values, start=1):
        parsed.add(read_row(value, where=f"entry {number}"))
