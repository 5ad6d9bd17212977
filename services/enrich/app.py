"""Wiring of enrich."""

from redis.asyncio import Redis

from services.enrich.actors import ActorTagger
from services.enrich.cluster_store import RedisClusters
from services.enrich.countries import PlaceTagger
from services.enrich.handlers import EnrichHandler
from services.enrich.language import detect_language
from services.enrich.pipeline import Pipeline
from services.enrich.ports import AssignsClusters
from services.enrich.settings import EnrichSettings
from shared.events import RawStory
from shared.service import Service
from shared.stages import Stage
from shared.topology import ENRICHED, STAGES


def build_pipeline(clusters: AssignsClusters) -> Pipeline:
    """Build the pipeline with the taggers of the shipped lexicons. Loading them takes a moment."""
    places = PlaceTagger.load()
    return Pipeline(
        language=detect_language,
        places=places,
        actors=ActorTagger.load(),
        clusters=clusters,
        lexicon_version=places.lexicon_version,
    )


def build(settings: EnrichSettings, *, redis: Redis) -> Service:
    """Build enrich over a server that holds the duplicate index."""
    stream, group = STAGES["enrich"]
    stage = Stage(
        name="enrich",
        stream=stream,
        group=group,
        model=RawStory,
        handle=EnrichHandler(build_pipeline(RedisClusters(redis))),
        identify=lambda story: f"{story.story_id}:{story.revision}",
        source=lambda story: story.source.id,
        counted=True,
        next=ENRICHED,
        batch=settings.enrich_batch,
    )
    return Service("enrich", stages=[stage])
