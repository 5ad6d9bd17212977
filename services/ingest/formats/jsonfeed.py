"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.ingest.formats.items import Item, Parsed, ParseError, Rejection, make_item
from services.ingest.formats.json_text import read_json
from services.ingest.formats.markup import html_to_text, plain
from services.ingest.formats.rows import Id, in_plain_words


class _Author(BaseModel):
    name: str | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Id | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: str | None = None
    language: str | None = None
    author: _Author | None = None
    authors: list[_Author] = Field(default_factory=list)


class _Feed(BaseModel):
    version: str = Field(pattern=r"jsonfeed\.org/version/1")
    language: str | None = None
    items: list[Any]


def is_json_feed(text: str) -> bool:
    """Whether the text is one JSON object with JSON Feed's version in it."""
    try:
        value = read_json(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, dict) and "jsonfeed.org/version/" in str(value.get("version"))


def parse_jsonfeed(text: str, base_url: str | None = None) -> Parsed:
    """Return the feed's items. A faulty item is ``bad_item``; ParseError where it is no JSON Feed at all."""
    try:
        feed = _Feed.model_validate(read_json(text))
    except orjson.JSONDecodeError as error:
        raise ParseError("bad_json", str(error)) from error
    except ValidationError as error:
        raise ParseError("not_a_json_feed", in_plain_words(error)) from error
    parsed = Parsed()
    for number, value in enumerate(feed.items, start=1):
        parsed.add(_read(value, f"item {number}", feed.language, base_url))
    return parsed


def _read(value: object, where: str, language: str | None, base_url: str | None) -> Item | Rejection:
    try:
        entry = _Entry.model_validate(value)
    except ValidationError as error:
        return Rejection("bad_item", f"{where}: {in_plain_words(error)}")
    names = [author.name for author in [*entry.authors, entry.author] if author and author.name]
    html = html_to_text(entry.content_html) if entry.content_html else ""
    return make_item(
        text=html or entry.content_text or plain(entry.summary),
        title=plain(entry.title),
        external_id=entry.id,
        url=entry.url or entry.external_url,
        base_url=base_url,
        author=", ".join(dict.fromkeys(names)),
        date=entry.date_published,
        language=entry.language or language,
        where=where,
    )
