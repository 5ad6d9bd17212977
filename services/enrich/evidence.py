"""The words that tags rest on, as ``Evidence`` says them, before a story's tags are built all at once."""

from collections.abc import Iterable
from typing import Any

from services.enrich.matching import Hit

Told = dict[str, Any]
"""A tag or a piece of evidence by the names of its fields. Building all models of a story in one call at the end,
evidence included, takes half the time of one call for each."""


def told(hits: Iterable[Hit], kind: str = "") -> list[Told]:
    """Return where hits stand, as hits of a kind or each of its own; ``text`` is exactly what the field has there."""
    return [
        {
            "field": hit.text.field,
            "start": hit.start,
            "end": hit.end,
            "text": hit.text.original[hit.start : hit.end],
            "kind": kind or hit.kind,
        }
        for hit in hits
    ]
