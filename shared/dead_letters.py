"""The dead letters: written by delivery, read, replayed and dropped by the operator."""

import base64
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from shared.conservation import UNATTRIBUTED, counts_key
from shared.delivery_scripts import revive_script
from shared.envelope import NoBody, unwrap, wrap
from shared.events import DeadLetter
from shared.topology import DEAD

#: The stages whose stories conservation counts; a dead letter of another stage leaves the counts alone.
COUNTED_STAGES = frozenset({"enrich", "index"})

_ENTRY_ID = re.compile(r"\d{1,20}-\d{1,20}")
#: Dead letters read at a time: each may be as large as a story.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class FiledLetter:
    """A dead letter with its place in the stream, which is the id that the operator's verbs take."""

    id: str
    letter: DeadLetter


def write_dead_letter(
    stage: str,
    stream: str,
    entry_id: str,
    fields: dict[bytes, bytes],
    reason: str,
    *,
    deliveries: int,
    at: datetime,
    source_id: str,
) -> bytes:
    """Return the envelope of a dead letter that holds the original body, byte for byte."""
    try:
        body = unwrap(fields)
    except NoBody:
        body = json.dumps(
            {name.decode("latin-1"): value.decode("latin-1") for name, value in fields.items()}
        ).encode()
    try:
        text, encoding = body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(body).decode("ascii"), "base64"
    letter = DeadLetter.model_validate(
        {
            "stage": stage,
            "stream": stream,
            "entry_id": entry_id,
            "body": text,
            "encoding": encoding,
            "reason": reason,
            "deliveries": deliveries,
            "first_failed_at": at,
            "story_id": _story_id(text),
            "source_id": source_id,
        }
    )
    return wrap(letter.model_dump_json().encode())


def _story_id(body: str) -> str | None:
    with suppress(ValueError, AttributeError):
        found = json.loads(body).get("story_id")
        return found if isinstance(found, str) else None
    return None


def original_body(letter: DeadLetter) -> bytes:
    """Return the body as it was before it failed."""
    return base64.b64decode(letter.body) if letter.encoding == "base64" else letter.body.encode()


class DeadLetters:
    """The operator's view of the dead letters."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._revive = revive_script(redis)

    async def count(self) -> int:
        """Return how many there are."""
        return int(await self._redis.xlen(DEAD.name))

    async def list(self) -> AsyncIterator[FiledLetter]:
        """Yield all of them, the oldest first, a page at a time."""
        start = "-"
        while rows := await self._read(start, "+"):
            for filed in rows:
                yield filed
            start = f"({rows[-1].id}"

    async def get(self, letter_id: str) -> FiledLetter | None:
        """Return one, None when there is none of that id."""
        if not _ENTRY_ID.fullmatch(letter_id):
            return None
        return next(iter(await self._read(letter_id, letter_id)), None)

    async def _read(self, start: str, end: str) -> Sequence[FiledLetter]:
        rows: Any = await self._redis.xrange(DEAD.name, min=start, max=end, count=_PAGE)
        return [
            FiledLetter(entry_id.decode(), DeadLetter.model_validate_json(unwrap(fields)))
            for entry_id, fields in rows
        ]

    async def replay(self, filed: FiledLetter) -> bool:
        """Put it back on its stream, to be tried anew. False when it was gone already."""
        return await self._move(filed, wrap(original_body(filed.letter)), onto="")

    async def drop(self, filed: FiledLetter) -> bool:
        """Delete it for good; conservation counts the story as rejected by the operator."""
        return await self._move(filed, b"", onto="rejected:dropped")

    async def _move(self, filed: FiledLetter, payload: bytes, *, onto: str) -> bool:
        letter = filed.letter
        counted = letter.stage in COUNTED_STAGES
        moved = await self._revive(
            keys=[DEAD.name, letter.stream, counts_key(letter.source_id or UNATTRIBUTED)],
            args=[filed.id, payload, "dead" if counted else "", onto if counted else ""],
        )
        return bool(moved)
