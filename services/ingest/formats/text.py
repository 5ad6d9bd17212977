"""Plain text: one story a paragraph, or a line where the file has no blank lines."""

import re

from services.ingest.formats.cleaning import clean_text
from services.ingest.formats.items import Parsed, make_item

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LINE_BREAK = re.compile(r"[^\S\n]*\n[^\S\n]*")


def parse_text(text: str) -> Parsed:
    """Stories without titles, dates or links. A paragraph's own line breaks become spaces."""
    parsed = Parsed()
    for number, story in enumerate(split_stories(text), start=1):
        parsed.add(make_item(text=story, where=f"story {number}"))
    return parsed


def split_stories(text: str) -> list[str]:
    """Return the paragraphs, or the lines when no blank line separates any."""
    cleaned = clean_text(text)
    paragraphs = _BLANK_LINE.split(cleaned)
    if len(paragraphs) > 1:
        return [_LINE_BREAK.sub(" ", paragraph).strip() for paragraph in paragraphs]
    return [line.strip() for line in cleaned.split("\n") if line.strip()]
