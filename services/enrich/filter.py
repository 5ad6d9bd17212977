"""Enrichment as a pure filter: JSON lines in, enriched JSON lines out, in order, without any server."""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from services.enrich.pipeline import Pipeline
from shared.clock import Clock
from shared.events import EnrichedStory, Moment, RawStory, Source

_BATCH = 200
_PLAIN_ID = re.compile(r"^[\x21-\x7e]{1,128}$")


class InputStory(BaseModel):
    """A line of input. Only ``id`` and ``text`` are needed; a line without title and text is refused."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    title: str | None = None
    text: str = ""
    url: str | None = None
    published_at: Moment | None = Field(default=None, validation_alias=AliasChoices("published_at", "ts"))
    """ISO 8601 with a zone, or seconds since 1970; ``ts`` is taken for it too."""
    country: str | None = None
    """The home country of the source, when it is known."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no story, with its number (from 1) and the reason."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Enriched:
    """An enriched story with the caller's own id, whatever JSON value that is."""

    id: Any
    story: EnrichedStory

    def to_line(self) -> bytes:
        """Return the story as a line of JSON, the caller's ``id`` first."""
        return orjson.dumps(
            {"id": self.id, **self.story.model_dump(mode="json")}, option=orjson.OPT_APPEND_NEWLINE
        )


def enrich_lines(lines: Iterable[bytes], pipeline: Pipeline, clock: Clock) -> Iterator[Enriched | Refused]:
    """Yield an enriched story, or a refusal, for every line of input that is not blank.

    Clusters are made in the order read.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    with asyncio.Runner() as runner:
        while batch := list(islice(numbered, _BATCH)):
            parsed = [_parse(number, line, clock) for number, line in batch]
            tagged = [pipeline.tag(row[1]) for row in parsed if not isinstance(row, Refused)]
            done = iter(runner.run(pipeline.cluster(tagged)))
            for row in parsed:
                if isinstance(row, Refused):
                    yield row
                else:
                    yield Enriched(row[0], next(done))


def _parse(number: int, line: bytes, clock: Clock) -> tuple[Any, RawStory] | Refused:
    try:
        told = orjson.loads(line)
        story = InputStory.model_validate(told)
    except orjson.JSONDecodeError as error:
        return Refused(number, f"not JSON: {error}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return Refused(number, f"{'.'.join(map(str, first['loc'])) or 'line'}: {first['msg']}")
    text = story.text if story.text.strip() else (story.title or "")
    if not text.strip():
        return Refused(number, "text: the story has neither text nor title")
    raw = RawStory(
        story_id=story.id
        if _PLAIN_ID.match(story.id)
        else hashlib.sha256(story.id.encode()).hexdigest()[:32],
        source=Source(id="input", name="input", kind="jsonl", country=story.country, language=story.language),
        url=story.url,
        title=story.title or None,
        text=text,
        published_at=story.published_at,
        first_seen_at=clock.now(),
    )
    return told["id"], raw
