"""Heading pages: "stories under this heading", as HTML or as the plain text that a reader saved."""

import re

from services.ingest.formats.heading_html import parse_heading_html
from services.ingest.formats.heading_text import parse_heading_text
from services.ingest.formats.items import Parsed, ParseError
from services.ingest.formats.markup import html_to_text

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype html|html|head|body|main|article|div|section|h[1-6]|ul|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_WITHIN = 4_096


def parse_heading(text: str, heading: str | None = None, base_url: str | None = None) -> Parsed:
    """Return the stories of a heading page. HTML without a list of titles is read as the text that it shows."""
    if not is_html(text):
        return parse_heading_text(text, heading)
    try:
        return parse_heading_html(text, heading, base_url)
    except ParseError:
        return parse_heading_text(html_to_text(text), heading)


def is_html(text: str) -> bool:
    """Whether the text starts as an HTML page or fragment does."""
    return _HTML.match(text[:_WITHIN].lstrip("\ufeff")) is not None
