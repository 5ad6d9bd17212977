"""Bytes to items, one module per format; here only the choice among them."""

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

_FEED_ROOT = re.compile(rb"<(?:rss|feed|rdf:RDF|channel)[\s>]", re.IGNORECASE)
_ROOT_WITHIN = 4_096


def parse(
    source: SourceConfig, payload: bytes, content_type: str | None, base_url: str | None = None
) -> Parsed:
    """Read a source's payload. A bad entry is a Rejection; ParseError where the whole is not what it should be.

    ``base_url``: where the payload was found after redirects; relative links start there.
    """
    kind = source.kind if source.kind != "auto" else guess_format(payload, content_type)
    match kind:
        case "feed":
            return parse_feed(payload, content_type, base_url or source.url)
        case "heading":
            return parse_heading(payload, content_type, source.heading, base_url or source.url)
        case "text":
            return parse_text(payload, content_type)
        case "jsonl":
            return parse_jsonl(payload, content_type)
    assert_never(kind)


def guess_format(payload: bytes, content_type: str | None) -> Format:
    """Tell what the payload is by its content: the names and types that servers give are often wrong."""
    start = payload[:_ROOT_WITHIN]
    if _FEED_ROOT.search(start):
        return "feed"
    text = decode(payload, content_type)
    if text.lstrip()[:1] in {"{", "["}:
        return "feed" if is_json_feed(payload) else _json_or_text(text)
    if is_html(text) or "html" in (content_type or ""):
        return "heading"
    return "heading" if looks_like_heading_text(text) else "text"


def _json_or_text(text: str) -> Format:
    """Tell JSON from a paragraph that happens to begin with a bracket."""
    for candidate in (text, text.lstrip().split("\n", 1)[0]):
        try:
            orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        return "jsonl"
    return "text"
