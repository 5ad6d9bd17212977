"""What a parser gives back: items, and what was turned away with the reason."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from services.ingest.formats.cleaning import clean_line, clean_text, shorten
from services.ingest.formats.dates import read_date

#: Longer titles are cut at a word with an ellipsis: nobody reads them, and the text follows.
MAX_TITLE = 1_000
#: Longer texts are rejected (``too_long``): half a story must never look like a whole one.
MAX_TEXT = 200_000
#: Longer links and ids identify nothing and cannot be opened; they are dropped.
MAX_URL = 2_048
MAX_SHORT = 300
#: What comes after this many entries of one payload is rejected (``too_many_items``).
MAX_ITEMS = 50_000


class ParseError(Exception):
    """The payload as a whole is not what its source says it is. ``reason`` is a stable word for machines."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Item:
    """One story as its source told it: cleaned, but not yet identified."""

    text: str
    """Never empty. The title, when the source gave nothing else."""
    title: str | None = None
    external_id: str | None = None
    url: str | None = None
    """Absolute http or https, as the source wrote it."""
    author: str | None = None
    published_at: datetime | None = None
    """Aware UTC; None unless the source gave a whole date with a time and a zone."""
    published_raw: str | None = None
    """The source's own words for the date, kept even when they are no moment in time."""
    heading: str | None = None
    highlighted: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An entry that became no item. ``reason`` is a stable word; ``detail`` says where and why in plain words."""

    reason: str
    detail: str = ""


@dataclass(slots=True)
class Parsed:
    """Everything that one payload held: ``len(items) + len(rejected)`` entries were fetched."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    def add(self, entry: Item | Rejection) -> None:
        """File an entry where it belongs; over MAX_ITEMS it is rejected whatever it is."""
        if isinstance(entry, Rejection):
            self.rejected.append(entry)
        elif len(self.items) >= MAX_ITEMS:
            self.rejected.append(_TOO_MANY)
        else:
            self.items.append(entry)


_TOO_MANY = Rejection("too_many_items", f"only the first {MAX_ITEMS} stories of a payload are taken")


def make_item(
    *,
    text: str | None,
    title: str | None = None,
    external_id: str | None = None,
    url: str | None = None,
    base_url: str | None = None,
    author: str | None = None,
    date: str | int | float | None = None,
    heading: str | None = None,
    highlighted: bool = False,
    language: str | None = None,
    where: str = "",
) -> Item | Rejection:
    """Clean the fields and hold them to the limits; ``where`` names the entry in a rejection.

    An entry with a title alone is a story whose text is the title. An entry with neither is ``empty_text``.
    """
    clean_title = clean_line(title or "")
    body = clean_text(text or "") or clean_title
    if not any(character.isalnum() for character in body):
        return Rejection("empty_text", f"{where}: there is neither a text nor a title".lstrip(": "))
    if len(body) > MAX_TEXT:
        return Rejection(
            "too_long", f"{where}: {len(body):,} characters; at most {MAX_TEXT:,} are taken".lstrip(": ")
        )
    when = read_date(date)
    return Item(
        text=body,
        title=shorten(clean_title, MAX_TITLE) or None,
        external_id=_short(external_id, MAX_URL),
        url=web_link(url, base_url),
        author=shorten(clean_line(author or ""), MAX_SHORT) or None,
        published_at=when.at,
        published_raw=when.raw,
        heading=shorten(clean_line(heading or ""), MAX_SHORT) or None,
        highlighted=highlighted,
        language=_language(language),
    )


def web_link(url: str | None, base_url: str | None = None) -> str | None:
    """Return the link as absolute http(s), resolved against the page it stood on; None for anything else."""
    link = clean_line(url or "").replace(" ", "%20")
    if not link or len(link) > MAX_URL:
        return None
    try:
        whole = urljoin(base_url, link) if base_url else link
        parts = urlsplit(whole)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return whole if valid else None


def _short(value: str | None, limit: int) -> str | None:
    line = clean_line(value or "")
    return line if line and len(line) <= limit else None


def _language(value: str | None) -> str | None:
    """ISO 639 of a BCP 47 tag: ``en`` of ``en-GB``."""
    primary = clean_line(value or "").replace("_", "-").split("-", 1)[0].lower()
    return primary if primary.isascii() and primary.isalpha() and len(primary) in {2, 3} else None
