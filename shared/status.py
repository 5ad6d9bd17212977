"""The state of the whole system at a glance: lag, pending, dead letters, and whether the counts add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.conservation import Counts, read_counts
from shared.leases import living
from shared.observe import Metrics
from shared.topology import DEAD, STAGES, STREAMS, Stream


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


async def _group_facts(redis: Redis, stream: Stream) -> dict[str, dict[str, Any]]:
    try:
        rows: Any = await redis.xinfo_groups(stream.name)
    except ResponseError:
        return {}
    return {row["name"].decode(): row for row in rows}


async def _living_consumers(redis: Redis, stream: Stream, group: str) -> int:
    rows: Any = await redis.xinfo_consumers(stream.name, group)
    return len(await living(redis, [row["name"].decode() for row in rows]))


async def read_status(redis: Redis) -> Status:
    """Read the state of every stage and source."""
    stages = []
    for name, (stream, group) in STAGES.items():
        facts = (await _group_facts(redis, stream)).get(group)
        if facts is None:
            stages.append(StageStatus(name, stream.name, group, 0, 0, 0))
            continue
        consumers = await _living_consumers(redis, stream, group)
        stages.append(StageStatus(name, stream.name, group, facts["lag"], facts["pending"], consumers))
    lengths = {stream.name: int(await redis.xlen(stream.name)) for stream in STREAMS}
    return Status(tuple(stages), lengths, lengths[DEAD.name], await read_counts(redis))


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
