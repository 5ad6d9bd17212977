"""The state of the whole system at a glance: lag, pending, dead letters, and whether the counts add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ResponseError

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


def unread(facts: Mapping[str, Any], group: Mapping[str, Any]) -> int | None:
    """Return how many entries a group has not read, by XINFO STREAM and its row of XINFO GROUPS; None if untold.

    A group that has read the last entry has read all, whatever the server counts (see ``keeper.right_counters``).
    """
    return 0 if group["last-delivered-id"] == facts["last-generated-id"] else group["lag"]


async def read_status(redis: Redis) -> Status:
    """Read the state of every stage and source, all at one instant, so that the counts can be compared.

    Only on a server whose memory is full they may be some milliseconds apart.
    """
    sources = await known_sources(redis)
    try:
        answers = await _ask(redis, sources, at_one_instant=True)
    except (
        OutOfMemoryError
    ):  # a full server queues no transaction, and just then somebody wants to see the status
        answers = await _ask(redis, sources, at_one_instant=False)
    lengths = dict(zip((stream.name for stream in STREAMS), answers, strict=False))
    about = answers[len(STREAMS) : len(STREAMS) + 2 * len(WORK_STREAMS)]
    pairs = zip(about[::2], about[1::2], strict=True)
    of_stream = dict(zip((stream.name for stream in WORK_STREAMS), pairs, strict=True))
    counts = answers[len(STREAMS) + len(about) :]
    stages = [
        await _stage(redis, name, stream, group, of_stream[stream.name])
        for name, (stream, group) in STAGES.items()
    ]
    told = {source: Counts.from_hash(row) for source, row in zip(sources, counts, strict=True)}
    return Status(tuple(stages), lengths, lengths[DEAD.name], told)


async def _ask(redis: Redis, sources: Sequence[str], *, at_one_instant: bool) -> list[Any]:
    async with redis.pipeline(transaction=at_one_instant) as pipe:
        for stream in STREAMS:
            pipe.xlen(stream.name)
        for stream in WORK_STREAMS:
            pipe.xinfo_groups(stream.name)
            pipe.xinfo_stream(stream.name)
        for source in sources:
            pipe.hgetall(counts_key(source))
        return list(await pipe.execute(raise_on_error=False))


async def _stage(redis: Redis, name: str, stream: Stream, group: str, about: tuple[Any, Any]) -> StageStatus:
    rows, facts = about
    # A stream that does not exist yet answers with an error, which is then all that ``rows`` is.
    found = [] if isinstance(rows, ResponseError) else [row for row in rows if row["name"].decode() == group]
    if not found:
        return StageStatus(name, stream.name, group, 0, 0, 0)
    consumers: Any = await redis.xinfo_consumers(stream.name, group)
    alive = await living(redis, [row["name"].decode() for row in consumers])
    return StageStatus(name, stream.name, group, unread(facts, found[0]), found[0]["pending"], len(alive))


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
