"""The states of the sources in Redis, shared by all replicas of ingest."""

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis

from services.ingest.schedule import SourceState

_TURN_MILLISECONDS = 120_000


class RedisSourceStates:
    """The states as one hash a source."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(self, ids: Sequence[str]) -> dict[str, SourceState]:
        """Return the states of the sources that were asked before."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for source_id in ids:
                pipe.hgetall(_state_key(source_id))
            rows: list[dict[bytes, bytes]] = await pipe.execute()
        return {
            source_id: SourceState.from_dict({name.decode(): value.decode() for name, value in row.items()})
            for source_id, row in zip(ids, rows, strict=True)
            if row
        }

    async def write(self, source_id: str, state: SourceState) -> None:
        """Remember a state."""
        fields: dict[Any, Any] = {"id": source_id, **state.to_dict()}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_state_key(source_id))
            pipe.hset(_state_key(source_id), mapping=fields)
            await pipe.execute()

    async def take_turn(self, source_id: str) -> bool:
        """Return whether this replica may ask the source now."""
        return bool(await self._redis.set(_turn_key(source_id), b"1", nx=True, px=_TURN_MILLISECONDS))

    async def end_turn(self, source_id: str) -> None:
        """Let any replica ask the source again."""
        await self._redis.delete(_turn_key(source_id))


def _state_key(source_id: str) -> str:
    return f"source:{source_id}:state"


def _turn_key(source_id: str) -> str:
    return f"source:{source_id}:turn"
