"""``PlaceTagger``: the countries and regions of a story, each with the words that say so."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from services.enrich import regions
from services.enrich.disambiguation import Resolver
from services.enrich.evidence import Told, told
from services.enrich.matching import FieldName, Hit, Matcher, Text, prepare
from services.enrich.salience import weigh
from shared.events import CountryTag, RegionTag
from shared.places.groups import with_groups
from shared.places.lexicon import Lexicon, load_lexicon

#: Enough to answer "why?"; a long story need not list every mention.
_MOST_EVIDENCE = 8


@dataclass(frozen=True)
class PlaceTags:
    """What a story says of places: countries by salience (the greatest first, then code), regions by id."""

    countries: tuple[CountryTag, ...] = ()
    regions: tuple[RegionTag, ...] = ()


_TAGS = TypeAdapter(PlaceTags).validator
_NO_TAGS = PlaceTags()


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
        if title:
            texts["title"] = prepare("title", title)
            hits = self._matcher.scan(texts["title"], language)
        if text:
            texts["text"] = prepare("text", text)
            hits += self._matcher.scan(texts["text"], language)
        if not hits:
            return _NO_TAGS
        kept = self._resolver.resolve(texts, hits, source_country)
        by_country: dict[str, list[Hit]] = {}
        for hit in kept:
            by_country.setdefault(hit.country, []).append(hit)
        countries: list[Told] = [
            {
                "code": weight.country,
                "role": "subject" if weight.subject else "mentioned",
                "salience": round(weight.salience, 4),
                "evidence": told(by_country[weight.country][:_MOST_EVIDENCE]),
            }
            for weight in weigh(kept, texts)
        ]
        regions = self._regions.tag(by_country.get("", ()), countries)
        tags: PlaceTags = _TAGS.validate_python({"countries": countries, "regions": regions})
        return tags


@lru_cache(maxsize=4)
def _loaded(groups: Path | None) -> PlaceTagger:
    return PlaceTagger(with_groups(load_lexicon(), groups) if groups else load_lexicon())
