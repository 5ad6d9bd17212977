"""Which story an item is, told from the item alone: no memory, the same answer on every poll and every machine.

A story is known by the strongest of these that its source gives:

1. its external id together with its link (canonical, see ``canonical_url``),
2. its external id,
3. its link,
4. its words.

Why the link belongs to the id: sources break their own ids. Some repeat one guid for every item, within a payload
or from one poll to the next. With the id alone, each new item would be taken for a new text of the one before, and
a story would be lost. With the link beside it, such items are stories of their own. The price is paid where a
source keeps an id but moves the page (a new slug, another domain): the story comes in once more, and the duplicate
stage, which compares words, joins it to the first one. Losing news is worse than seeing a copy that is joined.

Whatever several items of one payload share although their words differ identifies nothing (the same guid without
links, the front page as everyone's link), so these items go by their words. Links and words are not bound to a
source: one page that two sources link to is one story. External ids are bound to theirs.

The same story with another fingerprint is a revision. White space, case and the forms of characters make none.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.canonical_url import canonical_url
from services.ingest.formats.items import Item
from shared.events import Origin, RawStory, Source

_ID_BYTES = 16
_PUBLIC_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Identity:
    """``story_id``: 32 hex digits (128 bits). ``fingerprint``: 32 hex digits of the normalised words."""

    story_id: str
    fingerprint: str


def identify(source_id: str, item: Item) -> Identity:
    """Return the identity of an item that comes alone. Items of one payload go through :func:`identify_all`."""
    return identify_all(source_id, [item])[0]


def identify_all(source_id: str, items: Sequence[Item]) -> list[Identity]:
    """Return the identities of all items of one payload, in order."""
    fingerprints = [fingerprint(item) for item in items]
    keys = [_key(source_id, item) for item in items]
    words: dict[tuple[str, ...], set[str]] = {}
    for key, print_ in zip(keys, fingerprints, strict=True):
        words.setdefault(key or (), set()).add(print_)
    return [
        Identity(_digest(*(key if key and len(words[key]) == 1 else ("words", print_))), print_)
        for key, print_ in zip(keys, fingerprints, strict=True)
    ]


def fingerprint(item: Item) -> str:
    """Return the hash of title and text, without regard to case, white space and compatible forms of characters."""
    return _digest("story", _folded(item.title or ""), _folded(item.text))


def to_raw_story(
    source: Source,
    item: Item,
    identity: Identity,
    *,
    first_seen_at: datetime,
    origin: Origin = "live",
    revision: int = 0,
) -> RawStory:
    """Return the message of an item; a language of its own overrides its source's. ``first_seen_at`` is aware."""
    return RawStory(
        story_id=identity.story_id,
        revision=revision,
        source=source.model_copy(update={"language": item.language or source.language}),
        external_id=item.external_id[:_PUBLIC_LENGTH] if item.external_id else None,
        url=item.url,
        title=item.title,
        text=item.text,
        author=item.author,
        published_at=item.published_at,
        published_raw=item.published_raw,
        first_seen_at=first_seen_at,
        heading=item.heading,
        highlighted=item.highlighted,
        origin=origin,
    )


def _key(source_id: str, item: Item) -> tuple[str, ...] | None:
    link = canonical_url(item.url) if item.url else None
    if item.external_id and link:
        return "id and link", source_id, item.external_id, link
    if item.external_id:
        return "id", source_id, item.external_id
    return ("link", link) if link else None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def _digest(*parts: str) -> str:
    """Return a hash in which no two lists of parts can run into one another."""
    digest = hashlib.blake2b(digest_size=_ID_BYTES)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
