"""The state of the whole system at a glance: lag, pending, dead letters, and whether the counts add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.conservation import Counts, counts_key, known_sources
from shared.leases import living
from shared.observe import Metrics
from shared.topology import DEAD, STAGES, STREAMS, WORK_STREAMS, Stream


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage. ``lag`` is None when the server cannot tell (after entries were deleted)."""

    stage: str
    stream: str
    group: str
    lag: int | None
    pending: int
    consumers: int
    """How many consumers live."""

    @property
    def waiting(self) -> int:
        """Entries that the stage has not finished with."""
        return (self.lag or 0) + self.pending


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that ``dateline status`` shows."""

    stages: tuple[StageStatus, ...]
    lengths: Mapping[str, int]
    dead: int
    sources: Mapping[str, Counts]

    @property
    def in_flight(self) -> int:
        """Stories on their way to the archive, by what the streams hold."""
        return sum(stage.waiting for stage in self.stages if stage.stage in {"enrich", "index"})

    @property
    def balanced(self) -> bool:
        """Whether conservation holds: what entered and has not ended is what the streams still hold."""
        return sum(counts.in_flight for counts in self.sources.values()) == self.in_flight


async def read_status(redis: Redis) -> Status:
    """Read the state of every stage and source, all at one instant, so that the counts can be compared."""
    sources = await known_sources(redis)
    async with redis.pipeline(transaction=True) as pipe:
        for stream in STREAMS:
            pipe.xlen(stream.name)
        for stream in WORK_STREAMS:
            pipe.xinfo_groups(stream.name)
        for source in sources:
            pipe.hgetall(counts_key(source))
        answers: list[Any] = await pipe.execute(raise_on_error=False)
    lengths = dict(zip((stream.name for stream in STREAMS), answers, strict=False))
    groups = dict(zip((stream.name for stream in WORK_STREAMS), answers[len(STREAMS) :], strict=False))
    counts = answers[len(STREAMS) + len(WORK_STREAMS) :]
    stages = [
        await _stage(redis, name, stream, group, groups[stream.name])
        for name, (stream, group) in STAGES.items()
    ]
    told = {source: Counts.from_hash(row) for source, row in zip(sources, counts, strict=True)}
    return Status(tuple(stages), lengths, lengths[DEAD.name], told)


async def _stage(redis: Redis, name: str, stream: Stream, group: str, rows: Any) -> StageStatus:
    # A stream that does not exist yet answers with an error, which is then all that ``rows`` is.
    found = [] if isinstance(rows, ResponseError) else [row for row in rows if row["name"].decode() == group]
    if not found:
        return StageStatus(name, stream.name, group, 0, 0, 0)
    consumers: Any = await redis.xinfo_consumers(stream.name, group)
    alive = await living(redis, [row["name"].decode() for row in consumers])
    return StageStatus(name, stream.name, group, found[0]["lag"], found[0]["pending"], len(alive))


def show_in_metrics(status: Status, metrics: Metrics) -> None:
    """Set the gauges to what was read."""
    for stage in status.stages:
        if stage.lag is not None:
            metrics.lag.labels(stage.stream, stage.group).set(stage.lag)
        metrics.pending.labels(stage.stream, stage.group).set(stage.pending)
    for stream, length in status.lengths.items():
        metrics.length.labels(stream).set(length)
    metrics.dead.set(status.dead)
    for source, counts in status.sources.items():
        rows = {
            "fetched": counts.fetched,
            "stored": counts.stored,
            "duplicate": counts.duplicate,
            "revised": counts.revised,
            "dead": counts.dead,
            "in_flight": counts.in_flight,
            **{f"rejected:{reason}": number for reason, number in counts.rejected.items()},
        }
        for outcome, number in rows.items():
            metrics.stories.labels(source, outcome).set(number)
