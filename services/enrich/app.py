"""Wiring of enrich."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from redis.asyncio import Redis

from services.enrich.actors import ActorTagger
from services.enrich.cluster_store import RedisClusters
from services.enrich.countries import PlaceTagger
from services.enrich.handlers import EnrichHandler
from services.enrich.language import detect_language
from services.enrich.ner import NerTagger, Recogniser
from services.enrich.pipeline import Pipeline
from services.enrich.ports import AssignsClusters, TagsActors
from services.enrich.settings import EnrichSettings
from shared.actors import Actors
from shared.actors.watchlist import Watched
from shared.events import ActorTag, RawStory
from shared.service import Service, Work
from shared.stages import Stage
from shared.topology import ENRICHED, STAGES


def tagger_loader(*, ner: bool) -> Callable[[Actors | None], TagsActors]:
    """Return what builds a tagger of actors: the rules, and over them the language model, loaded once, if wanted.

    Raises ``SettingsError`` when it is wanted and not installed.
    """
    if not ner:
        return ActorTagger.load
    return partial(NerTagger.load, Recogniser())


class WatchedTagger:
    """Tags actors with the watch list that is in force at the time."""

    def __init__(self, watched: Watched[TagsActors]) -> None:
        self._watched = watched

    def tag(self, title: str | None, text: str, *, language: str, at: date | None) -> tuple[ActorTag, ...]:
        """Return the actors of a story, as ``ActorTagger.tag``."""
        return self._watched.current.tag(title, text, language=language, at=at)


def build_pipeline(
    clusters: AssignsClusters, actors: TagsActors | None = None, groups: Path | None = None
) -> Pipeline:
    """Build the pipeline over the shipped lexicons and the operator's groups, with another tagger of actors if given.

    Loading them takes a moment. Raises ``GroupError`` for a file of groups that cannot be used.
    """
    places = PlaceTagger.load(groups)
    return Pipeline(
        language=detect_language,
        places=places,
        actors=actors or ActorTagger.load(),
        clusters=clusters,
        lexicon_version=places.lexicon_version,
    )


def build(settings: EnrichSettings, *, redis: Redis) -> Service:
    """Build enrich over a server that holds the duplicate index."""
    load = tagger_loader(ner=settings.ner)
    actors: TagsActors
    work: dict[str, Work] = {}
    if settings.watch_list is not None:
        watched = Watched(settings.watch_list, load)
        actors, work["watch list"] = WatchedTagger(watched), watched.keep_fresh
    else:
        actors = load(None)
    stream, group = STAGES["enrich"]
    stage = Stage(
        name="enrich",
        stream=stream,
        group=group,
        model=RawStory,
        handle=EnrichHandler(build_pipeline(RedisClusters(redis), actors, settings.groups)),
        identify=lambda story: f"{story.story_id}:{story.revision}",
        source=lambda story: story.source.id,
        counted=True,
        next=ENRICHED,
        batch=settings.enrich_batch,
    )
    return Service("enrich", stages=[stage], work=work)
