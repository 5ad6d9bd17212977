"""Conservation: every story that enters ends somewhere, and the counts add up.

For every source: ``fetched = stored + duplicate + revised + rejected + dead + in flight``. Each count moves in the
same server-side script as the effect that it counts, so a kill at any instant leaves them true. ``in flight`` is
not stored: it is what is left over, and must equal what the streams still hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

#: The set of the ids of all sources that ever had a story.
SOURCES_KEY = "counts:sources"

FETCHED, STORED, DUPLICATE, REVISED, DEAD = "fetched", "stored", "duplicate", "revised", "dead"
REJECTED = "rejected:"
"""Prefix of a field; the rest is the reason."""

#: The source that stories are counted under whose body could not be read.
UNATTRIBUTED = "unattributed"


def counts_key(source_id: str) -> str:
    """Return the key of a source's counts: a hash of outcome to number."""
    return f"counts:source:{source_id}"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a source's stories."""

    fetched: int = 0
    stored: int = 0
    duplicate: int = 0
    revised: int = 0
    dead: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_flight(self) -> int:
        """Stories that have entered and not ended yet."""
        ended = self.stored + self.duplicate + self.revised + self.dead + sum(self.rejected.values())
        return self.fetched - ended

    @classmethod
    def from_hash(cls, raw: Mapping[bytes, bytes]) -> "Counts":
        """Read the counts from the hash that the scripts keep."""
        numbers = {name.decode(): int(number) for name, number in raw.items()}
        rejected = {
            name.removeprefix(REJECTED): number
            for name, number in numbers.items()
            if name.startswith(REJECTED)
        }
        known = {name: numbers.get(name, 0) for name in (FETCHED, STORED, DUPLICATE, REVISED, DEAD)}
        return cls(**known, rejected=rejected)


async def known_sources(redis: Redis) -> list[str]:
    """Return the ids of all sources that ever had a story, in order."""
    members: Any = await redis.smembers(SOURCES_KEY)
    return sorted(source.decode() for source in members)


async def count_rejected(redis: Redis, source_id: str, reason: str, number: int = 1) -> None:
    """Count items that a source gave and that are no stories: they were fetched and are rejected, in one step."""
    async with redis.pipeline(transaction=True) as pipe:
        pipe.sadd(SOURCES_KEY, source_id)
        pipe.hincrby(counts_key(source_id), FETCHED, number)
        pipe.hincrby(counts_key(source_id), REJECTED + reason, number)
        await pipe.execute()
