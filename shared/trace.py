"""Where one story is and has been: its entries on the streams, the stages that are done with it, its dead letters."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.dead_letters import DeadLetters, FiledLetter
from shared.delivery_scripts import once_key
from shared.envelope import NoBody, unwrap
from shared.topology import ENRICHED, RAW

#: Entries read at a time while a stream is looked through.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Trace:
    """What the server knows of a story. Streams forget what every stage has finished with, after a while."""

    entries: dict[str, list[str]]
    """The ids of its entries that are still on a stream, by the stream's name."""
    done: tuple[str, ...]
    """The stages that passed this revision of the story on, of those that remember."""
    letters: tuple[FiledLetter, ...]

    def __bool__(self) -> bool:
        return bool(any(self.entries.values()) or self.done or self.letters)


async def trace(
    redis: Redis, story_id: str, *, revision: int = 0, lexicon_version: int | None = None
) -> Trace:
    """Look a story up. Reads the streams from end to end, so it is for an operator, not for a busy path."""
    entries = {
        stream.name: [entry_id async for entry_id in _entries(redis, stream.name, story_id)]
        for stream in (RAW, ENRICHED)
    }
    identities = {"enrich": f"{story_id}:{revision}"}
    if lexicon_version is not None:
        identities |= dict.fromkeys(("index", "alerts"), f"{story_id}:{revision}:{lexicon_version}")
    known = [bool(await redis.exists(once_key(stage, identity))) for stage, identity in identities.items()]
    letters = [filed async for filed in DeadLetters(redis).list() if filed.letter.story_id == story_id]
    done = tuple(stage for stage, there in zip(identities, known, strict=True) if there)
    return Trace(entries, done, tuple(letters))


async def _entries(redis: Redis, stream: str, story_id: str) -> AsyncIterator[str]:
    after = "-"
    while rows := await _page(redis, stream, after):
        for entry_id, fields in rows:
            if _tells(fields, story_id):
                yield entry_id.decode()
        after = f"({rows[-1][0].decode()}"


def _tells(fields: dict[bytes, bytes], story_id: str) -> bool:
    try:
        body = unwrap(fields)
        return story_id.encode() in body and orjson.loads(body)["story_id"] == story_id
    except (NoBody, orjson.JSONDecodeError, KeyError, TypeError):
        return False  # no story, or no longer one: the dead letters tell of it


async def _page(redis: Redis, stream: str, after: str) -> list[Any]:
    rows: Any = await redis.xrange(stream, min=after, count=_PAGE)
    return list(rows)
