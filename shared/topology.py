"""Every stream and consumer group, in one table. The tree of the system can be read from it."""

from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import ResponseError


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream and the consumer groups that read it. A work stream is trimmed only behind all its groups."""

    name: str
    groups: tuple[str, ...] = ()
    purpose: str = ""


RAW = Stream("stories.raw", ("enrich",), "stories as told by the sources")
ENRICHED = Stream("stories.enriched", ("index", "alerts"), "stories with their tags")
OUTBOX = Stream(
    "alerts.outbox", ("senders",), "readers whose alerts may leave now; the rows are hashes beside it"
)
UPDATES = Stream(
    "telegram.updates",
    ("workers",),
    "turns of chats with something to answer; the updates are lists beside it",
)
DEAD = Stream(
    "stories.dead", (), "what could not be handled, with the reason; kept until replayed or dropped"
)

STREAMS = (RAW, ENRICHED, OUTBOX, UPDATES, DEAD)
WORK_STREAMS = tuple(stream for stream in STREAMS if stream.groups)

#: Which stream and group a stage reads. The name of the stage is the name in dead letters and in metrics.
STAGES = {
    "enrich": (RAW, "enrich"),
    "index": (ENRICHED, "index"),
    "alerts": (ENRICHED, "alerts"),
    "send": (OUTBOX, "senders"),
    "answer": (UPDATES, "workers"),
}


async def ensure_groups(redis: Redis, streams: tuple[Stream, ...] = WORK_STREAMS) -> None:
    """Create every stream and group that is absent, from the beginning of the stream.

    Must run before any consumer or publisher: FastStream itself creates groups at ``$`` and so loses whatever
    was published before the first consumer started.
    """
    for stream in streams:
        for group in stream.groups:
            try:
                await redis.xgroup_create(stream.name, group, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise
