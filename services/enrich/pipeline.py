"""Enrichment in its order: headline, language, places, actors, and then the cluster."""

from collections.abc import Sequence

from services.enrich.headline import headline_of
from services.enrich.ports import AssignsClusters, DetectsLanguage, TagsActors, TagsPlaces
from shared.events import Cluster, EnrichedStory, RawStory


class Pipeline:
    """Turns raw stories into enriched ones."""

    def __init__(
        self,
        *,
        language: DetectsLanguage,
        places: TagsPlaces,
        actors: TagsActors,
        clusters: AssignsClusters,
        lexicon_version: int,
    ) -> None:
        self._language, self._places, self._actors, self._clusters = language, places, actors, clusters
        self._lexicon_version = lexicon_version

    def tag(self, raw: RawStory) -> EnrichedStory:
        """Tag one story. Pure and CPU-bound; the cluster is provisional (the story by itself)."""
        language = self._language(f"{raw.title or ''}\n{raw.text}", raw.source.language)
        places = self._places.tag(raw.title, raw.text, language=language, source_country=raw.source.country)
        # Without a date of its own a story may be of any time: when it was first seen says nothing about offices.
        day = raw.dated[0].date() if raw.published_at is not None else None
        actors = self._actors.tag(raw.title, raw.text, language=language, at=day)
        # The raw story is valid already, and validating everything again would double the cost of a story.
        return EnrichedStory.model_construct(
            **dict(raw),
            headline=headline_of(raw.title, raw.text),
            language=language,
            countries=places.countries,
            regions=places.regions,
            actors=actors,
            cluster=Cluster(id=raw.story_id),
            lexicon_version=self._lexicon_version,
        )

    async def cluster(self, tagged: Sequence[EnrichedStory]) -> list[EnrichedStory]:
        """Give tagged stories their clusters."""
        clusters = await self._clusters.assign_many(tagged)
        return [
            story.model_copy(update={"cluster": cluster})
            for story, cluster in zip(tagged, clusters, strict=True)
        ]
