"""Wiring of ingest."""

from redis.asyncio import Redis

from services.ingest.admission import Door
from services.ingest.fetch import Fetcher
from services.ingest.handlers import Reception
from services.ingest.polling import Poller
from services.ingest.push import push_routes
from services.ingest.settings import IngestSettings
from services.ingest.source_store import RedisSourceStates
from services.ingest.sources import load_sources
from shared.clock import Clock, SystemClock
from shared.observe import Metrics
from shared.service import Service
from shared.settings import reveal


def build(settings: IngestSettings, *, redis: Redis, metrics: Metrics, clock: Clock | None = None) -> Service:
    """Build ingest: the sources on their schedules, and the push endpoint."""
    clock = clock or SystemClock()
    door = Door(redis, high_water=settings.high_water)
    fetcher = Fetcher(clock)
    poller = Poller(
        load_sources(settings.sources_file) if settings.sources_file else (),
        fetcher=fetcher,
        reception=Reception(door, door, clock),
        states=RedisSourceStates(redis),
        clock=clock,
        metrics=metrics,
    )
    routes = push_routes(door, clock, reveal(settings.push_token), rejects=door)
    return Service("ingest", work={"poller": poller.run}, routes=routes, close=fetcher.aclose)
