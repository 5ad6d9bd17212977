"""RSS and Atom, of any version, through feedparser."""

import io
from typing import Any

import feedparser

from services.ingest.formats.items import Item, Parsed, ParseError, Rejection, make_item
from services.ingest.formats.jsonfeed import is_json_feed, parse_jsonfeed
from services.ingest.formats.markup import plain

# What a feed in an unknown dialect still shows of itself in its first lines.
_ROOTS = ("<rss", "<feed", "<rdf:rdf", "<channel")
_ROOT_WITHIN = 4_096
# Deep or endless nesting costs feedparser far more time than it tells; the largest feed that is taken needs less.
_MAX_TAGS = 600_000
# The charset is settled before: what the feed says of itself, or feedparser would guess, counts no more.
_AS_UTF8 = "application/xml; charset=utf-8"


def parse_feed(text: str, base_url: str | None = None) -> Parsed:
    """Return the entries of an RSS, Atom or JSON feed. ParseError where the text is no feed.

    feedparser drops document types with all but plain entities, so entity bombs and external entities come to
    nothing; a broken feed is read as far as it can be.
    """
    if text.lstrip().startswith("{") and is_json_feed(text):
        return parse_jsonfeed(text, base_url)
    if text.count("<") > _MAX_TAGS:
        raise ParseError("too_many_tags", f"a feed may have {_MAX_TAGS:,}")
    headers = {"content-type": _AS_UTF8}
    if base_url:
        headers["content-location"] = base_url
    try:
        # In a file object, because feedparser would try to open a bare value as an address or a path.
        document = feedparser.parse(io.BytesIO(text.encode()), response_headers=headers, sanitize_html=False)
    except Exception as error:
        # Whatever a hostile feed makes the library trip over, it must be this source's failure alone.
        raise ParseError("bad_feed", f"{type(error).__name__}") from error
    if not document.entries and not _is_feed(document, text):
        raise ParseError("not_a_feed", _why(document))
    language = _text(document.feed, "language")
    parsed = Parsed()
    for number, entry in enumerate(document.entries, start=1):
        parsed.add(_read(entry, f"entry {number}", language, base_url))
    return parsed


def _is_feed(document: Any, text: str) -> bool:
    start = text[:_ROOT_WITHIN].lower()
    return bool(document.get("version")) or any(root in start for root in _ROOTS)


def _why(document: Any) -> str:
    problem = document.get("bozo_exception")
    return f"neither RSS, Atom nor JSON Feed ({type(problem).__name__})" if problem else "it holds no feed"


def _read(entry: Any, where: str, language: str | None, base_url: str | None) -> Item | Rejection:
    return make_item(
        text=_body(entry),
        title=plain(_text(entry, "title")),
        external_id=_text(entry, "id"),
        url=_text(entry, "link"),
        base_url=base_url,
        author=plain(_text(entry, "author")),
        date=_text(entry, "published") or _text(entry, "updated"),
        language=_content_language(entry) or language,
        where=where,
    )


def _body(entry: Any) -> str:
    """Return the longer of summary and content, as text: feeds put a teaser in either."""
    texts = [plain(_text(entry, "summary"))]
    texts += [plain(part.get("value")) for part in _parts(entry) if _is_text(part.get("type"))]
    return max(texts, key=len)


def _parts(entry: Any) -> list[Any]:
    return dict.get(entry, "content") or []


def _content_language(entry: Any) -> str | None:
    return next((part["language"] for part in _parts(entry) if part.get("language")), None)


def _is_text(media_type: str | None) -> bool:
    return not media_type or "text" in media_type or "html" in media_type or "xml" in media_type


def _text(entry: Any, name: str) -> str | None:
    """Return a field as it stands: ``dict.get`` passes by feedparser's fallbacks from one date to another."""
    value = dict.get(entry, name)
    return value if isinstance(value, str) else None
