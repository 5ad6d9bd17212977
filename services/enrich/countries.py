"""``PlaceTagger``: the countries and regions of a story, each with the words that say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from services.enrich import regions
from services.enrich.disambiguation import Resolver
from services.enrich.matching import FieldName, Hit, Matcher, Text, prepare
from services.enrich.salience import weigh
from shared.events import CountryTag, RegionTag
from shared.places.groups import with_groups
from shared.places.lexicon import Lexicon, load_lexicon

#: Enough to answer "why?"; a long story need not list every mention.
_MOST_EVIDENCE = 8
#: Builds and checks all tags of a story in one call, evidence included; one call for each is a third slower.
_COUNTRY_TAGS = TypeAdapter(tuple[CountryTag, ...])


@dataclass(frozen=True)
class PlaceTags:
    """What a story says of places: countries by salience (the greatest first, then code), regions by id."""

    countries: tuple[CountryTag, ...]
    regions: tuple[RegionTag, ...]


def _evidence(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> list[dict[str, Any]]:
    """Return where the hits stand, as ``Evidence``; ``text`` is exactly what the original field has there."""
    return [
        {
            "field": hit.field,
            "start": hit.start,
            "end": hit.end,
            "text": texts[hit.field].original[hit.start : hit.end],
            "kind": hit.kind,
        }
        for hit in hits[:_MOST_EVIDENCE]
    ]


class PlaceTagger:
    """Tags the places of stories. Immutable once built, so one serves any number of callers."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._matcher = Matcher(lexicon)
        self._resolver = Resolver(lexicon)
        self._regions = regions.RegionTagger(lexicon)

    @classmethod
    def load(cls, groups: Path | None = None) -> "PlaceTagger":
        """Return the tagger over the lexicon that ships with Dateline and an operator's own groups, built once."""
        return _loaded(groups)

    @property
    def lexicon_version(self) -> int:
        """Return the version of the lexicon, to be kept with the tags."""
        return self._lexicon.version

    def tag(self, title: str | None, text: str, *, language: str, source_country: str | None) -> PlaceTags:
        """Return the places of a story in ``language`` (ISO 639-1 or "und").

        ``source_country`` is where the source is at home: it decides between readings that the story leaves open,
        and never makes a tag by itself. Time and memory are linear in the length of the story.
        """
        texts: dict[FieldName, Text] = {}
        hits: list[Hit] = []
        for name, content in (("title", title), ("text", text)):
            if content:
                field: FieldName = "title" if name == "title" else "text"
                texts[field] = prepare(field, content)
                hits += self._matcher.scan(texts[field], language)
        if not hits:
            return PlaceTags((), ())
        kept = self._resolver.resolve(texts, hits, source_country)
        by_country: dict[str, list[Hit]] = {}
        for hit in kept:
            by_country.setdefault(hit.country, []).append(hit)
        countries = _COUNTRY_TAGS.validate_python(
            [
                {
                    "code": weight.country,
                    "role": "subject" if weight.subject else "mentioned",
                    "salience": round(weight.salience, 4),
                    "evidence": _evidence(by_country[weight.country], texts),
                }
                for weight in weigh(kept, texts)
            ]
        )
        return PlaceTags(countries, self._regions.tag(by_country.get("", ()), texts, countries))


@lru_cache(maxsize=4)
def _loaded(groups: Path | None) -> PlaceTagger:
    return PlaceTagger(with_groups(load_lexicon(), groups) if groups else load_lexicon())
