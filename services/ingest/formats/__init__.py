"""Bytes to items, one module per format; here only the charset and the choice among the formats."""

import re
from typing import assert_never

import orjson

from services.ingest.formats.charset import decode
from services.ingest.formats.feed import parse_feed
from services.ingest.formats.heading import is_html, parse_heading
from services.ingest.formats.heading_text import looks_like_heading_text
from services.ingest.formats.items import Item, Parsed, ParseError, Rejection
from services.ingest.formats.jsonfeed import is_json_feed
from services.ingest.formats.jsonl import parse_jsonl
from services.ingest.formats.text import parse_text
from services.ingest.sources import Format, SourceConfig

__all__ = ["Item", "ParseError", "Parsed", "Rejection", "guess_format", "parse"]

_FEED_ROOT = re.compile(r"<(?:rss|(?:\w+:)?feed|rdf:RDF|channel)[\s>]", re.IGNORECASE)
_START = 4_096
# What no text has, and pictures, archives and programs are full of.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY_CONTROLS = 10
_TEXT_FOR_ONE_CONTROL = 20
# So begin programs' objects and lists of objects; no sentence does.
_JSON = re.compile(r'\{\s*"|\[\s*\{')


def parse(
    source: SourceConfig, payload: bytes, content_type: str | None, base_url: str | None = None
) -> Parsed:
    """Read a source's payload. A bad entry is a Rejection; ParseError where the whole is not what it should be.

    ``base_url``: where the payload was found after redirects; relative links start there.
    """
    text = decode(payload, content_type)
    _require_text(text)
    kind = source.kind if source.kind != "auto" else guess_format(text, content_type)
    match kind:
        case "feed":
            return parse_feed(text, base_url or source.url)
        case "heading":
            return parse_heading(text, source.heading, base_url or source.url)
        case "text":
            return parse_text(text)
        case "jsonl":
            return parse_jsonl(text)
    assert_never(kind)


def _require_text(text: str) -> None:
    start = text[:_START]
    controls = len(_CONTROL.findall(start))
    many = controls > _STRAY_CONTROLS and controls * _TEXT_FOR_ONE_CONTROL > len(start)
    if many or start.startswith("%PDF-"):
        raise ParseError("not_text", "it is a picture, an archive or a document, and no text")


def guess_format(text: str, content_type: str | None) -> Format:
    """Tell what the payload is by its content: the names and types that servers give are often wrong."""
    if _FEED_ROOT.search(text, 0, _START):
        return "feed"
    start = text[:_START].lstrip()
    if start[:1] in {"{", "["}:
        return "feed" if is_json_feed(text) else _json_or_text(text, content_type)
    if is_html(text) or "html" in (content_type or ""):
        return "heading"
    if start.startswith("<?xml"):
        return "feed"  # behind a long comment, or none: that is a failure of the source, and no story
    return "heading" if looks_like_heading_text(text) else "text"


def _json_or_text(text: str, content_type: str | None) -> Format:
    """Tell JSON, broken or not, from a paragraph that happens to begin with a bracket."""
    if "json" in (content_type or "") or _JSON.match(text.lstrip()):
        return "jsonl"
    for candidate in (text, text.lstrip().split("\n", 1)[0]):
        try:
            orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        return "jsonl"
    return "text"
